//! What was received, together with the right to answer it.

use embedded_io::Write;
use ws_core::{Chunk, Message, Role};

use crate::{Error, Sender};

/// A message that was received, and the right to send while it is looked at.
///
/// The message lies in the receive buffer, where it arrived; to answer it nothing has to be copied out of there.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Incoming<'a, 'b, T, R> {
    /// The message.
    pub message: Message<'a>,
    /// Every way to send.
    pub sender: Sender<'a, 'b, T, R>,
}

impl<'a, 'b, T: Write, R: Role> Incoming<'a, 'b, T, R> {
    pub(crate) const fn new(message: Message<'a>, sender: Sender<'a, 'b, T, R>) -> Self {
        Self { message, sender }
    }

    /// Sends a message and flushes: [`Sender::send`].
    ///
    /// # Errors
    ///
    /// As [`Sender::send`].
    pub fn reply(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        self.sender.send(message)
    }
}

/// A piece of a message that was received, and the right to send while it is looked at.
///
/// To echo it as a fragment:
///
/// ```
/// # use ws_embedded_io::{Error, Server, WebSocket};
/// # fn echo<T: embedded_io::Read + embedded_io::Write>(
/// #     mut websocket: WebSocket<'_, T, Server>,
/// # ) -> Result<(), Error<T::Error>> {
/// while let Some(mut incoming) = websocket.recv_chunk()? {
///     let chunk = incoming.chunk;
///     incoming.sender.fragment(chunk.kind, chunk.payload, chunk.last)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IncomingChunk<'a, 'b, T, R> {
    /// The piece.
    pub chunk: Chunk<'a>,
    /// Every way to send.
    pub sender: Sender<'a, 'b, T, R>,
}
