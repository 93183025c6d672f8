//! Every way to send.

use embedded_io_async::Write;
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
    ///
    /// # Cancel safety
    ///
    /// Dropped, the future may leave the message begun. Then what is in the transmit buffer leaves with the next call, and what is
    /// not there yet is a half-sent frame, inside which every other call that sends says so. In any case
    /// [`resume`](Self::resume) completes it.
    pub async fn send(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().send(message), self.transport).await
    }

    /// As [`send`](Self::send), but leaves the message in the transmit buffer as long as there is space for it: several
    /// messages leave together, with the next [`flush`](Self::flush) or when the connection waits for the peer.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// As [`send`](Self::send).
    pub async fn queue(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().queue(message), self.transport).await
    }

    /// Completes the [`send`](Self::send) or [`queue`](Self::queue) that was dropped or has failed, given the same message. If that was
    /// not begun, the whole message is sent; however often it is dropped, the message is sent once.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it is to be called again.
    pub async fn resume(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().resume(message), self.transport).await
    }

    /// Sends a part of a message as a fragment, which begins the message if none is begun; `last` ends it. Flushes.
    ///
    /// A text may be cut inside a character.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), with a `Misuse` also for a fragment of the other kind than the message that was begun, and for
    /// text that is not UTF-8.
    ///
    /// # Cancel safety
    ///
    /// As [`send`](Self::send): [`resume_fragment`](Self::resume_fragment) completes it.
    pub async fn fragment(&mut self, kind: MessageKind, payload: &[u8], last: bool) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().fragment(kind, payload, last), self.transport).await
    }

    /// Completes the [`fragment`](Self::fragment) that was dropped or has failed, as [`resume`](Self::resume) completes a message.
    ///
    /// # Errors
    ///
    /// As [`fragment`](Self::fragment).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it is to be called again.
    pub async fn resume_fragment(
        &mut self,
        kind: MessageKind,
        payload: &[u8],
        last: bool,
    ) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().resume_fragment(kind, payload, last), self.transport).await
    }

    /// Composes a message in place and flushes: `compose` writes into the transmit buffer, where the message is masked and sent
    /// from. It has all of it but at most 14 bytes.
    ///
    /// ```
    /// use core::fmt::Write;
    /// # use ws_embedded_io_async::{Error, MessageKind, Server, WebSocket};
    /// # async fn report<T: embedded_io_async::Read + embedded_io_async::Write>(
    /// #     mut websocket: WebSocket<'_, T, Server>,
    /// # ) -> Result<(), Error<T::Error>> {
    /// let temperature = 21.4;
    /// let compose = |message: &mut ws_embedded_io_async::Composer<'_>| {
    ///     write!(message, "{{\"temperature\":{temperature}}}")?;
    ///     Ok(())
    /// };
    /// websocket.sender().send_with(MessageKind::Text, compose).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), with a `Misuse` also for text that is not UTF-8, and with `BufferTooSmall` if `compose` returns
    /// [`Full`]. Nothing is sent then.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the future has either not called `compose`, or the message is in the transmit buffer and leaves with the next call.
    pub async fn send_with(
        &mut self,
        kind: MessageKind,
        compose: impl FnOnce(&mut Composer<'_>) -> Result<(), Full>,
    ) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().compose(kind, compose), self.transport).await
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
    ///
    /// # Cancel safety
    ///
    /// Dropped, the future has sent no Ping, or it leaves with the next call.
    pub async fn ping(&mut self, payload: &[u8]) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().ping(payload), self.transport).await
    }

    /// Answers the Ping that the last `Event::Ping` told of, where that is not done by itself, and flushes.
    ///
    /// # Errors
    ///
    /// As [`ping`](Self::ping).
    ///
    /// # Cancel safety
    ///
    /// As [`ping`](Self::ping).
    pub async fn pong(&mut self) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().pong(), self.transport).await
    }

    /// Sends a Close frame and flushes, without waiting for an answer. `reason` is at most 123 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` for a code or reason that may not be sent, if a Close frame was sent before, and inside a
    /// half-sent frame; the transport's errors.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the future has sent no Close frame, or it leaves with the next call.
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().close(code, reason), self.transport).await
    }

    /// Writes and flushes whatever waits to be written.
    ///
    /// # Errors
    ///
    /// The transport's errors.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the future has lost nothing: the next call goes on.
    pub async fn flush(&mut self) -> Result<(), Error<T::Error>> {
        transmit(self.sender.reborrow().flush(), self.transport).await
    }
}
