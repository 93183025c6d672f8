//! A transport that fails: at every byte, for a moment or for good, and what can still be done then.

use super::{
    dialogue::{Call, Dialogue, Outcome, closed, failed, text},
    driver::play,
    receiving::{answers, conversation, conversation_script},
    script::{Fault, Script, WriteEnd},
    side::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, SIDES, TEXT, owned},
};
use crate::adapter::{CloseCode, Error, Message, MessageKind, Misuse, Violation, WebSocketState, ws_core};

const READ_TIMED_OUT: Outcome = Outcome::Failed(Error::Read(Fault::TimedOut));
const WRITE_BROKEN: Outcome = Outcome::Failed(Error::Write(Fault::Broken));

/// Every way to fail to write, and its error.
const WRITE_ENDS: [(WriteEnd, Outcome); 3] = [
    (WriteEnd::Fails, WRITE_BROKEN),
    (WriteEnd::TakesNothing, Outcome::Failed(Error::WriteZero)),
    (WriteEnd::FlushFails, WRITE_BROKEN),
];

#[test]
fn time_out_at_any_byte_loses_nothing() {
    for side in SIDES {
        let (frames, expected) = conversation();
        let len: usize = frames.iter().map(|(first, payload)| side.peer_frame(*first, payload).len()).sum();
        let positions = side.head().len()..side.head().len() + len;
        for time_outs in positions.clone().map(|position| vec![position]).chain([positions.collect()]) {
            let all = vec![Call::RecvAll; time_outs.len() + 1];
            let in_chunks = vec![Call::RecvAllChunks; time_outs.len() + 1];
            let (script, _) = conversation_script(side);
            let script = script.time_outs(time_outs.iter().copied());
            // A message that was received in part goes on as it was begun.
            for (calls, receive) in [(&all, 700), (&in_chunks, 1024)] {
                let record = play(&Dialogue { receive, ..Dialogue::new(side, script.clone(), calls) });
                let received: Vec<_> = record.outcomes.iter().filter(|outcome| **outcome != READ_TIMED_OUT).collect();
                // Closed once, it stays so.
                assert!(received[..expected.len()].iter().copied().eq(&expected));
                assert!(received[expected.len()..].iter().all(|outcome| *outcome == expected.last().unwrap()));
                assert_eq!(record.frames(), answers());
            }
        }
    }
}

#[test]
fn transport_that_ends_anywhere_is_an_error() {
    for side in SIDES {
        let (frames, expected) = conversation();
        let mut ends = vec![0];
        for (first, payload) in &frames {
            ends.push(ends.last().unwrap() + side.peer_frame(*first, payload).len());
        }
        let bytes: Vec<u8> = frames.iter().flat_map(|(first, payload)| side.peer_frame(*first, payload)).collect();
        for len in 0..bytes.len() {
            let script = Script::new(side.head().iter().chain(&bytes[..len]).copied());
            let record = play(&Dialogue { receive: 700, ..Dialogue::new(side, script, &[Call::RecvAll, Call::Recv]) });
            // Between frames of the fragmented messages, something is missing too.
            let frame = ends.iter().position(|end| *end == len);
            let clean = frame.is_some_and(|frame| !(6..14).contains(&frame) && frame != 15);
            let end = failed(ws_core::Error::TransportEnded { clean });
            let [before @ .., last, again] = &record.outcomes[..] else { panic!("{:?}", record.outcomes) };
            assert_eq!((last, again), (&end, &end), "{len}");
            assert_eq!(before, &expected[..before.len()]);
        }
    }
}

/// What was not written when writing failed is not lost: it leaves once writing works again, and not twice.
#[test]
fn write_that_fails_at_any_byte_goes_on_later() {
    let payload: Vec<u8> = (0..1000).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let message = Message::Binary(&payload);
    let kind = MessageKind::Binary;
    for side in SIDES {
        for (end, error) in WRITE_ENDS {
            for transmit in [1, 14, 512, 2000] {
                for len in (0..20).chain([100, 511, 512, 513, 600, 999, 1003]) {
                    let fail = Call::EndWrites(len, end);
                    let calls =
                        [fail, Call::Send(message), Call::MendWrites, Call::Resume(message), Call::Ping(b"next")];
                    let record = play(&Dialogue { transmit, ..Dialogue::new(side, side.script(&[]), &calls) });
                    assert_eq!(
                        record.outcomes,
                        [error.clone(), Outcome::Done, Outcome::Done],
                        "{transmit}, {len}, {end:?}"
                    );
                    assert_eq!(record.frames(), owned(&[(FIN | BINARY, &payload), (FIN | PING, b"next")]));
                    let calls = [
                        fail,
                        Call::Fragment(kind, &payload, false),
                        Call::MendWrites,
                        Call::ResumeFragment(kind, &payload, false),
                        Call::Fragment(kind, b"next", true),
                    ];
                    let record = play(&Dialogue { transmit, ..Dialogue::new(side, side.script(&[]), &calls) });
                    assert_eq!(record.outcomes, [error.clone(), Outcome::Done, Outcome::Done]);
                    assert_eq!(record.frames(), owned(&[(BINARY, &payload), (FIN | CONTINUATION, b"next")]));
                }
            }
        }
    }
}

/// Half a frame of ours is on the wire: nothing else can stand inside it, and it is named.
#[test]
fn nothing_is_sent_inside_a_message_that_failed() {
    let payload = [1; 1000];
    for side in SIDES {
        let calls = [
            Call::EndWrites(100, WriteEnd::Fails),
            Call::Send(Message::Binary(&payload)),
            Call::MendWrites,
            Call::Send(Message::Binary(&payload[..400])),
            Call::Ping(b""),
            Call::Close(CloseCode::NORMAL_CLOSURE, ""),
            // What the peer has sent can still be had, until it needs an answer.
            Call::Recv,
            Call::Recv,
            Call::Resume(Message::Binary(&payload)),
            Call::Recv,
        ];
        let script =
            side.script(&[(FIN | TEXT, b"theirs"), (FIN | PING, b"x"), (FIN | PING, b"y"), (FIN | CLOSE, b"")]);
        let record = play(&Dialogue::new(side, script, &calls));
        let remaining = (1000 - (512 - side.header_len(1000))) as u64;
        let half_sent = failed(Misuse::FrameUnfinished { remaining });
        let expected = [
            WRITE_BROKEN,
            half_sent.clone(),
            half_sent.clone(),
            half_sent.clone(),
            text("theirs"),
            half_sent,
            Outcome::Done,
            Outcome::Closed(None),
        ];
        assert_eq!(record.outcomes, expected);
        let pongs = [(FIN | PONG, b"x".as_slice()), (FIN | PONG, b"y"), (FIN | CLOSE, b"")];
        assert_eq!(record.frames(), owned(&[&[(FIN | BINARY, &payload[..])], &pongs[..]].concat()));
    }
}

#[test]
fn answer_that_cannot_be_written_is_not_taken_for_a_failed_read() {
    for side in SIDES {
        for (answered, answer) in [(PING, PONG), (CLOSE, CLOSE)] {
            for (end, error) in WRITE_ENDS {
                for len in 0..3 {
                    let script = side.script(&[(FIN | answered, b""), (FIN | TEXT, b"x")]);
                    let calls = [Call::EndWrites(len, end), Call::Recv, Call::MendWrites, Call::Recv];
                    let record = play(&Dialogue::new(side, script, &calls));
                    if len < side.header_len(0) || end == WriteEnd::FlushFails {
                        // Nothing is lost, neither the answer nor what is to be told.
                        let then = if answered == CLOSE { Outcome::Closed(None) } else { text("x") };
                        assert_eq!(record.outcomes, [error.clone(), then]);
                    }
                    assert_eq!(record.frames(), owned(&[(FIN | answer, b"")]));
                }
            }
        }
    }
}

#[test]
fn violation_is_reported_when_the_peer_can_be_told() {
    for side in SIDES {
        for (end, error) in WRITE_ENDS {
            let script = side.script(&[(FIN | CONTINUATION, b"")]);
            let calls = [Call::EndWrites(1, end), Call::Recv, Call::MendWrites, Call::Recv, Call::Recv];
            let record = play(&Dialogue::new(side, script, &calls));
            let violation = failed(Violation::UnexpectedContinuation);
            assert_eq!(record.outcomes, [error, violation, Outcome::Closed(None)]);
            assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 234])]));
        }
    }
}

/// Our Close frame that is not out is not given up: without it, the peer's may never come.
#[test]
fn close_that_cannot_be_written_is_repeated() {
    for side in SIDES {
        for (end, error) in WRITE_ENDS {
            for close in
                [Call::Close(CloseCode::NORMAL_CLOSURE, ""), Call::CloseUntil(CloseCode::NORMAL_CLOSURE, "", 5)]
            {
                for transmit in [1, 3, 512] {
                    for len in 0..side.header_len(2) + 2 {
                        let script = side.script(&[(FIN | CLOSE, b"\x03\xe8bye")]);
                        let calls = [Call::EndWrites(len, end), close, Call::MendWrites, close, Call::Recv];
                        let record = play(&Dialogue { transmit, ..Dialogue::new(side, script, &calls) });
                        assert_eq!(record.outcomes, [error.clone(), Outcome::Done, closed(1000, "bye")]);
                        assert_eq!(record.state, WebSocketState::Closed);
                        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 232])]));
                    }
                }
            }
        }
    }
}
