//! Sending whole messages and fragments on a connection: every length, every transmit buffer, every size of a write, and
//! machines that are dropped at every step.

mod support;

use support::{
    BINARY, CLOSE, CONTINUATION, FIRST_BINARY, FIRST_TEXT, LAST_CONTINUATION, PING, PONG, TEXT, counting,
    machine::{Link, Memory, OfClient, OfServer, Side, listen, send},
};
use ws_core::{Config, Error, Message, MessageKind, Misuse, frame::CloseCode};

const LENS: [usize; 9] = [0, 1, 2, 124, 125, 126, 127, 65535, 65536];

#[test]
fn a_message_goes_through_buffers_of_every_size() {
    fn check<S: Side>(payload: &[u8], transmit_len: usize, write_len: usize) {
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = S::connection(&mut memory, &Config::DEFAULT);
        let mut link = Link::cut(b"", 1, write_len);
        link.finish(connection.sender().send(Message::Binary(payload))).unwrap();
        link.finish(connection.sender().send(Message::Text("é"))).unwrap();
        assert!(link.take_flushed() == S::sent(&[(BINARY, payload), (TEXT, "é".as_bytes())]));
    }
    for len in LENS {
        let payload = counting(len);
        for transmit_len in (1..=20).chain([64, 256, 65549, 65550]) {
            check::<OfServer>(&payload, transmit_len, usize::MAX);
            check::<OfClient>(&payload, transmit_len, usize::MAX);
            if len < 200 {
                for write_len in [1, 2, 3, 7] {
                    check::<OfServer>(&payload, transmit_len, write_len);
                    check::<OfClient>(&payload, transmit_len, write_len);
                }
            }
        }
    }
}

#[test]
fn a_message_that_fits_leaves_in_one_write() {
    for len in LENS {
        let payload = counting(len);
        let mut memory = Memory::new(1, len + 14);
        let mut connection = memory.client(&Config::DEFAULT);
        let mut link = Link::new(b"");
        link.finish(connection.sender().send(Message::Binary(&payload))).unwrap();
        link.finish(connection.sender().compose(MessageKind::Binary, |c| c.push(&payload))).unwrap();
        link.finish(connection.sender().fragment(MessageKind::Binary, &payload, true)).unwrap();
        assert_eq!(link.writes.len(), 3, "{len}");
        assert!(link.take_flushed() == OfClient::sent(&[(BINARY, &payload[..]); 3]));
    }
}

#[test]
fn queued_messages_leave_together() {
    let mut memory = Memory::new(16, 64);
    let mut connection = memory.client(&Config::DEFAULT);
    let mut link = Link::new(b"");
    link.finish(connection.sender().queue(Message::Text("one"))).unwrap();
    link.finish(connection.sender().queue(Message::Binary(b"two"))).unwrap();
    link.finish(connection.sender().queue(Message::Text(""))).unwrap();
    assert_eq!(link.output, b"");
    link.finish(connection.sender().flush()).unwrap();
    assert_eq!(link.writes.len(), 1);
    let sent = OfClient::sent(&[(TEXT, b"one"), (BINARY, b"two"), (TEXT, b"")]);
    assert_eq!(link.output, sent);
    assert_eq!(link.flushed, sent.len());
    link.finish(connection.sender().flush()).unwrap();
    assert_eq!(link.writes.len(), 1);
}

/// With a reply between, with whatever is sent and flushed next, or when the connection wants to read.
#[test]
fn queued_messages_leave_with_what_comes_next() {
    for next in 0..4 {
        let mut memory = Memory::new(16, 64);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        link.finish(connection.sender().queue(Message::Text("queued"))).unwrap();
        let frame: (u8, &[u8]) = match next {
            0 => {
                link.finish(connection.sender().send(Message::Binary(b"sent"))).unwrap();
                (BINARY, b"sent")
            }
            1 => {
                link.finish(connection.sender().ping(b"ping")).unwrap();
                (PING, b"ping")
            }
            2 => {
                connection.push_received(&OfServer::from_peer(PING, b"pong"));
                listen(&mut connection, &mut link);
                (PONG, b"pong")
            }
            _ => {
                link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap();
                (CLOSE, b"\x03\xe8")
            }
        };
        assert_eq!(link.writes.len(), 1, "{next}");
        assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, b"queued"), frame]));
    }
    let mut memory = Memory::new(16, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    link.finish(connection.sender().queue(Message::Text("queued"))).unwrap();
    assert_eq!(listen(&mut connection, &mut link), []);
    assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, b"queued")]));
}

#[test]
fn more_than_fits_may_be_queued() {
    for transmit_len in (1..=20).chain([64]) {
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = memory.client(&Config::DEFAULT);
        let mut link = Link::new(b"");
        let mut frames: Vec<(u8, &[u8])> = Vec::new();
        for _ in 0..20 {
            link.finish(connection.sender().queue(Message::Binary(b"seven b"))).unwrap();
            frames.push((BINARY, b"seven b"));
        }
        link.finish(connection.sender().flush()).unwrap();
        assert_eq!(link.take_flushed(), OfClient::sent(&frames));
        // A frame that fits is not torn by the ones before it.
        if transmit_len >= 13 {
            assert!(link.writes.iter().all(|len| len % 13 == 0), "{:?}", link.writes);
        }
    }
}

/// However often the machine is dropped, and however much a write takes, the message is sent once.
#[test]
fn a_dropped_message_is_resumed() {
    fn check<S: Side>(steps: usize, transmit_len: usize, write_len: usize) {
        let payload = "é€".repeat(12);
        let message = Message::Text(&payload);
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = S::connection(&mut memory, &Config::DEFAULT);
        let mut link = Link::cut(b"", 1, write_len);
        for _ in 0..2 {
            if link.drive_for(connection.sender().send(message), steps).unwrap().is_none() {
                while link.drive_for(connection.sender().resume(message), steps).unwrap().is_none() {}
            }
        }
        // What was not begun is sent whole.
        link.finish(connection.sender().resume(Message::Text("€"))).unwrap();
        let frames: [(u8, &[u8]); 3] = [(TEXT, payload.as_bytes()), (TEXT, payload.as_bytes()), (TEXT, "€".as_bytes())];
        assert_eq!(link.take_flushed(), S::sent(&frames), "{steps} {transmit_len} {write_len}");
    }
    for steps in [1, 2, 3, 7] {
        for transmit_len in (1..=20).chain([64, 80]) {
            for write_len in (1..=20).chain([80]) {
                check::<OfServer>(steps, transmit_len, write_len);
                check::<OfClient>(steps, transmit_len, write_len);
            }
        }
    }
}

#[test]
fn a_dropped_fragment_is_resumed() {
    let text = "é€😀".repeat(5);
    // Cut inside characters.
    let pieces = [&text.as_bytes()[..4], &text.as_bytes()[4..31], b"", &text.as_bytes()[31..]];
    let firsts = [FIRST_TEXT, CONTINUATION, CONTINUATION, LAST_CONTINUATION];
    let frames: Vec<(u8, &[u8])> = firsts.into_iter().zip(pieces).collect();
    for transmit_len in (1..=20).chain([64]) {
        for write_len in [1, 2, 3, 5, 8, 64] {
            let mut memory = Memory::new(1, transmit_len);
            let mut connection = memory.client(&Config::DEFAULT);
            let mut link = Link::cut(b"", 1, write_len);
            for (at, piece) in pieces.into_iter().enumerate() {
                let last = at == 3;
                let kind = MessageKind::Text;
                if link.drive_for(connection.sender().fragment(kind, piece, last), 1).unwrap().is_none() {
                    while link.drive_for(connection.sender().resume_fragment(kind, piece, last), 1).unwrap().is_none() {
                    }
                }
            }
            assert_eq!(link.take_flushed(), OfClient::sent(&frames), "{transmit_len} {write_len}");
        }
    }
}

/// A message that was dropped before its flush, and never resumed, is not taken for the next one that is.
#[test]
fn what_is_resumed_behind_another_message_is_sent() {
    let frames: [(u8, &[u8]); 3] = [(TEXT, b"dropped"), (TEXT, b"between"), (TEXT, b"resumed")];
    for composes in [false, true] {
        let mut memory = Memory::new(1, 64);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        assert_eq!(link.drive_for(connection.sender().send(Message::Text("dropped")), 1), Ok(None));
        if composes {
            link.finish(connection.sender().compose(MessageKind::Text, |c| c.push(b"between"))).unwrap();
        } else {
            let mut writer = connection.sender().writer(MessageKind::Text);
            link.finish(writer.put(b"between")).unwrap();
            link.finish(writer.finish()).unwrap();
        }
        link.finish(connection.sender().resume(Message::Text("resumed"))).unwrap();
        assert_eq!(link.take_flushed(), OfServer::sent(&frames), "{composes}");
    }
}

/// Between two calls on the half-sent message, the connection answers nothing and forgets nothing.
#[test]
fn a_half_sent_message_is_resumed_although_pings_come() {
    let payload = counting(40);
    let message = Message::Binary(&payload);
    for transmit_len in (1..=20).chain([64]) {
        for write_len in [1, 2, 5, 64] {
            let mut memory = Memory::new(64, transmit_len);
            let mut connection = memory.server(&Config::DEFAULT);
            let mut link = Link::cut(&OfServer::from_peer(PING, b"answer me"), 64, write_len);
            let mut ready = link.drive_for(connection.sender().send(message), 1).unwrap().is_some();
            while !ready {
                // The Pong may be half written when the loop is left.
                match link.drive_for(&mut connection, 3) {
                    Ok(_) | Err(Error::Misuse(Misuse::FrameUnfinished { .. })) => {}
                    Err(error) => panic!("{error:?}"),
                }
                ready = link.drive_for(connection.sender().resume(message), 1).unwrap().is_some();
            }
            listen(&mut connection, &mut link);
            let sent = OfServer::sent(&[(BINARY, &payload), (PONG, b"answer me")]);
            assert_eq!(link.take_flushed(), sent, "{transmit_len} {write_len}");
        }
    }
}

#[test]
fn a_text_in_fragments_is_checked() {
    let mut memory = Memory::new(1, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let not_text: Error = Misuse::TextNotUtf8.into();
    let text = MessageKind::Text;
    assert_eq!(link.finish(connection.sender().fragment(text, b"\xff", false)), Err(not_text));
    assert_eq!(link.finish(connection.sender().fragment(text, b"\xe2\x82", true)), Err(not_text));
    link.finish(connection.sender().fragment(text, b"\xe2", false)).unwrap();
    assert_eq!(link.finish(connection.sender().fragment(text, b"x", false)), Err(not_text));
    assert_eq!(link.finish(connection.sender().fragment(text, b"\x82", true)), Err(not_text));
    link.finish(connection.sender().fragment(text, b"\x82\xac", true)).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(FIRST_TEXT, b"\xe2"), (LAST_CONTINUATION, b"\x82\xac")]));
}

/// Mixing messages is an error that names the open one, after which that one goes on as if nothing had been asked.
#[test]
fn messages_are_not_mixed() {
    for (kind, other, first) in
        [(MessageKind::Text, MessageKind::Binary, FIRST_TEXT), (MessageKind::Binary, MessageKind::Text, FIRST_BINARY)]
    {
        let mut memory = Memory::new(1, 64);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        link.finish(connection.sender().fragment(kind, b"begun", false)).unwrap();
        let refused = |result: Result<(), Error>| assert_eq!(result, Err(Misuse::MessageUnfinished(kind).into()));
        for message in [Message::Text("x"), Message::Binary(b"x")] {
            refused(link.finish(connection.sender().send(message)));
            refused(link.finish(connection.sender().queue(message)));
            refused(link.finish(connection.sender().compose(message.kind(), |c| c.push(b"x"))));
            refused(connection.sender().frame(message.kind(), 1).map(|_| ()));
        }
        refused(link.finish(connection.sender().fragment(other, b"x", false)));
        refused(link.finish(connection.sender().fragment(other, b"x", true)));
        refused(link.finish(connection.sender().writer(other).put(b"x")).map(|_| ()));
        refused(link.finish(connection.sender().writer(other).finish()));
        assert_eq!(connection.sender().unfinished_message(), Some(kind));
        // Control frames may come between.
        link.finish(connection.sender().ping(b"between")).unwrap();
        link.finish(connection.sender().fragment(kind, b"ended", true)).unwrap();
        assert_eq!(connection.sender().unfinished_message(), None);
        let frames: [(u8, &[u8]); 3] = [(first, b"begun"), (PING, b"between"), (LAST_CONTINUATION, b"ended")];
        assert_eq!(link.take_flushed(), OfServer::sent(&frames));
    }
}

/// Inside a half-sent frame nothing else can be sent, and the error says how much of it is missing.
#[test]
fn nothing_is_sent_inside_a_half_sent_frame() {
    let payload = counting(40);
    let mut memory = Memory::new(64, 10);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    assert!(link.drive_for(connection.sender().send(Message::Binary(&payload)), 1).unwrap().is_none());
    let remaining = 32;
    let refused = |result: Result<(), Error>| assert_eq!(result, Err(Misuse::FrameUnfinished { remaining }.into()));
    refused(link.finish(connection.sender().send(Message::Text("x"))));
    refused(link.finish(connection.sender().resume(Message::Text("x"))));
    refused(link.finish(connection.sender().resume(Message::Binary(&payload[..31]))));
    refused(link.finish(connection.sender().fragment(MessageKind::Binary, b"x", false)));
    refused(link.finish(connection.sender().compose(MessageKind::Text, |c| c.push(b"x"))));
    refused(link.finish(connection.sender().writer(MessageKind::Text).put(b"x")).map(|_| ()));
    refused(connection.sender().frame(MessageKind::Text, 1).map(|_| ()));
    refused(link.finish(connection.sender().ping(b"x")));
    refused(link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")));
    refused(link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")).map(|_| ()));
    link.finish(connection.sender().flush()).unwrap();
    link.finish(connection.sender().resume(Message::Binary(&payload))).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(BINARY, &payload)]));
    assert_eq!(send(&mut connection, Message::Text("x")).unwrap(), OfServer::sent(&[(TEXT, b"x")]));
}

#[test]
fn a_ping_that_is_too_long_is_refused() {
    for transmit_len in [1, 130, 131, 200] {
        let mut memory = Memory::new(64, transmit_len);
        let mut connection = memory.client(&Config::DEFAULT);
        let mut link = Link::new(b"");
        let error = link.finish(connection.sender().ping(&[7; 126])).unwrap_err();
        assert!(matches!(error, Error::Misuse(Misuse::ControlFrame(_))), "{error:?}");
        link.finish(connection.sender().ping(&[7; 125])).unwrap();
        assert_eq!(link.take_flushed(), OfClient::sent(&[(PING, &[7; 125])]));
    }
}

/// Dropped behind any step, a Ping or Close frame that was begun leaves whole.
#[test]
fn a_dropped_control_frame_leaves_all_the_same() {
    for transmit_len in 1..=20 {
        for steps in 1..=12 {
            for write_len in [1, 3, 20] {
                let mut memory = Memory::new(64, transmit_len);
                let mut connection = memory.client(&Config::DEFAULT);
                let mut link = Link::cut(b"", 1, write_len);
                let _ = link.drive_for(connection.sender().ping(b"payload"), steps).unwrap();
                link.finish(connection.sender().flush()).unwrap();
                assert_eq!(link.take_flushed(), OfClient::sent(&[(PING, b"payload")]), "{transmit_len} {steps}");
            }
        }
    }
}
