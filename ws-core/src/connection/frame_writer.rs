//! A frame of known length whose payload is given in pieces.

use super::{
    machine::{Machine, Step, report_to_outbound},
    outbound::{Due, Outbound, Payload},
};
use crate::{
    Error, MessageKind, Misuse, Role,
    engine::{FrameKind, Outgoing},
};

/// Writes the payload of a frame of known length, in pieces: see [`Sender::frame`](crate::Sender::frame).
///
/// When it is dropped before the end, the frame is half sent, and nothing else can be sent until
/// [`Sender::unfinished_frame`](crate::Sender::unfinished_frame) has gone on with it.
#[derive(Debug)]
pub struct FrameWriter<'a, 'b, R> {
    outbound: &'a mut Outbound<'b, R>,
}

impl<'a, 'b, R: Role> FrameWriter<'a, 'b, R> {
    pub(super) fn begin(outbound: &'a mut Outbound<'b, R>, kind: MessageKind, len: u64) -> Result<Self, Error> {
        // If it stays half sent, that is the error.
        outbound.is_control_in_the_way();
        outbound.check_no_message()?;
        outbound.begin(Outgoing { kind: FrameKind::Message(kind), fin: true }, Payload::Valid(len))?;
        outbound.sending = false;
        Ok(Self { outbound })
    }

    pub(super) fn unfinished(outbound: &'a mut Outbound<'b, R>) -> Option<Self> {
        let is_message = matches!(outbound.transmitter.unfinished_frame()?.0.kind, FrameKind::Message(_));
        is_message.then_some(Self { outbound })
    }

    /// How many bytes of the payload are missing.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.outbound.transmitter.unfinished_frame().map_or(0, |(_, remaining)| remaining)
    }

    /// Takes the first bytes of `piece`, at least one unless the frame is whole, and says how many. What is longer than the
    /// frame is not taken.
    ///
    /// Bytes are taken only when the machine is ready, so that one that was dropped has taken none.
    ///
    /// It fails with [`Error::Misuse`] for text that is not UTF-8.
    pub const fn put<'w, 'p>(&'w mut self, piece: &'p [u8]) -> PuttingInFrame<'w, 'b, 'p, R> {
        PuttingInFrame { outbound: self.outbound, piece }
    }

    /// Writes what was put and flushes.
    ///
    /// It fails with [`Misuse::FrameUnfinished`] if payload is missing.
    pub const fn finish(&mut self) -> FinishingFrame<'_, 'b, R> {
        FinishingFrame { outbound: self.outbound }
    }
}

/// Takes a piece of a frame's payload: see [`FrameWriter::put`].
#[derive(Debug)]
pub struct PuttingInFrame<'a, 'b, 'p, R> {
    outbound: &'a mut Outbound<'b, R>,
    piece: &'p [u8],
}

impl<R: Role> Machine for PuttingInFrame<'_, '_, '_, R> {
    type Ready = usize;

    fn poll(&mut self) -> Result<Step<'_, usize>, Error> {
        let Some((_, 1..)) = self.outbound.transmitter.unfinished_frame() else { return Ok(Step::Ready(0)) };
        if self.piece.is_empty() {
            return Ok(Step::Ready(0));
        }
        match self.outbound.put_in_frame(self.piece)? {
            0 => Ok(self.outbound.step(Due::Write)),
            taken => Ok(Step::Ready(taken)),
        }
    }

    report_to_outbound!();
}

/// Writes what is left of a frame: see [`FrameWriter::finish`].
#[derive(Debug)]
pub struct FinishingFrame<'a, 'b, R> {
    outbound: &'a mut Outbound<'b, R>,
}

impl<R: Role> Machine for FinishingFrame<'_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        match self.outbound.transmitter.unfinished_frame() {
            Some((_, remaining @ 1..)) => return Err(Misuse::FrameUnfinished { remaining }.into()),
            // Of a frame without payload the header may be left. What finds no room waits behind what is due to be written.
            Some((_, 0)) => _ = self.outbound.emit(&[]),
            None => {}
        }
        if let Some(due) = self.outbound.due() {
            return Ok(self.outbound.step(due));
        }
        // The frame may have been that of a message whose own machine was dropped.
        self.outbound.sending = false;
        Ok(Step::Ready(()))
    }

    report_to_outbound!();
}
