//! Corners of a connection in which it is for a moment only: what was refused and what was given up leaves nothing behind.

mod support;

use support::{
    BINARY, CLOSE, FIRST_BINARY, PING, PONG, TEXT,
    machine::{Link, Memory, OfServer, Side, Told, listen},
};
use ws_core::{Config, Error, Machine, Message, MessageKind, Misuse, Step, WebSocketState, frame::CloseCode};

/// A piece that is refused has begun no message, so that one of the other kind may begin.
#[test]
fn a_refused_piece_begins_no_message() {
    let mut memory = Memory::new(1, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let refused = link.finish(connection.sender().writer(MessageKind::Text).put(b"\xff"));
    assert_eq!(refused, Err(Error::Misuse(Misuse::TextNotUtf8)));
    assert_eq!(connection.sender().unfinished_message(), None);
    let mut writer = connection.sender().writer(MessageKind::Binary);
    assert_eq!(link.finish(writer.put(b"\xff")), Ok(1));
    link.finish(writer.finish()).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(BINARY, b"\xff")]));
}

/// The half of a message that our Close frame made worthless gives its memory back.
#[test]
fn what_is_dropped_after_our_close_frame_frees_the_receive_buffer() {
    let mut memory = Memory::new(16, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(&OfServer::from_peer(FIRST_BINARY, &[7; 14]));
    assert_eq!(listen(&mut connection, &mut link), []);
    let Ok(Step::Read(space)) = connection.poll() else { panic!("it does not want to read") };
    assert_eq!(space.len(), 2);
    link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap();
    let Ok(Step::Read(space)) = connection.poll() else { panic!("it does not want to read") };
    assert_eq!(space.len(), 16);
}

/// A reply leaves with the messages that were queued before it, up to the last byte of the transmit buffer.
#[test]
fn a_reply_that_just_fits_behind_queued_messages_leaves_with_them() {
    let sent = OfServer::sent(&[(BINARY, b"queued"), (PONG, b"ping")]);
    for transmit_len in 8..=sent.len() + 1 {
        let mut memory = Memory::new(16, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        link.finish(connection.sender().queue(Message::Binary(b"queued"))).unwrap();
        connection.push_received(&OfServer::from_peer(PING, b"ping"));
        assert_eq!(listen(&mut connection, &mut link), []);
        assert_eq!(link.writes.len(), if transmit_len < sent.len() { 2 } else { 1 }, "{transmit_len}");
        assert_eq!(link.take_flushed(), sent);
    }
}

/// A fragment without payload would say nothing: where there is space for a header only, the buffer is drained first.
#[test]
fn no_empty_fragment_fills_the_transmit_buffer() {
    let queued = OfServer::sent(&[(BINARY, b"queued")]);
    for space in 0..=4 {
        let mut memory = Memory::new(1, queued.len() + space);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        link.finish(connection.sender().queue(Message::Binary(b"queued"))).unwrap();
        let mut writer = connection.sender().writer(MessageKind::Text);
        assert_eq!(link.finish(writer.put(b"x")), Ok(1), "{space}");
        link.finish(writer.finish()).unwrap();
        assert_eq!(link.take_flushed(), [&queued[..], &OfServer::sent(&[(TEXT, b"x")])].concat(), "{space}");
    }
}

/// What was not written needs no flush.
#[test]
fn a_write_of_nothing_changes_nothing() {
    let mut memory = Memory::new(16, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    connection.written(0);
    assert!(matches!(connection.poll(), Ok(Step::Read(_))));
}

/// What stands where a Close frame's payload will be is not taken for one: here the payload of a Ping, which may be anything.
#[test]
fn a_peer_that_broke_a_rule_has_said_nothing_in_a_close_frame() {
    let mut memory = Memory::new(16, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    let close = b"\x03\xe8";
    let mut link = Link::new(&OfServer::all_from_peer(&[(PING, close), (0x83, b"")]));
    let told = listen(&mut connection, &mut link);
    assert!(matches!(told.last(), Some(Told::Failed(_))), "{told:?}");
    assert_eq!(connection.state(), WebSocketState::Closed);
    assert_eq!(connection.peer_close(), None);
}

/// A machine behind a reference is asked itself; and where nothing says otherwise, writing that failed is the end.
#[test]
fn a_machine_behind_a_reference_knows_what_is_left_when_writing_failed() {
    fn write_failed(mut machine: impl Machine) -> bool {
        machine.write_failed()
    }
    let mut memory = Memory::new(16, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    assert!(!write_failed(connection.sender().send(Message::Binary(b"x"))));
    assert!(!write_failed(&mut connection));
    let mut link = Link::new(b"");
    link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap();
    assert!(write_failed(&mut connection));
}

/// A connection whose peer hears nothing goes on for the peer's Close frame, but only if ours is out.
#[test]
fn a_close_frame_that_cannot_be_written_is_the_end() {
    let len = OfServer::sent(&[(CLOSE, b"\x03\xe8reason")]).len();
    for transmit_len in [1, 5, len, 64] {
        for written in 0..=len {
            let mut memory = Memory::new(16, transmit_len);
            let mut connection = memory.server(&Config::DEFAULT);
            let mut closing = connection.closing(CloseCode::NORMAL_CLOSURE, "reason");
            let mut left = written;
            while left > 0 {
                let Ok(Step::Write(bytes)) = closing.poll() else { panic!("it does not want to write") };
                let now = bytes.len().min(left);
                closing.written(now);
                left -= now;
            }
            let is_flush_due = matches!(closing.poll(), Ok(Step::Flush));
            assert_eq!(is_flush_due, written == len);
            assert!(!closing.write_failed(), "{transmit_len} {written}");
            if is_flush_due {
                closing.flushed();
                assert!(matches!(closing.poll(), Ok(Step::Read(_))));
                assert!(closing.write_failed());
            }
        }
    }
}
