//! Our client and our server on a fake link: a script of messages of all kinds, both ways, is received the same however the
//! bytes are cut and however small the slices of either side are.

mod support;

use support::{
    Inbox, Message, binary, client, close, counting, message, read_whole, server, text, write, write_close,
    write_in_parts,
};
use ws_core::{
    Role, WebSocket, WebSocketReceiveMessageType as Receive, WebSocketSendMessageType as Send, WebSocketState,
};

/// One frame of a script: what is sent, whether it ends its message, its payload.
type Frame = (Send, bool, Vec<u8>);

/// Every kind of frame, in few bytes.
fn short_script() -> Vec<Frame> {
    vec![
        (Send::Text, true, b"hello".to_vec()),
        (Send::Binary, true, counting(70)),
        (Send::Text, true, Vec::new()),
        (Send::Binary, true, Vec::new()),
        (Send::Ping, true, Vec::new()),
        (Send::Pong, true, counting(3)),
        // A text in fragments that are cut inside of characters, with control frames between them and an empty one.
        (Send::Text, false, "κόσμε".as_bytes()[..3].to_vec()),
        (Send::Ping, true, b"between".to_vec()),
        (Send::Text, false, Vec::new()),
        (Send::Text, false, "κόσμε".as_bytes()[3..6].to_vec()),
        (Send::Pong, true, b"between".to_vec()),
        (Send::Ping, true, b"again".to_vec()),
        (Send::Text, true, "κόσμε \u{10ffff}".as_bytes()[6..].to_vec()),
        (Send::Binary, false, counting(5)),
        (Send::Binary, true, Vec::new()),
        (Send::Binary, true, counting(125)),
        (Send::Binary, true, counting(126)),
    ]
}

/// What `short_script` is for its receiver.
fn short_script_received() -> Vec<Message> {
    vec![
        text("hello"),
        binary(&counting(70)),
        text(""),
        binary(b""),
        message(Receive::Ping, b""),
        message(Receive::Pong, &counting(3)),
        message(Receive::Ping, b"between"),
        message(Receive::Pong, b"between"),
        message(Receive::Ping, b"again"),
        text("κόσμε \u{10ffff}"),
        binary(&counting(5)),
        binary(&counting(125)),
        binary(&counting(126)),
    ]
}

/// Every form of the length.
fn long_script() -> (Vec<Frame>, Vec<Message>) {
    let lengths = [125, 126, 65535, 65536];
    let script = lengths.map(|len| (Send::Binary, true, counting(len)));
    let text_of = |len: usize| "€uro ".chars().cycle().take(len).collect::<String>();
    let text_frame = (Send::Text, true, text_of(16_384).into_bytes());
    let received = lengths.map(|len| binary(&counting(len)));
    ([Vec::from(script), vec![text_frame]].concat(), [Vec::from(received), vec![text(&text_of(16_384))]].concat())
}

fn send<R: Role>(sender: &mut WebSocket<R>, script: &[Frame]) -> Vec<u8> {
    script.iter().flat_map(|(kind, end, payload)| write(sender, *kind, *end, payload)).collect()
}

/// Cut into two pieces, at every byte, and read through outputs of 1 to 20 bytes.
fn cut_everywhere<R: Role + Clone>(receiver: &WebSocket<R>, bytes: &[u8], expected: &[Message]) {
    for to_len in 1..=20 {
        for cut in 0..=bytes.len() {
            let (first, second) = bytes.split_at(cut);
            let mut receiver = receiver.clone();
            let mut inbox = Inbox::default();
            inbox.read(&mut receiver, first, first.len().max(1), to_len);
            inbox.read(&mut receiver, second, second.len().max(1), to_len);
            assert_eq!(inbox.error, None, "cut at {cut}, to {to_len}");
            assert_eq!(inbox.messages, expected, "cut at {cut}, to {to_len}");
        }
    }
}

/// Every input of 1 to 20 bytes with every output of 1 to 20 bytes.
fn all_sizes<R: Role + Clone>(receiver: &WebSocket<R>, bytes: &[u8], expected: &[Message]) {
    for from_len in 1..=20 {
        for to_len in 1..=20 {
            let mut inbox = Inbox::default();
            inbox.read(&mut receiver.clone(), bytes, from_len, to_len);
            assert_eq!(inbox.error, None, "from {from_len}, to {to_len}");
            assert!(inbox.messages == expected, "from {from_len}, to {to_len}");
        }
    }
}

#[test]
fn server_receives_the_same_wherever_the_bytes_are_cut() {
    cut_everywhere(&server(), &send(&mut client(), &short_script()), &short_script_received());
}

#[test]
fn client_receives_the_same_wherever_the_bytes_are_cut() {
    cut_everywhere(&client(), &send(&mut server(), &short_script()), &short_script_received());
}

#[test]
fn server_receives_the_same_with_slices_of_every_size() {
    all_sizes(&server(), &send(&mut client(), &short_script()), &short_script_received());
}

#[test]
fn client_receives_the_same_with_slices_of_every_size() {
    all_sizes(&client(), &send(&mut server(), &short_script()), &short_script_received());
}

#[test]
fn every_form_of_the_length_with_slices_of_every_size() {
    let (script, expected) = long_script();
    let (from_client, from_server) = (send(&mut client(), &script), send(&mut server(), &script));
    for (from_len, to_len) in [(1, 1), (1, 20), (2, 3), (20, 1), (7, 13), (13, 7), (20, 20), (70_000, 1), (1, 200)] {
        let (mut server_inbox, mut client_inbox) = (Inbox::default(), Inbox::default());
        server_inbox.read(&mut server(), &from_client, from_len, to_len);
        client_inbox.read(&mut client(), &from_server, from_len, to_len);
        assert_eq!((server_inbox.error, client_inbox.error), (None, None), "from {from_len}, to {to_len}");
        assert!(server_inbox.messages == expected, "from {from_len}, to {to_len}");
        assert!(client_inbox.messages == expected, "from {from_len}, to {to_len}");
    }
}

/// Around each header of the long frames, the only places where a cut could matter that the short script has not.
#[test]
fn every_form_of_the_length_cut_in_and_around_its_header() {
    for len in [125, 126, 65535, 65536] {
        let frame = write(&mut client(), Send::Binary, true, &counting(len));
        for cut in (0..20).chain(frame.len() - 3..=frame.len()) {
            let mut server = server();
            let mut inbox = Inbox::default();
            inbox.read_whole(&mut server, &frame[..cut]);
            inbox.read_whole(&mut server, &frame[cut..]);
            assert_eq!(inbox.messages, [binary(&counting(len))], "{len} bytes cut at {cut}");
        }
    }
}

#[test]
fn frame_written_in_parts_is_the_frame_written_whole() {
    for to_len in (1..=20).chain([130]) {
        let (mut whole, mut parts) = (client(), client());
        let (mut server_whole, mut server_parts) = (server(), server());
        for (kind, end, payload) in short_script() {
            let frame = write(&mut whole, kind, end, &payload);
            assert_eq!(write_in_parts(&mut parts, kind, end, &payload, to_len), frame, "to {to_len}");
            let frame = write(&mut server_whole, kind, end, &payload);
            assert_eq!(write_in_parts(&mut server_parts, kind, end, &payload, to_len), frame, "to {to_len}");
        }
    }
    for (kind, end, payload) in long_script().0 {
        let frame = write(&mut client(), kind, end, &payload);
        assert!(write_in_parts(&mut client(), kind, end, &payload, 7) == frame, "{} bytes", payload.len());
    }
}

/// An output of no bytes lets headers and empty frames through, and nothing is lost.
#[test]
fn empty_output_takes_headers_and_empty_frames() {
    let bytes = send(&mut client(), &short_script());
    let mut server = server();
    let mut inbox = Inbox::default();
    let mut from = bytes.as_slice();
    while !from.is_empty() {
        let result = server.read(from, &mut []).unwrap();
        inbox.take(result, &[]);
        from = &from[result.num_bytes_from..];
        if result.num_bytes_from == 0 {
            // What comes is known, and waits for room.
            assert_ne!(result.message_type, Receive::Incomplete);
            let mut to = [0; 1];
            let result = server.read(from, &mut to).unwrap();
            assert_eq!(result.num_bytes_to, 1);
            inbox.take(result, &to);
            from = &from[result.num_bytes_from..];
        }
    }
    assert_eq!(inbox.messages, short_script_received());
}

/// An input of no bytes is no end of anything.
#[test]
fn empty_input_changes_nothing() {
    let bytes = send(&mut client(), &short_script());
    let mut server = server();
    let mut inbox = Inbox::default();
    let mut to = [0; 8];
    for byte in bytes {
        let result = server.read(&[], &mut to).unwrap();
        assert_eq!((result.num_bytes_from, result.num_bytes_to, result.end_of_message), (0, 0, false));
        inbox.read(&mut server, &[byte], 1, 8);
    }
    assert_eq!(inbox.messages, short_script_received());
}

/// The closing handshake after the script, begun by either side, with every size.
#[test]
fn both_sides_close_with_slices_of_every_size() {
    for (code, reason) in [(1000, ""), (1001, "going"), (3000, "ä"), (4999, "x".repeat(123).as_str())] {
        for from_len in 1..=20 {
            for to_len in 1..=20 {
                let (mut client, mut server) = (client(), server());
                let bytes = [send(&mut client, &short_script()), write_close(&mut client, code, reason)].concat();
                close_is_answered((&mut server, &mut client), &bytes, (from_len, to_len), (code, reason));

                let (mut client, mut server) = (support::client(), support::server());
                let bytes = [send(&mut server, &short_script()), write_close(&mut server, code, reason)].concat();
                close_is_answered((&mut client, &mut server), &bytes, (from_len, to_len), (code, reason));
            }
        }
    }
}

fn close_is_answered<A: Role, B: Role>(
    (answerer, beginner): (&mut WebSocket<A>, &mut WebSocket<B>),
    bytes: &[u8],
    (from_len, to_len): (usize, usize),
    (code, reason): (u16, &str),
) {
    let mut inbox = Inbox::default();
    inbox.read(answerer, bytes, from_len, to_len);
    let received = close(Receive::CloseMustReply, code, reason);
    assert_eq!(inbox.messages.last(), Some(&received), "from {from_len}, to {to_len}");
    assert_eq!(answerer.state(), WebSocketState::CloseReceived);
    let reply = write_in_parts(answerer, Send::CloseReply, true, &received.payload, to_len);
    let mut inbox = Inbox::default();
    inbox.read(beginner, &reply, from_len, to_len);
    assert_eq!(inbox.messages, [close(Receive::CloseCompleted, code, reason)], "from {from_len}, to {to_len}");
    assert_eq!((answerer.state(), beginner.state()), (WebSocketState::Closed, WebSocketState::Closed));
}

/// Both sides send Close at the same time: each takes the other's for the answer to its own.
#[test]
fn crossing_close_frames() {
    let (mut client, mut server) = (client(), server());
    let from_client = write_close(&mut client, 1000, "");
    let from_server = write_close(&mut server, 1001, "bye");
    assert_eq!(read_whole(&mut client, &from_server).messages, [close(Receive::CloseCompleted, 1001, "bye")]);
    assert_eq!(read_whole(&mut server, &from_client).messages, [close(Receive::CloseCompleted, 1000, "")]);
    assert_eq!((client.state(), server.state()), (WebSocketState::Closed, WebSocketState::Closed));
}

/// After Close was sent, the peer's messages still arrive until its answer.
#[test]
fn messages_are_received_after_close_was_sent() {
    let (mut client, mut server) = (client(), server());
    let closing = write_close(&mut client, 1000, "");
    let late = [send(&mut server, &short_script()), {
        read_whole(&mut server, &closing);
        write(&mut server, Send::CloseReply, true, &[0x03, 0xe8])
    }]
    .concat();
    let expected = [short_script_received(), vec![close(Receive::CloseCompleted, 1000, "")]].concat();
    assert_eq!(read_whole(&mut client, &late).messages, expected);
}
