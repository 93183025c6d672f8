//! The opening handshake of both roles, against each other and against heads that are written down: where the bytes are
//! cut, what is agreed upon, what is refused and with which answer.

mod support;

use support::{Client, Inbox, Keys, from_client, from_server, read_whole, text};
use ws_core::{
    Error, HttpHeader, Misuse, WebSocketClient, WebSocketServer, WebSocketState,
    handshake::{Acceptance, ClientRequest, EncodeError, RequestError, Response, ResponseError},
    read_http_header,
};

/// The sample of RFC 6455, section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

const REQUEST: &str = "GET /chat?room=1 HTTP/1.1\r\n\
    Host: localhost:1337\r\n\
    Upgrade: websocket\r\n\
    Connection: keep-alive, Upgrade\r\n\
    Origin: http://localhost:1337\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Protocol: superchat, chat\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn new_client() -> Client {
    WebSocketClient::new(Keys::default())
}

/// The request that a client writes.
fn request(
    host: &str,
    port: &str,
    sub_protocols: &[&str],
    headers: &[(&str, &str)],
) -> Result<(String, String), Error> {
    let mut to = [0; 1000];
    let mut client = new_client();
    let (len, key) =
        client.client_initiate_opening_handshake("/chat", host, port, Some(sub_protocols), Some(headers), &mut to)?;
    assert_eq!(client.state(), WebSocketState::Connecting);
    Ok((std::str::from_utf8(&to[..len]).unwrap().to_string(), key.as_str().to_string()))
}

/// A response to the sample key with these headers instead of the sample's accept.
fn response_with(headers: &str) -> String {
    RESPONSE.replace("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", headers)
}

#[test]
fn request_is_incomplete_at_every_cut() {
    for cut in 0..REQUEST.len() {
        assert_eq!(read_http_header(&REQUEST.as_bytes()[..cut]).unwrap_err(), Error::HttpHeaderIncomplete, "{cut}");
    }
    let HttpHeader { num_bytes_from, path, websocket_context, request } = read_http_header(REQUEST.as_bytes()).unwrap();
    assert_eq!((num_bytes_from, path, request.query()), (REQUEST.len(), "/chat", Some("room=1")));
    assert_eq!((request.method(), request.origin()), ("GET", Some("http://localhost:1337")));
    let context = websocket_context.unwrap();
    assert_eq!(context.sec_websocket_key.as_str(), KEY);
    let offered: Vec<_> = context.sec_websocket_protocol_list.iter().collect();
    assert_eq!(offered, ["superchat", "chat"]);
}

#[test]
fn plain_http_is_no_error() {
    for (request, path) in [
        ("GET / HTTP/1.1\r\nHost: device\r\n\r\n", "/"),
        ("GET /status?full HTTP/1.1\r\nHost: device\r\nConnection: keep-alive\r\n\r\n", "/status"),
        ("POST /set HTTP/1.1\r\nHost: device\r\nContent-Length: 3\r\n\r\na=b", "/set"),
        ("GET /old HTTP/1.0\r\n\r\n", "/old"),
    ] {
        let header = read_http_header(request.as_bytes()).unwrap();
        assert_eq!(header.path, path);
        assert!(header.websocket_context.is_none());
        assert_eq!(&request[header.num_bytes_from..], if path == "/set" { "a=b" } else { "" });
    }
}

/// Both roles, with every cut of the request and of the response, and the first frames in the same segments.
#[test]
fn both_roles_with_every_cut_and_frames_behind_the_heads() {
    let mut request = [0; 500];
    let mut client = new_client();
    let (len, key) = client
        .client_initiate_opening_handshake("/chat", "localhost", "1337", Some(&["a", "b"]), None, &mut request)
        .unwrap();
    // A server may get a frame with the request only from a client that does not wait, but its bytes must not be lost.
    let to_server = [&request[..len], &from_client(support::TEXT, b"to server")].concat();
    for cut in 0..len {
        assert_eq!(read_http_header(&to_server[..cut]).unwrap_err(), Error::HttpHeaderIncomplete);
    }
    for cut in len..=to_server.len() {
        let header = read_http_header(&to_server[..cut]).unwrap();
        assert_eq!(header.num_bytes_from, len);
        let context = header.websocket_context.unwrap();
        let sub_protocol = context.sec_websocket_protocol_list.select(&["b", "c"]);
        assert_eq!(sub_protocol, Some("b"));
        let mut response = [0; 500];
        let mut server = WebSocketServer::new();
        let response_len = server
            .server_respond_to_opening_handshake(&context.sec_websocket_key, sub_protocol, &mut response)
            .unwrap();
        assert_eq!(server.state(), WebSocketState::Open);
        let mut inbox = Inbox::default();
        inbox.read_whole(&mut server, &to_server[len..cut]);
        inbox.read_whole(&mut server, &to_server[cut..]);
        assert_eq!(inbox.messages, [text("to server")]);

        let to_client = [&response[..response_len], &from_server(support::TEXT, b"to client")].concat();
        for cut in response_len..=to_client.len() {
            let mut client = client.clone();
            for cut in 0..response_len {
                let result = client.client_complete_opening_handshake(&key, &to_client[..cut]);
                assert_eq!(result, Err(Error::HttpHeaderIncomplete));
            }
            let result = client.client_complete_opening_handshake(&key, &to_client[..cut]).unwrap();
            assert_eq!((result.num_bytes_from, result.sub_protocol), (response_len, Some("b")));
            assert_eq!(client.state(), WebSocketState::Open);
            let mut inbox = Inbox::default();
            inbox.read_whole(&mut client, &to_client[response_len..cut]);
            inbox.read_whole(&mut client, &to_client[cut..]);
            assert_eq!(inbox.messages, [text("to client")]);
        }
    }
}

/// RFC 6455, section 4.1, item 4: the port is in `Host` "when not using the default port".
#[test]
fn host_carries_the_port_that_is_not_the_default() {
    for (host, port, line) in [
        ("device.local", "80", "Host: device.local\r\n"),
        ("device.local", "", "Host: device.local\r\n"),
        ("device.local", "1337", "Host: device.local:1337\r\n"),
        ("device.local", "443", "Host: device.local:443\r\n"),
        ("10.0.0.7", "65535", "Host: 10.0.0.7:65535\r\n"),
        ("::1", "8080", "Host: [::1]:8080\r\n"),
    ] {
        let (request, _) = request(host, port, &[], &[]).unwrap();
        assert!(request.contains(&format!("\r\n{line}")), "{request}");
    }
    for port in ["65536", "-1", "+80", " 80", "80 ", "http", "80\r\nX: y", "８０"] {
        assert_eq!(request("device.local", port, &[], &[]).unwrap_err(), Misuse::InvalidPort.into(), "{port}");
    }
}

#[test]
fn request_can_have_an_origin_and_the_port_of_tls() {
    let mut to = [0; 500];
    let request = ClientRequest {
        port: Some(443),
        secure: true,
        origin: Some("https://example.com"),
        headers: &[("Authorization", "Bearer x")],
        ..ClientRequest::new("example.com", "/")
    };
    let (len, _) = new_client().client_initiate_with(&request, &mut to).unwrap();
    let written = std::str::from_utf8(&to[..len]).unwrap();
    for line in ["Host: example.com\r\n", "Origin: https://example.com\r\n", "Authorization: Bearer x\r\n"] {
        assert!(written.contains(line), "{written}");
    }
    // No extension: the frames that it would bring are not understood.
    let request = ClientRequest { extensions: Some("permessage-deflate"), ..request };
    let result = new_client().client_initiate_with(&request, &mut to);
    assert_eq!(result.unwrap_err(), Misuse::Extension.into());
    let acceptance = Acceptance { extensions: Some("permessage-deflate"), ..Acceptance::new(KEY) };
    let result = WebSocketServer::new().server_respond_with(&acceptance, &mut to);
    assert_eq!(result.unwrap_err(), Misuse::Extension.into());
}

#[test]
fn nothing_can_be_injected_into_a_head() {
    let injected = "x\r\nX-Injected: y";
    let input = |error: EncodeError| Error::HandshakeInput(error);
    for (host, headers, sub_protocols, error) in [
        (injected, &[][..], &[][..], EncodeError::InvalidHost),
        ("h", &[("Cookie", injected)], &[], EncodeError::InvalidHeaderValue),
        ("h", &[("Cookie", "a\nb")], &[], EncodeError::InvalidHeaderValue),
        ("h", &[("Cookie", "a\0b")], &[], EncodeError::InvalidHeaderValue),
        ("h", &[(injected, "a")], &[], EncodeError::InvalidHeaderName),
        ("h", &[("", "a")], &[], EncodeError::InvalidHeaderName),
        ("h", &[("Host", "other")], &[], EncodeError::ReservedHeader),
        ("h", &[("sec-websocket-protocol", "chat")], &[], EncodeError::ReservedHeader),
        ("h", &[], &[injected], EncodeError::InvalidSubProtocol),
        ("h", &[], &["a, b"], EncodeError::InvalidSubProtocol),
        ("h", &[], &["a", "a"], EncodeError::InvalidSubProtocol),
    ] {
        assert_eq!(request(host, "", sub_protocols, headers).unwrap_err(), input(error), "{host} {headers:?}");
    }
    let mut client = new_client();
    for path in ["/ HTTP/1.1\r\nX: y", "no-slash", "/a b", "/#fragment"] {
        let result = client.client_initiate_opening_handshake(path, "h", "", None, None, &mut [0; 500]);
        assert_eq!(result.unwrap_err(), input(EncodeError::InvalidTarget), "{path}");
    }
    let mut server = WebSocketServer::new();
    for (key, sub_protocol, error) in [
        (injected, None, EncodeError::InvalidKey),
        ("", None, EncodeError::InvalidKey),
        (KEY, Some(injected), EncodeError::InvalidSubProtocol),
        (KEY, Some(""), EncodeError::InvalidSubProtocol),
    ] {
        let result = server.server_respond_to_opening_handshake(key, sub_protocol, &mut [0; 500]);
        assert_eq!(result.unwrap_err(), input(error));
    }
    let acceptance = Acceptance { headers: &[("Set-Cookie", "a\r\nb")], ..Acceptance::new(KEY) };
    let result = server.server_respond_with(&acceptance, &mut [0; 500]);
    assert_eq!(result.unwrap_err(), input(EncodeError::InvalidHeaderValue));
    assert_eq!((client.state(), server.state()), (WebSocketState::Connecting, WebSocketState::Connecting));
}

#[test]
fn server_adds_headers_to_its_response() {
    let mut to = [0; 500];
    let acceptance = Acceptance { headers: &[("Set-Cookie", "id=1")], ..Acceptance::new(KEY) };
    let len = WebSocketServer::new().server_respond_with(&acceptance, &mut to).unwrap();
    let (response, _) = Response::parse(&to[..len]).unwrap().unwrap();
    assert_eq!((response.status(), response.header("Set-Cookie")), (101, Some("id=1")));
}

#[test]
fn heads_that_do_not_fit_say_how_long_they_are() {
    let (whole, _) = request("localhost", "1337", &["chat"], &[]).unwrap();
    for to_len in 0..whole.len() {
        let mut client = new_client();
        let mut to = vec![0; to_len];
        let result =
            client.client_initiate_opening_handshake("/chat", "localhost", "1337", Some(&["chat"]), None, &mut to);
        assert_eq!(result.unwrap_err(), Error::BufferTooSmall { needed: whole.len() });
    }
    for to_len in 0..RESPONSE.len() {
        let mut server = WebSocketServer::new();
        let mut to = vec![0; to_len];
        let result = server.server_respond_to_opening_handshake(KEY, None, &mut to);
        assert_eq!(result, Err(Error::BufferTooSmall { needed: RESPONSE.len() }));
        assert_eq!(server.state(), WebSocketState::Connecting);
        // It can be tried again with more room.
        let mut to = vec![0; RESPONSE.len()];
        assert_eq!(server.server_respond_to_opening_handshake(KEY, None, &mut to), Ok(RESPONSE.len()));
        assert_eq!(to, RESPONSE.as_bytes());
    }
}

#[test]
fn sub_protocol_must_have_been_offered() {
    let offer = |names: &[&str]| {
        let mut client = new_client();
        client.client_initiate_opening_handshake("/", "h", "", Some(names), None, &mut [0; 500]).unwrap();
        client
    };
    let accept =
        |header: &str| response_with(&format!("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{header}"));
    let chosen = |names: &[&str], header: &str| {
        let mut client = offer(names);
        let response = accept(header);
        let result = client.client_complete_opening_handshake(KEY, response.as_bytes());
        let open = if result.is_ok() { WebSocketState::Open } else { WebSocketState::Connecting };
        assert_eq!(client.state(), open);
        result.map(|result| result.sub_protocol.map(str::to_string))
    };
    let refused = |error: ResponseError| Err(Error::Response(error));
    let long = "x".repeat(300);
    assert_eq!(chosen(&["chat"], "Sec-WebSocket-Protocol: chat\r\n"), Ok(Some("chat".into())));
    assert_eq!(chosen(&["a", "b", "c", "d"], "Sec-WebSocket-Protocol: d\r\n"), Ok(Some("d".into())));
    assert_eq!(chosen(&[&long], &format!("Sec-WebSocket-Protocol: {long}\r\n")), Ok(Some(long.clone())));
    assert_eq!(chosen(&["chat"], ""), Ok(None));
    let not_offered = ResponseError::SubProtocolNotOffered;
    assert_eq!(chosen(&[], "Sec-WebSocket-Protocol: chat\r\n"), refused(not_offered));
    assert_eq!(chosen(&["chat"], "Sec-WebSocket-Protocol: Chat\r\n"), refused(not_offered));
    assert_eq!(chosen(&["a", "b"], "Sec-WebSocket-Protocol: c\r\n"), refused(not_offered));
    let no_token = ResponseError::SubProtocol;
    assert_eq!(chosen(&["a", "b"], "Sec-WebSocket-Protocol: a, b\r\n"), refused(no_token));
    assert_eq!(chosen(&["a"], "Sec-WebSocket-Protocol:\r\n"), refused(no_token));
    assert_eq!(chosen(&["a", "b"], "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n"), refused(no_token));

    let five = ["a", "b", "c", "d", "e"];
    assert_eq!(request("h", "", &five, &[]).unwrap_err(), Misuse::TooManySubProtocols.into());
}

/// With the names at hand again, any number can be offered, and the choice is compared by name: the second of these has
/// the same digest as the first.
#[test]
fn sub_protocols_can_be_compared_by_name() {
    let names = ["chat", "b", "c", "d", "e"];
    for (chosen, result) in [
        ("e", Ok(Some("e"))),
        ("biylcyea", Err(Error::Response(ResponseError::SubProtocolNotOffered))),
        ("f", Err(Error::Response(ResponseError::SubProtocolNotOffered))),
    ] {
        let mut client = new_client();
        let request = ClientRequest { sub_protocols: &names, ..ClientRequest::new("h", "/") };
        client.client_initiate_with(&request, &mut [0; 500]).unwrap();
        let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
        let response = response_with(&format!("{accept}Sec-WebSocket-Protocol: {chosen}\r\n"));
        // What was offered is not remembered: without the names, nothing may be chosen.
        let unknown = client.client_complete_opening_handshake(KEY, response.as_bytes());
        assert_eq!(unknown, Err(Error::Response(ResponseError::SubProtocolNotOffered)));
        let completed = client.client_complete_with(KEY, &names, response.as_bytes());
        assert_eq!(completed.map(|completed| completed.sub_protocol), result, "{chosen}");
    }
}

/// A new attempt offers anew: what the first one offered is forgotten.
#[test]
fn second_attempt_replaces_the_offer() {
    let mut client = new_client();
    let mut initiate = |names: &[&str]| {
        client.client_initiate_opening_handshake("/", "h", "", Some(names), None, &mut [0; 500]).map(|(_, key)| key)
    };
    let first = initiate(&["old"]).unwrap();
    let second = initiate(&["new"]).unwrap();
    assert_ne!(first, second, "each attempt has a fresh key");
    assert!(initiate(&["bad name"]).is_err());
    let header = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: ";
    let old = response_with(&format!("{header}old\r\n"));
    let result = client.client_complete_opening_handshake(KEY, old.as_bytes());
    assert_eq!(result.unwrap_err(), Error::Response(ResponseError::SubProtocolNotOffered));
    // The failed third attempt has not changed what the second one offered.
    let new = response_with(&format!("{header}new\r\n"));
    assert_eq!(client.client_complete_opening_handshake(KEY, new.as_bytes()).unwrap().sub_protocol, Some("new"));
}

#[test]
fn sub_protocols_that_a_server_is_offered() {
    let with = |protocols: &str| REQUEST.replace("superchat, chat", protocols);
    let offered = |protocols: &str| {
        let request = with(protocols);
        let header = read_http_header(request.as_bytes())?;
        Ok::<_, Error>(header.websocket_context.unwrap().sec_websocket_protocol_list)
    };
    let list = offered("superchat,chat ,\tv2.x").unwrap();
    assert_eq!(list.iter().collect::<Vec<_>>(), ["superchat", "chat", "v2.x"]);
    assert!(list.contains("chat") && !list.contains("Chat") && !list.contains("superchat,chat") && !list.contains(""));
    // The client's order decides.
    assert_eq!(list.select(&["v2.x", "chat"]), Some("chat"));
    assert_eq!(list.select(&["other"]), None);
    // 128 bytes with the commas, and one more.
    let names = ["a".repeat(64), "b".repeat(63)].join(",");
    assert_eq!(offered(&names).unwrap().iter().count(), 2);
    assert!(offered(&names).unwrap().is_complete());
    // What does not fit is left out; the request has it still.
    for (names, held) in
        [(format!("{names}b"), vec!["a".repeat(64)]), (format!("{names}b, c"), vec!["a".repeat(64), "c".into()])]
    {
        let list = offered(&names).unwrap();
        assert!(!list.is_complete());
        assert_eq!(list.iter().collect::<Vec<_>>(), held);
        let request = with(&names);
        let upgrade = read_http_header(request.as_bytes()).unwrap().request.upgrade().unwrap().unwrap();
        assert_eq!(upgrade.sub_protocols().count(), held.len() + 1);
    }
    let twice = Error::Request(RequestError::SubProtocols);
    assert_eq!(offered("a, a").unwrap_err(), twice);
    let none = REQUEST.replace("Sec-WebSocket-Protocol: superchat, chat\r\n", "");
    let context = read_http_header(none.as_bytes()).unwrap().websocket_context.unwrap();
    assert_eq!(context.sec_websocket_protocol_list.iter().count(), 0);
}

#[test]
fn refusals_carry_their_reply() {
    for (from, to, error, status) in [
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", RequestError::Version, 426),
        ("Connection: keep-alive, Upgrade\r\n", "", RequestError::Connection, 400),
        ("Upgrade: websocket\r\n", "", RequestError::Upgrade, 400),
        ("Host: localhost:1337\r\n", "", RequestError::Host, 400),
        ("GET ", "POST ", RequestError::Method, 400),
        ("HTTP/1.1", "HTTP/1.0", RequestError::HttpVersion, 400),
        (KEY, "dGhlIHNhbXBsZSBub25jZQ", RequestError::Key, 400),
        ("Host", "X: y\r\nX: y\r\nHost", RequestError::TooManyHeaders, 431),
        ("Origin: ", "Ori gin: ", RequestError::HeaderName, 400),
        ("GET ", "\x16\x03\x01", RequestError::RequestLine, 400),
    ] {
        let to = if error == RequestError::TooManyHeaders { "X: y\r\n".repeat(40) + "Host" } else { to.to_string() };
        let request = REQUEST.replacen(from, &to, 1);
        let result = read_http_header(request.as_bytes()).map(drop);
        assert_eq!(result, Err(Error::Request(error)), "{request}");
        let reply = Error::Request(error).reply().unwrap();
        let mut out = [0; 200];
        let len = reply.encode(&mut out).unwrap();
        assert!(out[..len].starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{error:?}");
    }
    // Only a client's request is refused with a reply.
    for error in [Error::HttpHeaderIncomplete, Error::Closed, Error::Response(ResponseError::Accept)] {
        assert!(error.reply().is_none());
    }
}

/// Any status but 101 is visible, with the headers and the start of the body.
#[test]
fn refusal_by_the_server_is_visible() {
    let head = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 5\r\n\r\n";
    let response = format!("{head}sor");
    let mut client = new_client();
    let error = client.client_complete_opening_handshake(KEY, response.as_bytes()).unwrap_err();
    assert_eq!(error, Error::Response(ResponseError::Refused { status: 401 }));
    assert_eq!(client.state(), WebSocketState::Connecting);
    let (response, head_len) = Response::parse(response.as_bytes()).unwrap().unwrap();
    assert_eq!((response.header("WWW-Authenticate"), head_len), (Some("Basic"), head.len()));
}

/// RFC 6455, section 4.1, the six items that a client checks.
#[test]
fn responses_that_break_a_rule() {
    for (from, to, error) in [
        ("101", "200", ResponseError::Refused { status: 200 }),
        ("HTTP/1.1", "HTTP/1.0", ResponseError::HttpVersion),
        ("Upgrade: websocket\r\n", "", ResponseError::Upgrade),
        ("websocket", "h2c", ResponseError::Upgrade),
        ("Connection: Upgrade", "Connection: close", ResponseError::Connection),
        ("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "", ResponseError::Accept),
        ("s3pP", "S3pP", ResponseError::Accept),
        ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-a\r\n\r\n", ResponseError::ExtensionNotOffered),
        ("HTTP/1.1", "ICY", ResponseError::HttpVersion),
        ("101", "1O1", ResponseError::StatusLine),
    ] {
        let mut client = new_client();
        let response = RESPONSE.replacen(from, to, 1);
        let result = client.client_complete_opening_handshake(KEY, response.as_bytes());
        assert_eq!(result, Err(Error::Response(error)), "{response}");
        assert_eq!(client.state(), WebSocketState::Connecting);
        // The connection is of no use, but the client is: it takes a good response later.
        assert!(client.client_complete_opening_handshake(KEY, RESPONSE.as_bytes()).is_ok());
    }
    // The right answer to another key.
    let other = "AAAAAAAAAAAAAAAAAAAAAA==";
    let result = new_client().client_complete_opening_handshake(other, RESPONSE.as_bytes());
    assert_eq!(result, Err(Error::Response(ResponseError::Accept)));
}

/// An endpoint whose handshake was done elsewhere is open at once.
#[test]
fn handshake_that_was_done_elsewhere() {
    let mut server = WebSocketServer::after_opening_handshake();
    assert_eq!(read_whole(&mut server, &from_client(support::TEXT, b"hi")).messages, [text("hi")]);
    let mut client = support::client();
    assert_eq!(read_whole(&mut client, &from_server(support::TEXT, b"hi")).messages, [text("hi")]);
    let result = client.client_initiate_opening_handshake("/", "h", "", None, None, &mut [0; 200]);
    assert_eq!(result.unwrap_err(), Misuse::AlreadyOpen.into());
}
