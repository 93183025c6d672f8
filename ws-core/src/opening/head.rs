//! The memory for the HTTP heads: one of the peer's that arrives in it, or one of ours that leaves from it.

use crate::{Connection, Error};

/// The caller's memory, and how much of it is a head.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct HeadBuffer<'h> {
    bytes: &'h mut [u8],
    /// How many bytes arrived, or how many of ours were written.
    done: usize,
    /// The length in bytes of our head; 0 while the peer's arrives.
    len: usize,
    /// The longest piece to read at once: what comes behind the head must fit into the receive buffer.
    longest_read: usize,
    /// Whether the stream has ended.
    ended: bool,
}

impl<'h> HeadBuffer<'h> {
    pub(super) const fn new(bytes: &'h mut [u8], longest_read: usize) -> Self {
        Self { bytes, done: 0, len: 0, longest_read, ended: false }
    }

    /// Gives the memory back.
    pub(super) const fn into_bytes(self) -> &'h mut [u8] {
        self.bytes
    }

    pub(super) const fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// What arrived.
    pub(super) fn received(&self) -> &[u8] {
        self.bytes.get(..self.done).unwrap_or_default()
    }

    /// Where the next bytes of the peer's head go.
    pub(super) fn space(&mut self) -> Result<&mut [u8], Error> {
        if self.ended {
            return Err(Error::TransportEnded { clean: self.done == 0 });
        }
        if self.longest_read == 0 {
            return Err(Error::BufferTooSmall { needed: 1 });
        }
        let end = self.done.saturating_add(self.longest_read).min(self.bytes.len());
        match self.bytes.get_mut(self.done..end) {
            None | Some([]) => Err(Error::HeadTooLarge),
            Some(space) => Ok(space),
        }
    }

    /// The first `len` bytes of [`space`](Self::space) were filled.
    pub(super) fn filled(&mut self, len: usize) {
        self.ended |= len == 0;
        self.done = self.done.saturating_add(len).min(self.bytes.len());
    }

    /// Gives what lies behind a head of `head_len` bytes to the connection, whose it is.
    pub(super) fn give_rest<R>(&self, head_len: usize, connection: &mut Connection<'_, R>) {
        connection.push_received(self.received().get(head_len..).unwrap_or_default());
    }

    /// Puts a head of ours in the place of the peer's; `encode` writes it and returns its length in bytes.
    pub(super) fn put<E>(&mut self, encode: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Result<(), E> {
        let len = encode(self.bytes)?;
        (self.done, self.len) = (0, len);
        Ok(())
    }

    /// What of our head was not written yet.
    pub(super) fn to_write(&self) -> &[u8] {
        self.bytes.get(self.done..self.len).unwrap_or_default()
    }

    /// The first `len` bytes of [`to_write`](Self::to_write) were written.
    pub(super) fn written(&mut self, len: usize) {
        self.done = self.done.saturating_add(len).min(self.len);
    }

    /// Our head is out, and the peer's may come.
    pub(super) const fn clear(&mut self) {
        (self.done, self.len) = (0, 0);
    }
}
