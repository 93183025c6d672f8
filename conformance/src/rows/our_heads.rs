//! The heads that we send (RFC 6455, sections 3, 4.1 and 4.2.2): our client's request and our server's response, what cannot be put
//! into them, and what our client makes visible of a refusal.

use std::rc::Rc;

use ws_core::{
    Accepting, Config, Error, Machine, Step, WebSocketClient, WebSocketServer,
    handshake::{Acceptance, ClientRequest, EncodeError, Response},
};

use crate::{
    dialogue::keys,
    head::{ACCEPT, KEY, SentHead, request},
    memory::Memory,
    poll::wait,
    row::{Draft, Row, Theme, row},
    wire::{Then, Wire},
};

pub(crate) fn theme() -> Theme {
    let mut rows = requests();
    rows.extend(refused_requests());
    rows.extend(responses());
    rows.extend(refusals());
    Theme { title: "Our heads", rows }
}

const PLAIN: ClientRequest<'static> = ClientRequest::new("device.local", "/chat");

/// The head of a request, and how it is judged by hand.
fn sent(request: &ClientRequest<'_>) -> SentHead {
    let mut space = [0xa5; 500];
    let len = request.encode(KEY, &mut space).expect("the request can be sent");
    SentHead::parse(&space[..len]).expect("the request is a head")
}

fn lines(request: &ClientRequest<'_>) -> String {
    let SentHead { start, headers, rest } = sent(request);
    assert!(rest.is_empty());
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}"));
    std::iter::once(start).chain(headers).collect::<Vec<_>>().join(" / ")
}

fn header(request: &ClientRequest<'_>, name: &str) -> String {
    sent(request).header(name).map_or_else(|| format!("no {name}"), |value| format!("{name}: {value}"))
}

fn requests() -> Vec<Row> {
    let host = |what| row("4.1", "the request MUST contain Host, with the port if it is not the default one", what);
    let origin =
        |what| row("4.1", "the request MUST contain Origin if it comes from a browser; others MAY leave it out", what);
    let more = |what| row("4.1", "the request MAY include any other header fields", what);
    vec![
        row(
            "4.1",
            "GET, HTTP/1.1, Host, Upgrade, Connection, a key and the version 13",
            "we are to ask for a WebSocket",
        )
        .seen_in("EW-13, WZ-5, WZ-W7")
        .does(
            "GET /chat HTTP/1.1 / Host: device.local / Upgrade: websocket / Connection: Upgrade / \
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== / Sec-WebSocket-Version: 13",
            || lines(&PLAIN),
        ),
        host("we are to ask at port 8080")
            .seen_in("REQ, MG")
            .does("Host: device.local:8080", || header(&ClientRequest { port: Some(8080), ..PLAIN }, "Host")),
        host("we are to ask at port 80, over ws")
            .does("Host: device.local", || header(&ClientRequest { port: Some(80), ..PLAIN }, "Host")),
        host("we are to ask at port 443, over wss")
            .does("Host: device.local", || header(&ClientRequest { port: Some(443), secure: true, ..PLAIN }, "Host")),
        host("we are to ask at port 443, over ws")
            .does("Host: device.local:443", || header(&ClientRequest { port: Some(443), ..PLAIN }, "Host")),
        host("we are to ask at an IPv6 address").does("Host: [fe80::1]:8080", || {
            header(&ClientRequest { port: Some(8080), ..ClientRequest::new("fe80::1", "/chat") }, "Host")
        }),
        origin("we are to ask without an Origin")
            .seen_in("EW-13, EDGE-1, EDGE-E8")
            .does("no Origin", || header(&PLAIN, "Origin")),
        origin("we are to ask with an Origin").does("Origin: http://device.local", || {
            header(&ClientRequest { origin: Some("http://device.local"), ..PLAIN }, "Origin")
        }),
        row("4.1", "the request MAY include sub-protocols, ordered by preference", "we are to offer two sub-protocols")
            .seen_in("EDGE")
            .does("Sec-WebSocket-Protocol: superchat, chat", || {
                header(&ClientRequest { sub_protocols: &["superchat", "chat"], ..PLAIN }, "Sec-WebSocket-Protocol")
            }),
        row("4.1", "the request MAY include sub-protocols, ordered by preference", "we are to offer none")
            .does("no Sec-WebSocket-Protocol", || header(&PLAIN, "Sec-WebSocket-Protocol")),
        more("we are to ask with credentials").seen_in("EDGE").does("Authorization: Bearer token", || {
            header(&ClientRequest { headers: &[("Authorization", "Bearer token")], ..PLAIN }, "Authorization")
        }),
        row(
            "4.1",
            "the nonce MUST be selected randomly for each connection, 16 bytes",
            "two connections of our client",
        )
        .does("two keys of 16 bytes", fresh_keys),
        row("4.1", "the client MUST wait for a response before sending any further data", "we have asked, and wait")
            .does("nothing behind the request", nothing_behind_the_request),
    ]
}

/// Two requests of clients that draw from one source.
fn fresh_keys() -> String {
    let mut count = 0_u8;
    let mut source = || {
        count += 1;
        [count; 4]
    };
    let mut key = || {
        let mut client = WebSocketClient::with_masking_keys(&mut source);
        let mut space = [0xa5; 500];
        let asked = client.client_initiate_opening_handshake("/", "device.local", "", None, None, &mut space);
        let (len, _) = asked.expect("the request can be sent");
        let head = SentHead::parse(&space[..len]).expect("the request is a head");
        head.header("Sec-WebSocket-Key").map(str::to_string)
    };
    // Sixteen bytes, four and four the same.
    let (first, second) = (key(), key());
    let expected = ["AQEBAQICAgIDAwMDBAQEBA==", "BQUFBQYGBgYHBwcHCAgICA=="];
    if [first.as_deref(), second.as_deref()] == expected.map(Some) {
        return "two keys of 16 bytes".to_string();
    }
    format!("{first:?}, {second:?}")
}

fn nothing_behind_the_request() -> String {
    let config = Config::DEFAULT;
    let mut memory = Memory::new(64, 64);
    let mut head = [0xa5; 512];
    let mut wire = Wire::new(Rc::new([]), usize::MAX, Then::Silence);
    let buffers = memory.buffers();
    let connected = ws_embedded_io::WebSocket::connect(&mut wire, keys(), &PLAIN, &mut head, buffers, &config);
    let connected = connected.map_or_else(|error| error.to_string(), |_| "connected".to_string());
    match SentHead::parse(&wire.output) {
        Ok(head) if head.rest.is_empty() && connected != "connected" => "nothing behind the request".to_string(),
        head => format!("{connected}, {head:?}"),
    }
}

/// A request that is not sent.
fn refused(draft: Draft, expected: &'static str, look: fn() -> String) -> Row {
    draft.does(expected, look)
}

fn why(request: &ClientRequest<'_>) -> String {
    let mut space = [0xa5; 500];
    match request.encode(KEY, &mut space) {
        Ok(len) => format!("sent: {}", space[..len].escape_ascii()),
        Err(error) => format!("error: {error}"),
    }
}

fn refused_requests() -> Vec<Row> {
    let valid = |what| row("4.1", "the request MUST be valid HTTP: no value may become another header", what);
    let value = "error: our application's header value holds a control character (RFC 9110, section 5.5)";
    let reserved = "error: our application sets a header that belongs to the handshake (RFC 6455, section 4)";
    let path = "error: our application's path is not a resource name (RFC 6455, section 3)";
    let name =
        row("3", "fragment identifiers MUST NOT be used, and # MUST be escaped", "we are to ask for a path with #");
    vec![
        refused(name, path, || why(&ClientRequest::new("device.local", "/chat#a"))),
        refused(valid("we are to ask for a path with a line end"), path, || {
            why(&ClientRequest::new("device.local", "/chat HTTP/1.1\r\nX: y"))
        }),
        refused(valid("we are to send a header with a line end"), value, || {
            why(&ClientRequest { headers: &[("Cookie", "a\r\nX: y")], ..PLAIN })
        }),
        refused(valid("we are to send a header with a NUL"), value, || {
            why(&ClientRequest { headers: &[("Cookie", "a\0b")], ..PLAIN })
        }),
        refused(
            valid("we are to send a header without a name"),
            "error: our application's header name is not a token (RFC 9110, section 5.1)",
            || why(&ClientRequest { headers: &[("", "")], ..PLAIN }),
        ),
        refused(valid("we are to send a second Host"), reserved, || {
            why(&ClientRequest { headers: &[("host", "other")], ..PLAIN })
        }),
        refused(valid("we are to send an accept of our own"), reserved, || {
            why(&ClientRequest { headers: &[("sec-websocket-accept", "x")], ..PLAIN })
        }),
        refused(
            row("9.1", "extensions are negotiated by those who know them", "we are to offer an extension"),
            "error: no extension can be negotiated (RFC 6455, section 9)",
            || {
                let request = ClientRequest { extensions: Some("permessage-deflate"), ..PLAIN };
                let offered = WebSocketClient::new(keys()).client_initiate_with(&request, &mut [0xa5; 500]);
                offered.map_or_else(|error| format!("error: {error}"), |_| "offered".to_string())
            },
        ),
        row("4.1", "a head that does not fit is not sent", "we are to ask with 0 to 100 bytes for the request")
            .seen_in("EW-11, EW-A5")
            .does("each an error", || {
                let short = |len| {
                    let mut client = WebSocketClient::new(keys());
                    let space = &mut vec![0xa5; len];
                    client.client_initiate_opening_handshake("/", "device.local", "", None, None, space).map(drop)
                };
                all_too_small(short)
            }),
    ]
}

/// Whether a head fits into none of these lengths, and says so.
fn all_too_small(head: impl Fn(usize) -> Result<(), Error>) -> String {
    let wrong = (0..=100).find(|len| !matches!(head(*len), Err(Error::BufferTooSmall { .. })));
    wrong.map_or_else(|| "each an error".to_string(), |len| format!("none with {len} bytes"))
}

fn responses() -> Vec<Row> {
    let response =
        |what| row("4.2.2", "101, Upgrade, Connection, Sec-WebSocket-Accept, and a sub-protocol if there is one", what);
    vec![
        response("we are to accept")
            .seen_in("EDGE-6, EDGE-E7")
            .does("HTTP/1.1 101 Switching Protocols / Upgrade / Connection / Sec-WebSocket-Accept", || {
                let mut space = [0xa5; 500];
                let len = Acceptance::new(KEY).encode(&mut space).expect("it can be sent");
                let head = SentHead::parse(&space[..len]).expect("it is a head");
                assert_eq!(head.header("Sec-WebSocket-Accept"), Some(ACCEPT));
                let names = head.headers.iter().map(|(name, _)| name.as_str());
                std::iter::once(head.start.as_str()).chain(names).collect::<Vec<_>>().join(" / ")
            }),
        response("we are to accept with a header that has a line end").does(
            "error: our application's header value holds a control character (RFC 9110, section 5.5)",
            || {
                let acceptance = Acceptance { headers: &[("X", "a\r\nY: b")], ..Acceptance::new(KEY) };
                let encoded: Result<usize, EncodeError> = acceptance.encode(&mut [0xa5; 500]);
                encoded.map_or_else(|error| format!("error: {error}"), |_| "sent".to_string())
            },
        ),
        response("we are to accept with 0 to 100 bytes for the response").seen_in("EW-11, EW-A5").does("each an error", || {
            all_too_small(|len| {
                WebSocketServer::new().server_respond_to_opening_handshake(KEY, None, &mut vec![0xa5; len]).map(drop)
            })
        }),
        row("4.2.2", "the value chosen MUST be one of those that the client offers", "we are to accept, request by request, what was not offered; then without")
            .seen_in("WZ-5")
            .does("error: our application's sub-protocol is not a token, is there twice or was not offered (RFC 6455, section 4); then 101", accept_what_was_not_offered),
    ]
}

fn accept_what_was_not_offered() -> String {
    let config = Config::DEFAULT;
    let mut memory = Memory::new(64, 64);
    let mut head = [0xa5; 512];
    let buffers = memory.buffers();
    let mut accepting = Accepting::new(&mut head, buffers, &config);
    let bytes = request().line("Sec-WebSocket-Protocol: mqtt").bytes();
    let mut unread = bytes.as_slice();
    while let Ok(Step::Read(space)) = accepting.poll() {
        let len = space.len().min(unread.len());
        space[..len].copy_from_slice(&unread[..len]);
        unread = &unread[len..];
        accepting.filled(len);
    }
    let refused = accepting.accept(Some("chat"), &[]).map(drop);
    let accepted = accepting.accept(None, &[]).is_ok();
    let refused = refused.map_or_else(|error| format!("error: {error}"), |()| "accepted".to_string());
    format!("{refused}; then {}", if accepted { "101" } else { "nothing" })
}

fn refusals() -> Vec<Row> {
    let visible = |what| {
        row("4.1", "a status other than 101 is handled as HTTP: 401 asks for credentials, 3xx redirects", what)
            .seen_in("EW, WZ, EDGE, WSF")
    };
    vec![
        visible("a refusal that asks for credentials").does(
            "401, WWW-Authenticate: Basic, body log in; error: the server refused the handshake with status 401 (RFC 6455, section 4.1)",
            || {
                let head = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 6\r\n\r\nlog in";
                seen_of_a_refusal(head, "WWW-Authenticate")
            },
        ),
        visible("a redirect").does(
            "302, Location: wss://other/, body ; error: the server refused the handshake with status 302 (RFC 6455, section 4.1)",
            || seen_of_a_refusal("HTTP/1.1 302 Found\r\nlocation: wss://other/\r\n\r\n", "Location"),
        ),
    ]
}

/// What the application sees of a response, over both adapters.
fn seen_of_a_refusal(response: &str, name: &str) -> String {
    let config = Config::DEFAULT;
    let wire = || Wire::new(response.as_bytes().into(), usize::MAX, Then::End);
    let mut memory = Memory::new(256, 64);
    let mut head = [0xa5; 512];
    let mut seen = Vec::new();
    let mut look = |response: &Response<'_>, body: &[u8]| {
        let value = response.header(name).unwrap_or_default();
        seen.push(format!("{}, {name}: {value}, body {}", response.status(), body.escape_ascii()));
    };
    let buffers = memory.buffers();
    let blocking =
        ws_embedded_io::WebSocket::connect_with(wire(), keys(), &PLAIN, &mut head, buffers, &config, &mut look);
    let blocking = blocking.map_or_else(|error| error.to_string(), |_| "connected".to_string());
    let buffers = memory.buffers();
    let with_async =
        ws_embedded_io_async::WebSocket::connect_with(wire(), keys(), &PLAIN, &mut head, buffers, &config, &mut look);
    let with_async = wait(with_async).map_or_else(|error| error.to_string(), |_| "connected".to_string());
    assert_eq!((&blocking, &seen[0]), (&with_async, &seen[1]), "the adapters differ");
    format!("{}; error: {blocking}", seen[0])
}
