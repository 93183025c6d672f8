//! The half that sends, and what the other one has left for it.

use super::reply_slot::{Reply, ReplySlot};
use crate::{
    Error, Machine, Role, Sender, Step, WebSocketState,
    connection::{Outbound, Usage},
    engine::FrameKind,
};

/// The half of a connection that sends: see [`Connection::split`](crate::Connection::split).
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TransmitHalf<'b, 's, R> {
    outbound: Outbound<'b, R>,
    slot: &'s ReplySlot,
    /// The number of the last reply that was fetched.
    fetched: usize,
}

impl<'b, 's, R> TransmitHalf<'b, 's, R> {
    pub(super) fn new(mut outbound: Outbound<'b, R>, slot: &'s ReplySlot) -> Self {
        // What is half received goes on in the other half, and what waits for an answer is answered there.
        if outbound.control.to_send().is_none() {
            outbound.control.usage = Usage::Nothing;
        }
        slot.set_close_sent(outbound.state == WebSocketState::CloseSent);
        Self { outbound, slot, fetched: slot.newest() }
    }

    /// How far the connection is, as this half knows it.
    #[must_use]
    pub const fn state(&self) -> WebSocketState {
        self.outbound.state
    }
}

impl<'b, 's, R: Role> TransmitHalf<'b, 's, R> {
    /// The right to send, before which the other half's reply is fetched. To send replies alone, [`flush`](Self::flush).
    pub fn sender(&mut self) -> Sender<'_, 'b, R> {
        self.synchronize();
        Sender::new(&mut self.outbound)
    }

    /// Returns a machine that sends the replies that the other half has left or leaves meanwhile, and whatever else waits to
    /// be written. Make one whenever that half tells [`Event::ReplyDue`](crate::Event::ReplyDue) or has come to an end.
    pub const fn flush<'a>(&'a mut self) -> FlushingHalf<'a, 'b, 's, R> {
        FlushingHalf { half: self }
    }

    /// Fetches the other half's reply, and tells that half whether a Close frame was sent. [`sender`](Self::sender) does so too;
    /// call it after a Close frame was sent, for messages to be dropped from then on.
    pub fn synchronize(&mut self) {
        // A reply that is on its way stays in its place; the next one can wait in the slot.
        if self.outbound.control.to_send().is_none()
            && let Some((number, reply, len, payload)) = self.slot.fetch(self.fetched)
        {
            self.fetched = number;
            let kind = match reply {
                Reply::Pong => FrameKind::Pong,
                Reply::Fail => FrameKind::Close,
                Reply::Close => {
                    self.outbound.state.close_received();
                    FrameKind::Close
                }
            };
            self.outbound.control.put(kind, payload.get(..len).unwrap_or_default());
        }
        let is_close_sent = matches!(self.outbound.state, WebSocketState::CloseSent | WebSocketState::Closed);
        self.slot.set_close_sent(is_close_sent);
    }
}

/// Sends what the other half has left: see [`TransmitHalf::flush`].
#[derive(Debug)]
pub struct FlushingHalf<'a, 'b, 's, R> {
    half: &'a mut TransmitHalf<'b, 's, R>,
}

impl<R: Role> Machine for FlushingHalf<'_, '_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        // Each time: while one reply was on its way, the next one may have come.
        self.half.synchronize();
        Ok(self.half.outbound.flush())
    }

    fn filled(&mut self, _len: usize) {}

    fn written(&mut self, len: usize) {
        self.half.outbound.written(len);
    }

    fn flushed(&mut self) {
        self.half.outbound.flushed();
    }
}
