//! The client's side of the opening handshake (RFC 6455, section 4.1): the request and the check of the response.

use ws_handshake::{Agreement, ClientRequest, Offer, Response, ResponseError, WebSocketKey};

use super::{offer::SubProtocolOffer, websocket::WebSocket};
use crate::{Client, Error, MaskSource, Misuse};

/// What the server agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OpeningHandshakeResult<'a> {
    /// The length of the response in bytes. What follows it in the input, often the first frame, is not part of it:
    /// give it to [`read`](WebSocket::read).
    pub num_bytes_from: usize,
    /// The sub-protocol that the server chose from those that were offered.
    pub sub_protocol: Option<&'a str>,
}

impl<M: MaskSource> WebSocket<Client<M>> {
    /// Writes the opening handshake's request to `to`.
    ///
    /// `path` may have a query. `port` is shown in the `Host` header unless it is `"80"` or empty; give an empty one for
    /// the default port of a TLS connection. `sub_protocols` are offered in order of preference, at most four.
    /// `additional_headers` are pairs of name and value: `Origin`, `Authorization`, `Cookie` and the like.
    ///
    /// Returns the length of the request in bytes and the key for
    /// [`client_complete_opening_handshake`](Self::client_complete_opening_handshake). Send the bytes, collect the
    /// answer. May be called again as long as the handshake is not complete, to make a new attempt.
    ///
    /// # Errors
    ///
    /// [`Error::HandshakeInput`] for arguments that cannot be put into an HTTP head, such as a value that would inject a
    /// header. [`Error::BufferTooSmall`] with the length needed. [`Error::Misuse`] for a port that is not a number, for
    /// more than four sub-protocols, and when the handshake is over.
    pub fn client_initiate_opening_handshake(
        &mut self,
        path: &str,
        host: &str,
        port: &str,
        sub_protocols: Option<&[&str]>,
        additional_headers: Option<&[(&str, &str)]>,
        to: &mut [u8],
    ) -> Result<(usize, WebSocketKey), Error> {
        let sub_protocols = sub_protocols.unwrap_or_default();
        let request = ClientRequest {
            port: parse_port(port)?,
            sub_protocols,
            headers: additional_headers.unwrap_or_default(),
            ..ClientRequest::new(host, path)
        };
        let offer = SubProtocolOffer::new(sub_protocols)?;
        let written = self.client_initiate_with(&request, to)?;
        self.offer = offer;
        Ok(written)
    }

    /// Checks the server's response, which `from` begins with; afterwards the connection is open.
    ///
    /// `key` is what [`client_initiate_opening_handshake`](Self::client_initiate_opening_handshake) returned. The
    /// sub-protocols that were offered are remembered as digests of 32 bits; to have the server's choice compared by
    /// name, call [`client_complete_with`](Self::client_complete_with).
    ///
    /// # Errors
    ///
    /// [`Error::HttpHeaderIncomplete`] until the empty line that ends the response's head is in `from`.
    /// [`Error::Response`] if the server refused or its response breaks a rule; to see the status, the headers and the
    /// body of a refusal, parse `from` with [`handshake::Response`](crate::handshake::Response).
    pub fn client_complete_opening_handshake<'a>(
        &mut self,
        key: &str,
        from: &'a [u8],
    ) -> Result<OpeningHandshakeResult<'a>, Error> {
        let offer = self.offer;
        self.complete(from, |response| {
            // Section 4.1: "If the response includes a |Sec-WebSocket-Extensions| header field and this header field
            // indicates the use of an extension that was not present in the client's handshake [...], the client MUST
            // _Fail the WebSocket Connection_." This client offers none.
            let agreement = response.verify_upgrade(key, &[])?;
            match agreement.sub_protocol {
                // Section 4.1: "If the response includes a |Sec-WebSocket-Protocol| header field and this header field
                // indicates the use of a subprotocol that was not present in the client's handshake [...], the client
                // MUST _Fail the WebSocket Connection_."
                Some(name) if !offer.contains(name) => Err(ResponseError::SubProtocolNotOffered),
                _ => Ok(agreement),
            }
        })
    }

    /// Writes the opening handshake's request to `to`, with everything that a request can have: any number of
    /// sub-protocols, an `Origin`, the default port of a TLS connection.
    ///
    /// Returns what [`client_initiate_opening_handshake`](Self::client_initiate_opening_handshake) returns. Complete it
    /// with [`client_complete_with`](Self::client_complete_with): what was offered is not remembered here.
    ///
    /// # Errors
    ///
    /// As [`client_initiate_opening_handshake`](Self::client_initiate_opening_handshake), and [`Error::Misuse`] for a
    /// request that offers an extension.
    pub fn client_initiate_with(
        &mut self,
        request: &ClientRequest<'_>,
        to: &mut [u8],
    ) -> Result<(usize, WebSocketKey), Error> {
        self.state.check_connecting()?;
        if request.extensions.is_some() {
            return Err(Misuse::Extension.into());
        }
        let key = self.role.key();
        let len = request.encode(key.as_str(), to)?;
        self.offer = SubProtocolOffer::NOTHING;
        Ok((len, key))
    }

    /// Checks the server's response, which `from` begins with, against the sub-protocols that the request offered;
    /// afterwards the connection is open.
    ///
    /// # Errors
    ///
    /// As [`client_complete_opening_handshake`](Self::client_complete_opening_handshake).
    pub fn client_complete_with<'a>(
        &mut self,
        key: &str,
        sub_protocols: &[&str],
        from: &'a [u8],
    ) -> Result<OpeningHandshakeResult<'a>, Error> {
        self.complete(from, |response| response.verify(key, &Offer { sub_protocols, extensions: &[] }))
    }

    fn complete<'a>(
        &mut self,
        from: &'a [u8],
        verify: impl FnOnce(Response<'a>) -> Result<Agreement<'a>, ResponseError>,
    ) -> Result<OpeningHandshakeResult<'a>, Error> {
        self.state.check_connecting()?;
        let (response, num_bytes_from) = Response::parse(from)?.ok_or(Error::HttpHeaderIncomplete)?;
        let sub_protocol = verify(response)?.sub_protocol;
        self.state.opened();
        Ok(OpeningHandshakeResult { num_bytes_from, sub_protocol })
    }
}

/// Returns the port to show in the `Host` header, or `None` for the default one.
fn parse_port(port: &str) -> Result<Option<u16>, Misuse> {
    if port.is_empty() {
        return Ok(None);
    }
    // A `u16` would also be parsed from "+80".
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|_| is_number).map(Some).ok_or(Misuse::InvalidPort)
}
