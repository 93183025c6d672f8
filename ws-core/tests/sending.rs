//! What may not be sent is refused, and a call that fails changes nothing: neither the endpoint, nor its masking keys, nor
//! the output. What may be sent is written in the fewest bytes.

mod support;

use std::fmt::Debug;

use support::{UNWRITTEN, client, counting, read_whole, server, text, write, write_close};
use ws_core::{
    Error, MessageKind, Misuse, Role, WebSocket, WebSocketCloseStatusCode as Status,
    WebSocketReceiveMessageType as Receive, WebSocketSendMessageType as Send, WebSocketState,
    frame::{CloseCode, HeaderError},
};

const TEXT_NOT_UTF8: Misuse = Misuse::TextNotUtf8;
const TOO_LONG: Misuse = Misuse::ControlFrame(HeaderError::ControlFrameTooLong);
const FRAGMENTED: Misuse = Misuse::ControlFrame(HeaderError::FragmentedControlFrame);

/// Lets `call` fail with `error`, and checks that nothing else happened. The output has `to_len` bytes.
fn fails<R: Role + Debug, T: Debug + PartialEq>(
    endpoint: &mut WebSocket<R>,
    to_len: usize,
    error: impl Into<Error>,
    call: impl FnOnce(&mut WebSocket<R>, &mut [u8]) -> Result<T, Error>,
) {
    let before = format!("{endpoint:?}");
    let mut to = vec![UNWRITTEN; to_len];
    assert_eq!(call(endpoint, &mut to), Err(error.into()));
    assert!(to.iter().all(|byte| *byte == UNWRITTEN), "something was written: {to:02x?}");
    assert_eq!(format!("{endpoint:?}"), before);
}

/// Refuses a frame whichever way it is written.
fn refuses<R: Role + Debug>(
    endpoint: &mut WebSocket<R>,
    message_type: Send,
    end_of_message: bool,
    payload: &[u8],
    misuse: Misuse,
) {
    for to_len in [0, 1, payload.len() + 14] {
        fails(endpoint, to_len, misuse, |endpoint, to| endpoint.write(message_type, end_of_message, payload, to));
        fails(endpoint, to_len, misuse, |endpoint, to| {
            endpoint.write_partial(message_type, end_of_message, payload, to)
        });
    }
}

/// A dialogue of every kind of call; `call` is run before each.
fn dialogue<R: Role + Debug>(endpoint: &mut WebSocket<R>, mut before: impl FnMut(&mut WebSocket<R>)) -> Vec<Vec<u8>> {
    let mut written = Vec::new();
    for (message_type, end, payload) in [
        (Send::Text, true, &b"hello"[..]),
        (Send::Ping, true, b"ping"),
        (Send::Text, false, b"\xe2"),
        (Send::Pong, true, b"pong"),
        (Send::Text, false, b"\x82"),
        (Send::Text, true, b"\xac"),
        (Send::Binary, false, b""),
        (Send::Binary, true, b"\xff"),
    ] {
        before(endpoint);
        written.push(write(endpoint, message_type, end, payload));
    }
    before(endpoint);
    written.push(write_close(endpoint, 1000, "done"));
    before(endpoint);
    written
}

/// Whatever fails in between, the bytes are those of an endpoint to which nothing happened.
#[test]
fn failures_leave_no_trace() {
    fn fail<R: Role + Debug>(endpoint: &mut WebSocket<R>) {
        let mut to = [UNWRITTEN; 200];
        for message_type in [Send::Text, Send::Binary, Send::Ping, Send::Pong] {
            assert!(endpoint.write(message_type, true, &[0xff; 126], &mut to[..100]).is_err());
            assert!(endpoint.write(message_type, false, &[b'a'; 126], &mut to[..100]).is_err());
        }
        assert!(endpoint.write(Send::Text, false, b"\xff", &mut to).is_err());
        assert!(endpoint.write(Send::CloseReply, true, &[], &mut to).is_err());
        assert!(endpoint.write_partial(Send::Ping, false, b"a", &mut to).is_err());
        assert!(endpoint.close(Status::Custom(1005), None, &mut to).is_err());
        assert!(endpoint.close(Status::NormalClosure, Some("reason"), &mut to[..3]).is_err());
        assert_eq!(to, [UNWRITTEN; 200]);
    }
    assert_eq!(dialogue(&mut client(), fail), dialogue(&mut client(), |_| {}));
    assert_eq!(dialogue(&mut server(), fail), dialogue(&mut server(), |_| {}));
}

#[test]
fn buffer_that_is_too_small_at_every_length() {
    fn check<R: Role + Debug + Clone>(endpoint: &WebSocket<R>) {
        for payload_len in [0, 1, 125, 126, 1000] {
            let payload = vec![b'a'; payload_len];
            for (message_type, end) in
                [(Send::Text, true), (Send::Text, false), (Send::Binary, true), (Send::Ping, true)]
            {
                if message_type == Send::Ping && payload_len > 125 {
                    continue;
                }
                let mut endpoint = endpoint.clone();
                let frame = write(&mut endpoint.clone(), message_type, end, &payload);
                for to_len in 0..frame.len() {
                    fails(&mut endpoint, to_len, Error::BufferTooSmall { needed: frame.len() }, |endpoint, to| {
                        endpoint.write(message_type, end, &payload, to)
                    });
                }
                // Exactly as long as needed.
                let mut to = vec![UNWRITTEN; frame.len()];
                assert_eq!(endpoint.write(message_type, end, &payload, &mut to), Ok(frame.len()));
                assert_eq!(to, frame);
            }
        }
        for reason in ["", "bye", &"x".repeat(123)] {
            let mut endpoint = endpoint.clone();
            let frame = write_close(&mut endpoint.clone(), 1000, reason);
            for to_len in 0..frame.len() {
                fails(&mut endpoint, to_len, Error::BufferTooSmall { needed: frame.len() }, |endpoint, to| {
                    endpoint.close(Status::NormalClosure, Some(reason), to)
                });
            }
            assert_eq!(endpoint.state(), WebSocketState::Open);
            assert_eq!(write_close(&mut endpoint, 1000, reason), frame);
            assert_eq!(endpoint.state(), WebSocketState::CloseSent);
        }
    }
    check(&client());
    check(&server());
}

/// RFC 6455, section 5.2: "the minimal number of bytes MUST be used to encode the length".
#[test]
fn lengths_are_written_in_the_fewest_bytes() {
    for (len, header) in [
        (0, vec![0x82, 0]),
        (125, vec![0x82, 125]),
        (126, vec![0x82, 126, 0, 126]),
        (65535, vec![0x82, 126, 0xff, 0xff]),
        (65536, vec![0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        let payload = counting(len);
        let frame = write(&mut server(), Send::Binary, true, &payload);
        assert!(frame == [header.as_slice(), &payload].concat(), "{len} bytes");
        let frame = write(&mut client(), Send::Binary, true, &payload);
        assert_eq!(frame.len(), header.len() + 4 + len);
        assert_eq!((frame[0], frame[1]), (header[0], 0x80 | header[1]));
        assert_eq!(frame[2..header.len()], header[2..]);
        assert!(frame[header.len() + 4..] != payload || len == 0, "not masked");
    }
}

/// RFC 6455, section 5.5: control frames have at most 125 bytes and are not fragmented.
#[test]
fn control_frames_that_are_too_long_or_fragmented() {
    let mut client = client();
    for message_type in [Send::Ping, Send::Pong] {
        for len in [126, 127, 65536] {
            refuses(&mut client, message_type, true, &vec![0; len], TOO_LONG);
        }
        for payload in [&b""[..], b"ping"] {
            refuses(&mut client, message_type, false, payload, FRAGMENTED);
        }
        assert_eq!(write(&mut client, message_type, true, &[0; 125]).len(), 131);
    }
    read_whole(&mut client, &support::from_server(support::CLOSE, &[0x03, 0xe8]));
    refuses(&mut client, Send::CloseReply, true, &[&[0x03, 0xe8], &[b'x'; 124][..]].concat(), TOO_LONG);
    refuses(&mut client, Send::CloseReply, false, &[0x03, 0xe8], FRAGMENTED);
}

/// RFC 6455, section 5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message".
#[test]
fn message_inside_of_another() {
    for (begun, kind, other) in
        [(Send::Text, MessageKind::Text, Send::Binary), (Send::Binary, MessageKind::Binary, Send::Text)]
    {
        let mut server = server();
        write(&mut server, begun, false, b"a");
        for end in [true, false] {
            refuses(&mut server, other, end, b"b", Misuse::MessageUnfinished(kind));
        }
        assert_eq!(write(&mut server, begun, true, b"c"), [0x80, 1, b'c']);
        assert_eq!(write(&mut server, other, true, b"d")[1..], [1, b'd']);
    }
}

/// RFC 6455, section 5.4: "Control frames [...] MAY be injected in the middle of a fragmented message."
#[test]
fn control_frames_between_fragments() {
    let mut server = server();
    assert_eq!(write(&mut server, Send::Text, false, b"a"), [0x01, 1, b'a']);
    assert_eq!(write(&mut server, Send::Pong, true, b"p"), [0x8a, 1, b'p']);
    assert_eq!(write(&mut server, Send::Text, false, b"b"), [0x00, 1, b'b']);
    assert_eq!(write(&mut server, Send::Ping, true, b""), [0x89, 0]);
    assert_eq!(write(&mut server, Send::Text, true, b"c"), [0x80, 1, b'c']);
    assert_eq!(write(&mut server, Send::Text, true, b"d"), [0x81, 1, b'd']);
    // A message need not be ended before Close.
    write(&mut server, Send::Binary, false, b"e");
    assert_eq!(write_close(&mut server, 1001, ""), [0x88, 2, 0x03, 0xe9]);
    refuses(&mut server, Send::Binary, true, b"f", Misuse::Closing);
}

/// RFC 6455, section 5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
#[test]
fn nothing_after_close() {
    let mut server = server();
    write_close(&mut server, 1000, "");
    for message_type in [Send::Text, Send::Binary, Send::Ping, Send::CloseReply, Send::Close] {
        refuses(&mut server, message_type, true, &[], Misuse::Closing);
    }
    // But for the answer to a Ping, until the peer's Close frame is there.
    assert_eq!(write(&mut server, Send::Pong, true, b"p"), b"\x8a\x01p");
    read_whole(&mut server, &support::from_client(support::CLOSE, &[]));
    refuses(&mut server, Send::Pong, true, b"p", Misuse::Closing);
    fails(&mut server, 32, Misuse::Closing, |server, to| server.close(Status::NormalClosure, None, to));
}

#[test]
fn close_reply_needs_a_close_and_is_sent_once() {
    let mut client = client();
    refuses(&mut client, Send::CloseReply, true, &[0x03, 0xe8], Misuse::NoCloseToAnswer);
    // Half a Close frame is none.
    let close = support::from_server(support::CLOSE, &[0x03, 0xe8]);
    read_whole(&mut client, &close[..3]);
    refuses(&mut client, Send::CloseReply, true, &[0x03, 0xe8], Misuse::NoCloseToAnswer);
    read_whole(&mut client, &close[3..]);
    for message_type in [Send::Text, Send::Binary, Send::Ping, Send::Pong] {
        refuses(&mut client, message_type, true, &[], Misuse::Closing);
    }
    write(&mut client, Send::CloseReply, true, &[0x03, 0xe8]);
    refuses(&mut client, Send::CloseReply, true, &[0x03, 0xe8], Misuse::Closing);
    fails(&mut client, 32, Misuse::Closing, |client, to| client.close(Status::NormalClosure, None, to));
}

/// RFC 6455, section 5.5.1: "an endpoint MAY send the remaining fragments before sending a Close frame".
#[test]
fn message_is_ended_before_close_is_answered() {
    let mut server = server();
    write(&mut server, Send::Text, false, b"a");
    read_whole(&mut server, &support::from_client(support::CLOSE, &[0x03, 0xe8]));
    refuses(&mut server, Send::Binary, true, b"b", Misuse::Closing);
    assert_eq!(write(&mut server, Send::Text, false, b"c"), [0x00, 1, b'c']);
    assert_eq!(write(&mut server, Send::Text, true, b"d"), [0x80, 1, b'd']);
    refuses(&mut server, Send::Text, true, b"e", Misuse::Closing);
    assert_eq!(write(&mut server, Send::CloseReply, true, &[]), [0x88, 0]);
    assert_eq!(server.state(), WebSocketState::Closed);
}

/// RFC 6455, section 7.4: the same codes that may be received may be sent, be it with `close` or as an answer.
#[test]
fn close_codes_that_may_be_sent() {
    let mut answerer = server();
    read_whole(&mut answerer, &support::from_client(support::CLOSE, &[]));
    for number in 0..=u16::MAX {
        let code = CloseCode::new(number);
        if matches!(number, 1000..=1003 | 1007..=1014 | 3000..=4999) {
            let frame = [&[0x88, 2], &number.to_be_bytes()[..]].concat();
            assert_eq!(write_close(&mut server(), number, ""), frame);
            assert_eq!(write(&mut answerer.clone(), Send::CloseReply, true, &number.to_be_bytes()), frame);
        } else {
            let (mut to, payload) = ([UNWRITTEN; 8], number.to_be_bytes());
            let misuse = Err(Misuse::CloseCodeNotAllowed(code).into());
            assert_eq!(server().close(code.into(), None, &mut to), misuse, "{number}");
            let misuse = Err(Misuse::ClosePayload.into());
            assert_eq!(answerer.write(Send::CloseReply, true, &payload, &mut to), misuse, "{number}");
            assert_eq!(server().write(Send::Close, true, &payload, &mut to), misuse, "{number}");
            assert_eq!(to, [UNWRITTEN; 8]);
        }
    }
    assert_eq!(answerer.state(), WebSocketState::CloseReceived);
}

#[test]
fn close_payloads_that_may_not_be_sent() {
    let mut client = client();
    for (status, reason, misuse) in [
        (Status::NormalClosure, "x".repeat(124), Misuse::CloseReasonTooLong),
        (Status::NormalClosure, "ä".repeat(62), Misuse::CloseReasonTooLong),
        (Status::NormalClosure, "x".repeat(1000), Misuse::CloseReasonTooLong),
        (Status::Custom(999), String::new(), Misuse::CloseCodeNotAllowed(CloseCode::new(999))),
        (Status::Custom(1005), "reason".into(), Misuse::CloseCodeNotAllowed(CloseCode::new(1005))),
    ] {
        for to_len in [0, 10, 1100] {
            fails(&mut client, to_len, misuse, |client, to| client.close(status, Some(&reason), to));
        }
    }
    read_whole(&mut client, &support::from_server(support::CLOSE, &[]));
    for payload in [&[0x03][..], &[0x03, 0xed], b"\x03\xe8\xff", b"\x03\xe8\xe2\x82"] {
        refuses(&mut client, Send::CloseReply, true, payload, Misuse::ClosePayload);
    }
    assert_eq!(write_close(&mut client, 1000, &"x".repeat(123)).len(), 131);
}

/// RFC 6455, section 8.1, from the other side: what the peer would have to refuse is not sent.
#[test]
fn text_that_is_not_utf8() {
    for bad in [&b"\xff"[..], b"a\x80", b"\xed\xa0\x80", b"\xc3\x28"] {
        for end in [true, false] {
            refuses(&mut server(), Send::Text, end, bad, TEXT_NOT_UTF8);
        }
    }
    // Ends inside of a character: fine in the middle of a message only.
    refuses(&mut server(), Send::Text, true, b"\xe2\x82", TEXT_NOT_UTF8);

    let (mut server, mut client) = (server(), client());
    let mut bytes = write(&mut server, Send::Text, false, b"\xe2");
    refuses(&mut server, Send::Text, true, b"", TEXT_NOT_UTF8);
    refuses(&mut server, Send::Text, true, b"\x82", TEXT_NOT_UTF8);
    refuses(&mut server, Send::Text, false, b"\x28", TEXT_NOT_UTF8);
    refuses(&mut server, Send::Text, true, b"\x82\xac\xff", TEXT_NOT_UTF8);
    bytes.extend(write(&mut server, Send::Text, false, b"\x82"));
    refuses(&mut server, Send::Text, true, b"", TEXT_NOT_UTF8);
    bytes.extend(write(&mut server, Send::Text, true, b"\xac"));
    // The next message begins afresh.
    bytes.extend(write(&mut server, Send::Text, true, "ä".as_bytes()));
    assert_eq!(read_whole(&mut client, &bytes).messages, [text("€"), text("ä")]);
    // Anything goes in a binary message.
    write(&mut server, Send::Binary, true, b"\xff");
}

/// A frame begins with its first byte: where there is no room for one, nothing has begun.
#[test]
fn frame_without_room_has_not_begun() {
    let mut server = server();
    let part = server.write_partial(Send::Text, true, b"hello", &mut []).unwrap();
    assert_eq!((part.num_bytes_from, part.num_bytes_to, part.end_of_frame), (0, 0, false));
    assert_eq!(write(&mut server, Send::Binary, true, b"x"), [0x82, 1, b'x']);
    server.write_partial(Send::Close, true, &[], &mut []).unwrap();
    assert_eq!(server.state(), WebSocketState::Open);
}

/// A Close frame, with and without a code, from the first byte on in outputs of any length.
#[test]
fn close_can_be_written_in_parts() {
    for payload in [&b""[..], b"\x03\xe8", b"\x03\xe9going"] {
        for to_len in 1..=20 {
            let mut server = server();
            let whole = [&[0x88, payload.len() as u8], payload].concat();
            assert_eq!(support::write_in_parts(&mut server, Send::Close, true, payload, to_len), whole);
            assert_eq!(server.state(), WebSocketState::CloseSent);
            refuses(&mut server, Send::Close, true, payload, Misuse::Closing);
        }
    }
}

/// Nothing else can be written while a frame is half sent, and it goes on as if nothing had been tried.
#[test]
fn frame_that_is_half_sent() {
    fn check<R: Role + Debug + Clone>(endpoint: &WebSocket<R>) {
        let whole = write(&mut endpoint.clone(), Send::Text, false, b"hello");
        for cut in 1..whole.len() {
            let mut endpoint = endpoint.clone();
            let mut to = vec![UNWRITTEN; whole.len()];
            let (first, second) = to.split_at_mut(cut);
            let part = endpoint.write_partial(Send::Text, false, b"hello", first).unwrap();
            assert_eq!((part.num_bytes_to, part.end_of_frame), (cut, false));
            let rest = &b"hello"[part.num_bytes_from..];
            let misuse = Misuse::FrameUnfinished { remaining: rest.len() as u64 };
            for message_type in [Send::Text, Send::Binary, Send::Ping, Send::Pong] {
                fails(&mut endpoint, 32, misuse, |endpoint, to| endpoint.write(message_type, true, rest, to));
            }
            fails(&mut endpoint, 32, misuse, |endpoint, to| endpoint.write(Send::Text, false, rest, to));
            fails(&mut endpoint, 32, misuse, |endpoint, to| endpoint.close(Status::NormalClosure, None, to));
            for (message_type, end, payload) in [
                (Send::Text, true, rest),
                (Send::Binary, false, rest),
                (Send::Ping, true, rest),
                (Send::CloseReply, true, rest),
                (Send::Text, false, b"something longer"),
                (Send::Text, false, if rest.is_empty() { b"a" } else { &rest[1..] }),
            ] {
                fails(&mut endpoint, 32, misuse, |endpoint, to| endpoint.write_partial(message_type, end, payload, to));
            }
            let part = endpoint.write_partial(Send::Text, false, rest, second).unwrap();
            assert_eq!((part.num_bytes_from, part.end_of_frame), (rest.len(), true));
            assert_eq!(to, whole);
        }
    }
    check(&client());
    check(&server());
}

/// The peer breaks a rule or closes while a frame is half sent: the frame is ended, and then comes Close.
#[test]
fn frame_that_is_half_sent_when_the_peer_ends_the_connection() {
    for (bytes, close_code) in [(vec![0xff], 1002), (support::from_client(support::CLOSE, &[0x03, 0xe8]), 1000)] {
        let mut server = server();
        let mut to = [UNWRITTEN; 3];
        server.write_partial(Send::Text, true, b"hello", &mut to).unwrap();
        assert_eq!(to, *b"\x81\x05h");
        let _ = server.read(&bytes, &mut [0; 8]);
        let misuse = Misuse::FrameUnfinished { remaining: 4 };
        let status = CloseCode::new(close_code).into();
        fails(&mut server, 8, misuse, |server, to| server.close(status, None, to));
        assert_eq!(support::write_in_parts(&mut server, Send::Text, true, b"ello", 3), b"ello");
        assert_eq!(write_close(&mut server, close_code, "").len(), 4);
        assert_eq!(server.state(), WebSocketState::Closed);
    }
}

/// Each frame has a fresh key, and one only.
#[test]
fn masking_keys_are_drawn_once_for_each_frame() {
    let mut client = client();
    let mut server = server();
    let mut keys = Vec::new();
    for (message_type, end) in [(Send::Text, false), (Send::Ping, true), (Send::Text, true), (Send::Binary, true)] {
        let frame = write(&mut client, message_type, end, b"payload");
        keys.push(frame[2..6].to_vec());
        read_whole(&mut server, &frame);
    }
    for message_type in [Send::Text, Send::Ping] {
        let frame = support::write_in_parts(&mut client, message_type, true, b"payload", 1);
        keys.push(frame[2..6].to_vec());
    }
    let close = write_close(&mut client, 1000, "");
    keys.push(close[2..6].to_vec());
    assert_eq!(read_whole(&mut server, &close).messages, [support::close(Receive::CloseMustReply, 1000, "")]);
    assert!(keys.iter().enumerate().all(|(at, key)| !keys[..at].contains(key)), "{keys:02x?}");
    let debug = format!("{client:?}");
    assert!(debug.contains(&format!("drawn: {}", keys.len())), "{debug}");
}
