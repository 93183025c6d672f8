//! Closing on a connection: the handshake from both sides, what may follow a Close frame and what may not, the end of the
//! transport, and buffers of no length.

mod support;

use support::{
    BINARY, CLOSE, CONTINUATION, FIRST_BINARY, FIRST_TEXT, LAST_CONTINUATION, PING, PONG, TEXT, counting,
    machine::{Link, Memory, OfClient, OfServer, Side, Told, joined, listen, send, told_text, told_violation},
};
use ws_core::{
    Config, Delivery, Duties, Error, Event, Machine, Message, MessageKind, Misuse, Step, Violation, WebSocketState,
    frame::CloseCode,
};

const CHUNKS: Config = Config { delivery: Delivery::Chunks, ..Config::DEFAULT };
const MANUAL: Config = Config { duties: Duties::NONE, ..Config::DEFAULT };

fn closed() -> Told {
    Told::Event(Event::Closed, vec![])
}

#[test]
fn a_closing_handshake_is_completed_through_buffers_of_every_size() {
    fn check<S: Side>(receive_len: usize, transmit_len: usize) {
        let mut memory = Memory::new(receive_len, transmit_len);
        let mut connection = S::connection(&mut memory, &CHUNKS);
        // A Ping is answered and messages are dropped until the peer's Close frame.
        let input = S::all_from_peer(&[
            (FIRST_TEXT, b"dropped"),
            (PING, b"ping"),
            (LAST_CONTINUATION, b""),
            (BINARY, &[7; 300]),
            (PONG, b"pong"),
            (CLOSE, b"\x03\xe8bye"),
            (TEXT, b"not looked at"),
        ]);
        let mut link = Link::new(b"");
        let closing = connection.closing(CloseCode::GOING_AWAY, "moving");
        assert_eq!(link.drive(closing).unwrap(), None);
        assert_eq!(link.take_flushed(), S::sent(&[(CLOSE, b"\x03\xe9moving")]));
        assert_eq!(connection.state(), WebSocketState::CloseSent);
        link.input.extend(input);
        // Made again, the machine goes on.
        link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
        let sent = S::sent(&[(CLOSE, b"\x03\xe9moving"), (PONG, b"ping")]);
        assert_eq!(link.take_flushed(), sent[S::sent(&[(CLOSE, b"\x03\xe9moving")]).len()..]);
        assert_eq!(connection.peer_close().unwrap().reason, "bye");
        assert_eq!(connection.state(), WebSocketState::Closed);
        link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
        assert_eq!(link.output, b"");
    }
    for len in (1..=20).chain([64, 256]) {
        for (receive_len, transmit_len) in [(len, 256), (256, len), (len, len)] {
            check::<OfServer>(receive_len, transmit_len);
            check::<OfClient>(receive_len, transmit_len);
        }
    }
}

/// Both machines of this crate, with a link of one byte between them, close each other at the same time or one first.
#[test]
fn two_connections_close_each_other() {
    for len in [1, 2, 7, 64] {
        for both in [false, true] {
            let (mut server_memory, mut client_memory) = (Memory::new(len, len), Memory::new(len, len));
            let mut server = server_memory.server(&CHUNKS);
            let mut client = client_memory.client(&CHUNKS);
            let (mut at_server, mut at_client) = (Link::cut(b"", 1, 1), Link::cut(b"", 1, 1));
            assert_eq!(at_client.drive(client.closing(CloseCode::NORMAL_CLOSURE, "client")).unwrap(), None);
            if both {
                assert_eq!(at_server.drive(server.closing(CloseCode::GOING_AWAY, "server")).unwrap(), None);
            }
            at_server.input.extend(at_client.output.drain(..));
            assert_eq!(listen(&mut server, &mut at_server), [closed()]);
            assert_eq!(server.peer_close().unwrap().reason, "client");
            at_client.input.extend(at_server.output.drain(..));
            at_client.drive(client.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
            assert_eq!(client.peer_close().unwrap().reason, if both { "server" } else { "client" });
            assert_eq!((server.state(), client.state()), (WebSocketState::Closed, WebSocketState::Closed));
            assert_eq!(at_client.output, b"");
        }
    }
}

/// The machine may be dropped behind each step, and made again with other words: one Close frame is sent.
#[test]
fn a_dropped_closing_goes_on() {
    for transmit_len in (1..=12).chain([64]) {
        for write_len in [1, 2, 3, 100] {
            let mut memory = Memory::new(16, transmit_len);
            let mut connection = memory.client(&Config::DEFAULT);
            let mut link = Link::cut(&OfClient::from_peer(CLOSE, b""), 1, write_len);
            let mut rounds = 0;
            while link.drive_for(connection.closing(CloseCode::NORMAL_CLOSURE, "reason"), 1).unwrap().is_none() {
                rounds += 1;
                assert!(rounds < 100, "{transmit_len} {write_len}");
            }
            assert_eq!(
                link.take_flushed(),
                OfClient::sent(&[(CLOSE, b"\x03\xe8reason")]),
                "{transmit_len} {write_len}"
            );
            assert_eq!(connection.peer_close(), None);
        }
    }
}

#[test]
fn nothing_but_a_pong_follows_a_close_frame() {
    for (transmit_len, whole) in [(2, false), (64, true)] {
        let mut memory = Memory::new(64, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap();
        let close = link.take_flushed();
        assert_eq!(close, OfServer::sent(&[(CLOSE, b"\x03\xe8")]));
        let closing = |error| assert_eq!(error, Error::Misuse(Misuse::Closing));
        closing(link.finish(connection.sender().send(Message::Text("x"))).unwrap_err());
        closing(link.finish(connection.sender().queue(Message::Text("x"))).unwrap_err());
        closing(link.finish(connection.sender().resume(Message::Text("x"))).unwrap_err());
        closing(link.finish(connection.sender().fragment(MessageKind::Text, b"x", false)).unwrap_err());
        closing(link.finish(connection.sender().ping(b"x")).unwrap_err());
        closing(link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap_err());
        closing(connection.sender().frame(MessageKind::Text, 1).unwrap_err());
        if whole {
            closing(link.finish(connection.sender().writer(MessageKind::Text).put(b"x")).unwrap_err());
            closing(link.finish(connection.sender().writer(MessageKind::Text).finish()).unwrap_err());
            closing(link.finish(connection.sender().compose(MessageKind::Text, |c| c.push(b"x"))).unwrap_err());
        }
        assert_eq!(link.output, b"");
        link.input.extend(OfServer::all_from_peer(&[(PING, b"1"), (TEXT, b"dropped"), (PING, b"2"), (CLOSE, b"")]));
        assert_eq!(listen(&mut connection, &mut link), [closed()]);
        assert_eq!(link.take_flushed(), OfServer::sent(&[(PONG, b"1"), (PONG, b"2")]));
    }
}

/// A message of which a part was received when our Close frame was sent is dropped, wherever it was cut.
#[test]
fn a_half_received_message_is_dropped_after_our_close_frame() {
    for config in [&Config::DEFAULT, &CHUNKS] {
        let input = OfServer::all_from_peer(&[
            (FIRST_BINARY, &counting(15)),
            (CONTINUATION, &counting(1)),
            (LAST_CONTINUATION, &counting(40)),
            (CLOSE, b"\x03\xe8"),
        ]);
        // Up to the header that announces too much for the buffer.
        for cut in 0..34 {
            let mut memory = Memory::new(17, 8);
            let mut connection = memory.server(config);
            let mut link = Link::new(&input[..cut]);
            let before = listen(&mut connection, &mut link);
            assert!(before.iter().all(|told| matches!(told, Told::Event(Event::Chunk(_), _))), "{before:?}");
            link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap();
            link.input.extend(&input[cut..]);
            assert_eq!(listen(&mut connection, &mut link), [closed()], "{cut}");
        }
    }
}

/// What is dropped has to obey the rules all the same; there is no second Close frame.
#[test]
fn a_violation_after_our_close_frame_ends_the_connection() {
    for (first, payload, violation) in
        [(CONTINUATION, &b"x"[..], Violation::UnexpectedContinuation), (TEXT, b"\xff", Violation::TextNotUtf8)]
    {
        let mut memory = Memory::new(16, 8);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(&OfServer::from_peer(first, payload));
        let error = link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap_err();
        assert_eq!(error, violation.into());
        assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, b"\x03\xe8")]));
        assert_eq!(listen(&mut connection, &mut link), [closed()]);
        assert_eq!(link.output, b"");
    }
}

#[test]
fn closing_answers_a_close_frame_that_waits_for_the_application() {
    for transmit_len in [1, 3, 64] {
        let mut memory = Memory::new(16, transmit_len);
        let mut connection = memory.server(&MANUAL);
        let mut link = Link::new(&OfServer::from_peer(CLOSE, b"\x03\xe8"));
        assert_eq!(listen(&mut connection, &mut link), [closed()]);
        link.finish(connection.closing(CloseCode::GOING_AWAY, "too")).unwrap();
        assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, b"\x03\xe9too")]));
        assert_eq!(connection.state(), WebSocketState::Closed);
    }
}

/// The memory for a control frame is taken by one that is arriving: the rest of it comes first.
#[test]
fn closing_waits_for_the_rest_of_a_control_frame_if_it_must() {
    let input = OfServer::all_from_peer(&[(PING, b"arriving"), (CLOSE, b"")]);
    for transmit_len in 1..=20 {
        for cut in 0..14 {
            let mut memory = Memory::new(4, transmit_len);
            let mut connection = memory.server(&Config::DEFAULT);
            let mut link = Link::new(&input[..cut]);
            assert_eq!(listen(&mut connection, &mut link), []);
            assert_eq!(link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "reason")).unwrap(), None);
            link.input.extend(&input[cut..]);
            link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "reason")).unwrap().unwrap();
            let (pong, close): (_, (u8, &[u8])) = ((PONG, &b"arriving"[..]), (CLOSE, b"\x03\xe8reason"));
            let output = link.take_flushed();
            let early = OfServer::sent(&[close, pong]);
            let late = OfServer::sent(&[pong, close]);
            assert!(output == early || (transmit_len < 10 && output == late), "{transmit_len} {cut} {output:x?}");
        }
    }
}

/// Each read ends inside a Ping, so that the place which our Close frame must wait for is hardly ever free.
#[test]
fn a_flood_of_pings_does_not_keep_our_close_frame_back() {
    let ping = OfServer::from_peer(PING, b"x");
    let (first, rest) = ping.split_at(ping.len() - 1);
    let reason = "longer than the transmit buffer";
    let mut memory = Memory::new(64, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::cut(first, ping.len(), usize::MAX);
    assert_eq!(link.drive(&mut connection), Ok(None));
    link.input.extend([rest, &ping.repeat(100)].concat());
    link.input.extend(OfServer::from_peer(CLOSE, b""));
    link.finish(connection.closing(CloseCode::NORMAL_CLOSURE, reason)).unwrap();
    let close = [b"\x03\xe8", reason.as_bytes()].concat();
    assert!(link.output.starts_with(&OfServer::sent(&[(PONG, b"x"), (CLOSE, &close)])));
}

/// Also if the peer's Close frame was arriving in the place that ours had to wait for.
#[test]
fn closing_sends_our_close_frame_though_the_peers_was_arriving() {
    let reason = "longer than the transmit buffer";
    let mut memory = Memory::new(64, 16);
    let mut connection = memory.server(&MANUAL);
    let bytes = OfServer::from_peer(CLOSE, b"\x03\xe8bye");
    let mut link = Link::new(&bytes[..9]);
    assert_eq!(link.drive(&mut connection), Ok(None));
    link.input.extend(&bytes[9..]);
    link.finish(connection.closing(CloseCode::NORMAL_CLOSURE, reason)).unwrap();
    assert_eq!(connection.state(), WebSocketState::Closed);
    let close = [b"\x03\xe8", reason.as_bytes()].concat();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, &close)]));
}

/// There is one Close frame: the reply to the peer's, also if it came to be due while ours had to wait for its place.
#[test]
fn closing_is_content_with_the_reply_that_became_due() {
    let bytes = OfServer::from_peer(CLOSE, b"\x03\xe9");
    for cut in 7..bytes.len() {
        let mut memory = Memory::new(64, 16);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(&bytes[..cut]);
        assert_eq!(link.drive(&mut connection), Ok(None));
        link.input.extend(&bytes[cut..]);
        link.finish(connection.closing(CloseCode::NORMAL_CLOSURE, "longer than the transmit buffer")).unwrap();
        assert_eq!(connection.state(), WebSocketState::Closed);
        assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, b"\x03\xe9")]), "{cut}");
    }
}

/// The same for a reply that waits behind queued messages.
#[test]
fn closing_is_content_with_the_reply_that_waits_for_space() {
    let mut memory = Memory::new(64, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    link.finish(connection.sender().queue(Message::Binary(b"queued message"))).unwrap();
    connection.push_received(&OfServer::from_peer(CLOSE, b"\x03\xe9"));
    assert!(matches!(connection.poll(), Ok(Step::Write(_))));
    assert_eq!(connection.state(), WebSocketState::CloseReceived);
    link.finish(connection.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap();
    assert_eq!(connection.state(), WebSocketState::Closed);
    assert_eq!(link.take_flushed(), OfServer::sent(&[(BINARY, b"queued message"), (CLOSE, b"\x03\xe9")]));
}

#[test]
fn a_close_frame_that_may_not_be_sent_is_refused() {
    let mut memory = Memory::new(16, 256);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let long = "x".repeat(124);
    for (code, reason, misuse) in [
        (1005, "", Misuse::CloseCodeNotAllowed(CloseCode::new(1005))),
        (999, "", Misuse::CloseCodeNotAllowed(CloseCode::new(999))),
        (1000, &*long, Misuse::CloseReasonTooLong),
    ] {
        let code = CloseCode::new(code);
        assert_eq!(link.finish(connection.sender().close(code, reason)), Err(misuse.into()));
        assert_eq!(link.drive(connection.closing(code, reason)), Err(misuse.into()));
        assert_eq!(connection.state(), WebSocketState::Open);
    }
    assert_eq!(link.output, b"");
    link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, &long[..123])).unwrap();
    let payload = [b"\x03\xe8", &long.as_bytes()[..123]].concat();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, &payload)]));
}

/// Section 5.5.1 lets a message be ended before the Close frame is answered; no other one may begin.
#[test]
fn an_unfinished_message_may_be_ended_before_the_peers_close_frame_is_answered() {
    let mut memory = Memory::new(16, 64);
    let mut connection = memory.server(&MANUAL);
    let mut link = Link::new(b"");
    link.finish(connection.sender().fragment(MessageKind::Text, b"begun ", false)).unwrap();
    link.input.extend(OfServer::from_peer(CLOSE, b""));
    assert_eq!(listen(&mut connection, &mut link), [closed()]);
    for message in [Message::Text("another"), Message::Binary(b"another")] {
        assert_eq!(link.finish(connection.sender().send(message)), Err(Misuse::Closing.into()));
        let compose = connection.sender().compose(message.kind(), |c| c.push(b"another"));
        assert_eq!(link.finish(compose), Err(Misuse::Closing.into()));
        assert_eq!(connection.sender().frame(message.kind(), 1).unwrap_err(), Misuse::Closing.into());
    }
    link.finish(connection.sender().fragment(MessageKind::Text, b"ended", true)).unwrap();
    link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap();
    let frames: [(u8, &[u8]); 3] = [(FIRST_TEXT, b"begun "), (LAST_CONTINUATION, b"ended"), (CLOSE, b"\x03\xe8")];
    assert_eq!(link.take_flushed(), OfServer::sent(&frames));
}

/// What the transport's end means depends on where it comes.
#[test]
fn the_end_of_the_transport_is_clean_between_messages() {
    let frames = [
        OfServer::from_peer(TEXT, b"one"),
        OfServer::from_peer(FIRST_TEXT, b"two"),
        OfServer::from_peer(PING, b""),
        OfServer::from_peer(LAST_CONTINUATION, b""),
        OfServer::from_peer(PING, b"x"),
    ];
    let input = frames.concat();
    let ends = |count: usize| frames[..count].concat().len();
    for config in [&Config::DEFAULT, &CHUNKS] {
        for cut in 0..=input.len() {
            let mut memory = Memory::new(32, 8);
            let mut connection = memory.server(config);
            let mut link = Link::ended(&input[..cut]);
            let ended = listen(&mut connection, &mut link).pop();
            let clean = [0, ends(1), ends(4), ends(5)].contains(&cut);
            assert_eq!(ended, Some(Told::Failed(Error::TransportEnded { clean })), "{cut}");
            // The end is the end, also when it is asked for again, and while closing.
            assert_eq!(listen(&mut connection, &mut link).pop(), ended);
            let closing = link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, ""));
            assert_eq!(closing, Err(Error::TransportEnded { clean }));
        }
    }
    // Behind the peer's Close frame it is not looked at.
    let mut memory = Memory::new(32, 8);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::ended(&OfServer::from_peer(CLOSE, b""));
    assert_eq!(listen(&mut connection, &mut link), [closed()]);
}

/// The peer hears nothing any more, but its Close frame has yet to be read.
#[test]
fn a_write_that_fails_after_our_close_frame_is_no_obstacle() {
    for transmit_len in [2, 16] {
        let mut memory = Memory::new(16, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        assert_eq!(link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap(), None);
        link.take_flushed();
        link.broken = true;
        link.input.extend(OfServer::all_from_peer(&[
            (PING, b"a"),
            (PING, b"b"),
            (TEXT, b"c"),
            (CLOSE, b"\x03\xe8bye"),
        ]));
        link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
        assert_eq!(connection.peer_close().unwrap().reason, "bye");
        assert_eq!(link.output, b"");
    }
    let mut memory = Memory::new(16, 16);
    let mut connection = memory.server(&Config::DEFAULT);
    connection.push_received(&OfServer::from_peer(PING, b"a"));
    assert!(matches!(connection.poll(), Ok(Step::Write(_))));
    assert!(!connection.write_failed());
}

#[test]
fn without_buffers_there_is_an_error_and_no_endless_loop() {
    let too_small = Err(Error::BufferTooSmall { needed: 1 });
    let mut memory = Memory::new(0, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    assert_eq!(connection.push_received(b"x"), 0);
    assert_eq!(link.drive(&mut connection).map(|_| ()), too_small);
    assert_eq!(send(&mut connection, Message::Text("x")).unwrap(), OfServer::sent(&[(TEXT, b"x")]));
    assert_eq!(link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")), too_small.map(Some));

    let mut memory = Memory::new(64, 0);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(&OfServer::all_from_peer(&[(TEXT, b"heard")]));
    let small = |error: Error| assert!(matches!(error, Error::BufferTooSmall { needed: 1..5 }), "{error:?}");
    small(link.finish(connection.sender().send(Message::Text("x"))).unwrap_err());
    small(link.finish(connection.sender().queue(Message::Text(""))).unwrap_err());
    small(link.finish(connection.sender().fragment(MessageKind::Text, b"", false)).unwrap_err());
    small(link.finish(connection.sender().compose(MessageKind::Text, |_| Ok(()))).unwrap_err());
    small(link.finish(connection.sender().writer(MessageKind::Text).put(b"x")).unwrap_err());
    small(link.finish(connection.sender().writer(MessageKind::Text).format(format_args!("x"))).unwrap_err());
    small(link.finish(connection.sender().writer(MessageKind::Text).finish()).unwrap_err());
    small(connection.sender().frame(MessageKind::Text, 0).unwrap_err());
    small(link.finish(connection.sender().ping(b"")).unwrap_err());
    small(link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap_err());
    small(link.drive(connection.closing(CloseCode::NORMAL_CLOSURE, "")).unwrap_err());
    link.finish(connection.sender().flush()).unwrap();
    // What needs no reply is received.
    assert_eq!(listen(&mut connection, &mut link), [told_text("heard")]);
    link.input.extend(OfServer::all_from_peer(&[(PING, b"x"), (CLOSE, b"")]));
    for _ in 0..2 {
        small(link.drive(&mut connection).unwrap_err());
    }
    // A violation cannot be told to the peer, but to the caller.
    let mut memory = Memory::new(64, 0);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(&OfServer::from_peer(CONTINUATION, b"x"));
    assert_eq!(listen(&mut connection, &mut link), [told_violation(Violation::UnexpectedContinuation)]);
    assert_eq!(joined(listen(&mut connection, &mut link)), [closed()]);
    let mut memory = Memory::new(64, 0);
    let mut connection = memory.server(&MANUAL);
    let mut link = Link::new(&OfServer::from_peer(PING, b"x"));
    listen(&mut connection, &mut link);
    small(link.finish(connection.sender().pong()).unwrap_err());
}
