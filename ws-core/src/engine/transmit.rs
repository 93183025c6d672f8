//! Transmitting: which frame may be sent next, its header, and what a half-sent message or frame still lacks.
//!
//! A frame is planned, which changes nothing, and committed once nothing can fail any more: so an error leaves everything
//! as it was.

use ws_frame::{ClosePayloadValidator, FrameHeader, MAX_HEADER_LEN, Mask, Opcode, Utf8Validator};

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
    opcode: Opcode,
    /// How many bytes of the header were handed out; `None` once all were.
    header_sent: Option<u8>,
    mask: Option<Mask>,
    /// How many bytes of the payload were not handed out yet.
    remaining: u64,
}

impl HalfSentFrame {
    /// The header, which is not kept: before the payload is begun, what is left of the frame says it all.
    fn header(&self) -> FrameHeader {
        FrameHeader {
            fin: self.outgoing.fin,
            masking_key: self.mask.map(Mask::key),
            ..FrameHeader::new(self.opcode, self.remaining)
        }
    }
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
        let mut plan = self.plan_len(state, outgoing, payload.len() as u64)?;
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
    pub(crate) fn plan_len(&self, state: WebSocketState, outgoing: Outgoing, payload_len: u64) -> Result<Plan, Misuse> {
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
        let header = FrameHeader { fin: outgoing.fin, ..FrameHeader::new(opcode, payload_len) };
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
    pub(crate) fn commit_in_parts(&mut self, plan: &Plan, state: &mut WebSocketState) {
        self.frame = Some(HalfSentFrame {
            outgoing: plan.outgoing,
            opcode: plan.header.opcode,
            header_sent: Some(0),
            mask: plan.header.masking_key.map(Mask::new),
            remaining: plan.header.payload_len,
        });
        self.commit(plan, state);
    }

    /// Validates the next piece of the text that is being sent; `last` says that the message ends with it.
    ///
    /// For payload that is planned without being there, with [`plan_len`](Self::plan_len). A piece that is refused has
    /// changed nothing.
    pub(crate) fn check_text(&mut self, piece: &[u8], last: bool) -> Result<(), Misuse> {
        let mut text = self.message.text;
        text.push(piece).map_err(|_| Misuse::TextNotUtf8)?;
        if last && !text.is_complete() {
            return Err(Misuse::TextNotUtf8);
        }
        self.message.text = text;
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

    /// The half-sent frame: what it is part of, and how many bytes of its payload were not handed out yet.
    pub(crate) fn unfinished_frame(&self) -> Option<(Outgoing, u64)> {
        self.frame.as_ref().map(|frame| (frame.outgoing, frame.remaining))
    }

    /// The length in bytes of the half-sent frame if nothing of it was handed out.
    pub(crate) fn untouched_frame_len(&self) -> Option<u64> {
        let frame = self.frame.as_ref().filter(|frame| frame.header_sent == Some(0))?;
        Some(frame.remaining.saturating_add(frame.header().encoded_len() as u64))
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
        match self.unfinished_frame() {
            None => Ok((0, 0, true)),
            Some((begun, remaining)) if begun == outgoing && remaining == payload.len() as u64 => {
                Ok(self.emit_piece(payload, output))
            }
            Some((_, remaining)) => Err(Misuse::FrameUnfinished { remaining }),
        }
    }

    /// As [`emit`](Self::emit), with the next piece of the payload; what is longer than the frame is not taken.
    pub(crate) fn emit_piece(&mut self, payload: &[u8], output: &mut [u8]) -> (usize, usize, bool) {
        let Some(frame) = &mut self.frame else { return (0, 0, true) };
        let header_written = match frame.header_sent {
            None => 0,
            Some(sent) => {
                let mut header = [0; MAX_HEADER_LEN];
                // A header was checked when it was planned, and the longest one fits.
                let len = frame.header().encode(&mut header).unwrap_or_default();
                let rest = header.get(usize::from(sent)..len).unwrap_or_default();
                let written = copy(rest, output);
                frame.header_sent = match u8::try_from(written) {
                    Ok(more) if written < rest.len() => Some(sent.saturating_add(more)),
                    _ => None,
                };
                written
            }
        };
        let output = output.get_mut(header_written..).unwrap_or_default();
        let within = usize::try_from(frame.remaining).ok().and_then(|remaining| payload.get(..remaining));
        // Behind half a header there is no room for payload.
        let taken = copy_payload(frame.mask.as_mut(), within.unwrap_or(payload), output);
        frame.remaining = frame.remaining.saturating_sub(taken as u64);
        let whole = frame.remaining == 0 && frame.header_sent.is_none();
        if whole {
            self.frame = None;
        }
        (taken, header_written.saturating_add(taken), whole)
    }
}
