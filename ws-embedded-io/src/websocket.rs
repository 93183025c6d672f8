//! The open connection: receiving, closing, and the way to everything else.

use core::task::Poll;

use embedded_io::{Read, ReadReady, Write};
use ws_core::{
    Announced, ChunkInfo, Connection, Delivery, Event, Message, MessageKind, Received, ReceivedChunk, Role,
    WebSocketState,
    frame::{CloseCode, ClosePayload},
};

use crate::{
    Error, Incoming, IncomingChunk, Sender,
    drive::{drive, drive_ready},
};

/// What has come, if anything has, until the connection is closed.
type Tried<T> = Poll<Option<T>>;

/// A WebSocket over a transport.
///
/// Made by [`connect`](WebSocket::connect), by [`accept`](WebSocket::accept), or from a [`Connection`] that was opened elsewhere.
/// Pings are answered and the peer's Close frame is answered while the application receives, so call
/// [`recv`](Self::recv) or [`recv_chunk`](Self::recv_chunk) all the time. Every call waits for as long as the transport does; those of
/// [`recv_alive`](Self::recv_alive) and its neighbours have deadlines.
///
/// When the peer breaks a rule, it is sent a Close frame with the close code for it and the call returns the error.
///
/// Once a Close frame was sent, messages that still arrive are dropped: what is left is to wait for the end, with
/// [`close`](Self::close) or [`recv`](Self::recv), or to close the transport at once.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WebSocket<'b, T, R> {
    pub(crate) transport: T,
    pub(crate) connection: Connection<'b, R>,
}

impl<'b, T, R> WebSocket<'b, T, R> {
    /// Returns the WebSocket of a connection that is open already.
    pub const fn new(transport: T, connection: Connection<'b, R>) -> Self {
        Self { transport, connection }
    }

    /// What the peer's Close frame said, once the connection is closed; `None` if it was empty, or did not come because the peer
    /// broke a rule.
    #[must_use]
    pub fn peer_close(&self) -> Option<ClosePayload<'_>> {
        self.connection.peer_close()
    }

    /// How far the connection is.
    #[must_use]
    pub const fn state(&self) -> WebSocketState {
        self.connection.state()
    }

    /// The state machine, for what is not here: the payload of a Pong, say.
    pub const fn connection_mut(&mut self) -> &mut Connection<'b, R> {
        &mut self.connection
    }

    /// The transport, say to change its time-outs. To read or write with it would cut frames apart.
    pub const fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// The state machine and the transport, for a loop of your own: to send with a deadline, give
    /// [`drive_until`](crate::drive_until) a machine of the connection's [`sender`](Connection::sender).
    pub const fn parts_mut(&mut self) -> (&mut Connection<'b, R>, &mut T) {
        (&mut self.connection, &mut self.transport)
    }

    /// Gives the transport back. Bytes that were received and not looked at are dropped, and so is what was not written.
    #[must_use]
    pub fn into_transport(self) -> T {
        self.transport
    }
}

impl<'b, T: Read + Write, R: Role> WebSocket<'b, T, R> {
    /// Receives the next message as a whole, which must fit into the receive buffer.
    ///
    /// Returns it together with the right to answer it; `None` once the connection is closed.
    ///
    /// ```
    /// # use ws_embedded_io::{Error, Server, WebSocket};
    /// # fn echo<T: embedded_io::Read + embedded_io::Write>(
    /// #     mut websocket: WebSocket<'_, T, Server>,
    /// # ) -> Result<(), Error<T::Error>> {
    /// while let Some(mut incoming) = websocket.recv()? {
    ///     let message = incoming.message;
    ///     incoming.reply(message)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Violation` if the peer breaks a rule or its message is too long, with `TransportEnded` if it goes
    /// without a closing handshake, and with a `Misuse` in the middle of a message that was begun with
    /// [`recv_chunk`](Self::recv_chunk). The transport's errors.
    pub fn recv(&mut self) -> Result<Option<Incoming<'_, 'b, T, R>>, Error<T::Error>> {
        self.connection.deliver(Delivery::Messages);
        loop {
            match self.next_event()? {
                Event::Message(kind) => return self.incoming(kind).map(Some),
                Event::Closed => return Ok(None),
                _ => {}
            }
        }
    }

    /// Receives the next piece of a message as it arrives: any message goes through any buffer.
    ///
    /// Returns it together with the right to send; `None` once the connection is closed.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), but that no message is too long for the buffer, and that it may go on with a message in the middle of which
    /// `recv` has failed.
    pub fn recv_chunk(&mut self) -> Result<Option<IncomingChunk<'_, 'b, T, R>>, Error<T::Error>> {
        self.connection.deliver(Delivery::Chunks);
        loop {
            match self.next_event()? {
                Event::Chunk(info) => return Ok(Some(self.incoming_chunk(info))),
                Event::Closed => return Ok(None),
                _ => {}
            }
        }
    }

    /// Waits for the beginning of the next message and says what is known of it, so that the choice between [`recv`](Self::recv) and
    /// [`recv_chunk`](Self::recv_chunk) can be made for each.
    ///
    /// Returns `None` once the connection is closed. Called again, it says the same.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), with a `Misuse` in the middle of any message.
    pub fn peek(&mut self) -> Result<Option<Announced>, Error<T::Error>> {
        self.connection.deliver(Delivery::Announce);
        loop {
            match self.next_event()? {
                Event::Announced(announced) => return Ok(Some(announced)),
                Event::Closed => return Ok(None),
                _ => {}
            }
        }
    }

    /// Receives whatever the connection tells of next, Pongs included, in the delivery that was chosen last. Its payload is in
    /// [`connection_mut`](Self::connection_mut).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn next_event(&mut self) -> Result<Event, Error<T::Error>> {
        drive(&mut self.connection, &mut self.transport)
    }

    /// Performs the closing handshake: sends a Close frame and receives until the peer's Close frame. Messages that
    /// arrive in between are dropped. `reason` is at most 123 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::WebSocket`] with a `Misuse` for a close code or reason that may not be sent and inside a half-sent frame, with
    /// `TransportEnded` if the peer closed the transport without an answer; the transport's errors.
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error<T::Error>> {
        drive(self.connection.closing(code, reason), &mut self.transport)
    }

    /// Every way to send.
    pub const fn sender(&mut self) -> Sender<'_, 'b, T, R> {
        Sender::new(&mut self.transport, self.connection.sender())
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

    pub(crate) fn incoming_chunk(&mut self, info: ChunkInfo) -> IncomingChunk<'_, 'b, T, R> {
        let ReceivedChunk { chunk, sender } = self.connection.received_chunk(info);
        IncomingChunk { chunk, sender: Sender::new(&mut self.transport, sender) }
    }

    /// The message that is whole. If it is not what it is said to be, the peer is told.
    pub(crate) fn incoming(&mut self, kind: MessageKind) -> Result<Incoming<'_, 'b, T, R>, Error<T::Error>> {
        let Received { message, sender } = self.connection.received(kind);
        let mut sender = Sender::new(&mut self.transport, sender);
        match message {
            Ok(message) => Ok(Incoming::new(message, sender)),
            Err(violation) => {
                sender.flush()?;
                Err(violation.into())
            }
        }
    }
}

impl<'b, T: Read + ReadReady + Write, R: Role> WebSocket<'b, T, R> {
    /// Receives the next message as a whole if what has arrived completes it, and does not wait for more.
    ///
    /// Returns [`Poll::Pending`] if it does not. What has to be written, it waits for.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<Tried<Incoming<'_, 'b, T, R>>, Error<T::Error>> {
        self.connection.deliver(Delivery::Messages);
        loop {
            match drive_ready(&mut self.connection, &mut self.transport)? {
                Some(Event::Message(kind)) => {
                    return self.incoming(kind).map(|incoming| Poll::Ready(Some(incoming)));
                }
                Some(Event::Closed) => return Ok(Poll::Ready(None)),
                Some(_) => {}
                None => return Ok(Poll::Pending),
            }
        }
    }

    /// Receives the next piece of a message if any has arrived, and does not wait for it.
    ///
    /// Returns [`Poll::Pending`] if none has. What has to be written, it waits for.
    ///
    /// # Errors
    ///
    /// As [`recv_chunk`](Self::recv_chunk).
    pub fn try_recv_chunk(&mut self) -> Result<Tried<IncomingChunk<'_, 'b, T, R>>, Error<T::Error>> {
        self.connection.deliver(Delivery::Chunks);
        loop {
            match drive_ready(&mut self.connection, &mut self.transport)? {
                Some(Event::Chunk(info)) => return Ok(Poll::Ready(Some(self.incoming_chunk(info)))),
                Some(Event::Closed) => return Ok(Poll::Ready(None)),
                Some(_) => {}
                None => return Ok(Poll::Pending),
            }
        }
    }
}
