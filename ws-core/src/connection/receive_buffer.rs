//! The receive buffer: the message so far, unmasked, and behind it what arrived and was not looked at yet.
//!
//! ```text
//! | free | message | gap: headers | unread | space for more |
//!        message   message_end    unread   end
//! ```

use crate::engine::{copy, move_down};

/// The caller's memory, and what is where in it. The four positions never run past each other.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct ReceiveBuffer<'b> {
    bytes: &'b mut [u8],
    message: usize,
    message_end: usize,
    unread: usize,
    end: usize,
}

impl<'b> ReceiveBuffer<'b> {
    pub(super) const fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, message: 0, message_end: 0, unread: 0, end: 0 }
    }

    /// Gives the memory back.
    pub(super) const fn into_bytes(self) -> &'b mut [u8] {
        self.bytes
    }

    pub(super) const fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Puts bytes that arrived elsewhere behind what is unread, as many as there is space for, and returns how many.
    pub(super) fn push(&mut self, bytes: &[u8]) -> usize {
        let len = copy(bytes, self.space());
        self.filled(len);
        len
    }

    /// What arrived and was not looked at yet.
    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.unread..self.end).unwrap_or_default()
    }

    /// As [`unread`](Self::unread), to unmask it where it lies.
    pub(super) fn unread_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.unread..self.end).unwrap_or_default()
    }

    /// The first `len` unread bytes were looked at and are not needed any more.
    pub(super) fn consume(&mut self, len: usize) {
        self.unread = self.unread.saturating_add(len).min(self.end);
    }

    /// The first `len` unread bytes are the next ones of the message. They are moved only if something lies between, as
    /// a frame header does between two fragments.
    pub(super) fn keep(&mut self, len: usize) {
        let kept = self.unread;
        self.consume(len);
        if self.message == self.message_end {
            self.message = kept;
            self.message_end = self.unread;
        } else if kept == self.message_end {
            self.message_end = self.unread;
        } else {
            self.message_end = self.slide(kept, self.unread, self.message_end);
        }
    }

    /// The message so far.
    pub(super) fn message(&self) -> &[u8] {
        self.bytes.get(self.message..self.message_end).unwrap_or_default()
    }

    pub(super) const fn message_len(&self) -> usize {
        self.message_end.saturating_sub(self.message)
    }

    /// Whether the message leaves no space for anything else.
    pub(super) const fn is_full(&self) -> bool {
        self.message_len() > 0 && self.message_len() == self.bytes.len()
    }

    /// The message was handed over, or is not wanted.
    pub(super) const fn forget_message(&mut self) {
        self.message = self.unread;
        self.message_end = self.unread;
    }

    /// Where the next bytes go. Empty only if the message fills the buffer.
    pub(super) fn space(&mut self) -> &mut [u8] {
        if self.message == self.message_end {
            self.forget_message();
        }
        if self.unread == self.end && self.message == self.message_end {
            (self.message, self.message_end, self.unread, self.end) = (0, 0, 0, 0);
        } else if self.end == self.bytes.len() {
            self.compact();
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// The first `len` bytes of [`space`](Self::space) were filled.
    pub(super) fn filled(&mut self, len: usize) {
        self.end = self.end.saturating_add(len).min(self.bytes.len());
    }

    /// Moves everything to the front.
    fn compact(&mut self) {
        let message_end = self.slide(self.message, self.message_end, 0);
        let end = self.slide(self.unread, self.end, message_end);
        (self.message, self.message_end, self.unread, self.end) = (0, message_end, message_end, end);
    }

    /// Moves the bytes from `start` to `end` down to `to`, and returns where they end now.
    fn slide(&mut self, start: usize, end: usize, to: usize) -> usize {
        let len = end.saturating_sub(start);
        let gap = start.saturating_sub(to);
        if gap > 0
            && len > 0
            && let Some(window) = self.bytes.get_mut(to..end)
        {
            move_down(window, gap);
        }
        to.saturating_add(len)
    }
}
