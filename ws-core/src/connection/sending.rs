//! Machines that send one frame: of a message, or a control frame; and the one that sends nothing new.

use ws_frame::ClosePayload;

use super::{
    control_frames::Blocked,
    event::Message,
    machine::{Machine, Step, report_to_outbound},
    outbound::{Due, Outbound, Payload},
};
use crate::{
    Error, Misuse, Role,
    engine::{FrameKind, Outgoing},
};

/// Sends a frame of a message: see [`Sender::send`](crate::Sender::send).
#[derive(Debug)]
pub struct Sending<'a, 'b, 'p, R> {
    outbound: &'a mut Outbound<'b, R>,
    outgoing: Outgoing,
    payload: &'p [u8],
    checks: Payload<'p>,
    /// Whether the frame is a message of its own, not a fragment.
    is_message: bool,
    begun: bool,
    flushes: bool,
}

impl<'a, 'b, 'p, R> Sending<'a, 'b, 'p, R> {
    pub(super) const fn new(
        outbound: &'a mut Outbound<'b, R>,
        outgoing: Outgoing,
        payload: &'p [u8],
        checks: Payload<'p>,
        is_message: bool,
    ) -> Self {
        Self { outbound, outgoing, payload, checks, is_message, begun: false, flushes: true }
    }

    /// Text in a `str` is valid already.
    pub(super) const fn message(outbound: &'a mut Outbound<'b, R>, message: Message<'p>) -> Self {
        let payload = message.payload();
        let outgoing = Outgoing { kind: FrameKind::Message(message.kind()), fin: true };
        Self::new(outbound, outgoing, payload, Payload::Valid(payload.len() as u64), true)
    }

    /// Goes on with what was begun, if anything was.
    pub(super) const fn resumed(self) -> Self {
        let begun = self.outbound.sending;
        Self { begun, ..self }
    }

    pub(super) const fn without_flush(self) -> Self {
        Self { flushes: false, ..self }
    }
}

impl<R: Role> Machine for Sending<'_, '_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        // Also when this was begun by a machine that was dropped, and is out but for the flush.
        if self.outbound.is_control_in_the_way() {
            return Ok(self.outbound.step(Due::Write));
        }
        if !self.begun {
            if self.is_message {
                self.outbound.check_no_message()?;
            }
            self.outbound.begin(self.outgoing, self.checks)?;
            self.begun = true;
            self.outbound.sending = true;
        }
        if let Some((outgoing, remaining)) = self.outbound.transmitter.unfinished_frame() {
            let sent = (self.payload.len() as u64).checked_sub(remaining);
            let rest = sent.and_then(|sent| self.payload.get(usize::try_from(sent).ok()?..));
            let Some(rest) = rest.filter(|_| outgoing == self.outgoing) else {
                return Err(Misuse::FrameUnfinished { remaining }.into());
            };
            if !self.outbound.emit(rest).1 {
                return Ok(self.outbound.step(Due::Write));
            }
        }
        match self.outbound.due() {
            Some(due) if self.flushes => Ok(self.outbound.step(due)),
            _ => {
                self.outbound.sending = false;
                Ok(Step::Ready(()))
            }
        }
    }

    report_to_outbound!();
}

/// A control frame that the application sends.
#[derive(Clone, Copy, Debug)]
pub(super) enum ControlFrame<'p> {
    Ping(&'p [u8]),
    /// With the payload of the last Ping.
    Pong,
    Close(ClosePayload<'p>),
}

/// Sends a control frame: see [`Sender::ping`](crate::Sender::ping).
#[derive(Debug)]
pub struct SendingControl<'a, 'b, 'p, R> {
    outbound: &'a mut Outbound<'b, R>,
    /// The frame, until it is in its place.
    frame: Option<ControlFrame<'p>>,
}

impl<'a, 'b, 'p, R> SendingControl<'a, 'b, 'p, R> {
    pub(super) const fn new(outbound: &'a mut Outbound<'b, R>, frame: ControlFrame<'p>) -> Self {
        Self { outbound, frame: Some(frame) }
    }
}

impl<R: Role> Machine for SendingControl<'_, '_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        loop {
            match self.outbound.place_control() {
                Err(Blocked::Full) => return Ok(self.outbound.step(Due::Write)),
                Err(Blocked::HalfSent { remaining }) => return Err(Misuse::FrameUnfinished { remaining }.into()),
                Ok(()) => {}
            }
            let is_put = match self.frame {
                Some(ControlFrame::Ping(payload)) => self.outbound.put_ping(payload)?,
                Some(ControlFrame::Pong) => self.outbound.put_pong()?,
                Some(ControlFrame::Close(payload)) => self.outbound.put_close(payload)?,
                None => break,
            };
            if !is_put {
                return Ok(self.outbound.step(Due::Write));
            }
            self.frame = None;
        }
        Ok(self.outbound.due().map_or(Step::Ready(()), |due| self.outbound.step(due)))
    }

    report_to_outbound!();
}

/// Sends whatever waits to be written: see [`Sender::flush`](crate::Sender::flush).
#[derive(Debug)]
pub struct Flushing<'a, 'b, R> {
    outbound: &'a mut Outbound<'b, R>,
}

impl<'a, 'b, R> Flushing<'a, 'b, R> {
    pub(super) const fn new(outbound: &'a mut Outbound<'b, R>) -> Self {
        Self { outbound }
    }
}

impl<R: Role> Machine for Flushing<'_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        Ok(self.outbound.flush())
    }

    report_to_outbound!();
}
