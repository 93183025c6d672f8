//! What HTTP says about heads, which both ends of the opening handshake are made of (RFC 6455, section 4; RFC 9112): what a proxy in
//! between could read in another way, and heads that are too long, or never end.

use ws_core::{
    Error,
    handshake::{RequestError, ResponseError},
};

use crate::{
    accepting::{Answer, accepted, refused},
    connecting::{Connected, connected, no_connection},
    frame::{TEXT, frame},
    head::{Head, request, response},
    outcome::{comes_to, failed, text},
    row::{Draft, Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = requests();
    rows.extend(responses());
    rows.extend(lengths());
    rows.extend(ends());
    Theme { title: "HTTP heads", rows }
}

fn valid(what: &'static str) -> Draft {
    row("4.1", "the handshake MUST be valid HTTP", what)
}

fn requests() -> Vec<Row> {
    let wrong = |what, head: &Head, error| valid(what).asks(head, refused(400, error));
    let body = |what, line: &str| {
        row("4.2.1", "a request to open a WebSocket has no body, which would be taken for frames", what)
            .asks(&request().line(line), refused(400, RequestError::Body))
    };
    let bytes = |what, bytes: &[u8], error: RequestError| {
        valid(what).asks_bytes(bytes.escape_ascii().to_string(), bytes.to_vec(), refused(400, error))
    };
    vec![
        wrong("a request whose lines end with LF", &request().line_end("\n"), RequestError::LineEnd),
        wrong("a request with a bare LF in a value", &request().line("X: a\nY: b"), RequestError::LineEnd),
        wrong("a request with a folded line", &request().line("X: a").line(" b"), RequestError::HeaderName),
        wrong("a request with a space before a colon", &request().line("X : a"), RequestError::HeaderName),
        wrong("a request with a line without a colon", &request().line("X"), RequestError::HeaderName),
        wrong("a request with a line without a name", &request().line(": a"), RequestError::HeaderName),
        wrong("a request with a NUL in a value", &request().line(b"X: a\0b"), RequestError::HeaderValue),
        valid("a request with bytes in a value that are not UTF-8")
            .seen_in("EDGE-7")
            .asks(&request().line(b"X-Name: \xff\xfe\xc0"), accepted()),
        body("a request with a body of 5 bytes", "Content-Length: 5"),
        body("a request with two lengths", "Content-Length: 0, 5"),
        body("a request with a body in chunks", "Transfer-Encoding: chunked"),
        row("4.2.1", "a body of no bytes is none", "a request with Content-Length: 0")
            .asks(&request().line("Content-Length: 0"), accepted()),
        bytes("no request at all", b"nonsense\r\n\r\n", RequestError::RequestLine),
        bytes("the beginning of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", RequestError::RequestLine),
        bytes(
            "a frame without a handshake",
            b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
            RequestError::RequestLine,
        ),
        valid("a request behind an empty line").asks_bytes(
            "\\r\\n and the request".to_string(),
            [b"\r\n".to_vec(), request().bytes()].concat(),
            accepted(),
        ),
    ]
}

fn responses() -> Vec<Row> {
    let wrong = |what, head: &Head, error| valid(what).responds(head, no_connection(error));
    let bytes = |what, bytes: &[u8], error: ResponseError| {
        valid(what).responds_bytes(bytes.escape_ascii().to_string(), bytes.to_vec(), no_connection(error))
    };
    vec![
        wrong("a response whose lines end with LF", &response().line_end("\n"), ResponseError::LineEnd),
        wrong("a response with a folded line", &response().line("X: a").line("\tb"), ResponseError::HeaderName),
        wrong("a response with a space before a colon", &response().line("X : a"), ResponseError::HeaderName),
        wrong("a response with a NUL in a value", &response().line(b"X: a\0b"), ResponseError::HeaderValue),
        bytes("no response at all", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", ResponseError::HttpVersion),
        bytes("a frame without a handshake, to our client", b"\x81\x05Hello", ResponseError::HttpVersion),
        valid("interim responses before the response").responds_bytes(
            "HTTP/1.1 103 Early Hints, HTTP/1.1 100 Continue, and the response".to_string(),
            [
                b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n".to_vec(),
                response().bytes(),
            ]
            .concat(),
            connected(),
        ),
        valid("a response without a reason").responds(&response().start("HTTP/1.1 101 "), connected()),
    ]
}

/// The memory for a head is 1024 bytes.
fn lengths() -> Vec<Row> {
    let protected = |what| row("10.4", "implementations MUST protect themselves against exceeding their limits", what);
    let many = |count: usize| (0..count).map(|number| format!("X{number}: y"));
    let long = "x".repeat(2000);
    let too_large = || Answer::Refused(431, Vec::new(), Some(Error::HeadTooLarge));
    vec![
        protected("a request of 32 headers").seen_in("EW, WSF").asks(&request().lines(many(32 - 5)), accepted()),
        protected("a request of 33 headers")
            .asks(&request().lines(many(33 - 5)), refused(431, RequestError::TooManyHeaders)),
        protected("a request that is longer than its memory")
            .seen_in("EW-2")
            .asks(&request().line(format!("X: {long}")), too_large()),
        protected("a request whose first line does not end").asks_bytes(
            "GET /xxx... (2000 bytes)".to_string(),
            [b"GET /", long.as_bytes()].concat(),
            too_large(),
        ),
        protected("a response of 32 headers").seen_in("EW, WSF").responds(&response().lines(many(32 - 3)), connected()),
        protected("a response of 33 headers")
            .responds(&response().lines(many(33 - 3)), no_connection(ResponseError::TooManyHeaders)),
        protected("a response that is longer than its memory")
            .seen_in("EW-2, EW-B3")
            .responds(&response().line(format!("X: {long}")), Connected::Failed(Error::HeadTooLarge)),
    ]
}

fn ends() -> Vec<Row> {
    let ended = |what| row("4", "a transport that ends inside the handshake has opened nothing", what).then_end();
    let inside = Error::TransportEnded { clean: false };
    let (request, response) = (request().bytes(), response().bytes());
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 1].to_vec();
    vec![
        ended("the end of the transport before a request").asks_bytes(
            String::new(),
            Vec::new(),
            Answer::Nothing(Error::TransportEnded { clean: true }),
        ),
        ended("the end of the transport inside a request").asks_bytes(
            "all but the last byte".to_string(),
            cut(&request),
            Answer::Nothing(inside),
        ),
        ended("the end of the transport before a response").seen_in("EW-2, EW-B3").responds_bytes(
            String::new(),
            Vec::new(),
            Connected::Failed(Error::TransportEnded { clean: true }),
        ),
        ended("the end of the transport inside a response").seen_in("EW-2, EW-B3").responds_bytes(
            "all but the last byte".to_string(),
            cut(&response),
            Connected::Failed(inside),
        ),
        ended("the end of the transport behind a response and a frame").behind([frame(TEXT, "first")]).responds_bytes(
            "the response".to_string(),
            response,
            connected().followed_by(comes_to([text("first"), failed(Error::TransportEnded { clean: true })], [])),
        ),
    ]
}
