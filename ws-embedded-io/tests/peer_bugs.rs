//! Bugs that other WebSocket libraries have, or had, where they move bytes between a transport and a connection, each as a
//! test with its name.

mod support;

use support::{
    ACCEPT, BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, REQUEST, RESPONSE, Received, SIDES, Side, TEXT, buffers,
    masks, receive_chunks, receive_messages,
    script::{Call, Fault, Script, WriteEnd},
    text, unmasked,
};
use ws_embedded_io::{
    Chunk, ClientRequest, CloseCode, Decision, Error, Event, Message, MessageKind, Reply, WebSocket, ws_core,
    ws_core::handshake::ResponseError,
};

fn connect(script: &mut Script, receive: usize) -> Result<(), Error<Fault>> {
    let request = ClientRequest::new("device.local", "/chat");
    WebSocket::connect(script, masks(), &request, buffers(receive, 512)).map(|_| ())
}

/// Guards against a client that waits for the rest of the response in a loop after the server has gone. The script
/// panics when its end is read again and again.
#[test]
fn end_of_the_transport_inside_the_response_does_not_spin() {
    for len in [0, 1, RESPONSE.len() - 1] {
        let mut script = Script::new(RESPONSE[..len].iter().copied());
        assert_eq!(connect(&mut script, 1024), Err(Error::TransportEnded));
    }
}

/// Guards against a client that reads into what is left of a full buffer, which is nothing, and takes that for no data.
#[test]
fn response_that_fills_the_buffer_does_not_spin() {
    let long = format!("HTTP/1.1 101 Switching Protocols\r\nX: {}\r\n\r\n", "y".repeat(2000));
    for receive in [1, 100, 1024] {
        let mut script = Script::new(long.bytes());
        assert_eq!(connect(&mut script, receive), Err(Error::HeadTooLarge));
    }
}

/// Guards against dropping what came in one read with the 101, or with the client's request: one library then reported
/// `Closed` for ever, another refused the response.
#[test]
fn first_frame_behind_the_handshake_is_not_lost() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | TEXT, b"first"), (FIN | CLOSE, b"")]);
        let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 100));
        assert_eq!(received, [text("first"), Received::Closed(None)]);
    }
}

/// Guards against half a frame behind the handshake being dropped, or being taken for a whole one.
#[test]
fn half_a_frame_behind_the_handshake_is_not_lost() {
    for side in SIDES {
        let head = side.head().len();
        let len = side.peer_frame(FIN | TEXT, b"first").len();
        for cut in head..head + len {
            let mut script = side.script(&[(FIN | TEXT, b"first"), (FIN | CLOSE, b"")]).read_size(cut);
            let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 100));
            assert_eq!(received, [text("first"), Received::Closed(None)]);
        }
    }
}

/// Guards against panics and errors when the 101 comes in two reads: one library computed a negative length, another gave
/// up with "http header not complete".
#[test]
fn response_split_over_two_reads_is_accepted() {
    for cut in 1..RESPONSE.len() {
        let mut script = Script::new(RESPONSE.iter().copied()).read_size(cut);
        assert_eq!(connect(&mut script, 1024), Ok(()));
    }
}

/// Guards against a client that takes any 101, or any response at all, for a WebSocket.
#[test]
fn response_without_the_right_accept_is_refused() {
    let response = std::str::from_utf8(RESPONSE).unwrap();
    for replaced in [response.replace("s3pP", "AAAA"), response.replace("Sec-WebSocket-Accept", "X")] {
        let mut script = Script::new(replaced.bytes());
        let wrong = ws_core::Error::Response(ResponseError::Accept);
        assert_eq!(connect(&mut script, 1024), Err(Error::WebSocket(wrong)));
    }
}

/// Guards against a server that drops a client which it refuses, without an HTTP answer.
#[test]
fn refused_request_gets_an_http_answer() {
    let request = std::str::from_utf8(REQUEST).unwrap();
    let malformed = request.replace("Sec-WebSocket-Key", "X-Key");
    for (request, status) in [(request, 403), (malformed.as_str(), 400), ("nonsense\r\n\r\n", 400)] {
        let mut script = Script::new(request.bytes());
        let decided = Decision::Reply(Reply::FORBIDDEN);
        let _ = WebSocket::accept(&mut script, buffers(1024, 512), |_, _| decided);
        assert!(script.written().starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{request}");
        script.assert_flushed();
    }
}

/// Guards against `Connection: keep-alive, Upgrade`, which Firefox sends, not being taken for an upgrade.
#[test]
fn upgrade_in_a_list_of_connection_options_is_seen() {
    assert!(std::str::from_utf8(REQUEST).unwrap().contains("Connection: keep-alive, Upgrade"));
    let mut script = Side::Server.script(&[]);
    assert!(WebSocket::accept(&mut script, buffers(1024, 512), |_, _| ACCEPT).unwrap().is_some());
}

/// Guards against losing a byte, or getting stuck, when a frame's header comes in several reads.
#[test]
fn header_split_over_reads_loses_no_byte() {
    for side in SIDES {
        let payload = [0xee; 300];
        let mut script = side.script(&[(FIN | BINARY, &payload), (FIN | BINARY, &payload), (FIN | CLOSE, b"")]);
        script = script.read_size(1);
        let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 300));
        let message = Received::Binary(payload.to_vec());
        assert_eq!(received, [message.clone(), message, Received::Closed(None)]);
    }
}

/// Guards against answering each piece of a Ping with a Pong of its own.
#[test]
fn ping_split_over_reads_is_answered_once() {
    for side in SIDES {
        for read_size in 1..10 {
            let mut script = side.script(&[(FIN | PING, b"payload"), (FIN | TEXT, b"x")]).read_size(read_size);
            let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 3));
            assert_eq!(received[0], text("x"));
            assert_eq!(unmasked(&script.written()), [(FIN | PONG, b"payload".to_vec())]);
        }
    }
}

/// Guards against cutting a Ping's payload at its first zero byte.
#[test]
fn zero_in_a_ping_comes_back() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | PING, b"a\0b\0"), (FIN | TEXT, b"x")]);
        on_side!(side, script, |websocket| receive_messages(&mut websocket, 3));
        assert_eq!(unmasked(&script.written()), [(FIN | PONG, b"a\0b\0".to_vec())]);
    }
}

/// Guards against a Pong with the opcode of a continuation frame while a message of ours is unfinished: the peer took it
/// for the end of the message.
#[test]
fn ping_inside_our_unfinished_message_is_answered_with_a_pong() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | PING, b"p"), (FIN | TEXT, b"x")]);
        on_side!(side, script, |websocket| {
            let kind = MessageKind::Text;
            websocket.send_chunk(Chunk { kind, first: true, last: false, payload: b"1" }).unwrap();
            websocket.recv(&mut [0; 9]).unwrap();
            websocket.send_chunk(Chunk { kind, first: false, last: true, payload: b"2" }).unwrap();
        });
        let expected = [(TEXT, b"1".to_vec()), (FIN | PONG, b"p".to_vec()), (FIN | CONTINUATION, b"2".to_vec())];
        assert_eq!(unmasked(&script.written()), expected);
    }
}

/// Guards against an unfinished message and the next one becoming a single message.
#[test]
fn two_messages_of_ours_are_never_joined() {
    for side in SIDES {
        let mut script = side.script(&[]);
        on_side!(side, script, |websocket| {
            let unfinished = Chunk { kind: MessageKind::Text, first: true, last: false, payload: b"1" };
            websocket.send_chunk(unfinished).unwrap();
            assert!(websocket.send(Message::Text("2")).is_err());
        });
        assert_eq!(unmasked(&script.written()), [(TEXT, b"1".to_vec())]);
    }
}

/// Guards against closing the connection, or mixing up the message, when a control frame comes between its fragments.
#[test]
fn control_frames_between_fragments_leave_the_message_alone() {
    for side in SIDES {
        let frames: [(u8, &[u8]); 5] = [
            (TEXT, b"a"),
            (FIN | PING, b"ping"),
            (CONTINUATION, b"b"),
            (FIN | PONG, b"pong"),
            (FIN | CONTINUATION, b"c"),
        ];
        let mut script = side.script(&frames);
        let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 3));
        assert_eq!(received[..2], [text("abc"), Received::Pong(b"pong".to_vec())]);
    }
}

/// Guards against a panic when a Ping comes while there is less room than it needs.
#[test]
fn ping_into_a_nearly_full_slice_does_not_panic() {
    for side in SIDES {
        for room in 0..8 {
            let mut script = side.script(&[(TEXT, b"1234"), (FIN | PING, &[7; 125]), (FIN | CONTINUATION, b"")]);
            let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 4 + room));
            assert_eq!(received[0], text("1234"));
            assert_eq!(unmasked(&script.written()), [(FIN | PONG, vec![7; 125])]);
        }
    }
}

/// Guards against an endless loop, and an error, for a fragment or a message that does not come in one read or is longer
/// than the buffers.
#[test]
fn fragment_longer_than_the_buffers_is_received() {
    for side in SIDES {
        let long = [b'x'; 5000];
        let frames: [(u8, &[u8]); 4] =
            [(TEXT, &long), (CONTINUATION, &long), (FIN | CONTINUATION, &long), (FIN | CLOSE, b"")];
        let mut script = side.script(&frames).read_size(700);
        let received = on_side!(side, script, |websocket| receive_chunks(&mut websocket, 64));
        assert_eq!(received, [text(&"x".repeat(15_000)), Received::Closed(None)]);
    }
}

/// Guards against reporting a message that is too big with 1002, or with no close code at all.
#[test]
fn message_too_big_is_told_to_the_peer() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | TEXT, b"12345")]);
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.recv(&mut [0; 4]), Err(Error::MessageTooBig));
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, 1009_u16.to_be_bytes().to_vec())]);
    }
}

/// Guards against going on after a violation: no frame behind it may be delivered or answered.
#[test]
fn nothing_behind_a_violation_is_looked_at() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | 0x3, b""), (FIN | PING, b"x"), (FIN | TEXT, b"y")]);
        on_side!(side, script, |websocket| {
            assert!(matches!(websocket.recv(&mut [0; 9]), Err(Error::WebSocket(ws_core::Error::Violation(_)))));
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Closed));
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, 1002_u16.to_be_bytes().to_vec())]);
    }
}

/// Guards against hiding why the peer closed.
#[test]
fn peers_close_code_and_reason_are_reported() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | CLOSE, b"\x0f\xa0because")]);
        let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 1));
        assert_eq!(received, [Received::Closed(Some((4000, "because".to_owned())))]);
    }
}

/// Guards against a Ping that comes after our Close opening the connection again for sending; it is still answered (RFC
/// 6455, section 5.5.2).
#[test]
fn ping_after_our_close_opens_nothing() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | PING, b"x"), (FIN | CLOSE, b"")]);
        on_side!(side, script, |websocket| {
            websocket.close(CloseCode::NORMAL_CLOSURE, "").unwrap();
            assert!(websocket.send(Message::Text("late")).is_err());
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, vec![3, 232]), (FIN | PONG, b"x".to_vec())]);
    }
}

/// Guards against calling the end of the transport, "no data yet" and a malformed frame by one name.
#[test]
fn end_of_the_transport_is_told_from_a_time_out_and_from_a_violation() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | TEXT, b"x")]).time_outs([side.head().len() + 1]);
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.recv(&mut [0; 9]), Err(Error::Transport(Fault::TimedOut)));
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Data(Message::Text("x"))));
            assert_eq!(websocket.recv(&mut [0; 9]), Err(Error::TransportEnded));
        });
    }
}

/// Guards against losing the place in the stream when a read fails inside a frame: what followed was taken for a header.
#[test]
fn failed_read_inside_a_frame_keeps_the_place() {
    for side in SIDES {
        let len = side.peer_frame(FIN | TEXT, b"message").len();
        for at in 0..len {
            let frames: [(u8, &[u8]); 2] = [(FIN | TEXT, b"message"), (FIN | CLOSE, b"")];
            let mut script = side.script(&frames).time_outs([side.head().len() + at]);
            let received = on_side!(side, script, |websocket| receive_messages(&mut websocket, 7));
            assert_eq!(received, [text("message"), Received::Closed(None)]);
        }
    }
}

/// Guards against an endless loop, or a panic as in `embedded_io::Write::write_all`, when the transport takes no byte.
#[test]
fn transport_that_takes_nothing_is_an_error() {
    for side in SIDES {
        let mut script = side.script(&[]);
        on_side!(side, script, |websocket| {
            websocket.transport_mut().end_writes_after(0, WriteEnd::TakesNothing);
            assert_eq!(websocket.send(Message::Text("x")), Err(Error::WriteZero));
        });
    }
}

/// Guards against dropping what a write did not take.
#[test]
fn partial_writes_are_continued() {
    for side in SIDES {
        let mut script = side.script(&[]).write_size(1);
        on_side!(side, script, |websocket| websocket.send(Message::Text("one by one")).unwrap());
        assert_eq!(unmasked(&script.written()), [(FIN | TEXT, b"one by one".to_vec())]);
    }
}

/// Guards against frames that wait in a transport with a buffer of its own because nobody flushes it. The script panics
/// too when it is read while bytes wait.
#[test]
fn every_frame_is_flushed() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | PING, b""), (FIN | CLOSE, b"")]);
        on_side!(side, script, |websocket| {
            websocket.send(Message::Text("x")).unwrap();
            websocket.ping(b"").unwrap();
            assert_eq!(websocket.recv(&mut [0; 1]), Ok(Event::Closed));
        });
        assert_eq!(script.calls.len(), 8);
        let (calls, _) = script.calls.as_chunks::<2>();
        assert!(calls.iter().all(|calls| matches!(calls, [Call::Write(_), Call::Flush])), "{calls:?}");
    }
}

/// Guards against a write for every few bytes of a masked frame, or one for the header and one for the payload: each is a
/// packet of its own on many transports.
#[test]
fn frame_leaves_in_as_few_writes_as_the_buffer_allows() {
    for side in SIDES {
        for (len, writes) in [(1, 1), (500, 1), (1000, 2), (5000, 10)] {
            let mut script = side.script(&[]);
            on_side!(side, script, |websocket| websocket.send(Message::Binary(&vec![1; len])).unwrap());
            assert_eq!(script.writes(), writes, "{side:?}, {len}");
        }
    }
}
