//! The server's yes: the 101 response (RFC 6455, section 4.2.2). Every other answer is in `reply.rs`.

use crate::error::{EncodeError, check};
use crate::extension::is_extension_list;
use crate::key::WebSocketKey;
use crate::token::is_token;
use crate::writer::{Header, Writer, check_headers};

/// The response that accepts a WebSocket. What follows it on the wire is frames.
///
/// [`Upgrade::accept`](crate::Upgrade::accept) makes it for a request and checks that the sub-protocol was offered.
/// Made from the key alone, as here, it cannot know what was offered:
///
/// ```
/// use ws_handshake::Acceptance;
///
/// let acceptance = Acceptance { sub_protocol: Some("chat"), ..Acceptance::new("dGhlIHNhbXBsZSBub25jZQ==") };
/// let mut out = [0; 200];
/// let len = acceptance.encode(&mut out)?;
/// assert_eq!(
///     core::str::from_utf8(&out[..len]).unwrap(),
///     "HTTP/1.1 101 Switching Protocols\r\n\
///      Upgrade: websocket\r\n\
///      Connection: Upgrade\r\n\
///      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
///      Sec-WebSocket-Protocol: chat\r\n\
///      \r\n"
/// );
/// # Ok::<(), ws_handshake::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Acceptance<'a> {
    /// The client's key.
    pub key: &'a str,
    /// The sub-protocol, which must be one of those that the client offered, or `None`. Whether it was offered is not
    /// checked when it is encoded.
    pub sub_protocol: Option<&'a str>,
    /// The value of `Sec-WebSocket-Extensions`: extensions that the client offered, with their parameters, or `None`.
    pub extensions: Option<&'a str>,
    /// More headers, such as `Set-Cookie` or `Server`: names and values.
    pub headers: &'a [Header<'a>],
}

impl<'a> Acceptance<'a> {
    /// Accepts without a sub-protocol, without extensions and without more headers.
    pub const fn new(key: &'a str) -> Self {
        Self { key, sub_protocol: None, extensions: None, headers: &[] }
    }

    /// Writes the response to the front of `out` and returns its length in bytes.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a part is not fit to be sent, or else if `out` is too small.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        let key = self.check()?;
        self.put(Writer::new(out), key.accept().as_str()).finish()
    }

    /// The length in bytes of what [`encode`](Self::encode) writes.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a part is not fit to be sent.
    pub fn encoded_len(&self) -> Result<usize, EncodeError> {
        self.check()?;
        // SHA-1 takes most of the time that a handshake needs, and changes nothing about the length.
        const AS_LONG: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        Ok(self.put(Writer::new(&mut []), AS_LONG).len())
    }

    /// Checks that each part is fit to be sent, and returns the key.
    fn check(&self) -> Result<WebSocketKey, EncodeError> {
        let key = WebSocketKey::parse(self.key).ok_or(EncodeError::InvalidKey)?;
        let sub_protocol = self.sub_protocol.is_none_or(|name| is_token(name.as_bytes()));
        check(sub_protocol, EncodeError::InvalidSubProtocol)?;
        let extensions = self.extensions.is_none_or(|list| is_extension_list(list.as_bytes()));
        check(extensions, EncodeError::InvalidExtensions)?;
        check_headers(self.headers)?;
        Ok(key)
    }

    fn put<'o>(&self, mut head: Writer<'o>, accept: &str) -> Writer<'o> {
        head.put("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
        head.put_header("Sec-WebSocket-Accept", accept);
        if let Some(sub_protocol) = self.sub_protocol {
            head.put_header("Sec-WebSocket-Protocol", sub_protocol);
        }
        if let Some(extensions) = self.extensions {
            head.put_header("Sec-WebSocket-Extensions", extensions);
        }
        head.put_headers(self.headers);
        head
    }
}
