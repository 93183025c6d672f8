//! Composing a message in the transmit buffer, where it is sent from: as a whole, and below, for every file that makes messages
//! there, the payload of one frame.

use core::fmt;

use ws_frame::{FrameHeader, Mask, Opcode};

use super::{
    machine::{Machine, Step, report_to_outbound},
    outbound::{Due, Outbound},
};
use crate::{
    Error, MessageKind, Misuse, Role,
    engine::{FrameKind, Outgoing, copy},
};

/// What is to be composed does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message does not fit into the transmit buffer")
    }
}

impl core::error::Error for Full {}

impl From<fmt::Error> for Full {
    fn from(fmt::Error: fmt::Error) -> Self {
        Self
    }
}

/// The place where a message is composed. Write into it with `write!`, with [`push`](Self::push), or straight into its
/// [`space`](Self::space).
#[derive(Debug)]
pub struct Composer<'s> {
    space: &'s mut [u8],
    len: usize,
    /// Whether all that was written came from a `str`.
    is_text: bool,
}

impl Composer<'_> {
    /// The bytes that are still free, for a serialiser that writes into a slice. [`advance`](Self::advance) says how many it
    /// has written.
    pub fn space(&mut self) -> &mut [u8] {
        self.space.get_mut(self.len..).unwrap_or_default()
    }

    /// Makes the first `len` bytes of [`space`](Self::space) part of the message.
    pub fn advance(&mut self, len: usize) {
        self.is_text &= len == 0;
        self.len = self.len.saturating_add(len).min(self.space.len());
    }

    /// Appends bytes to the message.
    ///
    /// # Errors
    ///
    /// [`Full`] if they do not fit; none of them is appended then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Full> {
        if bytes.len() > self.space().len() {
            return Err(Full);
        }
        let len = copy(bytes, self.space());
        self.advance(len);
        Ok(())
    }
}

impl fmt::Write for Composer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_text = self.is_text;
        self.push(text.as_bytes()).map_err(|Full| fmt::Error)?;
        self.is_text = is_text;
        Ok(())
    }
}

/// Composes and sends a message: see [`Sender::compose`](crate::Sender::compose).
#[derive(Debug)]
pub struct Composing<'a, 'b, R, F> {
    outbound: &'a mut Outbound<'b, R>,
    kind: MessageKind,
    /// What composes the message, until it has.
    compose: Option<F>,
}

impl<'a, 'b, R, F> Composing<'a, 'b, R, F> {
    pub(super) const fn new(outbound: &'a mut Outbound<'b, R>, kind: MessageKind, compose: F) -> Self {
        Self { outbound, kind, compose: Some(compose) }
    }
}

impl<R: Role, F> Composing<'_, '_, R, F>
where
    F: FnOnce(&mut Composer<'_>) -> Result<(), Full>,
{
    fn compose(&mut self, compose: F) -> Result<(), Error> {
        self.outbound.check_no_message()?;
        self.outbound.discard();
        self.outbound.begin_composing(self.kind)?;
        let mut composer = Composer { space: self.outbound.buffer.composing_space(), len: 0, is_text: true };
        let composed = compose(&mut composer);
        let Composer { len, is_text, .. } = composer;
        self.outbound.buffer.composed(len);
        let needed = self.outbound.buffer.capacity().saturating_add(1);
        let ended = composed
            .map_err(|Full| Error::BufferTooSmall { needed })
            .and_then(|()| self.outbound.end_composing_message(is_text));
        if ended.is_err() {
            self.outbound.discard();
        }
        ended
    }
}

impl<R: Role, F> Machine for Composing<'_, '_, R, F>
where
    F: FnOnce(&mut Composer<'_>) -> Result<(), Full>,
{
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        if self.compose.is_some() && self.outbound.is_control_in_the_way() {
            return Ok(self.outbound.step(Due::Write));
        }
        if let Some(due) = self.outbound.due() {
            return Ok(self.outbound.step(due));
        }
        if let Some(compose) = self.compose.take() {
            self.compose(compose)?;
        }
        Ok(self.outbound.due().map_or(Step::Ready(()), |due| self.outbound.step(due)))
    }

    report_to_outbound!();
}

/// What is being composed.
impl<R: Role> Outbound<'_, R> {
    /// How many bytes to leave free for the header of a frame that is composed in what is left of the transmit buffer.
    fn header_room(&self) -> usize {
        header_len(self.buffer.space_len() as u64, R::MASKS)
    }

    /// Begins to compose the payload of a frame of this kind, unless that is begun; returns whether there is space for any.
    pub(super) fn begin_composing(&mut self, kind: MessageKind) -> Result<bool, Error> {
        let capacity = self.buffer.capacity();
        if capacity <= header_len(capacity as u64, R::MASKS) {
            return Err(Error::BufferTooSmall { needed: header_len(1, R::MASKS).saturating_add(1) });
        }
        self.transmitter.plan_len(self.state, Outgoing { kind: FrameKind::Message(kind), fin: false }, 0)?;
        match self.composing {
            Some(begun) if begun == kind => return Ok(true),
            Some(_) if self.is_nothing_composed() => self.discard(),
            Some(begun) => return Err(Misuse::MessageUnfinished(begun).into()),
            None => {}
        }
        let begins = self.buffer.begin_composing(self.header_room());
        self.composing = Some(kind).filter(|_| begins);
        Ok(begins)
    }

    /// Makes a frame of the payload that was composed, which is known to be valid.
    pub(super) fn end_composing(&mut self, fin: bool) -> Result<(), Error> {
        let Some(kind) = self.composing else { return Ok(()) };
        if kind == MessageKind::Text && fin {
            self.transmitter.check_text(&[], fin)?;
        }
        let room = self.header_room();
        let payload = self.buffer.payload_mut(room);
        let outgoing = Outgoing { kind: FrameKind::Message(kind), fin };
        let mut plan = self.transmitter.plan_len(self.state, outgoing, payload.len() as u64)?;
        plan.header.masking_key = self.role.masking_key();
        if let Some(key) = plan.header.masking_key {
            Mask::new(key).apply(payload);
        }
        self.buffer.end_composing(room, plan.header.encoded_len(), |header| {
            // A header was checked when it was planned, and this is the space for it.
            let _ = plan.header.encode(header);
        });
        self.transmitter.commit(&plan, &mut self.state);
        self.composing = None;
        // What a dropped machine had begun is not the last message any more.
        self.sending &= !fin;
        Ok(())
    }

    /// Makes a frame of what is composed of an unfinished message, if anything is, so that another frame may follow.
    pub(super) fn end_fragment(&mut self) {
        if self.composing.is_some() && (self.is_nothing_composed() || self.end_composing(false).is_err()) {
            self.discard();
        }
    }

    /// Whether the payload that is being composed is empty, so that no message is begun yet.
    pub(super) fn is_nothing_composed(&self) -> bool {
        self.buffer.payload_len(self.header_room()) == 0
    }

    /// Makes a message of the payload that was composed; `is_valid` says that it needs no look.
    pub(super) fn end_composing_message(&mut self, is_valid: bool) -> Result<(), Error> {
        if self.composing == Some(MessageKind::Text) && !is_valid {
            let room = self.header_room();
            self.transmitter.check_text(self.buffer.payload_mut(room), true)?;
        }
        self.end_composing(true)
    }
}

/// The length in bytes of the longest header of a frame that lies in `space` bytes with it.
fn header_len(space: u64, masks: bool) -> usize {
    let header = FrameHeader::new(Opcode::Binary, space);
    FrameHeader { masking_key: masks.then_some([0; 4]), ..header }.encoded_len()
}
