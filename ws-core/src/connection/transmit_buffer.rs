//! The transmit buffer: whole frames and parts of frames that wait to be written, and behind them the payload that is
//! being composed, with room left in front of it for its header.
//!
//! ```text
//! | free | to be written | room for a header, payload being composed | space |
//!        start           end                                         composed
//! ```

use crate::engine::move_down;

/// The caller's memory, and what is where in it. The three positions never run past each other.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct TransmitBuffer<'b> {
    bytes: &'b mut [u8],
    start: usize,
    end: usize,
    composed: usize,
    /// Whether something was written and not flushed.
    flush_due: bool,
}

impl<'b> TransmitBuffer<'b> {
    pub(super) const fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, start: 0, end: 0, composed: 0, flush_due: false }
    }

    /// Gives the memory back.
    pub(super) const fn into_bytes(self) -> &'b mut [u8] {
        self.bytes
    }

    pub(super) const fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes that wait to be written.
    pub(super) fn to_write(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether nothing waits to be written.
    pub(super) const fn is_drained(&self) -> bool {
        self.start == self.end
    }

    pub(super) const fn is_flush_due(&self) -> bool {
        self.flush_due
    }

    /// The first `len` bytes that waited were written.
    pub(super) fn written(&mut self, len: usize) {
        self.start = self.start.saturating_add(len).min(self.end);
        self.flush_due |= len > 0;
        self.reset_if_empty();
    }

    pub(super) const fn flushed(&mut self) {
        self.flush_due = false;
    }

    /// Drops what waits: it cannot be written any more.
    pub(super) const fn clear(&mut self) {
        (self.start, self.end, self.composed, self.flush_due) = (0, 0, 0, false);
    }

    /// Where the next bytes go. What is being composed must have been ended.
    pub(super) fn space(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    pub(super) const fn space_len(&self) -> usize {
        self.bytes.len().saturating_sub(self.end)
    }

    /// The first `len` bytes of [`space`](Self::space) wait to be written now.
    pub(super) fn filled(&mut self, len: usize) {
        self.end = self.end.saturating_add(len).min(self.bytes.len());
        self.composed = self.end;
    }

    /// Begins to compose the payload of a frame behind `room` bytes for its header.
    ///
    /// Returns whether there is room for a header and at least one byte.
    pub(super) fn begin_composing(&mut self, room: usize) -> bool {
        let begins = self.space_len() > room;
        if begins {
            self.composed = self.end.saturating_add(room);
        }
        begins
    }

    /// Where the next bytes of the payload go.
    pub(super) fn composing_space(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.composed..).unwrap_or_default()
    }

    /// The first `len` bytes of [`composing_space`](Self::composing_space) are payload now.
    pub(super) fn composed(&mut self, len: usize) {
        self.composed = self.composed.saturating_add(len).min(self.bytes.len());
    }

    /// The payload that was composed behind `room` bytes.
    pub(super) fn payload_mut(&mut self, room: usize) -> &mut [u8] {
        self.bytes.get_mut(self.end.saturating_add(room)..self.composed).unwrap_or_default()
    }

    /// How long it is in bytes.
    pub(super) const fn payload_len(&self, room: usize) -> usize {
        self.composed.saturating_sub(self.end.saturating_add(room))
    }

    /// Drops the payload that is being composed.
    pub(super) const fn discard(&mut self) {
        self.composed = self.end;
        self.reset_if_empty();
    }

    /// The frame whose payload was composed waits to be written now; `put_header` puts its header, whose length is
    /// `header_len`, in front of the payload.
    ///
    /// The payload moves only if other frames wait before it and its header is shorter than the room that was left.
    pub(super) fn end_composing(&mut self, room: usize, header_len: usize, put_header: impl FnOnce(&mut [u8])) {
        let spare = room.saturating_sub(header_len);
        if self.is_drained() {
            self.start = self.start.saturating_add(spare);
            self.end = self.start;
        } else if spare > 0 {
            if let Some(frame) = self.bytes.get_mut(self.end..self.composed) {
                move_down(frame, spare);
            }
            self.composed = self.composed.saturating_sub(spare);
        }
        if let Some(header) = self.bytes.get_mut(self.end..self.end.saturating_add(header_len)) {
            put_header(header);
        }
        self.end = self.composed;
    }

    const fn reset_if_empty(&mut self) {
        if self.start == self.composed {
            (self.start, self.end, self.composed) = (0, 0, 0);
        }
    }
}
