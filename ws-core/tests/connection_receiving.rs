//! Receiving on a connection: whole messages, chunks and announced messages, cut everywhere and in buffers of every size.

mod support;

use support::{
    BINARY, CONTINUATION, FIRST_BINARY, FIRST_TEXT, LAST_CONTINUATION, PING, PONG, TEXT, counting,
    machine::{
        Link, Memory, OfClient, OfServer, Side, Told, joined, listen, listen_once, told_binary, told_text,
        told_violation,
    },
};
use ws_core::{
    Announced, ChunkInfo, Config, Delivery, Error, Event, Message, MessageKind, Misuse, Violation, WebSocketState,
};

const CHUNKS: Config = Config { delivery: Delivery::Chunks, ..Config::DEFAULT };
const ANNOUNCE: Config = Config { delivery: Delivery::Announce, ..Config::DEFAULT };

/// Whole, in fragments with control frames between, empty, and with empty fragments.
fn script<S: Side>() -> (Vec<u8>, Vec<Told>, Vec<u8>) {
    let long = counting(126);
    let input = S::all_from_peer(&[
        (TEXT, "héllo".as_bytes()),
        (BINARY, b""),
        (TEXT, b""),
        (FIRST_TEXT, b"\xe2"),
        (PING, b"one"),
        (CONTINUATION, b"\x82"),
        (CONTINUATION, b""),
        (PONG, b"two"),
        (LAST_CONTINUATION, b"\xac!"),
        (FIRST_BINARY, b""),
        (PING, b""),
        (CONTINUATION, b""),
        (LAST_CONTINUATION, b""),
        (FIRST_BINARY, &long[..100]),
        (LAST_CONTINUATION, &long[100..]),
        (BINARY, &long),
        (FIRST_TEXT, b"abc"),
        (LAST_CONTINUATION, b""),
    ]);
    let told = vec![
        told_text("héllo"),
        told_binary(b""),
        told_text(""),
        Told::Event(Event::Pong, b"two".into()),
        told_text("€!"),
        told_binary(b""),
        told_binary(&long),
        told_binary(&long),
        told_text("abc"),
    ];
    (input, told, S::sent(&[(PONG, b"one"), (PONG, b"")]))
}

fn receives_the_script<S: Side>(
    config: &Config,
    receive_len: usize,
    transmit_len: usize,
    read_len: usize,
    write_len: usize,
) {
    let (input, told, replies) = script::<S>();
    let mut memory = Memory::new(receive_len, transmit_len);
    let mut connection = S::connection(&mut memory, config);
    let mut link = Link::cut(&input, read_len, write_len);
    let case = format!("receive {receive_len} transmit {transmit_len} read {read_len} write {write_len}");
    assert_eq!(joined(listen(&mut connection, &mut link)), told, "{case}");
    assert_eq!(link.take_flushed(), replies, "{case}");
    assert_eq!(connection.state(), WebSocketState::Open);
}

#[test]
fn messages_are_whole_whatever_the_cut() {
    for receive_len in [127, 128, 130, 150, 200, 256, 1000] {
        for read_len in (1..=20).chain([64, 127, 128, 1000]) {
            receives_the_script::<OfServer>(&Config::DEFAULT, receive_len, 64, read_len, 1000);
            receives_the_script::<OfClient>(&Config::DEFAULT, receive_len, 64, read_len, 3);
        }
    }
}

#[test]
fn chunks_go_through_buffers_of_every_size() {
    for receive_len in (1..=20).chain([64, 256]) {
        for transmit_len in (1..=20).chain([64, 256]) {
            receives_the_script::<OfServer>(&CHUNKS, receive_len, transmit_len, 1000, 1000);
            receives_the_script::<OfClient>(&CHUNKS, receive_len, transmit_len, 7, 2);
            receives_the_script::<OfServer>(&CHUNKS, receive_len, transmit_len, 1, 1);
        }
    }
}

/// The bytes come in two pieces, cut at each place.
#[test]
fn the_cut_between_two_reads_may_be_anywhere() {
    fn check<S: Side>(config: &Config) {
        let (input, told, replies) = script::<S>();
        for cut in 0..=input.len() {
            let mut memory = Memory::new(input.len(), 256);
            let mut connection = S::connection(&mut memory, config);
            let mut link = Link::new(&input[..cut]);
            let mut all = listen(&mut connection, &mut link);
            link.input.extend(&input[cut..]);
            all.extend(listen(&mut connection, &mut link));
            assert_eq!(joined(all), told, "{cut}");
            assert_eq!(link.take_flushed(), replies, "{cut}");
        }
    }
    check::<OfServer>(&Config::DEFAULT);
    check::<OfClient>(&Config::DEFAULT);
    check::<OfServer>(&CHUNKS);
    check::<OfClient>(&CHUNKS);
}

/// What was read elsewhere, say together with the HTTP head, comes first; what finds no space is given again.
#[test]
fn bytes_that_were_read_elsewhere_come_first() {
    let (input, told, _) = script::<OfServer>();
    for (receive_len, pushed_len) in [(1, 1), (1, 50), (3, 20), (130, 90), (1000, 400), (1000, 1000)] {
        let config = if receive_len < 127 { &CHUNKS } else { &Config::DEFAULT };
        let mut memory = Memory::new(receive_len, 256);
        let mut connection = memory.server(config);
        let (mut pushed, rest) = input.split_at(pushed_len.min(input.len()));
        let mut link = Link::new(b"");
        let mut all = Vec::new();
        while !pushed.is_empty() {
            let len = connection.push_received(pushed);
            assert!(len > 0);
            pushed = &pushed[len..];
            all.extend(listen(&mut connection, &mut link));
        }
        link.input.extend(rest);
        all.extend(listen(&mut connection, &mut link));
        assert_eq!(joined(all), told, "{receive_len} {pushed_len}");
    }
}

#[test]
fn a_message_may_fill_the_buffer_to_the_last_byte() {
    fn check<S: Side>() {
        for len in (1..=20).chain([64, 125, 126, 256]) {
            let payload = counting(len);
            for read_len in [1, 2, 3, 7, 1000] {
                let (fits, too_long) = (S::from_peer(BINARY, &payload), S::from_peer(BINARY, &counting(len + 1)));
                let mut memory = Memory::new(len, 64);
                let mut connection = S::connection(&mut memory, &Config::DEFAULT);
                let mut link = Link::cut(&[fits.clone(), fits.clone(), too_long.clone()].concat(), read_len, 1000);
                let told = listen(&mut connection, &mut link);
                let too_big = told_violation(Violation::MessageTooBig);
                assert_eq!(told, [told_binary(&payload), told_binary(&payload), too_big], "{len} {read_len}");
                assert_eq!(link.take_flushed(), S::sent(&[(0x88, b"\x03\xf1")]));
            }
        }
    }
    check::<OfServer>();
    check::<OfClient>();
}

/// Its last fragment too; but behind a fragment that is not the last, a byte is needed for the next header.
#[test]
fn fragments_may_fill_the_buffer_to_the_last_byte() {
    for len in 2..=20 {
        for cut in 0..=len {
            let payload = counting(len);
            let input = [
                OfServer::from_peer(FIRST_BINARY, &payload[..cut]),
                OfServer::from_peer(PING, b"between"),
                OfServer::from_peer(LAST_CONTINUATION, &payload[cut..]),
            ]
            .concat();
            for read_len in [1, 2, 5, 1000] {
                let mut memory = Memory::new(len, 16);
                let mut connection = memory.server(&Config::DEFAULT);
                let mut link = Link::cut(&input, read_len, 1000);
                let told = listen(&mut connection, &mut link);
                if cut < len {
                    assert_eq!(told, [told_binary(&payload)], "{len} {cut} {read_len}");
                } else {
                    assert_eq!(told, [told_violation(Violation::MessageTooBig)], "{len} {cut} {read_len}");
                }
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_when_it_is_announced() {
    for (first, second) in [(11, None), (5, Some(6)), (1, Some(10)), (5, Some(1 << 20)), (usize::MAX >> 1, None)] {
        let header = |first: u8, len: usize| {
            let mut header = vec![first, 0x80 | 127];
            match len {
                0..126 => header[1] = 0x80 | len as u8,
                _ => header.extend((len as u64).to_be_bytes()),
            }
            [header, vec![0; 4]].concat()
        };
        // Of the frame that is too long, only the header has arrived.
        let input = match second {
            None => header(BINARY, first),
            Some(second) => [header(FIRST_BINARY, first), vec![7; first], header(LAST_CONTINUATION, second)].concat(),
        };
        let mut memory = Memory::new(10, 64);
        let config = Config {
            limits: ws_core::Limits { message: u64::MAX, frame: u64::MAX, ..ws_core::Limits::DEFAULT },
            ..Config::DEFAULT
        };
        let mut connection = memory.server(&config);
        let mut link = Link::new(&input);
        assert_eq!(
            listen(&mut connection, &mut link),
            [told_violation(Violation::MessageTooBig)],
            "{first} {second:?}"
        );
        assert_eq!(link.take_flushed(), OfServer::sent(&[(0x88, b"\x03\xf1")]));
    }
}

/// A byte is wrong at each place of a text, which comes whole, in fragments or byte by byte.
#[test]
fn a_wrong_byte_in_a_text_fails_the_connection() {
    fn check<S: Side>(config: &Config) {
        let valid = "aé€😀z".as_bytes();
        for at in 0..valid.len() {
            let mut wrong = valid.to_vec();
            wrong[at] = 0xff;
            for (cut, read_len) in [(0, 1), (0, 1000), (3, 1), (3, 1000), (8, 2), (wrong.len(), 4)] {
                let input = S::all_from_peer(&[
                    (TEXT, valid),
                    (FIRST_TEXT, &wrong[..cut]),
                    (PING, b"p"),
                    (LAST_CONTINUATION, &wrong[cut..]),
                    (TEXT, b"never seen"),
                ]);
                let mut memory = Memory::new(200, 64);
                let mut connection = S::connection(&mut memory, config);
                let mut link = Link::cut(&input, read_len, 1000);
                let told = joined(listen(&mut connection, &mut link));
                assert_eq!(
                    told,
                    [told_text("aé€😀z"), told_violation(Violation::TextNotUtf8)],
                    "{at} {cut} {read_len}"
                );
                // The Ping is answered only if it came before the wrong byte.
                let pong: &[(u8, &[u8])] = if at < cut { &[] } else { &[(PONG, b"p")] };
                assert_eq!(link.take_flushed(), S::sent(&[pong, &[(0x88, b"\x03\xef")]].concat()), "{at} {cut}");
            }
        }
    }
    check::<OfServer>(&Config::DEFAULT);
    check::<OfClient>(&Config::DEFAULT);
    check::<OfServer>(&CHUNKS);
    check::<OfClient>(&CHUNKS);
}

/// The end of the message has not arrived, nor even the rest of the character.
#[test]
fn a_text_in_parts_fails_at_the_first_impossible_byte() {
    for (text, impossible_at) in [
        (&b"ab\xffcd"[..], 2),
        (b"\xc0\x80 ", 0),
        (b"\xe0\x9f\xbf ", 1),
        (b"\xed\xa0\x80 ", 1),
        (b"\xf4\x90\x80\x80 ", 1),
        (b"\xe2\x82 ", 2),
    ] {
        for config in [&Config::DEFAULT, &CHUNKS] {
            let input = OfServer::from_peer(TEXT, text);
            let mut memory = Memory::new(64, 64);
            let mut connection = memory.server(config);
            for (at, byte) in input.iter().enumerate() {
                let mut link = Link::new(&[*byte]);
                let failed = listen(&mut connection, &mut link).contains(&told_violation(Violation::TextNotUtf8));
                assert_eq!(failed, at == 6 + impossible_at, "{text:?} {at}");
                if failed {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_text_that_ends_inside_a_character_fails_the_connection() {
    for frames in [&[(TEXT, &b"a\xe2\x82"[..])][..], &[(FIRST_TEXT, b"a\xe2\x82"), (LAST_CONTINUATION, b"")]] {
        for config in [&Config::DEFAULT, &CHUNKS] {
            for read_len in [1, 3, 1000] {
                let mut memory = Memory::new(64, 64);
                let mut connection = memory.server(config);
                let mut link = Link::cut(&OfServer::all_from_peer(frames), read_len, 1000);
                assert_eq!(
                    joined(listen(&mut connection, &mut link)).pop(),
                    Some(told_violation(Violation::TextNotUtf8))
                );
                assert_eq!(link.take_flushed(), OfServer::sent(&[(0x88, b"\x03\xef")]));
            }
        }
    }
}

/// A text that is there as a whole is looked at once, when it is taken; the connection has failed then.
#[test]
fn a_text_that_is_there_as_a_whole_is_judged_when_it_is_taken() {
    let mut memory = Memory::new(64, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(&OfServer::from_peer(TEXT, b"a\xff"));
    assert_eq!(link.drive(&mut connection).unwrap(), Some(Event::Message(MessageKind::Text)));
    assert_eq!(connection.state(), WebSocketState::Open);
    let mut received = connection.received(MessageKind::Text);
    assert_eq!(received.message, Err(Violation::TextNotUtf8));
    let error = link.finish(received.sender.reborrow().send(Message::Text("no"))).unwrap_err();
    assert_eq!(error, Misuse::Failed.into());
    link.finish(received.sender.flush()).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(0x88, b"\x03\xef")]));
}

#[test]
fn chunks_tell_where_they_are_from() {
    let payload = counting(300);
    let input = OfServer::all_from_peer(&[
        (FIRST_BINARY, b""),
        (CONTINUATION, &payload[..200]),
        (PING, b""),
        (CONTINUATION, &payload[200..]),
        (LAST_CONTINUATION, b""),
        (TEXT, b"ab"),
        (TEXT, b""),
    ]);
    for receive_len in (1..=20).chain([64, 300, 1000]) {
        for read_len in [1, 2, 64, 1000] {
            let mut memory = Memory::new(receive_len, 64);
            let mut connection = memory.server(&CHUNKS);
            let mut link = Link::cut(&input, read_len, 1000);
            let (mut taken, mut texts) = (0, Vec::new());
            for told in listen(&mut connection, &mut link) {
                let Told::Event(Event::Chunk(info), bytes) = told else { panic!("{told:?}") };
                if info.kind == MessageKind::Text {
                    texts.push((info, bytes));
                    continue;
                }
                let last = taken == 300;
                let frame_len = if last {
                    0
                } else if taken < 200 {
                    200
                } else {
                    100
                };
                assert_eq!(info, ChunkInfo { kind: MessageKind::Binary, first: taken == 0, last, frame_len });
                assert_eq!(bytes, &payload[taken..taken + bytes.len()]);
                assert!(bytes.len() <= receive_len.min(read_len.max(1)));
                taken += bytes.len();
            }
            assert_eq!(taken, 300);
            assert_eq!(texts.iter().map(|(_, bytes)| bytes.len()).sum::<usize>(), 2);
            let text = |first, last, frame_len| ChunkInfo { kind: MessageKind::Text, first, last, frame_len };
            let infos: Vec<_> = texts.into_iter().map(|(info, _)| info).collect();
            if infos.len() == 2 {
                assert_eq!(infos, [text(true, true, 2), text(true, true, 0)]);
            } else {
                assert_eq!(infos, [text(true, false, 2), text(false, true, 2), text(true, true, 0)]);
            }
        }
    }
}

/// The application chooses for each message, by its kind and announced length.
#[test]
fn announced_messages_are_delivered_as_chosen() {
    let long = counting(5000);
    let input = OfServer::all_from_peer(&[
        (TEXT, b"small"),
        (BINARY, &long),
        (FIRST_TEXT, b"in "),
        (PING, b"x"),
        (LAST_CONTINUATION, b"parts"),
        (BINARY, b""),
        (FIRST_BINARY, &long[..100]),
        (LAST_CONTINUATION, &long[100..]),
    ]);
    for receive_len in [9, 10, 16, 20, 64, 256] {
        for read_len in [1, 2, 3, 7, 1000] {
            let mut memory = Memory::new(receive_len, 64);
            let mut connection = memory.server(&ANNOUNCE);
            let mut link = Link::cut(&input, read_len, 1000);
            let (mut announced, mut all) = (Vec::new(), Vec::new());
            while let Some(told) = listen_once(&mut connection, &mut link) {
                match told {
                    Told::Event(Event::Announced(info), _) => {
                        announced.push(info);
                        // It waits, however often it is asked.
                        assert_eq!(link.drive(&mut connection).unwrap(), Some(Event::Announced(info)));
                        let is_small = info.frame_len < 10;
                        connection.deliver(if is_small { Delivery::Messages } else { Delivery::Chunks });
                    }
                    told => {
                        let ends = !matches!(told, Told::Event(Event::Chunk(ChunkInfo { last: false, .. }), _));
                        all.push(told);
                        if ends {
                            connection.deliver(Delivery::Announce);
                        }
                    }
                }
            }
            let expected =
                [told_text("small"), told_binary(&long), told_text("in parts"), told_binary(b""), told_binary(&long)];
            assert_eq!(joined(all), expected, "{receive_len} {read_len}");
            let info = |kind, frame_len, is_whole| Announced { kind, frame_len, is_whole };
            assert_eq!(
                announced,
                [
                    info(MessageKind::Text, 5, true),
                    info(MessageKind::Binary, 5000, true),
                    info(MessageKind::Text, 3, false),
                    info(MessageKind::Binary, 0, true),
                    info(MessageKind::Binary, 100, false),
                ]
            );
            assert_eq!(link.take_flushed(), OfServer::sent(&[(PONG, b"x")]));
        }
    }
}

/// A message of which a part is there as a message goes on as chunks, from its first byte.
#[test]
fn a_half_received_message_goes_on_as_chunks() {
    let payload = "aé€😀z".repeat(3);
    let payload = payload.as_bytes();
    let input = OfServer::all_from_peer(&[
        (FIRST_TEXT, &payload[..10]),
        (PING, b"x"),
        (CONTINUATION, &payload[10..20]),
        (LAST_CONTINUATION, &payload[20..]),
        (TEXT, b"next"),
    ]);
    for receive_len in [35, 40, 64, 200] {
        for cut in 0..input.len() {
            let mut memory = Memory::new(receive_len, 64);
            let mut connection = memory.server(&Config::DEFAULT);
            let mut link = Link::new(&input[..cut]);
            let mut all = listen(&mut connection, &mut link);
            connection.deliver(Delivery::Chunks);
            link.input.extend(&input[cut..]);
            all.extend(listen(&mut connection, &mut link));
            let text = std::str::from_utf8(payload).unwrap();
            assert_eq!(joined(all), [told_text(text), told_text("next")], "{receive_len} {cut}");
        }
    }
}

/// Chunks that were handed over cannot become part of a whole message; nothing is lost by asking.
#[test]
fn chunks_cannot_go_on_as_a_message() {
    let payload = counting(40);
    let input = OfServer::all_from_peer(&[
        (FIRST_BINARY, &payload[..30]),
        (LAST_CONTINUATION, &payload[30..]),
        (TEXT, b"next"),
    ]);
    for delivery in [Delivery::Messages, Delivery::Announce] {
        let mut memory = Memory::new(16, 64);
        let mut connection = memory.server(&CHUNKS);
        let mut link = Link::new(&input);
        let mut all = Vec::new();
        for _ in 0..2 {
            all.extend(listen_once(&mut connection, &mut link));
            connection.deliver(delivery);
            for _ in 0..3 {
                let error = link.drive(&mut connection).unwrap_err();
                assert_eq!(error, Error::Misuse(Misuse::MessageHalfReceived));
            }
            connection.deliver(Delivery::Chunks);
        }
        all.extend(listen(&mut connection, &mut link));
        assert_eq!(joined(all), [told_binary(&payload), told_text("next")]);
    }
}
