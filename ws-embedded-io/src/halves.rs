//! A WebSocket in two halves, over a transport that can be read and written at the same time.

use embedded_io::{Read, Write};
use ws_core::{
    Chunk, ChunkInfo, Delivery, Event, Message, ReplySlot, Role, WebSocketState,
    frame::{CloseCode, ClosePayload},
};

use crate::{
    Error, Sender, WebSocket,
    drive::{receive, transmit},
};

impl<'b, T, R> WebSocket<'b, T, R> {
    /// Splits the WebSocket and, with `split`, its transport. The halves may be used in two threads or by turns.
    ///
    /// What the receive half owes the peer, it leaves in `slot` and says so: have the transmit half
    /// [`reply`](TransmitHalf::reply) then, with whatever wakes the other thread (a channel).
    pub fn split<'s, Reader, Writer>(
        self,
        slot: &'s ReplySlot,
        split: impl FnOnce(T) -> (Reader, Writer),
    ) -> (ReceiveHalf<'b, 's, Reader, R>, TransmitHalf<'b, 's, Writer, R>) {
        let (receiving, transmitting) = self.connection.split(slot);
        let (reader, writer) = split(self.transport);
        (ReceiveHalf { transport: reader, half: receiving }, TransmitHalf { transport: writer, half: transmitting })
    }
}

/// What a [`ReceiveHalf`] comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Arrived<D> {
    /// A whole message or a chunk of one.
    Data(D),
    /// The transmit half has a reply to send: wake it.
    ReplyDue,
    /// The connection is closed: close the transport, once the transmit half has sent what it has.
    Closed,
}

/// The half of a WebSocket that receives.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReceiveHalf<'b, 's, T, R> {
    transport: T,
    half: ws_core::ReceiveHalf<'b, 's, R>,
}

impl<T: Read, R: Role> ReceiveHalf<'_, '_, T, R> {
    /// Receives the next message as a whole, which must fit into the receive buffer.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::recv`]. After a violation the transmit half has to [`reply`](TransmitHalf::reply), to tell the peer.
    pub fn recv(&mut self) -> Result<Arrived<Message<'_>>, Error<T::Error>> {
        self.half.deliver(Delivery::Messages);
        loop {
            match receive(&mut self.half, &mut self.transport)? {
                Event::Message(kind) => return Ok(Arrived::Data(self.half.received(kind)?)),
                Event::ReplyDue => return Ok(Arrived::ReplyDue),
                Event::Closed => return Ok(Arrived::Closed),
                _ => {}
            }
        }
    }

    /// Receives the next piece of a message as it arrives.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::recv_chunk`]; otherwise as [`recv`](Self::recv).
    pub fn recv_chunk(&mut self) -> Result<Arrived<Chunk<'_>>, Error<T::Error>> {
        self.half.deliver(Delivery::Chunks);
        loop {
            match receive(&mut self.half, &mut self.transport)? {
                Event::Chunk(ChunkInfo { kind, first, last, frame_len }) => {
                    let payload = self.half.chunk();
                    return Ok(Arrived::Data(Chunk { kind, first, last, frame_len, payload }));
                }
                Event::ReplyDue => return Ok(Arrived::ReplyDue),
                Event::Closed => return Ok(Arrived::Closed),
                _ => {}
            }
        }
    }

    /// What the peer's Close frame said, once the connection is closed; `None` if it was empty, or did not come because the peer
    /// broke a rule.
    #[must_use]
    pub fn peer_close(&self) -> Option<ClosePayload<'_>> {
        self.half.peer_close()
    }

    /// The transport that is read from.
    pub const fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }
}

/// The half of a WebSocket that sends.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TransmitHalf<'b, 's, T, R> {
    transport: T,
    half: ws_core::TransmitHalf<'b, 's, R>,
}

impl<'b, T: Write, R: Role> TransmitHalf<'b, '_, T, R> {
    /// Every way to send. A reply that is due leaves first.
    pub fn sender(&mut self) -> Sender<'_, 'b, T, R> {
        Sender::new(&mut self.transport, self.half.sender())
    }

    /// Sends the reply that the other half has left, if there is one, and whatever else waits to be written.
    ///
    /// # Errors
    ///
    /// The transport's errors.
    pub fn reply(&mut self) -> Result<(), Error<T::Error>> {
        transmit(self.half.flush(), &mut self.transport)
    }

    /// Sends a message and flushes: [`Sender::send`].
    ///
    /// # Errors
    ///
    /// As [`Sender::send`].
    pub fn send(&mut self, message: Message<'_>) -> Result<(), Error<T::Error>> {
        self.sender().send(message)
    }

    /// Sends a Ping frame and flushes: [`Sender::ping`].
    ///
    /// # Errors
    ///
    /// As [`Sender::ping`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error<T::Error>> {
        self.sender().ping(payload)
    }

    /// Sends a Close frame and flushes. The receive half drops messages from then on, and comes to [`Arrived::Closed`] with the
    /// peer's Close frame. `reason` is at most 123 bytes.
    ///
    /// # Errors
    ///
    /// As [`Sender::close`].
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error<T::Error>> {
        let closed = self.sender().close(code, reason);
        self.half.synchronize();
        closed
    }

    /// How far the connection is, as this half knows it.
    #[must_use]
    pub const fn state(&self) -> WebSocketState {
        self.half.state()
    }

    /// The transport that is written to.
    pub const fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }
}
