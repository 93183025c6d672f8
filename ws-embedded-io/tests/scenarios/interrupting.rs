//! Dialogues that are interrupted at every I/O call, for every size of what the transport moves at once: nothing is lost, sent
//! twice or cut apart. For the async adapter an interruption is a future that is dropped, for the blocking one a time-out.

use super::{
    dialogue::{Call, Dialogue, Outcome},
    driver::{Patience, play, play_once},
    receiving::{answers, conversation_script},
    side::{CLOSE, FIN, PING, SIDES, TEXT},
};
use crate::adapter::{CloseCode, Message, MessageKind};

/// How much the transport moves at once.
const SIZES: std::ops::RangeInclusive<usize> = 1..=80;

#[test]
fn receiving_survives_every_interruption() {
    for side in SIDES {
        for size in SIZES {
            for (all, receive, split) in [
                (Call::RecvAll, 700, false),
                (Call::RecvAllChunks, 1 + size, false),
                (Call::RecvAll, 700, true),
                (Call::RecvAllChunks, 1 + size, true),
            ] {
                let (script, expected) = conversation_script(side);
                let script = script.read_size(size).write_size(size);
                let calls = [all];
                let dialogue = Dialogue { receive, transmit: size, split, ..Dialogue::new(side, script, &calls) };
                let record = play(&dialogue);
                assert_eq!(record.outcomes[..expected.len()], expected);
                assert_eq!(record.frames(), answers());
            }
        }
    }
}

#[test]
fn sending_survives_every_interruption() {
    let long: Vec<u8> = (0..300).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let text = "temperature: 21 °C, ".repeat(10);
    let (binary, kind) = (MessageKind::Binary, MessageKind::Text);
    let calls = [
        Call::Send(Message::Binary(&long)),
        Call::Queue(Message::Text("queued")),
        Call::Queue(Message::Text(&text)),
        Call::Fragment(binary, &long[..100], false),
        Call::Recv,
        Call::Fragment(binary, b"", false),
        Call::Fragment(binary, &long[100..], true),
        Call::Compose(kind, &["{\"t\":", "21}"]),
        Call::Write(kind, text.as_bytes()),
        Call::Format(kind, &text, 7),
        Call::Finish(kind),
        Call::Frame(binary, 300),
        Call::WriteFrame(&long[..7]),
        Call::WriteFrame(&long[7..]),
        Call::FinishFrame,
        Call::Ping(b"ours"),
        Call::Echo,
        Call::TryRecv,
        Call::TryRecvChunk,
        Call::Close(CloseCode::NORMAL_CLOSURE, "done"),
    ];
    for side in SIDES {
        for size in SIZES {
            for transmit in [24, 131, 512] {
                let frames: [(u8, &[u8]); 7] = [
                    (FIN | PING, b"theirs"),
                    (FIN | TEXT, b"1"),
                    (FIN | TEXT, text.as_bytes()),
                    (FIN | TEXT, b"3"),
                    (FIN | PING, b"again"),
                    (FIN | TEXT, b"4"),
                    (FIN | CLOSE, b""),
                ];
                let script = side.script(&frames).read_size(size).write_size(size);
                let dialogue = Dialogue { transmit, ..Dialogue::new(side, script, &calls) };
                let record = play(&dialogue);
                assert!(record.outcomes.iter().all(|outcome| !matches!(outcome, Outcome::Failed(_))), "{size}");
            }
        }
    }
}

/// That the comparison can fail: an application that sends again what was interrupted, in place of resuming it.
#[test]
#[should_panic = "FrameUnfinished"]
fn sending_again_in_place_of_resuming_is_refused() {
    let calls = [Call::Frame(MessageKind::Binary, 3), Call::Send(Message::Binary(b"abc"))];
    let side = SIDES[0];
    let record = play_once(&Dialogue::new(side, side.script(&[]), &calls), Patience::Impatient);
    assert_eq!(record.outcomes, [Outcome::Done, Outcome::Done]);
}
