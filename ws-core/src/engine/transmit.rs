//! Transmitting: which frame may be sent next, its header, and what a half-sent message or frame still lacks.
//!
//! A frame is planned, which changes nothing, and committed once nothing can fail any more: so an error leaves everything
//! as it was.

use ws_frame::{ClosePayloadValidator, EncodeError, FrameHeader, MAX_HEADER_LEN, Mask, Opcode, Utf8Validator};

use super::{FrameKind, MessageKind, WebSocketState, copy::copy, copy_payload};
use crate::Misuse;

/// A frame that the caller wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Outgoing {
    pub(crate) kind: FrameKind,
    /// Whether this is the last frame of its message.
    pub(crate) fin: bool,
}

/// The transmitting half of an endpoint.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Transmitter {
    message: Unfinished,
    /// The frame of which a part was handed out.
    frame: Option<HalfSentFrame>,
}

/// The message that was begun and of which more frames must follow, if any.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Unfinished {
    kind: Option<MessageKind>,
    /// Follows the text message that was begun. At the end of one that is valid it is as new.
    text: Utf8Validator,
}

#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct HalfSentFrame {
    outgoing: Outgoing,
    header: [u8; MAX_HEADER_LEN],
    header_len: u8,
    header_sent: u8,
    mask: Option<Mask>,
    /// How many bytes of the payload were not handed out yet.
    remaining: u64,
}

/// A frame that may be sent. As long as it is not committed, nothing has changed.
pub(crate) struct Plan {
    pub(crate) header: FrameHeader,
    outgoing: Outgoing,
    message: Unfinished,
}

impl Transmitter {
    pub(crate) const fn new() -> Self {
        Self { message: Unfinished { kind: None, text: Utf8Validator::new() }, frame: None }
    }

    /// Plans an unmasked frame with this payload, and checks everything that would break the protocol.
    pub(crate) fn plan(&self, state: WebSocketState, outgoing: Outgoing, payload: &[u8]) -> Result<Plan, Misuse> {
        let mut plan = self.plan_len(state, outgoing, payload.len())?;
        match outgoing.kind {
            // Section 8.1: an endpoint that finds text not to be UTF-8 fails the connection; so none is sent.
            FrameKind::Message(MessageKind::Text) => {
                plan.message.text.push(payload).map_err(|_| Misuse::TextNotUtf8)?;
                if outgoing.fin && !plan.message.text.is_complete() {
                    return Err(Misuse::TextNotUtf8);
                }
            }
            FrameKind::Close => {
                let mut close = ClosePayloadValidator::new();
                close.push(payload).and_then(|()| close.finish()).map_err(|_| Misuse::ClosePayload)?;
            }
            FrameKind::Message(MessageKind::Binary) | FrameKind::Ping | FrameKind::Pong => {}
        }
        Ok(plan)
    }

    /// Plans an unmasked frame with a payload of `payload_len` bytes that is known to be valid.
    pub(crate) fn plan_len(
        &self,
        state: WebSocketState,
        outgoing: Outgoing,
        payload_len: usize,
    ) -> Result<Plan, Misuse> {
        if let Some(frame) = &self.frame {
            return Err(Misuse::FrameUnfinished { remaining: frame.remaining });
        }
        let mut message = self.message;
        let opcode = match (outgoing.kind, message.kind) {
            (FrameKind::Message(kind), None) => {
                state.check_send()?;
                match kind {
                    MessageKind::Text => Opcode::Text,
                    MessageKind::Binary => Opcode::Binary,
                }
            }
            (FrameKind::Message(kind), Some(begun)) if kind == begun => {
                state.check_send_continuation()?;
                Opcode::Continuation
            }
            // Section 5.4: "The fragments of one message MUST NOT be interleaved between the fragments of another
            // message"
            (FrameKind::Message(_), Some(begun)) => {
                state.check_send()?;
                return Err(Misuse::MessageUnfinished(begun));
            }
            (FrameKind::Ping, _) => {
                state.check_send()?;
                Opcode::Ping
            }
            (FrameKind::Pong, _) => {
                state.check_send_pong()?;
                Opcode::Pong
            }
            (FrameKind::Close, _) => {
                state.check_send_close()?;
                Opcode::Close
            }
        };
        if let FrameKind::Message(kind) = outgoing.kind {
            message.kind = if outgoing.fin { None } else { Some(kind) };
        }
        let header = FrameHeader { fin: outgoing.fin, ..FrameHeader::new(opcode, payload_len as u64) };
        header.check().map_err(Misuse::ControlFrame)?;
        Ok(Plan { header, outgoing, message })
    }

    /// The planned frame is handed out whole.
    pub(crate) fn commit(&mut self, plan: &Plan, state: &mut WebSocketState) {
        self.message = plan.message;
        if plan.outgoing.kind == FrameKind::Close {
            state.close_sent();
        }
    }

    /// The planned frame is handed out in parts, with [`emit`](Self::emit).
    pub(crate) fn commit_in_parts(&mut self, plan: &Plan, state: &mut WebSocketState) -> Result<(), EncodeError> {
        let mut header = [0; MAX_HEADER_LEN];
        let header_len = plan.header.encode(&mut header)?;
        self.frame = Some(HalfSentFrame {
            outgoing: plan.outgoing,
            header,
            header_len: u8::try_from(header_len).unwrap_or(u8::MAX),
            header_sent: 0,
            mask: plan.header.masking_key.map(Mask::new),
            remaining: plan.header.payload_len,
        });
        self.commit(plan, state);
        Ok(())
    }

    /// The message that was begun and not ended.
    pub(crate) const fn unfinished_message(&self) -> Option<MessageKind> {
        self.message.kind
    }

    /// Whether a frame was begun with [`commit_in_parts`](Self::commit_in_parts) and is not handed out whole yet.
    pub(crate) const fn is_frame_unfinished(&self) -> bool {
        self.frame.is_some()
    }

    /// Hands out the next part of the half-sent frame: as much of its header and of `payload`, which is all that is left
    /// of its payload, as fits into `output`.
    ///
    /// Returns how many bytes were taken from `payload`, how many were written, and whether the frame is whole now.
    pub(crate) fn emit(
        &mut self,
        outgoing: Outgoing,
        payload: &[u8],
        output: &mut [u8],
    ) -> Result<(usize, usize, bool), Misuse> {
        let Some(frame) = &mut self.frame else { return Ok((0, 0, true)) };
        if frame.outgoing != outgoing || frame.remaining != payload.len() as u64 {
            return Err(Misuse::FrameUnfinished { remaining: frame.remaining });
        }
        let header = frame.header.get(usize::from(frame.header_sent)..usize::from(frame.header_len));
        let header_written = copy(header.unwrap_or_default(), output);
        frame.header_sent = frame.header_sent.saturating_add(u8::try_from(header_written).unwrap_or(u8::MAX));
        let output = output.get_mut(header_written..).unwrap_or_default();
        let taken = copy_payload(frame.mask.as_mut(), payload, output);
        frame.remaining = frame.remaining.saturating_sub(taken as u64);
        let whole = frame.remaining == 0 && frame.header_sent == frame.header_len;
        if whole {
            self.frame = None;
        }
        Ok((taken, header_written.saturating_add(taken), whole))
    }
}
