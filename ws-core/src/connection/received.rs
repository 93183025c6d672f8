//! What was received, together with the right to answer it: two borrows that do not touch.

use super::{
    event::{Chunk, Message},
    sender::Sender,
};
use crate::{MessageKind, Violation};

/// A message that was received, and the right to answer it while it is looked at.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Received<'a, 'b, R> {
    /// The message; or the violation, of a text that was there as a whole and is not UTF-8. The connection has failed
    /// then: [flush](Sender::flush) the sender, for the peer to be told.
    pub message: Result<Message<'a>, Violation>,
    /// The right to send.
    pub sender: Sender<'a, 'b, R>,
}

/// A piece of a message that was received, and the right to send while it is looked at.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReceivedChunk<'a, 'b, R> {
    /// The piece.
    pub chunk: Chunk<'a>,
    /// The right to send.
    pub sender: Sender<'a, 'b, R>,
}

/// Makes a message of the payload that was received.
pub(crate) fn message(kind: MessageKind, payload: &[u8]) -> Result<Message<'_>, Violation> {
    match kind {
        MessageKind::Binary => Ok(Message::Binary(payload)),
        // The only look at a text that is there as a whole.
        // Section 8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in
        // fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
        MessageKind::Text => core::str::from_utf8(payload).map(Message::Text).map_err(|_| Violation::TextNotUtf8),
    }
}
