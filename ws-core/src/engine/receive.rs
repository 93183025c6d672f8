//! Receiving: takes the peer's bytes apart into frames and checks every rule that needs the role or the history. What the
//! frames mean for the state of the connection is left to `state`, and answering them to the faces.

use ws_frame::{
    CloseCode, ClosePayloadValidator, FrameHeader, HeaderDecoder, Mask, Opcode, ReservedBits, Utf8Validator,
};

use super::{FrameKind, MessageKind, copy_payload};
use crate::Violation;

/// What a frame was the end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrameEnd {
    /// Of a fragment: more of the message follows in other frames.
    Fragment,
    /// Of a whole message, Ping or Pong.
    Message,
    /// Of a Close frame with this close code, if it had one.
    Close(Option<CloseCode>),
}

/// The receiving half of an endpoint.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Receiver {
    header: HeaderDecoder,
    /// The frame whose payload is arriving; `None` between frames and inside a header.
    frame: Option<Frame>,
    /// The message that was begun and of which more frames must come.
    message: Option<MessageKind>,
    /// Follows the text message that was begun. At the end of one that is valid it is as new.
    text: Utf8Validator,
    close: ClosePayloadValidator,
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Frame {
    kind: FrameKind,
    fin: bool,
    mask: Option<Mask>,
    /// How many bytes of the payload have not arrived yet.
    remaining: u64,
}

impl Receiver {
    pub(crate) const fn new() -> Self {
        Self {
            header: HeaderDecoder::new(),
            frame: None,
            message: None,
            text: Utf8Validator::new(),
            close: ClosePayloadValidator::new(),
        }
    }

    /// Makes sure that a frame is at hand: takes the bytes of the next header from `input`, unless a frame's payload is
    /// being received already.
    ///
    /// Returns how many bytes were taken and, once the header is complete, what the frame is part of.
    pub(crate) fn begin_frame(
        &mut self,
        input: &[u8],
        peer_masks: bool,
    ) -> Result<(usize, Option<FrameKind>), Violation> {
        if let Some(frame) = self.frame {
            return Ok((0, Some(frame.kind)));
        }
        let (taken, header) = self.header.decode(input, ReservedBits::NONE)?;
        let Some(header) = header else { return Ok((taken, None)) };
        let kind = self.admit(&header, peer_masks)?;
        self.frame = Some(Frame {
            kind,
            fin: header.fin,
            mask: header.masking_key.map(Mask::new),
            remaining: header.payload_len,
        });
        Ok((taken, Some(kind)))
    }

    /// Copies payload of the frame at hand from `input` to `output`, unmasked, and validates it.
    ///
    /// Returns how many bytes were copied: no more than the frame, `input` and `output` have.
    pub(crate) fn copy_payload(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize, Violation> {
        let Some(frame) = &mut self.frame else { return Ok(0) };
        let input = first(input, frame.remaining);
        let copied = copy_payload(frame.mask.as_mut(), input, output);
        frame.remaining = frame.remaining.saturating_sub(copied as u64);
        let payload = output.get(..copied).unwrap_or_default();
        match frame.kind {
            // Section 8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is
            // not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
            FrameKind::Message(MessageKind::Text) => self.text.push(payload).map_err(|_| Violation::TextNotUtf8)?,
            FrameKind::Close => self.close.push(payload)?,
            FrameKind::Message(MessageKind::Binary) | FrameKind::Ping | FrameKind::Pong => {}
        }
        Ok(copied)
    }

    /// Ends the frame at hand if all of its payload has arrived, and says what it was the end of.
    pub(crate) fn end_frame(&mut self) -> Result<Option<FrameEnd>, Violation> {
        let Some(Frame { kind, fin, remaining: 0, .. }) = self.frame else { return Ok(None) };
        self.frame = None;
        Ok(Some(match kind {
            FrameKind::Message(kind) if !fin => {
                self.message = Some(kind);
                FrameEnd::Fragment
            }
            FrameKind::Message(kind) => {
                self.message = None;
                // Section 5.6: "a particular text frame might include a partial UTF-8 sequence; however, the whole
                // message MUST contain valid UTF-8"
                if kind == MessageKind::Text && !self.text.is_complete() {
                    return Err(Violation::TextNotUtf8);
                }
                FrameEnd::Message
            }
            FrameKind::Ping | FrameKind::Pong => FrameEnd::Message,
            FrameKind::Close => FrameEnd::Close(self.close.finish()?),
        }))
    }

    /// Checks a header against the role and the frames before it.
    fn admit(&self, header: &FrameHeader, peer_masks: bool) -> Result<FrameKind, Violation> {
        match (peer_masks, header.masking_key) {
            // Section 5.1: "The server MUST close the connection upon receiving a frame that is not masked."
            (true, None) => return Err(Violation::NotMasked),
            // Section 5.1: "A client MUST close a connection if it detects a masked frame."
            (false, Some(_)) => return Err(Violation::Masked),
            _ => {}
        }
        let began = match header.opcode {
            Opcode::Close => return Ok(FrameKind::Close),
            Opcode::Ping => return Ok(FrameKind::Ping),
            Opcode::Pong => return Ok(FrameKind::Pong),
            Opcode::Text => Some(MessageKind::Text),
            Opcode::Binary => Some(MessageKind::Binary),
            Opcode::Continuation => None,
        };
        match (began, self.message) {
            (None, Some(kind)) | (Some(kind), None) => Ok(FrameKind::Message(kind)),
            // Section 5.4: "A fragmented message consists of a single frame with the FIN bit clear and an opcode other
            // than 0, followed by zero or more frames with the FIN bit clear and the opcode set to 0, and terminated by a
            // single frame with the FIN bit set and an opcode of 0."
            (None, None) => Err(Violation::UnexpectedContinuation),
            // Section 5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another
            // message unless an extension has been negotiated that can interpret the interleaving."
            (Some(_), Some(kind)) => Err(Violation::MessageInterrupted(kind)),
        }
    }
}

/// The first `len` bytes of `input`, or all of it if it has fewer.
///
/// A frame may be longer than the address space, so that its length is compared as it is and never narrowed before.
fn first(input: &[u8], len: u64) -> &[u8] {
    let len = len.min(input.len() as u64);
    usize::try_from(len).ok().and_then(|len| input.get(..len)).unwrap_or(input)
}

#[cfg(test)]
mod tests {
    use super::first;

    /// On a host, where a `usize` has 64 bits, this shows that lengths are compared; that none is narrowed before, on any
    /// target, is what the lint `cast_possible_truncation` denies.
    #[test]
    fn a_length_beyond_32_bits_is_not_cut() {
        let input = [1, 2, 3, 4, 5, 6, 7];
        for (len, taken) in [(0, 0), (5, 5), (7, 7), (8, 7), (1 << 32, 7), ((1 << 32) + 5, 7), (u64::MAX >> 1, 7)] {
            assert_eq!(first(&input, len).len(), taken, "{len}");
        }
    }
}
