//! A connection in two halves: what one owes the peer, the other sends.

use super::{
    dialogue::{Call, Dialogue, Outcome, closed, failed, text},
    driver::play,
    receiving::{answers, conversation_script},
    script::Script,
    side::{CLOSE, CONTINUATION, FIN, PING, PONG, SIDES, Side, TEXT, close_payload, owned},
};
use crate::adapter::{CloseCode, Message, MessageKind, Misuse, Violation, WebSocketState, ws_core};

fn split<'c>(side: Side, script: Script, calls: &'c [Call<'c>]) -> Dialogue<'c> {
    Dialogue { split: true, ..Dialogue::new(side, script, calls) }
}

#[test]
fn halves_together_are_a_connection() {
    for side in SIDES {
        for read_size in (1..=20).chain([125, 512, usize::MAX]) {
            for (receive, transmit) in [(700, 512), (4096, 7)] {
                for all in [Call::RecvAll, Call::RecvAllChunks] {
                    let (script, expected) = conversation_script(side);
                    let calls = [all];
                    let dialogue = split(side, script.read_size(read_size).write_size(read_size), &calls);
                    let record = play(&Dialogue { receive, transmit, ..dialogue });
                    assert_eq!(record.outcomes[..expected.len()], expected, "{side:?}, {read_size}");
                    assert_eq!(record.frames(), answers());
                    assert_eq!(record.state, WebSocketState::Closed);
                }
            }
        }
    }
}

#[test]
fn reply_is_told_of_and_leaves_through_the_other_half() {
    for side in SIDES {
        let script = side.script(&[(FIN | PING, b"1"), (FIN | PING, b"2"), (FIN | TEXT, b"x"), (FIN | CLOSE, b"")]);
        let calls =
            [Call::Recv, Call::Flush, Call::Recv, Call::Send(Message::Text("y")), Call::Recv, Call::Recv, Call::Flush];
        let record = play(&split(side, script, &calls));
        let due = Outcome::ReplyDue;
        let done = Outcome::Done;
        let expected = [due.clone(), done.clone(), due.clone(), done.clone(), text("x"), due, done];
        assert_eq!(record.outcomes, expected);
        // Before what the application sends comes what is due.
        let frames = [(FIN | PONG, b"1".as_slice()), (FIN | PONG, b"2"), (FIN | TEXT, b"y"), (FIN | CLOSE, b"")];
        assert_eq!(record.frames(), owned(&frames));
    }
}

/// RFC 6455, section 5.5.3: "the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame."
#[test]
fn last_ping_is_answered_when_several_wait() {
    for side in SIDES {
        let script = side.script(&[(FIN | PING, b"1"), (FIN | PING, b"2"), (FIN | TEXT, b"x")]);
        let record = play(&split(side, script, &[Call::Recv, Call::Recv, Call::Recv, Call::Flush, Call::Flush]));
        assert_eq!(record.outcomes[2..], [text("x"), Outcome::Done, Outcome::Done]);
        assert_eq!(record.frames(), owned(&[(FIN | PONG, b"2")]));
    }
}

#[test]
fn reply_stands_between_the_fragments_of_a_message() {
    let kind = MessageKind::Text;
    for side in SIDES {
        let script = side.script(&[(FIN | PING, b"p"), (FIN | CLOSE, b"")]);
        let calls = [
            Call::Write(kind, b"begun "),
            Call::Recv,
            Call::Write(kind, b"and "),
            Call::Finish(kind),
            Call::Recv,
            Call::Flush,
        ];
        let record = play(&split(side, script, &calls));
        let expected =
            [(TEXT, b"begun ".as_slice()), (FIN | PONG, b"p"), (FIN | CONTINUATION, b"and "), (FIN | CLOSE, b"")];
        assert_eq!(record.frames(), owned(&expected));
    }
}

#[test]
fn violation_is_told_to_the_peer_by_the_other_half() {
    for side in SIDES {
        for (frames, violation, code) in [
            (&[(FIN | CONTINUATION, b"x".as_slice())][..], Violation::UnexpectedContinuation, 1002_u16),
            (&[(FIN | TEXT, b"\xff")], Violation::TextNotUtf8, 1007),
            (&[(FIN | TEXT, &[b'x'; 2000])], Violation::MessageTooBig, 1009),
        ] {
            let calls = [Call::Recv, Call::Flush, Call::Send(Message::Text("late"))];
            let record = play(&split(side, side.script(frames), &calls));
            assert_eq!(record.outcomes[..2], [failed(violation), Outcome::Done]);
            assert!(matches!(record.outcomes[2], Outcome::Failed(_)));
            assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &code.to_be_bytes())]));
        }
    }
}

#[test]
fn messages_are_dropped_after_our_close() {
    for side in SIDES {
        let script = side.script(&[(FIN | TEXT, b"dropped"), (FIN | PING, b"p"), (FIN | CLOSE, b"\x03\xe8bye")]);
        let calls = [
            Call::SendClose(CloseCode::GOING_AWAY, "so long"),
            Call::Recv,
            Call::Flush,
            Call::Recv,
            Call::Send(Message::Text("late")),
        ];
        let record = play(&split(side, script, &calls));
        let expected = [Outcome::Done, Outcome::ReplyDue, Outcome::Done, closed(1000, "bye"), failed(Misuse::Closing)];
        assert_eq!(record.outcomes, expected);
        let close = close_payload(1001, "so long");
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &close), (FIN | PONG, b"p")]));
    }
}

#[test]
fn end_of_the_transport_is_told_by_the_receive_half() {
    for side in SIDES {
        for (frames, clean) in [(&[][..], true), (&[(TEXT, b"x".as_slice())], false)] {
            let record = play(&split(side, side.script(frames), &[Call::Recv]));
            assert_eq!(record.outcomes, [failed(ws_core::Error::TransportEnded { clean })]);
        }
    }
}
