//! Receiving in both roles: whole messages and chunks, cut anywhere, with control frames between them; and everything that
//! ends in an error.

mod support;

use support::{
    BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, Received, SIDES, Side, TEXT, close_payload, receive_chunks,
    receive_messages, script::Script, text, unmasked,
};
use ws_embedded_io::{
    Chunk, Error, Event, Message, MessageKind, WebSocketState, ws_core,
    ws_core::{
        Violation,
        frame::{ClosePayloadError, HeaderError},
    },
};

/// A peer that sends all kinds of frames, and what is received of it.
fn conversation() -> (Vec<(u8, Vec<u8>)>, Vec<Received>) {
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
    let mut expected = vec![
        text("hello"),
        Received::Binary(vec![0, 255, 1]),
        text(""),
        Received::Binary(vec![]),
        text("1 €"),
        Received::Pong(b"heartbeat".to_vec()),
        Received::Binary(vec![9]),
    ];
    for len in [125, 126, 700] {
        frames.push((FIN | BINARY, vec![0xee; len]));
        expected.push(Received::Binary(vec![0xee; len]));
    }
    frames.push((FIN | CLOSE, close_payload(1000, "bye")));
    expected.push(Received::Closed(Some((1000, "bye".to_owned()))));
    (frames, expected)
}

/// In chunks, a Pong is told of where it comes: here, inside the message that it is behind otherwise.
fn in_chunks(mut received: Vec<Received>) -> Vec<Received> {
    let pong = received.iter().position(|received| matches!(received, Received::Pong(_))).unwrap();
    received.swap(pong - 1, pong);
    received
}

/// What the peer of [`conversation`] is answered.
fn answers() -> Vec<(u8, Vec<u8>)> {
    let pongs = [b"1".to_vec(), vec![], vec![0x81; 125], b"2".to_vec()];
    let pongs = pongs.into_iter().map(|payload| (FIN | PONG, payload));
    pongs.chain([(FIN | CLOSE, close_payload(1000, "bye"))]).collect()
}

fn conversation_script(side: Side) -> (Script, Vec<Received>) {
    let (frames, expected) = conversation();
    let frames: Vec<_> = frames.iter().map(|(first, payload)| (*first, payload.as_slice())).collect();
    (side.script(&frames), expected)
}

#[test]
fn messages_are_the_same_in_every_read_size() {
    for side in SIDES {
        for read_size in (1..=40).chain([125, 126, 127, 512, usize::MAX]) {
            let (script, expected) = conversation_script(side);
            let mut script = script.read_size(read_size);
            let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 700));
            assert_eq!(received, expected, "{side:?}, {read_size}");
            assert_eq!(unmasked(&script.written()), answers());
        }
    }
}

#[test]
fn chunks_are_the_same_in_every_read_size_and_slice() {
    for side in SIDES {
        for read_size in [1, 2, 3, 5, 64, usize::MAX] {
            for slice in [1, 2, 3, 16, 125, 126, 1000] {
                let (script, expected) = conversation_script(side);
                let mut script = script.read_size(read_size);
                let received = on_side!(side, script, |websocket| receive_chunks(&mut websocket, slice));
                assert_eq!(received, in_chunks(expected), "{side:?}, {read_size}, {slice}");
                assert_eq!(unmasked(&script.written()), answers());
            }
        }
    }
}

#[test]
fn time_out_at_any_byte_loses_nothing() {
    for side in SIDES {
        let positions = side.head().len()..side.head().len() + conversation_len(side);
        for time_outs in positions.clone().map(|position| vec![position]).chain([positions.collect()]) {
            for slice in [None, Some(3)] {
                let (script, expected) = conversation_script(side);
                let mut script = script.time_outs(time_outs.iter().copied());
                let received = on_side!(side, script, |websocket| match slice {
                    None => receive_messages(&mut websocket, 700),
                    Some(slice) => receive_chunks(&mut websocket, slice),
                });
                let expected = if slice.is_some() { in_chunks(expected) } else { expected };
                assert_eq!(received, expected, "{side:?}, {slice:?}, {time_outs:?}");
                assert_eq!(unmasked(&script.written()), answers());
            }
        }
    }
}

/// The length of the peer's frames in [`conversation`].
fn conversation_len(side: Side) -> usize {
    conversation().0.iter().map(|(first, payload)| side.peer_frame(*first, payload).len()).sum()
}

#[test]
fn transport_that_ends_anywhere_is_an_error() {
    for side in SIDES {
        let (frames, expected) = conversation();
        let bytes: Vec<u8> = frames.iter().flat_map(|(first, payload)| side.peer_frame(*first, payload)).collect();
        for len in 0..bytes.len() {
            let mut script = Script::new(side.head().iter().chain(&bytes[..len]).copied());
            on_side!(side, script, |websocket| {
                let received = receive_messages(&mut websocket, 700);
                let (last, before) = received.split_last().unwrap();
                assert_eq!(*last, Received::Failed(Error::TransportEnded));
                assert_eq!(before, &expected[..before.len()]);
                assert_eq!(websocket.recv(&mut [0; 700]), Err(Error::TransportEnded));
                assert_eq!(websocket.peer_close(), None);
            });
        }
    }
}

#[test]
fn ping_is_answered_before_the_message_behind_it_is_received() {
    for side in SIDES {
        let mut script = side.script(&[
            (FIN | PING, b"1"),
            (FIN | TEXT, b"a"),
            (FIN | PING, b"2"),
            (TEXT, b"b"),
            (FIN | PING, b"3"),
            (FIN | CONTINUATION, b"c"),
        ]);
        on_side!(side, script, |websocket| {
            let mut buffer = [0xa5; 8];
            assert_eq!(websocket.recv(&mut buffer), Ok(Event::Data(Message::Text("a"))));
            assert_eq!(unmasked(&websocket.transport_mut().written()), [(FIN | PONG, b"1".to_vec())]);
            websocket.transport_mut().forget();
            assert_eq!(websocket.recv(&mut buffer), Ok(Event::Data(Message::Text("bc"))));
            let pongs = [(FIN | PONG, b"2".to_vec()), (FIN | PONG, b"3".to_vec())];
            assert_eq!(unmasked(&websocket.transport_mut().written()), pongs);
            assert_eq!(websocket.transport_mut().writes(), 2);
        });
    }
}

#[test]
fn message_far_larger_than_all_buffers_is_received_in_chunks() {
    const LEN: usize = 1 << 20;
    for side in SIDES {
        let payload: Vec<u8> = (0..LEN).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let mut script = side.script(&[(FIN | BINARY, &payload), (FIN | CLOSE, b"")]);
        let received = on_side!(side, script, |websocket| receive_chunks(&mut websocket, 100));
        assert!(received == [Received::Binary(payload), Received::Closed(None)]);
    }
}

#[test]
fn chunk_says_where_in_its_message_it_is() {
    for side in SIDES {
        let mut script = side.script(&[(TEXT, b"abc"), (CONTINUATION, b""), (FIN | CONTINUATION, b"d")]);
        on_side!(side, script, |websocket| {
            let mut buffer = [0xa5; 2];
            let kind = MessageKind::Text;
            for (first, last, payload) in [(true, false, b"ab".as_slice()), (false, false, b"c"), (false, true, b"d")] {
                let chunk = Chunk { kind, first, last, payload };
                assert_eq!(websocket.recv_chunk(&mut buffer), Ok(Event::Data(chunk)));
            }
        });
    }
}

#[test]
fn control_frames_are_handled_when_the_slice_is_full() {
    for side in SIDES {
        let frames: [(u8, &[u8]); 5] = [
            (TEXT, b"full"),
            (FIN | PING, &[7; 125]),
            (FIN | PONG, &[8; 125]),
            (FIN | CONTINUATION, b""),
            (FIN | CLOSE, &[3, 232]),
        ];
        for read_size in [1, 33, usize::MAX] {
            let mut script = side.script(&frames).read_size(read_size);
            let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 4));
            let expected = [text("full"), Received::Pong(vec![8; 125]), Received::Closed(Some((1000, String::new())))];
            assert_eq!(received, expected);
            let answers = [(FIN | PONG, vec![7; 125]), (FIN | CLOSE, vec![3, 232])];
            assert_eq!(unmasked(&script.written()), answers);
        }
    }
}

#[test]
fn empty_slice_receives_what_has_no_payload() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | PING, b"1"), (FIN | TEXT, b""), (FIN | TEXT, b"x")]);
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.recv(&mut []), Ok(Event::Data(Message::Text(""))));
            assert_eq!(unmasked(&websocket.transport_mut().written()), [(FIN | PONG, b"1".to_vec())]);
            assert_eq!(websocket.recv_chunk(&mut []), Err(Error::MessageTooBig));
        });
    }
}

#[test]
fn message_that_does_not_fit_closes_with_1009() {
    for side in SIDES {
        for (frames, slice) in [
            (vec![(FIN | TEXT, b"12345".as_slice())], 4),
            (vec![(TEXT, b"12"), (CONTINUATION, b""), (CONTINUATION, b"34"), (FIN | CONTINUATION, b"5")], 4),
            (vec![(FIN | BINARY, &[1; 5000])], 0),
            (vec![(FIN | BINARY, &[1; 5000])], 4999),
        ] {
            // What comes behind it is not taken for a message, whoever waits for the peer's Close frame.
            let rest: [(u8, &[u8]); 4] =
                [(TEXT, b"ab"), (FIN | PING, b"x"), (FIN | CONTINUATION, b""), (FIN | CLOSE, &[3, 241])];
            let frames = [frames.as_slice(), &rest].concat();
            for read_size in [1, usize::MAX] {
                for through_close in [false, true] {
                    let mut script = side.script(&frames).read_size(read_size);
                    on_side!(side, script, |websocket| {
                        let mut buffer = vec![0xa5; slice];
                        assert_eq!(websocket.recv(&mut buffer), Err(Error::MessageTooBig));
                        assert_eq!(websocket.state(), WebSocketState::CloseSent);
                        assert_eq!(websocket.peer_close(), None);
                        if through_close {
                            assert_eq!(websocket.close(ws_embedded_io::CloseCode::NORMAL_CLOSURE, ""), Ok(()));
                        }
                        assert_eq!(websocket.recv(&mut [0; 5000]), Ok(Event::Closed));
                        assert_eq!(websocket.peer_close().unwrap().code.get(), 1009);
                    });
                    let written = [(FIN | CLOSE, vec![3, 241]), (FIN | PONG, b"x".to_vec())];
                    assert_eq!(unmasked(&script.written()), written);
                }
            }
        }
    }
}

#[test]
fn slice_that_is_changed_inside_a_message_is_noticed() {
    for side in SIDES {
        let script = side.script(&[(TEXT, b"1234"), (FIN | CONTINUATION, b"")]);
        let mut script = script.time_outs([side.head().len() + side.peer_frame(TEXT, b"1234").len()]);
        on_side!(side, script, |websocket| {
            assert!(matches!(websocket.recv(&mut [0; 9]), Err(Error::Transport(_))));
            assert_eq!(websocket.recv(&mut [0; 3]), Err(Error::SliceChanged));
            // It need not end the connection.
            assert_eq!(websocket.recv(&mut [0xff; 9]), Err(Error::SliceChanged));
            assert_eq!(websocket.state(), WebSocketState::Open);
        });
    }
}

/// What a peer must not send, whichever side it is: its bytes, the rule that they break and the close code.
fn violations(side: Side) -> Vec<(Vec<u8>, Violation, u16)> {
    let of = |frames: &[(u8, &[u8])]| -> Vec<u8> {
        frames.iter().flat_map(|(first, payload)| side.peer_frame(*first, payload)).collect()
    };
    let header = Violation::Header;
    let mask_bit = if side == Side::Server { 0x80 } else { 0 };
    let wrong_mask = match side {
        Side::Server => (support::frame(FIN | TEXT, None, b"hi"), Violation::NotMasked, 1002),
        Side::Client => (support::frame(FIN | TEXT, Some([1, 2, 3, 4]), b"hi"), Violation::Masked, 1002),
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
                for in_chunks in [false, true] {
                    // The payload of the Ping could be taken for that of a Close frame.
                    let ping = side.peer_frame(FIN | PING, &[3, 232]);
                    let more = side.peer_frame(FIN | TEXT, b"more");
                    let input = [side.head(), &ping, &bytes, &more].concat();
                    let mut script = Script::new(input).read_size(read_size);
                    on_side!(side, script, |websocket| {
                        let received = match in_chunks {
                            false => receive_messages(&mut websocket, 200),
                            true => receive_chunks(&mut websocket, 200),
                        };
                        let error = Error::WebSocket(ws_core::Error::Violation(violation));
                        assert_eq!(received, [Received::Failed(error)], "{side:?}, {read_size}");
                        assert_eq!(websocket.state(), WebSocketState::Closed);
                        assert_eq!(websocket.peer_close(), None);
                        let position = websocket.transport_mut().position();
                        assert_eq!(websocket.recv(&mut [0; 100]), Ok(Event::Closed));
                        assert_eq!(websocket.transport_mut().position(), position);
                        assert_eq!(websocket.peer_close(), None);
                    });
                    let answers = [(FIN | PONG, vec![3, 232]), (FIN | CLOSE, code.to_be_bytes().to_vec())];
                    assert_eq!(unmasked(&script.written()), answers, "{violation:?}");
                }
            }
        }
    }
}

/// A caller with a fresh slice for every call must not find an older message in pieces: nothing but a failure comes
/// between a message's fragments.
#[test]
fn nothing_is_told_of_inside_a_message() {
    for side in SIDES {
        let frames: [(u8, &[u8]); 8] = [
            (TEXT, b""),
            (FIN | PONG, b"0"),
            (CONTINUATION, b"abcd"),
            (FIN | PONG, b"1"),
            (FIN | PING, b"ping"),
            (FIN | PONG, b"2"),
            (FIN | CONTINUATION, b"efgh"),
            (FIN | BINARY, b"next"),
        ];
        let mut script = side.script(&frames);
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.recv(&mut [0; 64]), Ok(Event::Data(Message::Text("abcdefgh"))));
            // Three Pongs, told of once.
            assert_eq!(websocket.recv(&mut [0; 64]), Ok(Event::Pong));
            assert_eq!(websocket.pong_payload(), b"2");
            assert_eq!(websocket.recv(&mut [0; 64]), Ok(Event::Data(Message::Binary(b"next"))));
        });
    }
}

/// A message begun in chunks and ended as a whole leaves nothing behind that a later chunk could be taken for.
#[test]
fn chunk_after_a_whole_message_is_the_first_of_its_own() {
    for side in SIDES {
        let mut script = side.script(&[(TEXT, b"a"), (FIN | CONTINUATION, b"b"), (FIN | TEXT, b"c")]);
        on_side!(side, script, |websocket| {
            let mut buffer = [0; 1];
            assert!(matches!(
                websocket.recv_chunk(&mut buffer),
                Ok(Event::Data(Chunk { first: true, last: false, .. }))
            ));
            assert_eq!(websocket.recv(&mut buffer), Ok(Event::Data(Message::Text("b"))));
            assert!(matches!(
                websocket.recv_chunk(&mut buffer),
                Ok(Event::Data(Chunk { first: true, last: true, .. }))
            ));
        });
    }
}

/// A Pong inside a message that never becomes whole is not told of behind the end of the connection.
#[test]
fn pong_is_forgotten_with_its_message() {
    for side in SIDES {
        let begun: [(u8, &[u8]); 2] = [(TEXT, b"abcd"), (FIN | PONG, b"p")];
        let with = |rest: &[(u8, &'static [u8])]| [&begun[..], rest].concat();

        let mut script = side.script(&with(&[(FIN | CONTINUATION, b"e"), (FIN | CLOSE, b"")]));
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.recv(&mut [0; 5]), Ok(Event::Data(Message::Text("abcde"))));
            assert_eq!(websocket.close(ws_embedded_io::CloseCode::NORMAL_CLOSURE, ""), Ok(()));
            assert_eq!(websocket.recv(&mut [0; 5]), Ok(Event::Closed));
        });

        let mut script = side.script(&with(&[(FIN | CONTINUATION, b"e"), (FIN | CLOSE, b"")]));
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.recv(&mut [0; 4]), Err(Error::MessageTooBig));
            assert_eq!(websocket.recv(&mut [0; 4]), Ok(Event::Closed));
        });

        let mut script = side.script(&with(&[(FIN | TEXT, b"e")]));
        on_side!(side, script, |websocket| {
            let interrupted = ws_core::Error::Violation(Violation::MessageInterrupted(MessageKind::Text));
            assert_eq!(websocket.recv(&mut [0; 5]), Err(Error::WebSocket(interrupted)));
            assert_eq!(websocket.recv(&mut [0; 5]), Ok(Event::Closed));
        });

        let mut script = side.script(&with(&[(FIN | CLOSE, b"")]));
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.recv(&mut [0; 5]), Ok(Event::Closed));
            assert_eq!(websocket.recv(&mut [0; 5]), Ok(Event::Closed));
        });
    }
}
