//! The request that a client sends to open a WebSocket (RFC 6455, section 4.1).
//!
//! It needs the parts of a `ws:` or `wss:` URI, not the URI: taking one apart is left to the caller.

use crate::error::{EncodeError, check};
use crate::extension::is_extension_list;
use crate::host::{is_host, is_ipv6};
use crate::key::WebSocketKey;
use crate::token::is_token;
use crate::writer::{Header, Writer, check_headers};

/// What a client asks for.
///
/// ```
/// use ws_handshake::{ClientRequest, WebSocketKey};
///
/// let request = ClientRequest { port: Some(1337), ..ClientRequest::new("localhost", "/chat") };
/// let key = WebSocketKey::from_nonce(*b"the sample nonce"); // 16 random bytes, new for every connection
/// let mut out = [0; 200];
/// let len = request.encode(&key, &mut out)?;
/// assert_eq!(
///     core::str::from_utf8(&out[..len]).unwrap(),
///     "GET /chat HTTP/1.1\r\n\
///      Host: localhost:1337\r\n\
///      Upgrade: websocket\r\n\
///      Connection: Upgrade\r\n\
///      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
///      Sec-WebSocket-Version: 13\r\n\
///      \r\n"
/// );
/// # Ok::<(), ws_handshake::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClientRequest<'a> {
    /// Path and query in ASCII, percent-encoded where needed, such as `/chat?room=1`. Empty means `/`.
    pub path: &'a str,
    /// A name or an IP address; an IPv6 address with or without its brackets.
    pub host: &'a str,
    /// The port. `None`, and the default port of the scheme, are left out of `Host`.
    pub port: Option<u16>,
    /// Whether this is `wss:`, with the default port 443, rather than `ws:`, with 80.
    pub secure: bool,
    /// The sub-protocols to offer, the preferred one first.
    pub sub_protocols: &'a [&'a str],
    /// The value of `Sec-WebSocket-Extensions`: extensions to offer, with their parameters, or `None`.
    pub extensions: Option<&'a str>,
    /// The origin of the page that asks, if the client is a browser. Others leave it out.
    pub origin: Option<&'a str>,
    /// More headers, such as `Authorization` or `Cookie`: names and values.
    pub headers: &'a [Header<'a>],
}

impl<'a> ClientRequest<'a> {
    /// Asks `host` for `path` over `ws:`, and offers nothing.
    pub const fn new(host: &'a str, path: &'a str) -> Self {
        Self { path, host, port: None, secure: false, sub_protocols: &[], extensions: None, origin: None, headers: &[] }
    }

    /// Writes the request to the front of `out` and returns its length in bytes.
    ///
    /// `key` comes from [`WebSocketKey::from_nonce`] and is needed again to check the response.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if a part is not fit to be sent, or else if `out` is too small.
    pub fn encode(&self, key: &str, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.check(key)?;

        let mut head = Writer::new(out);
        head.put("GET ");
        head.put(if self.path.is_empty() { "/" } else { self.path });
        head.put(" HTTP/1.1\r\n");
        self.put_host(&mut head);
        head.put("Upgrade: websocket\r\nConnection: Upgrade\r\n");
        head.put_header("Sec-WebSocket-Key", key);
        head.put("Sec-WebSocket-Version: 13\r\n");
        if let Some((first, others)) = self.sub_protocols.split_first() {
            head.put("Sec-WebSocket-Protocol: ");
            head.put(first);
            for other in others {
                head.put(", ");
                head.put(other);
            }
            head.put("\r\n");
        }
        if let Some(extensions) = self.extensions {
            head.put_header("Sec-WebSocket-Extensions", extensions);
        }
        if let Some(origin) = self.origin {
            head.put_header("Origin", origin);
        }
        head.put_headers(self.headers);
        head.finish()
    }

    fn check(&self, key: &str) -> Result<(), EncodeError> {
        check(WebSocketKey::parse(key).is_some(), EncodeError::InvalidKey)?;
        check(is_resource_name(self.path), EncodeError::InvalidTarget)?;
        let host = self.host.as_bytes();
        check(is_host(host) || is_ipv6(host), EncodeError::InvalidHost)?;
        check(is_offer(self.sub_protocols), EncodeError::InvalidSubProtocol)?;
        let extensions = self.extensions.is_none_or(|list| is_extension_list(list.as_bytes()));
        check(extensions, EncodeError::InvalidExtensions)?;
        check(self.origin.is_none_or(is_origin), EncodeError::InvalidOrigin)?;
        // A server refuses a request with two of them.
        let names_origin = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Origin"));
        check(self.origin.is_none() || !names_origin, EncodeError::ReservedHeader)?;
        check_headers(self.headers)
    }

    /// RFC 6455, section 4.1, item 4: "The request MUST contain a |Host| header field whose value contains /host/ plus
    /// optionally ":" followed by /port/ (when not using the default port)."
    fn put_host(&self, head: &mut Writer<'_>) {
        head.put("Host: ");
        if is_ipv6(self.host.as_bytes()) {
            head.put("[");
            head.put(self.host);
            head.put("]");
        } else {
            head.put(self.host);
        }
        let default = if self.secure { 443 } else { 80 };
        if let Some(port) = self.port.filter(|port| *port != default) {
            head.put(":");
            head.put_number(usize::from(port));
        }
        head.put("\r\n");
    }
}

/// RFC 6455, section 3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on
/// these URIs."
fn is_resource_name(path: &str) -> bool {
    path.is_empty() || path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

/// RFC 6454, section 7.1: "serialized-origin = scheme "://" host [ ":" port ]", or `null`; nothing in it is a space.
fn is_origin(origin: &str) -> bool {
    !origin.is_empty() && origin.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether `names` are tokens and all different (RFC 6455, section 4.1, item 10).
fn is_offer(names: &[&str]) -> bool {
    let is_first = |(at, name): (usize, &&str)| !names.iter().take(at).any(|before| before == name);
    names.iter().all(|name| is_token(name.as_bytes())) && names.iter().enumerate().all(is_first)
}
