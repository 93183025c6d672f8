//! The server's side of the opening handshake (RFC 6455, section 4.2.2): the response that accepts it.

use ws_handshake::Acceptance;

use super::websocket::WebSocket;
use crate::{Error, Misuse, Server};

impl WebSocket<Server> {
    /// Writes the response that accepts an opening handshake to `to`; afterwards the connection is open.
    ///
    /// `sec_websocket_key` is the key that [`read_http_header`](crate::read_http_header) found, `sub_protocol` one of
    /// those that the client offered, if any. For further headers see [`server_respond_with`](Self::server_respond_with);
    /// to refuse instead, write a [`handshake::Reply`](crate::handshake::Reply).
    ///
    /// Returns the length of the response in bytes.
    ///
    /// # Errors
    ///
    /// [`Error::HandshakeInput`] for a key or a sub-protocol that cannot be put into an HTTP head,
    /// [`Error::BufferTooSmall`] with the length needed, [`Error::Misuse`] when the handshake is over.
    pub fn server_respond_to_opening_handshake(
        &mut self,
        sec_websocket_key: &str,
        sub_protocol: Option<&str>,
        to: &mut [u8],
    ) -> Result<usize, Error> {
        self.server_respond_with(&Acceptance { sub_protocol, ..Acceptance::new(sec_websocket_key) }, to)
    }

    /// Writes a response with further headers that accepts an opening handshake to `to`; afterwards the connection is
    /// open.
    ///
    /// Returns the length of the response in bytes.
    ///
    /// # Errors
    ///
    /// As [`server_respond_to_opening_handshake`](Self::server_respond_to_opening_handshake), and [`Error::Misuse`] for an
    /// acceptance that agrees to an extension.
    pub fn server_respond_with(&mut self, acceptance: &Acceptance<'_>, to: &mut [u8]) -> Result<usize, Error> {
        self.state.check_connecting()?;
        if acceptance.extensions.is_some() {
            return Err(Misuse::Extension.into());
        }
        let len = acceptance.encode(to)?;
        self.state.opened();
        Ok(len)
    }
}
