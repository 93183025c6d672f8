//! The memory that a WebSocket works in, and the bytes in it that were received and not looked at yet.

use embedded_io::Read;

use crate::Error;

/// The memory that a WebSocket works in.
///
/// The peer's HTTP head must fit into `receive` and our own into `transmit`; 1024 and 512 bytes do for most peers.
/// Frames and messages may be longer than both.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Buffers<'b> {
    /// Holds what the transport gave in one read, and in the opening handshake the whole head.
    pub receive: &'b mut [u8],
    /// Holds what the transport is given in one write: at least 131 bytes, the longest control frame (a client's request
    /// takes 140 or more). A message that fits, with at most 14 bytes for its header, leaves in one write.
    pub transmit: &'b mut [u8],
}

/// The receive buffer, of which the part between two positions waits to be looked at.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Input<'b> {
    buffer: &'b mut [u8],
    start: usize,
    end: usize,
}

impl<'b> Input<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, start: 0, end: 0 }
    }

    /// The bytes that wait to be looked at.
    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The first `len` bytes of what waits were looked at.
    pub(crate) fn consume(&mut self, len: usize) {
        self.start = self.start.saturating_add(len).min(self.end);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Reads more bytes behind those that wait, and says whether there was room for any.
    pub(crate) fn fill<T: Read>(&mut self, transport: &mut T) -> Result<bool, Error<T::Error>> {
        let Some(space) = self.buffer.get_mut(self.end..).filter(|space| !space.is_empty()) else { return Ok(false) };
        match transport.read(space).map_err(Error::Transport)? {
            0 => Err(Error::TransportEnded),
            len => {
                self.end = self.end.saturating_add(len).min(self.buffer.len());
                Ok(true)
            }
        }
    }
}
