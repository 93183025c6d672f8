//! What can go wrong on a transport: the transport itself, the peer, or the caller.

use core::fmt;

/// Why a call failed. `E` is the transport's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Reading from the transport failed, say with a time-out. On an open connection nothing is lost and the call may
    /// be made again; an opening handshake ends with it.
    Transport(E),
    /// Writing to the transport failed. A frame may be half sent, so that nothing more can be sent.
    Write(E),
    /// The transport ended before the handshake did, the opening or the closing one.
    TransportEnded,
    /// The transport took no byte of a write, which `embedded-io` does not allow. Otherwise as [`Write`](Self::Write).
    WriteZero,
    /// An earlier write failed and may have left half a frame behind: close the transport.
    HalfSent,
    /// The peer's HTTP head is longer than the receive buffer. A server has answered it with the status 431.
    HeadTooLarge,
    /// A message is longer than the slice for it. A Close frame with 1009 was sent.
    MessageTooBig,
    /// A message was to be received into one slice, and then the rest of it into another one.
    SliceChanged,
    /// The peer broke a rule, or the caller asked for what would. A violation of the peer's was answered with a Close
    /// frame with its close code, a faulty request with its status.
    WebSocket(ws_core::Error),
}

impl<E> From<ws_core::Error> for Error<E> {
    fn from(error: ws_core::Error) -> Self {
        Self::WebSocket(error)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => write!(f, "the transport failed: {error}"),
            Self::Write(error) => write!(f, "writing to the transport failed: {error}"),
            Self::TransportEnded => f.write_str("the transport ended before the opening or the closing handshake did"),
            Self::WriteZero => f.write_str("the transport takes no bytes"),
            Self::HalfSent => f.write_str("an earlier write failed, so that nothing more can be sent"),
            Self::HeadTooLarge => f.write_str("the peer's HTTP head is longer than the receive buffer"),
            Self::SliceChanged => f.write_str("the slice was changed before the whole message was in it"),
            Self::MessageTooBig => f.write_str("the message is longer than the slice for it"),
            Self::WebSocket(error) => error.fmt(f),
        }
    }
}

// What caused it is part of the text above, so that it has no source to print once more.
impl<E: core::error::Error> core::error::Error for Error<E> {}
