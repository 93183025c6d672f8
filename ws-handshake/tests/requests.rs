//! What a server reads: upgrades and plain requests, and every rule of RFC 6455, section 4.2.1.

use ws_handshake::{Request, RequestError};

/// The request of RFC 6455, section 1.2.
const RFC: &str = "GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://example.com\r\n\
    Sec-WebSocket-Protocol: chat, superchat\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// The lines that ask for a WebSocket.
const UPGRADE: &str = "Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n";

const CHROME: &str = "GET /chat?room=1 HTTP/1.1\r\n\
    Host: 192.168.1.7:1337\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\n\
    Origin: http://192.168.1.7:1337\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate\r\n\
    Accept-Language: en-US,en;q=0.9\r\n\
    Cookie: session=abc; theme=dark\r\n\
    Sec-WebSocket-Key: lrgMSVu8MWnSGIQUxuKqZw==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
    Sec-WebSocket-Protocol: chat\r\n\r\n";

const FIREFOX: &str = "GET /chat HTTP/1.1\r\n\
    Host: localhost:1337\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0\r\n\
    Accept: */*\r\n\
    Accept-Language: en-US,en;q=0.5\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Origin: http://localhost:1337\r\n\
    Sec-WebSocket-Extensions: permessage-deflate\r\n\
    Sec-WebSocket-Key: 1kmTRgfUbbcNmMWrKYZLMQ==\r\n\
    DNT: 1\r\n\
    Connection: keep-alive, Upgrade\r\n\
    Sec-Fetch-Dest: empty\r\n\
    Sec-Fetch-Mode: websocket\r\n\
    Sec-Fetch-Site: same-origin\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    Upgrade: websocket\r\n\r\n";

fn parse(input: &str) -> Request<'_> {
    let (request, head_len) = Request::parse(input.as_bytes()).unwrap().expect("a whole head");
    assert_eq!(head_len, input.len());
    request
}

/// The error of the request of section 1.2 with one line replaced by another, which may be none or several.
fn error_with(line: &str, replacement: &str) -> Option<RequestError> {
    assert!(RFC.contains(line), "{line}");
    let input = RFC.replace(line, replacement);
    match Request::parse(input.as_bytes()) {
        Ok(Some((request, _))) => match request.upgrade() {
            Ok(upgrade) => {
                assert!(upgrade.is_some(), "taken for a plain request: {input}");
                None
            }
            Err(error) => Some(error),
        },
        Ok(None) => panic!("incomplete: {input}"),
        Err(error) => Some(error),
    }
}

#[test]
fn the_request_of_section_1_2() {
    let request = parse(RFC);
    assert_eq!((request.method(), request.target(), request.path(), request.query()), ("GET", "/chat", "/chat", None));
    assert_eq!(request.host(), Some("server.example.com"));
    assert_eq!(request.origin(), Some("http://example.com"));
    assert_eq!(request.header("uPGRADE"), Some("websocket"));
    assert_eq!(request.header("X"), None);
    assert_eq!(request.headers().count(), 7);
    assert_eq!(request.headers().last(), Some(("Sec-WebSocket-Version", b"13".as_slice())));

    let upgrade = request.upgrade().unwrap().unwrap();
    assert_eq!(upgrade.key().as_str(), "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(upgrade.sub_protocols().collect::<Vec<_>>(), ["chat", "superchat"]);
    assert_eq!(upgrade.extensions().count(), 0);
}

#[test]
fn a_head_that_was_parsed_is_the_same_again() {
    let plain = "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n";
    for head in [RFC, CHROME, FIREFOX, plain, "\r\n\r\nPOST / HTTP/1.0\r\n\r\n"] {
        let request = parse(head);
        let again = Request::parse_again(head.as_bytes()).unwrap();
        assert_eq!(format!("{again:?}"), format!("{request:?}"));
        assert!(again.headers().eq(request.headers()));
        let upgrade = request.upgrade().unwrap();
        assert_eq!(format!("{:?}", again.upgrade_again()), format!("{upgrade:?}"));
    }
    for other in ["", "\r\n", "\n", "GET", "GET /", "\u{e9} \u{e9}", " "] {
        assert!(Request::parse_again(other.as_bytes()).is_none(), "{other:?}");
    }
}

#[test]
fn browsers_are_understood() {
    let chrome = parse(CHROME);
    assert_eq!((chrome.path(), chrome.query()), ("/chat", Some("room=1")));
    assert_eq!(chrome.origin(), Some("http://192.168.1.7:1337"));
    let upgrade = chrome.upgrade().unwrap().unwrap();
    let extension = upgrade.extensions().next().unwrap();
    assert_eq!(extension.name(), "permessage-deflate");
    assert_eq!(extension.parameters().collect::<Vec<_>>(), [("client_max_window_bits", None)]);
    assert_eq!(upgrade.select_sub_protocol(&["echo", "chat"]), Some("chat"));

    let upgrade = parse(FIREFOX).upgrade().unwrap().unwrap();
    assert_eq!(upgrade.key().as_str(), "1kmTRgfUbbcNmMWrKYZLMQ==");
    assert_eq!(upgrade.sub_protocols().count(), 0);
}

#[test]
fn a_plain_request_is_a_request() {
    for input in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert!(parse(input).upgrade().unwrap().is_none(), "{input}");
    }
}

#[test]
fn path_and_query() {
    for (target, path, query) in [
        ("/", "/", None),
        ("/a/b?c=d?e", "/a/b", Some("c=d?e")),
        ("/?", "/", Some("")),
        ("/go?to=http://x/y", "/go", Some("to=http://x/y")),
        ("/a:b", "/a:b", None),
        ("/a://b/c", "/a://b/c", None),
        ("http://device.local/chat?x=1", "/chat", Some("x=1")),
        ("HTTP://device.local:80/", "/", None),
        ("ws://device.local", "/", None),
        ("http://device.local?x=1", "/", Some("x=1")),
        ("http://[::1]:80/a", "/a", None),
        ("*", "*", None),
        ("device.local:80", "device.local:80", None), // CONNECT
    ] {
        let input = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        let request = parse(&input);
        assert_eq!((request.target(), request.path(), request.query()), (target, path, query));
    }
}

/// RFC 9112, section 3.2.2.
#[test]
fn the_host_of_an_absolute_target_goes_before_that_of_the_header() {
    for (target, host) in [
        ("/", Some("a:1")),
        ("http://b:2/", Some("b:2")),
        ("https://[::1]", Some("[::1]")),
        ("http://b?x=//c", Some("b")),
        ("/?to=http://b/", Some("a:1")),
        ("?to=http://b/", Some("a:1")),
        ("http:///", None),
        ("http://", None),
        ("http://b@c/", None),
        ("http://b:c/", None),
        ("x://b c/", None),
        ("file:///etc", None),
    ] {
        let input = format!("GET {target} HTTP/1.1\r\nHost: a:1\r\n\r\n");
        match host {
            Some(host) => assert_eq!(parse(&input).host(), Some(host), "{target}"),
            None => assert!(Request::parse(input.as_bytes()).is_err(), "{target}"),
        }
    }
}

/// RFC 9112, section 3.2, for whatever the client wants.
#[test]
fn a_request_has_one_valid_host_and_only_http_1_0_may_leave_it_out() {
    for (hosts, valid) in [
        ("Host: a\r\n", true),
        ("HOST: A.local.\r\n", true),
        ("Host: a:\r\n", true),
        ("Host: 127.0.0.1:1337\r\n", true),
        ("Host: [fe80::1]:1337\r\n", true),
        ("Host: [::ffff:1.2.3.4]\r\n", true),
        ("Host: 2130706433\r\n", true),
        ("Host: a\r\nHost: a\r\n", false),
        ("Host: a\r\nX: y\r\nhost: b\r\n", false),
        ("Host:\r\n", false),
        ("Host: \r\n", false),
        ("Host: a b\r\n", false),
        ("Host: a, b\r\n", false),
        ("Host: a/b\r\n", false),
        ("Host: a@b\r\n", false),
        ("Host: http://a\r\n", false),
        ("Host: :80\r\n", false),
        ("Host: ::1\r\n", false),
        ("Host: a:b\r\n", false),
        ("Host: [a]:1\r\n", false),
        ("Host: \u{e9}\r\n", false),
    ] {
        for (version, lines) in [("1.0", ""), ("1.1", ""), ("1.1", UPGRADE)] {
            let input = format!("GET / HTTP/{version}\r\n{hosts}{lines}\r\n");
            let error = Request::parse(input.as_bytes()).err();
            assert_eq!(error, (!valid).then_some(RequestError::Host), "{input:?}");
        }
    }
    assert_eq!(RequestError::Host.status(), 400);

    assert_eq!(parse("GET / HTTP/1.0\r\n\r\n").host(), None);
    for input in ["GET / HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n", "GET http://a/ HTTP/1.1\r\n\r\n"] {
        assert_eq!(Request::parse(input.as_bytes()).err(), Some(RequestError::Host), "{input:?}");
    }
    let input = format!("GET / HTTP/1.1\r\n{UPGRADE}\r\n");
    assert_eq!(Request::parse(input.as_bytes()).err(), Some(RequestError::Host));
}

#[test]
fn every_rule_of_section_4_2_1_has_its_error() {
    let host = "Host: server.example.com\r\n";
    let upgrade = "Upgrade: websocket\r\n";
    let connection = "Connection: Upgrade\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let version = "Sec-WebSocket-Version: 13\r\n";
    let origin = "Origin: http://example.com\r\n";
    use RequestError as E;
    for (line, replacement, expected) in [
        ("GET ", "POST ", Some(E::Method)),
        ("GET ", "get ", Some(E::Method)),
        ("GET ", "GETS ", Some(E::Method)),
        ("HTTP/1.1", "HTTP/1.0", Some(E::HttpVersion)),
        ("HTTP/1.1", "HTTP/2.0", Some(E::HttpVersion)),
        ("HTTP/1.1", "HTTP/1.11", Some(E::LineEnd)),
        ("/chat", "/chat?room=1", None),
        ("/chat", "http://server.example.com", None),
        ("/chat", "HTTPS://server.example.com:443/chat?room=1", None),
        ("/chat", "http://[::1]?room=1", None),
        ("/chat", "ws://server.example.com/chat", Some(E::Target)),
        ("/chat", "gopher://server.example.com/chat", Some(E::Target)),
        ("/chat", "server.example.com:80", Some(E::Target)),
        ("/chat", "chat", Some(E::Target)),
        ("/chat", "?room=1", Some(E::Target)),
        ("/chat", "*", Some(E::Target)),
        ("/chat", "/chat#room", Some(E::Target)),
        ("/chat", "http://server.example.com#room", Some(E::Target)),
        ("/chat", "http:///chat", Some(E::Host)),
        ("/chat", "http://user@server.example.com/chat", Some(E::Host)),
        (host, "", Some(E::Host)),
        (host, "HOST: A.local.\r\n", None),
        (upgrade, "", Some(E::Upgrade)),
        (upgrade, "Upgrade: h2c\r\n", Some(E::Upgrade)),
        (upgrade, "Upgrade: websockets\r\n", Some(E::Upgrade)),
        (upgrade, "Upgrade: websocket/13\r\n", Some(E::Upgrade)),
        (upgrade, "upgrade: WebSocket\r\n", None),
        (upgrade, "Upgrade: h2c ,WEBSOCKET\r\n", None),
        (upgrade, "Upgrade: h2c\r\nUpgrade: websocket\r\n", None),
        (connection, "", Some(E::Connection)),
        (connection, "Connection: close\r\n", Some(E::Connection)),
        (connection, "Connection: Upgrade-Insecure\r\n", Some(E::Connection)),
        (connection, "Connection: keep-alive, Upgrade\r\n", None),
        (connection, "connection: keep-alive,upgrade,x\r\n", None),
        (connection, "Connection: keep-alive\r\nConnection: , UPGRADE\t,\r\n", None),
        (version, "", Some(E::Version)),
        (version, "Sec-WebSocket-Version: 8\r\n", Some(E::Version)),
        (version, "Sec-WebSocket-Version: 013\r\n", Some(E::Version)),
        (version, "Sec-WebSocket-Version: 13, 8\r\n", Some(E::Version)),
        (version, "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n", Some(E::Version)),
        (version, "sec-websocket-version:13\r\n", None),
        (key, "", Some(E::Key)),
        (key, "Sec-WebSocket-Key:\r\n", Some(E::Key)),
        (key, "Sec-WebSocket-Key: x\r\n", Some(E::Key)),
        (key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n", Some(E::Key)),
        (key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ\u{e9}==\r\n", Some(E::Key)),
        (
            key,
            "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==\r\n",
            Some(E::Key),
        ),
        (key, "Sec-WebSocket-Key: \t AQIDBAUGBwgJCgsMDQ4PEC== \r\n", None),
        (origin, "", None),
        (origin, "Origin: null\r\n", None),
        (origin, "Origin: http://a\r\nOrigin: http://b\r\n", Some(E::Origin)),
        (origin, "Origin: http://\u{e9}\r\n", Some(E::Origin)),
        (origin, "Content-Length: 0\r\n", None),
        (origin, "Content-Length: 1\r\n", Some(E::Body)),
        (origin, "Content-Length: 0\r\nContent-Length: 10\r\n", Some(E::Body)),
        (origin, "Content-Length: -0\r\n", Some(E::Body)),
        (origin, "Content-Length:\r\n", Some(E::Body)),
        (origin, "Transfer-Encoding: chunked\r\n", Some(E::Body)),
        (origin, "Transfer-Encoding: identity\r\n", Some(E::Body)),
    ] {
        assert_eq!(error_with(line, replacement), expected, "{replacement:?} instead of {line:?}");
    }
}

#[test]
fn a_version_that_is_not_13_is_told_which_one_would_do() {
    let error = error_with("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 8\r\n").unwrap();
    assert_eq!(error.status(), 426);
    let mut out = [0; 200];
    let len = error.reply().encode(&mut out).unwrap();
    assert_eq!(
        core::str::from_utf8(&out[..len]).unwrap(),
        "HTTP/1.1 426 Upgrade Required\r\n\
         Connection: Upgrade, close\r\n\
         Upgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Content-Length: 0\r\n\r\n"
    );
}

#[test]
fn cut_at_every_byte_a_head_is_incomplete_until_its_end() {
    for head in [RFC, CHROME, FIREFOX, "\r\nGET / HTTP/1.0\r\n\r\n"] {
        for len in 0..head.len() {
            assert!(Request::parse(&head.as_bytes()[..len]).unwrap().is_none(), "{len}");
        }
        parse(head);
    }
}
