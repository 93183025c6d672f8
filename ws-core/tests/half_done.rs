//! What is half sent or half received while something else is asked for: nothing lost, nothing torn, nothing twice.

mod support {
    pub(crate) mod fake_link;
}

use support::fake_link::{DEFAULT, Link, Memory};
use ws_core::frame::CloseCode;
use ws_core::{Config, Connection, Delivery, Duties, Error, Event, Message, MessageKind, Misuse};

/// A frame as a client sends it, under a key of zeros, which leaves the payload as it is.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    assert!(len < 126);
    [&[first, 0x80 | len, 0, 0, 0, 0], payload].concat()
}

/// There is one place for the payload of a control frame, and a Ping can be half received into it.
#[test]
fn a_ping_that_is_half_received_survives_a_control_frame_of_ours() {
    let bytes = masked(0x89, b"hello");
    for cut in 0..=bytes.len() {
        for transmit in [5, 7, 64] {
            let mut memory = Memory::new(64, transmit);
            let mut connection = Connection::server(memory.buffers(), &DEFAULT);
            let mut link = Link::new(&bytes[..cut]);
            assert_eq!(link.drive(&mut connection), Ok(None));
            link.drive(connection.sender().ping(b"abc")).unwrap().unwrap();
            link.drive(connection.sender().close(CloseCode::NORMAL_CLOSURE, "x")).unwrap().unwrap();
            link.incoming.extend(&bytes[cut..]);
            link.incoming.extend(masked(0x88, b"\x03\xe8"));
            assert_eq!(link.drive(&mut connection), Ok(Some(Event::Closed)));
            let (pong, ours) = (&b"\x8a\x05hello"[..], &b"\x89\x03abc\x88\x03\x03\xe8x"[..]);
            let expected = if cut < bytes.len() { [ours, pong] } else { [pong, ours] };
            assert_eq!(link.take(), expected.concat(), "{cut} {transmit}");
        }
    }
}

/// With less transmit buffer than the frame takes, the place is all there is: an error, and nothing lost.
#[test]
fn a_control_frame_without_a_place_is_an_error_and_sent_later() {
    let bytes = masked(0x89, b"hello");
    for cut in 6..bytes.len() {
        for transmit in 1..=4 {
            let mut memory = Memory::new(64, transmit);
            let mut connection = Connection::server(memory.buffers(), &DEFAULT);
            let mut link = Link::new(&bytes[..cut]);
            assert_eq!(link.drive(&mut connection), Ok(None));
            let busy = link.drive(connection.sender().ping(b"abc"));
            assert_eq!(busy, Err(Error::BufferTooSmall { needed: 5 }), "{cut} {transmit}");
            link.incoming.extend(&bytes[cut..]);
            assert_eq!(link.drive(&mut connection), Ok(None));
            assert_eq!(link.drive(connection.sender().ping(b"abc")), Ok(Some(())));
            assert_eq!(link.take(), b"\x8a\x05hello\x89\x03abc");
        }
    }
}

/// A closing handshake can wait for the rest of the Ping, because it reads.
#[test]
fn a_closing_handshake_begins_behind_a_ping_that_is_half_received() {
    let bytes = masked(0x89, b"hello");
    for cut in 0..=bytes.len() {
        for transmit in [1, 2, 3, 64] {
            let mut memory = Memory::new(64, transmit);
            let mut connection = Connection::server(memory.buffers(), &DEFAULT);
            let mut link = Link::new(&bytes[..cut]);
            assert_eq!(link.drive(&mut connection), Ok(None));
            link.incoming.extend(&bytes[cut..]);
            link.incoming.extend(masked(0x88, b"\x03\xe8"));
            link.longest_read = 1;
            assert_eq!(link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "x")), Ok(Some(())));
            assert_eq!(connection.peer_close().unwrap().reason, "");
            let written = link.take();
            let (pong, ours) = (b"\x8a\x05hello", b"\x88\x03\x03\xe8x");
            let (in_order, crossed) = ([&pong[..], ours].concat(), [&ours[..], pong].concat());
            assert!(written == in_order || written == crossed, "{cut} {transmit}: {written:?}");
        }
    }
}

#[test]
fn a_ping_that_waits_for_its_pong_survives_a_control_frame_of_ours() {
    let config = Config { duties: Duties::NONE, ..DEFAULT };
    let mut memory = Memory::new(64, 64);
    let mut connection = Connection::server(memory.buffers(), &config);
    let mut link = Link::new(&masked(0x89, b"hello"));
    assert_eq!(link.drive(&mut connection), Ok(Some(Event::Ping)));
    link.drive(connection.sender().ping(b"abc")).unwrap().unwrap();
    assert_eq!(connection.control_payload(), b"hello");
    link.drive(connection.sender().pong()).unwrap().unwrap();
    assert_eq!(link.take(), b"\x89\x03abc\x8a\x05hello");
}

/// Its header is taken from the input before it is known that there is no place for it.
#[test]
fn a_second_ping_behind_a_half_sent_frame_is_answered_with_its_own_payload() {
    for second in [&b""[..], b"b", b"bcd"] {
        let mut memory = Memory::new(64, 64);
        let mut connection = Connection::server(memory.buffers(), &DEFAULT);
        let mut link = Link::new(&[masked(0x89, b"a"), masked(0x89, second)].concat());
        let mut writer = connection.sender().frame(MessageKind::Binary, 2).unwrap();
        link.drive(writer.put(b"x")).unwrap().unwrap();
        assert_eq!(link.drive(&mut connection), Err(Misuse::FrameUnfinished { remaining: 1 }.into()));
        let mut writer = connection.sender().unfinished_frame().unwrap();
        link.drive(writer.put(b"y")).unwrap().unwrap();
        link.drive(writer.finish()).unwrap().unwrap();
        assert_eq!(link.drive(&mut connection), Ok(None));
        assert_eq!(link.take(), [b"\x82\x02xy\x8a\x01a\x8a", &[second.len() as u8][..], second].concat());
    }
}

/// The message is out but for the flush, and the Pong is half out, when the message is taken up again.
#[test]
fn a_message_is_completed_though_a_pong_is_half_sent_behind_it() {
    let mut memory = Memory::new(64, 6);
    let mut connection = Connection::server(memory.buffers(), &DEFAULT);
    let mut link = Link::new(&masked(0x89, b"a longer ping"));
    let message = Message::Text("abcd");
    assert_eq!(link.drive_for(1, connection.sender().send(message)), Ok(None));
    assert_eq!(link.drive_for(3, &mut connection), Ok(None));
    assert_eq!(link.drive(connection.sender().resume(message)), Ok(Some(())));
    assert_eq!(link.take(), b"\x81\x04abcd\x8a\x0da longer ping");
}

#[test]
fn a_message_that_another_machine_has_completed_is_over() {
    let (first, second) = (Message::Text("abcd"), Message::Text("efgh"));
    let mut memory = Memory::new(64, 3);
    let mut connection = Connection::server(memory.buffers(), &DEFAULT);
    let mut link = Link::new(b"");
    assert_eq!(link.drive_for(1, connection.sender().send(first)), Ok(None));
    let mut writer = connection.sender().unfinished_frame().unwrap();
    let rest = usize::try_from(writer.remaining()).unwrap();
    let mut rest = &b"abcd"[4 - rest..];
    while !rest.is_empty() {
        rest = &rest[link.drive(writer.put(rest)).unwrap().unwrap()..];
    }
    link.drive(writer.finish()).unwrap().unwrap();
    assert_eq!(link.drive(connection.sender().resume(second)), Ok(Some(())));
    assert_eq!(link.take(), b"\x81\x04abcd\x81\x04efgh");
}

/// Only in the middle of closing can the last fragment still be sent: a message of its own cannot, and is not taken for it.
#[test]
fn a_message_of_its_own_is_never_taken_for_the_last_fragment() {
    let config = Config { duties: Duties::NONE, ..DEFAULT };
    let mut memory = Memory::new(64, 64);
    let mut connection = Connection::server(memory.buffers(), &config);
    let mut link = Link::new(&masked(0x88, b"\x03\xe8"));
    link.drive(connection.sender().fragment(MessageKind::Text, b"ab", false)).unwrap().unwrap();
    assert_eq!(link.drive(&mut connection), Ok(Some(Event::Closed)));
    let closing = Err(Misuse::Closing.into());
    assert_eq!(link.drive(connection.sender().send(Message::Text("x"))), closing);
    assert_eq!(link.drive(connection.sender().compose(MessageKind::Text, |_| Ok(()))), closing);
    assert_eq!(connection.sender().frame(MessageKind::Text, 1).map(|_| None), closing);
    link.drive(connection.sender().fragment(MessageKind::Text, b"cd", true)).unwrap().unwrap();
    assert_eq!(link.take(), b"\x01\x02ab\x80\x02cd");
}

/// What was received of a message that is not wanted any more takes no space from what is.
#[test]
fn a_full_receive_buffer_is_free_again_after_our_close() {
    for delivery in [Delivery::Messages, Delivery::Chunks] {
        let config = Config { delivery, ..DEFAULT };
        let mut memory = Memory::new(9, 64);
        let mut connection = Connection::server(memory.buffers(), &config);
        // The beginning of a message, and of the next frame's header.
        let mut link = Link::new(&masked(0x02, b"abcdefg"));
        while link.drive(&mut connection).unwrap().is_some() {}
        link.drive(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
        link.incoming.extend([masked(0x80, b"hijklmnop"), masked(0x88, b"\x03\xe8")].concat());
        assert_eq!(link.drive(&mut connection), Ok(Some(Event::Closed)));
    }
}
