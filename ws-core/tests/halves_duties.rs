//! What a split connection owes its peer: what one half receives, the other answers, whoever has the next turn.

mod support {
    pub(crate) mod fake_link;
    pub(crate) mod random;
}

use support::fake_link::{DEFAULT, Link, Memory, Stepped};
use support::random::Random;
use ws_core::frame::{CloseCode, ClosePayload};
use ws_core::{
    Client, Config, Connection, Delivery, Duties, Error, Event, Machine, MaskingKeyFn, Message, MessageKind, Misuse,
    ReceiveHalf, ReplySlot, Server, TransmitHalf, Violation, WebSocketState,
};

type Receiving<'m> = ReceiveHalf<'m, 'm, Server>;
type Transmitting<'m> = TransmitHalf<'m, 'm, Server>;

/// Runs a test on the halves of a server with buffers of these sizes.
fn halves<T>(
    (receive, transmit): (usize, usize),
    config: &Config,
    test: impl FnOnce(Receiving<'_>, Transmitting<'_>) -> T,
) -> T {
    let (mut memory, slot) = (Memory::new(receive, transmit), ReplySlot::new());
    let (receiving, transmitting) = Connection::server(memory.buffers(), config).split(&slot);
    test(receiving, transmitting)
}

/// A frame as a client sends it, under a key of zeros, which leaves the payload as it is.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    assert!(len < 126);
    [&[first, 0x80 | len, 0, 0, 0, 0], payload].concat()
}

fn flush(transmitting: &mut Transmitting<'_>) -> Vec<u8> {
    let mut link = Link::new(b"");
    assert_eq!(link.drive(transmitting.flush()), Ok(Some(())));
    link.outgoing
}

#[test]
fn a_pong_leaves_through_the_other_half_however_the_ping_is_cut() {
    for longest in 1..=12 {
        for transmit in [1, 2, 3, 7, 8, 64] {
            halves((1, transmit), &DEFAULT, |mut receiving, mut transmitting| {
                let mut link = Link::new(&[masked(0x89, b"hello"), masked(0x89, b"")].concat());
                (link.longest_read, link.longest_write) = (longest, longest);
                assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
                assert_eq!(link.drive(transmitting.flush()), Ok(Some(())));
                assert_eq!((link.take(), link.flushes), (b"\x8a\x05hello".to_vec(), 1));
                assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
                assert_eq!(link.drive(transmitting.flush()), Ok(Some(())));
                assert_eq!(link.take(), b"\x8a\x00");
                assert_eq!(link.drive(transmitting.flush()), Ok(Some(())));
                assert_eq!((link.take(), link.flushes), (b"".to_vec(), 2), "each is answered once");
            });
        }
    }
}

#[test]
fn a_reply_goes_before_what_is_sent_next() {
    halves((64, 64), &DEFAULT, |mut receiving, mut transmitting| {
        let mut link = Link::new(&masked(0x89, b"a"));
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
        link.drive(transmitting.sender().send(Message::Text("b"))).unwrap().unwrap();
        assert_eq!((link.take(), link.writes), (b"\x8a\x01a\x81\x01b".to_vec(), 1));
    });
}

/// RFC 6455, section 5.5.3: "the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame."
/// Also if what was queued leaves no space for the reply: it is written first, so that a sender without a pause cannot
/// keep a reply back.
#[test]
fn a_reply_goes_before_what_is_sent_next_however_full_the_buffer_is() {
    for transmit in 1..=24 {
        halves((64, transmit), &DEFAULT, |mut receiving, mut transmitting| {
            let mut link = Link::new(&[masked(0x89, b"hi"), masked(0x80, b"")].concat());
            link.drive(transmitting.sender().queue(Message::Text("queued"))).unwrap().unwrap();
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
            link.drive(transmitting.sender().queue(Message::Text("next"))).unwrap().unwrap();
            assert_eq!(link.drive(&mut receiving), Err(Violation::UnexpectedContinuation.into()));
            let sent = link.drive(transmitting.sender().queue(Message::Text("too late")));
            assert_eq!(sent, Err(Misuse::Closing.into()), "{transmit}");
            assert_eq!(link.drive(transmitting.flush()), Ok(Some(())));
            let expected = b"\x81\x06queued\x8a\x02hi\x81\x04next\x88\x02\x03\xea";
            assert_eq!(link.take(), expected, "{transmit}");
        });
    }
}

#[test]
fn the_latest_of_many_pings_is_answered() {
    halves((64, 64), &DEFAULT, |mut receiving, mut transmitting| {
        let pings: Vec<_> =
            (0..200_u8).flat_map(|number| masked(0x89, &vec![number; usize::from(number) % 100])).collect();
        let mut link = Link::new(&pings);
        for _ in 0..200 {
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
        }
        assert_eq!(flush(&mut transmitting), [&[0x8a, 99][..], &[199; 99]].concat());
        assert_eq!(flush(&mut transmitting), b"");
    });
}

#[test]
fn a_reply_that_comes_while_another_is_half_sent_leaves_with_the_same_flush() {
    for transmit in 1..=6 {
        halves((64, transmit), &DEFAULT, |mut receiving, mut transmitting| {
            let mut link =
                Link::new(&[masked(0x89, b"first"), masked(0x89, b"second"), masked(0x88, b"\x03\xe8")].concat());
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
            assert_eq!(link.drive_for(1, transmitting.flush()), Ok(None), "left half-way");
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Closed)));
            // No further event will ask for another one.
            assert_eq!(link.drive(transmitting.flush()), Ok(Some(())));
            assert_eq!(link.take(), b"\x8a\x05first\x88\x02\x03\xe8");
            assert_eq!(transmitting.state(), WebSocketState::Closed);
        });
    }
}

#[test]
fn a_reply_waits_for_the_end_of_a_half_sent_frame() {
    for (reply, expected) in [(masked(0x89, b"p"), &b"\x8a\x01p"[..]), (masked(0x88, b"\x03\xe8"), b"\x88\x02\x03\xe8")]
    {
        halves((64, 64), &DEFAULT, |mut receiving, mut transmitting| {
            let mut link = Link::new(&reply);
            let mut writer = transmitting.sender().frame(MessageKind::Binary, 4).unwrap();
            assert_eq!(link.drive(writer.put(b"ab")), Ok(Some(2)));
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
            assert_eq!(flush(&mut transmitting), b"\x82\x04ab");
            let mut writer = transmitting.sender().unfinished_frame().unwrap();
            assert_eq!(link.drive(writer.put(b"cd")), Ok(Some(2)));
            assert_eq!(link.drive(writer.finish()), Ok(Some(())));
            assert_eq!(link.take(), b"cd");
            assert_eq!(flush(&mut transmitting), expected);
        });
    }
}

#[test]
fn a_close_frame_is_answered_with_its_code_and_can_be_looked_at() {
    let payloads: [&[u8]; 3] = [b"", b"\x03\xe8", b"\x03\xe9going away"];
    for payload in payloads {
        for longest in 1..=20 {
            halves((1, 1), &DEFAULT, |mut receiving, mut transmitting| {
                let mut link = Link::new(&[masked(0x88, payload), masked(0x89, b"too late")].concat());
                link.longest_read = longest;
                assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
                assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Closed)));
                assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Closed)), "and once more");
                assert_eq!(receiving.peer_close(), ClosePayload::parse(payload).unwrap());
                assert_eq!(flush(&mut transmitting), [&[0x88, payload.len() as u8], payload].concat());
                assert_eq!(transmitting.state(), WebSocketState::Closed);
                let refused = link.drive(transmitting.sender().send(Message::Text("too late")));
                assert_eq!(refused, Err(Misuse::Closing.into()));
            });
        }
    }
}

#[test]
fn a_violation_is_told_by_the_other_half() {
    let cases: [(&[u8], Violation, u16); 4] = [
        (b"\x81\x00", Violation::NotMasked, 1002),
        (&masked(0x80, b""), Violation::UnexpectedContinuation, 1002),
        (&masked(0x01, b"\xff"), Violation::TextNotUtf8, 1007),
        (&masked(0x82, &[0; 100]), Violation::MessageTooBig, 1009),
    ];
    for (bytes, violation, code) in cases {
        for longest in [1, 2, 64] {
            halves((64, 64), &DEFAULT, |mut receiving, mut transmitting| {
                let mut link = Link::new(&[&masked(0x89, b"dropped"), bytes].concat());
                link.longest_read = longest;
                assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
                assert_eq!(link.drive(&mut receiving), Err(violation.into()));
                assert_eq!(flush(&mut transmitting), [&[0x88, 2], &code.to_be_bytes()[..]].concat());
                assert_eq!(link.drive(&mut receiving), Err(violation.into()), "the same again");
                assert_eq!(flush(&mut transmitting), b"", "told once");
                let refused = link.drive(transmitting.sender().send(Message::Text("more")));
                assert_eq!(refused, Err(Misuse::Closing.into()));
            });
        }
    }
}

#[test]
fn a_whole_text_that_is_none_fails_the_connection_when_it_is_looked_at() {
    halves((64, 64), &DEFAULT, |mut receiving, mut transmitting| {
        let mut link = Link::new(&masked(0x81, b"a\xffb"));
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Message(MessageKind::Text))));
        assert_eq!(receiving.received(MessageKind::Text), Err(Violation::TextNotUtf8));
        assert_eq!(flush(&mut transmitting), b"\x88\x02\x03\xef");
        assert_eq!(link.drive(&mut receiving), Err(Violation::TextNotUtf8.into()));
    });
}

#[test]
fn after_our_close_messages_are_dropped_and_pings_are_answered() {
    for receive in [4, 5, 64] {
        halves((receive, 64), &DEFAULT, |mut receiving, mut transmitting| {
            // A message that is begun before and ended after it; with 4 bytes its beginning fills the buffer.
            let mut link = Link::new(&masked(0x02, b"abcd"));
            assert_eq!(
                link.drive(&mut receiving),
                if receive == 4 { Err(Violation::MessageTooBig.into()) } else { Ok(None) }
            );
            if receive == 4 {
                return;
            }
            assert_eq!(link.drive(transmitting.sender().close(CloseCode::NORMAL_CLOSURE, "bye")), Ok(Some(())));
            assert_eq!(link.take(), b"\x88\x05\x03\xe8bye");
            transmitting.synchronize();
            for frame in [masked(0x80, b"efgh"), masked(0x81, &[b'x'; 100]), masked(0x89, b"ping")] {
                link.incoming.extend(frame);
            }
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
            assert_eq!(flush(&mut transmitting), b"\x8a\x04ping");
            link.incoming.extend(masked(0x88, b"\x03\xe8"));
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Closed)));
            assert_eq!(receiving.peer_close().unwrap().code, CloseCode::NORMAL_CLOSURE);
            assert_eq!(flush(&mut transmitting), b"", "there is never a second Close frame");
        });
    }
}

/// What was received of a message that is not wanted any more takes no space from what is.
#[test]
fn a_full_receive_buffer_is_free_again_after_our_close() {
    for half in 0..=4 {
        halves((4, 64), &DEFAULT, |mut receiving, mut transmitting| {
            let mut link = Link::new(&[&masked(0x02, &b"abc"[..3])[..], &masked(0x80, b"d")[..half]].concat());
            assert_eq!(link.drive(&mut receiving), Ok(None));
            link.drive(transmitting.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
            transmitting.synchronize();
            link.incoming.extend(&masked(0x80, b"d")[half..]);
            link.incoming.extend(masked(0x88, b"\x03\xe8"));
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Closed)));
        });
    }
}

#[test]
fn two_close_frames_that_cross_are_one_closing_handshake() {
    for fetched_before in [false, true] {
        halves((64, 64), &DEFAULT, |mut receiving, mut transmitting| {
            let mut link = Link::new(&masked(0x88, b"\x03\xe9"));
            if !fetched_before {
                link.drive(transmitting.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
            }
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
            assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Closed)));
            let sent = link.drive(transmitting.sender().close(CloseCode::NORMAL_CLOSURE, ""));
            assert_eq!(sent, Err(Misuse::Closing.into()), "ours is sent, or the answer goes first");
            link.drive(transmitting.flush()).unwrap().unwrap();
            let expected = if fetched_before { b"\x88\x02\x03\xe9" } else { b"\x88\x02\x03\xe8" };
            assert_eq!(link.take(), expected);
            assert_eq!(transmitting.state(), WebSocketState::Closed);
        });
    }
}

#[test]
fn duties_that_are_switched_off_are_the_applications() {
    let config = Config { duties: Duties::NONE, ..DEFAULT };
    halves((64, 64), &config, |mut receiving, mut transmitting| {
        let mut link = Link::new(&[masked(0x89, b"hi"), masked(0x88, b"\x03\xe8bye")].concat());
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Ping)));
        assert_eq!(receiving.control_payload(), b"hi");
        assert_eq!(flush(&mut transmitting), b"");
        assert_eq!(link.drive(transmitting.sender().pong()), Err(Misuse::NoPingToAnswer.into()), "not this half's");
        assert_eq!(receiving.answer_ping(), Ok(()));
        assert_eq!(receiving.answer_ping(), Err(Misuse::NoPingToAnswer));
        assert_eq!(flush(&mut transmitting), b"\x8a\x02hi");
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Closed)));
        assert_eq!(receiving.peer_close().unwrap().reason, "bye");
        assert_eq!(flush(&mut transmitting), b"");
        link.drive(transmitting.sender().close(CloseCode::GOING_AWAY, "")).unwrap().unwrap();
        assert_eq!(link.take(), b"\x88\x02\x03\xe9");
    });
    halves((64, 64), &config, |mut receiving, mut transmitting| {
        let mut link = Link::new(&masked(0x80, b""));
        assert_eq!(link.drive(&mut receiving), Err(Violation::UnexpectedContinuation.into()));
        assert_eq!(flush(&mut transmitting), b"");
        link.drive(transmitting.sender().close(CloseCode::PROTOCOL_ERROR, "")).unwrap().unwrap();
        assert_eq!(link.take(), b"\x88\x02\x03\xea");
    });
}

/// The slot has one place: an answer that comes late does not push the Close frame out of it.
#[test]
fn a_late_answer_to_a_ping_does_not_replace_the_close_frame_of_a_violation() {
    let config = Config { duties: Duties { pong: false, ..Duties::ALL }, ..DEFAULT };
    halves((64, 64), &config, |mut receiving, mut transmitting| {
        let mut link = Link::new(&[masked(0x89, b"hi"), masked(0x80, b"")].concat());
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Ping)));
        assert_eq!(link.drive(&mut receiving), Err(Violation::UnexpectedContinuation.into()));
        assert_eq!(receiving.answer_ping(), Err(Misuse::Failed));
        assert_eq!(flush(&mut transmitting), b"\x88\x02\x03\xea");
    });
}

#[test]
fn the_end_of_the_stream_is_told_clean_or_not() {
    for (bytes, clean) in
        [(masked(0x82, b"ab"), true), (masked(0x02, b"ab"), false), (masked(0x82, b"ab")[..3].to_vec(), false)]
    {
        halves((64, 64), &DEFAULT, |mut receiving, _| {
            let mut link = Link::ended(&bytes);
            let ended = loop {
                match link.drive(&mut receiving) {
                    Ok(event) => assert!(matches!(event, Some(Event::Message(_)))),
                    Err(error) => break error,
                }
            };
            assert_eq!(ended, Error::TransportEnded { clean });
        });
    }
}

/// A Ping may be half received when the connection is split, and its Pong half sent.
#[test]
fn splitting_loses_nothing_wherever_the_bytes_are_cut() {
    let ping = masked(0x89, b"hello");
    let bytes =
        [&ping[..], &masked(0x02, b"ab"), &masked(0x89, b"other"), &masked(0x80, b"cd"), &masked(0x88, b"\x03\xe8bye")];
    let bytes = bytes.concat();
    for cut in 0..=bytes.len() {
        for (receive, transmit) in [(5, 1), (5, 3), (64, 64)] {
            for steps_before in [0, 1, 2, 100] {
                let (mut memory, slot) = (Memory::new(receive, transmit), ReplySlot::new());
                let mut connection = Connection::server(memory.buffers(), &DEFAULT);
                let mut link = Link::new(&bytes[..cut]);
                link.longest_read = 1;
                let mut messages = 0;
                for _ in 0..steps_before {
                    match link.drive_for(1, &mut connection).unwrap() {
                        // What was handed over is to be looked at before the connection is split.
                        Some(Event::Message(kind)) => {
                            assert_eq!(connection.received(kind).message, Ok(Message::Binary(b"abcd")));
                            messages += 1;
                        }
                        Some(Event::Closed) | None => {}
                        Some(event) => panic!("{event:?}"),
                    }
                }
                let (mut receiving, mut transmitting) = connection.split(&slot);
                link.incoming.extend(&bytes[cut..]);
                link.longest_read = usize::MAX;
                loop {
                    match link.drive(&mut receiving).unwrap().unwrap() {
                        Event::ReplyDue => assert_eq!(link.drive(transmitting.flush()), Ok(Some(()))),
                        Event::Message(kind) => {
                            assert_eq!(receiving.received(kind), Ok(Message::Binary(b"abcd")));
                            messages += 1;
                        }
                        Event::Closed => break,
                        event => panic!("{event:?}"),
                    }
                }
                assert_eq!(receiving.peer_close().unwrap().reason, "bye");
                assert_eq!(link.drive(transmitting.flush()), Ok(Some(())));
                let expected = b"\x8a\x05hello\x8a\x05other\x88\x05\x03\xe8bye";
                assert_eq!(link.take(), expected, "{cut} {receive} {transmit} {steps_before}");
                assert_eq!(messages, 1);
            }
        }
    }
}

#[test]
fn a_slot_serves_one_connection_after_another() {
    let slot = ReplySlot::new();
    for round in 0..3 {
        let mut memory = Memory::new(64, 64);
        let (mut receiving, mut transmitting) = Connection::server(memory.buffers(), &DEFAULT).split(&slot);
        let mut link = Link::new(b"");
        link.drive(transmitting.flush()).unwrap().unwrap();
        assert_eq!(link.take(), b"", "the last connection's reply is not this one's");
        link.incoming.extend(masked(0x82, b"x"));
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Message(MessageKind::Binary))), "nothing is closed");
        link.incoming.extend(masked(0x89, &[round]));
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::ReplyDue)));
        if round == 1 {
            link.drive(transmitting.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
            transmitting.synchronize();
        }
        link.incoming.extend(masked(0x88, b""));
        while link.drive(&mut receiving) != Ok(Some(Event::Closed)) {}
    }
}

#[test]
fn chunks_and_the_choice_between_deliveries_are_there_too() {
    let config = Config { delivery: Delivery::Announce, ..DEFAULT };
    halves((2, 1), &config, |mut receiving, _| {
        let mut link = Link::new(&[masked(0x82, b"abcdef"), masked(0x81, b"hi")].concat());
        let Ok(Some(Event::Announced(announced))) = link.drive(&mut receiving) else { panic!() };
        assert_eq!((announced.kind, announced.frame_len, announced.is_whole), (MessageKind::Binary, 6, true));
        receiving.deliver(Delivery::Chunks);
        let mut received = Vec::<u8>::new();
        loop {
            let Ok(Some(Event::Chunk(chunk))) = link.drive(&mut receiving) else { panic!() };
            assert_eq!((chunk.first, chunk.frame_len), (received.is_empty(), 6));
            received.extend(receiving.chunk());
            if chunk.last {
                break;
            }
        }
        assert_eq!(received, b"abcdef");
        receiving.deliver(Delivery::Messages);
        assert_eq!(link.drive(&mut receiving), Ok(Some(Event::Message(MessageKind::Text))));
        assert_eq!(receiving.received(MessageKind::Text), Ok(Message::Text("hi")));
    });
}

type ClientHalves<'m, F> =
    (ReceiveHalf<'m, 'm, Client<MaskingKeyFn<F>>>, TransmitHalf<'m, 'm, Client<MaskingKeyFn<F>>>);

/// Moves what one side has written to where the other reads.
fn carry(from: &mut Link, to: &mut Link) {
    to.incoming.extend(from.take());
}

/// Every order in which four halves can take their steps, drawn from numbers, with links of one byte to a few.
#[test]
fn four_halves_by_turns_in_any_order_lose_nothing() {
    for seed in 0..300_u64 {
        let mut random = Random::new(seed);
        let sizes = [(5, 1), (6, 7), (40, 64)][seed as usize % 3];
        let (mut memory, slot) = (Memory::new(sizes.0, sizes.1), ReplySlot::new());
        let (mut peer_memory, peer_slot) = (Memory::new(sizes.0, sizes.1), ReplySlot::new());
        let (receiving, transmitting) = Connection::server(memory.buffers(), &DEFAULT).split(&slot);
        let mut key = 0_u32;
        let keys = MaskingKeyFn(move || {
            key = key.wrapping_add(0x9e37_79b9);
            key.to_be_bytes()
        });
        let client: ClientHalves<'_, _> = Connection::client(keys, peer_memory.buffers(), &DEFAULT).split(&peer_slot);
        let mut server = Side::new(receiving, transmitting);
        let mut client = Side::new(client.0, client.1);
        while !(server.is_done() && client.is_done()) {
            for link in [&mut server.link, &mut client.link] {
                (link.longest_read, link.longest_write) = (1 + random.below(9), 1 + random.below(9));
            }
            match random.below(4) {
                0 => server.receive(1 + random.below(5)),
                1 => server.transmit(1 + random.below(5)),
                2 => client.receive(1 + random.below(5)),
                _ => client.transmit(1 + random.below(5)),
            }
            carry(&mut server.link, &mut client.link);
            carry(&mut client.link, &mut server.link);
        }
        for side in [&server.received, &client.received] {
            assert_eq!(side, &MESSAGES, "{seed}");
        }
        // Of many Pings the latest is answered, so that Pongs may be fewer but never more or others.
        for (pongs, sent) in [(&server.pongs, server.pings), (&client.pongs, client.pings)] {
            assert!(pongs.iter().is_sorted() && pongs.iter().all(|number| *number < sent), "{seed}: {pongs:?}");
        }
    }
}

const MESSAGES: [&str; 6] = ["a", "", "bcdef", "gh", "", "ij€"];

/// One endpoint, whose halves do not know what the other does.
struct Side<'m, R> {
    receiving: ReceiveHalf<'m, 'm, R>,
    transmitting: TransmitHalf<'m, 'm, R>,
    link: Link,
    received: Vec<String>,
    pongs: Vec<u8>,
    pings: u8,
    sent: usize,
    reply_due: bool,
    closed: bool,
}

impl<'m, R: ws_core::Role> Side<'m, R> {
    fn new(receiving: ReceiveHalf<'m, 'm, R>, transmitting: TransmitHalf<'m, 'm, R>) -> Self {
        let (received, pongs, link) = (Vec::new(), Vec::new(), Link::new(b""));
        Self { receiving, transmitting, link, received, pongs, pings: 0, sent: 0, reply_due: false, closed: false }
    }

    fn is_done(&self) -> bool {
        self.received.len() == MESSAGES.len()
            && self.sent == MESSAGES.len()
            && !self.reply_due
            && self.link.incoming.is_empty()
    }

    fn receive(&mut self, steps: usize) {
        match self.link.drive_for(steps, &mut self.receiving).unwrap() {
            Some(Event::ReplyDue) => self.reply_due = true,
            Some(Event::Pong) => self.pongs.push(self.receiving.control_payload()[0]),
            Some(Event::Message(kind)) => {
                let Ok(Message::Text(text)) = self.receiving.received(kind) else { panic!() };
                self.received.push(text.into());
            }
            Some(Event::Closed) => self.closed = true,
            Some(event) => panic!("{event:?}"),
            None => {}
        }
    }

    /// Before each message goes a Ping.
    fn transmit(&mut self, steps: usize) {
        if self.reply_due {
            self.reply_due = self.link.drive_for(steps, self.transmitting.flush()).unwrap().is_none();
        } else if usize::from(self.pings) <= self.sent && self.sent < MESSAGES.len() {
            // A Ping whose machine is dropped leaves with what is sent next: a message that is not begun lets it out.
            self.pings += 1;
            let ping = [self.pings - 1];
            self.link.drive(self.transmitting.sender().ping(&ping)).unwrap();
        } else if let Some(text) = MESSAGES.get(self.sent) {
            let sending = self.transmitting.sender().resume(Message::Text(text));
            if self.link.drive_for(steps, sending).unwrap().is_some() {
                self.sent += 1;
            }
        }
    }
}

#[test]
fn a_half_that_is_polled_again_says_the_same() {
    halves((64, 64), &DEFAULT, |mut receiving, mut transmitting| {
        assert!(matches!(Link::new(b"").step(&mut receiving), Ok(Stepped::Starved)));
        assert!(matches!(Link::new(b"").step(&mut receiving), Ok(Stepped::Starved)));
        let mut link = Link::new(&masked(0x89, b"a"));
        link.drive(&mut receiving).unwrap().unwrap();
        for _ in 0..2 {
            assert!(matches!(transmitting.flush().poll(), Ok(ws_core::Step::Write(b"\x8a\x01a"))));
        }
    });
}
