//! The closing handshake, begun by us or by the peer, and what is dropped, refused and reported around it.

mod support;

use support::{
    BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, Received, SIDES, TEXT, close_payload, receive_messages,
    script::{Fault, Script, WriteEnd},
    unmasked,
};
use ws_embedded_io::{CloseCode, Error, Event, Message, WebSocketState, ws_core, ws_core::Misuse};

const GOODBYE: (u8, &[u8]) = (FIN | CLOSE, b"\x03\xe8goodbye");

#[test]
fn our_close_is_sent_and_the_peers_awaited() {
    for side in SIDES {
        let mut script = side.script(&[GOODBYE]).read_size(1);
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.close(CloseCode::GOING_AWAY, "bye"), Ok(()));
            assert_eq!(websocket.state(), WebSocketState::Closed);
            let close = websocket.peer_close().unwrap();
            assert_eq!((close.code, close.reason), (CloseCode::NORMAL_CLOSURE, "goodbye"));
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Closed));
            // A second time, nothing is left to do.
            assert_eq!(websocket.close(CloseCode::GOING_AWAY, "bye"), Ok(()));
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, close_payload(1001, "bye"))]);
        assert_eq!((script.writes(), script.flushes()), (1, 1));
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
        let mut script = side.script(&frames);
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, ""), Ok(()));
            assert_eq!(websocket.peer_close().unwrap().reason, "goodbye");
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, vec![3, 232]), (FIN | PONG, b"answered".to_vec())]);
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
                let frames: [(u8, &[u8]); 2] = [(FIN | CLOSE, &payload), (FIN | TEXT, b"after the end")];
                let mut script = side.script(&frames).read_size(read_size);
                on_side!(side, script, |websocket| {
                    assert_eq!(receive_messages(&mut websocket, 4), [Received::Closed(close.clone())]);
                    assert_eq!(websocket.state(), WebSocketState::Closed);
                    assert_eq!(websocket.recv(&mut [0; 99]), Ok(Event::Closed));
                    assert_eq!(websocket.recv_chunk(&mut [0; 99]), Ok(Event::Closed));
                    assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, ""), Ok(()));
                });
                assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, payload.clone())]);
            }
        }
    }
}

#[test]
fn close_that_crosses_ours_completes_the_handshake() {
    for side in SIDES {
        let head = side.head().len();
        let len = side.peer_frame(GOODBYE.0, GOODBYE.1).len();
        for arrived in 0..len {
            // This much of the peer's Close frame is here when we begin.
            let mut script = side.script(&[GOODBYE]).time_outs([head + arrived]);
            on_side!(side, script, |websocket| {
                assert_eq!(websocket.recv(&mut [0; 9]), Err(Error::Transport(Fault::TimedOut)));
                assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, ""), Ok(()));
                assert_eq!(websocket.peer_close().unwrap().reason, "goodbye");
            });
            assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, vec![3, 232])]);
        }
    }
}

#[test]
fn time_out_while_waiting_for_the_peers_close_loses_nothing() {
    for side in SIDES {
        let frames = [(FIN | TEXT, b"dropped".as_slice()), GOODBYE];
        let head = side.head().len();
        let len: usize = frames.iter().map(|(first, payload)| side.peer_frame(*first, payload).len()).sum();
        let mut script = side.script(&frames).time_outs(head..head + len);
        on_side!(side, script, |websocket| {
            for _ in 0..len {
                let result = websocket.close(CloseCode::NORMAL_CLOSURE, "once");
                assert_eq!(result, Err(Error::Transport(Fault::TimedOut)));
            }
            assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, "once"), Ok(()));
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, close_payload(1000, "once"))]);
    }
}

#[test]
fn receiving_after_our_close_waits_for_the_end() {
    for side in SIDES {
        let frames = [(FIN | TEXT, b"dropped".as_slice()), GOODBYE];
        let mut script = side.script(&frames).time_outs([side.head().len() + 3]);
        on_side!(side, script, |websocket| {
            let result = websocket.close(CloseCode::NORMAL_CLOSURE, "");
            assert_eq!(result, Err(Error::Transport(Fault::TimedOut)));
            assert_eq!(receive_messages(&mut websocket, 9), [Received::Closed(Some((1000, "goodbye".to_owned())))]);
        });
    }
}

#[test]
fn nothing_can_be_sent_after_close() {
    for side in SIDES {
        for ours in [true, false] {
            let mut script = side.script(&[GOODBYE]);
            on_side!(side, script, |websocket| {
                match ours {
                    true => websocket.close(CloseCode::NORMAL_CLOSURE, "").unwrap(),
                    false => assert_eq!(websocket.recv(&mut []), Ok(Event::Closed)),
                }
                websocket.transport_mut().forget();
                let refused = Err(Error::WebSocket(ws_core::Error::Misuse(Misuse::Closing)));
                assert_eq!(websocket.send(Message::Text("late")), refused);
                assert_eq!(websocket.ping(b"late"), refused);
            });
            assert_eq!(script.calls, []);
        }
    }
}

#[test]
fn close_code_that_may_not_be_sent_is_refused() {
    for side in SIDES {
        let mut script = side.script(&[(FIN | TEXT, b"goes on")]);
        on_side!(side, script, |websocket| {
            let refused = |misuse| Err(Error::WebSocket(ws_core::Error::Misuse(misuse)));
            for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map(CloseCode::new) {
                assert_eq!(websocket.close(code, ""), refused(Misuse::CloseCodeNotAllowed(code)), "{code}");
            }
            let too_long = websocket.close(CloseCode::NORMAL_CLOSURE, &"r".repeat(124));
            assert_eq!(too_long, refused(Misuse::CloseReasonTooLong));
            assert_eq!(websocket.state(), WebSocketState::Open);
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Data(Message::Text("goes on"))));
        });
        assert_eq!(script.calls, []);
    }
}

#[test]
fn transport_that_ends_without_a_close_is_an_error() {
    for side in SIDES {
        let mut script = side.script(&[]);
        on_side!(side, script, |websocket| {
            assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, ""), Err(Error::TransportEnded));
            assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, ""), Err(Error::TransportEnded));
            assert_eq!(websocket.peer_close(), None);
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, vec![3, 232])]);
    }
}

#[test]
fn violation_after_our_close_is_reported_and_no_second_close_sent() {
    for side in SIDES {
        let mut script: Script = side.script(&[(FIN | CONTINUATION, b"x"), GOODBYE]);
        on_side!(side, script, |websocket| {
            let result = websocket.close(CloseCode::NORMAL_CLOSURE, "");
            let violation = Error::WebSocket(ws_core::Error::Violation(ws_core::Violation::UnexpectedContinuation));
            assert_eq!(result, Err(violation));
            assert_eq!(websocket.peer_close(), None);
            // No byte behind the violation is looked at, and no read waits for more of them.
            let position = websocket.transport_mut().position();
            assert_eq!(websocket.recv(&mut [0; 9]), Ok(Event::Closed));
            assert_eq!(websocket.transport_mut().position(), position);
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, vec![3, 232])]);
    }
}

/// The peer may send Pings, then its Close frame, and be gone before they are answered: RFC 6455, section 7.1.1, wants the
/// server to close the transport first.
#[test]
fn peers_close_counts_though_its_pings_cannot_be_answered() {
    for side in SIDES {
        let ping = (FIN | PING, b"anyone there?".as_slice());
        let mut script = side.script(&[ping, ping, GOODBYE]);
        on_side!(side, script, |websocket| {
            // Room for our Close frame alone, whose header has a masking key if we are the client.
            let close_len = if side == support::Side::Client { 8 } else { 4 };
            websocket.transport_mut().end_writes_after(close_len, WriteEnd::Fails);
            assert_eq!(websocket.close(CloseCode::NORMAL_CLOSURE, ""), Ok(()));
            assert_eq!(websocket.peer_close().unwrap().reason, "goodbye");
        });
        assert_eq!(unmasked(&script.written()), [(FIN | CLOSE, vec![3, 232])]);
    }
}
