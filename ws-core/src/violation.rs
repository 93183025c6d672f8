//! What a peer can do wrong after the opening handshake: the rule, its section and the close code to answer with.

use core::fmt;

use ws_frame::{CloseCode, ClosePayloadError, HeaderError};

use crate::MessageKind;

/// The peer broke a rule of RFC 6455, and the connection cannot go on.
///
/// Send a Close frame with [`close_code`](Self::close_code), then close the transport (section 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Violation {
    /// A frame header breaks a rule by itself.
    Header(HeaderError),
    /// A client sent a frame that is not masked (section 5.1).
    NotMasked,
    /// A server sent a frame that is masked (section 5.1).
    Masked,
    /// A continuation frame came while no message was unfinished (section 5.4).
    UnexpectedContinuation,
    /// A new message began before the last fragment of this one (section 5.4).
    MessageInterrupted(MessageKind),
    /// A text message is not UTF-8 (section 8.1).
    TextNotUtf8,
    /// The payload of a Close frame is malformed.
    ClosePayload(ClosePayloadError),
    /// A message is longer than the limit, or than the buffer that is to hold the whole of it (section 10.4).
    MessageTooBig,
    /// A frame is longer than the limit (section 10.4).
    FrameTooBig,
    /// A message is cut into more frames than the limit (section 10.4).
    TooManyFragments,
}

impl Violation {
    /// The close code to send to the peer: 1007 for a text that is not UTF-8, 1009 for what is too long, 1008 for what is cut
    /// too small, 1002 for the rest.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Header(error) => error.close_code(),
            Self::ClosePayload(error) => error.close_code(),
            Self::TextNotUtf8 => CloseCode::INVALID_PAYLOAD,
            Self::MessageTooBig | Self::FrameTooBig => CloseCode::MESSAGE_TOO_BIG,
            Self::TooManyFragments => CloseCode::POLICY_VIOLATION,
            Self::NotMasked | Self::Masked | Self::UnexpectedContinuation | Self::MessageInterrupted(_) => {
                CloseCode::PROTOCOL_ERROR
            }
        }
    }

    /// The section of RFC 6455 that has the rule, as `"5.4"`.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::Header(HeaderError::FragmentedControlFrame | HeaderError::ControlFrameTooLong) => "5.5",
            Self::Header(_) => "5.2",
            Self::NotMasked | Self::Masked => "5.1",
            Self::UnexpectedContinuation | Self::MessageInterrupted(_) => "5.4",
            Self::TextNotUtf8 => "8.1",
            Self::ClosePayload(ClosePayloadError::InvalidCode(_)) => "7.4",
            Self::ClosePayload(_) => "5.5.1",
            Self::MessageTooBig | Self::FrameTooBig | Self::TooManyFragments => "10.4",
        }
    }
}

impl From<HeaderError> for Violation {
    fn from(error: HeaderError) -> Self {
        Self::Header(error)
    }
}

impl From<ClosePayloadError> for Violation {
    fn from(error: ClosePayloadError) -> Self {
        Self::ClosePayload(error)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(error) => return error.fmt(f),
            Self::ClosePayload(error) => return error.fmt(f),
            Self::NotMasked => f.write_str("the client sent a frame that is not masked")?,
            Self::Masked => f.write_str("the server sent a masked frame")?,
            Self::UnexpectedContinuation => f.write_str("the peer continued a message that it had not begun")?,
            Self::MessageInterrupted(kind) => {
                write!(f, "the peer began a message inside an unfinished {kind} message")?;
            }
            Self::TextNotUtf8 => f.write_str("the peer sent a text message that is not UTF-8")?,
            Self::MessageTooBig => f.write_str("the peer sent a message that is too long")?,
            Self::FrameTooBig => f.write_str("the peer sent a frame that is too long")?,
            Self::TooManyFragments => f.write_str("the peer sent a message in too many fragments")?,
        }
        write!(f, " (RFC 6455, section {})", self.section())
    }
}

impl core::error::Error for Violation {}
