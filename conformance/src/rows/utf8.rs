//! Text is UTF-8 (RFC 6455, sections 5.6 and 8.1): what is refused, as soon as it can be, and what is not.

use ws_core::Violation;

use crate::{
    frame::{BINARY, FIRST_TEXT, LAST, MIDDLE, PING, TEXT, frame, pong},
    outcome::{Course, binary, fails, receives, text},
    row::{Draft, Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = refused();
    rows.extend(fail_fast());
    rows.extend(accepted());
    Theme { title: "UTF-8", rows }
}

fn invalid(what: &'static str) -> Draft {
    row("8.1", "an endpoint that finds a byte stream not to be UTF-8 MUST fail the connection", what)
}

fn not_utf8() -> Course {
    fails(1007, Violation::TextNotUtf8)
}

fn refused() -> Vec<Row> {
    let bytes = |what, bytes: &[u8]| invalid(what).frames([frame(TEXT, bytes)], not_utf8());
    let none = "EDGE, SANS, MG, ESP, ARD, LWS";
    vec![
        invalid("invalid UTF-8 (ff)").probe().seen_in(none).frames([frame(TEXT, [b'a', 0xff])], not_utf8()),
        invalid("surrogate (ed a0 80)").probe().seen_in(none).frames([frame(TEXT, [0xed, 0xa0, 0x80])], not_utf8()),
        bytes("the last surrogate (ed bf bf)", &[0xed, 0xbf, 0xbf]),
        bytes("a continuation byte alone (80)", &[0x80]),
        bytes("an overlong slash in two bytes (c0 af)", &[0xc0, 0xaf]),
        bytes("an overlong slash in three bytes (e0 80 af)", &[0xe0, 0x80, 0xaf]),
        bytes("an overlong slash in four bytes (f0 80 80 af)", &[0xf0, 0x80, 0x80, 0xaf]),
        bytes("beyond U+10FFFF (f4 90 80 80)", &[0xf4, 0x90, 0x80, 0x80]),
        bytes("a first byte of five (f8 88 80 80 80)", &[0xf8, 0x88, 0x80, 0x80, 0x80]),
        bytes("two bytes, the second of which is ASCII (c3 28)", &[0xc3, 0x28]),
        invalid("text ends inside a code point").probe().seen_in(none).frames([frame(TEXT, [b'a', 0xc3])], not_utf8()),
        invalid("fragmented text ends inside a code point")
            .probe()
            .seen_in(none)
            .frames([frame(FIRST_TEXT, "a"), frame(LAST, [0xe2, 0x82])], not_utf8()),
        invalid("a code point that the next fragment does not end")
            .frames([frame(FIRST_TEXT, [0xe2, 0x82]), frame(LAST, "a")], not_utf8()),
        invalid("an empty last fragment inside a code point")
            .frames([frame(FIRST_TEXT, [0xc3]), frame(LAST, "")], not_utf8()),
        invalid("invalid UTF-8, and then a good text")
            .seen_in("WSF-S6")
            .frames([frame(TEXT, [0xff]), frame(TEXT, "next")], not_utf8()),
        invalid("invalid UTF-8 behind a good text")
            .frames([frame(TEXT, "good"), frame(TEXT, [0xfe])], not_utf8().after([text("good")])),
    ]
}

fn fail_fast() -> Vec<Row> {
    let everyone = "EW, WZ, EDGE, PICO, WSF, SANS";
    let bad = [b"ok \xff".as_slice(), &[b'x'; 200]].concat();
    vec![
        invalid("fail-fast: bad UTF-8 in a first fragment, rest never comes")
            .probe()
            .seen_in(everyone)
            .frames([frame(FIRST_TEXT, b"ok \xff")], not_utf8()),
        invalid("bad UTF-8 in a second fragment, rest never comes")
            .seen_in(everyone)
            .frames([frame(FIRST_TEXT, "ok \u{e4}"), frame(MIDDLE, [0xff])], not_utf8()),
        invalid("fail-fast: bad UTF-8 in a frame, rest never comes")
            .probe()
            .seen_in(everyone)
            .frames([frame(TEXT, &bad).cut(4 + 4)], not_utf8()),
        invalid("bad UTF-8 in a frame of 32 MiB, rest never comes")
            .in_pieces()
            .frames([frame(TEXT, b"ok \xc3\x28").announcing(1 << 25)], not_utf8()),
        invalid("a surrogate is known by its second byte (ed a0), rest never comes")
            .frames([frame(TEXT, [0xed, 0xa0, 0x80]).cut(2 + 2)], not_utf8()),
        invalid("U+110000 is known by its second byte (f4 90), rest never comes")
            .frames([frame(TEXT, [0xf4, 0x90, 0x80, 0x80]).cut(2 + 2)], not_utf8()),
    ]
}

fn accepted() -> Vec<Row> {
    let partial = |what| {
        row(
            "5.6",
            "a text frame might include a partial UTF-8 sequence; the whole message MUST contain valid UTF-8",
            what,
        )
    };
    let valid = |what| row("8.1", "what is UTF-8 is text", what);
    let edges = "\0\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}";
    let (first, rest) = ("\u{1f600}".as_bytes(), "\u{20ac}".as_bytes());
    vec![
        partial("code point split over fragments").probe().frames(
            [
                frame(FIRST_TEXT, &first[..1]),
                frame(MIDDLE, &first[1..3]),
                frame(MIDDLE, &first[3..]),
                frame(LAST, rest),
            ],
            receives([text("\u{1f600}\u{20ac}")]),
        ),
        partial("a code point split over fragments, with an empty one and a Ping in it").frames(
            [frame(FIRST_TEXT, &rest[..1]), frame(MIDDLE, ""), frame(PING, ""), frame(LAST, &rest[1..])],
            receives([text("\u{20ac}")]).sending([pong("")]),
        ),
        valid("the first and last code points of each length").frames([frame(TEXT, edges)], receives([text(edges)])),
        valid("a byte order mark and noncharacters")
            .frames([frame(TEXT, "\u{feff}\u{fffe}\u{1ffff}")], receives([text("\u{feff}\u{fffe}\u{1ffff}")])),
        row("5.6", "binary data is arbitrary", "a binary message that is not UTF-8")
            .frames([frame(BINARY, [0xff, 0xfe, 0xc0])], receives([binary([0xff, 0xfe, 0xc0])])),
    ]
}
