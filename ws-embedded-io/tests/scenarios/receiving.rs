//! Receiving in both roles: whole messages and chunks, cut anywhere, with control frames between them; what has not come yet;
//! and everything that ends in an error.

use super::{
    dialogue::{Call, Dialogue, Outcome, Record, binary, closed, failed, text},
    driver::play,
    script::{Fault, Script},
    side::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, SIDES, Side, TEXT, close_payload, frame, owned},
};
use crate::adapter::{
    Announced, Config, Delivery, Duties, Error, Limits, Message, MessageKind, Misuse, Violation, WebSocketState,
    ws_core,
    ws_core::frame::{ClosePayloadError, HeaderError},
};

/// A peer that sends all kinds of frames, and what is received of it.
pub(crate) fn conversation() -> (Vec<(u8, Vec<u8>)>, Vec<Outcome>) {
    let euro = "€".as_bytes();
    let mut frames = vec![
        (FIN | TEXT, b"hello".to_vec()),
        (FIN | PING, b"1".to_vec()),
        (FIN | BINARY, vec![0, 255, 1]),
        (FIN | TEXT, vec![]),
        (FIN | BINARY, vec![]),
        // In fragments, cut inside a character, with empty ones and control frames between them.
        (TEXT, vec![]),
        (FIN | PING, vec![]),
        (CONTINUATION, [b"1 ", &euro[..1]].concat()),
        (FIN | PING, vec![0x81; 125]),
        (CONTINUATION, vec![]),
        (FIN | PONG, b"heartbeat".to_vec()),
        (CONTINUATION, euro[1..2].to_vec()),
        (FIN | PING, b"2".to_vec()),
        (FIN | CONTINUATION, euro[2..].to_vec()),
        (BINARY, vec![9]),
        (FIN | CONTINUATION, vec![]),
    ];
    let mut expected = vec![text("hello"), binary(&[0, 255, 1]), text(""), binary(b""), text("1 €"), binary(&[9])];
    for len in [125, 126, 700] {
        frames.push((FIN | BINARY, vec![0xee; len]));
        expected.push(binary(&vec![0xee; len]));
    }
    frames.push((FIN | CLOSE, close_payload(1000, "bye")));
    expected.push(closed(1000, "bye"));
    (frames, expected)
}

/// What the peer of [`conversation`] is answered.
pub(crate) fn answers() -> Vec<(u8, Vec<u8>)> {
    let pongs = [b"1".to_vec(), vec![], vec![0x81; 125], b"2".to_vec()];
    let pongs = pongs.into_iter().map(|payload| (FIN | PONG, payload));
    pongs.chain([(FIN | CLOSE, close_payload(1000, "bye"))]).collect()
}

pub(crate) fn conversation_script(side: Side) -> (Script, Vec<Outcome>) {
    let (frames, expected) = conversation();
    let frames: Vec<_> = frames.iter().map(|(first, payload)| (*first, payload.as_slice())).collect();
    (side.script(&frames), expected)
}

#[test]
fn messages_are_the_same_in_every_read_size() {
    for side in SIDES {
        for read_size in (1..=40).chain([125, 126, 127, 512, usize::MAX]) {
            for receive in [700, 701, 4096] {
                let (script, expected) = conversation_script(side);
                let dialogue = Dialogue::new(side, script.read_size(read_size), &[Call::RecvAll]);
                let record = play(&Dialogue { receive, ..dialogue });
                assert_eq!(record.outcomes, expected, "{side:?}, {read_size}");
                assert_eq!(record.frames(), answers());
            }
        }
    }
}

#[test]
fn chunks_are_the_same_in_every_read_size_and_buffer() {
    for side in SIDES {
        for read_size in [1, 2, 3, 5, 64, usize::MAX] {
            for receive in [1, 2, 3, 16, 125, 126, 1000] {
                for transmit in [1, 2, 7, 131, 512] {
                    let (script, expected) = conversation_script(side);
                    let dialogue = Dialogue::new(side, script.read_size(read_size), &[Call::RecvAllChunks]);
                    let record = play(&Dialogue { receive, transmit, ..dialogue });
                    assert_eq!(record.outcomes, expected, "{side:?}, {read_size}, {receive}, {transmit}");
                    assert_eq!(record.frames(), answers());
                }
            }
        }
    }
}

#[test]
fn ping_is_answered_before_the_message_behind_it_is_received() {
    for side in SIDES {
        let script = side.script(&[
            (FIN | PING, b"1"),
            (FIN | TEXT, b"a"),
            (FIN | PING, b"2"),
            (TEXT, b"b"),
            (FIN | PING, b"3"),
            (FIN | CONTINUATION, b"c"),
        ]);
        let record = play(&Dialogue::new(side, script, &[Call::Recv, Call::Recv]));
        assert_eq!(record.outcomes, [text("a"), text("bc")]);
        assert_eq!(record.frames_until(0), owned(&[(FIN | PONG, b"1")]));
        assert_eq!(record.frames(), owned(&[(FIN | PONG, b"1"), (FIN | PONG, b"2"), (FIN | PONG, b"3")]));
    }
}

#[test]
fn message_far_larger_than_all_buffers_is_received_in_chunks() {
    for side in SIDES {
        let payload: Vec<u8> = (0..1 << 20).map(|at: u32| u8::try_from(at % 251).unwrap()).collect();
        let script = side.script(&[(FIN | BINARY, &payload), (FIN | CLOSE, b"")]);
        let dialogue = Dialogue::new(side, script, &[Call::RecvAllChunks]);
        let record = play(&Dialogue { receive: 100, ..dialogue });
        assert!(record.outcomes == [Outcome::Binary(payload), Outcome::Closed(None)]);
    }
}

fn chunk(first: bool, last: bool, frame_len: u64, payload: &[u8]) -> Outcome {
    Outcome::Chunk { kind: MessageKind::Text, first, last, frame_len, payload: payload.to_vec() }
}

#[test]
fn chunk_says_where_in_its_message_and_frame_it_is() {
    for side in SIDES {
        let script = side.script(&[(TEXT, b"abc"), (CONTINUATION, b""), (FIN | CONTINUATION, b"d"), (FIN | TEXT, b"")]);
        let dialogue = Dialogue::new(side, script.read_size(1), &[Call::RecvChunk; 5]);
        let record = play(&Dialogue { receive: 2, ..dialogue });
        let expected = [
            chunk(true, false, 3, b"a"),
            chunk(false, false, 3, b"b"),
            chunk(false, false, 3, b"c"),
            chunk(false, true, 1, b"d"),
            chunk(true, true, 0, b""),
        ];
        assert_eq!(record.outcomes, expected);
    }
}

#[test]
fn choice_between_whole_and_chunks_is_made_for_each_message() {
    for side in SIDES {
        let long = "x".repeat(300);
        let script = side.script(&[
            (FIN | TEXT, b"short"),
            (FIN | TEXT, long.as_bytes()),
            (BINARY, b"12"),
            (FIN | CONTINUATION, b"3"),
            (FIN | CLOSE, b""),
        ]);
        let calls = [
            &[Call::Peek, Call::Peek, Call::Recv, Call::Peek][..],
            &[Call::RecvChunk; 300],
            &[Call::Peek, Call::RecvAll],
        ]
        .concat();
        let dialogue = Dialogue::new(side, script.read_size(1), &calls);
        let record = play(&Dialogue { receive: 64, ..dialogue });
        let announced = |kind, frame_len, is_whole| Outcome::Announced(Announced { kind, frame_len, is_whole });
        let first = announced(MessageKind::Text, 5, true);
        assert_eq!(
            record.outcomes[..4],
            [first.clone(), first, text("short"), announced(MessageKind::Text, 300, true)]
        );
        let chunks = (0..300).map(|at| chunk(at == 0, at == 299, 300, b"x"));
        assert!(record.outcomes[4..304].iter().cloned().eq(chunks));
        let rest = [announced(MessageKind::Binary, 2, false), binary(b"123"), Outcome::Closed(None)];
        assert_eq!(record.outcomes[304..], rest);
    }
}

#[test]
fn message_that_was_begun_in_chunks_goes_on_in_chunks() {
    for side in SIDES {
        let script = side.script(&[(TEXT, b"a"), (CONTINUATION, b"b"), (FIN | CONTINUATION, b"c"), (FIN | TEXT, b"d")]);
        let calls = [Call::RecvChunk, Call::Recv, Call::Peek, Call::RecvChunk, Call::Recv, Call::RecvChunk, Call::Recv];
        let record = play(&Dialogue::new(side, script, &calls));
        let refused = failed(Misuse::MessageHalfReceived);
        let expected = [
            chunk(true, false, 1, b"a"),
            refused.clone(),
            refused.clone(),
            chunk(false, false, 1, b"b"),
            refused,
            chunk(false, true, 1, b"c"),
            text("d"),
        ];
        assert_eq!(record.outcomes, expected);
    }
}

/// A message that turns out to be too long to wait for may be had in chunks from its beginning.
#[test]
fn whole_message_that_was_interrupted_goes_on_in_chunks() {
    for side in SIDES {
        let len = side.peer_frame(TEXT, b"abc").len();
        for at in 1..len + 1 {
            let script = side.script(&[(TEXT, b"abc"), (FIN | CONTINUATION, b"d")]);
            let script = script.time_outs([side.head().len() + at]);
            let record = play(&Dialogue::new(side, script, &[Call::Recv, Call::RecvAllChunks]));
            let end = failed(ws_core::Error::TransportEnded { clean: true });
            assert_eq!(record.outcomes, [Outcome::Failed(Error::Read(Fault::TimedOut)), text("abcd"), end]);
        }
    }
}

#[test]
fn nothing_is_waited_for_that_has_not_come() {
    for side in SIDES {
        let head = side.head().len();
        let first = head + side.peer_frames(&[(FIN | TEXT, b"here"), (FIN | PING, b"")]).len();
        let script =
            side.script(&[(FIN | TEXT, b"here"), (FIN | PING, b""), (FIN | TEXT, b"late"), (FIN | CLOSE, b"")]);
        let script = script.silences(&[(first, 1), (first + 3, 1)]);
        let calls = [
            Call::TryRecv,
            Call::TryRecv,
            Call::TryRecv,
            Call::BreakSilence,
            Call::TryRecv,
            Call::BreakSilence,
            Call::TryRecv,
            Call::TryRecv,
        ];
        let record = play(&Dialogue::new(side, script, &calls));
        let nothing = Outcome::Nothing;
        let expected = [text("here"), nothing.clone(), nothing.clone(), nothing, text("late"), Outcome::Closed(None)];
        assert_eq!(record.outcomes, expected);
        // What has come is answered all the same.
        assert_eq!(record.frames_until(1), owned(&[(FIN | PONG, b"")]));
    }
}

#[test]
fn chunks_are_not_waited_for_either() {
    for side in SIDES {
        let frame = side.peer_frame(FIN | TEXT, b"abcd");
        let at = side.head().len() + frame.len() - 2;
        let script = side.script(&[(FIN | TEXT, b"abcd"), (FIN | CLOSE, b"")]).silences(&[(at, 1)]);
        let try_again =
            [Call::TryRecvChunk, Call::TryRecvChunk, Call::BreakSilence, Call::TryRecvChunk, Call::TryRecvChunk];
        let record = play(&Dialogue::new(side, script, &try_again));
        let expected =
            [chunk(true, false, 4, b"ab"), Outcome::Nothing, chunk(false, true, 4, b"cd"), Outcome::Closed(None)];
        assert_eq!(record.outcomes, expected);
    }
}

/// `next_event` tells of Pongs, where they come; whole messages are not disturbed by them.
#[test]
fn pongs_are_told_of_to_whoever_asks() {
    for side in SIDES {
        let frames: [(u8, &[u8]); 5] =
            [(FIN | PONG, b"1"), (TEXT, b"ab"), (FIN | PONG, b"2"), (FIN | CONTINUATION, b"c"), (FIN | CLOSE, b"")];
        let record = play(&Dialogue::new(side, side.script(&frames), &[Call::AllEvents]));
        let pong = |payload: &[u8]| Outcome::Pong(payload.to_vec());
        assert_eq!(record.outcomes, [pong(b"1"), pong(b"2"), text("abc"), Outcome::Closed(None)]);
        let record = play(&Dialogue::new(side, side.script(&frames), &[Call::RecvAll]));
        assert_eq!(record.outcomes, [text("abc"), Outcome::Closed(None)]);
    }
}

#[test]
fn duties_can_be_done_by_the_application() {
    for side in SIDES {
        let script = side.script(&[(FIN | PING, b"mine"), (FIN | TEXT, b"x"), (FIN | CLOSE, b"\x03\xe9bye")]);
        let event = Call::NextEvent(Delivery::Messages);
        let code = crate::adapter::CloseCode::NORMAL_CLOSURE;
        let calls = [event, Call::Pong, event, event, Call::SendClose(code, "mine too"), event];
        let dialogue = Dialogue::new(side, script, &calls);
        let record = play(&Dialogue { config: Config { duties: Duties::NONE, ..Config::DEFAULT }, ..dialogue });
        let expected = [Outcome::Ping(b"mine".to_vec()), Outcome::Done, text("x"), closed(1001, "bye"), Outcome::Done];
        let (last, before) = record.outcomes.split_last().unwrap();
        assert_eq!(before, expected);
        assert!(matches!(last, Outcome::Closed(_)));
        assert_eq!(record.state, WebSocketState::Closed);
        let close = close_payload(1000, "mine too");
        assert_eq!(record.frames(), owned(&[(FIN | PONG, b"mine"), (FIN | CLOSE, &close)]));
    }
}

#[test]
fn control_frames_are_handled_when_the_buffer_is_nearly_full() {
    for side in SIDES {
        let frames: [(u8, &[u8]); 5] = [
            (TEXT, b"full"),
            (FIN | PING, &[7; 125]),
            (FIN | PONG, &[8; 125]),
            (FIN | CONTINUATION, b""),
            (FIN | CLOSE, &[3, 232]),
        ];
        for read_size in [1, 33, usize::MAX] {
            let dialogue = Dialogue::new(side, side.script(&frames).read_size(read_size), &[Call::RecvAll]);
            let record = play(&Dialogue { receive: 5, ..dialogue });
            assert_eq!(record.outcomes, [text("full"), closed(1000, "")]);
            assert_eq!(record.frames(), owned(&[(FIN | PONG, &[7; 125]), (FIN | CLOSE, &[3, 232])]));
        }
    }
}

#[test]
fn connection_without_buffers_says_so() {
    for side in SIDES {
        let too_small = failed(ws_core::Error::BufferTooSmall { needed: 1 });
        let dialogue = Dialogue::new(side, side.script(&[]), &[Call::Send(Message::Text("x"))]);
        let record = play(&Dialogue { transmit: 0, ..dialogue });
        assert_eq!(record.outcomes, [too_small]);
        assert_eq!(record.script.calls, []);
    }
}

#[test]
fn message_that_does_not_fit_closes_with_1009() {
    let limited = |limits| Config { limits, ..Config::DEFAULT };
    let limits = Limits::DEFAULT;
    for side in SIDES {
        for (frames, receive, config, violation, code) in [
            (vec![(FIN | TEXT, b"12345".as_slice())], 4, Config::DEFAULT, Violation::MessageTooBig, 1009),
            (
                vec![(TEXT, b"12"), (CONTINUATION, b""), (CONTINUATION, b"34"), (FIN | CONTINUATION, b"5")],
                4,
                Config::DEFAULT,
                Violation::MessageTooBig,
                1009,
            ),
            (vec![(FIN | BINARY, &[1; 5000])], 1, Config::DEFAULT, Violation::MessageTooBig, 1009),
            (vec![(FIN | BINARY, &[1; 5000])], 4999, Config::DEFAULT, Violation::MessageTooBig, 1009),
            (vec![(FIN | BINARY, b"12345")], 99, limited(Limits { frame: 4, ..limits }), Violation::FrameTooBig, 1009),
            (
                vec![(BINARY, b"12"), (FIN | CONTINUATION, b"345")],
                99,
                limited(Limits { message: 4, ..limits }),
                Violation::MessageTooBig,
                1009,
            ),
            (
                vec![(BINARY, b""), (CONTINUATION, b""), (FIN | CONTINUATION, b"")],
                99,
                limited(Limits { fragments: 2, ..limits }),
                Violation::TooManyFragments,
                1008,
            ),
        ] {
            let frames = [frames.as_slice(), &[(FIN | PING, b"x"), (FIN | TEXT, b"more")]].concat();
            for read_size in [1, usize::MAX] {
                let script = side.script(&frames).read_size(read_size);
                let dialogue = Dialogue::new(side, script, &[Call::Recv, Call::Recv]);
                let record = play(&Dialogue { receive, config, ..dialogue });
                assert_failed(&record, violation, &[(FIN | CLOSE, &u16::to_be_bytes(code))]);
            }
        }
    }
}

/// The violation is told once, and after it nothing is received.
fn assert_failed(record: &Record, violation: Violation, frames: &[(u8, &[u8])]) {
    let violated = record.outcomes.iter().position(|outcome| !matches!(outcome, Outcome::Chunk { .. })).unwrap();
    let [first, rest @ ..] = &record.outcomes[violated..] else { panic!("nothing has come") };
    assert_eq!(*first, failed(violation));
    assert_eq!(record.frames(), owned(frames), "{violation:?}");
    assert!(rest.iter().all(|outcome| *outcome == Outcome::Closed(None)), "{rest:?}");
    assert_eq!(record.state, WebSocketState::Closed);
}

/// What a peer must not send, whichever side it is: its bytes, the rule that they break and the close code.
fn violations(side: Side) -> Vec<(Vec<u8>, Violation, u16)> {
    let of = |frames: &[(u8, &[u8])]| side.peer_frames(frames);
    let header = Violation::Header;
    let mask_bit = if side == Side::Server { 0x80 } else { 0 };
    let wrong_mask = match side {
        Side::Server => (frame(FIN | TEXT, None, b"hi"), Violation::NotMasked, 1002),
        Side::Client => (frame(FIN | TEXT, Some([1, 2, 3, 4]), b"hi"), Violation::Masked, 1002),
    };
    vec![
        wrong_mask,
        (of(&[(FIN | TEXT | 0x40, b"")]), header(HeaderError::ReservedBits), 1002),
        (of(&[(FIN | 0x3, b"")]), header(HeaderError::ReservedOpcode), 1002),
        (of(&[(PING, b"")]), header(HeaderError::FragmentedControlFrame), 1002),
        (of(&[(FIN | PING, &[0; 126])]), header(HeaderError::ControlFrameTooLong), 1002),
        (vec![FIN | BINARY, mask_bit | 126, 0, 125], header(HeaderError::LengthNotMinimal), 1002),
        (vec![FIN | BINARY, mask_bit | 127, 0x80, 0, 0, 0, 0, 0, 0, 0], header(HeaderError::LengthTooLarge), 1002),
        (of(&[(FIN | CONTINUATION, b"")]), Violation::UnexpectedContinuation, 1002),
        (of(&[(TEXT, b"a"), (FIN | BINARY, b"b")]), Violation::MessageInterrupted(MessageKind::Text), 1002),
        (of(&[(FIN | TEXT, b"a\xff")]), Violation::TextNotUtf8, 1007),
        (of(&[(TEXT, b"\xe2\x82"), (FIN | CONTINUATION, b"")]), Violation::TextNotUtf8, 1007),
        (of(&[(FIN | CLOSE, b"\x03")]), Violation::ClosePayload(ClosePayloadError::Truncated), 1002),
        (of(&[(FIN | CLOSE, b"\x03\xe8\xff")]), Violation::ClosePayload(ClosePayloadError::ReasonNotUtf8), 1007),
    ]
}

#[test]
fn violation_is_answered_with_its_close_code_and_reported() {
    for side in SIDES {
        for (bytes, violation, code) in violations(side) {
            for read_size in [1, usize::MAX] {
                for all in [Call::RecvAll, Call::RecvAllChunks] {
                    // The payload of the Ping could be taken for that of a Close frame.
                    let ping = side.peer_frame(FIN | PING, &[3, 232]);
                    let more = side.peer_frame(FIN | TEXT, b"more");
                    let script = Script::new([side.head(), &ping, &bytes, &more].concat()).read_size(read_size);
                    let record = play(&Dialogue::new(side, script, &[all, Call::Recv, Call::RecvChunk]));
                    let pong = (FIN | PONG, &[3, 232][..]);
                    assert_failed(&record, violation, &[pong, (FIN | CLOSE, &u16::to_be_bytes(code))]);
                }
            }
        }
    }
}

/// With that duty switched off, the application says goodbye to a peer that has broken a rule.
#[test]
fn violation_can_be_answered_by_the_application() {
    for side in SIDES {
        let script = side.script(&[(FIN | CONTINUATION, b"x")]);
        let code = Violation::UnexpectedContinuation.close_code();
        let calls = [Call::Recv, Call::Send(Message::Text("late")), Call::SendClose(code, "no")];
        let dialogue = Dialogue::new(side, script, &calls);
        let record = play(&Dialogue { config: Config { duties: Duties::NONE, ..Config::DEFAULT }, ..dialogue });
        assert_eq!(record.outcomes, [failed(Violation::UnexpectedContinuation), failed(Misuse::Failed), Outcome::Done]);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &close_payload(1002, "no"))]));
    }
}
