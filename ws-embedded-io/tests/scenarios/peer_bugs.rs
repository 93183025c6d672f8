//! Bugs that other WebSocket libraries have, or had, where they move bytes between a transport and a connection, each as a
//! test with its name.

use super::{
    dialogue::{Call, Dialogue, Outcome, ScriptError, binary, closed, failed, text},
    driver::{ACCEPT, buffers, memory, play},
    script::{Fault, Moved, Script, WriteEnd},
    side::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, REQUEST, RESPONSE, SIDES, Side, TEXT, masks, owned},
};
use crate::adapter::{
    ClientRequest, CloseCode, Config, Decision, Error, Message, MessageKind, Misuse, Reply, Violation, WebSocket, wait,
    ws_core,
    ws_core::{frame::HeaderError, handshake::ResponseError},
};

const CONFIG: &Config = &Config::DEFAULT;

fn connect(script: &mut Script, head: usize) -> Result<(), ScriptError> {
    let request = ClientRequest::new("device.local", "/chat");
    wait(WebSocket::connect(script, masks(), &request, memory(head), buffers(100, 100), CONFIG)).map(|_| ())
}

/// Receives everything that a peer sends which moves so many bytes at once.
fn receive_all(side: Side, frames: &[(u8, &[u8])], size: usize) -> super::dialogue::Record {
    play(&Dialogue::new(side, side.script(frames).read_size(size), &[Call::RecvAll]))
}

/// Guards against a client that waits for the rest of the response in a loop after the server has gone. The script
/// panics when its end is read again and again.
#[test]
fn end_of_the_transport_inside_the_response_does_not_spin() {
    for len in [0, 1, RESPONSE.len() - 1] {
        let mut script = Script::new(RESPONSE[..len].iter().copied());
        let ended = ws_core::Error::TransportEnded { clean: len == 0 };
        assert_eq!(connect(&mut script, 1024), Err(Error::WebSocket(ended)));
    }
}

/// Guards against a client that reads into what is left of a full buffer, which is nothing, and takes that for no data.
#[test]
fn response_that_fills_the_memory_does_not_spin() {
    let long = format!("HTTP/1.1 101 Switching Protocols\r\nX: {}\r\n\r\n", "y".repeat(2000));
    for head in [200, 1024] {
        let mut script = Script::new(long.bytes());
        assert_eq!(connect(&mut script, head), Err(Error::WebSocket(ws_core::Error::HeadTooLarge)));
    }
}

/// Guards against dropping what came in one read with the 101, or with the client's request: one library then reported
/// `Closed` for ever, another refused the response.
#[test]
fn first_frame_behind_the_handshake_is_not_lost() {
    for side in SIDES {
        let record = receive_all(side, &[(FIN | TEXT, b"first"), (FIN | CLOSE, b"")], usize::MAX);
        assert_eq!(record.outcomes, [text("first"), Outcome::Closed(None)]);
    }
}

/// Guards against half a frame behind the handshake being dropped, or being taken for a whole one.
#[test]
fn half_a_frame_behind_the_handshake_is_not_lost() {
    for side in SIDES {
        let head = side.head().len();
        for cut in head..head + side.peer_frame(FIN | TEXT, b"first").len() {
            let record = receive_all(side, &[(FIN | TEXT, b"first"), (FIN | CLOSE, b"")], cut);
            assert_eq!(record.outcomes, [text("first"), Outcome::Closed(None)]);
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
        drop(wait(WebSocket::accept(&mut script, memory(1024), buffers(1024, 512), CONFIG, |_, _| decided)));
        assert!(script.written().starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{request}");
        script.assert_flushed();
    }
}

/// Guards against `Connection: keep-alive, Upgrade`, which Firefox sends, not being taken for an upgrade.
#[test]
fn upgrade_in_a_list_of_connection_options_is_seen() {
    assert!(std::str::from_utf8(REQUEST).unwrap().contains("Connection: keep-alive, Upgrade"));
    let mut script = Side::Server.script(&[]);
    let accepted = WebSocket::accept(&mut script, memory(1024), buffers(1024, 512), CONFIG, |_, _| ACCEPT);
    assert!(wait(accepted).unwrap().is_some());
}

/// Guards against losing a byte, or getting stuck, when a frame's header comes in several reads.
#[test]
fn header_split_over_reads_loses_no_byte() {
    for side in SIDES {
        let payload = [0xee; 300];
        let record = receive_all(side, &[(FIN | BINARY, &payload), (FIN | BINARY, &payload), (FIN | CLOSE, b"")], 1);
        assert_eq!(record.outcomes, [binary(&payload), binary(&payload), Outcome::Closed(None)]);
    }
}

/// Guards against answering each piece of a Ping with a Pong of its own.
#[test]
fn ping_split_over_reads_is_answered_once() {
    for side in SIDES {
        for size in 1..10 {
            let record = receive_all(side, &[(FIN | PING, b"payload"), (FIN | TEXT, b"x")], size);
            assert_eq!(record.outcomes[0], text("x"));
            assert_eq!(record.frames(), owned(&[(FIN | PONG, b"payload")]));
        }
    }
}

/// Guards against cutting a Ping's payload at its first zero byte.
#[test]
fn zero_in_a_ping_comes_back() {
    for side in SIDES {
        let record = receive_all(side, &[(FIN | PING, b"a\0b\0"), (FIN | TEXT, b"x")], usize::MAX);
        assert_eq!(record.frames(), owned(&[(FIN | PONG, b"a\0b\0")]));
    }
}

/// Guards against a Pong with the opcode of a continuation frame while a message of ours is unfinished: the peer took it
/// for the end of the message.
#[test]
fn ping_inside_our_unfinished_message_is_answered_with_a_pong() {
    let kind = MessageKind::Text;
    for side in SIDES {
        for begin in [Call::Fragment(kind, b"1", false), Call::Write(kind, b"1")] {
            let script = side.script(&[(FIN | PING, b"p"), (FIN | TEXT, b"x")]);
            let record = play(&Dialogue::new(side, script, &[begin, Call::Recv, Call::Fragment(kind, b"2", true)]));
            let expected = [(TEXT, b"1".as_slice()), (FIN | PONG, b"p"), (FIN | CONTINUATION, b"2")];
            assert_eq!(record.frames(), owned(&expected));
        }
    }
}

/// Guards against an unfinished message and the next one becoming a single message.
#[test]
fn two_messages_of_ours_are_never_joined() {
    let kind = MessageKind::Text;
    for side in SIDES {
        let calls = [Call::Fragment(kind, b"1", false), Call::Send(Message::Text("2"))];
        let record = play(&Dialogue::new(side, side.script(&[]), &calls));
        assert_eq!(record.outcomes[1], failed(Misuse::MessageUnfinished(kind)));
        assert_eq!(record.frames(), owned(&[(TEXT, b"1")]));
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
        assert_eq!(receive_all(side, &frames, usize::MAX).outcomes[0], text("abc"));
    }
}

/// Guards against a panic when a Ping comes while there is less room than it needs.
#[test]
fn ping_into_a_nearly_full_buffer_does_not_panic() {
    for side in SIDES {
        for receive in 5..12 {
            let script = side.script(&[(TEXT, b"1234"), (FIN | PING, &[7; 125]), (FIN | CONTINUATION, b"")]);
            let record = play(&Dialogue { receive, ..Dialogue::new(side, script, &[Call::Recv]) });
            assert_eq!(record.outcomes, [text("1234")]);
            assert_eq!(record.frames(), owned(&[(FIN | PONG, &[7; 125])]));
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
        let dialogue = Dialogue::new(side, side.script(&frames).read_size(700), &[Call::RecvAllChunks]);
        let record = play(&Dialogue { receive: 64, ..dialogue });
        assert_eq!(record.outcomes, [text(&"x".repeat(15_000)), Outcome::Closed(None)]);
    }
}

/// Guards against reporting a message that is too big with 1002, or with no close code at all.
#[test]
fn message_too_big_is_told_to_the_peer() {
    for side in SIDES {
        let script = side.script(&[(FIN | TEXT, b"12345")]);
        let record = play(&Dialogue { receive: 4, ..Dialogue::new(side, script, &[Call::Recv]) });
        assert_eq!(record.outcomes, [failed(Violation::MessageTooBig)]);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &1009_u16.to_be_bytes())]));
    }
}

/// Guards against going on after a violation: no frame behind it may be delivered or answered.
#[test]
fn nothing_behind_a_violation_is_looked_at() {
    for side in SIDES {
        let script = side.script(&[(FIN | 0x3, b""), (FIN | PING, b"x"), (FIN | TEXT, b"y")]);
        let record = play(&Dialogue::new(side, script, &[Call::Recv, Call::Recv]));
        let violation = failed(Violation::Header(HeaderError::ReservedOpcode));
        assert_eq!(record.outcomes, [violation, Outcome::Closed(None)]);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &1002_u16.to_be_bytes())]));
    }
}

/// Guards against hiding why the peer closed.
#[test]
fn peers_close_code_and_reason_are_reported() {
    for side in SIDES {
        let record = receive_all(side, &[(FIN | CLOSE, b"\x0f\xa0because")], usize::MAX);
        assert_eq!(record.outcomes, [closed(4000, "because")]);
    }
}

/// Guards against a Ping that comes after our Close opening the connection again for sending; it is still answered (RFC
/// 6455, section 5.5.2).
#[test]
fn ping_after_our_close_opens_nothing() {
    for side in SIDES {
        let calls = [Call::Close(CloseCode::NORMAL_CLOSURE, ""), Call::Send(Message::Text("late"))];
        let record = play(&Dialogue::new(side, side.script(&[(FIN | PING, b"x"), (FIN | CLOSE, b"")]), &calls));
        assert_eq!(record.outcomes, [Outcome::Done, failed(Misuse::Closing)]);
        assert_eq!(record.frames(), owned(&[(FIN | CLOSE, &[3, 232]), (FIN | PONG, b"x")]));
    }
}

/// Guards against calling the end of the transport, "no data yet" and a malformed frame by one name.
#[test]
fn end_of_the_transport_is_told_from_a_time_out_and_from_a_violation() {
    for side in SIDES {
        let script = side.script(&[(FIN | TEXT, b"x")]).time_outs([side.head().len() + 1]);
        let record = play(&Dialogue::new(side, script, &[Call::Recv; 3]));
        let ended = failed(ws_core::Error::TransportEnded { clean: true });
        assert_eq!(record.outcomes, [Outcome::Failed(Error::Read(Fault::TimedOut)), text("x"), ended]);
    }
}

/// Guards against losing the place in the stream when a read fails inside a frame: what followed was taken for a header.
#[test]
fn failed_read_inside_a_frame_keeps_the_place() {
    for side in SIDES {
        for at in 0..side.peer_frame(FIN | TEXT, b"message").len() {
            let script = side.script(&[(FIN | TEXT, b"message"), (FIN | CLOSE, b"")]);
            let script = script.time_outs([side.head().len() + at]);
            let record = play(&Dialogue { receive: 7, ..Dialogue::new(side, script, &[Call::Recv; 3]) });
            let timed_out = Outcome::Failed(Error::Read(Fault::TimedOut));
            assert_eq!(record.outcomes, [timed_out, text("message"), Outcome::Closed(None)]);
        }
    }
}

/// Guards against an endless loop, or a panic as in `embedded_io::Write::write_all`, when the transport takes no byte.
#[test]
fn transport_that_takes_nothing_is_an_error() {
    for side in SIDES {
        let calls = [Call::EndWrites(0, WriteEnd::TakesNothing), Call::Send(Message::Text("x"))];
        let record = play(&Dialogue::new(side, side.script(&[]), &calls));
        assert_eq!(record.outcomes, [Outcome::Failed(Error::WriteZero)]);
    }
}

/// Guards against dropping what a write did not take.
#[test]
fn partial_writes_are_continued() {
    for side in SIDES {
        let script = side.script(&[]).write_size(1);
        let record = play(&Dialogue::new(side, script, &[Call::Send(Message::Text("one by one"))]));
        assert_eq!(record.frames(), owned(&[(FIN | TEXT, b"one by one")]));
    }
}

/// Guards against frames that wait in a transport with a buffer of its own because nobody flushes it. The script panics
/// too when it is read while bytes wait.
#[test]
fn every_frame_is_flushed() {
    for side in SIDES {
        let script = side.script(&[(FIN | PING, b""), (FIN | TEXT, b"y"), (FIN | CLOSE, b"")]);
        let calls = [Call::Send(Message::Text("x")), Call::Ping(b""), Call::Recv, Call::Recv];
        let record = play(&Dialogue::new(side, script, &calls));
        let (calls, rest) = record.script.calls.as_chunks::<2>();
        assert!(calls.iter().all(|calls| matches!(calls, [Moved::Write(_), Moved::Flush])), "{calls:?}");
        assert_eq!((calls.len(), rest), (4, &[][..]));
    }
}

/// Guards against a write for every few bytes of a masked frame, or one for the header and one for the payload: each is a
/// packet of its own on many transports.
#[test]
fn frame_leaves_in_as_few_writes_as_the_buffer_allows() {
    for side in SIDES {
        for (len, writes) in [(1, 1), (500, 1), (1000, 2), (5000, 10)] {
            let payload = vec![1; len];
            let record = play(&Dialogue::new(side, side.script(&[]), &[Call::Send(Message::Binary(&payload))]));
            assert_eq!(record.script.writes(), writes, "{side:?}, {len}");
        }
    }
}
