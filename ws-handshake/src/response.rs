//! The response that a client reads, and every rule that RFC 6455, section 4.1 sets for it.
//!
//! What to do about a refusal (log in, follow a redirect, try again later) is left to the application, which can see
//! the status and the headers.

use crate::error::{ResponseError, check};
use crate::extension::Extensions;
use crate::head::{self, HeaderLines, Headers};
use crate::key::accept_for;
use crate::token::is_token;

/// The head of an HTTP/1 response: it borrows the bytes it was parsed from.
///
/// `Debug` shows the names of its headers. Their values, among which may be secrets, it leaves out.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Response<'a> {
    reason: &'a str,
    headers: HeaderLines<'a>,
    status: u16,
    is_http_1_1: bool,
}

impl<'a> Response<'a> {
    /// Parses the response at the front of `input`.
    ///
    /// `Ok(None)` means that its head is incomplete so far: call again with the same bytes and more.
    /// `Ok(Some((response, head_len)))` says that the head takes the first `head_len` bytes of `input`. What follows
    /// them are the first frames if the server accepted, or else the start of the refusal's body.
    ///
    /// Interim responses in front of it, such as 103 (Early Hints), are passed over and counted in `head_len`.
    ///
    /// Where the input is cut never changes the outcome. An error may be known before the head is complete; more bytes
    /// do not mend it.
    ///
    /// # Errors
    ///
    /// The variants of [`ResponseError`] from `StatusLine` to `TooManyHeaders`, when this is not well-formed HTTP/1.0
    /// or HTTP/1.1.
    pub fn parse(input: &'a [u8]) -> Result<Option<(Self, usize)>, ResponseError> {
        let mut passed_over = 0_usize;
        loop {
            let Some((response, len)) = Self::parse_one(input.get(passed_over..).unwrap_or_default())? else {
                return Ok(None);
            };
            passed_over = passed_over.saturating_add(len);
            // RFC 9110, section 15.2: "A client MUST be able to parse one or more 1xx responses received prior to a
            // final response, even if the client does not expect one."
            if !matches!(response.status, 100 | 102..=199) {
                return Ok(Some((response, passed_over)));
            }
        }
    }

    /// Parses one response, be it interim or final.
    fn parse_one(input: &'a [u8]) -> Result<Option<(Self, usize)>, ResponseError> {
        let head = head::parse(input, |line| {
            let mut response = httparse::Response::new(&mut []);
            response.parse(line)?;
            Ok((response.version, response.code, response.reason))
        })?;
        let Some(((version, Some(status), reason), headers, len)) = head else { return Ok(None) };
        let reason = reason.unwrap_or_default();
        Ok(Some((Self { reason, headers, status, is_http_1_1: version == Some(1) }, len)))
    }

    /// The status: 101 if the server accepted.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The words behind the status, for people; empty if there are none or they are not ASCII.
    pub fn reason(&self) -> &'a str {
        self.reason
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

    /// Checks that this response accepts the request that was sent with `key` and offered `offer`.
    ///
    /// # Errors
    ///
    /// [`ResponseError::Refused`] if the status is not 101; else the first rule of RFC 6455, section 4.1 that the
    /// server breaks. Either way there is no WebSocket, and the connection is to be closed.
    ///
    /// ```
    /// use ws_handshake::{Offer, Response};
    ///
    /// let input = b"HTTP/1.1 101 Switching Protocols\r\n\
    ///     Upgrade: websocket\r\n\
    ///     Connection: Upgrade\r\n\
    ///     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    ///     Sec-WebSocket-Protocol: chat\r\n\r\n\
    ///     \x81\x02hi";
    /// let (response, head_len) = Response::parse(input)?.unwrap();
    /// let offer = Offer { sub_protocols: &["superchat", "chat"], extensions: &[] };
    /// let agreement = response.verify("dGhlIHNhbXBsZSBub25jZQ==", &offer)?;
    /// assert_eq!(agreement.sub_protocol, Some("chat"));
    /// assert_eq!(&input[head_len..], b"\x81\x02hi"); // the first frame
    /// # Ok::<(), ws_handshake::ResponseError>(())
    /// ```
    pub fn verify(&self, key: &str, offer: &Offer<'_>) -> Result<Agreement<'a>, ResponseError> {
        let agreement = self.verify_upgrade(key, offer.extensions)?;
        // RFC 6455, section 4.1: "If the response includes a |Sec-WebSocket-Protocol| header field and this header
        // field indicates the use of a subprotocol that was not present in the client's handshake [...], the client
        // MUST _Fail the WebSocket Connection_."
        match agreement.sub_protocol {
            Some(chosen) if !offer.sub_protocols.contains(&chosen) => Err(ResponseError::SubProtocolNotOffered),
            _ => Ok(agreement),
        }
    }

    /// Like [`verify`](Self::verify), but whether the sub-protocol was offered is left to the caller.
    ///
    /// `extensions` are the names of the extensions that were offered.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify), except for [`ResponseError::SubProtocolNotOffered`].
    pub fn verify_upgrade(&self, key: &str, extensions: &[&str]) -> Result<Agreement<'a>, ResponseError> {
        // RFC 6455, section 4.1, item 1: "If the status code received from the server is not 101, the client handles
        // the response per HTTP [RFC2616] procedures."
        if self.status != 101 {
            return Err(ResponseError::Refused { status: self.status });
        }
        check(self.is_http_1_1, ResponseError::HttpVersion)?;
        // Item 2: "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that
        // is not an ASCII case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket
        // Connection_."
        let upgrade = self.headers().only("Upgrade").ok().flatten();
        let is_websocket = upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
        check(is_websocket, ResponseError::Upgrade)?;
        // Item 3: "If the response lacks a |Connection| header field or the |Connection| header field doesn't contain a
        // token that is an ASCII case-insensitive match for the value "Upgrade", the client MUST _Fail the WebSocket
        // Connection_."
        check(self.headers().list_holds("Connection", "Upgrade"), ResponseError::Connection)?;
        // Item 4: "If the response lacks a |Sec-WebSocket-Accept| header field or the |Sec-WebSocket-Accept| contains a
        // value other than the base64-encoded SHA-1 of the concatenation [...], the client MUST _Fail the WebSocket
        // Connection_."
        let accept = self.headers().only("Sec-WebSocket-Accept").ok().flatten();
        check(accept == Some(accept_for(key).as_str()), ResponseError::Accept)?;

        let agreement = Agreement { sub_protocol: self.sub_protocol()?, headers: self.headers };
        // Item 5: "If the response includes a |Sec-WebSocket-Extensions| header field and this header field indicates
        // the use of an extension that was not present in the client's handshake [...], the client MUST _Fail the
        // WebSocket Connection_."
        check(agreement.extensions().is_well_formed(), ResponseError::Extensions)?;
        let all_offered = agreement.extensions().all(|chosen| extensions.contains(&chosen.name()));
        check(all_offered, ResponseError::ExtensionNotOffered)?;
        Ok(agreement)
    }

    /// RFC 6455, section 11.3.4: "the |Sec-WebSocket-Protocol| header field MUST NOT appear more than once in an HTTP
    /// response."
    fn sub_protocol(&self) -> Result<Option<&'a str>, ResponseError> {
        let value = self.headers().only("Sec-WebSocket-Protocol").map_err(|_| ResponseError::SubProtocol)?;
        check(value.is_none_or(|value| is_token(value.as_bytes())), ResponseError::SubProtocol)?;
        Ok(value)
    }
}

/// What the client offered in its request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Offer<'a> {
    /// The sub-protocols.
    pub sub_protocols: &'a [&'a str],
    /// The names of the extensions, without their parameters.
    pub extensions: &'a [&'a str],
}

/// What client and server agreed upon.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Agreement<'a> {
    /// The sub-protocol that the server chose, or `None` to use none.
    pub sub_protocol: Option<&'a str>,
    headers: HeaderLines<'a>,
}

impl<'a> Agreement<'a> {
    /// The extensions that the server chose, with their parameters, in the order in which they apply.
    pub fn extensions(&self) -> Extensions<'a> {
        Extensions::new(self.headers.iter().named("Sec-WebSocket-Extensions"))
    }
}
