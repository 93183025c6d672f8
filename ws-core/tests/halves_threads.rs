//! The halves of a connection in two threads that do not wait for each other: no reply is torn, none is older than one that
//! was sent before, and the last one is always sent.

mod support {
    pub(crate) mod fake_link;
}

use std::sync::atomic::{AtomicBool, Ordering};

use support::fake_link::{DEFAULT, Link, Memory};
use ws_core::frame::CloseCode;
use ws_core::{
    Connection, Event, Machine, MessageKind, Misuse, ReceiveHalf, ReplySlot, Server, Step, TransmitHalf, WebSocketState,
};

const PINGS: u32 = 100_000;

/// The number again and again, as many bytes as it says itself: where another number is mixed in, it shows. Short, so that
/// it is put in faster than fetched: one copy that follows another at the same speed never meets it.
fn payload(number: u32) -> Vec<u8> {
    let len = 4 + number as usize % 9;
    number.to_be_bytes().into_iter().cycle().take(len).collect()
}

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0], payload].concat()
}

/// Sends what there is to send until the other thread is done, and then once more; returns what was written.
fn transmit(mut half: TransmitHalf<'_, '_, Server>, is_done: &AtomicBool) -> Vec<u8> {
    let mut link = Link::new(b"");
    loop {
        let is_last = is_done.load(Ordering::Acquire);
        link.drive(half.flush()).unwrap().unwrap();
        if is_last {
            assert_eq!(half.state(), WebSocketState::Closed);
            return link.outgoing;
        }
        std::hint::spin_loop();
    }
}

/// Takes Pings one after another, and at last a Close frame. All of them were read before, so that they follow each other as
/// fast as can be: the other thread finds the slot being changed more often than not.
fn receive(mut half: ReceiveHalf<'_, '_, Server>) {
    for _ in 1..=PINGS + 1 {
        assert!(matches!(half.poll(), Ok(Step::Ready(Event::ReplyDue))));
    }
    assert!(matches!(half.poll(), Ok(Step::Ready(Event::Closed))));
}

/// Two connections one after the other on the same slot, with a transmit buffer that holds a Pong and one that does not.
#[test]
fn no_reply_is_torn_lost_at_the_end_or_sent_twice() {
    let slot = ReplySlot::new();
    let mut bytes: Vec<_> = (1..=PINGS).flat_map(|number| masked(0x89, &payload(number))).collect();
    bytes.extend(masked(0x88, b"\x03\xe8bye"));
    for transmit_len in [256, 16] {
        let mut memory = Memory::new(bytes.len(), transmit_len);
        let (mut receiving, transmitting) = Connection::server(memory.buffers(), &DEFAULT).split(&slot);
        assert_eq!(receiving.push_received(&bytes), bytes.len());
        let is_done = AtomicBool::new(false);
        let written = std::thread::scope(|threads| {
            let transmitter = threads.spawn(|| transmit(transmitting, &is_done));
            receive(receiving);
            is_done.store(true, Ordering::Release);
            transmitter.join().unwrap()
        });
        let pongs = written.strip_suffix(b"\x88\x05\x03\xe8bye").expect("the Close frame is answered at last");
        let (mut rest, mut last) = (pongs, 0);
        while let [0x8a, len, behind @ ..] = rest {
            let (pong, behind) = behind.split_at(usize::from(*len));
            let number = u32::from_be_bytes(*pong.first_chunk().unwrap());
            assert_eq!(pong, payload(number), "torn");
            assert!(last < number && number <= PINGS, "{number} after {last}");
            (last, rest) = (number, behind);
        }
        assert!(rest.is_empty());
    }
}

/// Our Close frame is seen by the other half at some time: no message is handed over after it was, and none before is lost.
#[test]
fn our_close_frame_is_seen_by_the_other_thread() {
    for _ in 0..100 {
        let (slot, mut memory) = (ReplySlot::new(), Memory::new(64, 64));
        let (mut receiving, mut transmitting) = Connection::server(memory.buffers(), &DEFAULT).split(&slot);
        let is_closed = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                let mut link = Link::new(b"");
                link.drive(transmitting.sender().close(CloseCode::NORMAL_CLOSURE, "")).unwrap().unwrap();
                transmitting.synchronize();
                is_closed.store(true, Ordering::Release);
                assert_eq!(link.drive(transmitting.sender().ping(b"")), Err(Misuse::Closing.into()));
            });
            let mut link = Link::new(b"");
            loop {
                let was_closed = is_closed.load(Ordering::Acquire);
                link.incoming.extend(masked(0x82, b"message"));
                match link.drive(&mut receiving).unwrap() {
                    Some(event) => {
                        assert_eq!(event, Event::Message(MessageKind::Binary));
                        assert_eq!(receiving.received(MessageKind::Binary).unwrap().payload(), b"message");
                        assert!(!was_closed);
                    }
                    None => break,
                }
            }
        });
    }
}
