//! Frame headers (RFC 6455, section 5.2): reserved bits, opcodes and lengths.

use ws_core::{Limits, Violation, frame::HeaderError};

use crate::{
    frame::{BINARY, FIRST_TEXT, Frame, LAST, PING, TEXT, frame, pong},
    outcome::{Course, binary, fails, receives, text},
    row::{Row, Theme, row},
};

/// Whatever the peer announces is welcome.
const NO_LIMITS: Limits = Limits { message: u64::MAX, frame: u64::MAX, fragments: u32::MAX };

pub(crate) fn theme() -> Theme {
    let mut rows = reserved_bits();
    rows.extend(opcodes());
    rows.extend(wrong_lengths());
    rows.extend(lengths());
    Theme { title: "Frame headers", rows }
}

fn reserved_bits() -> Vec<Row> {
    let set = |what| row("5.2", "RSV1, RSV2 and RSV3 MUST be 0 unless an extension gives them a meaning", what);
    let reserved = || fails(1002, HeaderError::ReservedBits);
    vec![
        set("RSV1 set")
            .probe()
            .seen_in("EW-9, EW-D2, PICO-P2, SANS, LWS, ESP, MG, ARD")
            .frames([frame(0xc1, "a")], reserved()),
        set("RSV2 set").probe().seen_in("EW-9, PICO-P2, SANS, LWS").frames([frame(0xa1, "a")], reserved()),
        set("RSV3 set").probe().seen_in("EW-9, PICO-P2, SANS, LWS").frames([frame(0x91, "a")], reserved()),
        set("RSV1 set in a Ping").frames([frame(0xc9, "a")], reserved()),
        set("RSV1 set in a Close").frames([frame(0xc8, "")], reserved()),
        set("RSV1 set in a continuation").frames([frame(FIRST_TEXT, "a"), frame(0xc0, "b")], reserved()),
        set("all reserved bits set").frames([frame(0xf2, "a")], reserved()),
    ]
}

fn opcodes() -> Vec<Row> {
    let opcode = |what, first| {
        row("5.2", "If an unknown opcode is received, the endpoint MUST fail the connection", what)
            .frames([frame(first, "a")], fails(1002, HeaderError::ReservedOpcode))
    };
    let probe = |what, first| {
        row("5.2", "If an unknown opcode is received, the endpoint MUST fail the connection", what)
            .probe()
            .seen_in("PICO, SANS")
            .frames([frame(first, "a")], fails(1002, HeaderError::ReservedOpcode))
    };
    vec![
        probe("reserved opcode 3", 0x83),
        opcode("reserved opcode 4", 0x84),
        opcode("reserved opcode 5", 0x85),
        opcode("reserved opcode 6", 0x86),
        opcode("reserved opcode 7", 0x87),
        probe("reserved opcode 11", 0x8b),
        opcode("reserved opcode 12", 0x8c),
        opcode("reserved opcode 13", 0x8d),
        opcode("reserved opcode 14", 0x8e),
        opcode("reserved opcode 15", 0x8f),
        opcode("reserved opcode 3 in a fragment", 0x03),
    ]
}

fn wrong_lengths() -> Vec<Row> {
    let minimal = |what| row("5.2", "the minimal number of bytes MUST be used to encode the length", what);
    let top_bit = |what| row("5.2", "the most significant bit of a length in 64 bits MUST be 0", what);
    let not_minimal = || fails(1002, HeaderError::LengthNotMinimal);
    let everyone = "EW, WZ, EDGE-E1, PICO-P10, WSF-S4, SANS, LWS, ESP, MG, ARD";
    vec![
        minimal("length 5 in 16 bits")
            .probe()
            .seen_in(everyone)
            .frames([frame(TEXT, "Hello").in_16_bits()], not_minimal()),
        minimal("length 5 in 64 bits")
            .probe()
            .seen_in(everyone)
            .frames([frame(TEXT, "Hello").in_64_bits()], not_minimal()),
        minimal("length 0 in 16 bits").frames([frame(TEXT, "").in_16_bits()], not_minimal()),
        minimal("length 125 in 16 bits").frames([frame(BINARY, [7; 125]).in_16_bits()], not_minimal()),
        minimal("length 65535 in 64 bits").frames([frame(BINARY, [7; 65_535]).in_64_bits()], not_minimal()),
        top_bit("64-bit length, top bit set")
            .probe()
            .seen_in("EW, WZ-1, EDGE-4, EDGE-E1, WSF, SANS, ESP, MG, ARD")
            .frames([frame(BINARY, "Hello").announcing((1 << 63) + 5)], fails(1002, HeaderError::LengthTooLarge)),
        top_bit("the largest length in 64 bits: 10 bytes to a client, 14 to a server")
            .seen_in("WZ-1, WZ-W1, WZ-W2")
            .frames([frame(BINARY, "").announcing(u64::MAX)], fails(1002, HeaderError::LengthTooLarge)),
    ]
}

fn lengths() -> Vec<Row> {
    let accepted = |what| row("5.2", "the length is in 7, 16 or 64 bits", what);
    let uncut = |what| {
        row(
            "5.2",
            "the 64 bits are the length (a cut to the size of a pointer shows on a target of 32 bits only)",
            what,
        )
        .in_pieces()
        .limits(NO_LIMITS)
        .seen_in("EW-12, LWS, ESP, ARD")
    };
    let in_32_bits = |what, len: u64| {
        let frames: [Frame; 2] = [frame(BINARY, "Hello").announcing(len), frame(PING, "payload")];
        // The five bytes and what looks like a Ping are payload, of a message whose end does not come.
        uncut(what).frames(frames, receives([]))
    };
    let of = |len: usize| -> (Vec<Frame>, Course) {
        let payload = vec![7; len];
        (vec![frame(BINARY, &payload), frame(TEXT, "next")], receives([binary(&payload), text("next")]))
    };
    let message = |what, len| {
        let (frames, course) = of(len);
        accepted(what).frames(frames, course)
    };
    let (longest_in_16_bits, received) = of(65_535);
    vec![
        accepted("one byte per read").probe().seen_in("EW-5, EW-C1, EW-C2, ESP, ARD").frames(
            [frame(TEXT, "Hello"), frame(BINARY, [7; 300]), frame(PING, "p"), frame(TEXT, "next")],
            receives([text("Hello"), binary([7; 300]), text("next")]).sending([pong("p")]),
        ),
        message("a message of 0 bytes", 0),
        message("a message of 125 bytes", 125),
        message("a message of 126 bytes", 126),
        accepted("message of 65535 bytes").probe().seen_in("EW-D3, ESP, ARD").frames(longest_in_16_bits, received),
        message("a message of 65536 bytes", 65_536),
        in_32_bits("a length of 2^32 + 5 bytes", (1 << 32) + 5),
        in_32_bits("a length of 2^40 + 5 bytes, without a limit", (1 << 40) + 5),
        in_32_bits("the largest length of all, without a limit", u64::MAX >> 1),
        row(
            "10.4",
            "implementations MUST protect themselves against exceeding their limits",
            "length 2^40 (over any limit)",
        )
        .probe()
        .limits(Limits::DEFAULT)
        .seen_in("EW, WZ")
        .frames([frame(BINARY, "Hello").announcing(1 << 40)], fails(1009, Violation::FrameTooBig)),
        row("5.7", "a single-frame text message is 81 05 and Hello", "the RFC's example")
            .frames([frame(TEXT, "Hello")], receives([text("Hello")])),
        row("5.7", "a fragmented text message is 01 03 Hel and 80 02 lo", "the RFC's example in fragments")
            .frames([frame(FIRST_TEXT, "Hel"), frame(LAST, "lo")], receives([text("Hello")])),
        row("5.7", "a Ping is 89 05 Hello, its answer 8a 05 Hello", "the RFC's example of a Ping")
            .frames([frame(PING, "Hello")], receives([]).sending([pong("Hello")])),
    ]
}
