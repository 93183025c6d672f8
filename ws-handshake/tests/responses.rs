//! What a client reads: acceptances, refusals, and servers that break a rule.

use ws_handshake::{Agreement, MAX_HEADERS, Offer, Response, ResponseError};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The response of RFC 6455, section 1.2.
const RFC: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: chat\r\n\r\n";

const OFFER: Offer<'_> = Offer { sub_protocols: &["chat", "superchat"], extensions: &["permessage-deflate", "x"] };

fn verify(input: &str) -> Result<Agreement<'_>, ResponseError> {
    let (response, head_len) = Response::parse(input.as_bytes())?.expect("a whole head");
    assert_eq!(head_len, input.len());
    response.verify(KEY, &OFFER)
}

#[test]
fn the_response_of_section_1_2() {
    let (response, _) = Response::parse(RFC.as_bytes()).unwrap().unwrap();
    assert_eq!((response.status(), response.reason()), (101, "Switching Protocols"));
    assert_eq!(response.header("upgrade"), Some("websocket"));
    assert_eq!(response.headers().count(), 4);
    let agreement = response.verify(KEY, &OFFER).unwrap();
    assert_eq!(agreement.sub_protocol, Some("chat"));
    assert_eq!(agreement.extensions().count(), 0);
}

#[test]
fn every_rule_of_section_4_1_has_its_error() {
    let upgrade = "Upgrade: websocket\r\n";
    let connection = "Connection: Upgrade\r\n";
    let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    let protocol = "Sec-WebSocket-Protocol: chat\r\n";
    use ResponseError as E;
    for (line, replacement, expected) in [
        ("101", "200", Some(E::Refused { status: 200 })),
        ("HTTP/1.1", "HTTP/1.0", Some(E::HttpVersion)),
        (" Switching Protocols", "", None),
        (" Switching Protocols", " ", None),
        (" Switching Protocols", " \u{e9}", None),
        (upgrade, "", Some(E::Upgrade)),
        (upgrade, "Upgrade: h2c\r\n", Some(E::Upgrade)),
        (upgrade, "Upgrade: websocket, h2c\r\n", Some(E::Upgrade)),
        (upgrade, "Upgrade: websocket\r\nUpgrade: h2c\r\n", Some(E::Upgrade)),
        (upgrade, "UPGRADE: WebSocket \r\n", None),
        (connection, "", Some(E::Connection)),
        (connection, "Connection: close\r\n", Some(E::Connection)),
        (connection, "connection: keep-alive,upgrade\r\n", None),
        (connection, "Connection: keep-alive\r\nConnection: UPGRADE\r\n", None),
        (accept, "", Some(E::Accept)),
        (accept, "Sec-WebSocket-Accept:\r\n", Some(E::Accept)),
        (accept, "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", Some(E::Accept)),
        (accept, "Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n", Some(E::Accept)),
        (accept, "sec-websocket-accept:\t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t\r\n", None),
        (protocol, "", None),
        (protocol, "Sec-WebSocket-Protocol: superchat\r\n", None),
        (protocol, "Sec-WebSocket-Protocol: Chat\r\n", Some(E::SubProtocolNotOffered)),
        (protocol, "Sec-WebSocket-Protocol: other\r\n", Some(E::SubProtocolNotOffered)),
        (protocol, "Sec-WebSocket-Protocol:\r\n", Some(E::SubProtocol)),
        (protocol, "Sec-WebSocket-Protocol: chat, superchat\r\n", Some(E::SubProtocol)),
        (protocol, "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n", Some(E::SubProtocol)),
        (protocol, "Sec-WebSocket-Extensions: x\r\n", None),
        (protocol, "Sec-WebSocket-Extensions: permessage-deflate; a=1, x\r\n", None),
        (protocol, "Sec-WebSocket-Extensions: y\r\n", Some(E::ExtensionNotOffered)),
        (protocol, "Sec-WebSocket-Extensions: x\r\nSec-WebSocket-Extensions: y\r\n", Some(E::ExtensionNotOffered)),
        (protocol, "Sec-WebSocket-Extensions:\r\n", Some(E::Extensions)),
        (protocol, "Sec-WebSocket-Extensions: x;\r\n", Some(E::Extensions)),
        ("HTTP/1.1 101", "HTTP/1.1 1O1", Some(E::StatusLine)),
        ("HTTP/1.1 101", "HTTP/1.1 1010", Some(E::StatusLine)),
        ("HTTP/1.1 101", "HTTP/1.1 10", Some(E::StatusLine)),
        ("HTTP/1.1 101", "HTTP/2 101", Some(E::HttpVersion)),
        ("HTTP/1.1 101", "SSH-2.0-x", Some(E::HttpVersion)),
        (upgrade, "Upgrade: websocket\n", Some(E::LineEnd)),
        (upgrade, "Upgrade : websocket\r\n", Some(E::HeaderName)),
        (upgrade, "Upgrade:\r\n websocket\r\n", Some(E::HeaderName)),
        (upgrade, "Upgrade: web\0socket\r\n", Some(E::HeaderValue)),
    ] {
        assert!(RFC.contains(line), "{line}");
        assert_eq!(verify(&RFC.replace(line, replacement)).err(), expected, "{replacement:?} instead of {line:?}");
    }
}

#[test]
fn nothing_may_be_chosen_when_nothing_was_offered() {
    let (response, _) = Response::parse(RFC.as_bytes()).unwrap().unwrap();
    assert_eq!(response.verify(KEY, &Offer::default()).unwrap_err(), ResponseError::SubProtocolNotOffered);
    let agreement = response.verify_upgrade(KEY, &[]).unwrap();
    assert_eq!(agreement.sub_protocol, Some("chat"), "here the caller checks it");
}

#[test]
fn the_extensions_that_were_chosen_are_visible() {
    let input = RFC.replace("Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate; a=1");
    let agreement = verify(&input).unwrap();
    assert_eq!(agreement.sub_protocol, None);
    let extension = agreement.extensions().next().unwrap();
    assert_eq!(extension.name(), "permessage-deflate");
    assert_eq!(extension.parameters().collect::<Vec<_>>(), [("a", Some("1"))]);
}

#[test]
fn a_refusal_shows_its_status_headers_and_body() {
    let input =
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\nlog in";
    let (response, head_len) = Response::parse(input).unwrap().unwrap();
    assert_eq!(response.verify(KEY, &OFFER).unwrap_err(), ResponseError::Refused { status: 401 });
    assert_eq!((response.status(), response.reason()), (401, "Unauthorized"));
    assert_eq!(response.header("www-authenticate"), Some("Basic"));
    assert_eq!(response.headers().filter(|(name, _)| *name == "Set-Cookie").count(), 2);
    assert_eq!(&input[head_len..], b"log in");
}

#[test]
fn a_refusal_in_http_1_0_is_a_refusal() {
    let result = verify("HTTP/1.0 403\r\n\r\n");
    assert_eq!(result.unwrap_err(), ResponseError::Refused { status: 403 });
}

#[test]
fn as_many_headers_as_allowed_and_one_more() {
    let head = |count: usize| format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(count));
    assert!(Response::parse(head(MAX_HEADERS).as_bytes()).is_ok());
    assert_eq!(Response::parse(head(MAX_HEADERS + 1).as_bytes()).unwrap_err(), ResponseError::TooManyHeaders);
}

#[test]
fn cut_at_every_byte_a_head_is_incomplete_until_its_end() {
    for len in 0..RFC.len() {
        assert!(Response::parse(&RFC.as_bytes()[..len]).unwrap().is_none(), "{len}");
    }
}

#[test]
fn interim_responses_are_passed_over_wherever_they_are_cut() {
    let input = format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{RFC}ab");
    let head_len = input.len() - 2;
    for len in 0..head_len {
        assert!(Response::parse(&input.as_bytes()[..len]).unwrap().is_none(), "{len}");
    }
    let (response, len) = Response::parse(input.as_bytes()).unwrap().unwrap();
    assert_eq!((response.status(), len), (101, head_len));
    assert_eq!(response.verify(KEY, &OFFER).unwrap().sub_protocol, Some("chat"));
}
