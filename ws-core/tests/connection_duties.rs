//! What a connection does by itself: Pongs, the reply to Close, and telling the peer of its violation; each switched off too.

mod support;

use support::{
    BINARY, CLOSE, CONTINUATION, FIRST_TEXT, LAST_CONTINUATION, PING, PONG, TEXT, counting, from_client,
    machine::{
        Link, Memory, OfClient, OfServer, Side, Told, listen, listen_once, told_binary, told_text, told_violation,
    },
};
use ws_core::{
    Config, Delivery, Duties, Error, Event, Machine, Message, MessageKind, Misuse, Step, Violation, WebSocketState,
    frame::{CloseCode, ClosePayloadError, HeaderError},
};

const CHUNKS: Config = Config { delivery: Delivery::Chunks, ..Config::DEFAULT };
const MANUAL: Config = Config { duties: Duties::NONE, ..Config::DEFAULT };

#[test]
fn each_ping_is_answered_with_its_payload() {
    fn check<S: Side>() {
        for len in [0, 1, 2, 10, 124, 125] {
            let payload = counting(len);
            for (receive_len, transmit_len) in (1..=20).flat_map(|len| [(len, 200), (200, len), (len, len)]) {
                let mut memory = Memory::new(receive_len, transmit_len);
                let mut connection = S::connection(&mut memory, &CHUNKS);
                let mut link = Link::new(&S::all_from_peer(&[(PING, &payload), (PING, b"second")]));
                assert_eq!(listen(&mut connection, &mut link), []);
                assert_eq!(link.take_flushed(), S::sent(&[(PONG, &payload), (PONG, b"second")]));
            }
        }
    }
    check::<OfServer>();
    check::<OfClient>();
}

/// A Pong may be written before the next frame is looked at, and is not kept for it.
#[test]
fn a_ping_is_answered_before_the_next_frame_is_looked_at() {
    let input = OfServer::all_from_peer(&[(PING, b"one"), (0x83, b"reserved opcode")]);
    let mut memory = Memory::new(64, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(&input);
    let reserved = listen(&mut connection, &mut link);
    assert_eq!(reserved, [told_violation(Violation::Header(HeaderError::ReservedOpcode))]);
    assert_eq!(link.take_flushed(), OfServer::sent(&[(PONG, b"one"), (CLOSE, b"\x03\xea")]));
}

#[test]
fn replies_leave_before_the_next_message_is_handed_over() {
    for config in [&Config::DEFAULT, &CHUNKS] {
        for read_len in [1, 2, 5, 1000] {
            for transmit_len in [1, 2, 5, 64] {
                let mut memory = Memory::new(64, transmit_len);
                let mut connection = memory.server(config);
                let frames: [(u8, &[u8]); 4] = [(PING, b"one"), (TEXT, b"a"), (PING, b"two"), (TEXT, b"b")];
                let mut link = Link::cut(&OfServer::all_from_peer(&frames), read_len, 1000);
                listen_once(&mut connection, &mut link).unwrap();
                assert_eq!(link.take_flushed(), OfServer::sent(&[(PONG, b"one")]));
                listen_once(&mut connection, &mut link).unwrap();
                assert_eq!(link.take_flushed(), OfServer::sent(&[(PONG, b"two")]));
            }
        }
    }
}

#[test]
fn a_pong_that_fits_is_never_torn() {
    let input = OfClient::all_from_peer(&[(PING, b"12345"), (PING, b"67890"), (PING, b"abc"), (PING, b"")]);
    for transmit_len in 11..=50 {
        let mut memory = Memory::new(64, transmit_len);
        let mut connection = memory.client(&Config::DEFAULT);
        let mut link = Link::new(b"");
        // Something already waits in the buffer.
        link.finish(connection.sender().queue(Message::Binary(&[7; 5]))).unwrap();
        link.input.extend(&input);
        listen(&mut connection, &mut link);
        let mut ends: Vec<usize> = link
            .writes
            .iter()
            .scan(0, |sum, len| {
                *sum += len;
                Some(*sum)
            })
            .collect();
        let sent =
            OfClient::sent(&[(BINARY, &[7; 5]), (PONG, b"12345"), (PONG, b"67890"), (PONG, b"abc"), (PONG, b"")]);
        assert_eq!(link.take_flushed(), sent);
        ends.retain(|end| ![11, 22, 33, 42, 48].contains(end));
        assert_eq!(ends, [0; 0], "{transmit_len}");
    }
}

#[test]
fn a_flood_of_pings_grows_nothing() {
    let pings = OfServer::from_peer(PING, b"flood").repeat(100_000);
    let pongs = OfServer::sent(&[(PONG, b"flood")]).repeat(100_000);
    for (receive_len, transmit_len, read_len) in [(1, 1, 1), (3, 2, 7), (64, 16, 64), (1000, 1000, 999)] {
        let mut memory = Memory::new(receive_len, transmit_len);
        let mut connection = memory.server(&CHUNKS);
        let mut link = Link::cut(&pings, read_len, usize::MAX);
        assert_eq!(listen(&mut connection, &mut link), []);
        assert!(link.take_flushed() == pongs);
    }
}

#[test]
fn a_close_frame_is_echoed() {
    fn check<S: Side>() {
        let reason = "é".repeat(61);
        for (payload, code, reason) in [
            (Vec::new(), None, ""),
            (vec![0x03, 0xe8], Some(1000), ""),
            (b"\x0f\xa0bye".to_vec(), Some(4000), "bye"),
            ([b"\x03\xe9", reason.as_bytes()].concat(), Some(1001), &reason),
        ] {
            for (receive_len, transmit_len) in (1..=20).flat_map(|len| [(len, 200), (200, len), (len, len)]) {
                let mut memory = Memory::new(receive_len, transmit_len);
                let mut connection = S::connection(&mut memory, &CHUNKS);
                // Nothing behind a Close frame is looked at.
                let mut link = Link::new(&[S::from_peer(CLOSE, &payload), vec![0xff; 5]].concat());
                assert_eq!(listen(&mut connection, &mut link), [Told::Event(Event::Closed, vec![])]);
                assert_eq!(link.take_flushed(), S::sent(&[(CLOSE, &payload)]));
                assert_eq!(connection.state(), WebSocketState::Closed);
                let close = connection.peer_close();
                assert_eq!(close.map(|close| close.code.get()), code);
                assert_eq!(close.map_or("", |close| close.reason), reason);
                assert_eq!(listen_once(&mut connection, &mut link), Some(Told::Event(Event::Closed, vec![])));
                assert_eq!(link.output, b"");
            }
        }
    }
    check::<OfServer>();
    check::<OfClient>();
}

/// What a peer can do wrong, and the close code that it is told.
fn violations() -> Vec<(Vec<u8>, Violation, u16)> {
    let header = Violation::Header;
    vec![
        (from_client(0xc1, b"x"), header(HeaderError::ReservedBits), 1002),
        (from_client(0x83, b"x"), header(HeaderError::ReservedOpcode), 1002),
        (from_client(0x8b, b"x"), header(HeaderError::ReservedOpcode), 1002),
        (from_client(0x09, b"x"), header(HeaderError::FragmentedControlFrame), 1002),
        (from_client(PING, &[0; 126]), header(HeaderError::ControlFrameTooLong), 1002),
        (vec![BINARY, 0xfe, 0, 125, 0, 0, 0, 0], header(HeaderError::LengthNotMinimal), 1002),
        (vec![BINARY, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], header(HeaderError::LengthTooLarge), 1002),
        (support::from_server(TEXT, b"x"), Violation::NotMasked, 1002),
        (from_client(CONTINUATION, b"x"), Violation::UnexpectedContinuation, 1002),
        (from_client(LAST_CONTINUATION, b"x"), Violation::UnexpectedContinuation, 1002),
        (
            [from_client(FIRST_TEXT, b"x"), from_client(BINARY, b"y")].concat(),
            Violation::MessageInterrupted(MessageKind::Text),
            1002,
        ),
        (
            [from_client(FIRST_TEXT, b"x"), from_client(FIRST_TEXT, b"y")].concat(),
            Violation::MessageInterrupted(MessageKind::Text),
            1002,
        ),
        (from_client(TEXT, b"\xff"), Violation::TextNotUtf8, 1007),
        (from_client(CLOSE, b"\x03"), Violation::ClosePayload(ClosePayloadError::Truncated), 1002),
        (
            from_client(CLOSE, b"\x03\xed"),
            Violation::ClosePayload(ClosePayloadError::InvalidCode(CloseCode::new(1005))),
            1002,
        ),
        (from_client(CLOSE, b"\x03\xe8\xff"), Violation::ClosePayload(ClosePayloadError::ReasonNotUtf8), 1007),
        (vec![BINARY, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], Violation::FrameTooBig, 1009),
    ]
}

#[test]
fn a_violation_is_told_to_the_peer_and_then_to_the_caller() {
    for (bytes, violation, code) in violations() {
        let input = [from_client(BINARY, b"before"), bytes, from_client(TEXT, b"after")].concat();
        for (transmit_len, read_len) in [(1, 1), (2, 3), (3, 1000), (64, 1), (64, 2), (64, 1000)] {
            let mut memory = Memory::new(256, transmit_len);
            let mut connection = memory.server(&Config::DEFAULT);
            let mut link = Link::cut(&input, read_len, 1000);
            assert_eq!(listen(&mut connection, &mut link), [told_binary(b"before"), told_violation(violation)]);
            assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, &code.to_be_bytes())]), "{violation:?}");
            let Err(Error::Misuse(_)) = link.finish(connection.sender().send(Message::Text("late"))) else { panic!() };
            let Err(Error::Misuse(_)) = link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")) else {
                panic!("a second Close frame behind {violation:?}")
            };
            link.finish(connection.sender().flush()).unwrap();
            assert_eq!(link.output, b"", "{violation:?}");
        }
    }
    let mut memory = Memory::new(64, 64);
    let mut connection = memory.client(&Config::DEFAULT);
    let mut link = Link::new(&from_client(TEXT, b"masked"));
    assert_eq!(listen(&mut connection, &mut link), [told_violation(Violation::Masked)]);
    assert_eq!(link.take_flushed(), OfClient::sent(&[(CLOSE, b"\x03\xea")]));
}

/// The loop may be left while the peer is told: the violation is not lost.
#[test]
fn a_violation_is_reported_although_its_close_frame_was_flushed_elsewhere() {
    let mut memory = Memory::new(64, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(&from_client(0x83, b""));
    // Read, then the Close frame is to be written.
    assert!(link.drive_for(&mut connection, 1).unwrap().is_none());
    assert!(matches!(connection.poll(), Ok(Step::Write(_))));
    link.finish(connection.sender().flush()).unwrap();
    let violation = Violation::Header(HeaderError::ReservedOpcode);
    assert_eq!(listen_once(&mut connection, &mut link), Some(told_violation(violation)));
    assert_eq!(listen_once(&mut connection, &mut link), Some(Told::Event(Event::Closed, vec![])));
    assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, b"\x03\xea")]));
}

#[test]
fn the_application_may_answer_a_violation_by_itself_but_only_once() {
    for transmit_len in (1..=20).chain([64]) {
        let mut memory = Memory::new(64, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(&from_client(TEXT, b"\xff"));
        assert_eq!(link.drive(&mut connection).unwrap(), Some(Event::Message(MessageKind::Text)));
        let mut received = connection.received(MessageKind::Text);
        received.message.unwrap_err();
        link.finish(received.sender.reborrow().close(CloseCode::INVALID_PAYLOAD, "text?")).unwrap();
        link.finish(received.sender.reborrow().close(CloseCode::INVALID_PAYLOAD, "again")).unwrap_err();
        link.finish(received.sender.flush()).unwrap();
        let _ = listen(&mut connection, &mut link);
        assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, b"\x03\xeftext?")]));
    }
}

#[test]
fn the_application_may_take_the_duty_to_answer_pings() {
    fn check<S: Side>() {
        for len in (1..=20).chain([200]) {
            let mut memory = Memory::new(len, len);
            let config = Config { delivery: Delivery::Chunks, ..MANUAL };
            let mut connection = S::connection(&mut memory, &config);
            let mut link = Link::new(&S::all_from_peer(&[(PING, b"one"), (PONG, b"two"), (PING, b"three")]));
            assert_eq!(listen_once(&mut connection, &mut link), Some(Told::Event(Event::Ping, b"one".into())));
            link.finish(connection.sender().pong()).unwrap();
            assert_eq!(link.take_flushed(), S::sent(&[(PONG, b"one")]));
            assert_eq!(listen_once(&mut connection, &mut link), Some(Told::Event(Event::Pong, b"two".into())));
            // The Ping was answered, and this is none.
            assert_eq!(link.finish(connection.sender().pong()), Err(Misuse::NoPingToAnswer.into()));
            assert_eq!(listen_once(&mut connection, &mut link), Some(Told::Event(Event::Ping, b"three".into())));
            assert_eq!(listen(&mut connection, &mut link), []);
            assert_eq!(link.output, b"");
        }
    }
    check::<OfServer>();
    check::<OfClient>();
}

/// The Ping's payload is gone when the next control frame arrives: no other payload is sent in its place.
#[test]
fn a_ping_that_was_not_answered_in_time_is_not_answered_wrongly() {
    let mut memory = Memory::new(64, 64);
    let mut connection = memory.server(&MANUAL);
    let second = from_client(PING, b"second");
    let mut link = Link::new(&[from_client(PING, b"first"), second[..9].to_vec()].concat());
    assert_eq!(listen_once(&mut connection, &mut link), Some(Told::Event(Event::Ping, b"first".into())));
    assert_eq!(listen_once(&mut connection, &mut link), None);
    assert_eq!(link.finish(connection.sender().pong()), Err(Misuse::NoPingToAnswer.into()));
    link.input.extend(&second[9..]);
    assert_eq!(listen_once(&mut connection, &mut link), Some(Told::Event(Event::Ping, b"second".into())));
    link.finish(connection.sender().pong()).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(PONG, b"second")]));
}

#[test]
fn the_application_may_take_the_duty_to_answer_close() {
    for transmit_len in [1, 2, 7, 64] {
        let mut memory = Memory::new(64, transmit_len);
        let mut connection = memory.server(&MANUAL);
        let mut link = Link::new(&OfServer::all_from_peer(&[(CLOSE, b"\x03\xe8bye"), (TEXT, b"x")]));
        for _ in 0..2 {
            assert_eq!(listen(&mut connection, &mut link), [Told::Event(Event::Closed, vec![])]);
            assert_eq!(connection.state(), WebSocketState::CloseReceived);
            assert_eq!(connection.peer_close().unwrap().reason, "bye");
        }
        let late = link.finish(connection.sender().send(Message::Text("late")));
        assert_eq!(late, Err(Misuse::Closing.into()));
        link.finish(connection.sender().close(CloseCode::GOING_AWAY, "")).unwrap();
        assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, b"\x03\xe9")]));
        assert_eq!(connection.state(), WebSocketState::Closed);
        assert_eq!(link.finish(connection.sender().close(CloseCode::GOING_AWAY, "")), Err(Misuse::Closing.into()));
        assert_eq!(listen(&mut connection, &mut link), [Told::Event(Event::Closed, vec![])]);
    }
}

#[test]
fn the_application_may_take_the_duty_to_tell_of_violations() {
    for (bytes, violation, code) in violations() {
        for transmit_len in [1, 2, 7, 8, 9, 64] {
            let mut memory = Memory::new(256, transmit_len);
            let mut connection = memory.server(&MANUAL);
            let mut link = Link::new(&bytes);
            assert_eq!(listen(&mut connection, &mut link), [told_violation(violation)]);
            assert_eq!(link.output, b"");
            assert_eq!(connection.state(), WebSocketState::Failed(violation));
            assert_eq!(link.finish(connection.sender().ping(b"")), Err(Misuse::Failed.into()));
            link.finish(connection.sender().close(CloseCode::new(code), "why")).unwrap();
            let payload = [&code.to_be_bytes()[..], b"why"].concat();
            assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, &payload)]));
            assert_eq!(connection.state(), WebSocketState::Closed);
            assert_eq!(link.finish(connection.sender().close(CloseCode::new(code), "")), Err(Misuse::Closing.into()));
            assert_eq!(listen(&mut connection, &mut link), [Told::Event(Event::Closed, vec![])]);
            assert_eq!(link.output, b"");
        }
    }
}

/// The application's own frame is half sent: the reply waits for it, and so does the next control frame.
#[test]
fn a_reply_waits_for_the_applications_half_sent_frame() {
    let mut memory = Memory::new(64, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(&OfServer::all_from_peer(&[(PING, b"first"), (TEXT, b"in"), (PING, b"2"), (PING, b"3")]));
    let mut frame = connection.sender().frame(MessageKind::Binary, 5).unwrap();
    assert_eq!(link.finish(frame.put(b"abc")).unwrap(), 3);
    assert_eq!(listen_once(&mut connection, &mut link), Some(told_text("in")));
    for _ in 0..2 {
        assert_eq!(link.drive(&mut connection).unwrap_err(), Misuse::FrameUnfinished { remaining: 2 }.into());
    }
    let mut frame = connection.sender().unfinished_frame().unwrap();
    assert_eq!(frame.remaining(), 2);
    assert_eq!(link.finish(frame.put(b"de")).unwrap(), 2);
    link.finish(frame.finish()).unwrap();
    assert_eq!(listen(&mut connection, &mut link), []);
    assert_eq!(
        link.take_flushed(),
        OfServer::sent(&[(BINARY, b"abcde"), (PONG, b"first"), (PONG, b"2"), (PONG, b"3")])
    );
}

/// The other way round: a control frame of the application's does not touch the one that is arriving.
#[test]
fn the_applications_control_frame_leaves_an_arriving_one_whole() {
    fn check<S: Side>() {
        let arriving = counting(125);
        let input = S::all_from_peer(&[(PING, &arriving), (PONG, b"pong"), (CLOSE, b"\x03\xe8bye")]);
        for transmit_len in [131, 140, 300] {
            for cut in 0..=input.len() - 10 {
                let mut memory = Memory::new(16, transmit_len);
                let mut connection = S::connection(&mut memory, &CHUNKS);
                let mut link = Link::new(&input[..cut]);
                let mut all = listen(&mut connection, &mut link);
                let pongs_before = usize::from(!link.output.is_empty());
                link.finish(connection.sender().ping(&[0xee; 125])).unwrap();
                link.input.extend(&input[cut..]);
                all.extend(listen(&mut connection, &mut link));
                let closed = Told::Event(Event::Closed, vec![]);
                assert_eq!(all, [Told::Event(Event::Pong, b"pong".into()), closed], "{transmit_len} {cut}");
                let mut frames: Vec<(u8, &[u8])> = vec![(PONG, &arriving), (CLOSE, b"\x03\xe8bye")];
                frames.insert(pongs_before, (PING, &[0xee; 125]));
                assert_eq!(link.take_flushed(), S::sent(&frames), "{transmit_len} {cut}");
                assert_eq!(connection.peer_close().unwrap().reason, "bye");
            }
        }
    }
    check::<OfServer>();
    check::<OfClient>();
}

/// There is no place for it in a buffer that is too small: that is an error, and the arriving frame is unharmed.
#[test]
fn without_space_a_control_frame_is_refused_while_another_arrives() {
    let ping = from_client(PING, b"arriving");
    for transmit_len in 1..=8 {
        let mut memory = Memory::new(16, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(&ping[..10]);
        assert_eq!(listen(&mut connection, &mut link), []);
        let sent = link.finish(connection.sender().ping(b"mine"));
        let closed = if transmit_len < 4 { Err(Error::BufferTooSmall { needed: 4 }) } else { Ok(()) };
        let mut frames: Vec<(u8, &[u8])> = vec![(PONG, b"arriving")];
        if transmit_len < 6 {
            assert_eq!(sent, Err(Error::BufferTooSmall { needed: 6 }));
        } else {
            sent.unwrap();
            frames.insert(0, (PING, b"mine"));
        }
        if transmit_len % 2 == 1 {
            assert_eq!(link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")), closed);
            if closed.is_ok() {
                frames.insert(frames.len() - 1, (CLOSE, b"\x03\xe8"));
            }
        }
        link.input.extend(&ping[10..]);
        assert_eq!(listen(&mut connection, &mut link), []);
        assert_eq!(link.take_flushed(), OfServer::sent(&frames), "{transmit_len}");
    }
}

/// A control frame that was half written when the loop was left goes on, whatever is called next.
#[test]
fn a_half_written_pong_is_completed_by_whatever_comes_next() {
    for steps in 1..=20 {
        for next in 0..5 {
            let mut memory = Memory::new(64, 3);
            let mut connection = memory.server(&CHUNKS);
            let mut link = Link::cut(&from_client(PING, b"payload"), 1000, 2);
            if link.drive_for(&mut connection, steps).unwrap().is_some() {
                continue;
            }
            let mut sent: Vec<(u8, &[u8])> = vec![(PONG, b"payload")];
            match next {
                0 => link.finish(connection.sender().send(Message::Binary(b"12345"))).unwrap(),
                1 => link.finish(connection.sender().fragment(MessageKind::Binary, b"12345", true)).unwrap(),
                2 => {
                    link.finish(connection.sender().compose(MessageKind::Binary, |c| c.push(b"1"))).unwrap();
                }
                3 => {
                    let mut writer = connection.sender().writer(MessageKind::Binary);
                    assert_eq!(link.finish(writer.put(b"1")).unwrap(), 1);
                    link.finish(writer.finish()).unwrap();
                }
                _ => link.finish(connection.sender().ping(b"12345")).unwrap(),
            }
            sent.push(match next {
                0 | 1 => (BINARY, b"12345"),
                2 | 3 => (BINARY, b"1"),
                _ => (PING, b"12345"),
            });
            listen(&mut connection, &mut link);
            // The Pong may follow if nothing of it was written: but it is there once, and whole.
            let output = link.take_flushed();
            let first = OfServer::sent(&sent);
            sent.reverse();
            assert!(output == first || output == OfServer::sent(&sent), "{steps} {next}: {output:x?}");
        }
    }
}
