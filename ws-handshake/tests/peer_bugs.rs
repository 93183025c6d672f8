//! One test for each way in which other programs' handshakes are known to fail. The text of a test says what happened.

use ws_handshake::{
    Acceptance, ClientRequest, EncodeError, Offer, OriginAllowList, Reply, Request, RequestError, Response,
    ResponseError, WebSocketKey,
};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A request with these lines besides the usual ones.
fn request_with(lines: &str) -> String {
    format!("GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{lines}\r\n")
}

fn upgrade_error(input: &str) -> RequestError {
    let (request, _) = match Request::parse(input.as_bytes()) {
        Ok(parsed) => parsed.expect("a whole head"),
        Err(error) => return error,
    };
    request.upgrade().unwrap_err()
}

fn client_request(request: &ClientRequest<'_>) -> String {
    let mut out = [0; 500];
    let len = request.encode(KEY, &mut out).unwrap();
    String::from_utf8(out[..len].to_vec()).unwrap()
}

/// A key that did not fit into its 24 characters stopped the whole server.
#[test]
fn key_longer_than_24_characters_is_refused() {
    for len in [25, 28, 100, 1000] {
        let input = request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Key: {}\r\n", "A".repeat(len)));
        assert_eq!(upgrade_error(&input), RequestError::Key);
    }
}

/// Any text passed for a key, or none at all.
#[test]
fn key_that_is_not_16_bytes_is_refused() {
    for key in ["x", "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQAA", "not base64, only long =="] {
        let input = request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"));
        assert_eq!(upgrade_error(&input), RequestError::Key, "{key:?}");
    }
    assert_eq!(upgrade_error(&request_with("Connection: Upgrade\r\n")), RequestError::Key);
}

/// The example key of RFC 6455, section 4.1 has bits set in its last character that strict base64 does not allow.
#[test]
fn key_of_the_rfc_with_unused_bits_is_accepted() {
    let key = WebSocketKey::parse("AQIDBAUGBwgJCgsMDQ4PEC==").unwrap();
    assert_eq!(key.as_str(), "AQIDBAUGBwgJCgsMDQ4PEC==");
}

/// An offered sub-protocol of 25 characters stopped the server; the chosen one stopped the client.
#[test]
fn sub_protocol_of_25_characters_is_accepted() {
    let name = "abcdefghijklmnopqrstuvwxy";
    assert_eq!(name.len(), 25);
    let input =
        request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: {name}\r\n"));
    let (request, _) = Request::parse(input.as_bytes()).unwrap().unwrap();
    let sub_protocol = request.upgrade().unwrap().unwrap().select_sub_protocol(&[name]);
    assert_eq!(sub_protocol, Some(name));

    let mut out = [0; 300];
    let len = Acceptance { sub_protocol, ..Acceptance::new(KEY) }.encode(&mut out).unwrap();
    let (response, _) = Response::parse(&out[..len]).unwrap().unwrap();
    let agreement = response.verify(KEY, &Offer { sub_protocols: &[name], extensions: &[] }).unwrap();
    assert_eq!(agreement.sub_protocol, Some(name));
}

/// More than three sub-protocols were dropped, and so were lists of more than 32 characters.
#[test]
fn long_sub_protocol_list_is_kept_whole() {
    let names = ["mqtt", "wamp.2.json", "wamp.2.msgpack", "graphql-transport-ws", "v12.stomp"];
    let lines =
        format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: {}\r\n", names.join(", "));
    let input = request_with(&lines);
    let (request, _) = Request::parse(input.as_bytes()).unwrap().unwrap();
    let upgrade = request.upgrade().unwrap().unwrap();
    assert!(upgrade.sub_protocols().eq(names));
    assert_eq!(upgrade.select_sub_protocol(&["v12.stomp"]), Some("v12.stomp"));
}

/// Only `", "` separated sub-protocols: without the space, all of them were one name.
#[test]
fn sub_protocol_list_without_spaces_is_split() {
    let lines = format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: a,b ,\tc\r\n");
    let input = request_with(&lines);
    let (request, _) = Request::parse(input.as_bytes()).unwrap().unwrap();
    assert!(request.upgrade().unwrap().unwrap().sub_protocols().eq(["a", "b", "c"]));
}

/// The server answered with the client's complete list, which is no sub-protocol.
#[test]
fn whole_list_as_the_chosen_sub_protocol_is_refused() {
    let mut out = [0; 300];
    let list = Acceptance { sub_protocol: Some("a, b"), ..Acceptance::new(KEY) };
    assert_eq!(list.encode(&mut out), Err(EncodeError::InvalidSubProtocol));
    let input = response_with(&format!("Sec-WebSocket-Accept: {ACCEPT}\r\nSec-WebSocket-Protocol: a, b\r\n"));
    assert_eq!(verify(&input, &["a", "b"]), Some(ResponseError::SubProtocol));
}

/// Firefox sends two elements, and an exact comparison with `Upgrade` turned it away.
#[test]
fn connection_of_firefox_is_an_upgrade() {
    for connection in ["keep-alive, Upgrade", "keep-alive,upgrade", "Keep-Alive , UPGRADE", "Upgrade"] {
        let input = request_with(&format!("Connection: {connection}\r\nSec-WebSocket-Key: {KEY}\r\n"));
        let (request, _) = Request::parse(input.as_bytes()).unwrap().unwrap();
        assert!(request.upgrade().unwrap().is_some(), "{connection}");
    }
}

/// Method, version, `Upgrade` and `Connection` were not looked at.
#[test]
fn request_that_only_looks_like_an_upgrade_is_refused() {
    let valid = request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n"));
    for (part, replacement, expected) in [
        ("GET", "POST", RequestError::Method),
        ("HTTP/1.1", "HTTP/1.0", RequestError::HttpVersion),
        ("Upgrade: websocket\r\n", "", RequestError::Upgrade),
        ("Connection: Upgrade\r\n", "", RequestError::Connection),
        ("Host: a\r\n", "", RequestError::Host),
    ] {
        assert_eq!(upgrade_error(&valid.replace(part, replacement)), expected);
    }
}

/// The wrong version yielded 400, the wrong error, or no answer at all.
#[test]
fn wrong_version_is_answered_with_426_and_13() {
    let input = request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n"));
    let error = upgrade_error(&input.replace("Version: 13", "Version: 8"));
    assert_eq!(error, RequestError::Version);
    let mut out = [0; 200];
    let len = error.reply().encode(&mut out).unwrap();
    let (response, _) = Response::parse(&out[..len]).unwrap().unwrap();
    assert_eq!(response.status(), 426);
    assert_eq!(response.header("Sec-WebSocket-Version"), Some("13"));
    assert_eq!(response.header("Connection"), Some("Upgrade, close"));
}

/// A refused client got no answer: zero bytes, and a closed connection.
#[test]
fn every_refusal_has_an_answer() {
    let input = request_with("Connection: Upgrade\r\nSec-WebSocket-Key: x\r\n");
    let mut out = [0; 200];
    let len = upgrade_error(&input).reply().encode(&mut out).unwrap();
    assert!(out[..len].starts_with(b"HTTP/1.1 400 Bad Request\r\n"));
}

/// `Content-Length: 0` in a 101 made clients believe that the response had a body.
#[test]
fn acceptance_has_no_content_length() {
    let mut out = [0; 300];
    let len = Acceptance::new(KEY).encode(&mut out).unwrap();
    let (response, _) = Response::parse(&out[..len]).unwrap().unwrap();
    assert_eq!(response.header("Content-Length"), None);
    assert_eq!(response.headers().count(), 3);
}

fn response_with(lines: &str) -> String {
    format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{lines}\r\n")
}

fn verify(input: &str, sub_protocols: &[&str]) -> Option<ResponseError> {
    let (response, _) = Response::parse(input.as_bytes()).unwrap().unwrap();
    response.verify(KEY, &Offer { sub_protocols, extensions: &[] }).err()
}

/// `Sec-WebSocket-Accept` was checked only if it was there, so that any 101 opened a WebSocket.
#[test]
fn missing_accept_is_refused() {
    assert_eq!(verify(&response_with(""), &[]), Some(ResponseError::Accept));
    assert_eq!(verify("HTTP/1.1 101 X\r\n\r\n", &[]), Some(ResponseError::Upgrade));
    assert_eq!(verify(&response_with("Sec-WebSocket-Accept: x\r\n"), &[]), Some(ResponseError::Accept));
}

/// `Connection: keep-alive, Upgrade` in a response was refused, and so was another case.
#[test]
fn connection_list_in_a_response_is_understood() {
    let input = response_with(&format!("sec-websocket-ACCEPT: {ACCEPT}\r\n"));
    assert_eq!(verify(&input.replace("Connection: Upgrade", "connection: keep-alive, UPGRADE"), &[]), None);
}

/// Nobody checked that the server chose from what was offered.
#[test]
fn sub_protocol_or_extension_that_was_not_offered_is_refused() {
    let accept = format!("Sec-WebSocket-Accept: {ACCEPT}\r\n");
    let input = response_with(&format!("{accept}Sec-WebSocket-Protocol: b\r\n"));
    assert_eq!(verify(&input, &["a"]), Some(ResponseError::SubProtocolNotOffered));
    let input = response_with(&format!("{accept}Sec-WebSocket-Extensions: permessage-deflate\r\n"));
    assert_eq!(verify(&input, &["a"]), Some(ResponseError::ExtensionNotOffered));
}

/// The first frame came in the same packet as the 101 and was lost, or stopped the client for good.
#[test]
fn frame_behind_the_101_is_not_lost() {
    let head = response_with(&format!("Sec-WebSocket-Accept: {ACCEPT}\r\n"));
    let frame = b"\x81\x02hi\r\n\r\n";
    let input = [head.as_bytes(), frame].concat();
    for len in 0..input.len() {
        let parsed = Response::parse(&input[..len]).unwrap();
        assert_eq!(parsed.map(|(_, head_len)| head_len), (len >= head.len()).then_some(head.len()), "{len}");
    }
}

/// A 101 in two reads was an overflow in one program and a deliberate panic in another.
#[test]
fn head_in_two_reads_is_incomplete_first() {
    let response = response_with(&format!("Sec-WebSocket-Accept: {ACCEPT}\r\n"));
    let request = request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n"));
    for len in 0..response.len() {
        assert!(Response::parse(&response.as_bytes()[..len]).unwrap().is_none(), "{len}");
    }
    for len in 0..request.len() {
        assert!(Request::parse(&request.as_bytes()[..len]).unwrap().is_none(), "{len}");
    }
}

/// A buffer that was too short for the handshake stopped the program.
#[test]
fn buffer_that_is_too_short_is_an_error() {
    for size in 0..20 {
        let mut out = [0; 20];
        let out = &mut out[..size];
        let is_too_small = |result| matches!(result, Err(EncodeError::BufferTooSmall { .. }));
        assert!(is_too_small(ClientRequest::new("a", "/").encode(KEY, out)));
        assert!(is_too_small(Acceptance::new(KEY).encode(out)));
        assert!(is_too_small(Reply::NOT_FOUND.encode(out)));
    }
}

/// `Host` was missing unless the user added it, or came without the port.
#[test]
fn host_is_always_sent_with_its_port() {
    let text = client_request(&ClientRequest { port: Some(1337), ..ClientRequest::new("device.local", "/") });
    assert!(text.contains("\r\nHost: device.local:1337\r\n"));
    assert!(client_request(&ClientRequest::new("device.local", "/")).contains("\r\nHost: device.local\r\n"));
}

/// `Origin` was always sent, even empty, or its absence put a line without a name on the wire.
#[test]
fn absent_origin_leaves_no_line() {
    let text = client_request(&ClientRequest::new("a", "/"));
    let mut lines = text.split("\r\n").skip(1);
    assert!(lines.all(|line| line.is_empty() || !line.starts_with(':') && !line.starts_with("Origin")));
    assert_eq!(text.matches("\r\n").count(), 7);
}

/// An empty list of sub-protocols put an empty header on the wire, which servers refuse.
#[test]
fn empty_offer_leaves_no_line() {
    assert!(!client_request(&ClientRequest::new("a", "/")).contains("Protocol"));
}

/// Only the status of a refusal was visible: not where to go, and not how to log in.
#[test]
fn refusal_shows_its_headers() {
    let input = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nSet-Cookie: a=b\r\n\r\n";
    let (response, _) = Response::parse(input).unwrap().unwrap();
    assert_eq!(response.verify(KEY, &Offer::default()).unwrap_err(), ResponseError::Refused { status: 302 });
    assert_eq!(response.header("Location"), Some("/other"));
    assert_eq!(response.header("Set-Cookie"), Some("a=b"));
}

/// Header values that were not UTF-8 were taken for text without a check.
#[test]
fn header_value_that_is_not_text_is_bytes() {
    let input = b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\xfe\r\n\r\n";
    let (request, _) = Request::parse(input).unwrap().unwrap();
    assert_eq!(request.header("X"), None);
    assert_eq!(request.headers().last(), Some(("X", b"\xff\xfe".as_slice())));
}

/// The page of another site could open a WebSocket to a device in the user's network: `Origin` was not even visible.
#[test]
fn page_of_another_site_is_recognised() {
    let lines = format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nOrigin: https://evil.example\r\n");
    let input = request_with(&lines);
    let (request, _) = Request::parse(input.as_bytes()).unwrap().unwrap();
    assert!(request.upgrade().is_ok());
    assert!(!OriginAllowList(&["http://device.local"]).allows(request.origin()));
}

/// An `Origin` that could not be read passed for none, which is allowed for programs that are not browsers.
#[test]
fn unreadable_origin_does_not_pass_for_none() {
    let valid = request_with(&format!("Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nOrigin: @\r\n")).into_bytes();
    let input: Vec<u8> = valid.iter().map(|byte| if *byte == b'@' { 0xff } else { *byte }).collect();
    let (request, _) = Request::parse(&input).unwrap().unwrap();
    assert_eq!(request.upgrade().unwrap_err(), RequestError::Origin);
}

/// A browser's request with sixteen headers or more did not fit into the table of headers.
#[test]
fn browser_with_many_headers_is_understood() {
    let many = (0..20).map(|n| format!("X-{n}: y\r\n")).collect::<String>();
    let input = request_with(&format!("{many}Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n"));
    let (request, _) = Request::parse(input.as_bytes()).unwrap().unwrap();
    assert!(request.upgrade().unwrap().is_some());
}
