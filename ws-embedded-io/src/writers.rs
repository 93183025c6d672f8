//! Messages that are written in pieces: as fragments, when the length is not known, or as one frame.

use core::fmt;

use embedded_io::Write;
use ws_core::Role;

use crate::{Error, drive::transmit};

/// Writes a message whose length is not known: see [`Sender::writer`](crate::Sender::writer).
///
/// Pieces are collected in the transmit buffer and leave as fragments that fill it. The message is unfinished until
/// [`finish`](Self::finish), also if the writer is dropped: another one goes on with it.
///
/// ```
/// # use ws_embedded_io::{Error, MessageKind, Server, WebSocket};
/// # fn report<T: embedded_io::Read + embedded_io::Write>(
/// #     mut websocket: WebSocket<'_, T, Server>,
/// #     readings: &[u32],
/// # ) -> Result<(), Error<T::Error>> {
/// let mut sender = websocket.sender();
/// let mut writer = sender.writer(MessageKind::Text);
/// for reading in readings {
///     write!(writer, "{reading}\n")?;
/// }
/// writer.finish()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MessageWriter<'a, 'b, T, R> {
    transport: &'a mut T,
    writer: ws_core::MessageWriter<'a, 'b, R>,
}

impl<'a, 'b, T: Write, R: Role> MessageWriter<'a, 'b, T, R> {
    pub(crate) const fn new(transport: &'a mut T, writer: ws_core::MessageWriter<'a, 'b, R>) -> Self {
        Self { transport, writer }
    }

    /// Takes the first bytes of `piece`, at least one, and returns how many.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` after Close, inside a message of the other kind, inside a half-sent frame and for text
    /// that is not UTF-8; with `BufferTooSmall` if the transmit buffer has no space for a header and a byte. The transport's errors.
    pub fn write(&mut self, piece: &[u8]) -> Result<usize, Error<T::Error>> {
        transmit(self.writer.put(piece), self.transport)
    }

    /// Takes all of `piece`.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_all(&mut self, piece: &[u8]) -> Result<(), Error<T::Error>> {
        let mut rest = piece;
        while !rest.is_empty() {
            let len = self.write(rest)?;
            rest = rest.get(len..).unwrap_or_default();
        }
        Ok(())
    }

    /// Writes formatted text, of whatever length: what `write!` calls.
    ///
    /// A value is formatted again for each transmit buffer that it fills, so it must be formatted in the same way each time.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<(), Error<T::Error>> {
        transmit(self.writer.format(text), self.transport)
    }

    /// Ends the message and flushes.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); with a `Misuse` also for a text that ends inside a character.
    pub fn finish(&mut self) -> Result<(), Error<T::Error>> {
        transmit(self.writer.finish(), self.transport)
    }
}

/// Writes a frame of known length in pieces: see [`Sender::frame`](crate::Sender::frame).
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameWriter<'a, 'b, T, R> {
    transport: &'a mut T,
    writer: ws_core::FrameWriter<'a, 'b, R>,
}

impl<'a, 'b, T: Write, R: Role> FrameWriter<'a, 'b, T, R> {
    pub(crate) const fn new(transport: &'a mut T, writer: ws_core::FrameWriter<'a, 'b, R>) -> Self {
        Self { transport, writer }
    }

    /// How many bytes of the payload are missing.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.writer.remaining()
    }

    /// Takes the first bytes of `piece`, at least one unless the frame is whole, and returns how many. What is longer than the frame
    /// is not taken.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` for text that is not UTF-8; the transport's errors.
    pub fn write(&mut self, piece: &[u8]) -> Result<usize, Error<T::Error>> {
        transmit(self.writer.put(piece), self.transport)
    }

    /// Writes what is left of the frame and flushes.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` if payload is missing; the transport's errors.
    pub fn finish(&mut self) -> Result<(), Error<T::Error>> {
        transmit(self.writer.finish(), self.transport)
    }
}
