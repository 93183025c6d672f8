//! What we send: the exact bytes, into buffers of every size, and nothing that a value could smuggle in.

use ws_handshake::{Acceptance, ClientRequest, EncodeError, Reply};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

type Encode<'a> = &'a dyn Fn(&mut [u8]) -> Result<usize, EncodeError>;

/// Encodes into buffers of every size up to the one that is needed, and checks that nothing else is written to.
fn encoded(encode: Encode<'_>) -> String {
    let Err(EncodeError::BufferTooSmall { needed }) = encode(&mut []) else { panic!("it is not empty") };
    for size in 0..needed {
        let mut out = vec![0xa5; needed + 10];
        assert_eq!(encode(&mut out[..size]), Err(EncodeError::BufferTooSmall { needed }), "{size}");
        assert!(out[size..].iter().all(|byte| *byte == 0xa5), "{size}");
    }
    let mut exact = vec![0xa5; needed];
    assert_eq!(encode(&mut exact), Ok(needed));
    let mut roomy = vec![0xa5; needed + 10];
    assert_eq!(encode(&mut roomy), Ok(needed));
    assert_eq!(roomy[..needed], exact);
    assert_eq!(roomy[needed..], [0xa5; 10]);
    assert!(!exact.contains(&0xa5));
    String::from_utf8(exact).unwrap()
}

fn request(request: &ClientRequest<'_>) -> String {
    encoded(&|out| request.encode(KEY, out))
}

fn request_error(request: &ClientRequest<'_>) -> Option<EncodeError> {
    request.encode(KEY, &mut [0; 1000]).err()
}

#[test]
fn a_request_with_everything() {
    let full = ClientRequest {
        port: Some(8443),
        secure: true,
        sub_protocols: &["chat", "superchat"],
        extensions: Some("permessage-deflate; client_max_window_bits"),
        origin: Some("https://example.com"),
        headers: &[("Authorization", "Bearer abc"), ("Cookie", "a=b; c=d"), ("X-Empty", "")],
        ..ClientRequest::new("server.example.com", "/chat?x=1")
    };
    assert_eq!(
        request(&full),
        "GET /chat?x=1 HTTP/1.1\r\n\
         Host: server.example.com:8443\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Protocol: chat, superchat\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
         Origin: https://example.com\r\n\
         Authorization: Bearer abc\r\n\
         Cookie: a=b; c=d\r\n\
         X-Empty: \r\n\r\n"
    );
}

#[test]
fn the_host_has_the_port_unless_it_is_the_default() {
    for (host, port, secure, expected) in [
        ("a", None, false, "a"),
        ("a", None, true, "a"),
        ("a", Some(80), false, "a"),
        ("a", Some(80), true, "a:80"),
        ("a", Some(443), true, "a"),
        ("a", Some(443), false, "a:443"),
        ("a", Some(0), false, "a:0"),
        ("a", Some(9), false, "a:9"),
        ("a", Some(10), false, "a:10"),
        ("a", Some(65535), true, "a:65535"),
        ("127.0.0.1", Some(1337), false, "127.0.0.1:1337"),
        ("::1", None, false, "[::1]"),
        ("::1", Some(1337), false, "[::1]:1337"),
        ("[fe80::1]", Some(1337), false, "[fe80::1]:1337"),
        ("::ffff:1.2.3.4", None, false, "[::ffff:1.2.3.4]"),
        ("my_device.local.", None, false, "my_device.local."),
    ] {
        let text = request(&ClientRequest { port, secure, ..ClientRequest::new(host, "/") });
        assert_eq!(text.lines().nth(1), Some(format!("Host: {expected}").as_str()));
    }
}

#[test]
fn the_host_is_a_host() {
    for host in [
        "",
        " ",
        "a b",
        "a:80",
        "localhost:1337",
        "1:2",
        "a/b",
        "a@b",
        "a#b",
        "a?b",
        "a\\b",
        "\u{e9}",
        "[]",
        "[::1",
        "::1]",
        "[a]",
        "[::1]:80",
        "fe80::1%eth0",
        "a\r\nX: y",
        "a\n",
        "a\0",
    ] {
        assert_eq!(request_error(&ClientRequest::new(host, "/")), Some(EncodeError::InvalidHost), "{host:?}");
    }
}

#[test]
fn the_path_is_a_path() {
    assert!(request(&ClientRequest::new("a", "")).starts_with("GET / HTTP/1.1\r\n"));
    assert!(request(&ClientRequest::new("a", "/a%20b?c=d&e")).starts_with("GET /a%20b?c=d&e HTTP/1.1\r\n"));
    for path in [
        "chat",
        "?a",
        "*",
        "http://a/",
        "/a b",
        "/a#b",
        "/\u{e9}",
        "/\t",
        "/\u{7f}",
        "/ HTTP/1.1\r\nX: y",
        "/\n",
        "/\r",
        "/\0",
        " ",
    ] {
        assert_eq!(request_error(&ClientRequest::new("a", path)), Some(EncodeError::InvalidTarget), "{path:?}");
    }
}

#[test]
fn the_key_is_a_key() {
    for key in ["", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==\r\nX: y"] {
        let mut out = [0; 1000];
        assert_eq!(ClientRequest::new("a", "/").encode(key, &mut out), Err(EncodeError::InvalidKey), "{key:?}");
        assert_eq!(Acceptance::new(key).encode(&mut out), Err(EncodeError::InvalidKey), "{key:?}");
    }
}

#[test]
fn sub_protocols_are_different_tokens() {
    for names in [
        ["", "b"],
        ["a", "b c"],
        ["a,b", "c"],
        ["a", "\u{e9}"],
        ["a/b", "c"],
        ["a\r\nX: y", "c"],
        ["a\n", "c"],
        ["a\0", "c"],
        ["a", "a"],
    ] {
        let request = ClientRequest { sub_protocols: &names, ..ClientRequest::new("a", "/") };
        assert_eq!(request_error(&request), Some(EncodeError::InvalidSubProtocol), "{names:?}");
    }
    for name in ["", "a b", "a,b", "a\r\nX: y", "\u{e9}", "a\0"] {
        let acceptance = Acceptance { sub_protocol: Some(name), ..Acceptance::new(KEY) };
        assert_eq!(acceptance.encode(&mut [0; 1000]), Err(EncodeError::InvalidSubProtocol), "{name:?}");
    }
}

#[test]
fn extensions_keep_to_the_grammar() {
    for list in ["", " ", ",", "a;", "a b", "a\r\nX: y", "a;b=\"\r\n\"", "\u{e9}", "a\0"] {
        let request = ClientRequest { extensions: Some(list), ..ClientRequest::new("a", "/") };
        assert_eq!(request_error(&request), Some(EncodeError::InvalidExtensions), "{list:?}");
        let acceptance = Acceptance { extensions: Some(list), ..Acceptance::new(KEY) };
        assert_eq!(acceptance.encode(&mut [0; 1000]), Err(EncodeError::InvalidExtensions), "{list:?}");
    }
}

#[test]
fn the_origin_is_an_origin() {
    for origin in ["", " ", "http://a b", "http://a\r\nX: y", "http://a\n", "http://a\0", "http://\u{e9}"] {
        let request = ClientRequest { origin: Some(origin), ..ClientRequest::new("a", "/") };
        assert_eq!(request_error(&request), Some(EncodeError::InvalidOrigin), "{origin:?}");
    }
}

#[test]
fn the_origin_can_be_one_of_the_headers_but_is_sent_once() {
    let headers = &[("Origin", "http://a")];
    let request = ClientRequest { headers, ..ClientRequest::new("a", "/") };
    assert_eq!(request_error(&request), None);
    let twice = ClientRequest { origin: Some("http://a"), ..request };
    assert_eq!(request_error(&twice), Some(EncodeError::ReservedHeader));
}

/// What every kind of head says to these headers.
fn headers_error(headers: &[(&str, &str)]) -> Option<EncodeError> {
    let mut out = [0; 1000];
    let results = [
        ClientRequest { headers, ..ClientRequest::new("a", "/") }.encode(KEY, &mut out),
        Acceptance { headers, ..Acceptance::new(KEY) }.encode(&mut out),
        Reply::new(200).with_headers(headers).encode(&mut out),
        Reply::new(200).with_headers(headers).encode_head(&mut out),
    ];
    let error = results[0].err();
    assert!(results.iter().all(|result| result.err() == error), "{headers:?}: {results:?}");
    error
}

#[test]
fn no_header_can_be_injected() {
    for name in ["", " ", "a b", "a:", "a ", "\u{e9}", "a\r\nX", "a\n", "a\r", "a\0", "a\t"] {
        assert_eq!(headers_error(&[("ok", "ok"), (name, "v")]), Some(EncodeError::InvalidHeaderName), "{name:?}");
    }
    for value in ["\r\nX: y", "a\r\n\r\n", "a\n", "\n", "a\rb", "a\0b", "\u{1b}", "\u{7f}"] {
        assert_eq!(headers_error(&[("a", "ok"), ("a", value)]), Some(EncodeError::InvalidHeaderValue), "{value:?}");
    }
    for value in ["", " a\tb ", "\u{e9}", "a: b", "\"a, b\""] {
        assert_eq!(headers_error(&[("a", value)]), None, "{value:?}");
    }
}

#[test]
fn the_handshake_s_own_headers_are_reserved() {
    for name in [
        "Host",
        "host",
        "UPGRADE",
        "connection",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Key",
        "sec-websocket-accept",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
        "SEC-WEBSOCKET-",
        "Sec-WebSocket-Whatever",
    ] {
        assert_eq!(headers_error(&[(name, "v")]), Some(EncodeError::ReservedHeader), "{name:?}");
    }
    for name in ["Sec-WebSocket", "Sec-WebSockets-X", "Hosts", "X-Host", "Content-Type", "Sec-Fetch-Mode"] {
        assert_eq!(headers_error(&[(name, "v")]), None, "{name:?}");
    }
}

#[test]
fn what_is_wrong_is_said_before_what_is_too_small() {
    let request = ClientRequest { headers: &[("a", "\n")], ..ClientRequest::new("a", "/") };
    assert_eq!(request.encode(KEY, &mut []), Err(EncodeError::InvalidHeaderValue));
}

#[test]
fn an_acceptance_with_everything() {
    let acceptance = Acceptance {
        key: KEY,
        sub_protocol: Some("chat"),
        extensions: Some("permessage-deflate; server_no_context_takeover"),
        headers: &[("Server", "device"), ("Set-Cookie", "a=b")],
    };
    assert_eq!(
        encoded(&|out| acceptance.encode(out)),
        "HTTP/1.1 101 Switching Protocols\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
         Sec-WebSocket-Protocol: chat\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\
         Server: device\r\n\
         Set-Cookie: a=b\r\n\r\n"
    );
}

#[test]
fn the_ready_made_replies() {
    for (reply, status_line) in [
        (Reply::BAD_REQUEST, "400 Bad Request"),
        (Reply::FORBIDDEN, "403 Forbidden"),
        (Reply::NOT_FOUND, "404 Not Found"),
        (Reply::HEAD_TOO_LARGE, "431 Request Header Fields Too Large"),
        (Reply::UNAVAILABLE, "503 Service Unavailable"),
        (Reply::new(299), "299 "),
    ] {
        let expected = format!("HTTP/1.1 {status_line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(encoded(&|out| reply.encode(out)), expected);
        assert_eq!(encoded(&|out| reply.encode_head(out)), expected);
    }
    assert_eq!(
        encoded(&|out| Reply::UPGRADE_REQUIRED.encode(out)),
        "HTTP/1.1 426 Upgrade Required\r\n\
         Connection: Upgrade, close\r\n\
         Upgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Content-Length: 0\r\n\r\n"
    );
}

#[test]
fn a_page_and_its_head() {
    let page = Reply::new(200).with_headers(&[("Content-Type", "text/html"), ("Cache-Control", "no-store")]);
    let page = page.with_body(b"<!doctype html>\r\n\r\n");
    let head = "HTTP/1.1 200 OK\r\n\
        Connection: close\r\n\
        Content-Length: 19\r\n\
        Content-Type: text/html\r\n\
        Cache-Control: no-store\r\n\r\n";
    assert_eq!(encoded(&|out| page.encode_head(out)), head);
    assert_eq!(encoded(&|out| page.encode(out)), format!("{head}<!doctype html>\r\n\r\n"));
}

#[test]
fn the_length_of_a_body_is_exact() {
    let body = vec![b'x'; 100_000];
    for len in [0, 1, 9, 10, 99, 100, 12_345, 100_000] {
        let mut head = [0; 100];
        let head_len = Reply::new(200).with_body(&body[..len]).encode_head(&mut head).unwrap();
        let head = core::str::from_utf8(&head[..head_len]).unwrap();
        assert!(head.contains(&format!("\r\nContent-Length: {len}\r\n")), "{head}");
    }
}

#[test]
fn statuses_without_a_body_have_none() {
    for (status, reason) in [(204, "No Content"), (304, "Not Modified")] {
        let reply = Reply::new(status).with_body(b"body");
        assert_eq!(
            encoded(&|out| reply.encode(out)),
            format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\n\r\n")
        );
    }
}

#[test]
fn a_reply_is_final() {
    for status in [0, 99, 100, 101, 199, 600, 1000, u16::MAX] {
        assert_eq!(Reply::new(status).encode(&mut [0; 100]), Err(EncodeError::InvalidStatus), "{status}");
    }
}
