//! The payload of one control frame, collected from the pieces in which it arrives.

use ws_core::frame::MAX_CONTROL_PAYLOAD_LEN;

/// The payload of the control frame that is arriving, or of the last one.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct ControlPayload {
    bytes: [u8; MAX_CONTROL_PAYLOAD_LEN],
    len: u8,
    /// Whether the frame has ended, so that the next piece is the first of another one.
    complete: bool,
}

impl ControlPayload {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; MAX_CONTROL_PAYLOAD_LEN], len: 0, complete: true }
    }

    /// Forgets the payload.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.complete = true;
    }

    /// Takes the next piece, which may be the last of its frame.
    pub(crate) fn push(&mut self, piece: &[u8], last: bool) {
        if self.complete {
            self.len = 0;
        }
        for (space, byte) in self.bytes.iter_mut().skip(usize::from(self.len)).zip(piece) {
            *space = *byte;
            self.len = self.len.saturating_add(1);
        }
        self.complete = last;
    }

    pub(crate) fn get(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}
