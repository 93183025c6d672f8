//! What a server must not take: request heads with the status that refuses them, frames with the close code that ends them.

use super::socket::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, UPGRADE, frame, masked};

/// A request head and how the response starts.
pub(super) struct Head {
    pub(super) what: &'static str,
    pub(super) request: String,
    pub(super) status: u16,
    /// A line that the response's head must have.
    pub(super) line: Option<&'static str>,
}

/// Heads for a server without options.
pub(super) fn heads() -> Vec<Head> {
    let head = |what, request: String, status| Head { what, request, status, line: None };
    let changed = |what, from: &str, to: &str, status| {
        assert!(UPGRADE.contains(from), "{from} is not in the request");
        head(what, UPGRADE.replace(from, to), status)
    };
    let version = Some("Sec-WebSocket-Version: 13");
    vec![
        head("plain request of the page", "GET / HTTP/1.1\r\nHost: server.example\r\n\r\n".into(), 200),
        head("plain request of another path", "GET /nowhere HTTP/1.1\r\nHost: server.example\r\n\r\n".into(), 404),
        head("plain request without Host", "GET / HTTP/1.1\r\n\r\n".into(), 400),
        head(
            "plain request with two Hosts",
            "GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n".into(),
            400,
        ),
        changed("upgrade at another path", "/chat", "/nowhere", 404),
        Head {
            line: version,
            ..head("plain request of /chat", "GET /chat HTTP/1.1\r\nHost: server.example\r\n\r\n".into(), 426)
        },
        Head { line: version, ..changed("version 12", "Version: 13", "Version: 12", 426) },
        Head { line: version, ..changed("no version", "Sec-WebSocket-Version: 13\r\n", "", 426) },
        changed("POST", "GET", "POST", 400),
        changed("no Host", "Host: server.example\r\n", "", 400),
        changed("two Hosts", "Host: server.example\r\n", "Host: a.example\r\nHost: b.example\r\n", 400),
        changed("no key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400),
        changed("key of 15 bytes", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 400),
        changed("key of 17 bytes", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZSE=", 400),
        changed("key of 48 characters", "dGhlIHNhbXBsZSBub25jZQ==", &"dGhlIHNhbXBsZSBub25jZQ==".repeat(2), 400),
        changed("key that is not base64", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j!!==", 400),
        changed("Connection without upgrade", "Connection: Upgrade", "Connection: keep-alive", 400),
        changed("request body", "\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello", 400),
        changed("folded header", "server.example\r\n", "server.example\r\n folded\r\n", 400),
        changed("space before the colon", "Upgrade: websocket", "Upgrade : websocket", 400),
        changed("sub-protocol with a space", "\r\n\r\n", "\r\nSec-WebSocket-Protocol: a b\r\n\r\n", 400),
        changed("empty list of sub-protocols", "\r\n\r\n", "\r\nSec-WebSocket-Protocol: \r\n\r\n", 400),
        head("not HTTP", "hello\r\n\r\n".into(), 400),
        changed("large head", "\r\n\r\n", &format!("\r\nCookie: {}\r\n\r\n", "c".repeat(5000)), 431),
        changed("many headers", "\r\n\r\n", &format!("\r\n{}\r\n", "X: y\r\n".repeat(60)), 431),
    ]
}

/// Frames after the opening handshake and the close code that ends the connection.
pub(super) struct Frames {
    pub(super) what: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) code: u16,
}

/// Every violation of the framing that a frame or two can commit.
pub(super) fn frames() -> Vec<Frames> {
    let frames = |what, bytes, code| Frames { what, bytes, code };
    let raw = |header: &[u8], payload: &[u8]| [header, &masked(payload)].concat();
    let close = |payload: &[u8]| frame(FIN | CLOSE, payload);
    vec![
        frames("RSV1", frame(FIN | 0x40 | TEXT, b"hello"), 1002),
        frames("RSV2", frame(FIN | 0x20 | TEXT, b"hello"), 1002),
        frames("RSV3 in a ping", frame(FIN | 0x10 | PING, b"hello"), 1002),
        frames("unmasked text", b"\x81\x05hello".to_vec(), 1002),
        frames("unmasked ping", b"\x89\x00".to_vec(), 1002),
        frames("reserved opcode 3", frame(FIN | 0x3, b"hello"), 1002),
        frames("reserved opcode 11", frame(FIN | 0xb, b"hello"), 1002),
        frames("fragmented ping", frame(PING, b"hello"), 1002),
        frames("fragmented close", frame(CLOSE, &[0x03, 0xe8]), 1002),
        frames("ping of 126 bytes", frame(FIN | PING, &[b'p'; 126]), 1002),
        frames("pong of 65536 bytes", frame(FIN | PONG, &[b'p'; 65536])[..14].to_vec(), 1002),
        frames("close of 126 bytes", close(&[&[0x03, 0xe8][..], &[b'r'; 124]].concat()), 1002),
        frames("16-bit length for 5 bytes", raw(&[FIN | TEXT, 0x80 | 126, 0, 5], b"hello"), 1002),
        frames("16-bit length for 125 bytes", raw(&[FIN | TEXT, 0x80 | 126, 0, 125], &[b't'; 125]), 1002),
        frames("64-bit length for 5 bytes", raw(&[FIN | TEXT, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 5], b"hello"), 1002),
        frames(
            "64-bit length for 65535 bytes",
            raw(&[FIN | BINARY, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], b""),
            1002,
        ),
        frames(
            "64-bit length, top bit set",
            raw(&[FIN | BINARY, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 5], b"hello"),
            1002,
        ),
        frames("64-bit length, all bits set", raw(&[&[FIN | BINARY, 0x80 | 127][..], &[0xff; 8]].concat(), b""), 1002),
        frames("continuation out of the blue", frame(FIN | CONTINUATION, b"hello"), 1002),
        frames(
            "continuation after the last fragment",
            [frame(TEXT, b"a"), frame(FIN | CONTINUATION, b"b"), frame(CONTINUATION, b"c")].concat(),
            1002,
        ),
        frames("message inside a message", [frame(TEXT, b"a"), frame(FIN | TEXT, b"b")].concat(), 1002),
        frames("message inside a message, unfinished", [frame(TEXT, b"a"), frame(BINARY, b"b")].concat(), 1002),
        frames("text that is not UTF-8", frame(FIN | TEXT, b"hell\xf6"), 1007),
        frames(
            "text that is not UTF-8, the frame unfinished",
            frame(FIN | TEXT, &[&b"hell\xffo"[..], &[b'.'; 94]].concat())[..13].to_vec(),
            1007,
        ),
        frames("text that ends inside a character", frame(FIN | TEXT, b"hell\xc3"), 1007),
        frames("text with a surrogate", frame(FIN | TEXT, b"\xed\xa0\x80"), 1007),
        frames("text with an overlong character", frame(FIN | TEXT, b"\xc0\xaf"), 1007),
        frames(
            "character cut by fragments, its rest wrong",
            [frame(TEXT, b"\xe2\x82"), frame(CONTINUATION, b"x")].concat(),
            1007,
        ),
        frames(
            "character cut by the last fragment",
            [frame(TEXT, b"a\xe2"), frame(FIN | PING, b""), frame(FIN | CONTINUATION, b"\x82")].concat(),
            1007,
        ),
        frames("close of 1 byte", close(&[0x03]), 1002),
        frames("close code 0", close(&[0, 0]), 1002),
        frames("close code 999", close(&999u16.to_be_bytes()), 1002),
        frames("close code 1004", close(&1004u16.to_be_bytes()), 1002),
        frames("close code 1005", close(&1005u16.to_be_bytes()), 1002),
        frames("close code 1006", close(&1006u16.to_be_bytes()), 1002),
        frames("close code 1015", close(&1015u16.to_be_bytes()), 1002),
        frames("close code 2999", close(&2999u16.to_be_bytes()), 1002),
        frames("close code 5000", close(&5000u16.to_be_bytes()), 1002),
        frames("close reason that is not UTF-8", close(b"\x03\xe8hell\xf6"), 1007),
    ]
}
