//! Responses to our client (RFC 6455, section 4.1): those that break a rule, and those that do not. What HTTP says about heads is in
//! `heads.rs`.

use ws_core::handshake::ResponseError;

use crate::{
    connecting::{connected, no_connection},
    frame::{FIRST_TEXT, LAST, PING, TEXT, close, frame, pong},
    head::response,
    outcome::{closes, ended_inside, receives, text},
    row::{Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = statuses();
    rows.extend(upgrades());
    rows.extend(accepts());
    rows.extend(agreements());
    rows.extend(behind());
    Theme { title: "Responses to our client", rows }
}

fn statuses() -> Vec<Row> {
    let refused = |what, start: &str, status| {
        row("4.1", "if the status is not 101, the client handles the response as HTTP", what)
            .seen_in("EW")
            .responds(&response().start(start), no_connection(ResponseError::Refused { status }))
    };
    vec![
        row("4.1", "the connection is open once the response is validated", "the minimal response")
            .responds(&response(), connected()),
        refused("status 200", "HTTP/1.1 200 OK", 200),
        refused("status 302", "HTTP/1.1 302 Found", 302),
        refused("status 401", "HTTP/1.1 401 Unauthorized", 401),
        refused("status 426", "HTTP/1.1 426 Upgrade Required", 426),
        refused("status 503, in HTTP/1.0", "HTTP/1.0 503 Service Unavailable", 503),
        row("4.2.2", "the status line is that of HTTP/1.1", "status 101, in HTTP/1.0")
            .responds(&response().start("HTTP/1.0 101 Switching Protocols"), no_connection(ResponseError::HttpVersion)),
        row("4.1", "names are in any case, and other headers are ignored", "other headers, and names in small letters")
            .seen_in("ESP")
            .responds(
                &response().without("Upgrade").line("server: x").line("upgrade:websocket").line("date:"),
                connected(),
            ),
    ]
}

fn upgrades() -> Vec<Row> {
    let upgrade =
        |what| row("4.1", "if Upgrade is missing or is not websocket, the client MUST fail the connection", what);
    let connection = |what| {
        row("4.1", "if Connection is missing or has no token Upgrade, the client MUST fail the connection", what)
    };
    let (no_upgrade, no_connection_option) = (ResponseError::Upgrade, ResponseError::Connection);
    vec![
        upgrade("no header at all").seen_in("EW-8, EW-A4, MG").responds_bytes(
            "HTTP/1.1 101 X".to_string(),
            b"HTTP/1.1 101 X\r\n\r\n".to_vec(),
            no_connection(no_upgrade),
        ),
        upgrade("no Upgrade")
            .seen_in("EW-8, WSF, MG")
            .responds(&response().without("Upgrade"), no_connection(no_upgrade)),
        upgrade("an upgrade to something else")
            .seen_in("EW-8, WSF, MG")
            .responds(&response().set("Upgrade", "h2c"), no_connection(no_upgrade)),
        upgrade("WebSocket in another case").responds(&response().set("Upgrade", "WebSocket"), connected()),
        connection("no Connection")
            .seen_in("EW-8, WSF, MG")
            .responds(&response().without("Connection"), no_connection(no_connection_option)),
        connection("Connection: close")
            .seen_in("EW-8, WSF, MG")
            .responds(&response().set("Connection", "close"), no_connection(no_connection_option)),
        connection("a list of options, in another case")
            .seen_in("WZ-5, WZ-W8, EDGE")
            .responds(&response().set("Connection", "keep-alive, upgrade"), connected()),
    ]
}

fn accepts() -> Vec<Row> {
    let accept = |what| {
        row("4.1", "if Sec-WebSocket-Accept is missing or wrong, the client MUST fail the connection", what)
            .seen_in("EW-8, EW-A4, MG")
    };
    let name = "Sec-WebSocket-Accept";
    let wrong =
        |what, value: &str| accept(what).responds(&response().set(name, value), no_connection(ResponseError::Accept));
    vec![
        accept("no Sec-WebSocket-Accept").responds(&response().without(name), no_connection(ResponseError::Accept)),
        wrong("an empty Sec-WebSocket-Accept", ""),
        wrong("the answer to another key", "AAAALMBiTxaQ9kYGzzhZRbK+xOo="),
        wrong("the key instead of its answer", "dGhlIHNhbXBsZSBub25jZQ=="),
        wrong("the answer in small letters", "s3pplmbitxaq9kygzzhzrbk+xoo="),
        wrong("the answer, and more", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=x"),
        row("4.1", "leading and trailing whitespace is ignored", "the answer with space around it")
            .responds(&response().set(name, "  s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t"), connected()),
        row("11.3.3", "Sec-WebSocket-Accept MUST NOT appear more than once in a response", "two answers").responds(
            &response().line("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            no_connection(ResponseError::Accept),
        ),
    ]
}

/// Our client offers `chat` and `superchat`, and no extension.
fn agreements() -> Vec<Row> {
    let offered = |what| {
        row("4.1", "if the sub-protocol was not offered, the client MUST fail the connection", what)
            .seen_in("EW, WZ, EDGE, WSF")
    };
    let once = |what| row("11.3.4", "Sec-WebSocket-Protocol MUST NOT appear more than once in a response", what);
    let extension = |what| {
        row("4.1", "if an extension was not offered, the client MUST fail the connection", what)
            .seen_in("EW, WZ, EDGE, WSF")
    };
    let one = |value: &str| response().line(format!("Sec-WebSocket-Protocol: {value}"));
    let not_offered = || no_connection(ResponseError::SubProtocolNotOffered);
    let malformed = || no_connection(ResponseError::SubProtocol);
    vec![
        offered("a sub-protocol that was offered").responds(&one("superchat"), connected().with("superchat")),
        offered("a sub-protocol that was not offered").responds(&one("mqtt"), not_offered()),
        offered("a sub-protocol in another case").responds(&one("Chat"), not_offered()),
        offered("a sub-protocol of 100 characters")
            .seen_in("EW-1, EW-A3")
            .responds(&one(&"x".repeat(100)), not_offered()),
        once("the whole offer").seen_in("MG, ARD").responds(&one("chat, superchat"), malformed()),
        once("two sub-protocols on two lines")
            .responds(&one("chat").line("Sec-WebSocket-Protocol: superchat"), malformed()),
        once("an empty sub-protocol").responds(&one(""), malformed()),
        extension("an extension that was not offered").responds(
            &response().line("Sec-WebSocket-Extensions: permessage-deflate"),
            no_connection(ResponseError::ExtensionNotOffered),
        ),
        row(
            "9.1",
            "whoever receives a list that does not conform to the ABNF MUST fail the connection",
            "a malformed list of extensions",
        )
        .responds(&response().line("Sec-WebSocket-Extensions: a; =1"), no_connection(ResponseError::Extensions)),
    ]
}

fn behind() -> Vec<Row> {
    let kept =
        |what| row("4.1", "the connection is open once the response is validated: what is behind it are frames", what);
    vec![
        kept("a response in pieces").seen_in("EW-4, EW-B1, EW-EA1").responds(&response(), connected()),
        kept("a frame in the same read as the response")
            .seen_in("EW-3, EW-B2, REQ-R1, ESP")
            .behind([frame(TEXT, "first")])
            .responds(&response(), connected().followed_by(receives([text("first")]))),
        kept("half a frame in the same read as the response, and the end")
            .seen_in("EW-3, EW-B2, REQ-R1")
            .then_end()
            .behind([frame(TEXT, "first").cut(3)])
            .responds(&response(), connected().followed_by(ended_inside())),
        kept("a message, a Ping and a Close in the same read as the response")
            .seen_in("EW-3, EW-B2, REQ-R1, ESP")
            .behind([frame(FIRST_TEXT, "a"), frame(PING, "p"), frame(LAST, "b"), close(1000, "")])
            .responds(&response(), connected().followed_by(closes(1000, "").after([text("ab")]).sending([pong("p")]))),
    ]
}
