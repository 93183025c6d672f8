//! The place through which one half tells the other what the peer is owed.
//!
//! It is written by one half and read by the other, at the same time if need be, with nothing but atomic loads and stores:
//! so it is there also on targets that cannot compare and swap, and it never makes anybody wait.

use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering, fence};

use ws_frame::MAX_CONTROL_PAYLOAD_LEN;

use crate::ControlBuffer;

/// What the peer is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum Reply {
    /// The answer to a Ping.
    Pong,
    /// The answer to a Close frame.
    Close,
    /// The Close frame that tells of a violation.
    Fail,
}

/// Room for one reply, shared by the halves of a connection: see [`Connection::split`](crate::Connection::split).
///
/// It may be in a `static`, and serve another connection when both halves are gone. 132 bytes on a 32-bit target.
///
/// A reply that is not fetched is replaced by the next one. RFC 6455, section 5.5.3: "If an endpoint receives a Ping frame and
/// has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint MAY elect to send a Pong frame for only
/// the most recently processed Ping frame."
#[derive(Debug)]
pub struct ReplySlot {
    /// Counts the replies twice: odd while one is being put in.
    sequence: AtomicUsize,
    reply: AtomicU8,
    len: AtomicU8,
    payload: [AtomicU8; MAX_CONTROL_PAYLOAD_LEN],
    close_sent: AtomicBool,
}

impl ReplySlot {
    /// Returns an empty slot.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            sequence: AtomicUsize::new(0),
            reply: AtomicU8::new(0),
            len: AtomicU8::new(0),
            payload: [const { AtomicU8::new(0) }; MAX_CONTROL_PAYLOAD_LEN],
            close_sent: AtomicBool::new(false),
        }
    }

    /// Puts a reply in. Only the receive half does.
    pub(super) fn put(&self, reply: Reply, payload: &[u8]) {
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        // Whoever sees one of the bytes below sees also that the sequence is odd, or a later one.
        fence(Ordering::Release);
        self.reply.store(reply.into(), Ordering::Relaxed);
        let mut len: u8 = 0;
        for (place, byte) in self.payload.iter().zip(payload) {
            place.store(*byte, Ordering::Relaxed);
            len = len.saturating_add(1);
        }
        self.len.store(len, Ordering::Relaxed);
        self.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// Fetches the reply that is newer than the one of number `fetched`, if there is one: its number, what it is, its
    /// payload's length in bytes and the payload. Only the transmit half does.
    ///
    /// One that is just being put in is not there yet.
    pub(super) fn fetch(&self, fetched: usize) -> Option<(usize, Reply, usize, ControlBuffer)> {
        let sequence = self.sequence.load(Ordering::Acquire);
        if sequence == fetched || sequence & 1 == 1 {
            return None;
        }
        let reply = Reply::try_from(self.reply.load(Ordering::Relaxed)).ok()?;
        let len = usize::from(self.len.load(Ordering::Relaxed));
        let mut payload = [0; MAX_CONTROL_PAYLOAD_LEN];
        for (byte, place) in payload.iter_mut().zip(&self.payload) {
            *byte = place.load(Ordering::Relaxed);
        }
        fence(Ordering::Acquire);
        let is_torn = self.sequence.load(Ordering::Relaxed) != sequence;
        (!is_torn).then_some((sequence, reply, len, payload))
    }

    /// The number of the last reply.
    pub(super) fn newest(&self) -> usize {
        self.sequence.load(Ordering::Acquire)
    }

    /// Whether the transmit half has sent a Close frame.
    pub(super) fn is_close_sent(&self) -> bool {
        self.close_sent.load(Ordering::Acquire)
    }

    pub(super) fn set_close_sent(&self, is_sent: bool) {
        self.close_sent.store(is_sent, Ordering::Release);
    }
}

impl Default for ReplySlot {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ReplySlot {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "ReplySlot");
    }
}

impl From<Reply> for u8 {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Pong => 1,
            Reply::Close => 2,
            Reply::Fail => 3,
        }
    }
}

impl TryFrom<u8> for Reply {
    type Error = ();

    fn try_from(number: u8) -> Result<Self, ()> {
        match number {
            1 => Ok(Self::Pong),
            2 => Ok(Self::Close),
            3 => Ok(Self::Fail),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_is_being_put_in_is_not_there_yet() {
        let slot = ReplySlot::new();
        assert!(slot.fetch(0).is_none());
        for number in 1..=3 {
            slot.put(Reply::Pong, b"payload");
            let whole = 2 * number;
            assert!(matches!(slot.fetch(whole - 2), Some((newest, Reply::Pong, 7, _)) if newest == whole));
            assert!(slot.fetch(whole).is_none());
            // As `put` leaves it when it is interrupted by whoever fetches.
            slot.sequence.store(whole + 1, Ordering::Relaxed);
            assert!(slot.fetch(whole).is_none() && slot.fetch(0).is_none());
            slot.sequence.store(whole, Ordering::Relaxed);
        }
    }
}
