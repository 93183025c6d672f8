//! Everything that a call can fail with, sorted by who is to blame: the peer, the caller, or nobody.

use core::fmt;

use ws_frame::{CloseCode, HeaderError};
use ws_handshake::{Reply, RequestError, ResponseError};

use crate::{MessageKind, Violation};

/// Why a call failed. Whatever it is, the endpoint is as it was before the call and no input was taken, unless the error
/// is a [`Violation`](Self::Violation), after which the connection can only be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// Nobody's fault: the HTTP head is not complete yet. Call again with more bytes behind the ones already given.
    HttpHeaderIncomplete,
    /// Nobody's fault: the connection is closing or closed by the peer's Close frame, or closed after its violation, so
    /// that nothing more is to be read (RFC 6455, section 1.4).
    Closed,
    /// The output slice is too short. Of a frame nothing was written; of a head in the opening handshake, what the slice
    /// holds now is of no use.
    BufferTooSmall {
        /// The length in bytes that the output slice must have.
        needed: usize,
    },
    /// The caller asked for something that would break the protocol; nothing was written.
    Misuse(Misuse),
    /// The caller gave the opening handshake something that cannot be put into an HTTP head.
    HandshakeInput(ws_handshake::EncodeError),
    /// The client sent a request that is not a valid opening handshake; [`reply`](Self::reply) refuses it.
    Request(RequestError),
    /// The server did not agree to the opening handshake.
    Response(ResponseError),
    /// The peer broke a rule; [`close_code`](Self::close_code) is what to tell it.
    Violation(Violation),
    /// The transport ended before the handshake did, the opening or the closing one: what RFC 6455, section 7.1.5, calls
    /// the close code 1006.
    TransportEnded {
        /// Whether it ended between two messages, so that nothing that was begun is missing.
        clean: bool,
    },
    /// The peer's HTTP head is longer than the memory for it.
    HeadTooLarge,
}

impl Error {
    /// The close code to send to the peer, if this is a violation of the peer's.
    #[must_use]
    pub const fn close_code(&self) -> Option<CloseCode> {
        match self {
            Self::Violation(violation) => Some(violation.close_code()),
            _ => None,
        }
    }

    /// The HTTP response that refuses the request, if this is a client's faulty opening handshake.
    #[must_use]
    pub fn reply(&self) -> Option<Reply<'static>> {
        match self {
            Self::Request(error) => Some(error.reply()),
            _ => None,
        }
    }
}

/// What the caller may not do, by the state of the connection or by the rules for what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Misuse {
    /// The opening handshake is not complete.
    NotOpen,
    /// The opening handshake is over already.
    AlreadyOpen,
    /// A Close frame was sent or received, so that no message and no Ping may follow (RFC 6455, section 5.5.1).
    Closing,
    /// The peer broke a rule, so that nothing but a Close frame may be sent (RFC 6455, section 7.1.7).
    Failed,
    /// The peer has sent no Close frame that could be answered, or it has not arrived whole.
    NoCloseToAnswer,
    /// There is no Ping that could be answered: it was answered already, or another control frame has come since.
    NoPingToAnswer,
    /// There is no message that could be continued.
    NoMessageToContinue,
    /// A message of the other kind has been begun and not ended (RFC 6455, section 5.4).
    MessageUnfinished(MessageKind),
    /// A frame is half sent: go on with the rest of its payload.
    FrameUnfinished {
        /// How many bytes of its payload are not sent yet.
        remaining: u64,
    },
    /// The text to send is not UTF-8, or the message ends inside a character (RFC 6455, section 8.1).
    TextNotUtf8,
    /// A value that was to be sent as formatted text cannot be formatted.
    Unformattable,
    /// A control frame cannot be fragmented or carry more than 125 bytes (RFC 6455, section 5.5).
    ControlFrame(HeaderError),
    /// The close code may not be sent (RFC 6455, section 7.4).
    CloseCodeNotAllowed(CloseCode),
    /// The close reason is longer than 123 bytes (RFC 6455, section 5.5).
    CloseReasonTooLong,
    /// The payload for a Close frame is not a close code that may be sent and a reason in UTF-8 (RFC 6455, sections 5.5.1
    /// and 7.4).
    ClosePayload,
    /// More than four sub-protocols were to be offered, of which digests are kept.
    TooManySubProtocols,
    /// The port is neither empty nor a number of 16 bits.
    InvalidPort,
    /// A part of a message was received in another way: receive the rest of it in the same way.
    MessageHalfReceived,
    /// The opening handshake needs an answer, or has one already.
    NoRequestToAnswer,
    /// An extension was to be negotiated, of which the state machine knows none (RFC 6455, section 9).
    Extension,
}

impl From<Misuse> for Error {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl From<RequestError> for Error {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<ResponseError> for Error {
    fn from(error: ResponseError) -> Self {
        Self::Response(error)
    }
}

impl From<ws_handshake::EncodeError> for Error {
    fn from(error: ws_handshake::EncodeError) -> Self {
        match error {
            ws_handshake::EncodeError::BufferTooSmall { needed } => Self::BufferTooSmall { needed },
            error => Self::HandshakeInput(error),
        }
    }
}

impl From<ws_frame::EncodeError> for Error {
    fn from(error: ws_frame::EncodeError) -> Self {
        match error {
            ws_frame::EncodeError::BufferTooSmall { needed } => Self::BufferTooSmall { needed },
            ws_frame::EncodeError::Header(rule) => Self::Misuse(Misuse::ControlFrame(rule)),
            ws_frame::EncodeError::CloseCodeNotAllowed(code) => Self::Misuse(Misuse::CloseCodeNotAllowed(code)),
            _ => Self::Misuse(Misuse::CloseReasonTooLong),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HttpHeaderIncomplete => f.write_str("the HTTP head is not complete yet"),
            Self::Closed => f.write_str("nothing more is read: the connection is closing or closed"),
            Self::BufferTooSmall { needed } => write!(f, "the output buffer is too small: {needed} bytes are needed"),
            Self::Misuse(misuse) => misuse.fmt(f),
            Self::HandshakeInput(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::Response(error) => error.fmt(f),
            Self::Violation(violation) => violation.fmt(f),
            Self::TransportEnded { clean: true } => f.write_str("the transport ended without a closing handshake"),
            Self::TransportEnded { clean: false } => f.write_str("the transport ended inside a message or a handshake"),
            Self::HeadTooLarge => f.write_str("the peer's HTTP head is longer than the memory for it"),
        }
    }
}

impl core::error::Error for Error {}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpen => f.write_str("the opening handshake is not complete"),
            Self::AlreadyOpen => f.write_str("the opening handshake is over already"),
            Self::Closing => f.write_str("no message and no Ping may be sent after Close (RFC 6455, section 5.5.1)"),
            Self::Failed => f.write_str("the connection has failed: only Close may be sent (RFC 6455, section 7.1.7)"),
            Self::NoCloseToAnswer => f.write_str("no Close frame of the peer has arrived whole that could be answered"),
            Self::NoPingToAnswer => {
                f.write_str("the last control frame that arrived is no Ping that waits for an answer")
            }
            Self::NoMessageToContinue => {
                f.write_str("no message was begun that could be continued (RFC 6455, section 5.4)")
            }
            Self::MessageUnfinished(kind) => {
                write!(f, "a {kind} message is unfinished: end it first (RFC 6455, section 5.4)")
            }
            Self::FrameUnfinished { remaining } => {
                write!(f, "a frame is half sent: {remaining} bytes of its payload come first")
            }
            Self::TextNotUtf8 => f.write_str("the text to send is not UTF-8 (RFC 6455, section 8.1)"),
            Self::Unformattable => f.write_str("a value in the text to send cannot be formatted"),
            Self::ControlFrame(rule) => ws_frame::EncodeError::Header(*rule).fmt(f),
            Self::CloseCodeNotAllowed(code) => ws_frame::EncodeError::CloseCodeNotAllowed(*code).fmt(f),
            Self::CloseReasonTooLong => ws_frame::EncodeError::CloseReasonTooLong.fmt(f),
            Self::TooManySubProtocols => f.write_str("a client can offer at most four sub-protocols"),
            Self::InvalidPort => f.write_str("the port is not a number from 0 to 65535"),
            Self::MessageHalfReceived => {
                f.write_str("a message is half received in another way: receive the rest of it so")
            }
            Self::NoRequestToAnswer => f.write_str("there is no request that waits for an answer"),
            Self::Extension => f.write_str("no extension can be negotiated (RFC 6455, section 9)"),
            Self::ClosePayload => {
                f.write_str("the close code or reason may not be sent (RFC 6455, sections 5.5.1 and 7.4)")
            }
        }
    }
}

impl core::error::Error for Misuse {}
