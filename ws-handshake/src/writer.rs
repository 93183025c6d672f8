//! Writing a head into a buffer that may be too small, and the checks that keep a value from becoming more than a
//! value.

use crate::error::{EncodeError, check};
use crate::token::is_token;

/// A header as the caller gives it: name and value.
pub(crate) type Header<'a> = (&'a str, &'a str);

/// Writes text one piece after the other, and counts on when the buffer is full.
pub(crate) struct Writer<'o> {
    out: &'o mut [u8],
    len: usize,
}

impl<'o> Writer<'o> {
    pub(crate) fn new(out: &'o mut [u8]) -> Self {
        Self { out, len: 0 }
    }

    pub(crate) fn put(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let space = self.out.get_mut(self.len..).unwrap_or_default();
        for (to, from) in space.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.len = self.len.saturating_add(bytes.len());
    }

    pub(crate) fn put_number(&mut self, number: usize) {
        let mut digits = [b'0'; 20]; // as many as the largest number of 64 bits has
        let mut rest = number;
        let mut len = 0_usize;
        for digit in digits.iter_mut().rev() {
            *digit = b"0123456789".get(rest % 10).copied().unwrap_or_default();
            rest /= 10;
            len = len.saturating_add(1);
            if rest == 0 {
                break;
            }
        }
        self.put(digits.get(digits.len().saturating_sub(len)..).unwrap_or_default());
    }

    pub(crate) fn put_header(&mut self, name: &str, value: &str) {
        self.put(name);
        self.put(": ");
        self.put(value);
        self.put("\r\n");
    }

    /// Writes the caller's own headers and the blank line that ends the head.
    pub(crate) fn put_headers(&mut self, headers: &[Header<'_>]) {
        for (name, value) in headers {
            self.put_header(name, value);
        }
        self.put("\r\n");
    }

    /// How many bytes were put, whether there was room for them or not.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many bytes were written, if all of them were.
    pub(crate) fn finish(self) -> Result<usize, EncodeError> {
        check(self.len <= self.out.len(), EncodeError::BufferTooSmall { needed: self.len })?;
        Ok(self.len)
    }
}

/// Checks the caller's own headers: names are tokens that the handshake does not need itself, values hold no line end.
pub(crate) fn check_headers(headers: &[Header<'_>]) -> Result<(), EncodeError> {
    for (name, value) in headers {
        check(is_token(name.as_bytes()), EncodeError::InvalidHeaderName)?;
        check(!is_reserved(name), EncodeError::ReservedHeader)?;
        check(is_header_value(value), EncodeError::InvalidHeaderValue)?;
    }
    Ok(())
}

/// RFC 9110, section 5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous"; other control
/// characters than the tab are invalid too.
fn is_header_value(value: &str) -> bool {
    value.bytes().all(|byte| !byte.is_ascii_control() || byte == b'\t')
}

/// Whether `name` belongs to the handshake or to the framing of the message.
fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 5] = ["Host", "Upgrade", "Connection", "Content-Length", "Transfer-Encoding"];
    const PREFIX: &str = "Sec-WebSocket-";
    let prefix = name.get(..PREFIX.len());
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX))
        || NAMES.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}
