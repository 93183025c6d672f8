//! Sending in both roles: how frames become writes, what is refused, and what happens when the transport takes no more.

mod support;

use support::{
    ACCEPT, BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, Received, SIDES, Side, TEXT, buffers, frames, masks,
    receive_messages,
    script::{Call, Fault, Script, WriteEnd},
    text, unmasked,
};
use ws_embedded_io::{
    Chunk, ClientRequest, CloseCode, Error, Event, Message, MessageKind, WebSocket, ws_core,
    ws_core::{Misuse, frame::HeaderError},
};

fn misuse(misuse: Misuse) -> Error<Fault> {
    Error::WebSocket(ws_core::Error::Misuse(misuse))
}

fn chunk(kind: MessageKind, first: bool, last: bool, payload: &[u8]) -> Chunk<'_> {
    Chunk { kind, first, last, payload }
}

#[test]
fn small_message_is_one_write_and_a_flush() {
    for side in SIDES {
        // The transmit buffer has 512 bytes, of which the header takes at most 8.
        for len in [0, 1, 125, 126, 504] {
            let mut script = side.script(&[]);
            let payload = vec![0xee; len];
            on_side!(side, script, |websocket| websocket.send(Message::Binary(&payload)).unwrap());
            assert!(matches!(script.calls.as_slice(), [Call::Write(_), Call::Flush]), "{side:?}, {len}");
            assert_eq!(unmasked(&script.written()), [(FIN | BINARY, payload)]);
        }
    }
}

#[test]
fn large_message_is_one_frame_and_one_flush() {
    for side in SIDES {
        for len in [505, 513, 65_535, 65_536, 300_000] {
            let payload: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
            for write_size in [13, 500, usize::MAX] {
                let mut script = side.script(&[]).write_size(write_size);
                on_side!(side, script, |websocket| websocket.send(Message::Binary(&payload)).unwrap());
                assert!(unmasked(&script.written()) == [(FIN | BINARY, payload.clone())], "{side:?}, {len}");
                assert_eq!(script.flushes(), 1);
                script.assert_flushed();
                if write_size == usize::MAX {
                    assert_eq!(script.writes(), script.written().len().div_ceil(512));
                }
            }
        }
    }
}

#[test]
fn client_masks_each_frame_with_another_key() {
    let mut script = Side::Client.script(&[]);
    let mut websocket = support::client(&mut script, 1024, 512);
    websocket.transport_mut().forget();
    for _ in 0..3 {
        websocket.send(Message::Text("same")).unwrap();
    }
    websocket.ping(b"same").unwrap();
    let keys: Vec<_> = frames(&script.written()).into_iter().map(|sent| sent.masking_key.unwrap()).collect();
    assert_eq!(keys, [5, 6, 7, 8].map(|count| [count, 0x5a, 0xc3, 0x0f]));
}

#[test]
fn server_masks_nothing() {
    let mut script = Side::Server.script(&[]);
    let mut websocket = support::server(&mut script, 1024, 512);
    websocket.transport_mut().forget();
    websocket.send(Message::Text("Hello")).unwrap();
    // RFC 6455, section 5.7: "A single-frame unmasked text message".
    assert_eq!(script.written(), [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
}

#[test]
fn chunks_are_fragments_and_control_frames_stand_between_them() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | PING, b"theirs"), (FIN | TEXT, b"x")]);
        on_side!(side, script, |websocket| {
            // Cut inside a character.
            websocket.send_chunk(chunk(MessageKind::Text, true, false, b"\xe2\x82")).unwrap();
            websocket.ping(b"ours").unwrap();
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Data(Message::Text("x"))));
            websocket.send_chunk(chunk(MessageKind::Text, false, false, b"")).unwrap();
            websocket.send_chunk(chunk(MessageKind::Text, false, true, b"\xac")).unwrap();
            websocket.send(Message::Binary(b"y")).unwrap();
        });
        let expected: [(u8, &[u8]); 6] = [
            (TEXT, b"\xe2\x82"),
            (FIN | PING, b"ours"),
            (FIN | PONG, b"theirs"),
            (CONTINUATION, b""),
            (FIN | CONTINUATION, b"\xac"),
            (FIN | BINARY, b"y"),
        ];
        assert_eq!(unmasked(&script.written()), expected.map(|(first, payload)| (first, payload.to_vec())));
    }
}

/// After Close, what is in the way is the Close, and no message that cannot be ended any more.
#[test]
fn after_close_it_is_the_close_that_is_named() {
    for side in SIDES {
        for begins in [true, false] {
            let mut script = side.script(&[(FIN | CLOSE, b"")]);
            on_side!(side, script, |websocket| {
                if begins {
                    websocket.send_chunk(chunk(MessageKind::Text, true, false, b"begun")).unwrap();
                }
                assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Closed));
                for first in [true, false] {
                    let refused = websocket.send_chunk(chunk(MessageKind::Text, first, true, b"late"));
                    assert_eq!(refused, Err(misuse(Misuse::Closing)));
                }
            });
        }
    }
}

/// A relay that has lost the beginning of a message must not send the rest as a message of its own.
#[test]
fn chunk_that_continues_nothing_is_refused() {
    for side in SIDES {
        let mut script = side.script(&[]);
        on_side!(side, script, |websocket| {
            let refused = Err(misuse(Misuse::NoMessageToContinue));
            for last in [true, false] {
                assert_eq!(websocket.send_chunk(chunk(MessageKind::Text, false, last, b"tail")), refused);
            }
        });
        assert_eq!(script.written(), b"");
    }
}

#[test]
fn message_inside_an_unfinished_one_is_refused() {
    for side in SIDES {
        for kind in [MessageKind::Text, MessageKind::Binary] {
            let mut script = side.script(&[]);
            on_side!(side, script, |websocket| {
                websocket.send_chunk(chunk(kind, true, false, b"1")).unwrap();
                websocket.transport_mut().forget();
                let refused = Err(misuse(Misuse::MessageUnfinished(kind)));
                assert_eq!(websocket.send(Message::Text("x")), refused);
                assert_eq!(websocket.send(Message::Binary(b"x")), refused);
                assert_eq!(websocket.send_chunk(chunk(kind, true, false, b"x")), refused);
                let other = if kind == MessageKind::Text { MessageKind::Binary } else { MessageKind::Text };
                assert_eq!(websocket.send_chunk(chunk(other, false, true, b"x")), refused);
                assert_eq!(websocket.transport_mut().calls, []);
                websocket.send_chunk(chunk(kind, false, true, b"2")).unwrap();
                websocket.send(Message::Text("x")).unwrap();
            });
            let expected = [(FIN | CONTINUATION, b"2".to_vec()), (FIN | TEXT, b"x".to_vec())];
            assert_eq!(unmasked(&script.written()), expected);
        }
    }
}

#[test]
fn what_would_break_the_protocol_is_refused_and_nothing_sent() {
    for side in SIDES {
        let mut script = side.script(&[]);
        on_side!(side, script, |websocket| {
            let too_long = misuse(Misuse::ControlFrame(HeaderError::ControlFrameTooLong));
            assert_eq!(websocket.ping(&[0; 126]), Err(too_long));
            let text = chunk(MessageKind::Text, true, true, b"\xff");
            assert_eq!(websocket.send_chunk(text), Err(misuse(Misuse::TextNotUtf8)));
            let cut = chunk(MessageKind::Text, true, true, b"\xe2\x82");
            assert_eq!(websocket.send_chunk(cut), Err(misuse(Misuse::TextNotUtf8)));
            assert_eq!(websocket.transport_mut().calls, []);
            websocket.ping(&[0; 125]).unwrap();
        });
        assert_eq!(unmasked(&script.written()), [(FIN | PING, vec![0; 125])]);
    }
}

#[test]
fn longest_control_frame_fits_into_the_smallest_transmit_buffer() {
    const SHORTEST_REQUEST: usize = 140;
    let reason = "r".repeat(123);
    let mut script = Side::Client.script(&[(FIN | PING, &[7; 125]), (FIN | TEXT, b"x"), (FIN | CLOSE, b"")]);
    let request = ClientRequest::new("d", "/");
    let connected = WebSocket::connect(&mut script, masks(), &request, buffers(1024, SHORTEST_REQUEST)).unwrap();
    let mut websocket = connected.websocket;
    websocket.transport_mut().forget();
    assert_eq!(websocket.recv(&mut [0; 1]), Ok(Event::Data(Message::Text("x"))));
    websocket.ping(&[8; 125]).unwrap();
    websocket.close(CloseCode::NORMAL_CLOSURE, &reason).unwrap();
    let close = (FIN | CLOSE, support::close_payload(1000, &reason));
    assert_eq!(unmasked(&script.written()), [(FIN | PONG, vec![7; 125]), (FIN | PING, vec![8; 125]), close]);

    let mut script =
        Side::Server.script(&[(FIN | PING, &[7; 125]), (FIN | CLOSE, &support::close_payload(1000, &reason))]);
    let mut websocket = WebSocket::accept(&mut script, buffers(1024, 131), |_, _| ACCEPT).unwrap().unwrap();
    let received = receive_messages(&mut websocket, 1);
    assert_eq!(received, [Received::Closed(Some((1000, reason)))]);
}

#[test]
fn failed_write_leaves_no_way_to_send() {
    for side in SIDES {
        for (end, error) in [
            (WriteEnd::Fails, Error::Write(Fault::Broken)),
            (WriteEnd::TakesNothing, Error::WriteZero),
            (WriteEnd::FlushFails, Error::Write(Fault::Broken)),
        ] {
            // After none, some or all bytes of a frame that leaves in several writes.
            for len in [0, 1, 100, 512, 600] {
                let mut script = side.script(&[(FIN | TEXT, b"theirs"), (FIN | PING, b"x")]);
                on_side!(side, script, |websocket| {
                    websocket.transport_mut().end_writes_after(len, end);
                    assert_eq!(websocket.send(Message::Binary(&[1; 1000])), Err(error), "{side:?}, {end:?}, {len}");
                    // The transport is well again, but what it would be given now stands inside the frame.
                    websocket.transport_mut().end_writes_after(9999, WriteEnd::Fails);
                    websocket.transport_mut().calls.clear();
                    assert_eq!(websocket.send(Message::Binary(&[1; 400])), Err(Error::HalfSent));
                    assert_eq!(websocket.ping(b""), Err(Error::HalfSent));
                    assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, ""), Err(Error::HalfSent));
                    // What the peer has sent can still be had, until it needs an answer.
                    assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Data(Message::Text("theirs"))));
                    assert_eq!(websocket.recv(&mut [0; 9]), Err(Error::HalfSent));
                    assert_eq!(websocket.transport_mut().calls, []);
                });
            }
        }
    }
}

#[test]
fn answer_that_cannot_be_written_is_not_taken_for_a_failed_read() {
    for side in SIDES {
        for answered in [PING, CLOSE] {
            let mut script = side.script(&[(FIN | answered, b""), (FIN | TEXT, b"x")]);
            on_side!(side, script, |websocket| {
                websocket.transport_mut().end_writes_after(1, WriteEnd::Fails);
                assert_eq!(websocket.recv(&mut [0; 9]), Err(Error::Write(Fault::Broken)));
            });
        }
    }
}

#[test]
fn close_that_cannot_be_answered_ends_the_connection() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | CLOSE, b"\x03\xe8bye")]);
        on_side!(side, script, |websocket| {
            websocket.transport_mut().end_writes_after(1, WriteEnd::Fails);
            assert_eq!(websocket.ping(b""), Err(Error::Write(Fault::Broken)));
            assert_eq!(websocket.recv(&mut [0; 9]), Err(Error::HalfSent));
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Closed));
            assert_eq!(websocket.peer_close().unwrap().reason, "bye");
        });
    }
}

#[test]
fn violation_is_reported_when_the_peer_cannot_be_told() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | CONTINUATION, b"")]);
        on_side!(side, script, |websocket| {
            websocket.transport_mut().end_writes_after(1, WriteEnd::Fails);
            let violation = Error::WebSocket(ws_core::Error::Violation(ws_core::Violation::UnexpectedContinuation));
            assert_eq!(websocket.recv(&mut [0; 9]), Err(violation));
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Closed));
            assert_eq!(websocket.transport_mut().calls.len(), 1);
        });
    }
}

#[test]
fn handshake_that_cannot_be_written_is_an_error() {
    for side in SIDES {
        for (end, error) in [(WriteEnd::Fails, Error::Write(Fault::Broken)), (WriteEnd::TakesNothing, Error::WriteZero)]
        {
            let mut script = side.script(&[]);
            script.end_writes_after(10, end);
            let request = ClientRequest::new("device.local", "/");
            let result = match side {
                Side::Server => WebSocket::accept(&mut script, buffers(1024, 512), |_, _| ACCEPT).map(|_| ()),
                Side::Client => WebSocket::connect(&mut script, masks(), &request, buffers(1024, 512)).map(|_| ()),
            };
            assert_eq!(result, Err(error));
        }
    }
}

#[test]
fn whatever_is_received_can_be_sent_back() {
    for side in SIDES {
        let sent: [(u8, &[u8]); 4] =
            [(TEXT, b"\xe2"), (CONTINUATION, b"\x82"), (FIN | CONTINUATION, b"\xac!"), (FIN | BINARY, b"")];
        let mut script = side.script(&sent).read_size(3);
        on_side!(side, script, |websocket| {
            let mut buffer = [0; 2];
            while let Ok(Event::Data(chunk)) = websocket.recv_chunk(&mut buffer) {
                websocket.send_chunk(chunk).unwrap();
            }
        });
        let echo = unmasked(&script.written());
        let echo: Vec<_> = echo.iter().map(|(first, payload)| (*first, payload.as_slice())).collect();
        let peer = side_of_the_peer(side);
        let mut script = peer.script(&echo);
        let received = on_side!(peer, script, |websocket| receive_messages(&mut websocket, 9));
        assert_eq!(received[..2], [text("€!"), Received::Binary(vec![])]);
    }
}

fn side_of_the_peer(side: Side) -> Side {
    match side {
        Side::Server => Side::Client,
        Side::Client => Side::Server,
    }
}

#[test]
fn nothing_is_written_when_nothing_is_to_be_said() {
    for side in SIDES {
        let mut script: Script = side.script(&[(FIN | PONG, b"x"), (FIN | TEXT, b"x")]);
        on_side!(side, script, |websocket| {
            let received = receive_messages(&mut websocket, 9);
            assert_eq!(received, [Received::Pong(b"x".to_vec()), text("x"), Received::Failed(Error::TransportEnded)]);
        });
        assert_eq!(script.calls, []);
    }
}
