//! The engine under every face of the crate: what a frame means after the frames before it. Receiving and transmitting
//! are separate; the state that both change is in `state` and knows no role.
//!
//! Nothing here owns a buffer or knows how bytes get to and from the peer.

mod copy;
mod receive;
mod state;
mod transmit;

pub(crate) use copy::{copy, copy_payload, move_down};
pub(crate) use receive::{FrameEnd, Receiver};
pub use state::WebSocketState;
pub(crate) use transmit::{Outgoing, Plan, Transmitter};

use core::fmt;

/// The two kinds of data messages (RFC 6455, section 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MessageKind {
    /// UTF-8 text.
    Text,
    /// Arbitrary bytes.
    Binary,
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Binary => "binary",
        })
    }
}

/// What a frame is part of, once its opcode is understood: a continuation frame is part of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum FrameKind {
    /// A data message, of which this is the only frame or one of several.
    Message(MessageKind),
    Close,
    Ping,
    Pong,
}
