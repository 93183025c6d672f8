//! Requests to our server (RFC 6455, section 4.2): those that break a rule, and those that do not. What is offered in them is in
//! `offers.rs`, what HTTP says about heads in `heads.rs`.

use ws_core::handshake::RequestError;

use crate::{
    accepting::{Answer, accepted, refused, replied},
    frame::{FIRST_TEXT, LAST, PING, TEXT, close, frame, pong},
    head::{Head, page_request, request},
    outcome::{closes, ended_inside, receives, text},
    row::{Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = lines();
    rows.extend(keys());
    rows.extend(versions());
    rows.extend(origins_and_paths());
    rows.extend(behind());
    Theme { title: "Requests to our server", rows }
}

fn lines() -> Vec<Row> {
    let get = |what| row("4.2.1", "an HTTP/1.1 or higher GET request, else an HTTP error such as 400", what);
    let host = |what| row("4.2.1", "a Host header field containing the server's authority", what);
    let upgrade = |what| row("4.2.1", "an Upgrade header field containing websocket, in any case", what);
    let connection =
        |what| row("4.2.1", "a Connection header field that includes the token Upgrade, in any case", what);
    let (method, version, no_host) = (RequestError::Method, RequestError::HttpVersion, RequestError::Host);
    let (no_upgrade, no_connection) = (RequestError::Upgrade, RequestError::Connection);
    vec![
        get("the minimal request").asks(&request(), accepted()),
        get("the method POST").seen_in("EW-8").asks(&request().start("POST /chat HTTP/1.1"), refused(400, method)),
        get("the method HEAD").seen_in("EW-8").asks(&request().start("HEAD /chat HTTP/1.1"), refused(400, method)),
        get("the method get").asks(&request().start("get /chat HTTP/1.1"), refused(400, method)),
        get("HTTP/1.0").seen_in("EW-8").asks(&request().start("GET /chat HTTP/1.0"), refused(400, version)),
        get("HTTP/2.0").asks(&request().start("GET /chat HTTP/2.0"), refused(400, version)),
        get("no version").asks(&request().start("GET /chat"), refused(400, RequestError::RequestLine)),
        host("no Host").asks(&request().without("Host"), refused(400, no_host)),
        host("an empty Host").asks(&request().set("Host", ""), refused(400, no_host)),
        host("two Hosts").asks(&request().line("Host: evil.example"), refused(400, no_host)),
        host("a Host with a port").asks(&request().set("Host", "device.local:8080"), accepted()),
        host("a Host that is an IPv6 address").asks(&request().set("Host", "[fe80::1]:80"), accepted()),
        upgrade("no Upgrade, but a key")
            .seen_in("EW-8, WZ-5, WZ-W9")
            .asks(&request().without("Upgrade"), refused(400, no_upgrade)),
        upgrade("an upgrade to something else")
            .seen_in("EW-8, WZ-5, WZ-W9")
            .asks(&request().set("Upgrade", "h2c"), refused(400, no_upgrade)),
        upgrade("an upgrade to WebSockets").asks(&request().set("Upgrade", "websockets"), refused(400, no_upgrade)),
        upgrade("WebSocket in another case").asks(&request().set("Upgrade", "WebSocket"), accepted()),
        upgrade("WebSocket in a list").asks(&request().set("Upgrade", "h2c, websocket"), accepted()),
        connection("no Connection")
            .seen_in("EW-8, WZ-5, WZ-W9, PICO-P8")
            .asks(&request().without("Connection"), refused(400, no_connection)),
        connection("Connection: keep-alive")
            .seen_in("EW-8, WZ-5, WZ-W9, PICO-P8")
            .asks(&request().set("Connection", "keep-alive"), refused(400, no_connection)),
        connection("a token that only begins with Upgrade")
            .asks(&request().set("Connection", "Upgraded"), refused(400, no_connection)),
        connection("a list, as Firefox sends it")
            .seen_in("EDGE-2, EDGE-E5, ARD")
            .asks(&request().set("Connection", "keep-alive, Upgrade"), accepted()),
        connection("two lines, in another case")
            .asks(&request().set("Connection", "keep-alive").line("connection: UPGRADE"), accepted()),
        row(
            "4.2.1",
            "additional header fields are ignored; names are in any case",
            "other headers, and names in small letters",
        )
        .seen_in("ESP")
        .asks(&lower_case().line("user-agent: x").line("x-empty:"), accepted()),
        row("4.2.1", "the order of header fields is not significant", "the headers in another order")
            .asks(&request().without("Host").line("Host: device.local"), accepted()),
    ]
}

/// A request with its names in small letters.
fn lower_case() -> Head {
    let names = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];
    let values = ["device.local", "websocket", "Upgrade", "dGhlIHNhbXBsZSBub25jZQ==", "13"];
    let head = names.iter().fold(request(), |head, name| head.without(name));
    let line = |(name, value): (&&str, &str)| format!("{}:{value}", name.to_lowercase());
    let lines: Vec<String> = names.iter().zip(values).map(line).collect();
    head.lines(lines)
}

fn keys() -> Vec<Row> {
    let key = |what| row("4.2.1", "a Sec-WebSocket-Key whose base64-decoded value is 16 bytes in length", what);
    let wrong = |what, value: &str| {
        key(what)
            .seen_in("WZ-5, WZ-W9, EDGE-E7, PICO-P8")
            .asks(&request().set("Sec-WebSocket-Key", value), refused(400, RequestError::Key))
    };
    vec![
        key("no key").seen_in("EW-8").asks(&request().without("Sec-WebSocket-Key"), refused(400, RequestError::Key)),
        wrong("an empty key", ""),
        wrong("the key x", "x"),
        wrong("a key of 15 bytes", "dGhlIHNhbXBsZSBub25j"),
        wrong("a key of 17 bytes", "dGhlIHNhbXBsZSBub25jZSE="),
        wrong("a key that is not base64", "dGhlIHNhbXBsZSBub25j!Q=="),
        wrong("a key without its padding", "dGhlIHNhbXBsZSBub25jZQ"),
        key("a key of 25 characters")
            .seen_in("EW-1, EW-A1, EDGE-E7, PICO-P8")
            .asks(&request().set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==x"), refused(400, RequestError::Key)),
        key("a key of 500 characters")
            .seen_in("EW-1, EW-A1")
            .asks(&request().set("Sec-WebSocket-Key", &"A".repeat(500)), refused(400, RequestError::Key)),
        row("11.3.1", "Sec-WebSocket-Key MUST NOT appear more than once", "two keys")
            .asks(&request().line("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), refused(400, RequestError::Key)),
        row("4.2.2", "the answer is the base64 of the SHA-1 of the key and a GUID", "the key of the RFC's example")
            .asks(&request(), accepted()),
    ]
}

fn versions() -> Vec<Row> {
    let version = |what| {
        row("4.4", "a server that does not support the version MUST respond with the one it does", what)
            .seen_in("EW-8, WZ, EDGE-6, EDGE-E6, PICO")
    };
    let wrong = |what, value: &str| {
        version(what).asks(&request().set("Sec-WebSocket-Version", value), upgrade_required(RequestError::Version))
    };
    vec![
        version("no version")
            .asks(&request().without("Sec-WebSocket-Version"), upgrade_required(RequestError::Version)),
        wrong("version 8", "8"),
        wrong("version 12", "12"),
        wrong("version 14", "14"),
        wrong("version 130", "130"),
        wrong("an empty version", ""),
        wrong("a list of versions", "13, 8"),
        row("11.3.5", "Sec-WebSocket-Version MUST NOT appear more than once in a request", "two versions")
            .asks(&request().line("Sec-WebSocket-Version: 13"), upgrade_required(RequestError::Version)),
    ]
}

/// 426, and the version that there is.
fn upgrade_required(error: RequestError) -> Answer {
    refused(426, error).with("Sec-WebSocket-Version", "13").with("Upgrade", "websocket")
}

fn origins_and_paths() -> Vec<Row> {
    let origin =
        |what| row("4.2.2", "if the server does not accept the Origin, it MUST return an HTTP error such as 403", what);
    let path =
        |what| row("4.2.2", "if the resource is not available, the server MUST return an HTTP error such as 404", what);
    let form =
        |what| row("4.2.1", "the target is a resource name or an absolute HTTP/HTTPS URI that contains one", what);
    let target = |target| request().start(&format!("GET {target} HTTP/1.1"));
    let page = |what| row("1.3", "what is no request for a WebSocket is HTTP's", what);
    vec![
        origin("an Origin that the application does not allow")
            .seen_in("EW")
            .asks(&request().line("Origin: https://evil.example"), replied(403)),
        origin("an Origin that the application allows")
            .asks(&request().line("Origin: http://device.local"), accepted()),
        origin("the Origin null").asks(&request().line("Origin: null"), replied(403)),
        origin("two Origins").asks(
            &request().line("Origin: http://device.local").line("Origin: https://evil.example"),
            refused(400, RequestError::Origin),
        ),
        origin("an Origin that is not ASCII")
            .asks(&request().line(b"Origin: http://d\xffvice.local"), refused(400, RequestError::Origin)),
        path("a path where nothing is")
            .seen_in("WZ-5, WZ-W10")
            .asks(&request().start("GET /nothing HTTP/1.1"), replied(404)),
        path("a path with a query").asks(&request().start("GET /chat?room=1 HTTP/1.1"), accepted()),
        path("the absolute form of a path").asks(&request().start("GET http://device.local/chat HTTP/1.1"), accepted()),
        form("another scheme than that of HTTP")
            .asks(&target("gopher://device.local/chat"), refused(400, RequestError::Target)),
        form("the scheme of WebSocket").asks(&target("ws://device.local/chat"), refused(400, RequestError::Target)),
        form("the authority form").asks(&target("device.local:80"), refused(400, RequestError::Target)),
        form("the asterisk form").asks(&target("*"), refused(400, RequestError::Target)),
        form("no host in the absolute form").asks(&target("http:///chat"), refused(400, RequestError::Host)),
        row("3", "fragment identifiers MUST NOT be used", "a fragment")
            .asks(&target("/chat#room"), refused(400, RequestError::Target)),
        page("a request for a page").seen_in("WZ").asks(&page_request(), replied(200)),
        page("a request for a page that does not exist").asks(&page_request().start("GET /x HTTP/1.1"), replied(404)),
        page("a plain request for the WebSocket").asks(
            &page_request().start("GET /chat HTTP/1.1"),
            replied(426).with("Sec-WebSocket-Version", "13").with("Upgrade", "websocket"),
        ),
    ]
}

fn behind() -> Vec<Row> {
    let kept =
        |what| row("4.2.2", "the connection is open once the response is sent: what came before belongs to it", what);
    vec![
        kept("a frame in the same read as the request")
            .seen_in("EW-3")
            .behind([frame(TEXT, "first")])
            .asks(&request(), accepted().followed_by(receives([text("first")]))),
        kept("half a frame in the same read as the request, and the end")
            .then_end()
            .behind([frame(TEXT, "first").cut(3)])
            .asks(&request(), accepted().followed_by(ended_inside())),
        kept("a message, a Ping and a Close in the same read as the request")
            .behind([frame(FIRST_TEXT, "a"), frame(PING, "p"), frame(LAST, "b"), close(1000, "")])
            .asks(&request(), accepted().followed_by(closes(1000, "").after([text("ab")]).sending([pong("p")]))),
    ]
}
