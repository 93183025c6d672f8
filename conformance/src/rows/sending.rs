//! What we send (RFC 6455, sections 5 and 6.1): that calls which would break a rule are refused and change nothing, and that the others
//! come out as frames in the right order. How the frames lie on the wire is in `wire_format.rs`.

use ws_core::{
    MessageKind::{Binary, Text},
    Misuse,
    frame::{CloseCode, HeaderError},
};

use crate::{
    call::{Call, binary_fragment, ping, send_binary, send_close, send_text, text_fragment},
    frame::{BINARY, FIRST_BINARY, FIRST_TEXT, LAST, MIDDLE, PING, Sent, TEXT, frame, pong, sent},
    outcome::{Course, Outcome, comes_to, refused},
    row::{Draft, Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = control_frames();
    rows.extend(close_codes());
    rows.extend(texts());
    rows.extend(fragments());
    rows.extend(half_sent_frames());
    Theme { title: "What we send", rows }
}

/// Nothing was sent, and the next message is sent as if nothing had been asked for.
fn only_next(misuse: Misuse) -> Course {
    comes_to([refused(misuse), Outcome::Done], [sent(TEXT, "next")])
}

/// A call that is refused, and a message.
fn refuses(draft: Draft, call: Call, misuse: Misuse) -> Row {
    draft.calling([call, send_text("next")]).frames([], only_next(misuse))
}

fn control_frames() -> Vec<Row> {
    let short = |what| row("5.5", "control frames MUST have a payload of 125 bytes or less", what);
    vec![
        refuses(
            short("we are to send a Ping of 126 bytes").seen_in("EW-10, WZ-4, WZ-W6, EDGE, PICO, SANS"),
            ping([7; 126]),
            Misuse::ControlFrame(HeaderError::ControlFrameTooLong),
        ),
        short("we are to send a Ping of 125 bytes")
            .calling([ping([7; 125])])
            .frames([], comes_to([Outcome::Done], [sent(PING, [7; 125])])),
        refuses(
            short("we are to send a Close with a reason of 124 bytes").seen_in("EW-10, EW-D4, WZ-4, WZ-W6"),
            send_close(1000, &"ä".repeat(62)),
            Misuse::CloseReasonTooLong,
        ),
        short("we are to send a Close with a reason of 123 bytes")
            .calling([send_close(1000, &"r".repeat(123))])
            .frames([], comes_to([Outcome::Done], [Sent::Close(Some(1000))])),
    ]
}

fn close_codes() -> Vec<Row> {
    let code = |what, code| {
        let draft = row("7.4", "the code is not used, or MUST NOT be set as a status code in a Close frame", what);
        refuses(draft, send_close(code, ""), Misuse::CloseCodeNotAllowed(CloseCode::new(code)))
    };
    let own = |what, code| {
        row("7.4.2", "3000-3999 are for libraries, 4000-4999 for private use", what)
            .calling([send_close(code, "why")])
            .frames([], comes_to([Outcome::Done], [Sent::Close(Some(code))]))
    };
    vec![
        code("we are to close with 999", 999),
        code("we are to close with 1004", 1004),
        code("we are to close with 1005", 1005),
        code("we are to close with 1006", 1006),
        code("we are to close with 1015", 1015),
        code("we are to close with 2999", 2999),
        code("we are to close with 5000", 5000),
        own("we are to close with 3000", 3000),
        own("we are to close with 4999", 4999),
    ]
}

fn texts() -> Vec<Row> {
    let utf8 = |what| row("5.6", "the whole message MUST contain valid UTF-8", what);
    let done = || Outcome::Done;
    vec![
        refuses(utf8("we are to send a text that is not UTF-8"), text_fragment([0xff], true), Misuse::TextNotUtf8),
        refuses(
            utf8("we are to send a text that ends inside a code point"),
            text_fragment([b'a', 0xc3], true),
            Misuse::TextNotUtf8,
        ),
        utf8("we are to send a text cut inside a code point")
            .calling([text_fragment([0xc3], false), text_fragment([0xa4], true)])
            .frames([], comes_to([done(), done()], [sent(FIRST_TEXT, [0xc3]), sent(LAST, [0xa4])])),
        utf8("we are to go on inside a code point with something else, and then with its rest")
            .calling([text_fragment([0xc3], false), text_fragment("a", true), text_fragment([0xa4], true)])
            .frames([], {
                let outcomes = [done(), refused(Misuse::TextNotUtf8), done()];
                comes_to(outcomes, [sent(FIRST_TEXT, [0xc3]), sent(LAST, [0xa4])])
            }),
        row("5.6", "binary data is arbitrary", "we are to send binary data that is not UTF-8")
            .calling([send_binary([0xff, 0xc0])])
            .frames([], comes_to([done()], [sent(BINARY, [0xff, 0xc0])])),
    ]
}

fn fragments() -> Vec<Row> {
    let apart = |what| {
        row(
            "5.4",
            "the fragments of one message MUST NOT be interleaved between the fragments of another message",
            what,
        )
    };
    let injected = |what| row("5.4", "control frames MAY be injected in the middle of a fragmented message", what);
    let done = || Outcome::Done;
    let begun = |kind, call| {
        let calls = [text_fragment("a", false), call, text_fragment("b", true)];
        (calls, [done(), refused(Misuse::MessageUnfinished(kind)), done()])
    };
    let (message_calls, message_outcomes) = begun(Text, send_text("x"));
    let (binary_calls, binary_outcomes) = begun(Text, binary_fragment("x", true));
    let a_and_b = || [sent(FIRST_TEXT, "a"), sent(LAST, "b")];
    vec![
        row(
            "5.4",
            "a first fragment, continuations with the opcode 0, and the last one with FIN",
            "we are to send three fragments",
        )
        .calling([binary_fragment("a", false), binary_fragment("", false), binary_fragment("b", true)])
        .frames([], comes_to(vec![done(); 3], [sent(FIRST_BINARY, "a"), sent(MIDDLE, ""), sent(LAST, "b")])),
        apart("we are to send a message inside a message")
            .over_adapters()
            .calling(message_calls)
            .frames([], comes_to(message_outcomes, a_and_b())),
        apart("we are to send a binary fragment inside a text")
            .calling(binary_calls)
            .frames([], comes_to(binary_outcomes, a_and_b())),
        injected("a Ping of the peer's inside a message of ours")
            .seen_in("EW-7, EW-D1")
            .calling([text_fragment("a", false), Call::Receive, text_fragment("b", true)])
            .frames([frame(PING, "pp")], {
                comes_to([done(), Outcome::Open, done()], [sent(FIRST_TEXT, "a"), pong("pp"), sent(LAST, "b")])
            }),
        injected("we are to send a Ping inside a message of ours")
            .calling([text_fragment("a", false), ping("p"), text_fragment("b", true)])
            .frames([], comes_to(vec![done(); 3], [sent(FIRST_TEXT, "a"), sent(PING, "p"), sent(LAST, "b")])),
        row("5.5.1", "a Close may be sent before the last fragment", "we are to send a Close inside a message of ours")
            .calling([text_fragment("a", false), send_close(1001, "")])
            .frames([], comes_to(vec![done(); 2], [sent(FIRST_TEXT, "a"), Sent::Close(Some(1001))])),
    ]
}

fn half_sent_frames() -> Vec<Row> {
    let whole = |what| row("5.2", "the payload follows its header: nothing comes in between", what).over_adapters();
    let done = || Outcome::Done;
    let begin = || Call::BeginFrame(Binary, 10, b"abc".to_vec());
    let go_on = || Call::ContinueFrame(b"defghij".to_vec());
    let unfinished = || refused(Misuse::FrameUnfinished { remaining: 7 });
    let frame_of_10 = || sent(BINARY, "abcdefghij");
    vec![
        whole("we are to send a message of 5000 bytes, longer than most buffers")
            .seen_in("EW, WZ-6, WSF")
            .calling([send_binary([7; 5000])])
            .frames([], comes_to([done()], [sent(BINARY, [7; 5000])])),
        whole("we are to send a message and a Ping inside a half-sent frame")
            .calling([begin(), send_text("x"), ping(""), go_on()])
            .frames([], comes_to([done(), unfinished(), unfinished(), done()], [frame_of_10()])),
        whole("a Ping of the peer's inside a half-sent frame of ours")
            .seen_in("EW, WZ, EDGE, PICO, WSF, SANS")
            .calling([begin(), Call::Receive, go_on(), Call::Receive])
            .frames([frame(PING, "p")], {
                comes_to([done(), Outcome::Open, done(), Outcome::Open], [frame_of_10(), pong("p")])
            }),
        whole("we are to close inside a half-sent frame")
            .calling([begin(), send_close(1000, ""), go_on(), send_close(1000, "")])
            .frames([], comes_to([done(), unfinished(), done(), done()], [frame_of_10(), Sent::Close(Some(1000))])),
    ]
}
