//! What arrives: from the bytes in the receive buffer to messages, chunks and control frames, one at a time. Answering is
//! left to the caller.

use core::borrow::BorrowMut;

use super::{
    config::{Delivery, Limits},
    control::{Control, ControlBuffer, Usage},
    event::{Announced, ChunkInfo, Event},
    receive_buffer::ReceiveBuffer,
};
use crate::{
    Error, MessageKind, Misuse, Violation, WebSocketState,
    engine::{FrameEnd, FrameKind, Receiver},
};

/// The receiving side of a connection.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Inbound<'b> {
    receiver: Receiver,
    buffer: ReceiveBuffer<'b>,
    /// The announced length of the frames of the message so far, in bytes.
    message_len: u64,
    /// The announced length of the frame at hand, in bytes.
    frame_len: u64,
    /// How many frames of the message were begun.
    fragments: u32,
    delivery: Delivery,
    /// Whether what is in the buffer's message was handed over.
    delivered: bool,
    /// Whether a chunk of the message was handed over.
    inside_chunks: bool,
    /// Whether the stream has ended.
    ended: bool,
}

/// How far the bytes at hand have led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More bytes are needed.
    NeedInput,
    /// This is for the application.
    Event(Event),
    /// This control frame is whole, and its payload in its place.
    Control(FrameKind),
    /// A message goes on, for which `hold` asked to wait.
    Held,
    /// A control frame comes, whose place is taken by one that waits to be sent.
    PlaceTaken,
}

impl<'b> Inbound<'b> {
    /// Gives the memory back.
    pub(crate) const fn into_receive_buffer(self) -> &'b mut [u8] {
        self.buffer.into_bytes()
    }

    pub(crate) const fn new(receive: &'b mut [u8], delivery: Delivery) -> Self {
        Self {
            receiver: Receiver::new(),
            buffer: ReceiveBuffer::new(receive),
            message_len: 0,
            frame_len: 0,
            fragments: 0,
            delivery,
            delivered: false,
            inside_chunks: false,
            ended: false,
        }
    }

    pub(crate) const fn deliver(&mut self, delivery: Delivery) {
        self.delivery = delivery;
    }

    /// Takes bytes that were read elsewhere, as many as there is space for, and returns how many.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> usize {
        self.buffer.push(bytes)
    }

    /// The message that is whole, or the chunk.
    pub(crate) fn message(&self) -> &[u8] {
        self.buffer.message()
    }

    pub(crate) fn filled(&mut self, len: usize) {
        self.ended |= len == 0;
        self.buffer.filled(len);
    }

    /// What to do when more bytes are needed: read into this, unless the stream has ended.
    pub(crate) fn space(&mut self) -> Result<&mut [u8], Error> {
        if self.ended {
            return Err(Error::TransportEnded { clean: !self.receiver.is_inside_anything() });
        }
        match self.buffer.space() {
            // What does not fit was refused before: there is no buffer.
            [] => Err(Error::BufferTooSmall { needed: 1 }),
            space => Ok(space),
        }
    }

    /// Looks at the bytes at hand, until they are used up or have led to something.
    ///
    /// With `hold`, stops before payload of a message. A violation is the error of the connection, a misuse the caller's.
    pub(crate) fn advance<S: BorrowMut<ControlBuffer>>(
        &mut self,
        peer_masks: bool,
        state: WebSocketState,
        limits: &Limits,
        control: &mut Control<S>,
        hold: bool,
    ) -> Result<Progress, Error> {
        // Who has said goodbye does not hear any more, but for the peer's own goodbye.
        let is_deaf = state == WebSocketState::CloseSent;
        if is_deaf {
            self.abandon();
        }
        loop {
            let (header_len, kind) = self.receiver.begin_frame(self.buffer.unread(), peer_masks)?;
            self.buffer.consume(header_len);
            let Some(kind) = kind else {
                // A message that is not at its end, and no space for the next header.
                return if self.buffer.is_full() {
                    Err(Violation::MessageTooBig.into())
                } else {
                    Ok(Progress::NeedInput)
                };
            };
            // A header has two bytes at least, so that a frame is new when any were taken.
            let is_new = header_len > 0;
            if is_new {
                self.frame_len = self.receiver.frame().map_or(0, |frame| frame.remaining);
            }
            let progress = match kind {
                FrameKind::Message(kind) => {
                    if is_new {
                        self.begin_data_frame(limits)?;
                    }
                    if hold {
                        return Ok(Progress::Held);
                    }
                    if is_deaf { self.skip() } else { self.advance_message(kind) }
                }
                FrameKind::Close | FrameKind::Ping | FrameKind::Pong => {
                    if control.to_send().is_some() {
                        return Ok(Progress::PlaceTaken);
                    }
                    // Not when the header is taken: the place may have been taken then.
                    if self.is_frame_untouched() {
                        control.reuse(Usage::Arriving);
                    }
                    self.advance_control(kind, control)
                }
            }?;
            if let Some(progress) = progress {
                return Ok(progress);
            }
        }
    }

    /// What was handed over is not needed any more.
    pub(crate) const fn release(&mut self) {
        if self.delivered {
            self.delivered = false;
            self.buffer.forget_message();
        }
    }

    /// Drops the part of a message that was received: it is not wanted any more.
    const fn abandon(&mut self) {
        self.buffer.forget_message();
        self.delivered = false;
    }

    fn begin_data_frame(&mut self, limits: &Limits) -> Result<(), Error> {
        if !self.receiver.is_inside_message() {
            self.message_len = 0;
            self.fragments = 0;
            self.inside_chunks = false;
        }
        self.message_len = self.message_len.saturating_add(self.frame_len);
        self.fragments = self.fragments.saturating_add(1);
        // Section 10.4: "Implementations that have implementation- and/or platform-specific limitations regarding the frame
        // size or total message size after reassembly from multiple frames MUST protect themselves against exceeding those
        // limits."
        if self.frame_len > limits.frame {
            return Err(Violation::FrameTooBig.into());
        }
        if self.message_len > limits.message {
            return Err(Violation::MessageTooBig.into());
        }
        if self.fragments > limits.fragments {
            return Err(Violation::TooManyFragments.into());
        }
        Ok(())
    }

    /// Takes what is there of the frame at hand of a message, as the chosen delivery wants it.
    fn advance_message(&mut self, kind: MessageKind) -> Result<Option<Progress>, Error> {
        let Some(frame) = self.receiver.frame().copied() else { return Ok(None) };
        match self.delivery {
            Delivery::Announce if self.is_unannounced() => {
                let announced = Announced { kind, frame_len: self.frame_len, is_whole: frame.fin };
                Ok(Some(Progress::Event(Event::Announced(announced))))
            }
            Delivery::Announce => Err(Misuse::MessageHalfReceived.into()),
            Delivery::Messages if self.inside_chunks => Err(Misuse::MessageHalfReceived.into()),
            Delivery::Messages => {
                let held = self.buffer.message_len() as u64;
                if held.saturating_add(frame.remaining) > self.buffer.capacity() as u64 {
                    return Err(Violation::MessageTooBig.into());
                }
                // A text that is there as a whole is not validated here: whoever makes a `&str` of it does so, and one
                // look is enough. One that arrives in parts is validated as it arrives, to fail at the first wrong byte;
                // the second look at it, for the `&str`, cannot be had without unsafe code.
                let is_whole = held == 0 && frame.fin && !self.receiver.is_inside_message();
                let is_there = frame.remaining == frame.reach(self.buffer.unread().len()) as u64;
                self.take(is_whole && is_there)?;
                match self.receiver.end_frame()? {
                    None => Ok(Some(Progress::NeedInput)),
                    Some(FrameEnd::Message) => {
                        self.delivered = true;
                        Ok(Some(Progress::Event(Event::Message(kind))))
                    }
                    Some(FrameEnd::Fragment | FrameEnd::Close(_)) => Ok(None),
                }
            }
            Delivery::Chunks => {
                self.take(false)?;
                let end = self.receiver.end_frame()?;
                let last = end == Some(FrameEnd::Message);
                if self.buffer.message_len() == 0 && !last {
                    return Ok(if end.is_none() { Some(Progress::NeedInput) } else { None });
                }
                let first = !self.inside_chunks;
                self.inside_chunks = !last;
                self.delivered = true;
                let chunk = ChunkInfo { kind, first, last, frame_len: self.frame_len };
                Ok(Some(Progress::Event(Event::Chunk(chunk))))
            }
        }
    }

    /// Whether nothing of the message at hand was taken.
    fn is_unannounced(&self) -> bool {
        !self.receiver.is_inside_message() && self.is_frame_untouched()
    }

    /// Whether no payload of the frame at hand was taken.
    fn is_frame_untouched(&self) -> bool {
        self.receiver.frame().is_some_and(|frame| frame.remaining == self.frame_len)
    }

    /// Unmasks what is there of the frame at hand and keeps it, validated unless somebody else does that.
    fn take(&mut self, validated_elsewhere: bool) -> Result<(), Violation> {
        let len = self.receiver.unmask_payload(self.buffer.unread_mut());
        if !validated_elsewhere {
            self.receiver.validate(self.buffer.unread().get(..len).unwrap_or_default())?;
        }
        self.buffer.keep(len);
        Ok(())
    }

    /// Drops what is there of the frame at hand, which has to be valid all the same.
    fn skip(&mut self) -> Result<Option<Progress>, Error> {
        self.take(false)?;
        self.buffer.forget_message();
        Ok(if self.receiver.end_frame()?.is_none() { Some(Progress::NeedInput) } else { None })
    }

    fn advance_control<S: BorrowMut<ControlBuffer>>(
        &mut self,
        kind: FrameKind,
        control: &mut Control<S>,
    ) -> Result<Option<Progress>, Error> {
        let len = self.receiver.copy_payload(self.buffer.unread(), control.space())?;
        control.filled(len);
        self.buffer.consume(len);
        let is_whole = self.receiver.end_frame()?.is_some();
        if is_whole {
            control.usage = Usage::Nothing;
        }
        Ok(Some(if is_whole { Progress::Control(kind) } else { Progress::NeedInput }))
    }
}
