//! Masking (RFC 6455, sections 5.1 and 5.3): who masks, who must not, and that pieces of any length are unmasked.

use ws_core::Violation;

use crate::{
    call::{send_binary, send_text},
    frame::{BINARY, FIRST_TEXT, LAST, PING, PONG, Side, TEXT, close, frame, sent},
    outcome::{Outcome, binary, comes_to, fails, receives, text},
    row::{Draft, Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = direction();
    rows.extend(unmasking());
    rows.extend(ours());
    Theme { title: "Masking", rows }
}

fn direction() -> Vec<Row> {
    let server = |what| {
        row("5.1", "the server MUST close the connection upon receiving a frame that is not masked", what)
            .on(Side::Server)
    };
    let client =
        |what| row("5.1", "a client MUST close a connection if it detects a masked frame", what).on(Side::Client);
    let not_masked = || fails(1002, Violation::NotMasked);
    let masked = || fails(1002, Violation::Masked);
    let everyone = "EW-9, EW-D2, EDGE-4, PICO-P3, WSF-S2, SANS, MG, ARD";
    vec![
        server("unmasked client frame")
            .probe()
            .seen_in(everyone)
            .frames([frame(TEXT, "u").masked_wrongly()], not_masked()),
        server("an unmasked empty frame").frames([frame(TEXT, "").masked_wrongly()], not_masked()),
        server("an unmasked Ping").frames([frame(PING, "").masked_wrongly()], not_masked()),
        server("an unmasked Close").frames([close(1000, "").masked_wrongly()], not_masked()),
        server("an unmasked last fragment")
            .frames([frame(FIRST_TEXT, "a"), frame(LAST, "b").masked_wrongly()], not_masked()),
        client("a masked server frame")
            .seen_in("EW-9, EDGE-4, WSF-S2, SANS, ESP, MG, ARD")
            .frames([frame(TEXT, "m").masked_wrongly()], masked()),
        client("a masked Pong").frames([frame(PONG, "").masked_wrongly()], masked()),
        client("a masked Close").frames([close(1000, "").masked_wrongly()], masked()),
    ]
}

fn unmasking() -> Vec<Row> {
    let payload: Vec<u8> = (0..2000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let unmasked = |what| row("5.3", "octet i is XORed with octet i modulo 4 of the masking key", what);
    vec![
        unmasked("a frame in pieces of 250 to 258 bytes")
            .seen_in("SANS-S1")
            .reads(250..=258)
            .frames([frame(BINARY, &payload)], receives([binary(&payload)])),
        unmasked("frames with different keys, none of a length that four divides").seen_in("WSLAY").frames(
            [
                frame(TEXT, "a"),
                frame(FIRST_TEXT, "bcd"),
                frame(PONG, "efghi"),
                frame(LAST, "jk"),
                frame(TEXT, "lmnopqr"),
            ],
            receives([text("a"), text("bcdjk"), text("lmnopqr")]),
        ),
    ]
}

fn ours() -> Vec<Row> {
    let long = vec![7; 70_000];
    let sends = |draft: Draft| {
        let calls = [send_text(""), send_text("a"), send_binary([7; 1400]), send_binary(&long), send_text("bcd")];
        let frames = [sent(TEXT, ""), sent(TEXT, "a"), sent(BINARY, [7; 1400]), sent(BINARY, &long), sent(TEXT, "bcd")];
        draft.calling(calls).frames([], comes_to(vec![Outcome::Done; 5], frames))
    };
    vec![
        sends(
            row(
                "5.3",
                "a client MUST mask every frame, with a fresh key from a strong source",
                "we send frames of 0 to 70000 bytes: each has a key of its own, and none is zero",
            )
            .on(Side::Client)
            .seen_in("WSF, ARD, EDGE, WSLAY"),
        ),
        sends(
            row("5.1", "a server MUST NOT mask any frames that it sends", "we send frames of 0 to 70000 bytes")
                .on(Side::Server),
        ),
    ]
}
