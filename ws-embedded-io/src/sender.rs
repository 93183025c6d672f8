//! Every way to send.

use embedded_io::Write;
use ws_core::{Composer, Full, Message, MessageKind, Role, frame::CloseCode};

use crate::{Error, FrameWriter, MessageWriter, drive::transmit};

/// The right to send on a connection.
///
/// Whatever is sent goes behind the replies that are due. Pings and Close frames may be sent in the middle of a message, but
/// not in the middle of a frame.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sender<'a, 'b, T, R> {
    transport: &'a mut T,
    sender: ws_core::Sender<'a, 'b, R>,
}

impl<'a, 'b, T: Write, R: Role> Sender<'a, 'b, T, R> {
    pub(crate) const fn new(transport: &'a mut T, sender: ws_core::Sender<'a, 'b, R>) -> Self {
        Self { transport, sender }
    }

    /// Sends a message and flushes. It leaves in one frame, and in one write if it fits into the transmit buffer.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` after Close, inside an unfinished message and inside a half-sent frame; nothing has
    /// happened then. The transport's errors: if they pass, [`resume`](Self::resume).
    pub fn send(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().send(message), self.transport)
    }

    /// As [`send`](Self::send), but leaves the message in the transmit buffer as long as there is space for it: several
    /// messages leave together, with the next [`flush`](Self::flush) or when the connection waits for the peer.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn queue(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().queue(message), self.transport)
    }

    /// Completes the [`send`](Self::send) or [`queue`](Self::queue) that has failed, given the same message. If that was
    /// not begun, the whole message is sent; however often it fails, the message is sent once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn resume(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().resume(message), self.transport)
    }

    /// Sends a part of a message as a fragment, which begins the message if none is begun; `last` ends it. Flushes.
    ///
    /// A text may be cut inside a character.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), with a `Misuse` also for a fragment of the other kind than the message that was begun, and for
    /// text that is not UTF-8.
    pub fn fragment(&mut self, kind: MessageKind, payload: &[u8], last: bool) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().fragment(kind, payload, last), self.transport)
    }

    /// Completes the [`fragment`](Self::fragment) that has failed, as [`resume`](Self::resume) completes a message.
    ///
    /// # Errors
    ///
    /// As [`fragment`](Self::fragment).
    pub fn resume_fragment(&mut self, kind: MessageKind, payload: &[u8], last: bool) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().resume_fragment(kind, payload, last), self.transport)
    }

    /// Composes a message in place and flushes: `compose` writes into the transmit buffer, where the message is masked and sent
    /// from. It has all of it but at most 14 bytes.
    ///
    /// ```
    /// use core::fmt::Write;
    /// # use ws_embedded_io::{Error, MessageKind, Server, WebSocket};
    /// # fn report<T: embedded_io::Read + embedded_io::Write>(
    /// #     mut websocket: WebSocket<'_, T, Server>,
    /// # ) -> Result<(), Error<T::Error>> {
    /// let temperature = 21.4;
    /// let compose = |message: &mut ws_embedded_io::Composer<'_>| {
    ///     write!(message, "{{\"temperature\":{temperature}}}")?;
    ///     Ok(())
    /// };
    /// websocket.sender().send_with(MessageKind::Text, compose)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), with a `Misuse` also for text that is not UTF-8, and with `BufferTooSmall` if `compose` returns
    /// [`Full`]. Nothing is sent then.
    pub fn send_with(
        &mut self,
        kind: MessageKind,
        compose: impl FnOnce(&mut Composer<'_>) -> Result<(), Full>,
    ) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().compose(kind, compose), self.transport)
    }

    /// Writes a message whose length is not known, in pieces. If a message of this kind is unfinished, the writer goes on with it.
    pub const fn writer(&mut self, kind: MessageKind) -> MessageWriter<'_, 'b, T, R> {
        MessageWriter::new(self.transport, self.sender.reborrow().writer(kind))
    }

    /// Begins a message of one frame of `len` bytes, whose payload is given in pieces. Nothing else can be sent before its end.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn frame(&mut self, kind: MessageKind, len: u64) -> Result<FrameWriter<'_, 'b, T, R>, Error<T::Error>> {
        Ok(FrameWriter::new(self.transport, self.sender.reborrow().frame(kind, len)?))
    }

    /// The frame that was begun and is half sent, to go on with it.
    pub fn unfinished_frame(&mut self) -> Option<FrameWriter<'_, 'b, T, R>> {
        Some(FrameWriter::new(self.transport, self.sender.reborrow().unfinished_frame()?))
    }

    /// The kind of the message that was begun and not ended.
    #[must_use]
    pub fn unfinished_message(&self) -> Option<MessageKind> {
        self.sender.unfinished_message()
    }

    /// Sends a Ping frame with a payload of at most 125 bytes, and flushes. The answer is an `Event::Pong` of
    /// [`next_event`](crate::WebSocket::next_event).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), but that it may be sent inside a message; also for a payload that is too long.
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().ping(payload), self.transport)
    }

    /// Answers the Ping that the last `Event::Ping` told of, where that is not done by itself, and flushes.
    ///
    /// # Errors
    ///
    /// As [`ping`](Self::ping).
    pub fn pong(&mut self) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().pong(), self.transport)
    }

    /// Sends a Close frame and flushes, without waiting for an answer. `reason` is at most 123 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` for a code or reason that may not be sent, if a Close frame was sent before, and inside a
    /// half-sent frame; the transport's errors.
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().close(code, reason), self.transport)
    }

    /// Writes and flushes whatever waits to be written.
    ///
    /// # Errors
    ///
    /// The transport's errors.
    pub fn flush(&mut self) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().flush(), self.transport)
    }
}
