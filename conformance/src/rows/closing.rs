//! The closing handshake (RFC 6455, sections 5.5.1 and 7): Close frames that are refused and accepted, and what comes behind one.

use ws_core::{
    Error, Misuse, Violation,
    frame::{CloseCode, ClosePayloadError, HeaderError},
};

use crate::{
    call::{Call, close_with, ping, send_close, send_text, text_fragment},
    frame::{CLOSE, FIRST_TEXT, Frame, LAST, PING, Sent, Side, TEXT, close, frame, pong, sent},
    outcome::{Outcome, closes, comes_to, failed, fails, receives, refused, text},
    row::{Draft, Row, Theme, row},
};

pub(crate) fn theme() -> Theme {
    let mut rows = codes();
    rows.extend(payloads());
    rows.extend(behind_close());
    rows.extend(our_close());
    rows.extend(without_close());
    Theme { title: "Closing", rows }
}

fn codes() -> Vec<Row> {
    let never = "is a reserved value and MUST NOT be set as a status code in a Close frame";
    let unused = "status codes in the range 0-999 are not used";
    let undefined = "1000-2999 are for the protocol, and this one has no meaning";
    let beyond = "status codes end with 4999";
    let refuses = |section, rule, what, code| {
        let invalid = ClosePayloadError::InvalidCode(CloseCode::new(code));
        row(section, rule, what).frames([close(code, "")], fails(1002, invalid))
    };
    let probe = |section, rule, what, code| {
        let invalid = ClosePayloadError::InvalidCode(CloseCode::new(code));
        row(section, rule, what)
            .probe()
            .seen_in("EW-9, EW-D2, EDGE, PICO-P5, WSF-S3, SANS, ESP, MG, ARD")
            .frames([close(code, "")], fails(1002, invalid))
    };
    let accepts = |what, code| row("7.4.1", "the code is defined", what).frames([close(code, "")], closes(code, ""));
    let registered = |what, code| {
        row("7.4", "the code is registered with IANA", what)
            .seen_in("WZ, WSLAY, LWS")
            .frames([close(code, "")], closes(code, ""))
    };
    let own = |what, code| {
        row("7.4.2", "3000-3999 are for libraries, 4000-4999 for private use", what)
            .frames([close(code, "")], closes(code, ""))
    };
    vec![
        refuses("7.4.2", unused, "close code 0", 0),
        probe("7.4.2", unused, "close code 999", 999),
        probe("7.4.1", "1004 is reserved", "close code 1004", 1004),
        probe("7.4.1", never, "close code 1005", 1005),
        probe("7.4.1", never, "close code 1006", 1006),
        probe("7.4.1", never, "close code 1015", 1015),
        probe("7.4.2", undefined, "close code 1016", 1016),
        refuses("7.4.2", undefined, "close code 1100", 1100),
        refuses("7.4.2", undefined, "close code 2000", 2000),
        probe("7.4.2", undefined, "close code 2999", 2999),
        probe("7.4.2", beyond, "close code 5000", 5000),
        refuses("7.4.2", beyond, "close code 65535", 65_535),
        accepts("close code 1000", 1000),
        accepts("close code 1001", 1001),
        accepts("close code 1002", 1002),
        accepts("close code 1003", 1003),
        accepts("close code 1007", 1007),
        accepts("close code 1008", 1008),
        accepts("close code 1009", 1009),
        accepts("close code 1010", 1010),
        accepts("close code 1011", 1011),
        registered("close code 1012", 1012),
        registered("close code 1013", 1013),
        registered("close code 1014", 1014),
        own("close code 3000", 3000),
        own("close code 3999", 3999),
        own("close code 4000", 4000),
        own("close code 4999", 4999),
    ]
}

fn payloads() -> Vec<Row> {
    let code = |what| row("5.5.1", "if there is a body, the first two bytes MUST be a status code", what);
    let reason = |what| row("5.5.1", "behind the code there may be UTF-8-encoded data", what);
    let told = |what| row("7.1.6", "the close code and the reason are those of the Close frame received", what);
    let not_utf8 = || fails(1007, ClosePayloadError::ReasonNotUtf8);
    let longest = "r".repeat(123);
    let empty = || comes_to([Outcome::Closed(None)], [Sent::Close(None)]);
    vec![
        code("close with a 1-byte payload")
            .probe()
            .seen_in("EW-9, EW-D2, EDGE, PICO-P4, SANS, WSLAY, LWS, ESP, MG, ARD")
            .frames([frame(CLOSE, [3])], fails(1002, ClosePayloadError::Truncated)),
        reason("close reason not UTF-8")
            .probe()
            .seen_in("EW-9, EDGE, SANS, ESP, MG, ARD")
            .frames([close(1000, [0xff])], not_utf8()),
        reason("a reason that ends inside a code point").frames([close(1000, [b'a', 0xc3])], not_utf8()),
        reason("a reason that is not UTF-8, in pieces")
            .seen_in("WSLAY")
            .frames([close(1000, b"ab\xff\xffcd")], not_utf8()),
        reason("a reason of two characters of two bytes, in pieces")
            .seen_in("WSLAY")
            .frames([close(1000, "äö")], closes(1000, "äö")),
        told("a Close with a reason")
            .seen_in("EW, WZ-4, WZ-W5")
            .frames([close(4000, "because")], closes(4000, "because")),
        told("a Close with the longest reason, of 123 bytes").frames([close(1001, &longest)], closes(1001, &longest)),
        row("7.1.5", "without a status code, the close code is considered to be 1005: there is none", "an empty Close")
            .seen_in("EW-9")
            .frames([frame(CLOSE, "")], empty()),
    ]
}

fn behind_close() -> Vec<Row> {
    let answered = |what| {
        row("5.5.1", "an endpoint that receives a Close and did not send one MUST send a Close in response", what)
            .seen_in("EDGE, PICO, WSF, SANS")
    };
    let discarded = |what| row("1.4", "after a Close, a peer discards any further data received", what);
    let dead =
        |what| row("7.1.7", "an endpoint MUST NOT continue to process data after it failed the connection", what);
    let reserved = || fails(1002, HeaderError::ReservedOpcode);
    let goodbye = || close(1000, "bye");
    vec![
        answered("a message, and a Close")
            .frames([frame(TEXT, "a"), goodbye()], closes(1000, "bye").after([text("a")])),
        answered("a Ping, and a Close").frames([frame(PING, "p"), goodbye()], closes(1000, "bye").sending([pong("p")])),
        discarded("a message behind a Close").frames([goodbye(), frame(TEXT, "late")], closes(1000, "bye")),
        discarded("a second Close").frames([goodbye(), close(1001, "again")], closes(1000, "bye")),
        discarded("a Close, and the end of the transport").then_end().frames([goodbye()], closes(1000, "bye")),
        dead("a reserved opcode, and a Ping").seen_in("WSF-S6").frames([frame(0x83, ""), frame(PING, "p")], reserved()),
        dead("a reserved opcode, and a Close")
            .seen_in("EW, WZ, EDGE, PICO, WSF, SANS")
            .frames([frame(0x83, ""), goodbye()], reserved()),
        dead("a reserved opcode, and another violation").frames([frame(0x83, ""), frame(0xf3, "")], reserved()),
        dead("a reserved opcode, a message, and calls that send")
            .over_adapters()
            .calling([Call::Receive, send_text("a"), ping(""), send_close(1000, "")])
            .frames([frame(0x83, ""), frame(TEXT, "late")], {
                let closing = || refused(Misuse::Closing);
                let violation = failed(Violation::Header(HeaderError::ReservedOpcode));
                comes_to([violation, closing(), closing(), closing()], [Sent::Close(Some(1002))])
            }),
    ]
}

fn our_close() -> Vec<Row> {
    let nothing_after = |what| {
        row("5.5.1", "the application MUST NOT send any more data frames after sending a Close", what)
            .seen_in("EDGE, WSF, SANS")
    };
    let until_theirs = |what| row("5.5.1", "closed when both sides have sent and received a Close", what);
    let closing = || refused(Misuse::Closing);
    let done = || Outcome::Done;
    let once = || Sent::Close(Some(1000));
    let bye = || close_with(1000, "bye");
    let begun = |draft: Draft, call: Call| {
        draft.calling([send_close(1000, "bye"), call]).frames([], comes_to([done(), closing()], [once()]))
    };
    vec![
        begun(nothing_after("we are to send a text after our Close"), send_text("late")),
        begun(nothing_after("we are to send a fragment after our Close"), text_fragment("late", true)),
        begun(nothing_after("we are to send a Ping after our Close"), ping("")),
        begun(nothing_after("we are to send a second Close"), send_close(1001, "")),
        nothing_after("our Close inside a message of ours, which does not go on")
            .calling([text_fragment("a", false), send_close(1000, ""), text_fragment("b", true)])
            .frames([], comes_to([done(), done(), closing()], [sent(FIRST_TEXT, "a"), once()])),
        nothing_after("a Ping of the peer's between our Close and a text that we are to send")
            .seen_in("WZ-3, WZ-W4")
            .calling([send_close(1000, ""), Call::Receive, send_text("late")])
            .frames([frame(PING, "p")], comes_to([done(), Outcome::Open, closing()], [once(), pong("p")])),
        until_theirs("our Close, and theirs")
            .calling([bye()])
            .frames([close(1000, "bye")], comes_to([done()], [once()])),
        until_theirs("our Close, and theirs with another code")
            .calling([bye()])
            .frames([close(1001, "")], comes_to([done()], [once()])),
        until_theirs("our Close, and silence").calling([bye()]).frames([], comes_to([Outcome::Open], [once()])),
        until_theirs("our Close, then a message, a Ping and their Close")
            .calling([bye()])
            .frames([frame(TEXT, "a"), frame(PING, "p"), close(1000, "")], comes_to([done()], [once(), pong("p")])),
        until_theirs("their Close, which crosses ours: none is sent twice")
            .calling([send_close(1000, ""), Call::ReceiveAll])
            .frames([close(1001, "x")], {
                comes_to([done(), Outcome::Closed(Some((1001, "x".to_string())))], [once()])
            }),
        row(
            "7.1.7",
            "a Close may have been sent before the connection fails: there is no second one",
            "our Close, and a reserved opcode",
        )
        .calling([send_close(1000, ""), Call::Receive])
        .frames([frame(0x83, "")], {
            comes_to([done(), failed(Violation::Header(HeaderError::ReservedOpcode))], [once()])
        }),
        row(
            "5.5.1",
            "their Close has to be valid also when it answers ours",
            "our Close, and theirs with the code 1005",
        )
        .calling([send_close(1000, ""), Call::Receive])
        .frames([close(1005, "")], {
            let invalid = ClosePayloadError::InvalidCode(CloseCode::NO_STATUS_RECEIVED);
            comes_to([done(), failed(Violation::ClosePayload(invalid))], [once()])
        }),
    ]
}

fn without_close() -> Vec<Row> {
    let abnormal = |what| {
        row("7.1.5", "if the transport ends without a Close, the close code is considered to be 1006", what)
            .seen_in("EW-11, EW-F1, EDGE-6, EDGE-E4")
            .then_end()
    };
    let ended = |clean| failed(Error::TransportEnded { clean });
    let inside = |draft: Draft, frames: Vec<Frame>| draft.frames(frames, comes_to([ended(false)], []));
    vec![
        abnormal("the end of the transport between two messages")
            .frames([frame(TEXT, "a")], comes_to([text("a"), ended(true)], [])),
        inside(abnormal("the end of the transport inside a header"), vec![frame(TEXT, "abc").cut(1)]),
        inside(abnormal("the end of the transport inside a frame"), vec![frame(TEXT, "abc").cut(4)]),
        inside(abnormal("the end of the transport inside a message"), vec![frame(FIRST_TEXT, "a")]),
        inside(abnormal("the end of the transport inside a Close"), vec![close(1000, "bye").cut(3)]),
        abnormal("our Close, and the end of the transport")
            .calling([close_with(1000, "")])
            .frames([], comes_to([ended(true)], [Sent::Close(Some(1000))])),
        row("7.1.5", "silence is not the end", "silence inside a frame")
            .seen_in("EW-11, EW-F1")
            .frames([frame(TEXT, "abc").cut(4)], receives([])),
        row("6.2", "what the peer begins is received when it is whole", "a Ping, a first fragment and silence").frames(
            [frame(PING, "p"), frame(FIRST_TEXT, "a"), frame(LAST, "b").cut(2)],
            receives([]).sending([pong("p")]),
        ),
        row("7.1.4", "once it is closed, the connection is closed", "calls after the closing handshake")
            .on(Side::Server)
            .over_adapters()
            .calling([Call::ReceiveAll, Call::Receive, send_text("late")])
            .frames([close(1000, "")], {
                let closed = || Outcome::Closed(Some((1000, String::new())));
                comes_to([closed(), closed(), refused(Misuse::Closing)], [Sent::Close(Some(1000))])
            }),
    ]
}
