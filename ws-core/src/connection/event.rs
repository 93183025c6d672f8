//! What a connection tells of, as small values that borrow nothing, and the payload that they stand for.

use crate::MessageKind;

/// What a connection tells of. The payload is in the connection's buffers until it is polled again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event {
    /// A message begins, and waits for [`deliver`](crate::Connection::deliver): only with
    /// [`Delivery::Announce`](crate::Delivery::Announce).
    Announced(Announced),
    /// A whole message is there: [`received`](crate::Connection::received) has it.
    Message(MessageKind),
    /// The next piece of a message is there: [`chunk`](crate::Connection::chunk) has its payload.
    Chunk(ChunkInfo),
    /// A Ping arrived that the application has to answer: only if that [duty](crate::Duties) is switched off.
    Ping,
    /// A Pong arrived.
    Pong,
    /// A [half](crate::ReceiveHalf) has left a reply for the other one, which is to send it.
    ReplyDue,
    /// The connection is closed, by a complete closing handshake or after a violation: close the transport.
    Closed,
}

/// What is known of a message before any of its payload is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Announced {
    /// Its kind.
    pub kind: MessageKind,
    /// The length in bytes of its first frame.
    pub frame_len: u64,
    /// Whether that frame is all of it.
    pub is_whole: bool,
}

/// What is known of a piece of a message, without its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChunkInfo {
    /// The message's kind.
    pub kind: MessageKind,
    /// Whether the message begins with this chunk.
    pub first: bool,
    /// Whether it ends with this chunk, which may be empty then.
    pub last: bool,
    /// The announced length in bytes of the frame that the chunk is from, all of whose payload may come in many chunks.
    pub frame_len: u64,
}

impl ChunkInfo {
    /// Returns the piece with its payload.
    #[must_use]
    pub const fn with_payload(self, payload: &[u8]) -> Chunk<'_> {
        let Self { kind, first, last, frame_len } = self;
        Chunk { kind, first, last, frame_len, payload }
    }
}

/// A whole message, received or to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Message<'a> {
    /// UTF-8 text.
    Text(&'a str),
    /// Arbitrary bytes.
    Binary(&'a [u8]),
}

impl<'a> Message<'a> {
    /// The message's kind.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
        }
    }

    /// The message's bytes.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Chunk<'a> {
    /// The message's kind.
    pub kind: MessageKind,
    /// Whether the message begins with this chunk.
    pub first: bool,
    /// Whether it ends with this chunk, which may be empty then.
    pub last: bool,
    /// The announced length in bytes of the frame that the chunk is from.
    pub frame_len: u64,
    /// The bytes. Those of a text are valid so far, but may end inside a character.
    pub payload: &'a [u8],
}
