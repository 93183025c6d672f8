//! Fragmentation (RFC 6455, section 5.4): which frame may follow which, and messages put together.

use ws_core::{
    MessageKind::{Binary, Text},
    Violation,
};

use crate::{
    frame::{BINARY, FIRST_BINARY, FIRST_TEXT, Frame, LAST, MIDDLE, PING, TEXT, frame, pong},
    outcome::{binary, fails, receives, text},
    row::{Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = order();
    rows.extend(messages());
    Theme { title: "Fragmentation", rows }
}

fn order() -> Vec<Row> {
    let begun = |what| row("5.4", "a continuation follows the first fragment of a message", what);
    let ended = |what| {
        row(
            "5.4",
            "the fragments of one message MUST NOT be interleaved between the fragments of another message",
            what,
        )
    };
    let unexpected = || fails(1002, Violation::UnexpectedContinuation);
    let interrupted = |kind| fails(1002, Violation::MessageInterrupted(kind));
    vec![
        begun("continuation out of the blue")
            .probe()
            .seen_in("SANS, ESP, MG, ARD")
            .frames([frame(LAST, "a")], unexpected()),
        begun("a continuation without FIN out of the blue").frames([frame(MIDDLE, "a")], unexpected()),
        begun("an empty continuation out of the blue").frames([frame(LAST, "")], unexpected()),
        begun("a continuation behind a whole message")
            .seen_in("ESP")
            .frames([frame(TEXT, "a"), frame(LAST, "b")], unexpected().after([text("a")])),
        begun("a continuation behind the last fragment")
            .seen_in("ESP")
            .frames([frame(FIRST_TEXT, "a"), frame(LAST, "b"), frame(LAST, "c")], unexpected().after([text("ab")])),
        ended("text inside a fragmented message")
            .probe()
            .seen_in("EW-9, EW-D6, SANS, ESP, MG, ARD")
            .frames([frame(FIRST_TEXT, "a"), frame(TEXT, "b")], interrupted(Text)),
        ended("first fragment inside a fragmented message")
            .probe()
            .seen_in("EW-9, EW-D6, WZ-2, WZ-W3, SANS")
            .frames([frame(FIRST_TEXT, "a"), frame(FIRST_TEXT, "b"), frame(LAST, "c")], interrupted(Text)),
        ended("binary inside a fragmented text")
            .seen_in("EW-D6, WZ-W3, SANS")
            .frames([frame(FIRST_TEXT, "a"), frame(BINARY, "b")], interrupted(Text)),
        ended("text inside a fragmented binary message")
            .seen_in("EW-D6, SANS")
            .frames([frame(FIRST_BINARY, "a"), frame(MIDDLE, "b"), frame(TEXT, "c")], interrupted(Binary)),
        ended("text inside a fragmented message, behind a Ping")
            .frames([frame(FIRST_TEXT, "a"), frame(PING, ""), frame(TEXT, "b")], interrupted(Text).sending([pong("")])),
    ]
}

fn messages() -> Vec<Row> {
    let both =
        |what| row("5.4", "clients and servers MUST support receiving both fragmented and unfragmented messages", what);
    let in_order = |what| row("5.4", "message fragments MUST be delivered in the order sent", what);
    let any_size = |what| row("5.4", "a sender MAY create fragments of any size", what);
    let long = |first| frame(first, vec![b'x'; 5000]);
    let bytes: Vec<Frame> = (1..=998).map(|_| frame(MIDDLE, "x")).collect();
    let many = [vec![frame(FIRST_TEXT, "x")], bytes, vec![frame(LAST, "x")]].concat();
    vec![
        both("fragments, and then a message in one frame").seen_in("EDGE, SANS").frames(
            [frame(FIRST_BINARY, "a"), frame(LAST, "b"), frame(TEXT, "c")],
            receives([binary("ab"), text("c")]),
        ),
        in_order("four fragments").frames(
            [frame(FIRST_TEXT, "one "), frame(MIDDLE, "two "), frame(MIDDLE, "three "), frame(LAST, "four")],
            receives([text("one two three four")]),
        ),
        any_size("empty fragments").probe().frames(
            [frame(FIRST_TEXT, ""), frame(MIDDLE, ""), frame(MIDDLE, "a"), frame(MIDDLE, ""), frame(LAST, "")],
            receives([text("a")]),
        ),
        any_size("empty message").probe().frames(
            [frame(TEXT, ""), frame(BINARY, ""), frame(FIRST_TEXT, ""), frame(LAST, "")],
            receives([text(""), binary(""), text("")]),
        ),
        any_size("7 bytes per read, non-final fragment split").probe().seen_in("EW-2, EW-C3, EW-6, EW-C4").frames(
            [frame(FIRST_TEXT, "a fragment of 23 bytes;"), frame(LAST, "and another one of 30 bytes...")],
            receives([text("a fragment of 23 bytes;and another one of 30 bytes...")]),
        ),
        any_size("fragments longer than most buffers")
            .seen_in("EW-2, EW-C3, EW-6, EW-C4, WZ-6, WZ-W11, PICO-P7, WSF-S5, ARD, EDGE, MG")
            .frames([long(FIRST_TEXT), long(MIDDLE), long(LAST)], receives([text("x".repeat(15_000))])),
        any_size("a message of 16 KiB in one frame, longer than most buffers")
            .seen_in("WZ-6, WZ-W11, PICO-P7, WSF-S5, ARD")
            .frames([frame(BINARY, [7; 16_384])], receives([binary([7; 16_384])])),
        any_size("1000 fragments of one byte").frames(many, receives([text("x".repeat(1000))])),
    ]
}
