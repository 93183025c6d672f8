//! Any HTTP answer but the 101: refusals and pages. One answer ends the connection, so that no request ever follows
//! another on it.

use crate::error::{EncodeError, check};
use crate::writer::{Header, Writer, check_headers};

/// A final HTTP response: a refusal, a redirect, or a page for a browser that asked for one.
///
/// `Content-Length` and `Connection: close` are written by themselves: close the connection after the body. With status
/// 426 come `Upgrade: websocket` and `Sec-WebSocket-Version: 13` too.
///
/// ```
/// use ws_handshake::Reply;
///
/// let page = Reply::new(200).with_headers(&[("Content-Type", "text/plain")]).with_body(b"hello");
/// let mut out = [0; 200];
/// let len = page.encode(&mut out)?;
/// assert_eq!(
///     core::str::from_utf8(&out[..len]).unwrap(),
///     "HTTP/1.1 200 OK\r\n\
///      Connection: close\r\n\
///      Content-Length: 5\r\n\
///      Content-Type: text/plain\r\n\
///      \r\n\
///      hello"
/// );
/// # Ok::<(), ws_handshake::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reply<'a> {
    /// The status, from 200 to 599.
    pub status: u16,
    /// More headers, such as `Content-Type` or `Location`: names and values.
    pub headers: &'a [Header<'a>],
    /// The body, whose length is the `Content-Length`. Left out for 204 and 304, which have none.
    pub body: &'a [u8],
}

impl Reply<'static> {
    /// 400: the request is malformed.
    pub const BAD_REQUEST: Self = Self::new(400);
    /// 403: not from this origin, or not for this client (RFC 6455, section 4.2.2, item 1).
    pub const FORBIDDEN: Self = Self::new(403);
    /// 404: nothing is at this path (RFC 6455, section 4.2.2, item 3).
    pub const NOT_FOUND: Self = Self::new(404);
    /// 426: here is a WebSocket of version 13 and nothing else (RFC 6455, section 4.4).
    pub const UPGRADE_REQUIRED: Self = Self::new(426);
    /// 431: the head does not fit into the server's buffer (RFC 6585, section 5).
    pub const HEAD_TOO_LARGE: Self = Self::new(431);
    /// 503: no connection is free at the moment.
    pub const UNAVAILABLE: Self = Self::new(503);
}

impl<'a> Reply<'a> {
    /// An empty reply with this status.
    pub const fn new(status: u16) -> Self {
        Self { status, headers: &[], body: b"" }
    }

    /// The same reply with these headers instead of its own.
    #[must_use]
    pub const fn with_headers(self, headers: &'a [Header<'a>]) -> Self {
        Self { headers, ..self }
    }

    /// The same reply with this body.
    #[must_use]
    pub const fn with_body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// Writes the head to the front of `out` and returns its length in bytes. The body is to follow as it is, without
    /// a copy; it does not follow in answer to the method `HEAD`.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a part is not fit to be sent, or else if `out` is too small.
    pub fn encode_head(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.write_head(out)?.finish()
    }

    /// Writes the head and the body to the front of `out` and returns their length in bytes.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a part is not fit to be sent, or else if `out` is too small.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        let mut reply = self.write_head(out)?;
        if self.may_have_body() {
            reply.put(self.body);
        }
        reply.finish()
    }

    fn write_head<'o>(&self, out: &'o mut [u8]) -> Result<Writer<'o>, EncodeError> {
        check(matches!(self.status, 200..=599), EncodeError::InvalidStatus)?;
        check_headers(self.headers)?;

        let mut head = Writer::new(out);
        head.put("HTTP/1.1 ");
        head.put_number(usize::from(self.status));
        head.put(" ");
        head.put(reason(self.status));
        head.put("\r\n");
        if self.status == 426 {
            // RFC 9110, section 7.8: "A sender of Upgrade MUST also send an "Upgrade" connection option in the
            // Connection header field". RFC 6455, section 4.4: "If the server doesn't support the requested version, it
            // MUST respond with a |Sec-WebSocket-Version| header field [...] containing all versions it is willing to
            // use."
            head.put("Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
        } else {
            head.put("Connection: close\r\n");
        }
        if self.may_have_body() {
            head.put("Content-Length: ");
            head.put_number(self.body.len());
            head.put("\r\n");
        }
        head.put_headers(self.headers);
        Ok(head)
    }

    /// Whether the body follows the head: with the statuses 204 and 304 it does not.
    ///
    /// RFC 9110, section 6.4.1: "All 1xx (Informational), 204 (No Content), and 304 (Not Modified) responses do not
    /// include content."
    pub fn may_have_body(&self) -> bool {
        !matches!(self.status, 204 | 304)
    }
}

/// The words of RFC 9110 for the statuses that a small server sends; the words of others may be left out.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "",
    }
}
