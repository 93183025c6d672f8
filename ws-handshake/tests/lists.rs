//! What a client offers: lists of sub-protocols and of extensions, over one header line or several.

use ws_handshake::{Acceptance, EncodeError, MAX_SUB_PROTOCOLS, Request, RequestError, Upgrade};

/// A request for a WebSocket with these lines besides those that it needs.
fn request_with(lines: &str) -> String {
    format!(
        "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    )
}

/// Parses a request for a WebSocket, of which there is no doubt that it is one.
fn upgrade(input: &str) -> Result<Upgrade<'_>, RequestError> {
    let (request, _) = Request::parse(input.as_bytes()).unwrap().expect("a whole head");
    request.upgrade().map(|upgrade| upgrade.expect("not a plain request"))
}

#[test]
fn lists_by_their_grammar() {
    use RequestError as E;
    for (lines, expected) in [
        ("", None),
        ("Sec-WebSocket-Protocol: a,b\r\nSec-WebSocket-Protocol: c\r\n", None),
        ("Sec-WebSocket-Protocol: ,a ,, b,\r\n", None),
        ("Sec-WebSocket-Protocol: chat, Chat\r\n", None), // they are case-sensitive
        ("Sec-WebSocket-Protocol:\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Protocol: ,\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Protocol: a b\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Protocol: a/b\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Protocol: \"a\"\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Protocol: \u{e9}\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Protocol: a, b, a\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n", Some(E::SubProtocols)),
        ("Sec-WebSocket-Extensions: a\r\nSec-WebSocket-Extensions: b;c\r\n", None),
        ("Sec-WebSocket-Extensions:\r\n", Some(E::Extensions)),
        ("Sec-WebSocket-Extensions: a b\r\n", Some(E::Extensions)),
    ] {
        assert_eq!(upgrade(&request_with(lines)).err(), expected, "{lines:?}");
    }
}

#[test]
fn as_many_sub_protocols_as_allowed_and_one_more() {
    let list = |count: usize| (0..count).map(|n| format!("p{n}")).collect::<Vec<_>>().join(",");
    let header = |count: usize| format!("Sec-WebSocket-Protocol: {}\r\n", list(count));
    assert_eq!(upgrade(&request_with(&header(MAX_SUB_PROTOCOLS))).err(), None);
    assert_eq!(upgrade(&request_with(&header(MAX_SUB_PROTOCOLS + 1))).err(), Some(RequestError::SubProtocols));
}

#[test]
fn the_client_s_preference_decides() {
    let input = request_with("Sec-WebSocket-Protocol: chat, superchat\r\n");
    let upgrade = upgrade(&input).unwrap();
    for (supported, chosen) in [
        (["superchat", "chat"].as_slice(), Some("chat")),
        (&["superchat"], Some("superchat")),
        (&["CHAT"], None),
        (&["cha", "chatt"], None),
        (&[], None),
    ] {
        assert_eq!(upgrade.select_sub_protocol(supported), chosen);
    }
}

#[test]
fn only_an_offered_sub_protocol_is_accepted() {
    let input = request_with("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: superchat\r\n");
    let offering = upgrade(&input).unwrap();
    let input = request_with("");
    let offering_none = upgrade(&input).unwrap();
    let not_offered = Err(EncodeError::InvalidSubProtocol);
    for (upgrade, sub_protocol, expected) in [
        (&offering, Some("chat"), Ok(Some("chat"))),
        (&offering, Some("superchat"), Ok(Some("superchat"))),
        (&offering, None, Ok(None)),
        (&offering, Some("Chat"), not_offered),
        (&offering, Some("cha"), not_offered),
        (&offering, Some("chat, superchat"), not_offered),
        (&offering, Some("mqtt"), not_offered),
        (&offering, Some(""), not_offered),
        (&offering_none, None, Ok(None)),
        (&offering_none, Some("chat"), not_offered),
        (&offering_none, Some(""), not_offered),
    ] {
        let accepted = upgrade.accept(sub_protocol).map(|acceptance| acceptance.sub_protocol);
        assert_eq!(accepted, expected, "{sub_protocol:?}");
    }
}

#[test]
fn an_acceptance_answers_the_key_of_its_request_and_takes_more_headers() {
    let input = request_with("Sec-WebSocket-Protocol: chat\r\n");
    let upgrade = upgrade(&input).unwrap();
    let headers = &[("Server", "device")];
    let acceptance = Acceptance { headers, ..upgrade.accept(Some("chat")).unwrap() };
    let mut out = [0xa5; 300];
    let len = acceptance.encode(&mut out).unwrap();
    assert_eq!(
        core::str::from_utf8(&out[..len]).unwrap(),
        "HTTP/1.1 101 Switching Protocols\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
         Sec-WebSocket-Protocol: chat\r\n\
         Server: device\r\n\r\n"
    );
}

#[test]
fn extensions_by_the_grammar_of_section_9_1() {
    type Parsed<'a> = Vec<(&'a str, Vec<(&'a str, Option<&'a str>)>)>;
    let cases: &[(&str, Option<Parsed<'_>>)] = &[
        ("a", Some(vec![("a", vec![])])),
        ("a, b", Some(vec![("a", vec![]), ("b", vec![])])),
        (",a,,b ,", Some(vec![("a", vec![]), ("b", vec![])])),
        ("a;b;c=1;d=\"2\"", Some(vec![("a", vec![("b", None), ("c", Some("1")), ("d", Some("2"))])])),
        ("a ; b = 1 ,c; d= \"2\" ", Some(vec![("a", vec![("b", Some("1"))]), ("c", vec![("d", Some("2"))])])),
        ("a; b=\"\\1\"", Some(vec![("a", vec![("b", Some("\\1"))])])),
        (
            "permessage-deflate; client_max_window_bits=10, permessage-deflate",
            Some(vec![
                ("permessage-deflate", vec![("client_max_window_bits", Some("10"))]),
                ("permessage-deflate", vec![]),
            ]),
        ),
        ("", None),
        (" , ", None),
        (";", None),
        ("a;", None),
        ("a;;b", None),
        ("a;=1", None),
        ("a;b=", None),
        ("a;b==1", None),
        ("a;b=1=2", None),
        ("a;b=1 2", None),
        ("a b", None),
        ("a=b", None),
        ("\"a\"", None),
        ("a;b=\"", None),
        ("a;b=\"1", None),
        ("a;b=\"\"", None),
        ("a;b=\"1,2\"", None), // a comma is no part of a token
        ("a;b=\"1 2\"", None),
        ("a;b=\"1\\\"", None),
        ("a;b=\"\\\"\"", None),
        ("a;b=\"1\"2", None),
        ("a,\u{e9}", None),
    ];
    for (value, expected) in cases {
        let input = request_with(&format!("Sec-WebSocket-Extensions: {value}\r\n"));
        let parsed = upgrade(&input).map(|upgrade| {
            let extensions = upgrade.extensions();
            extensions.map(|extension| (extension.name(), extension.parameters().collect())).collect::<Parsed<'_>>()
        });
        assert_eq!(parsed.as_ref().ok(), expected.as_ref(), "{value:?}");
        assert_eq!(parsed.err(), expected.is_none().then_some(RequestError::Extensions), "{value:?}");
    }
}
