//! Which request leads where: the application's decision about a request.

use form_urlencoded::parse as parse_query;
use ws_embedded_io::{CloseCode, Decision, OriginAllowList, Reply, Request, Upgrade};

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

/// What the server allows.
pub(crate) struct Policy<'a> {
    /// The origins whose pages may connect; all of them if there is none.
    pub(crate) allowed_origins: &'a [String],
    /// Whether another WebSocket may be opened.
    pub(crate) has_room: bool,
}

impl Policy<'_> {
    /// Decides about a request: the route of a WebSocket, or the HTTP response that is sent instead.
    pub(crate) fn decide(&self, request: &Request<'_>, upgrade: Option<&Upgrade<'_>>) -> Result<Route, Reply<'static>> {
        let Some(upgrade) = upgrade else { return Err(plain_reply(request)) };
        if !self.allows_origin(request.origin()) {
            return Err(Reply::FORBIDDEN.with_headers(TEXT).with_body(b"pages of this origin may not connect\n"));
        }
        let route = match request.path() {
            "/chat" => Route::Echo { sub_protocol: upgrade.select_sub_protocol(&SUB_PROTOCOLS) },
            "/close" => close_route(request.query().unwrap_or_default())?,
            _ => return Err(Reply::NOT_FOUND.with_headers(TEXT).with_body(b"there is a WebSocket at /chat\n")),
        };
        if !self.has_room {
            return Err(Reply::UNAVAILABLE.with_headers(TEXT).with_body(b"too many connections\n"));
        }
        Ok(route)
    }

    fn allows_origin(&self, origin: Option<&str>) -> bool {
        let allowed: Vec<&str> = self.allowed_origins.iter().map(String::as_str).collect();
        allowed.is_empty() || OriginAllowList(&allowed).allows(origin)
    }
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
    if !code.is_allowed_in_close_frame() || reason.len() > ws_embedded_io::ws_core::frame::MAX_CLOSE_REASON_LEN {
        return Err(Reply::BAD_REQUEST.with_headers(TEXT).with_body(b"this code or reason may not be sent\n"));
    }
    Ok(Route::Close { code, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(policy: &Policy<'_>, head: &str) -> Result<Route, u16> {
        let (request, _) = Request::parse(head.as_bytes()).unwrap().unwrap();
        policy.decide(&request, request.upgrade().unwrap().as_ref()).map_err(|reply| reply.status)
    }

    fn upgrade(path: &str, more: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
        )
    }

    const OPEN: Policy<'_> = Policy { allowed_origins: &[], has_room: true };

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
            assert_eq!(decide(&OPEN, head), Err(status), "{head}");
        }
    }

    #[test]
    fn sub_protocols_are_chosen_in_the_clients_order() {
        let echo = |sub_protocol| Ok(Route::Echo { sub_protocol });
        assert_eq!(decide(&OPEN, &upgrade("/chat", "")), echo(None));
        let offers = "Sec-WebSocket-Protocol: mqtt, chat, echo.v1\r\n";
        assert_eq!(decide(&OPEN, &upgrade("/chat", offers)), echo(Some("chat")));
        assert_eq!(decide(&OPEN, &upgrade("/chat", "Sec-WebSocket-Protocol: mqtt\r\n")), echo(None));
    }

    #[test]
    fn close_takes_code_and_reason_from_the_query() {
        let close = |code, reason: &str| Ok(Route::Close { code: CloseCode::new(code), reason: reason.to_owned() });
        assert_eq!(decide(&OPEN, &upgrade("/close", "")), close(1000, ""));
        assert_eq!(decide(&OPEN, &upgrade("/close?code=4001&reason=bye%20now", "")), close(4001, "bye now"));
        for query in ["code=1005", "code=x", "code=70000", &format!("reason={}", "x".repeat(124))] {
            assert_eq!(decide(&OPEN, &upgrade(&format!("/close?{query}"), "")), Err(400), "{query}");
        }
    }

    #[test]
    fn policy_refuses_other_origins_other_paths_and_too_many_connections() {
        let origins = ["http://device.local".to_owned()];
        let strict = Policy { allowed_origins: &origins, has_room: true };
        assert!(decide(&strict, &upgrade("/chat", "Origin: http://device.local\r\n")).is_ok());
        assert_eq!(decide(&strict, &upgrade("/chat", "Origin: https://evil.example\r\n")), Err(403));
        assert_eq!(decide(&OPEN, &upgrade("/nowhere", "")), Err(404));
        let full = Policy { allowed_origins: &[], has_room: false };
        assert_eq!(decide(&full, &upgrade("/chat", "")), Err(503));
    }
}
