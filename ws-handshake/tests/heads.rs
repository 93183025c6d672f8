//! The form of an HTTP head: what is refused because programs read it in different ways, limits, and where it is cut.

use ws_handshake::{MAX_HEADERS, Request, RequestError, Response};

const REQUEST: &str = "GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

fn parse(input: &str) -> Request<'_> {
    let (request, head_len) = Request::parse(input.as_bytes()).unwrap().expect("a whole head");
    assert_eq!(head_len, input.len());
    request
}

#[test]
fn header_values_are_trimmed_and_may_be_empty_or_not_text() {
    let input = b"GET / HTTP/1.0\r\nA:b\r\nA: \t second \t\r\nEmpty:\r\nBlank:  \r\nBytes: \xff\r\nColon: a:b\r\n\r\n";
    let (request, _) = Request::parse(input).unwrap().unwrap();
    let headers: Vec<_> = request.headers().collect();
    let expected: [(&str, &[u8]); 6] =
        [("A", b"b"), ("A", b"second"), ("Empty", b""), ("Blank", b""), ("Bytes", b"\xff"), ("Colon", b"a:b")];
    assert_eq!(headers, expected);
    assert_eq!(request.header("a"), Some("b"));
    assert_eq!(request.header("empty"), Some(""));
    assert_eq!(request.header("bytes"), None);
}

#[test]
fn every_shape_that_programs_read_differently_is_refused() {
    let host = "Host: server.example.com\r\n";
    use RequestError as E;
    for (line, replacement, expected) in [
        ("GET /chat", "GET  /chat", E::RequestLine),
        ("GET /chat", "G@T /chat", E::RequestLine),
        ("GET /chat", " GET /chat", E::RequestLine),
        ("GET /chat", "GET", E::RequestLine),
        ("GET /chat", "GET /\u{1}", E::RequestLine),
        ("GET /chat", "\x16\x03\x01\x02", E::RequestLine), // TLS on the port of plain HTTP
        ("GET /chat HTTP/1.1", "GET /chat", E::RequestLine), // HTTP/0.9
        ("HTTP/1.1", "HTTX/1.1", E::HttpVersion),
        ("HTTP/1.1\r\n", "HTTP/1.1\n", E::LineEnd),
        ("HTTP/1.1\r\n", "HTTP/1.1 \r\n", E::LineEnd),
        ("HTTP/1.1\r\n", "HTTP/1.1\r\r\n", E::LineEnd),
        ("GET /chat", "\nGET /chat", E::LineEnd),
        (host, "Host: server.example.com\n", E::LineEnd),
        (host, "Host: server.example.com\r\nA: b\nC: d\r\n", E::LineEnd),
        ("13\r\n\r\n", "13\n\n", E::LineEnd),
        ("13\r\n\r\n", "13\r\n\n", E::LineEnd),
        ("13\r\n\r\n", "13\n\r\n", E::LineEnd),
        (host, "Host: a\r\n folded\r\n", E::HeaderName),
        (host, "Host: a\r\n\tfolded\r\n", E::HeaderName),
        (host, "Host : a\r\n", E::HeaderName),
        (host, "Host\t: a\r\n", E::HeaderName),
        (host, "Host\r\n", E::HeaderName),
        (host, ": a\r\n", E::HeaderName),
        (host, "H\u{f6}st: a\r\n", E::HeaderName),
        (host, "Ho\0st: a\r\n", E::HeaderName),
        (host, "Host: a\0b\r\n", E::HeaderValue),
        (host, "Host: a\rb\r\n", E::HeaderValue),
        (host, "Host: a\r\r\n", E::HeaderValue),
        (host, "Host: a\u{7f}\r\n", E::HeaderValue),
        (host, "Host: a\u{b}\r\n", E::HeaderValue),
    ] {
        assert!(REQUEST.contains(line), "{line}");
        let input = REQUEST.replace(line, replacement);
        assert_eq!(Request::parse(input.as_bytes()).err(), Some(expected), "{replacement:?} instead of {line:?}");
    }
}

#[test]
fn empty_lines_before_the_request_are_part_of_its_head() {
    let input = format!("\r\n\r\n{REQUEST}");
    assert!(parse(&input).upgrade().unwrap().is_some());
    assert_eq!(parse(&input).headers().count(), 5);
    assert!(Request::parse(b"\r\n\r\n\r\n").unwrap().is_none());
    assert!(Request::parse(b"").unwrap().is_none());
}

#[test]
fn as_many_headers_as_allowed_and_one_more() {
    let head = |count: usize| format!("GET / HTTP/1.0\r\n{}\r\n", "A: b\r\n".repeat(count));
    assert_eq!(parse(&head(MAX_HEADERS)).headers().count(), MAX_HEADERS);
    let error = Request::parse(head(MAX_HEADERS + 1).as_bytes()).unwrap_err();
    assert_eq!(error, RequestError::TooManyHeaders);
    assert_eq!((error.status(), error.reply().status), (431, 431));
    assert!(parse("GET / HTTP/1.0\r\n\r\n").headers().next().is_none());
}

#[test]
fn the_head_ends_where_it_ends_whatever_follows() {
    for rest in ["\u{1}", "\r\n\r\n", "\n", "\n\n", "GET / HTTP/1.1\r\n\r\n", "\0\0\0\0"] {
        let input = format!("{REQUEST}{rest}");
        let (request, head_len) = Request::parse(input.as_bytes()).unwrap().unwrap();
        assert_eq!(head_len, REQUEST.len());
        assert!(request.upgrade().unwrap().is_some());
        assert_eq!(request.headers().count(), 5);
    }
}

#[test]
fn cut_at_every_byte_a_malformed_head_is_incomplete_or_has_its_error() {
    for (input, expected) in [
        ("GET / HTTP/1.1\r\nA: b\nC : d\r\n\r\n", RequestError::LineEnd),
        ("GET / HTTP/1.1\r\nA : b\r\nC: d\n\r\n", RequestError::HeaderName),
        ("GET / HTTP/1.2\n\n", RequestError::HttpVersion),
        ("GET / HTTP/1.1\r\nA: b\r\n\n", RequestError::LineEnd),
        ("\r\n\n\r\n", RequestError::LineEnd),
        ("GET / HTTP/1.1\r\nA: \r\r\n\r\n", RequestError::HeaderValue),
        ("GET / HTTP/1.1\r\n\r\n", RequestError::Host),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", RequestError::Host),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", RequestError::Host),
        ("GET / HTTP/1.1\r\nHost: a b\r\nC : d\r\n\r\n", RequestError::HeaderName),
    ] {
        assert_eq!(Request::parse(input.as_bytes()).unwrap_err(), expected, "{input:?}");
        for len in 0..input.len() {
            match Request::parse(&input.as_bytes()[..len]) {
                Ok(parsed) => assert!(parsed.is_none(), "{input:?} {len}"),
                Err(error) => assert_eq!(error, expected, "{input:?} {len}"),
            }
        }
    }
}

#[test]
fn debug_shows_the_names_of_headers_and_none_of_their_values() {
    let input = REQUEST.replace("\r\n\r\n", "\r\nAuthorization: Basic c2VjcmV0\r\nCookie: session=c2VjcmV0\r\n\r\n");
    let request = parse(&input);
    let upgrade = request.upgrade().unwrap().unwrap();
    let input = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nAuthorization: c2VjcmV0\r\nCookie: c2VjcmV0\r\n\r\n";
    let (response, _) = Response::parse(input.as_bytes()).unwrap().unwrap();
    let agreement = response.verify_upgrade(upgrade.key(), &[]).unwrap();

    let secret = "c2VjcmV0";
    let as_numbers = format!("{:?}", secret.as_bytes());
    let as_numbers = as_numbers.trim_matches(['[', ']']);
    for text in [
        format!("{request:?}"),
        format!("{:?}", request.headers()),
        format!("{upgrade:?}"),
        format!("{response:?}"),
        format!("{agreement:?}"),
    ] {
        assert!(text.contains(r#""Upgrade", "Connection", "Sec-WebSocket-"#), "{text}");
        assert!(text.contains(r#""Authorization", "Cookie"]"#), "{text}");
        assert!(!text.contains(secret) && !text.contains(as_numbers), "{text}");
    }

    let mut rest = request.headers();
    rest.nth(5);
    assert_eq!(format!("{rest:?}"), r#"Headers { lines: ["Cookie"] }"#);
}
