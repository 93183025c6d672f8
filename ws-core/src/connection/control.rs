//! The place for one control frame: the one that is arriving, and after it the one that answers it or that the
//! application sends. There is one place, so that a flood of Pings cannot grow anything.

use core::borrow::BorrowMut;

use ws_frame::MAX_CONTROL_PAYLOAD_LEN;

use crate::engine::{FrameKind, copy};

/// The memory for the payload of a control frame (RFC 6455, section 5.5).
pub type ControlBuffer = [u8; MAX_CONTROL_PAYLOAD_LEN];

/// The payload of the last control frame, and whether it waits to be sent.
///
/// `S` is the memory: the caller's, by reference, or a half's own.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Control<S> {
    memory: S,
    len: u8,
    /// What the place is used for.
    pub(crate) usage: Usage,
}

/// What the place for a control frame is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Usage {
    /// For the payload of the last control frame, if anyone wants to look at it.
    Nothing,
    /// For a frame of the peer's that is half received: it is not to be touched.
    Arriving,
    /// For a Ping that the application has to answer.
    Asking,
    /// For a frame that waits to be sent.
    Waiting(FrameKind),
    /// For a frame that is half sent: the half-sent frame is this one.
    HalfSent(FrameKind),
}

impl<S> Control<S> {
    pub(crate) const fn new(memory: S) -> Self {
        Self { memory, len: 0, usage: Usage::Nothing }
    }

    /// Gives the memory back.
    pub(crate) fn into_memory(self) -> S {
        self.memory
    }

    /// Uses the place for something else, and forgets the payload.
    pub(crate) const fn reuse(&mut self, usage: Usage) {
        self.len = 0;
        self.usage = usage;
    }

    /// Gives up what is to be sent, if anything is.
    pub(crate) const fn drop_frame(&mut self) {
        if self.to_send().is_some() {
            self.usage = Usage::Nothing;
        }
    }

    /// The kind of the frame that is to be sent, or to be sent to its end.
    pub(crate) const fn to_send(&self) -> Option<FrameKind> {
        match self.usage {
            Usage::Waiting(kind) | Usage::HalfSent(kind) => Some(kind),
            Usage::Nothing | Usage::Arriving | Usage::Asking => None,
        }
    }

    pub(crate) const fn is_half_sent(&self) -> bool {
        matches!(self.usage, Usage::HalfSent(_))
    }

    /// Whether a frame of the peer's is half received.
    pub(crate) fn is_arriving(&self) -> bool {
        self.usage == Usage::Arriving
    }
}

impl<S: BorrowMut<ControlBuffer>> Control<S> {
    /// The payload so far.
    pub(crate) fn payload(&self) -> &[u8] {
        let memory: &ControlBuffer = self.memory.borrow();
        memory.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The last `len` bytes of the payload.
    pub(crate) fn rest(&self, len: u64) -> &[u8] {
        let sent = u64::from(self.len).saturating_sub(len);
        usize::try_from(sent).ok().and_then(|sent| self.payload().get(sent..)).unwrap_or_default()
    }

    /// Where the next bytes of the payload go.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        self.memory.borrow_mut().get_mut(usize::from(self.len)..).unwrap_or_default()
    }

    /// The first `len` bytes of [`space`](Self::space) are payload now.
    pub(crate) fn filled(&mut self, len: usize) {
        self.len = u8::try_from(len).map_or(self.len, |len| self.len.saturating_add(len));
    }

    /// Appends to the payload.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let len = copy(bytes, self.space());
        self.filled(len);
    }

    /// Puts a frame into the place, to be sent.
    pub(crate) fn put(&mut self, kind: FrameKind, payload: &[u8]) {
        self.reuse(Usage::Waiting(kind));
        self.push(payload);
    }
}
