//! `Sec-WebSocket-Key` and the `Sec-WebSocket-Accept` that proves that it was read (RFC 6455, sections 1.3 and 4).
//!
//! Where the random nonce comes from is the caller's choice; where the two texts stand in a head is the business of the
//! files that read and write heads.

use core::fmt;
use core::ops::Deref;

use base64ct::{Base64, Encoding};
use sha1::{Digest, Sha1};

/// What RFC 6455, section 1.3 appends to the key before it is hashed.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The key of one opening handshake: 24 characters of base64 that stand for 16 bytes (RFC 6455, section 4.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WebSocketKey([u8; 24]);

impl WebSocketKey {
    /// The key that stands for `nonce`, 16 bytes that the client chose at random for this connection.
    ///
    /// ```
    /// use ws_handshake::WebSocketKey;
    ///
    /// assert_eq!(WebSocketKey::from_nonce(*b"the sample nonce").as_str(), "dGhlIHNhbXBsZSBub25jZQ==");
    /// ```
    pub fn from_nonce(nonce: [u8; 16]) -> Self {
        Self(base64(&nonce))
    }

    /// The key in the text of a `Sec-WebSocket-Key` header, or `None` if that is not 16 bytes in base64.
    ///
    /// The four bits of the last character that carry nothing may have any value, because the RFC's own example in
    /// section 4.1 (`AQIDBAUGBwgJCgsMDQ4PEC==`) has some of them set.
    pub fn parse(value: &str) -> Option<Self> {
        Self::from_bytes(value.as_bytes())
    }

    /// As [`parse`](Self::parse), of bytes that need not be text.
    pub(crate) fn from_bytes(value: &[u8]) -> Option<Self> {
        let text: [u8; 24] = value.try_into().ok()?;
        // 22 characters of six bits and two of padding: 16 bytes and nothing else.
        let digits = text.strip_suffix(b"==")?;
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        digits.iter().all(is_digit).then_some(Self(text))
    }

    /// The 24 characters.
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }

    /// The `Sec-WebSocket-Accept` that answers this key.
    ///
    /// The example is that of RFC 6455, section 1.3:
    ///
    /// ```
    /// use ws_handshake::WebSocketKey;
    ///
    /// let key = WebSocketKey::parse("dGhlIHNhbXBsZSBub25jZQ==").unwrap();
    /// assert_eq!(key.accept().as_str(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    /// ```
    pub fn accept(&self) -> WebSocketAccept {
        accept_for(self.as_str())
    }
}

/// The `Sec-WebSocket-Accept` that answers the text of a `Sec-WebSocket-Key`, whatever that text is.
pub fn accept_for(key: &str) -> WebSocketAccept {
    // RFC 6455, section 4.2.2: "concatenating /key/ [...] with the string "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
    // taking the SHA-1 hash of this concatenated value to obtain a 20-byte value and base64-encoding [...] this
    // 20-byte hash".
    let hash = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    WebSocketAccept(base64(&hash))
}

/// The server's answer to a key: 28 characters of base64 that stand for a SHA-1 hash (RFC 6455, section 4.2.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WebSocketAccept([u8; 28]);

impl WebSocketAccept {
    /// The 28 characters.
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }
}

/// The traits of a piece of text, for both types.
macro_rules! as_text {
    ($name:ident) => {
        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                self.as_str()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }

        #[cfg(feature = "defmt")]
        impl defmt::Format for $name {
            fn format(&self, f: defmt::Formatter<'_>) {
                defmt::write!(f, "{=str}", self.as_str());
            }
        }
    };
}

as_text!(WebSocketKey);
as_text!(WebSocketAccept);

/// `bytes` in base64; `N` is the length that this has.
fn base64<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut text = [b'='; N];
    // It fails only when `text` is too small, and both callers give it the exact size.
    let _ = Base64::encode(bytes, &mut text);
    text
}

/// Both types hold nothing but base64, so that this is always the whole text.
fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_key_is_exactly_16_bytes_of_base64() {
        for (value, valid) in [
            ("dGhlIHNhbXBsZSBub25jZQ==", true),
            ("AQIDBAUGBwgJCgsMDQ4PEC==", true), // RFC 6455, section 4.1
            ("AQIDBAUGBwgJCgsMDQ4PEA==", true),
            ("++++////++++////++++//==", true),
            ("", false),
            ("dGhlIHNhbXBsZSBub25jZQ=", false),
            ("dGhlIHNhbXBsZSBub25jZQ===", false),
            ("dGhlIHNhbXBsZSBub25jZQAA", false), // 18 bytes
            ("dGhlIHNhbXBsZSBub25jZQA=", false), // 17 bytes
            ("dGhlIHNhbXBsZSBub25jZ===", false),
            ("dGhlIHNhbXBsZSBub25j====", false),
            ("dGhlIHNhbXBs ZSBub25jZ==", false),
            ("dGhlIHNhbXBsZS-_b25jZQ==", false), // the URL-safe alphabet
            ("dGhlIHNhbXBsZSBub25jé===", false),
        ] {
            let key = WebSocketKey::parse(value);
            assert_eq!(key.is_some(), valid, "{value:?}");
            if let Some(key) = key {
                assert_eq!(key.as_str(), value);
            }
        }
    }

    #[test]
    fn the_key_of_a_nonce_parses() {
        for byte in 0..=255 {
            let key = WebSocketKey::from_nonce([byte; 16]);
            assert_eq!(WebSocketKey::parse(&key), Some(key));
        }
    }

    #[test]
    fn the_sample_of_section_1_3() {
        let accept = accept_for("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(&*accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accept.to_string(), accept.as_ref());
        assert_eq!(std::format!("{accept:?}"), "WebSocketAccept(\"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\")");
    }

    #[test]
    fn any_text_has_an_accept() {
        for len in 0..200 {
            assert_eq!(accept_for(&"x".repeat(len)).len(), 28);
        }
        assert_ne!(accept_for(""), accept_for("x"));
    }
}
