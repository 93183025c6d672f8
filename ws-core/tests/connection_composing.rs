//! Messages that are made in the transmit buffer: composed in place, written in pieces of unknown number, and frames of a
//! known length in pieces.

mod support;

use std::fmt::Write as _;

use support::{
    BINARY, CLOSE, FIRST_BINARY, FIRST_TEXT, LAST_CONTINUATION, PING, PONG, TEXT, counting,
    machine::{Link, Memory, OfClient, OfServer, Side, Told, listen, send},
};
use ws_core::{
    Config, Connection, Error, Event, Full, Message, MessageKind, MessageWriter, Misuse, Role, Sender, WebSocketState,
    frame::CloseCode,
};

/// The bytes of frames, taken apart again: the first byte of each and its payload.
fn frames<S: Side>(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut keys = support::Keys::default();
    while let [first, second, rest @ ..] = bytes {
        let (len, rest) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
            127 => (u64::from_be_bytes(rest[..8].try_into().unwrap()) as usize, &rest[8..]),
            len => (usize::from(len), rest),
        };
        let key = S::key(&mut keys);
        let rest = match key {
            None => rest,
            Some(key) => rest.strip_prefix(&key).expect("the next masking key"),
        };
        assert_eq!(second & 0x80 != 0, key.is_some());
        let (payload, rest) = rest.split_at(len);
        let mask = key.unwrap_or_default();
        frames.push((*first, payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect()));
        bytes = rest;
    }
    assert_eq!(bytes, b"");
    frames
}

/// The payload of the one message that these frames are, and the control frames between.
fn one_message(kind: MessageKind, frames: Vec<(u8, Vec<u8>)>) -> (Vec<u8>, Vec<(u8, Vec<u8>)>) {
    let (control, data): (Vec<_>, Vec<_>) = frames.into_iter().partition(|(first, _)| first & 0x08 != 0);
    let opcode = if kind == MessageKind::Text { 1 } else { 2 };
    for (at, (first, _)) in data.iter().enumerate() {
        let fin = if at + 1 == data.len() { 0x80 } else { 0 };
        assert_eq!(*first, fin | if at == 0 { opcode } else { 0 }, "{at}");
    }
    (data.into_iter().flat_map(|(_, payload)| payload).collect(), control)
}

#[test]
fn a_message_is_composed_in_place_whatever_its_length() {
    fn check<S: Side>(len: usize, transmit_len: usize) {
        let payload = counting(len);
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = S::connection(&mut memory, &Config::DEFAULT);
        let mut link = Link::new(b"");
        for _ in 0..2 {
            link.finish(connection.sender().compose(MessageKind::Binary, |composer| composer.push(&payload))).unwrap();
        }
        assert_eq!(link.writes.len(), 2);
        assert!(link.take_flushed() == S::sent(&[(BINARY, &payload), (BINARY, &payload)]), "{len} {transmit_len}");
    }
    for len in [0, 1, 125, 126, 127, 65535, 65536] {
        for spare in [14, 15, 20, 200, 70_000] {
            check::<OfServer>(len, len + spare);
            check::<OfClient>(len, len + spare);
        }
    }
}

/// Behind messages that were queued there is space again, since they are drained first.
#[test]
fn composing_drains_what_was_queued() {
    for transmit_len in [20, 27, 64, 140, 300] {
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = memory.client(&Config::DEFAULT);
        let mut link = Link::new(b"");
        link.finish(connection.sender().queue(Message::Binary(b"queued"))).unwrap();
        link.finish(connection.sender().compose(MessageKind::Binary, |c| {
            let len = c.space().len();
            assert!(len >= transmit_len - 14, "{len} of {transmit_len}");
            c.push(b"composed")
        }))
        .unwrap();
        assert_eq!(link.take_flushed(), OfClient::sent(&[(BINARY, b"queued"), (BINARY, b"composed")]));
    }
}

#[test]
fn a_message_is_composed_by_writing_and_in_the_space() {
    let mut memory = Memory::new(1, 40);
    let mut connection = memory.client(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let compose = connection.sender().compose(MessageKind::Text, |composer| {
        write!(composer, "{}-é", 1)?;
        composer.push("€".as_bytes())?;
        composer.space()[..2].copy_from_slice(b"ok");
        composer.advance(2);
        Ok(())
    });
    link.finish(compose).unwrap();
    assert_eq!(link.take_flushed(), OfClient::sent(&[(TEXT, "1-é€ok".as_bytes())]));
}

#[test]
fn what_cannot_be_composed_leaves_nothing_behind() {
    let mut memory = Memory::new(1, 20);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let full = connection.sender().compose(MessageKind::Binary, |composer| {
        composer.push(&[1; 18])?;
        assert_eq!(composer.push(&[1]), Err(Full));
        composer.push(b"")?;
        composer.push(&[1; 5])
    });
    assert_eq!(link.finish(full), Err(Error::BufferTooSmall { needed: 21 }));
    let not_text = connection.sender().compose(MessageKind::Text, |composer| composer.push(b"a\xff"));
    assert_eq!(link.finish(not_text), Err(Misuse::TextNotUtf8.into()));
    let half = connection.sender().compose(MessageKind::Text, |composer| composer.push(b"a\xe2\x82"));
    assert_eq!(link.finish(half), Err(Misuse::TextNotUtf8.into()));
    assert_eq!(link.output, b"");
    assert_eq!(connection.sender().unfinished_message(), None);
    assert_eq!(send(&mut connection, Message::Text("ok")).unwrap(), OfServer::sent(&[(TEXT, b"ok")]));
    for transmit_len in 1..7 {
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = memory.client(&Config::DEFAULT);
        let error = Err(Error::BufferTooSmall { needed: 7 });
        assert_eq!(link.finish(connection.sender().compose(MessageKind::Text, |_| Ok(()))), error);
    }
}

/// Once composed, a message leaves, also if the machine is dropped.
#[test]
fn a_composed_message_leaves_although_the_machine_is_dropped() {
    for steps in 1..12 {
        let mut memory = Memory::new(1, 32);
        let mut connection = memory.client(&Config::DEFAULT);
        let mut link = Link::cut(b"", 1, 3);
        link.finish(connection.sender().queue(Message::Text("before"))).unwrap();
        let mut composed = false;
        let compose = connection.sender().compose(MessageKind::Text, |composer| {
            composed = true;
            composer.push(b"composed")
        });
        let _ = link.drive_for(compose, steps).unwrap();
        link.finish(connection.sender().flush()).unwrap();
        let frames: [(u8, &[u8]); 2] = [(TEXT, b"before"), (TEXT, b"composed")];
        assert_eq!(link.take_flushed(), OfClient::sent(&frames[..1 + usize::from(composed)]), "{steps}");
    }
}

/// Puts all of a piece, by as many machines as it takes, each dropped after so many steps.
fn put_all<R: Role>(writer: &mut MessageWriter<'_, '_, R>, link: &mut Link, mut piece: &[u8], steps: usize) {
    while !piece.is_empty() {
        if let Some(taken) = link.drive_for(writer.put(piece), steps).unwrap() {
            let taken = taken.unwrap();
            assert!(taken > 0);
            piece = &piece[taken..];
        }
    }
}

#[test]
fn a_writer_sends_fragments_that_fill_the_buffer() {
    fn check<S: Side>(transmit_len: usize, piece_len: usize, steps: usize, write_len: usize) {
        let payload = counting(300);
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = S::connection(&mut memory, &Config::DEFAULT);
        let mut link = Link::cut(b"", 1, write_len);
        let mut writer = connection.sender().writer(MessageKind::Binary);
        for piece in payload.chunks(piece_len) {
            put_all(&mut writer, &mut link, piece, steps);
        }
        while link.drive_for(writer.finish(), steps).unwrap().is_none() {}
        // What is written after the end is another message.
        put_all(&mut writer, &mut link, b"next", steps);
        while link.drive_for(writer.finish(), steps).unwrap().is_none() {}
        assert_eq!(connection.sender().unfinished_message(), None);
        let mut sent = frames::<S>(&link.take_flushed());
        let next = sent.iter().rposition(|(first, _)| first & 0x0f == 2).unwrap();
        assert_eq!(one_message(MessageKind::Binary, sent.split_off(next)).0, b"next");
        let header_len = if transmit_len > 125 { 4 } else { 2 }
            + if S::key(&mut support::Keys::default()).is_some() { 4 } else { 0 };
        let full = sent.split_last().unwrap().1;
        assert!(full.iter().all(|(_, payload)| payload.len() >= transmit_len - header_len), "{transmit_len} {sent:?}");
        assert_eq!(one_message(MessageKind::Binary, sent).0, payload);
    }
    for transmit_len in (7..=20).chain([64, 125, 126, 127, 128, 131, 132, 133, 400]) {
        for (piece_len, steps, write_len) in [(1, 9, 500), (7, 1, 500), (300, 1, 500), (300, 3, 5), (50, 1, 1)] {
            check::<OfServer>(transmit_len, piece_len, steps, write_len);
            check::<OfClient>(transmit_len, piece_len, steps, write_len);
        }
    }
}

/// Each byte of a text is put alone, and the text is formatted; it leaves as it is.
#[test]
fn a_writer_takes_text_in_any_pieces() {
    let text = "aé€😀".repeat(20);
    for transmit_len in (7..=20).chain([64, 130, 300]) {
        for steps in [1, 2, 50] {
            let mut memory = Memory::new(1, transmit_len);
            let mut connection = memory.client(&Config::DEFAULT);
            let mut link = Link::new(b"");
            let mut writer = connection.sender().writer(MessageKind::Text);
            for byte in text.as_bytes() {
                put_all(&mut writer, &mut link, &[*byte], steps);
            }
            for _ in 0..2 {
                while link
                    .drive_for(writer.format(format_args!("{text}{:>10}{}{:?}", 7, "", text)), steps)
                    .unwrap()
                    .is_none()
                {}
            }
            while link.drive_for(writer.finish(), steps).unwrap().is_none() {}
            let (payload, _) = one_message(MessageKind::Text, frames::<OfClient>(&link.take_flushed()));
            let formatted = format!("{text}{:>10}{:?}", 7, text);
            assert_eq!(std::str::from_utf8(&payload).unwrap(), format!("{text}{formatted}{formatted}"));
        }
    }
}

/// What a writer has taken is not lost with it: another one goes on, or a fragment, or the message is abandoned by Close.
#[test]
fn a_message_goes_on_although_its_writer_was_dropped() {
    fn write<R: Role>(sender: Sender<'_, '_, R>, link: &mut Link, piece: &[u8]) {
        put_all(&mut sender.writer(MessageKind::Text), link, piece, 9);
    }
    for transmit_len in [10, 16, 64] {
        for end in 0..4 {
            let mut memory = Memory::new(64, transmit_len);
            let mut connection = memory.client(&Config::DEFAULT);
            let mut link = Link::new(b"");
            write(connection.sender(), &mut link, "one é".as_bytes());
            assert_eq!(connection.sender().unfinished_message(), Some(MessageKind::Text));
            let refused = link.finish(connection.sender().send(Message::Text("x"))).unwrap_err();
            assert_eq!(refused, Misuse::MessageUnfinished(MessageKind::Text).into());
            link.finish(connection.sender().ping(b"ping")).unwrap();
            write(connection.sender(), &mut link, "two".as_bytes());
            link.input.extend(OfClient::from_peer(PING, b"pong"));
            assert_eq!(listen(&mut connection, &mut link), []);
            let rest = match end {
                0 => {
                    link.finish(connection.sender().writer(MessageKind::Text).finish()).unwrap();
                    ""
                }
                1 => {
                    link.finish(connection.sender().fragment(MessageKind::Text, b"end", true)).unwrap();
                    "end"
                }
                2 => {
                    link.finish(connection.sender().fragment(MessageKind::Text, b"", false)).unwrap();
                    link.finish(connection.sender().resume_fragment(MessageKind::Text, b"end", true)).unwrap();
                    "end"
                }
                _ => {
                    link.finish(connection.sender().close(CloseCode::GOING_AWAY, "")).unwrap();
                    let sent = frames::<OfClient>(&link.take_flushed());
                    assert_eq!(sent.last().unwrap(), &(CLOSE, b"\x03\xe9".to_vec()));
                    continue;
                }
            };
            let (payload, control) = one_message(MessageKind::Text, frames::<OfClient>(&link.take_flushed()));
            assert_eq!(payload, format!("one étwo{rest}").as_bytes(), "{transmit_len} {end}");
            assert_eq!(control, [(PING, b"ping".to_vec()), (PONG, b"pong".to_vec())]);
        }
    }
}

#[test]
fn a_message_of_which_nothing_was_written_is_empty() {
    for transmit_len in [3, 4, 64] {
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        for kind in [MessageKind::Text, MessageKind::Binary] {
            let mut writer = connection.sender().writer(kind);
            assert_eq!(link.finish(writer.put(b"")).unwrap(), 0);
            link.finish(writer.format(format_args!(""))).unwrap();
            link.finish(writer.finish()).unwrap();
        }
        assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, b""), (BINARY, b"")]));
    }
}

/// A piece that is refused begins nothing.
#[test]
fn a_writer_refuses_what_is_no_text() {
    let mut memory = Memory::new(1, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let not_text: Error = Misuse::TextNotUtf8.into();
    link.finish(connection.sender().queue(Message::Text("before"))).unwrap();
    assert_eq!(link.finish(connection.sender().writer(MessageKind::Text).put(b"a\xff")), Err(not_text));
    link.finish(connection.sender().writer(MessageKind::Text).format(format_args!(""))).unwrap();
    assert_eq!(connection.sender().unfinished_message(), None);
    link.finish(connection.sender().compose(MessageKind::Text, |c| c.push(&[b'1'; 60]))).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, b"before"), (TEXT, &[b'1'; 60])]));
    let mut writer = connection.sender().writer(MessageKind::Text);
    assert_eq!(link.finish(writer.put(b"a\xff")), Err(not_text));
    assert_eq!(link.finish(writer.put(b"a\xe2")).unwrap(), 2);
    assert_eq!(link.finish(writer.format(format_args!("x"))), Err(not_text));
    assert_eq!(link.finish(writer.finish()), Err(not_text));
    assert_eq!(link.finish(writer.put(b"\x82\xac")).unwrap(), 2);
    link.finish(writer.finish()).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, "a€".as_bytes())]));
}

/// What was formatted before its machine was dropped belongs to the message that was ended, not to the next one.
#[test]
fn text_behind_a_dropped_format_is_whole() {
    let mut memory = Memory::new(1, 8);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let mut writer = connection.sender().writer(MessageKind::Text);
    assert_eq!(link.drive_for(writer.format(format_args!("0123456789")), 1), Ok(None));
    link.finish(writer.finish()).unwrap();
    link.take_flushed();
    link.finish(writer.format(format_args!("{}", 31))).unwrap();
    link.finish(writer.finish()).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, b"31")]));
}

#[test]
fn a_message_behind_a_dropped_finish_is_ended_too() {
    let mut memory = Memory::new(1, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let mut writer = connection.sender().writer(MessageKind::Text);
    link.finish(writer.put(b"first")).unwrap();
    assert_eq!(link.drive_for(writer.finish(), 1), Ok(None));
    link.finish(writer.put(b"second")).unwrap();
    link.finish(writer.finish()).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, b"first"), (TEXT, b"second")]));
}

/// Writes a little, then fails without a reason of the connection's.
struct Unformattable;

impl std::fmt::Display for Unformattable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("part").and(Err(std::fmt::Error))
    }
}

#[test]
fn a_value_that_cannot_be_formatted_is_an_error() {
    for transmit_len in [8, 9, 64] {
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        let mut writer = connection.sender().writer(MessageKind::Text);
        let error = link.finish(writer.format(format_args!("a {Unformattable} of it"))).unwrap_err();
        assert_eq!(error, Misuse::Unformattable.into(), "{transmit_len}");
        link.finish(writer.finish()).unwrap();
        assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, b"a part")]));
    }
}

/// What is collected is not begun yet, and no message begins after the peer's Close frame.
#[test]
fn what_is_collected_is_dropped_when_the_peer_closes() {
    for manual in [false, true] {
        let config =
            Config { duties: if manual { ws_core::Duties::NONE } else { ws_core::Duties::ALL }, ..Config::DEFAULT };
        let mut memory = Memory::new(16, 64);
        let mut connection = memory.server(&config);
        let mut link = Link::new(&OfServer::from_peer(CLOSE, b"\x03\xe8"));
        put_all(&mut connection.sender().writer(MessageKind::Text), &mut link, b"collected", 9);
        assert_eq!(listen(&mut connection, &mut link), [Told::Event(Event::Closed, vec![])]);
        let error = link.finish(connection.sender().writer(MessageKind::Text).finish()).unwrap_err();
        assert_eq!(error, Misuse::Closing.into());
        if manual {
            link.finish(connection.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap();
        }
        assert_eq!(link.take_flushed(), OfServer::sent(&[(CLOSE, b"\x03\xe8")]));
        assert_eq!(connection.state(), WebSocketState::Closed);
    }
}

/// Puts pieces into a frame, each machine and the writer itself dropped after so many steps.
fn fill_frame<R: Role>(
    connection: &mut Connection<'_, R>,
    link: &mut Link,
    payload: &[u8],
    piece_len: usize,
    steps: usize,
) {
    let mut rest = payload;
    while !rest.is_empty() {
        let mut writer = connection.sender().unfinished_frame().unwrap();
        assert_eq!(writer.remaining(), rest.len() as u64);
        if let Some(taken) = link.drive_for(writer.put(&rest[..piece_len.min(rest.len())]), steps).unwrap() {
            let taken = taken.unwrap();
            assert!(taken > 0);
            rest = &rest[taken..];
        }
    }
}

#[test]
fn a_frame_longer_than_the_buffer_is_sent_in_pieces() {
    fn check<S: Side>(len: usize, transmit_len: usize, piece_len: usize, steps: usize, write_len: usize) {
        let payload = counting(len);
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = S::connection(&mut memory, &Config::DEFAULT);
        let mut link = Link::cut(b"", 1, write_len);
        link.finish(connection.sender().queue(Message::Text("q"))).unwrap();
        assert_eq!(connection.sender().frame(MessageKind::Binary, len as u64).unwrap().remaining(), len as u64);
        fill_frame(&mut connection, &mut link, &payload, piece_len, steps);
        // At its end, with its last byte in the buffer, the frame is whole.
        match connection.sender().unfinished_frame() {
            Some(mut writer) => {
                assert_eq!(len, 0);
                link.finish(writer.finish()).unwrap();
            }
            None => link.finish(connection.sender().flush()).unwrap(),
        }
        let frames: [(u8, &[u8]); 2] = [(TEXT, b"q"), (BINARY, &payload)];
        assert!(link.take_flushed() == S::sent(&frames), "{len} {transmit_len} {piece_len} {steps} {write_len}");
    }
    for len in [0, 1, 125, 126, 127, 65535, 65536] {
        for transmit_len in (1..=20).chain([64, 256]) {
            check::<OfServer>(len, transmit_len, 1000, 9, usize::MAX);
            check::<OfClient>(len, transmit_len, 1000, 1, usize::MAX);
            if len < 200 {
                check::<OfServer>(len, transmit_len, 1, 1, 1);
                check::<OfClient>(len, transmit_len, 7, 2, 3);
            }
        }
    }
}

#[test]
fn a_small_frame_in_pieces_leaves_in_one_write() {
    let mut memory = Memory::new(1, 64);
    let mut connection = memory.client(&Config::DEFAULT);
    let mut link = Link::new(b"");
    let mut writer = connection.sender().frame(MessageKind::Text, 6).unwrap();
    // The last piece is longer than the frame.
    assert_eq!(link.finish(writer.put(b"abc")).unwrap(), 3);
    assert_eq!(link.finish(writer.finish()), Err(Misuse::FrameUnfinished { remaining: 3 }.into()));
    assert_eq!(link.finish(writer.put(b"")).unwrap(), 0);
    assert_eq!(link.finish(writer.put(b"defgh")).unwrap(), 3);
    assert_eq!(link.finish(writer.put(b"gh")).unwrap(), 0);
    link.finish(writer.finish()).unwrap();
    assert_eq!(link.writes.len(), 1);
    assert_eq!(link.take_flushed(), OfClient::sent(&[(TEXT, b"abcdef")]));
}

#[test]
fn the_text_of_a_frame_in_pieces_is_checked() {
    for transmit_len in (1..=10).chain([64]) {
        let mut memory = Memory::new(1, transmit_len);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(b"");
        let text = "é€😀";
        let mut writer = connection.sender().frame(MessageKind::Text, text.len() as u64).unwrap();
        for (at, byte) in text.bytes().enumerate() {
            assert_eq!(link.finish(writer.put(b"\xff")), Err(Misuse::TextNotUtf8.into()), "{transmit_len} {at}");
            assert_eq!(link.finish(writer.put(&[byte])).unwrap(), 1);
        }
        link.finish(writer.finish()).unwrap();
        assert_eq!(link.take_flushed(), OfServer::sent(&[(TEXT, text.as_bytes())]));
        let mut writer = connection.sender().frame(MessageKind::Text, 1).unwrap();
        assert_eq!(link.finish(writer.put(b"\xc3")), Err(Misuse::TextNotUtf8.into()));
    }
    // Also behind a message that was whole when its machine was dropped.
    let mut memory = Memory::new(1, 64);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    assert!(link.drive_for(connection.sender().send(Message::Text("whole")), 1).unwrap().is_none());
    let mut writer = connection.sender().frame(MessageKind::Text, 1).unwrap();
    assert_eq!(link.finish(writer.put(b"\xff")), Err(Misuse::TextNotUtf8.into()));
}

/// What is left of a half-written reply comes first if there is space for it; if not, it is to be flushed.
#[test]
fn a_frame_in_pieces_begins_behind_a_half_written_pong() {
    for steps in 2..=4 {
        let mut memory = Memory::new(64, 3);
        let mut connection = memory.server(&Config::DEFAULT);
        let mut link = Link::new(&OfServer::from_peer(PING, b"payload"));
        assert!(link.drive_for(&mut connection, steps).unwrap().is_none());
        let written = link.output.len();
        assert_eq!(written, 3 * (steps - 1));
        if written < 6 {
            let error = connection.sender().frame(MessageKind::Binary, 1).unwrap_err();
            assert!(matches!(error, Error::Misuse(Misuse::FrameUnfinished { .. })), "{error:?}");
            link.finish(connection.sender().flush()).unwrap();
        }
        let mut writer = connection.sender().frame(MessageKind::Binary, 1).unwrap();
        assert_eq!(link.finish(writer.put(b"x")).unwrap(), 1);
        link.finish(writer.finish()).unwrap();
        assert_eq!(link.take_flushed(), OfServer::sent(&[(PONG, b"payload"), (BINARY, b"x")]), "{steps}");
    }
}

/// The rest of a message whose machine was dropped may be given in pieces, though it was cut inside a character.
#[test]
fn a_half_sent_message_goes_on_as_a_frame() {
    let text = "é€😀".repeat(6);
    for transmit_len in 1..=40 {
        for fragment in [false, true] {
            let mut memory = Memory::new(1, transmit_len);
            let mut connection = memory.client(&Config::DEFAULT);
            let mut link = Link::new(b"");
            let begun = if fragment {
                link.drive_for(connection.sender().fragment(MessageKind::Text, text.as_bytes(), true), 1)
            } else {
                link.drive_for(connection.sender().send(Message::Text(&text)), 1)
            };
            assert!(begun.unwrap().is_none());
            let mut writer = connection.sender().unfinished_frame().unwrap();
            let rest = &text.as_bytes()[text.len() - writer.remaining() as usize..];
            let mut put = 0;
            while put < rest.len() {
                put += link.finish(writer.put(&rest[put..])).unwrap();
            }
            link.finish(writer.finish()).unwrap();
            // The next message is another one.
            link.finish(connection.sender().resume(Message::Text("next"))).unwrap();
            let frames: [(u8, &[u8]); 2] = [(TEXT, text.as_bytes()), (TEXT, b"next")];
            assert_eq!(link.take_flushed(), OfClient::sent(&frames), "{transmit_len}");
        }
    }
}

/// Writers and fragments of one message, of either kind, in one stream that the peer reads.
#[test]
fn ways_to_send_a_message_mix_within_it() {
    let mut memory = Memory::new(1, 24);
    let mut connection = memory.server(&Config::DEFAULT);
    let mut link = Link::new(b"");
    link.finish(connection.sender().fragment(MessageKind::Binary, b"a", false)).unwrap();
    put_all(&mut connection.sender().writer(MessageKind::Binary), &mut link, b"bc", 9);
    link.finish(connection.sender().fragment(MessageKind::Binary, b"d", false)).unwrap();
    put_all(&mut connection.sender().writer(MessageKind::Binary), &mut link, b"e", 9);
    link.finish(connection.sender().writer(MessageKind::Binary).finish()).unwrap();
    let frames: [(u8, &[u8]); 4] = [(FIRST_BINARY, b"a"), (0, b"bc"), (0, b"d"), (LAST_CONTINUATION, b"e")];
    assert_eq!(link.take_flushed(), OfServer::sent(&frames));
    // An empty writer does not leave an empty fragment behind.
    link.finish(connection.sender().fragment(MessageKind::Text, b"a", false)).unwrap();
    link.finish(connection.sender().writer(MessageKind::Text).format(format_args!(""))).unwrap();
    link.finish(connection.sender().fragment(MessageKind::Text, b"b", true)).unwrap();
    assert_eq!(link.take_flushed(), OfServer::sent(&[(FIRST_TEXT, b"a"), (LAST_CONTINUATION, b"b")]));
}
