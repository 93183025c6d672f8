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
    at: Position,
    under_way: UnderWay,
}

/// What is followed over several pieces or frames.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum UnderWay {
    Message {
        /// The kind of the message that was begun and of which more frames must come.
        kind: Option<MessageKind>,
        /// Follows the text message that was begun. At the end of one that is valid it is as new.
        text: Utf8Validator,
    },
    /// A Close frame: no message goes on behind it.
    Close(ClosePayloadValidator),
}

/// Where in the stream of frames the next byte belongs.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Position {
    /// To a header, of which nothing or a part has arrived.
    Header(HeaderDecoder),
    /// To the payload of this frame, or, if that is complete, to what follows it.
    Payload(Frame),
}

/// The frame at hand.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Frame {
    kind: FrameKind,
    /// Whether this is the last frame of its message.
    pub(crate) fin: bool,
    mask: Option<Mask>,
    /// How many bytes of the payload have not arrived yet.
    pub(crate) remaining: u64,
}

impl Frame {
    /// How many of `len` bytes belong to this frame.
    ///
    /// A frame may be longer than the address space, so that its length is compared as it is and never narrowed before.
    pub(crate) fn reach(&self, len: usize) -> usize {
        usize::try_from(self.remaining).map_or(len, |remaining| remaining.min(len))
    }
}

impl Receiver {
    pub(crate) const fn new() -> Self {
        Self {
            at: Position::Header(HeaderDecoder::new()),
            under_way: UnderWay::Message { kind: None, text: Utf8Validator::new() },
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
        let decoder = match &mut self.at {
            Position::Header(decoder) => decoder,
            Position::Payload(frame) => return Ok((0, Some(frame.kind))),
        };
        let (taken, header) = decoder.decode(input, ReservedBits::NONE)?;
        let Some(header) = header else { return Ok((taken, None)) };
        let kind = self.admit(&header, peer_masks)?;
        if kind == FrameKind::Close {
            self.under_way = UnderWay::Close(ClosePayloadValidator::new());
        }
        self.at = Position::Payload(Frame {
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
        let Position::Payload(frame) = &mut self.at else { return Ok(0) };
        let len = frame.reach(input.len());
        let copied = copy_payload(frame.mask.as_mut(), input.get(..len).unwrap_or_default(), output);
        frame.remaining = frame.remaining.saturating_sub(copied as u64);
        self.validate(output.get(..copied).unwrap_or_default())?;
        Ok(copied)
    }

    /// Unmasks payload of the frame at hand where it lies; [`validate`](Self::validate) is left to the caller.
    ///
    /// Returns how many bytes these are: no more than the frame and `input` have.
    pub(crate) fn unmask_payload(&mut self, input: &mut [u8]) -> usize {
        let Position::Payload(frame) = &mut self.at else { return 0 };
        let len = frame.reach(input.len());
        if let (Some(mask), Some(payload)) = (&mut frame.mask, input.get_mut(..len)) {
            mask.apply(payload);
        }
        frame.remaining = frame.remaining.saturating_sub(len as u64);
        len
    }

    /// Validates the next piece of the payload of the frame at hand.
    pub(crate) fn validate(&mut self, payload: &[u8]) -> Result<(), Violation> {
        let kind = self.frame().map(|frame| frame.kind);
        match (kind, &mut self.under_way) {
            // Section 8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is
            // not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
            (Some(FrameKind::Message(MessageKind::Text)), UnderWay::Message { text, .. }) => {
                text.push(payload).map_err(|_| Violation::TextNotUtf8)
            }
            (Some(FrameKind::Close), UnderWay::Close(close)) => Ok(close.push(payload)?),
            _ => Ok(()),
        }
    }

    /// The frame whose payload is arriving; `None` between frames and inside a header.
    pub(crate) const fn frame(&self) -> Option<&Frame> {
        match &self.at {
            Position::Payload(frame) => Some(frame),
            Position::Header(_) => None,
        }
    }

    /// Whether the frame at hand, or the next one, goes on with a message that an earlier frame began.
    pub(crate) const fn is_inside_message(&self) -> bool {
        matches!(self.under_way, UnderWay::Message { kind: Some(_), .. })
    }

    /// Whether the peer has sent a part of a frame or of a message, and not the rest.
    pub(crate) const fn is_inside_anything(&self) -> bool {
        match &self.at {
            Position::Payload(_) => true,
            Position::Header(decoder) => self.is_inside_message() || !decoder.is_empty(),
        }
    }

    /// Ends the frame at hand if all of its payload has arrived, and says what it was the end of.
    pub(crate) fn end_frame(&mut self) -> Result<Option<FrameEnd>, Violation> {
        let Position::Payload(Frame { kind, fin, remaining: 0, .. }) = self.at else { return Ok(None) };
        self.at = Position::Header(HeaderDecoder::new());
        Ok(Some(match (kind, &mut self.under_way) {
            (FrameKind::Message(kind), UnderWay::Message { kind: begun, .. }) if !fin => {
                *begun = Some(kind);
                FrameEnd::Fragment
            }
            (FrameKind::Message(kind), UnderWay::Message { kind: begun, text }) => {
                *begun = None;
                // Section 5.6: "a particular text frame might include a partial UTF-8 sequence; however, the whole
                // message MUST contain valid UTF-8"
                if kind == MessageKind::Text && !text.is_complete() {
                    return Err(Violation::TextNotUtf8);
                }
                FrameEnd::Message
            }
            (FrameKind::Close, UnderWay::Close(close)) => FrameEnd::Close(close.finish()?),
            _ => FrameEnd::Message,
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
        let begun = match self.under_way {
            UnderWay::Message { kind, .. } => kind,
            UnderWay::Close(_) => None,
        };
        match (began, begun) {
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

#[cfg(test)]
mod tests {
    use super::{Frame, FrameKind};

    /// On a host, where a `usize` has 64 bits, this shows that lengths are compared; that none is narrowed before, on any
    /// target, is what the lint `cast_possible_truncation` denies.
    #[test]
    fn a_length_beyond_32_bits_is_not_cut() {
        for (remaining, reach) in [(0, 0), (5, 5), (7, 7), (8, 7), (1 << 32, 7), ((1 << 32) + 5, 7), (u64::MAX >> 1, 7)]
        {
            let frame = Frame { kind: FrameKind::Ping, fin: true, mask: None, remaining };
            assert_eq!(frame.reach(7), reach, "{remaining}");
        }
    }
}
