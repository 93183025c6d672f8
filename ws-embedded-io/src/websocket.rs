//! The open connection, and everything that is sent on it. What is received is in `receive`.

use embedded_io::{Read, Write};
use ws_core::{
    MessageKind, Misuse, Role, WebSocketSendMessageType as SendType, WebSocketState,
    frame::{CloseCode, ClosePayload},
};

use crate::{Chunk, Error, Event, Message, buffers::Input, control_payload::ControlPayload, transmit::Output};

/// A WebSocket over a blocking transport.
///
/// Made by [`connect`](WebSocket::connect) or [`accept`](WebSocket::accept). Pings are answered and the closing handshake
/// is completed while the application receives, so call [`recv`](Self::recv) or [`recv_chunk`](Self::recv_chunk) all the
/// time. Every call blocks for as long as the transport does.
///
/// When the peer breaks a rule, it is sent a Close frame with the close code for it and the call returns the error.
///
/// Once a Close frame was sent, whoever caused it, messages that still arrive are dropped: what is left is to wait for
/// [`Event::Closed`], or to close the transport at once.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WebSocket<'b, T, R> {
    pub(crate) transport: T,
    pub(crate) core: ws_core::WebSocket<R>,
    pub(crate) input: Input<'b>,
    pub(crate) output: Output<'b>,
    /// The payload of the Ping that is being received.
    pub(crate) ping: ControlPayload,
    /// The payload of the Pong or Close that is being received, or was received last.
    pub(crate) control: ControlPayload,
    /// How much of the message that is being received is in the caller's slice.
    pub(crate) received: usize,
    /// Whether the next chunk to be received is not the first of its message.
    pub(crate) inside_message: bool,
    /// Whether a Pong came inside the message that is being received.
    pub(crate) pong_pending: bool,
}

impl<'b, T: Read + Write, R: Role> WebSocket<'b, T, R> {
    pub(crate) fn new(transport: T, core: ws_core::WebSocket<R>, input: Input<'b>, output: Output<'b>) -> Self {
        let (ping, control) = (ControlPayload::new(), ControlPayload::new());
        Self { transport, core, input, output, ping, control, received: 0, inside_message: false, pong_pending: false }
    }

    /// Sends a message.
    ///
    /// It leaves in one frame, and in one write if it fits into the transmit buffer.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` after Close or inside an unfinished message; the transport's errors.
    pub fn send(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        self.send_chunk(Chunk { kind: message.kind(), first: true, last: true, payload: message.payload() })
    }

    /// Sends a part of a message as a fragment; [`last`](Chunk::last) ends the message.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). [`first`](Chunk::first) must be true where no message is unfinished, and false inside one.
    /// A chunk of the other kind than that of the unfinished message, and text that is not UTF-8, are refused too.
    pub fn send_chunk(&mut self, chunk: Chunk<'_>) -> Result<(), Error<T::Error>> {
        // The core takes a chunk for the next fragment if there is a message to continue, and for a new message if not. What
        // may be sent while the connection closes, it decides.
        match (chunk.first, self.core.unfinished_message()) {
            _ if self.core.state() != WebSocketState::Open => {}
            (true, Some(kind)) => return Err(ws_core::Error::from(Misuse::MessageUnfinished(kind)).into()),
            (false, None) => return Err(ws_core::Error::from(Misuse::NoMessageToContinue).into()),
            (true, None) | (false, Some(_)) => {}
        }
        let send_type = match chunk.kind {
            MessageKind::Text => SendType::Text,
            MessageKind::Binary => SendType::Binary,
        };
        self.send_frame(send_type, chunk.last, chunk.payload)
    }

    /// Sends a Ping frame with a payload of at most 125 bytes. The answer is received as [`Event::Pong`].
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); also for a payload that is too long.
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error<T::Error>> {
        self.send_frame(SendType::Ping, true, payload)
    }

    /// Performs the closing handshake: sends a Close frame and receives until the peer's Close frame. Messages that
    /// arrive in between are dropped.
    ///
    /// If reading fails, say with a time-out, another call goes on waiting. `reason` is at most 123 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` for a close code or reason that may not be sent;
    /// [`Error::TransportEnded`] if the peer closed the transport without an answer; the transport's errors.
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error<T::Error>> {
        if self.core.state() == WebSocketState::Open {
            self.send_close(code, reason)?;
        }
        self.forget_message();
        while !matches!(self.receive(&mut [])?, Event::Closed) {}
        Ok(())
    }

    /// What the peer's Close frame said; `None` if it was empty or has not come, or if the peer broke a rule.
    #[must_use]
    pub fn peer_close(&self) -> Option<ClosePayload<'_>> {
        match self.core.state() {
            WebSocketState::CloseReceived | WebSocketState::Closed => {
                ClosePayload::parse(self.control.get()).ok().flatten()
            }
            _ => None,
        }
    }

    /// The payload of the last Pong frame that an [`Event::Pong`] told of, until the next call that receives.
    #[must_use]
    pub fn pong_payload(&self) -> &[u8] {
        self.control.get()
    }

    /// How far the connection is.
    #[must_use]
    pub fn state(&self) -> WebSocketState {
        self.core.state()
    }

    /// The transport, say to change its time-outs. To read or write with it would cut frames apart.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Gives the transport back. Bytes that were received and not looked at are dropped.
    #[must_use]
    pub fn into_transport(self) -> T {
        self.transport
    }

    fn send_frame(&mut self, send_type: SendType, end_of_message: bool, payload: &[u8]) -> Result<(), Error<T::Error>> {
        self.output.send_frame(&mut self.transport, &mut self.core, send_type, end_of_message, payload)
    }

    pub(crate) fn send_close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error<T::Error>> {
        self.output.check()?;
        let len = self.core.close(code.into(), Some(reason), self.output.buffer)?;
        self.output.send(&mut self.transport, len)
    }
}

/// What the README says about microcontrollers is held to by whoever builds for one.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<WebSocket<'_, (), ws_core::Server>>() <= 400);
