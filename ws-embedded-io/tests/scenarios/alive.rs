//! Deadlines and the keepalive, with a clock that wraps.

use super::{
    dialogue::{Call, Dialogue, Outcome, closed, failed, text},
    driver::play,
    script::Script,
    side::{CLOSE, FIN, PING, PONG, SIDES, Side, TEXT, owned},
};
use crate::adapter::{CloseCode, Error, Message, time::Keepalive, ws_core};

const IDLE: u32 = 20_000;
const PONG_TIMEOUT: u32 = 10_000;
/// Moments at which a clock may begin: the last ones wrap soon.
const STARTS: [u32; 4] = [0, u32::MAX / 2, u32::MAX - 25_000, u32::MAX];

const RECEIVING: [Call<'static>; 2] = [Call::RecvAlive, Call::RecvChunkAlive];

fn dialogue<'c>(side: Side, script: Script, now: u32, calls: &'c [Call<'c>]) -> Dialogue<'c> {
    let keepalive = Keepalive::new(IDLE, PONG_TIMEOUT, now);
    Dialogue { keepalive, now, ..Dialogue::new(side, script, calls) }
}

fn is_text(outcome: &Outcome, expected: &str) -> bool {
    match outcome {
        Outcome::Chunk { payload, .. } => payload == expected.as_bytes(),
        outcome => *outcome == text(expected),
    }
}

#[test]
fn silent_peer_is_pinged_and_given_up() {
    for (side, now) in SIDES.into_iter().flat_map(|side| STARTS.map(|now| (side, now))) {
        for recv in RECEIVING {
            let script = side.script(&[(FIN | TEXT, b"never")]).silences(&[(side.head().len(), u32::MAX)]);
            let record = play(&dialogue(side, script, now, &[recv]));
            assert_eq!(record.outcomes, [Outcome::Failed(Error::PeerIsDead)]);
            assert_eq!(record.now, now.wrapping_add(IDLE + PONG_TIMEOUT));
            assert_eq!(record.frames(), owned(&[(FIN | PING, b"")]));
            record.script.assert_flushed();
        }
    }
}

#[test]
fn peer_that_answers_lives() {
    for (side, now) in SIDES.into_iter().flat_map(|side| STARTS.map(|now| (side, now))) {
        for recv in RECEIVING {
            let head = side.head().len();
            let pong = side.peer_frame(FIN | PONG, b"").len();
            let script = side.script(&[(FIN | PONG, b""), (FIN | PONG, b""), (FIN | TEXT, b"x"), (FIN | CLOSE, b"")]);
            let after_ping = IDLE + PONG_TIMEOUT - 1;
            let silences = [(head, after_ping), (head + pong, after_ping), (head + 2 * pong, IDLE - 1)];
            let record = play(&dialogue(side, script.silences(&silences), now, &[recv, recv]));
            assert!(is_text(&record.outcomes[0], "x"), "{:?}", record.outcomes);
            assert_eq!(record.outcomes[1], Outcome::Closed(None));
            // Two silences were long enough for a Ping, and the third was not.
            assert_eq!(record.frames(), owned(&[(FIN | PING, b""), (FIN | PING, b""), (FIN | CLOSE, b"")]));
            assert_eq!(record.now, now.wrapping_add(2 * after_ping + IDLE - 1));
        }
    }
}

/// Any byte proves that the peer lives, not only a Pong: here those of a long message.
#[test]
fn peer_that_sends_slowly_lives() {
    for side in SIDES {
        let head = side.head().len();
        let len = side.peer_frame(FIN | TEXT, b"slow").len();
        let silences: Vec<_> = (head..head + len).map(|at| (at, IDLE - 1)).collect();
        let script = side.script(&[(FIN | TEXT, b"slow")]).silences(&silences);
        let record = play(&dialogue(side, script, u32::MAX - 1, &[Call::RecvAlive]));
        assert_eq!(record.outcomes, [text("slow")]);
        assert_eq!(record.script.calls, []);
    }
}

/// A peer that reads nothing is found out, though the Ping finds no way to it.
#[test]
fn peer_that_does_not_read_is_given_up() {
    for side in SIDES {
        let script = side.script(&[(FIN | PING, &[7; 125])]).silences(&[(side.head().len(), 1)]).write_stall(u32::MAX);
        let record = play(&dialogue(side, script, 0, &[Call::RecvAlive]));
        assert_eq!(record.outcomes, [Outcome::Failed(Error::PeerIsDead)]);
        assert_eq!(record.now, 1 + IDLE + PONG_TIMEOUT);
        assert_eq!(record.script.calls, []);
    }
}

/// One that reads in time gets the Pong in its place.
#[test]
fn peer_that_reads_late_gets_its_answers() {
    for side in SIDES {
        let script = side.script(&[(FIN | PING, b"p"), (FIN | TEXT, b"x")]);
        let script = script.silences(&[(side.head().len(), 1)]).write_stall(IDLE + PONG_TIMEOUT - 1);
        let record = play(&dialogue(side, script, 0, &[Call::RecvAlive]));
        assert_eq!(record.outcomes, [text("x")]);
        assert_eq!(record.frames(), owned(&[(FIN | PONG, b"p"), (FIN | PING, b"")]));
    }
}

#[test]
fn other_calls_may_come_between() {
    for side in SIDES {
        let first = side.head().len() + side.peer_frame(FIN | TEXT, b"1").len();
        let script = side.script(&[(FIN | TEXT, b"1"), (FIN | TEXT, b"2")]).silences(&[(first, IDLE)]);
        let calls = [Call::RecvAlive, Call::Send(Message::Text("mine")), Call::RecvAlive, Call::RecvAlive];
        let record = play(&dialogue(side, script, 0, &calls));
        let end = failed(ws_core::Error::TransportEnded { clean: true });
        assert_eq!(record.outcomes, [text("1"), Outcome::Done, text("2"), end]);
    }
}

#[test]
fn peers_close_ends_it() {
    for side in SIDES {
        for recv in RECEIVING {
            let script = side.script(&[(FIN | CLOSE, b"\x03\xe8bye")]).silences(&[(side.head().len(), 9)]);
            let record = play(&dialogue(side, script, u32::MAX - 5, &[recv, recv]));
            assert_eq!(record.outcomes, [closed(1000, "bye"), closed(1000, "bye")]);
            assert_eq!(record.frames(), owned(&[(FIN | CLOSE, b"\x03\xe8bye")]));
        }
    }
}

#[test]
fn closing_handshake_has_a_deadline() {
    let close = Call::CloseUntil(CloseCode::NORMAL_CLOSURE, "bye", 5_000);
    for (side, now) in SIDES.into_iter().flat_map(|side| STARTS.map(|now| (side, now))) {
        for (silence, in_time) in [(0, true), (4_999, true), (5_000, true), (5_001, false), (u32::MAX, false)] {
            let script = side.script(&[(FIN | TEXT, b"dropped"), (FIN | CLOSE, b"")]);
            let script = script.silences(&[(side.head().len() + 5, silence)]);
            let record = play(&dialogue(side, script, now, &[close]));
            let expected = if in_time { Outcome::Done } else { Outcome::Failed(Error::TimedOut) };
            assert_eq!(record.outcomes, [expected], "{silence}");
            assert_eq!(record.now, now.wrapping_add(silence.min(5_000)));
            assert_eq!(record.frames(), owned(&[(FIN | CLOSE, b"\x03\xe8bye")]));
        }
        // A peer that does not even read the Close frame.
        let record = play(&dialogue(side, side.script(&[]).write_stall(u32::MAX), now, &[close]));
        assert_eq!(record.outcomes, [Outcome::Failed(Error::TimedOut)]);
        assert_eq!(record.now, now.wrapping_add(5_000));
    }
}
