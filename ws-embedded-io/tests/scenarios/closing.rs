//! The closing handshake, begun by us or by the peer, and what is dropped, refused and reported around it.

use super::{
    dialogue::{Call, Dialogue, Outcome, closed, failed, text},
    driver::play,
    script::{Fault, WriteEnd},
    side::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, SIDES, TEXT, close_payload, owned},
};
use crate::adapter::{CloseCode, Error, Message, Misuse, Violation, WebSocketState, ws_core};

const GOODBYE: (u8, &[u8]) = (FIN | CLOSE, b"\x03\xe8goodbye");
const CLOSE_NORMALLY: Call<'static> = Call::Close(CloseCode::NORMAL_CLOSURE, "");

#[test]
fn our_close_is_sent_and_the_peers_awaited() {
    for side in SIDES {
        let close = Call::Close(CloseCode::GOING_AWAY, "bye");
        // A second time, nothing is left to do.
        let calls = [close, Call::Recv, close];
        let record = play(&Dialogue::new(side, side.script(&[GOODBYE]).read_size(1), &calls));
        assert_eq!(record.outcomes, [Outcome::Done, closed(1000, "goodbye"), Outcome::Done]);
        assert_eq!(record.state, WebSocketState::Closed);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &close_payload(1001, "bye"))]));
        assert_eq!((record.script.writes(), record.script.flushes()), (1, 1));
    }
}

#[test]
fn what_arrives_before_the_peers_close_is_dropped() {
    for side in SIDES {
        let frames: [(u8, &[u8]); 6] = [
            (TEXT, b"dropped"),
            (FIN | PING, b"answered"),
            (FIN | PONG, b"too late"),
            (FIN | CONTINUATION, &[b'x'; 5000]),
            (FIN | BINARY, &[0xee; 70_000]),
            GOODBYE,
        ];
        for receive in [1, 7, 1024] {
            let dialogue = Dialogue::new(side, side.script(&frames), &[CLOSE_NORMALLY, Call::Recv]);
            let record = play(&Dialogue { receive, ..dialogue });
            assert_eq!(record.outcomes, [Outcome::Done, closed(1000, "goodbye")]);
            assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 232]), (FIN | PONG, b"answered")]));
        }
    }
}

#[test]
fn peers_close_is_answered_with_its_payload_and_reported() {
    for side in SIDES {
        for (payload, close) in [
            (vec![], None),
            (vec![3, 232], Some((1000, String::new()))),
            (close_payload(1001, "going"), Some((1001, "going".to_owned()))),
            (close_payload(4999, &"é".repeat(61)), Some((4999, "é".repeat(61)))),
        ] {
            for read_size in [1, 3, usize::MAX] {
                for transmit in [1, 130, 512] {
                    let frames: [(u8, &[u8]); 2] = [(FIN | CLOSE, &payload), (FIN | TEXT, b"after the end")];
                    let calls = [Call::Recv, Call::Recv, Call::RecvChunk, CLOSE_NORMALLY];
                    let dialogue = Dialogue::new(side, side.script(&frames).read_size(read_size), &calls);
                    let record = play(&Dialogue { transmit, ..dialogue });
                    let closed = Outcome::Closed(close.clone());
                    assert_eq!(record.outcomes, [closed.clone(), closed.clone(), closed, Outcome::Done]);
                    assert_eq!(record.state, WebSocketState::Closed);
                    assert_eq!(record.frames(), [(FIN | CLOSE, payload.clone())]);
                }
            }
        }
    }
}

#[test]
fn close_that_crosses_ours_completes_the_handshake() {
    for side in SIDES {
        for arrived in 0..side.peer_frame(GOODBYE.0, GOODBYE.1).len() {
            // This much of the peer's Close frame is here when we begin.
            let script = side.script(&[GOODBYE]).time_outs([side.head().len() + arrived]);
            let record = play(&Dialogue::new(side, script, &[Call::Recv, CLOSE_NORMALLY, Call::Recv]));
            let timed_out = Outcome::Failed(Error::Read(Fault::TimedOut));
            assert_eq!(record.outcomes, [timed_out, Outcome::Done, closed(1000, "goodbye")]);
            assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 232])]));
        }
    }
}

#[test]
fn time_out_while_waiting_for_the_peers_close_loses_nothing() {
    for side in SIDES {
        let frames = [(FIN | TEXT, b"dropped".as_slice()), GOODBYE];
        let head = side.head().len();
        let len = side.peer_frames(&frames).len();
        let script = side.script(&frames).time_outs(head..head + len);
        let calls = vec![Call::Close(CloseCode::NORMAL_CLOSURE, "once"); len + 1];
        let record = play(&Dialogue::new(side, script, &calls));
        let (last, before) = record.outcomes.split_last().unwrap();
        assert!(before.iter().all(|outcome| *outcome == Outcome::Failed(Error::Read(Fault::TimedOut))));
        assert_eq!(*last, Outcome::Done);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &close_payload(1000, "once"))]));
    }
}

#[test]
fn receiving_after_our_close_waits_for_the_end() {
    for side in SIDES {
        for close in [CLOSE_NORMALLY, Call::SendClose(CloseCode::NORMAL_CLOSURE, "")] {
            for recv in [Call::Recv, Call::RecvChunk, Call::Peek, Call::TryRecv, Call::TryRecvChunk] {
                let frames = [(FIN | TEXT, b"dropped".as_slice()), GOODBYE];
                let script = side.script(&frames);
                let record = play(&Dialogue::new(side, script, &[close, recv]));
                assert_eq!(record.outcomes, [Outcome::Done, closed(1000, "goodbye")]);
            }
        }
    }
}

#[test]
fn nothing_can_be_sent_after_close() {
    for side in SIDES {
        for close in [CLOSE_NORMALLY, Call::Recv] {
            let late = Message::Text("late");
            let kind = late.kind();
            let payload = late.payload();
            let calls = [
                close,
                Call::Send(late),
                Call::Queue(late),
                Call::Resume(late),
                Call::Fragment(kind, payload, true),
                Call::Compose(kind, &["late"]),
                Call::Write(kind, payload),
                Call::Format(kind, "late", 1),
                Call::Finish(kind),
                Call::Frame(kind, 4),
                Call::Ping(payload),
                Call::SendClose(CloseCode::NORMAL_CLOSURE, ""),
            ];
            let record = play(&Dialogue::new(side, side.script(&[GOODBYE]), &calls));
            let (_, after) = record.outcomes.split_first().unwrap();
            for (call, outcome) in calls[1..].iter().zip(after) {
                assert_eq!(*outcome, failed(Misuse::Closing), "{call:?}");
            }
            assert_eq!(record.frames().len(), 1);
        }
    }
}

#[test]
fn close_code_that_may_not_be_sent_is_refused() {
    for side in SIDES {
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map(CloseCode::new) {
            let too_long = "r".repeat(124);
            let calls = [
                Call::Close(code, ""),
                Call::SendClose(code, ""),
                Call::Close(CloseCode::NORMAL_CLOSURE, &too_long),
                Call::Recv,
            ];
            let record = play(&Dialogue::new(side, side.script(&[(FIN | TEXT, b"goes on")]), &calls));
            let refused = failed(Misuse::CloseCodeNotAllowed(code));
            let expected = [refused.clone(), refused, failed(Misuse::CloseReasonTooLong), text("goes on")];
            assert_eq!(record.outcomes, expected);
            assert_eq!(record.state, WebSocketState::Open);
            assert_eq!(record.script.calls, []);
        }
    }
}

#[test]
fn transport_that_ends_without_a_close_is_an_error() {
    for side in SIDES {
        let record = play(&Dialogue::new(side, side.script(&[]), &[CLOSE_NORMALLY, CLOSE_NORMALLY, Call::Recv]));
        let ended = failed(ws_core::Error::TransportEnded { clean: true });
        assert_eq!(record.outcomes, [ended.clone(), ended.clone(), ended]);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 232])]));
    }
}

#[test]
fn violation_after_our_close_is_reported_and_no_second_close_sent() {
    for side in SIDES {
        let script = side.script(&[(FIN | CONTINUATION, b"x"), GOODBYE]);
        let record = play(&Dialogue::new(side, script, &[CLOSE_NORMALLY, Call::Recv]));
        // No byte behind the violation is looked at.
        assert_eq!(record.outcomes, [failed(Violation::UnexpectedContinuation), Outcome::Closed(None)]);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 232])]));
    }
}

/// The peer may send Pings, then its Close frame, and be gone before they are answered: RFC 6455, section 7.1.1, wants the
/// server to close the transport first.
#[test]
fn peers_close_counts_though_its_pings_cannot_be_answered() {
    for side in SIDES {
        let ping = (FIN | PING, b"anyone there?".as_slice());
        let until = Call::CloseUntil(CloseCode::NORMAL_CLOSURE, "", 5);
        for (first, more) in [(CLOSE_NORMALLY, CLOSE_NORMALLY), (until, until), (CLOSE_NORMALLY, Call::RecvAlive)] {
            for end in [WriteEnd::Fails, WriteEnd::TakesNothing] {
                let script = side.script(&[ping, ping, GOODBYE]).time_outs([side.head().len()]);
                // Room for our Close frame alone.
                let room = Call::EndWrites(side.header_len(2) + 2, end);
                let record = play(&Dialogue::new(side, script, &[room, first, more, Call::Recv]));
                assert_eq!(record.outcomes[0], Outcome::Failed(Error::Read(Fault::TimedOut)));
                let ended = if let Call::RecvAlive = more { closed(1000, "goodbye") } else { Outcome::Done };
                assert_eq!(record.outcomes[1..], [ended, closed(1000, "goodbye")], "{more:?}");
                assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 232])]));
            }
            // Or all of it is taken, and cannot be flushed.
            let script = side.script(&[ping, ping, GOODBYE]).time_outs([side.head().len()]);
            let flush = Call::EndWrites(0, WriteEnd::FlushFails);
            let record = play(&Dialogue::new(side, script, &[first, flush, more, Call::Recv]));
            assert_eq!(record.outcomes[2], closed(1000, "goodbye"), "{more:?}");
        }
    }
}

/// What the peer sends after our Close may be anything but silence.
#[test]
fn message_begun_before_our_close_is_dropped_with_it() {
    for side in SIDES {
        let frames = [(TEXT, b"first half".as_slice()), (FIN | CONTINUATION, b"second half"), GOODBYE];
        let at = side.head().len() + side.peer_frame(frames[0].0, frames[0].1).len();
        for (recv, time_out) in [(Call::Recv, Some(at)), (Call::RecvChunk, None)] {
            let script = side.script(&frames).time_outs(time_out);
            let record = play(&Dialogue::new(side, script, &[recv, CLOSE_NORMALLY, Call::Recv]));
            assert_eq!(record.outcomes[1..], [Outcome::Done, closed(1000, "goodbye")]);
        }
    }
}
