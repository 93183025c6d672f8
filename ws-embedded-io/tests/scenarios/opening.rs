//! The opening handshake in both roles: accepted, refused, malformed, cut anywhere, and in the smallest memory.

use ws_core::{Accepting, Connecting};

use super::{
    dialogue::{Call, Dialogue, ScriptError, failed, text},
    driver::{ACCEPT, Patience, buffers, insist, memory, play},
    script::{Fault, Script, WriteEnd},
    side::{FIN, PING, REQUEST, RESPONSE, SIDES, Side, TEXT, masks},
};
use crate::adapter::{
    ClientRequest, Config, Decision, Error, Reply, WebSocket, attempt, drive, wait, ws_core,
    ws_core::handshake::{EncodeError, RequestError, ResponseError},
};

const CONFIG: &Config = &Config::DEFAULT;

/// What our client sends.
const OUR_REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: device.local\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

fn ask() -> ClientRequest<'static> {
    ClientRequest::new("device.local", "/chat")
}

/// The opening handshake of one side, with the client's request `ask`.
fn open(side: Side, script: &mut Script, head: usize, receive: usize) -> Result<(), ScriptError> {
    let (head, buffers) = (memory(head), buffers(receive, 512));
    match side {
        Side::Server => wait(WebSocket::accept(script, head, buffers, CONFIG, |_, _| ACCEPT))
            .map(|websocket| assert!(websocket.is_some())),
        Side::Client => wait(WebSocket::connect(script, masks(), &ask(), head, buffers, CONFIG)).map(|_| ()),
    }
}

/// Connects to a server that answers with `response`.
fn connect_to(response: &str, request: &ClientRequest<'_>) -> Result<Option<String>, ScriptError> {
    let mut script = Script::new(response.bytes());
    let connected = wait(WebSocket::connect(&mut script, masks(), request, memory(1024), buffers(1024, 512), CONFIG))?;
    Ok(connected.sub_protocol.map(str::to_owned))
}

/// What a server that decides like this writes in answer to `request`, and what `accept` returns.
fn answer(request: &str, decision: Decision<'static>) -> (String, Result<bool, ScriptError>) {
    let mut script = Script::new(request.bytes());
    let result = wait(WebSocket::accept(&mut script, memory(1024), buffers(1024, 512), CONFIG, |_, _| decision));
    let result = result.map(|websocket| websocket.is_some());
    if !matches!(result, Err(Error::Write(_))) {
        script.assert_flushed();
    }
    (String::from_utf8(script.written()).unwrap(), result)
}

#[test]
fn heads_are_the_same_in_every_read_and_write_size() {
    for (side, expected) in [(Side::Server, RESPONSE), (Side::Client, OUR_REQUEST)] {
        for read_size in 1..=side.head().len() {
            for write_size in [1, 7, usize::MAX] {
                let mut script = Script::new(side.head().iter().copied()).read_size(read_size).write_size(write_size);
                open(side, &mut script, 1024, 512).unwrap();
                assert_eq!(script.written(), expected, "{side:?}, {read_size}, {write_size}");
                assert_eq!(script.flushes(), 1);
                assert_eq!(script.writes(), expected.len().div_ceil(write_size));
            }
        }
    }
}

#[test]
fn frames_behind_the_head_are_kept_in_every_read_size() {
    for side in SIDES {
        for read_size in (1..=side.head().len() + 40).chain([usize::MAX]) {
            // Also those that do not fit into the receive buffer together with each other.
            for (all, receive) in [(Call::RecvAll, 6), (Call::RecvAllChunks, 1)] {
                let script = side.script(&[(FIN | TEXT, b"hello"), (FIN | TEXT, b"again")]).read_size(read_size);
                let record = play(&Dialogue { receive, ..Dialogue::new(side, script, &[all]) });
                let end = failed(ws_core::Error::TransportEnded { clean: true });
                assert_eq!(record.outcomes, [text("hello"), text("again"), end]);
            }
        }
    }
}

#[test]
fn the_smallest_memory_for_heads_is_as_long_as_they_are() {
    for side in SIDES {
        let long = "x".repeat(5000);
        let frames: [(u8, &[u8]); 2] = [(FIN | PING, &[7; 100]), (FIN | TEXT, long.as_bytes())];
        let needed = REQUEST.len().max(RESPONSE.len()).max(OUR_REQUEST.len());
        let script = side.script(&frames);
        assert_eq!(open(side, &mut script.clone(), needed, 1), Ok(()));
        // The peer's head, or ours.
        let error = open(side, &mut script.clone(), side.head().len() - 1, 1).unwrap_err();
        match side {
            Side::Server => assert_eq!(error, Error::WebSocket(ws_core::Error::HeadTooLarge)),
            Side::Client => {
                assert_eq!(error, Error::WebSocket(ws_core::Error::BufferTooSmall { needed: OUR_REQUEST.len() }));
            }
        }
    }
}

#[test]
fn memory_that_is_empty_is_an_error() {
    for side in SIDES {
        for (head, receive) in [(0, 512), (1024, 0)] {
            let mut script = side.script(&[]);
            assert!(matches!(open(side, &mut script, head, receive), Err(Error::WebSocket(_))));
        }
    }
}

#[test]
fn transport_that_ends_inside_a_head_is_an_error() {
    for side in SIDES {
        for len in 0..side.head().len() {
            let mut script = Script::new(side.head()[..len].iter().copied());
            let ended = ws_core::Error::TransportEnded { clean: len == 0 };
            assert_eq!(open(side, &mut script, 1024, 512), Err(Error::WebSocket(ended)));
            assert_eq!(script.written().is_empty(), side == Side::Server);
        }
    }
}

#[test]
fn time_out_inside_a_head_ends_accept_and_connect() {
    for side in SIDES {
        for len in 0..side.head().len() {
            let mut script = side.script(&[]).time_outs([len]);
            assert_eq!(open(side, &mut script, 1024, 512), Err(Error::Read(Fault::TimedOut)));
            assert_eq!(script.position(), len);
        }
    }
}

/// A handshake whose machine is driven goes on where it was interrupted: see also `play`.
#[test]
fn handshake_that_is_driven_outlives_interruptions() {
    const PATIENCE: Patience = Patience::Impatient;
    let page = Reply::new(200).with_body(&[b'x'; 300]);
    for size in [1, 7, 100, usize::MAX] {
        let mut script = Script::new(*b"GET / HTTP/1.1\r\nHost: device.local\r\n\r\n");
        script = script.read_size(size).write_size(size);
        script.interrupts = true;
        let mut accepting = Accepting::new(memory(200), buffers(100, 100), CONFIG);
        insist(|| attempt(PATIENCE, drive(&mut accepting, &mut script))).unwrap();
        assert_eq!(accepting.asked().unwrap().request.path(), "/");
        accepting.reply(&page).map(|_| ()).unwrap();
        let answer = insist(|| attempt(PATIENCE, drive(accepting.answering(page.body), &mut script))).unwrap();
        assert_eq!(answer, ws_core::Answer::Replied);
        assert!(script.written().starts_with(b"HTTP/1.1 200 OK\r\n") && script.written().ends_with(page.body));
        assert_eq!(script.flushes(), 1);

        let mut script = Side::Client.script(&[]).read_size(size).write_size(size);
        script.interrupts = true;
        let request = ask();
        let mut connecting = Connecting::new(&request, masks(), memory(200), buffers(100, 100), CONFIG).unwrap();
        insist(|| attempt(PATIENCE, drive(&mut connecting, &mut script))).unwrap();
        assert_eq!(script.written(), OUR_REQUEST);
    }
}

#[test]
fn handshake_that_cannot_be_written_is_an_error() {
    for side in SIDES {
        for (end, error) in [
            (WriteEnd::Fails, Error::Write(Fault::Broken)),
            (WriteEnd::TakesNothing, Error::WriteZero),
            (WriteEnd::FlushFails, Error::Write(Fault::Broken)),
        ] {
            let mut script = side.script(&[]);
            script.end_writes_after(10, end);
            assert_eq!(open(side, &mut script, 1024, 512), Err(error));
        }
    }
}

#[test]
fn application_sees_the_request_and_the_offer() {
    let request = "GET /chat?room=1 HTTP/1.1\r\nHost: device.local\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Origin: http://device.local\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: superchat, chat\r\n\r\n";
    let mut script = Script::new(request.bytes()).read_size(1);
    let mut calls = 0;
    let accepted = WebSocket::accept(&mut script, memory(1024), buffers(1024, 512), CONFIG, |request, upgrade| {
        calls += 1;
        assert_eq!((request.path(), request.query()), ("/chat", Some("room=1")));
        assert_eq!(request.origin(), Some("http://device.local"));
        let sub_protocol = upgrade.unwrap().select_sub_protocol(&["chat"]);
        Decision::Accept { sub_protocol, headers: &[("Server", "test")] }
    });
    assert!(wait(accepted).unwrap().is_some());
    assert_eq!(calls, 1);
    let written = String::from_utf8(script.written()).unwrap();
    assert!(written.ends_with("Sec-WebSocket-Protocol: chat\r\nServer: test\r\n\r\n"), "{written}");
}

#[test]
fn plain_request_is_answered_with_a_page() {
    const PAGE: Reply<'static> = Reply::new(200).with_headers(&[("Content-Type", "text/html")]).with_body(b"<p>hello");
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\nContent-Type: text/html\r\n\r\n";
    let get = "GET / HTTP/1.1\r\nHost: device.local\r\n\r\n";
    let (written, result) = answer(get, Decision::Reply(PAGE));
    assert_eq!((written, result), (format!("{head}<p>hello"), Ok(false)));

    let (written, result) = answer(&get.replace("GET", "HEAD"), Decision::Reply(PAGE));
    assert_eq!((written.as_str(), result), (head, Ok(false)));

    // A body that is longer than all memory is written as it lies.
    let mut script = Script::new(get.bytes());
    let page = Reply::new(200).with_body(&[b'x'; 5000]);
    let accepted = WebSocket::accept(&mut script, memory(131), buffers(1024, 131), CONFIG, |_, upgrade| {
        assert!(upgrade.is_none());
        Decision::Reply(page)
    });
    assert!(wait(accepted).unwrap().is_none());
    assert!(script.written().ends_with(page.body));
    assert_eq!((script.writes(), script.flushes()), (2, 1));
}

#[test]
fn status_that_has_no_body_is_sent_without_one() {
    for status in [204, 304] {
        let (written, _) = answer(
            "GET / HTTP/1.1\r\nHost: device.local\r\n\r\n",
            Decision::Reply(Reply { status, headers: &[], body: b"must not be sent" }),
        );
        assert!(written.ends_with("\r\nConnection: close\r\n\r\n"), "{written}");
    }
}

#[test]
fn plain_request_cannot_be_accepted() {
    let (written, result) = answer("GET / HTTP/1.1\r\nHost: device.local\r\n\r\n", ACCEPT);
    assert!(written.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{written}");
    assert_eq!(result, Ok(false));
}

#[test]
fn refusal_of_the_application_is_sent() {
    let request = std::str::from_utf8(REQUEST).unwrap();
    for (reply, line) in [
        (Reply::FORBIDDEN, "HTTP/1.1 403 Forbidden\r\n"),
        (Reply::NOT_FOUND, "HTTP/1.1 404 Not Found\r\n"),
        (Reply::UNAVAILABLE, "HTTP/1.1 503 Service Unavailable\r\n"),
        (Reply::new(418), "HTTP/1.1 418 \r\n"),
    ] {
        let (written, result) = answer(request, Decision::Reply(reply));
        assert!(written.starts_with(line), "{written}");
        assert_eq!(result, Ok(false));
    }
}

#[test]
fn malformed_request_is_answered_with_its_status() {
    let request = std::str::from_utf8(REQUEST).unwrap();
    for (from, to, error, status) in [
        ("GET ", "POST ", RequestError::Method, 400),
        ("GET /chat", "GET", RequestError::RequestLine, 400),
        ("HTTP/1.1", "HTTP/1.0", RequestError::HttpVersion, 400),
        ("\r\nHost: device.local", "", RequestError::Host, 400),
        ("keep-alive, Upgrade", "keep-alive", RequestError::Connection, 400),
        ("Upgrade: websocket", "Upgrade: h2c", RequestError::Upgrade, 400),
        ("Version: 13", "Version: 8", RequestError::Version, 426),
        ("ZQ==", "ZQ", RequestError::Key, 400),
        ("Host:", "Host :", RequestError::HeaderName, 400),
        ("Host: device", "Host: \0evice", RequestError::HeaderValue, 400),
        ("Host: device.local\r\n", "Host: device.local\n", RequestError::LineEnd, 400),
        ("Host", &format!("{}Host", "X: y\r\n".repeat(40)), RequestError::TooManyHeaders, 431),
    ] {
        assert!(request.contains(from));
        let (written, result) = answer(&request.replacen(from, to, 1), ACCEPT);
        assert!(written.starts_with(&format!("HTTP/1.1 {status} ")), "{error:?}: {written}");
        assert!(written.ends_with("\r\n\r\n"), "{written}");
        assert_eq!(result, Err(Error::WebSocket(ws_core::Error::Request(error))));
    }
}

#[test]
fn request_that_does_not_fit_is_answered_with_431() {
    let request = format!("GET / HTTP/1.1\r\nHost: device.local\r\nCookie: {}\r\n\r\n", "x".repeat(5000));
    let (written, result) = answer(&request, ACCEPT);
    assert!(written.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{written}");
    assert_eq!(result, Err(Error::WebSocket(ws_core::Error::HeadTooLarge)));
}

#[test]
fn decision_that_cannot_be_sent_is_an_error() {
    let request = std::str::from_utf8(REQUEST).unwrap();
    let injection = Decision::Accept { sub_protocol: None, headers: &[("X", "y\r\nInjected: yes")] };
    let not_offered = Decision::Accept { sub_protocol: Some("chat"), headers: &[] };
    for (decision, invalid) in
        [(injection, EncodeError::InvalidHeaderValue), (not_offered, EncodeError::InvalidSubProtocol)]
    {
        let (written, result) = answer(request, decision);
        let error = Error::WebSocket(ws_core::Error::HandshakeInput(invalid));
        assert_eq!((written.as_str(), result), ("", Err(error)));
    }
}

#[test]
fn interim_response_is_passed_over() {
    let response = std::str::from_utf8(RESPONSE).unwrap();
    let hints = format!("HTTP/1.1 103 Early Hints\r\n\r\n{response}");
    assert_eq!(connect_to(&hints, &ask()), Ok(None));
}

#[test]
fn response_is_shown_before_it_is_checked() {
    let refusal = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 9\r\n\r\nwho ";
    // The start of the body is shown if it has arrived together with the head.
    for (read_size, body) in [(1, ""), (usize::MAX, "who ")] {
        let mut script = Script::new(refusal.bytes()).read_size(read_size);
        let mut seen = None;
        let (head, buffers, request) = (memory(1024), buffers(1024, 512), ask());
        let connecting =
            WebSocket::connect_with(&mut script, masks(), &request, head, buffers, CONFIG, |response, body| {
                assert!(seen.is_none());
                assert_eq!(response.header("WWW-Authenticate"), Some("Basic"));
                seen = Some((response.status(), body.to_vec()));
            });
        let result = wait(connecting);
        let refused = ws_core::Error::Response(ResponseError::Refused { status: 401 });
        assert_eq!(result.map(|_| ()), Err(Error::WebSocket(refused)));
        assert_eq!(seen, Some((401, body.as_bytes().to_vec())));
    }
    let mut status = 0;
    let mut script = Script::new(RESPONSE.iter().copied());
    let (head, buffers, request) = (memory(1024), buffers(1024, 512), ask());
    let connecting =
        WebSocket::connect_with(&mut script, masks(), &request, head, buffers, CONFIG, |response, body| {
            status = response.status();
            assert_eq!(body, b"");
        });
    assert!(wait(connecting).is_ok());
    assert_eq!(status, 101);
}

#[test]
fn wrong_response_is_an_error() {
    let response = std::str::from_utf8(RESPONSE).unwrap();
    for (from, to, error) in [
        ("HTTP/1.1 101 Switching Protocols", "HTTP/1.1 404 Not Found", ResponseError::Refused { status: 404 }),
        ("HTTP/1.1 101 Switching Protocols", "HTTP/1.1 yes", ResponseError::StatusLine),
        ("HTTP/1.1", "HTTP/1.0", ResponseError::HttpVersion),
        ("s3pP", "S3pP", ResponseError::Accept),
        ("Sec-WebSocket-Accept", "X-Accept", ResponseError::Accept),
        ("Upgrade: websocket", "Upgrade: h2c", ResponseError::Upgrade),
        ("Connection: Upgrade", "Connection: close", ResponseError::Connection),
        ("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n", ResponseError::SubProtocolNotOffered),
        ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x\r\n\r\n", ResponseError::ExtensionNotOffered),
    ] {
        assert!(response.contains(from));
        let result = connect_to(&response.replacen(from, to, 1), &ask());
        assert_eq!(result, Err(Error::WebSocket(ws_core::Error::Response(error))), "{to}");
    }
}

#[test]
fn sub_protocol_of_the_server_is_reported() {
    let response = std::str::from_utf8(RESPONSE).unwrap();
    let request = ClientRequest { sub_protocols: &["superchat", "chat"], ..ask() };
    assert_eq!(connect_to(response, &request), Ok(None));
    for name in request.sub_protocols {
        let chosen = format!("\r\nSec-WebSocket-Protocol: {name}\r\n\r\n");
        let result = connect_to(&response.replacen("\r\n\r\n", &chosen, 1), &request);
        assert_eq!(result, Ok(Some((*name).to_owned())));
    }
}

#[test]
fn request_that_cannot_be_sent_is_an_error() {
    let mut script = Script::new([]);
    let request = ClientRequest { headers: &[("X", "y\r\nInjected: yes")], ..ask() };
    let result = wait(WebSocket::connect(&mut script, masks(), &request, memory(1024), buffers(1024, 512), CONFIG));
    let invalid = ws_core::Error::HandshakeInput(EncodeError::InvalidHeaderValue);
    assert_eq!(result.map(|_| ()), Err(Error::WebSocket(invalid)));
    assert_eq!(script.calls, []);
}
