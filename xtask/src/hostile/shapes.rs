//! Requests that two programs in a row might understand differently, which is how requests are smuggled past the first of them;
//! and bytes that are no HTTP/1.1 at all.

use anyhow::{Context as _, Result, bail, ensure};

use super::{
    attack::Done,
    target::{CLOSING, LATE, Target, close, require_close},
};
use crate::interop::socket::UPGRADE;

/// A request that must not be answered: it is behind one that ends the connection, or part of its body.
const SECOND: &str = "GET / HTTP/1.1\r\nHost: smuggled.example\r\n\r\n";

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A request and what may come of it.
struct Shape {
    what: &'static str,
    bytes: Vec<u8>,
    /// What our servers answer. Where the rule leaves a choice, it is theirs.
    status: u16,
    /// The rule that asks for it.
    rule: &'static str,
}

/// Every shape, on a connection of its own.
pub(super) fn all(target: &Target) -> Result<Done> {
    let (mut lines, mut wrong) = (Vec::new(), 0);
    for Shape { what, bytes, status, rule } in shapes() {
        let (mark, said) = match answer(target, &bytes) {
            Ok(answer) if answer == status => ("ok  ", answer.to_string()),
            Ok(answer) => ("FAIL", answer.to_string()),
            Err(why) => ("FAIL", format!("{why:#}")),
        };
        wrong += usize::from(mark == "FAIL");
        lines.push(format!("\n      {mark} {what:40} must {status} did {said:5} {rule}"));
    }
    let what = format!("{} of {} as they must{}", lines.len() - wrong, lines.len(), lines.concat());
    if wrong > 0 {
        bail!(what);
    }
    Ok(what.into())
}

/// The status that the server answers with, once; it must end the connection behind a refusal, and go on behind an acceptance.
fn answer(target: &Target, bytes: &[u8]) -> Result<u16> {
    let mut socket = target.connect()?;
    socket.send(bytes)?;
    let head = socket.head()?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
    if status != 101 {
        let rest = socket.rest(CLOSING + LATE).context("the connection did not end behind the response")?;
        ensure!(!rest.contains("HTTP/1."), "{status}, and another response behind it");
    } else if bytes.ends_with(SECOND.as_bytes()) {
        // Frames were agreed upon, and a request is none.
        require_close(&mut socket, 1002)?;
    } else {
        socket.echo("upgraded")?;
        close(&mut socket)?;
    }
    Ok(status)
}

fn shapes() -> Vec<Shape> {
    let shape = |what, bytes: String, status, rule| Shape { what, bytes: bytes.into_bytes(), status, rule };
    // The opening handshake with more headers.
    let with = |what, headers: &str, status, rule| {
        shape(what, UPGRADE.replace("\r\n\r\n", &format!("\r\n{headers}\r\n\r\n")), status, rule)
    };
    let changed = |what, from: &str, to: &str, status, rule| {
        assert!(UPGRADE.contains(from), "{from} is not in the request");
        shape(what, UPGRADE.replace(from, to), status, rule)
    };
    let body = |what, headers: &str, body: &str, rule| {
        shape(what, UPGRADE.replace("\r\n\r\n", &format!("\r\n{headers}\r\n\r\n{body}")), 400, rule)
    };
    let second = SECOND.len();
    vec![
        // What is said twice.
        with("two Hosts", "Host: b.example", 400, "RFC 9112, 3.2"),
        with("two Hosts that are the same", "Host: server.example", 400, "RFC 9112, 3.2"),
        with("two keys", KEY.trim_end(), 400, "RFC 6455, 11.3.1"),
        with("two versions", "Sec-WebSocket-Version: 13", 426, "RFC 6455, 11.3.5"),
        with("two versions that differ", "Sec-WebSocket-Version: 8", 426, "RFC 6455, 11.3.5"),
        with("two Upgrades, which make a list", "Upgrade: h2c", 101, "RFC 9110, 5.3"),
        with("two Connections, which make a list", "Connection: keep-alive", 101, "RFC 9110, 5.3"),
        // A body.
        body("Content-Length with a body", &format!("Content-Length: {second}"), SECOND, "RFC 6455, 4.1"),
        body("two Content-Lengths that differ", "Content-Length: 0\r\nContent-Length: 42", SECOND, "RFC 9112, 6.3"),
        body("Content-Length as a list", "Content-Length: 0, 42", SECOND, "RFC 9112, 6.3"),
        body("Content-Length: +0", "Content-Length: +0", SECOND, "RFC 9110, 8.6"),
        body("Content-Length: 0x2a", "Content-Length: 0x2a", SECOND, "RFC 9110, 8.6"),
        body("Content-Length of 20 digits", "Content-Length: 18446744073709551658", SECOND, "RFC 9110, 8.6"),
        body(
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: chunked",
            &format!("0\r\n\r\n{SECOND}"),
            "RFC 6455, 4.1",
        ),
        body(
            "Transfer-Encoding and Content-Length",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            &format!("0\r\n\r\n{SECOND}"),
            "RFC 9112, 6.3",
        ),
        body("Transfer-Encoding: xchunked", "Transfer-Encoding: xchunked", SECOND, "RFC 9112, 6.1"),
        // What is behind.
        shape("upgrade, then a request", format!("{UPGRADE}{SECOND}"), 101, "RFC 6455, 5.2: 1002"),
        shape("refused, then a request", format!("{}{SECOND}", UPGRADE.replace(KEY, "")), 400, "RFC 9112, 9.6"),
        shape(
            "refused for its version, then a request",
            format!("{}{SECOND}", UPGRADE.replace("Version: 13", "Version: 12")),
            426,
            "RFC 9112, 9.6",
        ),
        shape("refused, then an upgrade", format!("{}{UPGRADE}", UPGRADE.replace(KEY, "")), 400, "RFC 9112, 9.6"),
        // Lines.
        changed("folded header", "server.example\r\n", "server.example\r\n folded\r\n", 400, "RFC 9112, 5.2"),
        with("folded unknown header", "X-A: b\r\n\tc", 400, "RFC 9112, 5.2"),
        changed("folded request line", "\r\nHost", "\r\n \r\nHost", 400, "RFC 9112, 2.2"),
        changed("space before the first header", "\r\nHost", "\r\n Host", 400, "RFC 9112, 2.2"),
        changed("space before the colon", "Host:", "Host :", 400, "RFC 9112, 5.1"),
        changed("tab before the colon", "Upgrade:", "Upgrade\t:", 400, "RFC 9112, 5.1"),
        changed("header without a name", "Host:", ": x\r\nHost:", 400, "RFC 9110, 5.1"),
        changed("header without a colon", "Host:", "X-A\r\nHost:", 400, "RFC 9112, 5"),
        shape("lines end in LF alone", UPGRADE.replace("\r\n", "\n"), 400, "RFC 9112, 2.2 (MAY)"),
        changed("one line ends in LF alone", "example\r\n", "example\n", 400, "RFC 9112, 2.2 (MAY)"),
        changed("a line ends in CR alone", "example\r\n", "example\r", 400, "RFC 9112, 2.2"),
        with("CR inside a value", "X-A: b\rX-B: c", 400, "RFC 9112, 2.2"),
        shape("empty line in front", format!("\r\n{UPGRADE}"), 101, "RFC 9112, 2.2 (SHOULD)"),
        // Characters.
        with("NUL in a value", "X-A: b\0c", 400, "RFC 9110, 5.5"),
        with("NUL in a name", "X\0A: b", 400, "RFC 9110, 5.1"),
        with("ESC in a value", "X-A: \x1b[31m", 400, "RFC 9110, 5.5"),
        with("DEL in a value", "X-A: \x7f", 400, "RFC 9110, 5.5"),
        with("control character in a name", "X\x01A: b", 400, "RFC 9110, 5.1"),
        with("space in a name", "X A: b", 400, "RFC 9110, 5.1"),
        with("parenthesis in a name", "X(A): b", 400, "RFC 9110, 5.1"),
        with("bytes above 0x7f in a value", "X-A: \u{e9}", 101, "RFC 9110, 5.5"),
        changed("NUL in the target", "/chat", "/chat\0", 400, "RFC 9112, 3"),
        changed("space in the target", "/chat", "/ch at", 400, "RFC 9112, 3"),
        changed("NUL in Host", "server.example", "server.example\0", 400, "RFC 9112, 3.2"),
        changed("space in Host", "server.example", "server example", 400, "RFC 9112, 3.2"),
        changed("path in Host", "server.example", "server.example/chat", 400, "RFC 9112, 3.2"),
        changed("user in Host", "server.example", "a@server.example", 400, "RFC 9112, 3.2"),
        changed("list in Host", "server.example", "server.example, b.example", 400, "RFC 9112, 3.2"),
        // The request line.
        changed("absolute-form of the target", "/chat", "http://server.example/chat", 101, "RFC 9112, 3.2.2"),
        changed("absolute-form, another host", "/chat", "http://b.example/chat", 101, "RFC 9112, 3.2.2"),
        changed("absolute-form, another scheme", "/chat", "gopher://server.example/chat", 400, "RFC 6455, 4.2.1"),
        changed("authority-form", "/chat", "server.example:80", 400, "RFC 6455, 4.2.1"),
        changed("asterisk-form", "/chat", "*", 400, "RFC 6455, 4.2.1"),
        changed("no target", "/chat ", "", 400, "RFC 9112, 3"),
        changed("fragment in the target", "/chat", "/chat#x", 400, "RFC 6455, 3"),
        changed("tab in the request line", "GET ", "GET\t", 400, "RFC 9112, 3"),
        changed("method in lower case", "GET", "get", 400, "RFC 9110, 9.1"),
        changed("CONNECT", "GET", "CONNECT", 400, "RFC 6455, 4.1"),
        changed("HTTP/1.0", "HTTP/1.1", "HTTP/1.0", 400, "RFC 6455, 4.1"),
        changed("HTTP/1.2", "HTTP/1.1", "HTTP/1.2", 400, "RFC 9110, 2.5"),
        changed("HTTP/2.0", "HTTP/1.1", "HTTP/2.0", 400, "RFC 9110, 15.6.6"),
        changed("HTTP/0.9", " HTTP/1.1", "", 400, "RFC 9112, 3"),
        changed("http/1.1", "HTTP/1.1", "http/1.1", 400, "RFC 9112, 2.3"),
        // Other protocols.
        shape("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".into(), 400, "RFC 9113, 3.4"),
        Shape { what: "TLS", bytes: client_hello(), status: 400, rule: "RFC 8446, 4.1.2" },
        shape("SSH", "SSH-2.0-client\r\n".into(), 400, "RFC 4253, 4.2"),
    ]
}

/// The first record of a TLS connection, as far as a server needs to see that it is one.
fn client_hello() -> Vec<u8> {
    let hello = [&[3, 3][..], &[0x5a; 32], &[0], &[0, 2, 0x13, 0x01], &[1, 0], &[0, 0]].concat();
    let handshake = [&[1, 0, 0, hello.len() as u8], &hello[..]].concat();
    [&[22, 3, 1, 0, handshake.len() as u8], &handshake[..]].concat()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use super::*;

    /// What is made of a server that says this, whatever it is asked, and ends the connection.
    fn answer_of(said: &'static str) -> Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let target = Target { address: listener.local_addr()?.to_string(), max_connections: 1 };
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let asked = stream.read(&mut [0; 1024]).unwrap();
            assert!(asked > 0);
            stream.write_all(said.as_bytes()).unwrap();
        });
        let answer = answer(&target, b"GET / HTTP/1.1\r\n\r\n");
        server.join().unwrap();
        answer
    }

    #[test]
    fn a_second_response_is_found_wherever_it_is() {
        assert_eq!(answer_of("HTTP/1.1 400 Bad Request\r\n\r\nwhy").unwrap(), 400);
        let error = answer_of("HTTP/1.1 400 Bad Request\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").unwrap_err();
        assert!(error.to_string().contains("another response"), "{error}");
        // Silence is no answer.
        assert!(answer_of("").is_err());
    }
}
