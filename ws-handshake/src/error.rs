//! What can be wrong with a head, by who got it wrong: the client that sent a request, the server that sent a response,
//! or our own application that asks for a head which must not be sent.
//!
//! The rules are checked elsewhere; here they have their names, their text and the HTTP status that answers them.

use core::fmt;

use crate::head::HeadError;
use crate::reply::Reply;

/// What the client did wrong in its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// The request line is not a method, a target and a version (RFC 9112, section 3).
    RequestLine,
    /// The version is not HTTP/1.1; HTTP/1.0 is enough for a plain request (RFC 6455, section 4.2.1).
    HttpVersion,
    /// A line does not end with CR LF (RFC 9112, section 2.2).
    LineEnd,
    /// A header name is not a token right before its colon, or a line is folded (RFC 9112, section 5).
    HeaderName,
    /// A header value holds a control character (RFC 9110, section 5.5).
    HeaderValue,
    /// There are more than [`MAX_HEADERS`](crate::MAX_HEADERS) header lines (RFC 6585, section 5).
    TooManyHeaders,
    /// `Host` is not there exactly once with a host in it, which HTTP/1.0 may leave out; or the target is a URI without a
    /// valid host (RFC 9112, section 3.2).
    Host,
    /// The method of an upgrade is not GET (RFC 6455, section 4.2.1, item 1).
    Method,
    /// The target of an upgrade is neither a path nor an `http:` or `https:` URI (RFC 6455, section 4.2.1, item 1), or it
    /// has a fragment (section 3).
    Target,
    /// `Upgrade` does not hold `websocket` (RFC 6455, section 4.2.1, item 3).
    Upgrade,
    /// `Connection` does not hold `Upgrade` (RFC 6455, section 4.2.1, item 4).
    Connection,
    /// `Sec-WebSocket-Version` is not there exactly once with the value 13 (RFC 6455, section 4.2.1, item 6).
    Version,
    /// `Sec-WebSocket-Key` is not there exactly once with 16 bytes of base64 (RFC 6455, section 4.2.1, item 5).
    Key,
    /// `Origin` is there more than once or is not ASCII text (RFC 6454, section 7).
    Origin,
    /// The request announces a body, which would stand where the first frame is expected (RFC 6455, section 4.1).
    Body,
    /// `Sec-WebSocket-Protocol` is not a list of at most [`MAX_SUB_PROTOCOLS`](crate::MAX_SUB_PROTOCOLS) different
    /// tokens (RFC 6455, section 4.1, item 10).
    SubProtocols,
    /// `Sec-WebSocket-Extensions` is not a list of extensions (RFC 6455, section 9.1).
    Extensions,
}

impl RequestError {
    /// The HTTP status to refuse with: 400, 426 (wrong version) or 431 (too many headers).
    pub const fn status(&self) -> u16 {
        match self {
            Self::Version => 426,
            Self::TooManyHeaders => 431,
            _ => 400,
        }
    }

    /// The whole refusal, ready to be encoded.
    ///
    /// ```
    /// use ws_handshake::RequestError;
    ///
    /// let mut out = [0; 160];
    /// let len = RequestError::Version.reply().encode(&mut out)?;
    /// let text = core::str::from_utf8(&out[..len]).unwrap();
    /// assert!(text.starts_with("HTTP/1.1 426 Upgrade Required\r\n"));
    /// assert!(text.contains("\r\nSec-WebSocket-Version: 13\r\n"));
    /// # Ok::<(), ws_handshake::EncodeError>(())
    /// ```
    pub const fn reply(&self) -> Reply<'static> {
        Reply::new(self.status())
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestLine => "the client's request line is malformed (RFC 9112, section 3)",
            Self::HttpVersion => "the client does not speak HTTP/1.1 (RFC 6455, section 4.2.1)",
            Self::LineEnd => "the client ended a line without CR LF (RFC 9112, section 2.2)",
            Self::HeaderName => "the client sent a malformed header name or a folded line (RFC 9112, section 5)",
            Self::HeaderValue => "the client sent a control character in a header value (RFC 9110, section 5.5)",
            Self::TooManyHeaders => "the client sent too many headers (RFC 6585, section 5)",
            Self::Host => "the client did not send exactly one valid Host (RFC 9112, section 3.2)",
            Self::Method => "the client asked for an upgrade with another method than GET (RFC 6455, section 4.2.1)",
            Self::Target => {
                "the client's target is neither a path nor an http URI, or has a fragment (RFC 6455, section 4.2.1)"
            }
            Self::Upgrade => "the client's Upgrade does not hold websocket (RFC 6455, section 4.2.1)",
            Self::Connection => "the client's Connection does not hold Upgrade (RFC 6455, section 4.2.1)",
            Self::Version => "the client's Sec-WebSocket-Version is not 13, once (RFC 6455, section 4.2.1)",
            Self::Key => "the client's Sec-WebSocket-Key is not 16 bytes of base64, once (RFC 6455, section 4.2.1)",
            Self::Origin => "the client's Origin is there more than once or is not ASCII (RFC 6454, section 7)",
            Self::Body => "the client announced a body for a handshake (RFC 6455, section 4.1)",
            Self::SubProtocols => {
                "the client's Sec-WebSocket-Protocol is not a list of different tokens (RFC 6455, section 4.1)"
            }
            Self::Extensions => "the client's Sec-WebSocket-Extensions is malformed (RFC 6455, section 9.1)",
        })
    }
}

impl core::error::Error for RequestError {}

impl From<HeadError> for RequestError {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::StartLine => Self::RequestLine,
            HeadError::HttpVersion => Self::HttpVersion,
            HeadError::LineEnd => Self::LineEnd,
            HeadError::HeaderName => Self::HeaderName,
            HeadError::HeaderValue => Self::HeaderValue,
            HeadError::TooManyHeaders => Self::TooManyHeaders,
        }
    }
}

/// What the server did wrong in its response, or that it refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ResponseError {
    /// The status line is not a version, a status of three digits and a reason (RFC 9112, section 4).
    StatusLine,
    /// The version is not HTTP/1.1; HTTP/1.0 is enough for a refusal (RFC 6455, section 4.2.2).
    HttpVersion,
    /// A line does not end with CR LF (RFC 9112, section 2.2).
    LineEnd,
    /// A header name is not a token right before its colon, or a line is folded (RFC 9112, section 5).
    HeaderName,
    /// A header value holds a control character (RFC 9110, section 5.5).
    HeaderValue,
    /// There are more than [`MAX_HEADERS`](crate::MAX_HEADERS) header lines.
    TooManyHeaders,
    /// The server did not switch protocols (RFC 6455, section 4.1, item 1). The response's headers, and the start of
    /// its body behind the head, may say more: 401 asks for credentials, 3xx names another `Location`.
    Refused {
        /// The status that came instead of 101.
        status: u16,
    },
    /// `Upgrade` is not `websocket` (RFC 6455, section 4.1, item 2).
    Upgrade,
    /// `Connection` does not hold `Upgrade` (RFC 6455, section 4.1, item 3).
    Connection,
    /// `Sec-WebSocket-Accept` is not there exactly once with the value that belongs to the key (RFC 6455, section 4.1,
    /// item 4).
    Accept,
    /// `Sec-WebSocket-Extensions` is not a list of extensions (RFC 6455, section 9.1).
    Extensions,
    /// An extension came that was not offered (RFC 6455, section 4.1, item 5).
    ExtensionNotOffered,
    /// `Sec-WebSocket-Protocol` is there more than once or is not a token (RFC 6455, section 4.2.2).
    SubProtocol,
    /// A sub-protocol came that was not offered (RFC 6455, section 4.1, item 6).
    SubProtocolNotOffered,
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StatusLine => "the server's status line is malformed (RFC 9112, section 4)",
            Self::HttpVersion => "the server does not speak HTTP/1.1 (RFC 6455, section 4.2.2)",
            Self::LineEnd => "the server ended a line without CR LF (RFC 9112, section 2.2)",
            Self::HeaderName => "the server sent a malformed header name or a folded line (RFC 9112, section 5)",
            Self::HeaderValue => "the server sent a control character in a header value (RFC 9110, section 5.5)",
            Self::TooManyHeaders => "the server sent too many headers",
            Self::Refused { status } => {
                return write!(f, "the server refused the handshake with status {status} (RFC 6455, section 4.1)");
            }
            Self::Upgrade => "the server's Upgrade is not websocket (RFC 6455, section 4.1)",
            Self::Connection => "the server's Connection does not hold Upgrade (RFC 6455, section 4.1)",
            Self::Accept => "the server's Sec-WebSocket-Accept does not answer the key (RFC 6455, section 4.1)",
            Self::Extensions => "the server's Sec-WebSocket-Extensions is malformed (RFC 6455, section 9.1)",
            Self::ExtensionNotOffered => "the server chose an extension that was not offered (RFC 6455, section 4.1)",
            Self::SubProtocol => "the server's Sec-WebSocket-Protocol is not one token (RFC 6455, section 4.2.2)",
            Self::SubProtocolNotOffered => {
                "the server chose a sub-protocol that was not offered (RFC 6455, section 4.1)"
            }
        })
    }
}

impl core::error::Error for ResponseError {}

impl From<HeadError> for ResponseError {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::StartLine => Self::StatusLine,
            HeadError::HttpVersion => Self::HttpVersion,
            HeadError::LineEnd => Self::LineEnd,
            HeadError::HeaderName => Self::HeaderName,
            HeadError::HeaderValue => Self::HeaderValue,
            HeadError::TooManyHeaders => Self::TooManyHeaders,
        }
    }
}

/// Why a head that the application asked for is not sent. The contents are checked before the size of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// The output is too small, and what it holds now is of no use.
    BufferTooSmall {
        /// The exact size in bytes with which the same call succeeds.
        needed: usize,
    },
    /// A header name is not a token (RFC 9110, section 5.1).
    InvalidHeaderName,
    /// A header value holds a control character, such as CR, LF or NUL (RFC 9110, section 5.5).
    InvalidHeaderValue,
    /// A header that this crate writes itself: `Host`, `Upgrade`, `Connection`, `Content-Length`,
    /// `Transfer-Encoding`, all that begin with `Sec-WebSocket-`, and an `Origin` beside the request's own.
    ReservedHeader,
    /// The path does not begin with `/`, or holds a space, a control character, a `#` or anything that is not ASCII
    /// (RFC 6455, section 3).
    InvalidTarget,
    /// The host is neither a name nor an IP address; a port does not belong into it (RFC 3986, section 3.2.2).
    InvalidHost,
    /// The origin is empty or holds a space, a control character or anything that is not ASCII (RFC 6454, section 7.1).
    InvalidOrigin,
    /// The key is not 16 bytes of base64 (RFC 6455, section 4.1, item 7).
    InvalidKey,
    /// A sub-protocol is not a token or is offered twice (RFC 6455, section 4.1, item 10), or was not offered (section
    /// 4.2.2).
    InvalidSubProtocol,
    /// The extensions are not a list as in RFC 6455, section 9.1.
    InvalidExtensions,
    /// The status of a [`Reply`] is not one from 200 to 599: 101 is said with an [`Acceptance`](crate::Acceptance).
    InvalidStatus,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BufferTooSmall { needed } => {
                return write!(f, "the output buffer is too small: the head takes {needed} bytes");
            }
            Self::InvalidHeaderName => "our application's header name is not a token (RFC 9110, section 5.1)",
            Self::InvalidHeaderValue => {
                "our application's header value holds a control character (RFC 9110, section 5.5)"
            }
            Self::ReservedHeader => "our application sets a header that belongs to the handshake (RFC 6455, section 4)",
            Self::InvalidTarget => "our application's path is not a resource name (RFC 6455, section 3)",
            Self::InvalidHost => "our application's host is not a name or an IP address (RFC 3986, section 3.2.2)",
            Self::InvalidOrigin => "our application's origin is malformed (RFC 6454, section 7.1)",
            Self::InvalidKey => "our application's key is not 16 bytes of base64 (RFC 6455, section 4.1)",
            Self::InvalidSubProtocol => {
                "our application's sub-protocol is not a token, is there twice or was not offered (RFC 6455, section 4)"
            }
            Self::InvalidExtensions => "our application's extensions are malformed (RFC 6455, section 9.1)",
            Self::InvalidStatus => "our application's status is not from 200 to 599 (RFC 9110, section 15)",
        })
    }
}

impl core::error::Error for EncodeError {}

/// One rule: an error unless it holds.
pub(crate) fn check<E>(holds: bool, error: E) -> Result<(), E> {
    if holds { Ok(()) } else { Err(error) }
}
