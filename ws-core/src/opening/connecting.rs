//! The client's side (RFC 6455, section 4.1): sends the request, reads the response.

use ws_handshake::{ClientRequest, Offer, Response, WebSocketKey};

use super::head::HeadBuffer;
use crate::{Buffers, Client, Config, Connection, Error, Machine, MaskSource, Misuse, Step, WebSocketState};

/// A client's opening handshake, without I/O: a [`Machine`] that is ready when the connection is open.
///
/// ```
/// use ws_core::{Buffers, Config, Connecting, Machine, MaskingKeyFn, Step, handshake::ClientRequest};
///
/// let (mut head, mut receive, mut transmit, mut control) = ([0; 512], [0; 64], [0; 256], [0; 125]);
/// let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
/// let request = ClientRequest::new("localhost", "/chat");
/// let hardware_random = MaskingKeyFn(|| [0x37, 0xfa, 0x21, 0x3d]);
/// let mut connecting = Connecting::new(&request, hardware_random, &mut head, buffers, &Config::DEFAULT)?;
/// assert!(matches!(connecting.poll()?, Step::Write(bytes) if bytes.starts_with(b"GET /chat HTTP/1.1\r\n")));
/// # Ok::<(), ws_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Connecting<'h, 'b, 'r, M> {
    request: &'r ClientRequest<'r>,
    key: WebSocketKey,
    head: HeadBuffer<'h>,
    phase: Phase,
    connection: Connection<'b, Client<M>>,
    sub_protocol: Option<&'r str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The request is on its way.
    Asking,
    Flushing,
    /// The response is on its way.
    Reading,
    Open,
}

impl<'h, 'b, 'r, M: MaskSource> Connecting<'h, 'b, 'r, M> {
    /// Begins a handshake. `head` is the memory for our request and then for the server's response, and needed no longer
    /// than the handshake; 512 bytes do for most servers.
    ///
    /// # Errors
    ///
    /// [`Error::HandshakeInput`] for a request that cannot be put into an HTTP head, such as a value that would inject a
    /// header. [`Error::BufferTooSmall`] with the length that `head` needs. [`Error::Misuse`] for a request that offers an
    /// extension.
    pub fn new(
        request: &'r ClientRequest<'r>,
        mask_source: M,
        head: &'h mut [u8],
        buffers: Buffers<'b>,
        config: &'b Config,
    ) -> Result<Self, Error> {
        if request.extensions.is_some() {
            return Err(Misuse::Extension.into());
        }
        let mut role = Client { mask_source };
        let key = role.key();
        let mut head = HeadBuffer::new(head, buffers.receive.len());
        head.put(|space| request.encode(key.as_str(), space))?;
        let connection = Connection::open(role, buffers, config);
        Ok(Self { request, key, head, phase: Phase::Asking, connection, sub_protocol: None })
    }

    /// The server's response, and what arrived behind its head: the body of a refusal, or its beginning. `None` as long as
    /// it is not whole, and if it is malformed.
    #[must_use]
    pub fn response(&self) -> Option<(Response<'_>, &[u8])> {
        let received = if self.phase == Phase::Asking { &[] } else { self.head.received() };
        let (response, head_len) = Response::parse(received).ok().flatten()?;
        Some((response, received.get(head_len..).unwrap_or_default()))
    }

    /// The sub-protocol that the server chose from those of the request.
    #[must_use]
    pub const fn sub_protocol(&self) -> Option<&'r str> {
        self.sub_protocol
    }

    /// Returns the connection, which is open once the machine was ready.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOpen`] if it was not.
    pub fn into_connection(self) -> Result<Connection<'b, Client<M>>, Misuse> {
        if self.phase == Phase::Open { Ok(self.connection) } else { Err(Misuse::NotOpen) }
    }

    /// Returns the connection and the memory of the head: for those who keep memory for one connection after the other.
    ///
    /// The connection is open once the machine was ready; otherwise it is closed, and only its
    /// [buffers](Connection::into_buffers) are of use.
    #[must_use]
    pub fn into_parts(mut self) -> (Connection<'b, Client<M>>, &'h mut [u8]) {
        if self.phase != Phase::Open {
            self.connection.outbound.state = WebSocketState::Closed;
        }
        (self.connection, self.head.into_bytes())
    }

    /// Looks at the response, and says whether it is whole.
    fn complete(&mut self) -> Result<bool, Error> {
        let Some((response, head_len)) = Response::parse(self.head.received())? else { return Ok(false) };
        let offer = Offer { sub_protocols: self.request.sub_protocols, extensions: &[] };
        let chosen = response.verify(self.key.as_str(), &offer)?.sub_protocol;
        let offered = chosen.and_then(|chosen| self.request.sub_protocols.iter().find(|offered| **offered == chosen));
        self.sub_protocol = offered.copied();
        self.head.give_rest(head_len, &mut self.connection);
        Ok(true)
    }
}

impl<M: MaskSource> Machine for Connecting<'_, '_, '_, M> {
    type Ready = ();

    /// Sends the request and reads the response.
    ///
    /// # Errors
    ///
    /// [`Error::Response`] if the server refused, with its status, or gave a wrong answer: [`response`](Self::response) has
    /// it. [`Error::HeadTooLarge`] if its head does not fit. [`Error::TransportEnded`] if the stream ends before it is whole.
    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        if self.phase == Phase::Asking {
            if !self.head.to_write().is_empty() {
                return Ok(Step::Write(self.head.to_write()));
            }
            self.head.clear();
            self.phase = Phase::Flushing;
        }
        if self.phase == Phase::Flushing {
            return Ok(Step::Flush);
        }
        if self.phase == Phase::Reading {
            if !self.complete()? {
                return self.head.space().map(Step::Read);
            }
            self.phase = Phase::Open;
        }
        Ok(Step::Ready(()))
    }

    fn filled(&mut self, len: usize) {
        self.head.filled(len);
    }

    fn written(&mut self, len: usize) {
        self.head.written(len);
    }

    fn flushed(&mut self) {
        if self.phase == Phase::Flushing {
            self.phase = Phase::Reading;
        }
    }
}
