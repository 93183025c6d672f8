//! What leaves: frames on their way into the transmit buffer, and what the connection owes its peer on its own account.
//! It is one struct, because a frame can only begin where another has ended.

use super::{
    config::Config,
    control::{Control, ControlBuffer, Usage},
    control_frames::Blocked,
    machine::Step,
    transmit_buffer::TransmitBuffer,
};
use crate::{
    Error, MessageKind, Misuse, Role, Violation, WebSocketState,
    engine::{FrameKind, Outgoing, Transmitter},
};

/// The transmitting side of a connection, with the state of the connection.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Outbound<'b, R> {
    pub(super) role: R,
    pub(crate) config: &'b Config,
    pub(crate) state: WebSocketState,
    pub(super) transmitter: Transmitter,
    pub(super) buffer: TransmitBuffer<'b>,
    pub(crate) control: Control<&'b mut ControlBuffer>,
    /// Whether a reply waits in the buffer, which is to leave before the next message is handed over.
    pub(super) reply_waits: bool,
    /// Whether our Close frame was begun and has not left yet.
    pub(super) close_waits: bool,
    /// Whether a message was begun by a call that has not reported its end.
    pub(super) sending: bool,
    /// The kind of the message whose next fragment is being composed.
    pub(super) composing: Option<MessageKind>,
    /// Whether the peer was told of its violation, or cannot be told.
    pub(super) told: bool,
    /// Whether the application was told of the peer's violation, so that nothing is left to do once the peer was.
    pub(super) reported: bool,
    /// Whether the payload in the place for control frames is that of the peer's Close frame.
    pub(crate) peer_closed: bool,
    /// Whether writing has failed, so that nothing more is written.
    pub(super) mute: bool,
}

/// What is to be done before there is anything else to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Write,
    Flush,
}

impl<'b, R> Outbound<'b, R> {
    pub(super) const fn new(
        role: R,
        transmit: &'b mut [u8],
        control: &'b mut ControlBuffer,
        config: &'b Config,
    ) -> Self {
        Self {
            role,
            config,
            state: WebSocketState::Open,
            transmitter: Transmitter::new(),
            buffer: TransmitBuffer::new(transmit),
            control: Control::new(control),
            reply_waits: false,
            close_waits: false,
            sending: false,
            composing: None,
            told: false,
            reported: false,
            peer_closed: false,
            mute: false,
        }
    }

    /// What the transport is to do with the transmit buffer, if anything.
    pub(super) const fn due(&self) -> Option<Due> {
        if !self.buffer.is_drained() {
            Some(Due::Write)
        } else if self.buffer.is_flush_due() {
            Some(Due::Flush)
        } else {
            None
        }
    }

    /// As [`due`](Self::due), if a reply is in it.
    pub(super) const fn reply_due(&self) -> Option<Due> {
        if self.reply_waits { self.due() } else { None }
    }

    pub(crate) fn written(&mut self, len: usize) {
        self.buffer.written(len);
    }

    pub(crate) const fn flushed(&mut self) {
        self.buffer.flushed();
        self.reply_waits = false;
        self.close_waits &= self.control.is_half_sent();
    }

    /// Fails the connection (section 7.1.7) if the peer is to be told; `false` if there is nothing to tell.
    pub(super) fn fail(&mut self, violation: Violation) -> bool {
        self.state.failed(violation);
        self.discard();
        if self.control.is_arriving() {
            self.control.usage = Usage::Nothing;
        }
        matches!(self.state, WebSocketState::Failed(_)) && self.config.duties.fail
    }

    /// Drops the payload that is being composed.
    pub(super) const fn discard(&mut self) {
        self.composing = None;
        self.buffer.discard();
    }

    /// Writing failed for good. Returns whether the connection can go on without: when our Close frame is out, and all that
    /// may be missing is the peer's.
    pub(super) fn write_failed(&mut self) -> bool {
        let is_close_out = !self.close_waits;
        let goes_on = is_close_out && matches!(self.state, WebSocketState::CloseSent | WebSocketState::Closed);
        if goes_on {
            self.buffer.clear();
            self.mute = true;
        }
        goes_on
    }
}

impl<R: Role> Outbound<'_, R> {
    /// Begins a frame, of which [`emit`](Self::emit) hands out the parts.
    pub(super) fn begin(&mut self, outgoing: Outgoing, payload: Payload<'_>) -> Result<(), Error> {
        if self.buffer.capacity() == 0 {
            return Err(Error::BufferTooSmall { needed: 1 });
        }
        self.end_fragment();
        let mut plan = match payload {
            Payload::Valid(len) => self.transmitter.plan_len(self.state, outgoing, len),
            Payload::Unchecked(bytes) => self.transmitter.plan(self.state, outgoing, bytes),
        }?;
        plan.header.masking_key = self.role.masking_key();
        self.transmitter.commit_in_parts(&plan, &mut self.state);
        Ok(())
    }

    /// Puts the next part of the half-sent frame into the transmit buffer: its header and as much of `payload` as there
    /// is space for. Returns how many bytes of `payload` were taken and whether the frame is whole.
    pub(super) fn emit(&mut self, payload: &[u8]) -> (usize, bool) {
        emit(&mut self.transmitter, &mut self.buffer, payload)
    }

    /// Puts the next piece of the payload of the half-sent frame into the transmit buffer, as much of it as there is space
    /// for and as belongs to the frame, and returns how much; the buffer is to be drained if nothing was.
    pub(super) fn put_in_frame(&mut self, piece: &[u8]) -> Result<usize, Error> {
        let Some((outgoing, remaining)) = self.transmitter.unfinished_frame() else { return Ok(0) };
        let len = match emit(&mut self.transmitter, &mut self.buffer, &[]) {
            // With its header in the buffer, what fits behind it is known before it is validated.
            _ if self.transmitter.untouched_frame_len().is_some() => 0,
            _ => piece.len().min(self.buffer.space_len()).min(usize::try_from(remaining).unwrap_or(usize::MAX)),
        };
        let piece = piece.get(..len).unwrap_or_default();
        // What a machine of its own has begun was known to be valid as a whole.
        if outgoing.kind == FrameKind::Message(MessageKind::Text) && !self.sending {
            self.transmitter.check_text(piece, outgoing.fin && len as u64 == remaining)?;
        }
        Ok(self.emit(piece).0)
    }

    /// Sends whatever waits to be sent, and says what the transport is to do.
    pub(crate) fn flush(&mut self) -> Step<'_, ()> {
        let due = match self.state {
            WebSocketState::Failed(violation) if self.config.duties.fail => {
                let told = self.tell(violation);
                if told.is_ok() && self.reported {
                    self.state.close_sent();
                }
                told.err()
            }
            _ => match self.place_control() {
                Err(Blocked::Full) => Some(Due::Write),
                Ok(()) | Err(Blocked::HalfSent { .. }) => self.due(),
            },
        };
        due.map_or(Step::Ready(()), |due| self.step(due))
    }

    /// The kind of the message that was begun and not ended.
    pub(super) fn unfinished_message(&self) -> Option<MessageKind> {
        self.transmitter.unfinished_message().or(self.composing.filter(|_| !self.is_nothing_composed()))
    }

    /// Checks that a whole message may begin.
    pub(super) fn check_no_message(&self) -> Result<(), Error> {
        match self.unfinished_message() {
            // Section 5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another message"
            Some(kind) => {
                self.state.check_send()?;
                Err(Misuse::MessageUnfinished(kind).into())
            }
            None => Ok(()),
        }
    }

    /// What the transport is to do, as a step.
    pub(super) fn step<T>(&self, due: Due) -> Step<'_, T> {
        match due {
            Due::Write => Step::Write(self.buffer.to_write()),
            Due::Flush => Step::Flush,
        }
    }
}

/// The payload of a frame that is to begin.
#[derive(Clone, Copy, Debug)]
pub(super) enum Payload<'p> {
    /// So many bytes, of which is known that they may be sent.
    Valid(u64),
    /// These bytes, which are to be checked.
    Unchecked(&'p [u8]),
}

/// Puts the next part of the half-sent frame into the buffer.
pub(super) fn emit(transmitter: &mut Transmitter, buffer: &mut TransmitBuffer<'_>, payload: &[u8]) -> (usize, bool) {
    // A frame that would fit is not torn apart by what waits before it: some peers want a Pong in one piece.
    let is_torn = transmitter.untouched_frame_len().is_some_and(|len| len > buffer.space_len() as u64);
    if is_torn && !buffer.is_drained() {
        return (0, false);
    }
    let (taken, written, whole) = transmitter.emit_piece(payload, buffer.space());
    buffer.filled(written);
    (taken, whole)
}
