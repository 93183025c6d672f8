//! Sending in both roles and in every way: how frames become writes, what is refused, and what is left unfinished.

use super::{
    dialogue::{Call, Dialogue, Outcome, binary, failed, text},
    driver::{Patience, play, play_once},
    script::{Moved, Script},
    side::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, SIDES, Side, TEXT, frames, owned},
};
use crate::adapter::{CloseCode, Message, MessageKind, Misuse, WebSocketState, ws_core, ws_core::frame::HeaderError};

const DONE: Outcome = Outcome::Done;

fn payload(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

#[test]
fn small_message_is_one_write_and_a_flush() {
    for side in SIDES {
        // The transmit buffer has 512 bytes, of which the header takes at most 8.
        for len in [0, 1, 125, 126, 504] {
            let payload = payload(len);
            for call in [
                Call::Send(Message::Binary(&payload)),
                Call::Resume(Message::Binary(&payload)),
                Call::Fragment(MessageKind::Binary, &payload, true),
                Call::ComposeBytes(MessageKind::Binary, &payload),
            ] {
                let record = play(&Dialogue::new(side, side.script(&[]), &[call]));
                assert_eq!(record.outcomes, [DONE]);
                assert!(matches!(record.script.calls[..], [Moved::Write(_), Moved::Flush]), "{side:?}, {len}");
                assert_eq!(record.frames(), owned(&[(FIN | BINARY, &payload)]));
            }
        }
    }
}

#[test]
fn large_message_is_one_frame_and_one_flush() {
    for side in SIDES {
        for len in [505, 513, 65_535, 65_536, 300_000] {
            let payload = payload(len);
            for write_size in [13, 500, usize::MAX] {
                let script = side.script(&[]).write_size(write_size);
                let record = play(&Dialogue::new(side, script, &[Call::Send(Message::Binary(&payload))]));
                assert!(record.frames() == [(FIN | BINARY, payload.clone())], "{side:?}, {len}");
                assert_eq!(record.script.flushes(), 1);
                record.script.assert_flushed();
                if write_size == usize::MAX {
                    assert_eq!(record.script.writes(), record.script.written().len().div_ceil(512));
                }
            }
        }
    }
}

#[test]
fn client_masks_each_frame_with_another_key() {
    let same = Call::Send(Message::Text("same"));
    let calls = [same, same, Call::Compose(MessageKind::Text, &["same"]), Call::Ping(b"same")];
    let record = play(&Dialogue::new(Side::Client, Side::Client.script(&[]), &calls));
    let keys: Vec<_> = frames(&record.script.written()).into_iter().map(|sent| sent.masking_key.unwrap()).collect();
    assert_eq!(keys, [5, 6, 7, 8].map(|count| [count, 0x5a, 0xc3, 0x0f]));
}

#[test]
fn server_masks_nothing() {
    let record = play(&Dialogue::new(Side::Server, Side::Server.script(&[]), &[Call::Send(Message::Text("Hello"))]));
    // RFC 6455, section 5.7: "A single-frame unmasked text message".
    assert_eq!(record.script.written(), [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
}

#[test]
fn queued_messages_leave_together() {
    for side in SIDES {
        let queue = |text| Call::Queue(Message::Text(text));
        for last in [Call::Flush, Call::Recv, Call::Send(Message::Text("3"))] {
            let script = side.script(&[(FIN | TEXT, b"x")]).read_size(side.head().len());
            let record = play(&Dialogue::new(side, script, &[queue("1"), queue("2"), last]));
            assert_eq!(record.until(1), []);
            assert_eq!(record.frames()[..2], owned(&[(FIN | TEXT, b"1"), (FIN | TEXT, b"2")]));
            assert!(matches!(record.script.calls[..], [Moved::Write(_), Moved::Flush]), "{last:?}");
        }
        // Where there is no space for more, what waits is written.
        let long = "x".repeat(200);
        let record =
            play(&Dialogue::new(side, side.script(&[]), &[[queue(&long); 5].as_slice(), &[Call::Flush]].concat()));
        assert_eq!(record.frames(), vec![(FIN | TEXT, long.into_bytes()); 5]);
        assert!(record.script.writes() <= 4, "{}", record.script.writes());
    }
}

#[test]
fn reply_leaves_while_the_message_is_looked_at() {
    for side in SIDES {
        let frames: [(u8, &[u8]); 4] =
            [(FIN | TEXT, "€".as_bytes()), (FIN | PING, b"p"), (FIN | BINARY, &[7; 600]), (FIN | TEXT, b"")];
        for (read_size, write_size) in [(1, 1), (3, 7), (usize::MAX, usize::MAX)] {
            for transmit in [1, 20, 512] {
                let script = side.script(&frames).read_size(read_size).write_size(write_size);
                let record = play(&Dialogue { transmit, ..Dialogue::new(side, script, &[Call::Echo; 3]) });
                assert_eq!(record.outcomes, [text("€"), binary(&[7; 600]), text("")]);
                let pong = (FIN | PONG, b"p".as_slice());
                assert_eq!(record.frames(), owned(&[frames[0], pong, frames[2], frames[3]]));
            }
        }
    }
}

#[test]
fn fragments_are_a_message_and_control_frames_stand_between_them() {
    let fragment = |payload, last| Call::Fragment(MessageKind::Text, payload, last);
    for side in SIDES {
        // Cut inside a character.
        let calls = [
            fragment(b"\xe2\x82", false),
            Call::Ping(b"ours"),
            Call::Recv,
            fragment(b"", false),
            fragment(b"\xac", true),
            Call::Send(Message::Binary(b"y")),
        ];
        let record = play(&Dialogue::new(side, side.script(&[(FIN | PING, b"theirs"), (FIN | TEXT, b"x")]), &calls));
        assert_eq!(record.outcomes, [DONE, DONE, text("x"), DONE, DONE, DONE]);
        let expected: [(u8, &[u8]); 6] = [
            (TEXT, b"\xe2\x82"),
            (FIN | PING, b"ours"),
            (FIN | PONG, b"theirs"),
            (CONTINUATION, b""),
            (FIN | CONTINUATION, b"\xac"),
            (FIN | BINARY, b"y"),
        ];
        assert_eq!(record.frames(), owned(&expected));
    }
}

/// The payloads of frames of one message, put together.
fn message(frames: &[(u8, Vec<u8>)]) -> (u8, Vec<u8>) {
    let (last, before) = frames.split_last().unwrap();
    assert!(before.iter().all(|frame| frame.0 & FIN == 0) && last.0 & FIN != 0, "the last frame ends the message");
    assert!(frames[1..].iter().all(|frame| frame.0 & 0xf == CONTINUATION));
    (frames[0].0 & 0xf, frames.iter().flat_map(|frame| frame.1.clone()).collect())
}

#[test]
fn message_of_unknown_length_is_written_in_pieces() {
    let kind = MessageKind::Text;
    let long = "€".repeat(300);
    let calls = [
        Call::Write(kind, b"begin "),
        Call::Format(kind, "temperature: ", 21),
        Call::Write(kind, &long.as_bytes()[..100]),
        Call::Ping(b"between"),
        Call::Write(kind, &long.as_bytes()[100..]),
        Call::Format(kind, &long, u64::MAX),
        Call::Finish(kind),
    ];
    let expected = format!("begin temperature: 21{long}{long}{}", u64::MAX);
    for side in SIDES {
        for transmit in [7, 8, 16, 64, 131, 512, 4096] {
            for write_size in [1, 50, usize::MAX] {
                let script = side.script(&[]).write_size(write_size);
                // What is interrupted before the Ping, to see it sent, may cut the fragments elsewhere.
                let dialogue = Dialogue { transmit, ..Dialogue::new(side, script, &calls) };
                let record = play_once(&dialogue, Patience::Patient);
                assert!(record.outcomes.iter().all(|outcome| *outcome == DONE), "{:?}", record.outcomes);
                let mut frames = record.frames();
                let ping = frames.iter().position(|frame| frame.0 == FIN | PING).unwrap();
                assert_eq!(frames.remove(ping).1, b"between");
                assert_eq!(message(&frames), (TEXT, expected.clone().into_bytes()), "{transmit}");
                // Fragments fill the buffer, but before the Ping and at the end.
                let most = transmit - side.header_len(transmit.saturating_sub(8));
                assert!(frames.len() <= expected.len().div_ceil(most) + 2, "{transmit}, {}", frames.len());
                let without_ping: Vec<_> = calls.into_iter().filter(|call| !matches!(call, Call::Ping(_))).collect();
                let record = play(&Dialogue { calls: &without_ping, ..dialogue });
                assert_eq!(message(&record.frames()).1, expected.as_bytes());
            }
        }
    }
}

#[test]
fn message_of_which_nothing_was_written_is_empty() {
    for side in SIDES {
        let record = play(&Dialogue::new(side, side.script(&[]), &[Call::Finish(MessageKind::Binary)]));
        assert_eq!(record.frames(), owned(&[(FIN | BINARY, b"")]));
    }
}

#[test]
fn message_is_composed_in_the_transmit_buffer() {
    for side in SIDES {
        let longest = 512 - side.header_len(500);
        let exactly = "x".repeat(longest);
        let too_long = "x".repeat(longest + 1);
        let kind = MessageKind::Text;
        let calls = [
            Call::Queue(Message::Text("before")),
            Call::Compose(kind, &["{\"t\":", "21", "}"]),
            Call::Compose(kind, &[&too_long]),
            Call::Compose(kind, &[&exactly]),
            Call::ComposeBytes(kind, b"\xff"),
            Call::ComposeBytes(kind, "é".as_bytes()),
            Call::Compose(kind, &[]),
        ];
        let record = play(&Dialogue::new(side, side.script(&[]), &calls));
        let full = failed(ws_core::Error::BufferTooSmall { needed: 513 });
        assert_eq!(record.outcomes, [DONE, DONE, full, DONE, failed(Misuse::TextNotUtf8), DONE, DONE]);
        let expected = ["before", "{\"t\":21}", &exactly, "é", ""].map(|text| (FIN | TEXT, text.as_bytes().to_vec()));
        assert_eq!(record.frames(), expected);
    }
}

#[test]
fn frame_of_known_length_is_written_in_pieces() {
    let kind = MessageKind::Binary;
    for side in SIDES {
        for len in [0, 1, 125, 126, 70_000] {
            let payload = payload(len);
            let (first, rest) = payload.split_at(len / 3);
            // What is longer than the frame is not taken.
            let calls = [
                Call::Frame(kind, len as u64),
                Call::WriteFrame(first),
                Call::WriteFrame(rest),
                Call::FinishFrame,
                Call::Send(Message::Text("behind")),
            ];
            for transmit in [1, 14, 512] {
                let record = play(&Dialogue { transmit, ..Dialogue::new(side, side.script(&[]), &calls) });
                assert_eq!(record.outcomes, vec![DONE; 5]);
                let expected = [(FIN | BINARY, payload.clone()), (FIN | TEXT, b"behind".to_vec())];
                assert!(record.frames() == expected, "{side:?}, {len}, {transmit}");
            }
        }
    }
}

#[test]
fn nothing_else_is_sent_inside_a_frame() {
    let kind = MessageKind::Text;
    for side in SIDES {
        let half_sent = failed(Misuse::FrameUnfinished { remaining: 3 });
        let inside = [
            Call::Send(Message::Text("x")),
            Call::Queue(Message::Binary(b"x")),
            Call::Fragment(kind, b"x", true),
            Call::Compose(kind, &["x"]),
            Call::Write(kind, b"x"),
            Call::Finish(kind),
            Call::Frame(kind, 1),
            Call::Ping(b""),
            Call::SendClose(CloseCode::NORMAL_CLOSURE, ""),
            Call::Close(CloseCode::NORMAL_CLOSURE, ""),
            Call::FinishFrame,
        ];
        for call in inside {
            let calls = [Call::Frame(kind, 5), Call::WriteFrame(b"12"), call, Call::WriteFrame(b"345678"), Call::Flush];
            let record = play(&Dialogue::new(side, side.script(&[]), &calls));
            assert_eq!(record.outcomes, [DONE, DONE, half_sent.clone(), DONE, DONE], "{call:?}");
            assert_eq!(record.frames(), owned(&[(FIN | TEXT, b"12345")]));
        }
        // Text is validated as it comes.
        let calls = [Call::Frame(kind, 2), Call::WriteFrame(b"\xff"), Call::WriteFrame("é".as_bytes()), Call::Flush];
        let record = play(&Dialogue::new(side, side.script(&[]), &calls));
        assert_eq!(record.outcomes, [DONE, failed(Misuse::TextNotUtf8), DONE, DONE]);
        assert_eq!(record.frames(), owned(&[(FIN | TEXT, "é".as_bytes())]));
    }
}

/// After Close, what is in the way is the Close, and no message that cannot be ended any more.
#[test]
fn after_close_it_is_the_close_that_is_named() {
    let kind = MessageKind::Text;
    for side in SIDES {
        for begins in [true, false] {
            let first = if begins { Call::Fragment(kind, b"begun", false) } else { Call::Flush };
            let calls = [first, Call::Recv, Call::Fragment(kind, b"late", true), Call::Send(Message::Text("late"))];
            let record = play(&Dialogue::new(side, side.script(&[(FIN | CLOSE, b"")]), &calls));
            let closing = failed(Misuse::Closing);
            assert_eq!(record.outcomes, [DONE, Outcome::Closed(None), closing.clone(), closing]);
        }
    }
}

#[test]
fn message_inside_an_unfinished_one_is_refused() {
    for side in SIDES {
        for (kind, other) in [(MessageKind::Text, MessageKind::Binary), (MessageKind::Binary, MessageKind::Text)] {
            for (begin, end) in [
                (Call::Fragment(kind, b"1", false), Call::Fragment(kind, b"2", true)),
                (Call::Write(kind, b"1"), Call::Finish(kind)),
                (Call::Fragment(kind, b"1", false), Call::Finish(kind)),
                (Call::Write(kind, b"1"), Call::Fragment(kind, b"2", true)),
            ] {
                let inside = [
                    Call::Send(Message::Text("x")),
                    Call::Queue(Message::Binary(b"x")),
                    Call::Fragment(other, b"x", true),
                    Call::Compose(kind, &["x"]),
                    Call::Write(other, b"x"),
                    Call::Finish(other),
                    Call::Frame(kind, 1),
                ];
                let calls = [&[begin][..], &inside, &[end, Call::Send(Message::Text("x"))]].concat();
                let record = play(&Dialogue::new(side, side.script(&[]), &calls));
                let refused = failed(Misuse::MessageUnfinished(kind));
                let expected = [&[DONE][..], &vec![refused; inside.len()], &[DONE, DONE]].concat();
                assert_eq!(record.outcomes, expected, "{begin:?}");
                let mut frames = record.frames();
                assert_eq!(frames.pop(), Some((FIN | TEXT, b"x".to_vec())));
                assert!(message(&frames).1 == b"12" || message(&frames).1 == b"1");
            }
        }
    }
}

#[test]
fn what_would_break_the_protocol_is_refused_and_nothing_sent() {
    let kind = MessageKind::Text;
    for side in SIDES {
        let calls = [
            Call::Ping(&[0; 126]),
            Call::Fragment(kind, b"\xff", true),
            Call::Fragment(kind, b"\xe2\x82", true),
            Call::Write(kind, b"\xff"),
            Call::Ping(&[0; 125]),
        ];
        let record = play(&Dialogue::new(side, side.script(&[]), &calls));
        let not_utf8 = failed(Misuse::TextNotUtf8);
        let too_long = failed(Misuse::ControlFrame(HeaderError::ControlFrameTooLong));
        assert_eq!(record.outcomes, [too_long, not_utf8.clone(), not_utf8.clone(), not_utf8, DONE]);
        assert_eq!(record.frames(), owned(&[(FIN | PING, &[0; 125])]));
    }
}

/// A writer's text that ends inside a character can still be completed.
#[test]
fn text_that_ends_inside_a_character_does_not_end() {
    let kind = MessageKind::Text;
    for side in SIDES {
        let calls =
            [Call::Write(kind, b"\xe2\x82"), Call::Finish(kind), Call::Write(kind, b"\xac"), Call::Finish(kind)];
        let record = play(&Dialogue::new(side, side.script(&[]), &calls));
        assert_eq!(record.outcomes, [DONE, failed(Misuse::TextNotUtf8), DONE, DONE]);
        assert_eq!(message(&record.frames()), (TEXT, "€".as_bytes().to_vec()));
    }
}

#[test]
fn longest_control_frame_leaves_through_any_transmit_buffer() {
    let reason = "r".repeat(123);
    let close = [b"\x03\xe8".as_slice(), reason.as_bytes()].concat();
    for side in SIDES {
        for transmit in [1, 2, 13, 130, 131, 512] {
            let script = side.script(&[(FIN | PING, &[7; 125]), (FIN | TEXT, b"x"), (FIN | CLOSE, b"")]);
            let calls = [Call::Recv, Call::Ping(&[8; 125]), Call::Close(CloseCode::NORMAL_CLOSURE, &reason)];
            let record = play(&Dialogue { transmit, ..Dialogue::new(side, script, &calls) });
            assert_eq!(record.outcomes, [text("x"), DONE, DONE]);
            assert_eq!(record.state, WebSocketState::Closed);
            let expected = [(FIN | PONG, &[7; 125][..]), (FIN | PING, &[8; 125]), (FIN | CLOSE, &close)];
            assert_eq!(record.frames(), owned(&expected));
        }
    }
}

#[test]
fn whatever_is_received_can_be_sent_back() {
    for side in SIDES {
        let sent: [(u8, &[u8]); 4] =
            [(TEXT, b"\xe2"), (CONTINUATION, b"\x82"), (FIN | CONTINUATION, b"\xac!"), (FIN | BINARY, b"")];
        let dialogue = Dialogue::new(side, side.script(&sent).read_size(3), &[Call::EchoAllChunks]);
        let echo = play(&Dialogue { receive: 2, ..dialogue }).frames();
        let echo: Vec<_> = echo.iter().map(|(first, payload)| (*first, payload.as_slice())).collect();
        let peer = if side == Side::Server { Side::Client } else { Side::Server };
        let record = play(&Dialogue::new(peer, peer.script(&echo), &[Call::RecvAll]));
        assert_eq!(record.outcomes[..2], [text("€!"), binary(b"")]);
    }
}

#[test]
fn nothing_is_written_when_nothing_is_to_be_said() {
    for side in SIDES {
        let script: Script = side.script(&[(FIN | PONG, b"x"), (FIN | TEXT, b"x")]);
        let record = play(&Dialogue::new(side, script, &[Call::Flush, Call::RecvAll, Call::Flush]));
        assert_eq!(record.outcomes[1], text("x"));
        assert_eq!(record.script.calls, []);
    }
}
