//! Which request leads where: the application's decision about a request.

use std::fmt;

use examples::close_in_words;
use form_urlencoded::parse as parse_query;
use ws_embedded_io::{
    CloseCode, ClosePayload, Decision, OriginAllowList, Reply, Request, Upgrade, ws_core::frame::MAX_CLOSE_REASON_LEN,
};

/// The page that tries the server out.
const PAGE: &[u8] = include_bytes!("../../page.html");
/// The sub-protocols that this server knows; both mean to echo.
const SUB_PROTOCOLS: [&str; 2] = ["echo.v1", "chat"];

const HTML: &[(&str, &str)] = &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")];
const TEXT: &[(&str, &str)] = &[("Content-Type", "text/plain; charset=utf-8")];
const ALLOW_GET: &[(&str, &str)] = &[("Allow", "GET, HEAD")];

/// What a WebSocket does once it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Send every message back.
    Echo { sub_protocol: Option<&'static str> },
    /// Close with this code and reason.
    Close { code: CloseCode, reason: String },
}

/// Decides about a request: the route of a WebSocket, or the HTTP response that is sent instead. Only pages of the allowed
/// origins may connect, or all of them if there is none.
pub(crate) fn decide(
    request: &Request<'_>,
    upgrade: Option<&Upgrade<'_>>,
    allowed_origins: &[String],
) -> Result<Route, Reply<'static>> {
    let Some(upgrade) = upgrade else { return Err(plain_reply(request)) };
    let allowed: Vec<&str> = allowed_origins.iter().map(String::as_str).collect();
    if !allowed.is_empty() && !OriginAllowList(&allowed).allows(request.origin()) {
        return Err(Reply::FORBIDDEN.with_headers(TEXT).with_body(b"pages of this origin may not connect\n"));
    }
    match request.path() {
        "/chat" => Ok(Route::Echo { sub_protocol: upgrade.select_sub_protocol(&SUB_PROTOCOLS) }),
        "/close" => close_route(request.query().unwrap_or_default()),
        _ => Err(Reply::NOT_FOUND.with_headers(TEXT).with_body(b"there is a WebSocket at /chat\n")),
    }
}

/// The answer when as many WebSockets are open as may be.
pub(crate) fn too_many() -> Reply<'static> {
    Reply::UNAVAILABLE.with_headers(TEXT).with_body(b"too many connections\n")
}

impl Route {
    /// The answer that opens the WebSocket.
    pub(crate) fn decision(&self) -> Decision<'static> {
        let sub_protocol = match self {
            Self::Echo { sub_protocol } => *sub_protocol,
            Self::Close { .. } => None,
        };
        Decision::Accept { sub_protocol, headers: &[] }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo { sub_protocol: None } => f.write_str("echo, no sub-protocol"),
            Self::Echo { sub_protocol: Some(name) } => write!(f, "echo, sub-protocol {name}"),
            Self::Close { code, reason } => {
                write!(f, "close with {}", close_in_words(Some(ClosePayload { code: *code, reason })))
            }
        }
    }
}

/// The answer to a request that does not ask for a WebSocket.
fn plain_reply(request: &Request<'_>) -> Reply<'static> {
    match (request.path(), request.method()) {
        ("/", "GET" | "HEAD") => Reply::new(200).with_headers(HTML).with_body(PAGE),
        ("/", _) => Reply::new(405).with_headers(ALLOW_GET),
        ("/chat" | "/close", _) => Reply::UPGRADE_REQUIRED.with_body(b"this is a WebSocket\n"),
        _ => Reply::NOT_FOUND.with_headers(TEXT).with_body(b"the page is at /\n"),
    }
}

/// Reads `code=4001&reason=bye` off the query; without a code, the closure is a normal one.
fn close_route(query: &str) -> Result<Route, Reply<'static>> {
    let mut code = CloseCode::NORMAL_CLOSURE;
    let mut reason = String::new();
    for (name, value) in parse_query(query.as_bytes()) {
        match name.as_ref() {
            "code" => code = CloseCode::new(value.parse().unwrap_or_default()),
            "reason" => reason = value.into_owned(),
            _ => {}
        }
    }
    if !code.is_allowed_in_close_frame() || reason.len() > MAX_CLOSE_REASON_LEN {
        return Err(Reply::BAD_REQUEST.with_headers(TEXT).with_body(b"this code or reason may not be sent\n"));
    }
    Ok(Route::Close { code, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide_with(allowed_origins: &[String], head: &str) -> Result<Route, u16> {
        let (request, _) = Request::parse(head.as_bytes()).unwrap().unwrap();
        let upgrade = request.upgrade().unwrap();
        super::decide(&request, upgrade.as_ref(), allowed_origins).map_err(|reply| reply.status)
    }

    fn decide(head: &str) -> Result<Route, u16> {
        decide_with(&[], head)
    }

    fn upgrade(path: &str, more: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
        )
    }

    #[test]
    fn plain_requests_get_the_page_or_a_status() {
        let table = [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200),
            ("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 200),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405),
            ("GET /favicon.ico HTTP/1.1\r\nHost: a\r\n\r\n", 404),
            ("GET /chat HTTP/1.1\r\nHost: a\r\n\r\n", 426),
        ];
        for (head, status) in table {
            assert_eq!(decide(head), Err(status), "{head}");
        }
    }

    #[test]
    fn sub_protocols_are_chosen_in_the_clients_order() {
        let echo = |sub_protocol| Ok(Route::Echo { sub_protocol });
        assert_eq!(decide(&upgrade("/chat", "")), echo(None));
        let offers = "Sec-WebSocket-Protocol: mqtt, chat, echo.v1\r\n";
        assert_eq!(decide(&upgrade("/chat", offers)), echo(Some("chat")));
        assert_eq!(decide(&upgrade("/chat", "Sec-WebSocket-Protocol: mqtt\r\n")), echo(None));
    }

    #[test]
    fn close_takes_code_and_reason_from_the_query() {
        let close = |code, reason: &str| Ok(Route::Close { code: CloseCode::new(code), reason: reason.to_owned() });
        assert_eq!(decide(&upgrade("/close", "")), close(1000, ""));
        assert_eq!(decide(&upgrade("/close?code=4001&reason=bye%20now", "")), close(4001, "bye now"));
        for query in ["code=1005", "code=x", "code=70000", &format!("reason={}", "x".repeat(124))] {
            assert_eq!(decide(&upgrade(&format!("/close?{query}"), "")), Err(400), "{query}");
        }
    }

    #[test]
    fn other_origins_and_other_paths_are_refused() {
        let origins = ["http://device.local".to_owned()];
        assert!(decide_with(&origins, &upgrade("/chat", "Origin: http://device.local\r\n")).is_ok());
        assert_eq!(decide_with(&origins, &upgrade("/chat", "Origin: https://evil.example\r\n")), Err(403));
        assert_eq!(decide(&upgrade("/nowhere", "")), Err(404));
    }

    #[test]
    fn what_a_client_asked_for_is_printable() {
        let route = decide(&upgrade("/close?code=4001&reason=%1b[31mbye", "")).unwrap();
        assert_eq!(route.to_string(), r"close with 4001: \u{1b}[31mbye");
    }
}
