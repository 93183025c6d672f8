//! What a WebSocket hands to the application: messages, whole or in chunks, and what happens beside them.

use ws_core::MessageKind;

/// What was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event<D> {
    /// A whole [`Message`] or a [`Chunk`] of one.
    Data(D),
    /// A Pong frame, the answer to a [`ping`](crate::WebSocket::ping); its payload is
    /// [`pong_payload`](crate::WebSocket::pong_payload).
    Pong,
    /// The connection is closed, by a complete closing handshake or after a violation of the peer's: close the
    /// transport. What the peer said is [`peer_close`](crate::WebSocket::peer_close).
    Closed,
}

/// A whole message, received or to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Message<'m> {
    /// A text message.
    Text(&'m str),
    /// A binary message.
    Binary(&'m [u8]),
}

impl<'m> Message<'m> {
    /// Whether this is text or binary.
    #[must_use]
    pub const fn kind(self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
        }
    }

    /// The bytes of the message.
    #[must_use]
    pub const fn payload(self) -> &'m [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A part of a message, received as it arrived or to be sent as a fragment.
///
/// Where a message is cut has no meaning. A text may be cut inside a character; it is valid UTF-8 as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Chunk<'m> {
    /// Whether the message is text or binary.
    pub kind: MessageKind,
    /// Whether the message begins here.
    pub first: bool,
    /// Whether the message ends here.
    pub last: bool,
    /// The bytes of this part.
    pub payload: &'m [u8],
}
