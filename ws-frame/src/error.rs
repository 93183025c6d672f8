//! What can be wrong with a frame, who is to blame, and the close code to answer with. The rules themselves are
//! checked where the bytes are parsed or written.

use core::fmt;

use crate::{CloseCode, MAX_CLOSE_REASON_LEN};

/// The peer sent a frame header that RFC 6455 does not allow.
///
/// The connection cannot go on, because the position of the next frame is no longer known: send a Close frame with
/// [`close_code`](Self::close_code) and close the transport (RFC 6455, section 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HeaderError {
    /// A reserved bit is set that no negotiated extension uses (section 5.2).
    ReservedBits,
    /// The opcode is one of the reserved ones, 3-7 and 11-15 (section 5.2).
    ReservedOpcode,
    /// A Close, Ping or Pong frame does not have FIN set (section 5.5).
    FragmentedControlFrame,
    /// A Close, Ping or Pong frame announces more than 125 bytes (section 5.5).
    ControlFrameTooLong,
    /// The payload length is written in more bytes than it needs (section 5.2).
    LengthNotMinimal,
    /// The most significant bit of a 64-bit payload length is set (section 5.2).
    LengthTooLarge,
}

impl HeaderError {
    /// The close code to send: always [`CloseCode::PROTOCOL_ERROR`].
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        CloseCode::PROTOCOL_ERROR
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReservedBits => "the peer set a reserved bit that was not negotiated (RFC 6455, section 5.2)",
            Self::ReservedOpcode => "the peer sent a reserved opcode (RFC 6455, section 5.2)",
            Self::FragmentedControlFrame => "the peer sent a fragmented control frame (RFC 6455, section 5.5)",
            Self::ControlFrameTooLong => "the peer sent a control frame of more than 125 bytes (RFC 6455, section 5.5)",
            Self::LengthNotMinimal => {
                "the peer did not write a payload length in the fewest bytes (RFC 6455, section 5.2)"
            }
            Self::LengthTooLarge => "the peer announced a payload of 2^63 bytes or more (RFC 6455, section 5.2)",
        })
    }
}

impl core::error::Error for HeaderError {}

/// The peer sent a Close frame with a payload that RFC 6455, section 7.4, does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ClosePayloadError {
    /// The payload is a single byte, which is not a close code (section 5.5.1).
    Truncated,
    /// The close code may not be sent in a Close frame (section 7.4).
    InvalidCode(CloseCode),
    /// The reason is not UTF-8 (section 5.5.1).
    ReasonNotUtf8,
}

impl ClosePayloadError {
    /// The close code to answer with: [`CloseCode::INVALID_PAYLOAD`] for a reason that is not UTF-8,
    /// [`CloseCode::PROTOCOL_ERROR`] for the rest.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Truncated | Self::InvalidCode(_) => CloseCode::PROTOCOL_ERROR,
            Self::ReasonNotUtf8 => CloseCode::INVALID_PAYLOAD,
        }
    }
}

impl fmt::Display for ClosePayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => {
                f.write_str("the peer sent a Close frame with half a close code (RFC 6455, section 5.5.1)")
            }
            Self::InvalidCode(code) => {
                write!(f, "the peer sent the close code {code}, which may not be sent (RFC 6455, section 7.4)")
            }
            Self::ReasonNotUtf8 => {
                f.write_str("the peer sent a close reason that is not UTF-8 (RFC 6455, section 5.5.1)")
            }
        }
    }
}

impl core::error::Error for ClosePayloadError {}

/// The bytes are not UTF-8 (RFC 6455, section 8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Utf8Error;

impl Utf8Error {
    /// The close code to send: always [`CloseCode::INVALID_PAYLOAD`].
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        CloseCode::INVALID_PAYLOAD
    }
}

impl fmt::Display for Utf8Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not UTF-8 (RFC 6455, section 8.1)")
    }
}

impl core::error::Error for Utf8Error {}

/// The caller asked for bytes that cannot be written. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// The output slice is too short.
    BufferTooSmall {
        /// The length in bytes that the output slice must have.
        needed: usize,
    },
    /// The frame would break a rule that the receiver checks.
    Header(HeaderError),
    /// The close code may not be sent in a Close frame (RFC 6455, section 7.4).
    CloseCodeNotAllowed(CloseCode),
    /// The close reason is longer than [`MAX_CLOSE_REASON_LEN`] bytes (RFC 6455, section 5.5).
    CloseReasonTooLong,
}

impl From<HeaderError> for EncodeError {
    fn from(rule: HeaderError) -> Self {
        Self::Header(rule)
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooSmall { needed } => write!(f, "the output buffer is too small: {needed} bytes are needed"),
            Self::Header(HeaderError::FragmentedControlFrame) => {
                f.write_str("a control frame cannot be fragmented (RFC 6455, section 5.5)")
            }
            Self::Header(HeaderError::ControlFrameTooLong) => {
                f.write_str("a control frame cannot carry more than 125 bytes (RFC 6455, section 5.5)")
            }
            Self::Header(HeaderError::LengthTooLarge) => {
                f.write_str("a frame cannot carry 2^63 bytes or more (RFC 6455, section 5.2)")
            }
            Self::Header(_) => f.write_str("the frame header would break RFC 6455, section 5.2"),
            Self::CloseCodeNotAllowed(code) => {
                write!(f, "the close code {code} may not be sent (RFC 6455, section 7.4)")
            }
            Self::CloseReasonTooLong => {
                write!(f, "the close reason is longer than {MAX_CLOSE_REASON_LEN} bytes (RFC 6455, section 5.5)")
            }
        }
    }
}

impl core::error::Error for EncodeError {}
