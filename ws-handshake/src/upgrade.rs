//! A request for a WebSocket: every rule that RFC 6455, section 4.2.1 sets for the client's side of the handshake, in
//! one place, and what the client offers.
//!
//! Whether to accept, and with which sub-protocol and extensions, is the application's decision.

use crate::acceptance::Acceptance;
use crate::error::{EncodeError, RequestError, check};
use crate::extension::Extensions;
use crate::fields::{Field, Fields};
use crate::head::{Elements, Headers};
use crate::key::WebSocketKey;
use crate::request::Request;
use crate::target::Target;
use crate::token::{TokenList, is_token};

/// How many sub-protocols a client may offer. That they are all different is checked pair by pair, and this keeps a
/// hostile list from costing time.
pub const MAX_SUB_PROTOCOLS: usize = 32;

/// A request for a WebSocket that keeps to all rules; [`Request::upgrade`] makes it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Upgrade<'a> {
    request: Request<'a>,
    key: WebSocketKey,
}

impl<'a> Upgrade<'a> {
    /// The key, from which [`Acceptance`] makes the answer.
    pub fn key(&self) -> &WebSocketKey {
        &self.key
    }

    /// The sub-protocols that the client offers, in the order of its preference.
    pub fn sub_protocols(&self) -> TokenList<'a> {
        TokenList::new(self.request.headers().named("Sec-WebSocket-Protocol"))
    }

    /// The extensions that the client offers, in the order of its preference.
    pub fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.request.headers().named("Sec-WebSocket-Extensions"))
    }

    /// The first sub-protocol of the client's list that is among `supported`, which is the one to accept.
    ///
    /// With `None`, accept without a sub-protocol, or refuse if yours is needed. Sub-protocols are case-sensitive.
    pub fn select_sub_protocol<'s>(&self, supported: &[&'s str]) -> Option<&'s str> {
        self.sub_protocols().find_map(|offered| supported.iter().find(|ours| **ours == offered).copied())
    }

    /// The response that accepts this request, with one of the sub-protocols that the client offers or with none.
    ///
    /// Extensions and more headers can be added with `Acceptance { headers, ..upgrade.accept(sub_protocol)? }`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::InvalidSubProtocol`] if the client does not offer `sub_protocol`.
    ///
    /// ```
    /// use ws_handshake::{EncodeError, Request};
    ///
    /// let input = b"GET /chat HTTP/1.1\r\n\
    ///     Host: device.local\r\n\
    ///     Connection: Upgrade\r\n\
    ///     Upgrade: websocket\r\n\
    ///     Sec-WebSocket-Version: 13\r\n\
    ///     Sec-WebSocket-Protocol: chat\r\n\
    ///     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    /// let (request, _) = Request::parse(input)?.unwrap();
    /// let upgrade = request.upgrade()?.unwrap();
    /// let mut out = [0; 200];
    /// let len = upgrade.accept(Some("chat"))?.encode(&mut out)?;
    /// assert!(out[..len].starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
    /// assert_eq!(upgrade.accept(Some("superchat")).unwrap_err(), EncodeError::InvalidSubProtocol);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accept<'s>(&'s self, sub_protocol: Option<&'s str>) -> Result<Acceptance<'s>, EncodeError> {
        // RFC 6455, section 4.2.2, item 4: "The value chosen MUST be derived from the client's handshake, specifically
        // by selecting one of the values from the |Sec-WebSocket-Protocol| field that the server is willing to use for
        // this connection (if any)."
        let is_offered = sub_protocol.is_none_or(|chosen| self.sub_protocols().any(|offered| offered == chosen));
        check(is_offered, EncodeError::InvalidSubProtocol)?;
        Ok(Acceptance { sub_protocol, ..Acceptance::new(&self.key) })
    }

    /// What [`of`](Self::of) found in `request`: one without a key was let through as one that wants no WebSocket.
    pub(crate) fn again(request: &Request<'a>) -> Option<Self> {
        let key = request.headers().named("Sec-WebSocket-Key").next()?;
        Some(Self { request: *request, key: WebSocketKey::from_bytes(key)? })
    }

    /// Checks `request`; `Ok(None)` if it does not want a WebSocket.
    pub(crate) fn of(request: &Request<'a>) -> Result<Option<Self>, RequestError> {
        let fields = Fields::of(request.headers());
        // RFC 6455, section 4.2.1, item 3: "An |Upgrade| header field containing the value "websocket", treated as an
        // ASCII case-insensitive value."
        if !fields.names_websocket && fields.key == Field::Missing {
            return Ok(None);
        }

        // Item 1: "An HTTP/1.1 or higher GET request, including a "Request-URI"".
        check(request.method() == "GET", RequestError::Method)?;
        check(request.is_http_1_1(), RequestError::HttpVersion)?;
        check(Target::new(request.target()).is_resource_name(), RequestError::Target)?;
        // Item 2: "A |Host| header field containing the server's authority." No HTTP/1.1 request is parsed without it.
        check(fields.names_websocket, RequestError::Upgrade)?;
        // Item 4: "A |Connection| header field that includes the token "Upgrade", treated as an ASCII case-insensitive
        // value."
        check(fields.connection_upgrade, RequestError::Connection)?;
        // Item 6: "A |Sec-WebSocket-Version| header field, with a value of 13."
        check(fields.version.once() == Some(b"13"), RequestError::Version)?;
        // Item 5: "A |Sec-WebSocket-Key| header field with a base64-encoded (see Section 4 of [RFC4648]) value that,
        // when decoded, is 16 bytes in length."
        let key = fields.key.once().and_then(WebSocketKey::from_bytes).ok_or(RequestError::Key)?;
        // What cannot be read must not pass for a request without an origin, which is often allowed.
        check(!fields.origin.is_unreadable(), RequestError::Origin)?;
        check(!fields.announces_body, RequestError::Body)?;
        let is_offer = !fields.has_sub_protocols || is_sub_protocol_offer(&request.headers());
        check(is_offer, RequestError::SubProtocols)?;

        let upgrade = Self { request: *request, key };
        let is_well_formed = !fields.has_extensions || upgrade.extensions().is_well_formed();
        check(is_well_formed, RequestError::Extensions)?;
        Ok(Some(upgrade))
    }
}

/// RFC 6455, section 4.1, item 10: "The elements that comprise this value MUST be non-empty strings with characters in
/// the range U+0021 to U+007E not including separator characters as defined in \[RFC2616\] and MUST all be unique
/// strings."
fn is_sub_protocol_offer(headers: &Headers<'_>) -> bool {
    let list = || Elements::new(headers.clone().named("Sec-WebSocket-Protocol"));
    let mut count = 0;
    for element in list() {
        if count == MAX_SUB_PROTOCOLS || !is_token(element) || list().take(count).any(|before| before == element) {
            return false;
        }
        count = count.saturating_add(1);
    }
    // Section 4.3: "Sec-WebSocket-Protocol-Client = 1#token", so that a header without any token is malformed.
    count > 0
}
