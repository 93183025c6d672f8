//! Control frames (RFC 6455, section 5.5): their form, Pings and Pongs. Close frames are in `closing.rs`.

use ws_core::frame::HeaderError;

use crate::{
    frame::{CLOSE, FIRST_BINARY, FIRST_TEXT, LAST, MIDDLE, PING, PONG, TEXT, close, frame, pong},
    outcome::{binary, closes, fails, receives, text},
    row::{Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = form();
    rows.extend(pings());
    rows.extend(between_fragments());
    Theme { title: "Control frames", rows }
}

fn form() -> Vec<Row> {
    let whole = |what| row("5.5", "control frames MUST NOT be fragmented", what);
    let short = |what| row("5.5", "control frames MUST have a payload of 125 bytes or less", what);
    let fragmented = || fails(1002, HeaderError::FragmentedControlFrame);
    let too_long = || fails(1002, HeaderError::ControlFrameTooLong);
    vec![
        whole("fragmented ping")
            .probe()
            .seen_in("EW-9, EW-D2, EDGE-4, EDGE-E1, PICO-P6, SANS, ESP, MG, ARD")
            .frames([frame(0x09, "a"), frame(LAST, "b")], fragmented()),
        whole("a fragmented Pong").frames([frame(0x0a, "a"), frame(LAST, "b")], fragmented()),
        whole("a fragmented Close").frames([frame(0x08, [3, 232])], fragmented()),
        short("ping of 126 bytes")
            .probe()
            .seen_in("EW-9, EW-C6, EDGE-4, EDGE-E1, PICO, SANS, ESP, MG, ARD")
            .frames([frame(PING, [7; 126])], too_long()),
        short("pong of 126 bytes")
            .probe()
            .seen_in("EW-9, EDGE-4, PICO, SANS")
            .frames([frame(PONG, [7; 126])], too_long()),
        short("close of 126 bytes")
            .probe()
            .seen_in("EW-9, EDGE-4, PICO, SANS")
            .frames([close(1000, [b'a'; 124])], too_long()),
        short("a Ping that announces 2^40 bytes").frames([frame(PING, "").announcing(1 << 40)], too_long()),
        short("a Ping of 5 bytes whose length is in 16 bits, where it can only be too long or not minimal")
            .frames([frame(PING, "Hello").in_16_bits()], fails(1002, HeaderError::ControlFrameTooLong)),
    ]
}

fn pings() -> Vec<Row> {
    let ping = |what| row("5.5.2", "upon receipt of a Ping, an endpoint MUST send a Pong", what);
    let same = |what| row("5.5.3", "a Pong MUST have the same application data as the Ping", what);
    let everyone = "EDGE, PICO, WSF, SANS";
    vec![
        ping("an empty Ping").seen_in(everyone).frames([frame(PING, "")], receives([]).sending([pong("")])),
        same("a Ping of 125 bytes").frames([frame(PING, [7; 125])], receives([]).sending([pong([7; 125])])),
        same("a Ping in which there are zeros")
            .seen_in("ARD")
            .frames([frame(PING, "a\0b\0")], receives([]).sending([pong("a\0b\0")])),
        same("a Ping that is not UTF-8")
            .frames([frame(PING, [0xff, 0xfe])], receives([]).sending([pong([0xff, 0xfe])])),
        same("a Ping of 10 bytes, split over reads")
            .seen_in("EW-7, EW-C5")
            .frames([frame(PING, "0123456789")], receives([]).sending([pong("0123456789")])),
        row("5.5.3", "an endpoint MAY answer only the most recent Ping: we answer each", "three Pings at once").frames(
            [frame(PING, "1"), frame(PING, "2"), frame(PING, "3")],
            receives([]).sending([pong("1"), pong("2"), pong("3")]),
        ),
        row("5.5.3", "a response to an unsolicited Pong is not expected", "a Pong that nobody asked for")
            .frames([frame(PONG, "a"), frame(TEXT, "b")], receives([text("b")])),
        row("5.5.2", "a Ping need not be answered after a Close was received", "a Ping behind a Close")
            .frames([close(1000, ""), frame(PING, "late")], closes(1000, "")),
        row("1.4", "after a Close, a peer discards any further data received", "a Close, and bytes that are no frames")
            .frames([frame(CLOSE, [3, 232]), frame(0xff, [0xff; 300])], closes(1000, "")),
    ]
}

fn between_fragments() -> Vec<Row> {
    let between =
        |what| row("5.4", "endpoints MUST be capable of handling control frames in the middle of a message", what);
    let abc = || receives([text("abc")]);
    vec![
        between("ping inside a fragmented message").probe().seen_in("PICO-P1, EW-6").frames(
            [frame(FIRST_TEXT, "a"), frame(PING, "p"), frame(MIDDLE, "b"), frame(LAST, "c")],
            abc().sending([pong("p")]),
        ),
        between("a Pong inside a fragmented message")
            .seen_in("PICO-P1")
            .frames([frame(FIRST_TEXT, "a"), frame(PONG, "p"), frame(LAST, "bc")], abc()),
        between("a Ping between the two bytes of a character").frames(
            [frame(FIRST_TEXT, [0xc3]), frame(PING, [0xff]), frame(LAST, [0xa4])],
            receives([text("ä")]).sending([pong([0xff])]),
        ),
        between("a Close inside a fragmented message")
            .frames([frame(FIRST_BINARY, "a"), close(1001, "bye")], closes(1001, "bye")),
        between("a Ping of 125 bytes into a buffer that is nearly full").seen_in("EW-F2").wholes(5..12).frames(
            [frame(FIRST_BINARY, "1234"), frame(PING, [7; 125]), frame(LAST, "")],
            receives([binary("1234")]).sending([pong([7; 125])]),
        ),
    ]
}
