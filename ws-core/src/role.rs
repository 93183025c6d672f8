//! The two roles of an endpoint, as types: what only one of them may do does not compile for the other.

use ws_handshake::WebSocketKey;

use crate::MaskSource;

/// The role of an endpoint: [`Client`] or [`Server`].
pub trait Role: sealed::Sealed {
    /// Whether this role masks the frames that it sends, and hence whether its peer must not.
    const MASKS: bool;

    /// Returns the masking key for the next frame, or `None` if this role does not mask.
    fn masking_key(&mut self) -> Option<[u8; 4]>;
}

/// The endpoint that opened the connection and masks what it sends.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Client<M> {
    pub(crate) mask_source: M,
}

/// The endpoint that accepted the connection.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Server;

impl<M: MaskSource> Role for Client<M> {
    // RFC 6455, section 5.1: "a client MUST mask all frames that it sends to the server"
    const MASKS: bool = true;

    fn masking_key(&mut self) -> Option<[u8; 4]> {
        Some(self.mask_source.masking_key())
    }
}

impl<M: MaskSource> Client<M> {
    /// Makes the key of an opening handshake from sixteen unpredictable bytes.
    pub(crate) fn key(&mut self) -> WebSocketKey {
        // Section 4.1: "The nonce MUST be selected randomly for each connection."
        let mut nonce = [0; 16];
        let (quarters, _) = nonce.as_chunks_mut();
        for quarter in quarters {
            *quarter = self.mask_source.masking_key();
        }
        WebSocketKey::from_nonce(nonce)
    }
}

impl Role for Server {
    // RFC 6455, section 5.1: "A server MUST NOT mask any frames that it sends to the client."
    const MASKS: bool = false;

    fn masking_key(&mut self) -> Option<[u8; 4]> {
        None
    }
}

mod sealed {
    pub trait Sealed {}
    impl<M> Sealed for super::Client<M> {}
    impl Sealed for super::Server {}
}

/// The calls of the opening handshake, each by the other role.
///
/// ```compile_fail,E0599
/// let mut client = ws_core::WebSocketClient::with_masking_keys(|| [1, 2, 3, 4]);
/// let _ = client.server_respond_to_opening_handshake("dGhlIHNhbXBsZSBub25jZQ==", None, &mut [0; 200]);
/// ```
/// ```compile_fail,E0599
/// let mut client = ws_core::WebSocketClient::with_masking_keys(|| [1, 2, 3, 4]);
/// let acceptance = ws_core::handshake::Acceptance::new("dGhlIHNhbXBsZSBub25jZQ==");
/// let _ = client.server_respond_with(&acceptance, &mut [0; 200]);
/// ```
/// ```compile_fail,E0599
/// let mut server = ws_core::WebSocketServer::new();
/// let _ = server.client_initiate_opening_handshake("/chat", "localhost", "1337", None, None, &mut [0; 200]);
/// ```
/// ```compile_fail,E0599
/// let mut server = ws_core::WebSocketServer::new();
/// let request = ws_core::handshake::ClientRequest::new("localhost", "/chat");
/// let _ = server.client_initiate_with(&request, &mut [0; 200]);
/// ```
/// ```compile_fail,E0599
/// let mut server = ws_core::WebSocketServer::new();
/// let _ = server.client_complete_opening_handshake("dGhlIHNhbXBsZSBub25jZQ==", b"");
/// ```
///
/// And each by its own, so that those above fail for that reason alone:
///
/// ```
/// let mut client = ws_core::WebSocketClient::with_masking_keys(|| [1, 2, 3, 4]);
/// let mut server = ws_core::WebSocketServer::new();
/// let acceptance = ws_core::handshake::Acceptance::new("dGhlIHNhbXBsZSBub25jZQ==");
/// let request = ws_core::handshake::ClientRequest::new("localhost", "/chat");
/// let _ = client.client_initiate_opening_handshake("/chat", "localhost", "1337", None, None, &mut [0; 200]);
/// let _ = client.client_initiate_with(&request, &mut [0; 200]);
/// let _ = client.client_complete_opening_handshake("dGhlIHNhbXBsZSBub25jZQ==", b"");
/// let _ = server.server_respond_to_opening_handshake("dGhlIHNhbXBsZSBub25jZQ==", None, &mut [0; 200]);
/// let _ = server.server_respond_with(&acceptance, &mut [0; 200]);
/// ```
#[cfg(doctest)]
struct CallsOfTheOtherRole;
