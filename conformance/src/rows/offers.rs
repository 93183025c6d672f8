//! Sub-protocols and extensions that are offered to our server (RFC 6455, sections 4.2.2 and 9.1).

use ws_core::handshake::{ClientRequest, EncodeError, Request, RequestError};

use crate::{
    accepting::{accepted, refused},
    head::{Head, request},
    row::{Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = sub_protocols();
    rows.extend(malformed());
    rows.extend(extensions());
    Theme { title: "Offers to our server", rows }
}

/// The application behind our server has `chat` and `superchat`.
fn sub_protocols() -> Vec<Row> {
    let chosen = |what| row("4.2.2", "the value chosen MUST be one of those that the client offers, or none", what);
    let choice = |what, line: &str, name: &str| {
        let answer = if name.is_empty() { accepted() } else { accepted().choosing(name) };
        chosen(what).asks(&request().line(line), answer)
    };
    let long = "protocol-".repeat(12);
    vec![
        choice("no sub-protocol that the application has", "Sec-WebSocket-Protocol: mqtt", ""),
        choice("one sub-protocol", "Sec-WebSocket-Protocol: chat", "chat"),
        chosen("two sub-protocols, the preferred one first")
            .seen_in("MG, ARD")
            .asks(&request().line("Sec-WebSocket-Protocol: superchat, chat"), accepted().choosing("superchat")),
        chosen("a list without spaces")
            .seen_in("EW-13")
            .asks(&request().line("Sec-WebSocket-Protocol: mqtt,chat,x"), accepted().choosing("chat")),
        choice("a list with more space than usual", "Sec-WebSocket-Protocol:   mqtt\t ,  chat  ", "chat"),
        row("11.3.4", "Sec-WebSocket-Protocol MAY appear multiple times in a request", "a list on two lines")
            .seen_in("EW-13")
            .asks(
                &request().line("Sec-WebSocket-Protocol: mqtt").line("Sec-WebSocket-Protocol: chat"),
                accepted().choosing("chat"),
            ),
        choice("a sub-protocol of which ours is only the beginning", "Sec-WebSocket-Protocol: chat2", ""),
        chosen("a sub-protocol that is only the beginning of ours")
            .seen_in("ESP")
            .asks(&request().line("Sec-WebSocket-Protocol: ch"), accepted()),
        choice("a sub-protocol in another case", "Sec-WebSocket-Protocol: Chat", ""),
        chosen("a sub-protocol of 25 characters, and ours")
            .seen_in("EW-1, EW-A2")
            .asks(&request().line("Sec-WebSocket-Protocol: abcdefghijklmnopqrstuvwxy, chat"), accepted().choosing("chat")),
        chosen("a sub-protocol of 108 characters, and ours")
            .seen_in("EW-1, EW-A2, PICO-P9")
            .asks(&request().line(format!("Sec-WebSocket-Protocol: {long}, chat")), accepted().choosing("chat")),
        chosen("five sub-protocols")
            .seen_in("EW-1, WZ-5")
            .asks(&request().line("Sec-WebSocket-Protocol: a, b, c, superchat, d"), accepted().choosing("superchat")),
        chosen("we are to choose what was not offered").does("refused: our application's sub-protocol is not a token, is there twice or was not offered (RFC 6455, section 4)", || {
            let head = request().line("Sec-WebSocket-Protocol: chat").bytes();
            let (request, _) = Request::parse(&head).expect("the request is sound").expect("it is whole");
            let upgrade = request.upgrade().expect("the request is sound").expect("it is for a WebSocket");
            match upgrade.accept(Some("superchat")) {
                Ok(_) => "accepted".to_string(),
                Err(error) => format!("refused: {error}"),
            }
        }),
    ]
}

fn malformed() -> Vec<Row> {
    let list = |what, lines: &[&str]| {
        let head = lines.iter().fold(request(), Head::line);
        row("4.1", "the elements MUST be non-empty tokens, all unique", what)
            .asks(&head, refused(400, RequestError::SubProtocols))
    };
    vec![
        list("an empty list of sub-protocols", &["Sec-WebSocket-Protocol:"]),
        list("a sub-protocol with a space", &["Sec-WebSocket-Protocol: my chat"]),
        list("a sub-protocol with a separator", &["Sec-WebSocket-Protocol: chat/2"]),
        list("a sub-protocol twice", &["Sec-WebSocket-Protocol: chat, mqtt, chat"]),
        list("a sub-protocol twice, on two lines", &["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat"]),
        row("4.1", "the elements MUST be non-empty tokens, all unique", "we are to offer a sub-protocol twice")
            .does("refused: our application's sub-protocol is not a token, is there twice or was not offered (RFC 6455, section 4)", || {
                offer(&["chat", "chat"])
            }),
        row("4.1", "the elements MUST be non-empty tokens, all unique", "we are to offer an empty sub-protocol")
            .does("refused: our application's sub-protocol is not a token, is there twice or was not offered (RFC 6455, section 4)", || {
                offer(&[""])
            }),
    ]
}

fn offer(sub_protocols: &[&str]) -> String {
    let request = ClientRequest { sub_protocols, ..ClientRequest::new("device.local", "/chat") };
    match request.encode(crate::head::KEY, &mut [0xa5; 500]) {
        Ok(_) => "offered".to_string(),
        Err(error @ EncodeError::InvalidSubProtocol) => format!("refused: {error}"),
        Err(error) => error.to_string(),
    }
}

fn extensions() -> Vec<Row> {
    let offered = |what, line: &str| {
        row("9.1", "a server that knows no extension that is offered does not answer with one", what)
            .asks(&request().line(line), accepted())
    };
    let malformed = |what, line: &str| {
        row("9.1", "whoever receives a list that does not conform to the ABNF MUST fail the connection", what)
            .asks(&request().line(line), refused(400, RequestError::Extensions))
    };
    vec![
        offered("an extension", "Sec-WebSocket-Extensions: permessage-deflate"),
        offered("an extension with parameters", "Sec-WebSocket-Extensions: a; b=1; c=\"2\", d"),
        malformed("an empty list of extensions", "Sec-WebSocket-Extensions:"),
        malformed("a parameter without a name", "Sec-WebSocket-Extensions: a; =1"),
        malformed("a quoted parameter that is no token", "Sec-WebSocket-Extensions: a; b=\"1 2\""),
        malformed("a quoted parameter without its end", "Sec-WebSocket-Extensions: a; b=\"1"),
    ]
}
