//! The open connection: receives, and does what is owed to the peer on the way.

use ws_frame::{CloseCode, ClosePayload};

use super::{
    buffers::Buffers,
    closing::Closing,
    config::{Config, Delivery},
    control::Usage,
    control_frames::Blocked,
    event::{ChunkInfo, Event},
    inbound::{Inbound, Progress},
    machine::{Machine, Step},
    outbound::{Due, Outbound},
    received::{Received, ReceivedChunk, message},
    sender::Sender,
};
use crate::{Client, Error, MaskSource, MessageKind, Misuse, Role, Server, WebSocketState, engine::FrameKind};

/// An open WebSocket connection, without I/O and without a clock.
///
/// # Order of calls
///
/// As a [`Machine`], the connection receives: poll it, do what it says, and look at each [`Event`] it comes to. On the way it
/// answers Pings, answers the peer's Close frame, and tells the peer about its violations, unless a
/// [duty](crate::Duties) is switched off.
///
/// - After [`Event::Message`], [`received`](Self::received) has the message and the right to answer it.
/// - After [`Event::Chunk`], [`chunk`](Self::chunk) has the payload of the piece.
/// - [`deliver`](Self::deliver) chooses between the two, also for a message that is only announced.
/// - [`sender`](Self::sender) sends, at any time. [`closing`](Self::closing) closes.
/// - After [`Event::Closed`] or an error that is no [`Error::Misuse`], close the transport.
///
/// What is handed over is valid until the connection is polled again.
///
/// # When bytes leave
///
/// Before a message is handed over, the replies that were due before it are written and flushed. What the application has
/// queued is written when there is nothing more to look at, when there is no space for more, or when it is flushed. At most one reply
/// is outstanding: while it waits, no further control frame is looked at.
///
/// # Memory
///
/// 160 bytes on a 32-bit target, without the caller's buffers and the source of masking keys; the crate's README says what
/// they are for.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Connection<'b, R> {
    pub(crate) inbound: Inbound<'b>,
    pub(crate) outbound: Outbound<'b, R>,
}

impl<'b> Connection<'b, Server> {
    /// Returns the connection of a server whose opening handshake is done.
    #[must_use]
    pub const fn server(buffers: Buffers<'b>, config: &'b Config) -> Self {
        Self::open(Server, buffers, config)
    }
}

impl<'b, M: MaskSource> Connection<'b, Client<M>> {
    /// Returns the connection of a client whose opening handshake is done.
    #[must_use]
    pub const fn client(mask_source: M, buffers: Buffers<'b>, config: &'b Config) -> Self {
        Self::open(Client { mask_source }, buffers, config)
    }
}

/// What there is to do next, as a value that borrows nothing.
pub(super) enum Next {
    Due(Due),
    Read,
    Ready(Event),
    /// A control frame was received that the application need not know of: look again.
    Again,
}

impl<'b, R> Connection<'b, R> {
    pub(crate) const fn open(role: R, Buffers { receive, transmit, control }: Buffers<'b>, config: &'b Config) -> Self {
        Self {
            inbound: Inbound::new(receive, config.delivery),
            outbound: Outbound::new(role, transmit, control, config),
        }
    }

    /// Gives the memory back, for the next connection.
    #[must_use]
    pub fn into_buffers(self) -> Buffers<'b> {
        Buffers {
            receive: self.inbound.into_receive_buffer(),
            transmit: self.outbound.buffer.into_bytes(),
            control: self.outbound.control.into_memory(),
        }
    }

    /// Gives the connection bytes that the peer sent and that were read elsewhere, say together with the HTTP head.
    ///
    /// Returns how many there was space for in the receive buffer.
    pub fn push_received(&mut self, bytes: &[u8]) -> usize {
        self.inbound.push(bytes)
    }

    /// How far the connection is.
    #[must_use]
    pub const fn state(&self) -> WebSocketState {
        self.outbound.state
    }

    /// Chooses how messages are handed over from now on.
    ///
    /// A message of which a part was received as [`Delivery::Messages`] may go on as [`Delivery::Chunks`]: the first chunk
    /// has that part. The other way round is a [`Misuse::MessageHalfReceived`] when the connection is polled.
    pub const fn deliver(&mut self, delivery: Delivery) {
        self.inbound.deliver(delivery);
    }

    /// The message that an [`Event::Message`] of this kind told of, and the right to answer it.
    pub fn received(&mut self, kind: MessageKind) -> Received<'_, 'b, R> {
        let message = message(kind, self.inbound.message());
        if let Err(violation) = message {
            self.outbound.fail(violation);
            self.outbound.reported = true;
        }
        Received { message, sender: Sender::new(&mut self.outbound) }
    }

    /// The payload of the piece that the last [`Event::Chunk`] told of.
    #[must_use]
    pub fn chunk(&self) -> &[u8] {
        self.inbound.message()
    }

    /// The piece of a message that an [`Event::Chunk`] told of with this, and the right to answer it.
    pub fn received_chunk(&mut self, info: ChunkInfo) -> ReceivedChunk<'_, 'b, R> {
        ReceivedChunk { chunk: info.with_payload(self.inbound.message()), sender: Sender::new(&mut self.outbound) }
    }

    /// The payload of the control frame that the last [`Event::Ping`] or [`Event::Pong`] told of.
    #[must_use]
    pub fn control_payload(&self) -> &[u8] {
        self.outbound.control.payload()
    }

    /// What the peer's Close frame said, after [`Event::Closed`] and until the application answers it itself; `None` if it
    /// was empty, or did not come because the peer broke a rule.
    #[must_use]
    pub fn peer_close(&self) -> Option<ClosePayload<'_>> {
        match self.outbound.state {
            WebSocketState::CloseReceived | WebSocketState::Closed if self.outbound.peer_closed => {
                ClosePayload::parse(self.outbound.control.payload()).ok().flatten()
            }
            _ => None,
        }
    }

    /// The right to send.
    pub const fn sender(&mut self) -> Sender<'_, 'b, R> {
        Sender::new(&mut self.outbound)
    }

    /// Returns a machine that performs the closing handshake: sends a Close frame, unless one was sent, and
    /// receives until the peer's Close frame. Messages that arrive in between are dropped.
    ///
    /// `reason` is for people and logs: at most 123 bytes.
    ///
    /// It fails with [`Error::Misuse`] for a close code or reason that may not be sent, and inside a half-sent frame, and
    /// with the errors of receiving. Dropped, it may be made again.
    pub const fn closing<'a>(&'a mut self, code: CloseCode, reason: &'a str) -> Closing<'a, 'b, R> {
        Closing::new(self, ClosePayload { code, reason })
    }
}

impl<R: Role> Connection<'_, R> {
    pub(super) fn next(&mut self) -> Result<Next, Error> {
        self.inbound.release();
        loop {
            if let WebSocketState::Failed(violation) = self.outbound.state {
                if self.outbound.config.duties.fail
                    && let Err(due) = self.outbound.tell(violation)
                {
                    return Ok(Next::Due(due));
                }
                if self.outbound.config.duties.fail {
                    self.outbound.state.close_sent();
                }
                return Err(violation.into());
            }
            if self.outbound.is_speechless() {
                return Err(Error::BufferTooSmall { needed: 1 });
            }
            let placed = self.outbound.place_control();
            if placed == Err(Blocked::Full) {
                return Ok(Next::Due(Due::Write));
            }
            if let WebSocketState::CloseReceived | WebSocketState::Closed = self.outbound.state {
                return match (self.outbound.due(), placed) {
                    (Some(due), _) => Ok(Next::Due(due)),
                    // Once it is closed, nothing follows the half-sent frame.
                    (None, Err(Blocked::HalfSent { remaining }))
                        if self.outbound.state == WebSocketState::CloseReceived =>
                    {
                        Err(Misuse::FrameUnfinished { remaining }.into())
                    }
                    (None, _) => Ok(Next::Ready(Event::Closed)),
                };
            }
            match self.advance() {
                Ok(Progress::NeedInput) => return Ok(self.outbound.due().map_or(Next::Read, Next::Due)),
                Ok(Progress::Event(event)) => return Ok(Next::Ready(event)),
                Ok(Progress::Control(kind)) => return Ok(self.answer(kind).map_or(Next::Again, Next::Ready)),
                Ok(Progress::Held) => return Ok(self.outbound.due().map_or(Next::Read, Next::Due)),
                Ok(Progress::PlaceTaken) => {
                    let remaining = self.outbound.transmitter.unfinished_frame().map_or(0, |(_, remaining)| remaining);
                    return Err(Misuse::FrameUnfinished { remaining }.into());
                }
                Err(Error::Violation(violation)) => {
                    if !self.outbound.fail(violation) {
                        return Err(violation.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn advance(&mut self) -> Result<Progress, Error> {
        let Self { inbound, outbound } = self;
        let hold = outbound.reply_due().is_some();
        // The peer of a client is a server, which does not mask, and the other way round.
        inbound.advance(!R::MASKS, outbound.state, &outbound.config.limits, &mut outbound.control, hold)
    }

    /// Answers a control frame that is whole, or says that the application has to.
    fn answer(&mut self, kind: FrameKind) -> Option<Event> {
        let Outbound { config, state, control, peer_closed, .. } = &mut self.outbound;
        match kind {
            // Section 5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already
            // received a Close frame."
            FrameKind::Ping if config.duties.pong => control.usage = Usage::Waiting(FrameKind::Pong),
            FrameKind::Ping => {
                control.usage = Usage::Asking;
                return Some(Event::Ping);
            }
            FrameKind::Pong => return Some(Event::Pong),
            FrameKind::Close => {
                state.close_received();
                *peer_closed = true;
                // Section 5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the
                // endpoint MUST send a Close frame in response."
                if *state == WebSocketState::CloseReceived && config.duties.close_reply {
                    control.usage = Usage::Waiting(FrameKind::Close);
                }
            }
            FrameKind::Message(_) => {}
        }
        None
    }
}

impl<R: Role> Machine for Connection<'_, R> {
    type Ready = Event;

    /// Receives, and does on the way what is owed to the peer.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] when the peer breaks a rule. [`Error::TransportEnded`] when the stream ends before the peer's
    /// Close frame. [`Error::Misuse`] if a reply cannot be sent because the application's own frame is half sent, and if a
    /// message is half received in another way; [`Error::BufferTooSmall`] without a receive buffer, or without a transmit
    /// buffer when a reply is due. Nothing is lost with these two.
    fn poll(&mut self) -> Result<Step<'_, Event>, Error> {
        loop {
            match self.next()? {
                Next::Due(due) => return Ok(self.outbound.step(due)),
                Next::Read => return Ok(Step::Read(self.inbound.space()?)),
                Next::Ready(event) => return Ok(Step::Ready(event)),
                Next::Again => {}
            }
        }
    }

    fn filled(&mut self, len: usize) {
        self.inbound.filled(len);
    }

    fn written(&mut self, len: usize) {
        self.outbound.written(len);
    }

    fn flushed(&mut self) {
        self.outbound.flushed();
    }

    fn write_failed(&mut self) -> bool {
        self.outbound.write_failed()
    }
}

/// What the README says about microcontrollers is held to by whoever builds for one.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<Connection<'_, Server>>() <= 160);
