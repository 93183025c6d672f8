//! Control frames on their way into the transmit buffer: the one that waits in its place, and those of the application.

use ws_frame::{ClosePayload, Opcode};

use super::{
    control::Usage,
    outbound::{Due, Outbound, emit},
};
use crate::{
    Error, Misuse, Role, Violation, WebSocketState,
    engine::{FrameKind, Outgoing, Plan},
};

/// Why the frame in the place for control frames cannot go into the transmit buffer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// The buffer must be drained first.
    Full,
    /// A frame of the application's is half sent.
    HalfSent { remaining: u64 },
}

impl<R: Role> Outbound<'_, R> {
    /// Puts the frame in the place for control frames into the transmit buffer, if there is one.
    pub(super) fn place_control(&mut self) -> Result<(), Blocked> {
        let Some(kind) = self.control.to_send().filter(|_| !self.mute && self.buffer.capacity() > 0) else {
            self.control.drop_frame();
            return Ok(());
        };
        let outgoing = Outgoing { kind, fin: true };
        let len = self.control.payload().len() as u64;
        if !self.control.is_half_sent() {
            if let Some((_, remaining)) = self.transmitter.unfinished_frame() {
                return Err(Blocked::HalfSent { remaining });
            }
            self.end_fragment();
            let Ok(mut plan) = self.transmitter.plan_len(self.state, outgoing, len) else {
                // A Close frame was sent meanwhile, behind which there is no place for this one.
                self.control.drop_frame();
                return Ok(());
            };
            plan.header.masking_key = R::MASKS.then_some([0; 4]);
            let frame_len = len.saturating_add(plan.header.encoded_len() as u64);
            if !self.buffer.is_drained() && frame_len > self.buffer.space_len() as u64 {
                return Err(Blocked::Full);
            }
            plan.header.masking_key = self.role.masking_key();
            self.commit_control(&plan);
            self.control.usage = Usage::HalfSent(kind);
        }
        let remaining = self.transmitter.unfinished_frame().map_or(0, |(_, remaining)| remaining);
        let (_, whole) = emit(&mut self.transmitter, &mut self.buffer, self.control.rest(remaining));
        if !whole {
            return Err(Blocked::Full);
        }
        self.control.usage = Usage::Nothing;
        self.reply_waits = true;
        Ok(())
    }

    /// Whether a control frame waits for space, behind which everything else has to wait: the buffer must be drained first.
    ///
    /// Tries to put it before what the application wants to send. One that waits for the application's half-sent frame is
    /// not in the way.
    pub(super) fn is_control_in_the_way(&mut self) -> bool {
        self.place_control() == Err(Blocked::Full)
    }

    /// Tells the peer of its violation; `Ok` once that is done or cannot be done.
    pub(super) fn tell(&mut self, violation: Violation) -> Result<(), Due> {
        let placed = self.place_control();
        if !self.told && placed.is_ok() {
            self.told = true;
            self.control.put(FrameKind::Close, &violation.close_code().get().to_be_bytes());
            // What of it finds no space is placed when the buffer was drained.
            let _ = self.place_control();
        }
        match self.due() {
            Some(due) => Err(due),
            // Behind half a frame of the application's no Close frame can stand: closing the transport has to say it.
            None => Ok(()),
        }
    }

    /// Checks a Close frame and sends it as [`put_control`](Self::put_control) does.
    pub(super) fn put_close(&mut self, payload: ClosePayload<'_>) -> Result<bool, Error> {
        payload.check()?;
        if self.told {
            return Err(Misuse::Closing.into());
        }
        self.put_control(FrameKind::Close, [&payload.code.get().to_be_bytes(), payload.reason.as_bytes()])
    }

    /// Checks a Ping and sends it as [`put_control`](Self::put_control) does.
    pub(super) fn put_ping(&mut self, payload: &[u8]) -> Result<bool, Error> {
        self.put_control(FrameKind::Ping, [payload, &[]])
    }

    /// Checks the Pong that answers the Ping in the place for control frames.
    pub(super) fn put_pong(&mut self) -> Result<bool, Error> {
        let outgoing = Outgoing { kind: FrameKind::Pong, fin: true };
        self.transmitter.plan_len(self.state, outgoing, self.control.payload().len() as u64)?;
        if self.buffer.capacity() == 0 {
            return Err(Error::BufferTooSmall { needed: 1 });
        }
        if self.control.usage != Usage::Asking {
            return Err(Misuse::NoPingToAnswer.into());
        }
        self.control.usage = Usage::Waiting(FrameKind::Pong);
        Ok(true)
    }

    /// Puts a control frame of the application's into the transmit buffer, or into the place for control frames if the
    /// buffer cannot hold it. Nothing waits in that place. `false` if the buffer has to be drained first.
    fn put_control(&mut self, kind: FrameKind, payload: [&[u8]; 2]) -> Result<bool, Error> {
        self.end_fragment();
        let len = payload.iter().fold(0_u64, |len, part| len.saturating_add(part.len() as u64));
        let outgoing = Outgoing { kind, fin: true };
        let mut plan = self.transmitter.plan_len(self.state, outgoing, len)?;
        plan.header.masking_key = R::MASKS.then_some([0; 4]);
        let frame_len = plan.header.encoded_len().saturating_add(usize::try_from(len).unwrap_or(usize::MAX));
        if frame_len > self.buffer.capacity() {
            // What is arriving there would be torn.
            if self.buffer.capacity() == 0 || self.control.is_arriving() {
                return Err(Error::BufferTooSmall { needed: frame_len });
            }
            self.control.reuse(Usage::Waiting(kind));
            self.peer_closed = false;
            for part in payload {
                self.control.push(part);
            }
            return Ok(true);
        }
        if frame_len > self.buffer.space_len() {
            return Ok(false);
        }
        plan.header.masking_key = self.role.masking_key();
        self.commit_control(&plan);
        for part in payload {
            self.emit(part);
        }
        Ok(true)
    }

    /// Begins a control frame.
    fn commit_control(&mut self, plan: &Plan) {
        self.close_waits |= plan.header.opcode == Opcode::Close;
        let mut state = self.state;
        self.transmitter.commit_in_parts(plan, &mut state);
        match self.state {
            // The state keeps the violation until it was reported.
            WebSocketState::Failed(_) if self.config.duties.fail => self.told = true,
            _ => self.state = state,
        }
    }

    /// Whether a reply is due that no transmit buffer can ever take.
    pub(super) const fn is_speechless(&self) -> bool {
        self.control.to_send().is_some() && self.buffer.capacity() == 0
    }
}
