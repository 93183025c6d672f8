//! Limits on what the peer may send: each at its edge, as soon as it is announced, with its close code.

mod support;

use support::{
    BINARY, CLOSE, CONTINUATION, FIRST_BINARY, LAST_CONTINUATION, PING, PONG, counting,
    machine::{Link, Memory, OfServer, Side, Told, joined, listen, told_binary, told_violation},
};
use ws_core::{Config, Delivery, Limits, Violation};

/// What a server with these limits receives of these frames, the last of which is only announced.
fn receive(limits: Limits, delivery: Delivery, frames: &[(u8, &[u8])], read_len: usize) -> (Vec<Told>, Vec<u8>) {
    let config = Config { limits, delivery, ..Config::DEFAULT };
    let mut memory = Memory::new(100, 100);
    let mut connection = memory.server(&config);
    let mut link = Link::cut(&OfServer::all_from_peer(frames), read_len, usize::MAX);
    (joined(listen(&mut connection, &mut link)), link.take_flushed())
}

#[test]
fn a_message_may_be_as_long_as_the_limit() {
    let limits = Limits { message: 20, ..Limits::DEFAULT };
    for delivery in [Delivery::Messages, Delivery::Chunks] {
        for read_len in [1, 2, 7, 1000] {
            let payload = counting(21);
            for cut in 0..=20 {
                let frames: [(u8, &[u8]); 4] = [
                    (BINARY, &payload[..20]),
                    (FIRST_BINARY, &payload[..cut]),
                    (PING, &[0; 30]),
                    (LAST_CONTINUATION, &payload[cut..20]),
                ];
                let (told, sent) = receive(limits, delivery, &frames, read_len);
                assert_eq!(told, [told_binary(&payload[..20]), told_binary(&payload[..20])]);
                assert_eq!(sent, OfServer::sent(&[(PONG, &[0; 30])]));

                let frames: [(u8, &[u8]); 2] = [(FIRST_BINARY, &payload[..cut]), (LAST_CONTINUATION, &payload[cut..])];
                let (told, sent) = receive(limits, delivery, &frames, read_len);
                assert_eq!(told, [told_violation(Violation::MessageTooBig)]);
                assert_eq!(sent, OfServer::sent(&[(CLOSE, b"\x03\xf1")]));
            }
        }
    }
}

#[test]
fn a_frame_may_be_as_long_as_the_limit() {
    let limits = Limits { frame: 20, ..Limits::DEFAULT };
    for delivery in [Delivery::Messages, Delivery::Chunks] {
        let payload = counting(42);
        // Control frames have a limit of their own.
        let frames: [(u8, &[u8]); 4] = [
            (FIRST_BINARY, &payload[..20]),
            (PING, &[0; 30]),
            (CONTINUATION, &payload[20..40]),
            (LAST_CONTINUATION, &payload[40..]),
        ];
        let (told, _) = receive(limits, delivery, &frames, 3);
        assert_eq!(told, [told_binary(&payload)]);
        for frames in [&[(BINARY, &payload[..21])][..], &[(FIRST_BINARY, b""), (LAST_CONTINUATION, &payload[..21])]] {
            let (told, sent) = receive(limits, delivery, frames, 3);
            assert_eq!(told, [told_violation(Violation::FrameTooBig)]);
            assert_eq!(sent, OfServer::sent(&[(CLOSE, b"\x03\xf1")]));
        }
    }
}

#[test]
fn a_message_may_have_as_many_fragments_as_the_limit() {
    let limits = Limits { fragments: 3, ..Limits::DEFAULT };
    for delivery in [Delivery::Messages, Delivery::Chunks] {
        let allowed: [(u8, &[u8]); 4] =
            [(FIRST_BINARY, b""), (CONTINUATION, b"a"), (PING, b""), (LAST_CONTINUATION, b"b")];
        let (told, _) = receive(limits, delivery, &[allowed, allowed].concat(), 3);
        assert_eq!(told, [told_binary(b"ab"), told_binary(b"ab")]);
        let frames: [(u8, &[u8]); 4] =
            [(FIRST_BINARY, b""), (CONTINUATION, b""), (CONTINUATION, b""), (LAST_CONTINUATION, b"")];
        let (told, sent) = receive(limits, delivery, &frames, 3);
        assert_eq!(told, [told_violation(Violation::TooManyFragments)]);
        assert_eq!(sent, OfServer::sent(&[(CLOSE, b"\x03\xf0")]));
    }
}

/// Eleven bytes are enough to announce more than any memory has.
#[test]
fn nothing_is_taken_of_a_frame_that_is_announced_too_long() {
    for delivery in [Delivery::Messages, Delivery::Chunks, Delivery::Announce] {
        for (len, violation) in [((64 << 20) + 1, Violation::FrameTooBig), (u64::MAX >> 1, Violation::FrameTooBig)] {
            let config = Config { delivery, ..Config::DEFAULT };
            let mut memory = Memory::new(16, 16);
            let mut connection = memory.server(&config);
            let mut link = Link::new(&[&[BINARY, 0xff][..], &u64::to_be_bytes(len), &[0; 4]].concat());
            assert_eq!(listen(&mut connection, &mut link), [told_violation(violation)]);
        }
    }
}

/// Many large frames cannot make the length of a message wrap.
#[test]
fn the_length_of_a_message_does_not_wrap() {
    let header = |first: u8| [&[first, 0xff, 0x7f][..], &[0xff; 7], &[0; 4]].concat();
    let limits = Limits { message: u64::MAX - 1, frame: u64::MAX, ..Limits::DEFAULT };
    let config = Config { limits, delivery: Delivery::Chunks, ..Config::DEFAULT };
    let mut memory = Memory::new(16, 16);
    let mut connection = memory.server(&config);
    // The frame is so long that the next one never comes.
    let mut link = Link::new(&[header(FIRST_BINARY), vec![0; 1000]].concat());
    let told = listen(&mut connection, &mut link);
    assert!(told.iter().all(|told| matches!(told, Told::Event(..))), "{told:?}");
}
