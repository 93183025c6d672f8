//! The request that a server reads, be it for a page or for a WebSocket (RFC 9112, section 3).
//!
//! It says what was asked. Whether an upgrade keeps to the rules of RFC 6455 is in `upgrade.rs`; whether it is granted
//! is the application's decision.

use crate::error::{RequestError, check};
use crate::head::{self, HeaderLines, Headers, NotOnce};
use crate::host::is_authority;
use crate::target::Target;
use crate::upgrade::Upgrade;

/// The head of an HTTP/1 request: seven words that borrow the bytes it was parsed from.
///
/// `Debug` shows its target and the names of its headers. Their values, among which may be secrets, it leaves out.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Request<'a> {
    method: &'a str,
    target: &'a str,
    headers: HeaderLines<'a>,
    is_http_1_1: bool,
}

impl<'a> Request<'a> {
    /// Parses the request at the front of `input`.
    ///
    /// `Ok(None)` means that its head is incomplete so far: call again with the same bytes and more. `Ok(Some((request,
    /// head_len)))` says that the head takes the first `head_len` bytes of `input`; what follows them is the caller's.
    /// Empty lines before the request are skipped and count as a part of its head.
    ///
    /// Where the input is cut never changes the outcome. An error may be known before the head is complete; more bytes
    /// do not mend it.
    ///
    /// # Errors
    ///
    /// The variants of [`RequestError`] from `RequestLine` to `Host`, when this is not well-formed HTTP/1.0 or
    /// HTTP/1.1. [`RequestError::reply`] is the answer.
    ///
    /// ```
    /// use ws_handshake::Request;
    ///
    /// assert!(Request::parse(b"GET /status?full HTTP/1.1\r\nHost: dev")?.is_none());
    ///
    /// let input = b"GET /status?full HTTP/1.1\r\nHost: device.local\r\n\r\nmore";
    /// let (request, head_len) = Request::parse(input)?.unwrap();
    /// assert_eq!(request.path(), "/status");
    /// assert_eq!(request.query(), Some("full"));
    /// assert_eq!(request.host(), Some("device.local"));
    /// assert!(request.upgrade()?.is_none()); // a plain request: send a page
    /// assert_eq!(&input[head_len..], b"more");
    /// # Ok::<(), ws_handshake::RequestError>(())
    /// ```
    pub fn parse(input: &'a [u8]) -> Result<Option<(Self, usize)>, RequestError> {
        let head = head::parse(input, |line| {
            let mut request = httparse::Request::new(&mut []);
            request.parse(line)?;
            Ok((request.method, request.path, request.version))
        })?;
        let Some(((Some(method), Some(target), version), headers, len)) = head else { return Ok(None) };
        let request = Self { method, target, headers, is_http_1_1: version == Some(1) };
        check(request.has_valid_host(), RequestError::Host)?;
        Ok(Some((request, len)))
    }

    /// The request that [`parse`](Self::parse) found in `head`, at a fraction of the cost: for who keeps the bytes of a head
    /// rather than the request that borrows them. Of other bytes it says anything, or `None`.
    ///
    /// ```
    /// use ws_handshake::Request;
    ///
    /// let head = b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n";
    /// let (request, head_len) = Request::parse(head)?.unwrap();
    /// let again = Request::parse_again(&head[..head_len]).unwrap();
    /// assert_eq!((again.method(), again.target(), again.host()), (request.method(), request.target(), request.host()));
    /// # Ok::<(), ws_handshake::RequestError>(())
    /// ```
    pub fn parse_again(head: &'a [u8]) -> Option<Self> {
        let (line, headers) = head::split_start_line(head);
        let mut words = line.split(|byte| *byte == b' ');
        let method = core::str::from_utf8(words.next()?).ok()?;
        let target = core::str::from_utf8(words.next()?).ok()?;
        Some(Self { method, target, headers, is_http_1_1: words.next()?.ends_with(b"1\r\n") })
    }

    /// The method, such as `GET`. Methods are case-sensitive.
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The request target as it was sent: mostly path and query, for a proxy a whole URI, for `OPTIONS` maybe `*`.
    pub fn target(&self) -> &'a str {
        self.target
    }

    /// The path of the target without scheme, authority and query; percent-encoded as it was sent.
    pub fn path(&self) -> &'a str {
        Target::new(self.target).path()
    }

    /// What follows the first `?` of the target, percent-encoded as it was sent.
    pub fn query(&self) -> Option<&'a str> {
        Target::new(self.target).query()
    }

    /// The header lines in their order.
    pub fn headers(&self) -> Headers<'a> {
        self.headers.iter()
    }

    /// The value of the first header line of this name, in any case, without the white space around it; `None` if there
    /// is none or it is not UTF-8.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers().first(name)
    }

    /// The host and port that the client thinks it talks to; `None` only if an HTTP/1.0 request leaves it out.
    ///
    /// RFC 9112, section 3.2.2: "When an origin server receives a request with an absolute-form of request-target, the
    /// origin server MUST ignore the received Host header field (if any) and instead use the host information of the
    /// request-target."
    pub fn host(&self) -> Option<&'a str> {
        Target::new(self.target).authority().or_else(|| self.header("Host"))
    }

    /// The origin of the page whose script sends this request; see [`OriginAllowList`](crate::OriginAllowList).
    pub fn origin(&self) -> Option<&'a str> {
        self.header("Origin")
    }

    /// What [`upgrade`](Self::upgrade) found in this request, at a fraction of the cost. Of a request that it refused it says
    /// anything.
    pub fn upgrade_again(&self) -> Option<Upgrade<'a>> {
        Upgrade::again(self)
    }

    /// What the client asks for if it wants a WebSocket; `Ok(None)` if this is a plain HTTP request.
    ///
    /// A request wants a WebSocket if its `Upgrade` holds `websocket` or if it has a `Sec-WebSocket-Key`.
    ///
    /// # Errors
    ///
    /// The client wants a WebSocket and breaks a rule of RFC 6455, section 4.2.1. [`RequestError::reply`] is the
    /// answer.
    pub fn upgrade(&self) -> Result<Option<Upgrade<'a>>, RequestError> {
        Upgrade::of(self)
    }

    /// RFC 9112, section 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request
    /// message that lacks a Host header field and to any request message that contains more than one Host header field
    /// line or a Host header field with an invalid field value."
    ///
    /// An empty one is not valid here: it belongs to URIs without an authority, and those of HTTP and WebSocket have
    /// one. RFC 9110, section 4.2.1, of a whole URI as the target: "A sender MUST NOT generate an "http" URI with an empty
    /// host identifier. A recipient that processes such a URI reference MUST reject it as invalid."
    fn has_valid_host(&self) -> bool {
        let is_valid = |host: &str| is_authority(host.as_bytes());
        let header = match self.headers().only("Host") {
            Ok(Some(host)) => is_valid(host),
            Ok(None) => !self.is_http_1_1,
            Err(NotOnce) => false,
        };
        header && Target::new(self.target).authority().is_none_or(is_valid)
    }

    /// Whether the version is HTTP/1.1 rather than HTTP/1.0.
    pub(crate) fn is_http_1_1(&self) -> bool {
        self.is_http_1_1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_seven_words() {
        assert_eq!(size_of::<Request<'_>>(), 7 * size_of::<usize>());
        assert_eq!(size_of::<Upgrade<'_>>(), 7 * size_of::<usize>() + 24);
    }
}
