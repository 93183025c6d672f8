//! What can go wrong on a transport: the transport itself, the peer, or the caller.

use core::fmt;

/// Why a call failed. `E` is the transport's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// Reading from the transport failed. If that passes, as a time-out does, nothing is lost, and the call may be made
    /// again.
    Read(E),
    /// Writing to the transport failed, or flushing it. What was not written waits, and leaves with the next call if writing works
    /// again.
    Write(E),
    /// The transport took no byte of a write, which `embedded-io` does not allow. Otherwise as [`Write`](Self::Write).
    WriteZero,
    /// The peer did not answer a Ping in time: close the transport.
    PeerIsDead,
    /// A deadline passed.
    TimedOut,
    /// The peer broke a rule, or went without a closing handshake, or the caller asked for what would break a rule. A
    /// violation of the peer's was answered with a Close frame with its close code, a faulty request with its status.
    WebSocket(ws_core::Error),
}

impl<E> From<ws_core::Error> for Error<E> {
    fn from(error: ws_core::Error) -> Self {
        Self::WebSocket(error)
    }
}

impl<E> From<ws_core::Misuse> for Error<E> {
    fn from(misuse: ws_core::Misuse) -> Self {
        Self::WebSocket(misuse.into())
    }
}

impl<E> From<ws_core::Violation> for Error<E> {
    fn from(violation: ws_core::Violation) -> Self {
        Self::WebSocket(violation.into())
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "reading from the transport failed: {error}"),
            Self::Write(error) => write!(f, "writing to the transport failed: {error}"),
            Self::WriteZero => f.write_str("the transport takes no bytes"),
            Self::PeerIsDead => f.write_str("the peer did not answer a Ping in time"),
            Self::TimedOut => f.write_str("the deadline passed"),
            Self::WebSocket(error) => error.fmt(f),
        }
    }
}

// What caused it is part of the text above, so that it has no source to print once more.
impl<E: core::error::Error> core::error::Error for Error<E> {}
