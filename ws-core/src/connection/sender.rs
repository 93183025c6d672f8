//! The right to send: every way to send, each as a machine.

use ws_frame::{CloseCode, ClosePayload};

use super::{
    composing::{Composer, Composing, Full},
    event::Message,
    frame_writer::FrameWriter,
    message_writer::MessageWriter,
    outbound::{Outbound, Payload},
    sending::{ControlFrame, Flushing, Sending, SendingControl},
};
use crate::{
    Error, MessageKind, Role,
    engine::{FrameKind, Outgoing},
};

/// The right to send on a connection, also while a message that was received is looked at.
///
/// Each call returns a [`Machine`](crate::Machine), or something that gives machines; nothing happens until one is polled.
/// A machine that is dropped has not corrupted anything: what it has begun is known to the connection.
///
/// Whatever is sent goes behind the replies that are due. Pings, Pongs and Close frames may be sent in the middle of a message,
/// but not in the middle of a frame.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sender<'a, 'b, R>(&'a mut Outbound<'b, R>);

impl<'a, 'b, R> Sender<'a, 'b, R> {
    pub(crate) const fn new(outbound: &'a mut Outbound<'b, R>) -> Self {
        Self(outbound)
    }
}

impl<'a, 'b, R: Role> Sender<'a, 'b, R> {
    /// The same right for a shorter time.
    pub const fn reborrow(&mut self) -> Sender<'_, 'b, R> {
        Sender(self.0)
    }

    /// Sends a message in one frame, of whatever length, and flushes.
    ///
    /// If the machine is dropped after it was polled, the message is begun: what is left of it has to follow. Complete it with
    /// [`resume`](Self::resume).
    ///
    /// It fails with [`Error::Misuse`] after Close, inside an unfinished message and inside a half-sent frame; nothing has
    /// happened then.
    pub const fn send<'p>(self, message: Message<'p>) -> Sending<'a, 'b, 'p, R> {
        Sending::message(self.0, message)
    }

    /// As [`send`](Self::send), but leaves the message in the transmit buffer as long as there is space for it:
    /// several messages leave together, with the next flush or when the connection wants to read.
    pub const fn queue<'p>(self, message: Message<'p>) -> Sending<'a, 'b, 'p, R> {
        Sending::message(self.0, message).without_flush()
    }

    /// Completes a message whose machine was dropped, given the same message: sends what is left of it, or the whole of it
    /// if it was not begun. However often it is dropped and made again, the message is sent once, unless other messages are
    /// sent in between.
    ///
    /// It fails with [`Error::Misuse`] if another frame is half sent.
    pub const fn resume<'p>(self, message: Message<'p>) -> Sending<'a, 'b, 'p, R> {
        Sending::message(self.0, message).resumed()
    }

    /// Sends a part of a message as a fragment, which begins the message if none is begun; `last` ends it. Flushes.
    ///
    /// A text may be cut inside a character. It fails as [`send`](Self::send), with [`Error::Misuse`] also for a message of the
    /// other kind than the one that was begun, and for text that is not UTF-8.
    pub const fn fragment<'p>(self, kind: MessageKind, payload: &'p [u8], last: bool) -> Sending<'a, 'b, 'p, R> {
        let outgoing = Outgoing { kind: FrameKind::Message(kind), fin: last };
        Sending::new(self.0, outgoing, payload, Payload::Unchecked(payload), false)
    }

    /// Completes a fragment whose machine was dropped, given the same fragment, as [`resume`](Self::resume) does.
    pub const fn resume_fragment<'p>(self, kind: MessageKind, payload: &'p [u8], last: bool) -> Sending<'a, 'b, 'p, R> {
        self.fragment(kind, payload, last).resumed()
    }

    /// Composes a message in place: `compose` writes into the transmit buffer, behind the space for the header, where the
    /// message is masked and sent from. Nothing is copied.
    ///
    /// The machine drains the buffer first, so that `compose` has all of it but at most 14 bytes, and flushes. Once
    /// `compose` was called, the message is in the buffer and leaves, also if the machine is dropped.
    ///
    /// It fails as [`send`](Self::send), with [`Error::Misuse`] also for text that is not UTF-8, and with
    /// [`Error::BufferTooSmall`] if `compose` returns [`Full`]. Nothing is sent then.
    pub const fn compose<F>(self, kind: MessageKind, compose: F) -> Composing<'a, 'b, R, F>
    where
        F: FnOnce(&mut Composer<'_>) -> Result<(), Full>,
    {
        Composing::new(self.0, kind, compose)
    }

    /// Sends a message whose length is not known, in pieces: they are collected in the transmit buffer and leave as
    /// fragments that fill it.
    ///
    /// If the message was begun, by another writer or with [`fragment`](Self::fragment), the writer goes on with it.
    pub const fn writer(self, kind: MessageKind) -> MessageWriter<'a, 'b, R> {
        MessageWriter::new(self.0, kind)
    }

    /// Begins a message of one frame of `len` bytes, whose payload is given in pieces. Nothing else can be sent before its end,
    /// nor a reply for which there is no space: [flush](Self::flush) before a long frame.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); a reply that a machine has left half sent is a half-sent frame too: [flush](Self::flush) first.
    pub fn frame(self, kind: MessageKind, len: u64) -> Result<FrameWriter<'a, 'b, R>, Error> {
        FrameWriter::begin(self.0, kind, len)
    }

    /// The frame that was begun with [`frame`](Self::frame) or [`send`](Self::send) and is not whole yet, to go on with it.
    ///
    /// Of a message that `send` or `fragment` has begun, give the rest of the same payload: as its text was checked as a whole, it is not
    /// checked again.
    pub fn unfinished_frame(self) -> Option<FrameWriter<'a, 'b, R>> {
        FrameWriter::unfinished(self.0)
    }

    /// The kind of the message that was begun and not ended.
    #[must_use]
    pub fn unfinished_message(&self) -> Option<MessageKind> {
        self.0.unfinished_message()
    }

    /// Sends a Ping frame with a payload of at most 125 bytes (RFC 6455, section 5.5.2), and flushes.
    ///
    /// It fails with [`Error::Misuse`] for a payload that is too long, after Close, and inside a half-sent frame, and with
    /// [`Error::BufferTooSmall`] if the frame is longer than the transmit buffer while a control frame of the peer's is
    /// half received, in whose memory it would have to wait.
    pub const fn ping<'p>(self, payload: &'p [u8]) -> SendingControl<'a, 'b, 'p, R> {
        SendingControl::new(self.0, ControlFrame::Ping(payload))
    }

    /// Answers the Ping that the last [`Event::Ping`](crate::Event::Ping) told of, and flushes. Its payload is there until the
    /// connection is polled again or another control frame is sent.
    ///
    /// On a [half](crate::TransmitHalf), [`ReceiveHalf::answer_ping`](crate::ReceiveHalf::answer_ping) does so instead.
    ///
    /// It fails as [`ping`](Self::ping), with [`Misuse::NoPingToAnswer`](crate::Misuse::NoPingToAnswer) also for a Ping whose
    /// payload is gone or was sent.
    pub const fn pong(self) -> SendingControl<'a, 'b, 'static, R> {
        SendingControl::new(self.0, ControlFrame::Pong)
    }

    /// Sends a Close frame and flushes, without waiting for an answer: see
    /// [`Connection::closing`](crate::Connection::closing). `reason` is at most 123 bytes. Messages that arrive from then on are
    /// dropped, also the rest of one that is half received.
    ///
    /// It fails with [`Error::Misuse`] for a code or reason that may not be sent, if a Close frame was sent before, and inside
    /// a half-sent frame, and with [`Error::BufferTooSmall`] as [`ping`](Self::ping).
    pub const fn close<'p>(self, code: CloseCode, reason: &'p str) -> SendingControl<'a, 'b, 'p, R> {
        SendingControl::new(self.0, ControlFrame::Close(ClosePayload { code, reason }))
    }

    /// Writes and flushes whatever waits to be written: messages that were queued, a reply, and the Close frame that tells
    /// the peer of its violation. A reply that waits behind a half-sent frame of the application's goes on waiting.
    pub const fn flush(self) -> Flushing<'a, 'b, R> {
        Flushing::new(self.0)
    }
}
