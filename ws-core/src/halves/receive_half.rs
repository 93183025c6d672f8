//! The half that receives, and leaves what the peer is owed to the other one.

use core::marker::PhantomData;

use ws_frame::{ClosePayload, MAX_CONTROL_PAYLOAD_LEN};

use super::reply_slot::{Reply, ReplySlot};
use crate::{
    Config, ControlBuffer, Delivery, Error, Event, Machine, Message, MessageKind, Misuse, Role, Step, Violation,
    WebSocketState,
    connection::{Control, Inbound, Outbound, Progress, Usage, message},
    engine::FrameKind,
};

/// The half of a connection that receives: see [`Connection::split`](crate::Connection::split).
///
/// As a [`Machine`] it reads and never writes. Where a [`Connection`](crate::Connection) would send a reply, it leaves the reply for
/// the other half and tells [`Event::ReplyDue`]: that half is to [flush](crate::TransmitHalf::flush). After an error that is a violation, and
/// after [`Event::Closed`], it is to flush as well.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReceiveHalf<'b, 's, R> {
    inbound: Inbound<'b>,
    state: WebSocketState,
    config: &'b Config,
    control: Control<ControlBuffer>,
    slot: &'s ReplySlot,
    peer_closed: bool,
    /// No role is kept, only known: a half is not less `Send` for a source of masking keys that it does not have.
    role: PhantomData<fn() -> R>,
}

impl<'b, 's, R> ReceiveHalf<'b, 's, R> {
    pub(super) fn new(inbound: Inbound<'b>, outbound: &Outbound<'b, R>, slot: &'s ReplySlot) -> Self {
        let Outbound { state, config, peer_closed, .. } = *outbound;
        let mut control = Control::new([0; MAX_CONTROL_PAYLOAD_LEN]);
        // A control frame may be half received, or wait for the application's answer.
        control.push(outbound.control.payload());
        if outbound.control.to_send().is_none() {
            control.usage = outbound.control.usage;
        }
        Self { inbound, state, config, control, slot, peer_closed, role: PhantomData }
    }

    /// Gives the half bytes that the peer sent and that were read elsewhere. Returns how many there was space for.
    pub fn push_received(&mut self, bytes: &[u8]) -> usize {
        self.inbound.push(bytes)
    }

    /// Chooses how messages are handed over from now on, as [`Connection::deliver`](crate::Connection::deliver).
    pub const fn deliver(&mut self, delivery: Delivery) {
        self.inbound.deliver(delivery);
    }

    /// The message that an [`Event::Message`] of this kind told of.
    ///
    /// # Errors
    ///
    /// [`Violation::TextNotUtf8`] for a text that was there as a whole and is not UTF-8: the connection has failed.
    pub fn received(&mut self, kind: MessageKind) -> Result<Message<'_>, Violation> {
        let message = message(kind, self.inbound.message());
        if let Err(violation) = message {
            fail(&mut self.state, self.config, self.slot, violation);
        }
        message
    }

    /// The payload of the piece that the last [`Event::Chunk`] told of.
    #[must_use]
    pub fn chunk(&self) -> &[u8] {
        self.inbound.message()
    }

    /// The payload of the control frame that the last [`Event::Ping`] or [`Event::Pong`] told of.
    #[must_use]
    pub fn control_payload(&self) -> &[u8] {
        self.control.payload()
    }

    /// Leaves the answer to the Ping that the last [`Event::Ping`] told of for the other half, which is to
    /// [flush](crate::TransmitHalf::flush).
    ///
    /// # Errors
    ///
    /// [`Misuse::NoPingToAnswer`] if its payload is gone, because another control frame has come since, or was answered.
    /// [`Misuse::Failed`] and [`Misuse::Closing`] if nothing but a Close frame may be sent any more.
    pub fn answer_ping(&mut self) -> Result<(), Misuse> {
        // The Close frame that waits in the slot is not to be replaced.
        self.state.check_send_pong()?;
        if self.control.usage != Usage::Asking {
            return Err(Misuse::NoPingToAnswer);
        }
        self.control.usage = Usage::Nothing;
        self.slot.put(Reply::Pong, self.control.payload());
        Ok(())
    }

    /// What the peer's Close frame said, after [`Event::Closed`]; `None` if it was empty, or did not come because the peer
    /// broke a rule.
    #[must_use]
    pub fn peer_close(&self) -> Option<ClosePayload<'_>> {
        let payload = if self.peer_closed { self.control.payload() } else { &[] };
        ClosePayload::parse(payload).ok().flatten()
    }
}

impl<R: Role> ReceiveHalf<'_, '_, R> {
    fn next(&mut self) -> Result<Option<Event>, Error> {
        self.inbound.release();
        loop {
            if self.state == WebSocketState::Open && self.slot.is_close_sent() {
                self.state.close_sent();
            }
            match self.state {
                WebSocketState::Failed(violation) => return Err(violation.into()),
                WebSocketState::CloseReceived | WebSocketState::Closed => return Ok(Some(Event::Closed)),
                _ => {}
            }
            let limits = &self.config.limits;
            match self.inbound.advance(!R::MASKS, self.state, limits, &mut self.control, false) {
                Ok(Progress::Event(event)) => return Ok(Some(event)),
                Ok(Progress::Control(kind)) => {
                    if let Some(event) = self.answer(kind) {
                        return Ok(Some(event));
                    }
                }
                Ok(Progress::NeedInput | Progress::Held | Progress::PlaceTaken) => return Ok(None),
                Err(Error::Violation(violation)) => {
                    fail(&mut self.state, self.config, self.slot, violation);
                    return Err(violation.into());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Leaves the answer to a control frame for the other half, or says that the application has to answer.
    fn answer(&mut self, kind: FrameKind) -> Option<Event> {
        let reply = match kind {
            FrameKind::Ping if self.config.duties.pong => Reply::Pong,
            FrameKind::Ping => {
                self.control.usage = Usage::Asking;
                return Some(Event::Ping);
            }
            FrameKind::Pong => return Some(Event::Pong),
            FrameKind::Message(_) => return None,
            FrameKind::Close => {
                self.state.close_received();
                self.peer_closed = true;
                if self.state != WebSocketState::CloseReceived || !self.config.duties.close_reply {
                    return None;
                }
                Reply::Close
            }
        };
        self.slot.put(reply, self.control.payload());
        Some(Event::ReplyDue)
    }
}

/// Fails the connection, and leaves what the peer is to be told for the other half.
fn fail(state: &mut WebSocketState, config: &Config, slot: &ReplySlot, violation: Violation) {
    state.failed(violation);
    if config.duties.fail && matches!(state, WebSocketState::Failed(_)) {
        slot.put(Reply::Fail, &violation.close_code().get().to_be_bytes());
    }
}

impl<R: Role> Machine for ReceiveHalf<'_, '_, R> {
    type Ready = Event;

    /// Receives.
    ///
    /// # Errors
    ///
    /// As [`Connection`](crate::Connection), but that a violation comes at once: the other half tells the peer.
    fn poll(&mut self) -> Result<Step<'_, Event>, Error> {
        match self.next()? {
            Some(event) => Ok(Step::Ready(event)),
            None => self.inbound.space().map(Step::Read),
        }
    }

    fn filled(&mut self, len: usize) {
        self.inbound.filled(len);
    }

    fn written(&mut self, _len: usize) {}

    fn flushed(&mut self) {}
}
