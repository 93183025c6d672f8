//! A message of unknown length, written in pieces that leave as fragments (RFC 6455, section 5.4).

use core::fmt;

use super::{
    machine::{Machine, Step, report_to_outbound},
    outbound::{Due, Outbound},
};
use crate::{Error, MessageKind, Misuse, Role, engine::copy};

/// Writes a message whose length is not known, in pieces: see [`Sender::writer`](crate::Sender::writer).
///
/// What was written and not sent yet is in the transmit buffer, also when the writer is dropped. The message stays unfinished
/// until [`finish`](Self::finish).
#[derive(Debug)]
pub struct MessageWriter<'a, 'b, R> {
    outbound: &'a mut Outbound<'b, R>,
    kind: MessageKind,
    /// How many bytes of what is being formatted were taken.
    formatted: usize,
    /// Whether the last fragment is in the transmit buffer.
    ended: bool,
}

impl<'a, 'b, R: Role> MessageWriter<'a, 'b, R> {
    pub(super) const fn new(outbound: &'a mut Outbound<'b, R>, kind: MessageKind) -> Self {
        Self { outbound, kind, formatted: 0, ended: false }
    }

    /// Takes the first bytes of `piece`, at least one, and says how many. Writes when the transmit buffer is full.
    ///
    /// Bytes are taken only when the machine is ready, so that one that was dropped has taken none.
    ///
    /// It fails with [`Error::Misuse`] after Close, inside a message of the other kind, inside a half-sent frame and for text that
    /// is not UTF-8, and with [`Error::BufferTooSmall`] if the transmit buffer has no space for a header and a byte.
    pub const fn put<'w, 'p>(&'w mut self, piece: &'p [u8]) -> Putting<'w, 'b, 'p, R> {
        Putting { outbound: self.outbound, kind: self.kind, piece }
    }

    /// Writes formatted text, of whatever length.
    ///
    /// A value is formatted again for each transmit buffer that it fills, so it must be formatted in the same way each time. A
    /// machine that is dropped has written a part; one that is made again, with the same text, goes on behind it.
    ///
    /// It fails as [`put`](Self::put), and with [`Misuse::Unformattable`] for a value that cannot be
    /// formatted; what was formatted before it is part of the message.
    pub const fn format<'w, 'p>(&'w mut self, text: fmt::Arguments<'p>) -> Formatting<'w, 'b, 'p, R> {
        Formatting { outbound: self.outbound, kind: self.kind, formatted: &mut self.formatted, text }
    }

    /// Ends the message and flushes. A message of which nothing was written is empty.
    ///
    /// It fails as [`put`](Self::put), with [`Error::Misuse`] also for a text that ends inside a character. A machine that is
    /// dropped may be made again, on the same writer.
    pub const fn finish<'w>(&'w mut self) -> Finishing<'w, 'b, R> {
        let Self { outbound, kind, formatted, ended } = self;
        Finishing { outbound, kind: *kind, formatted, ended }
    }
}

/// Makes sure that there is space for payload; `false` if the transmit buffer has to be drained first.
fn make_space<R: Role>(outbound: &mut Outbound<'_, R>, kind: MessageKind) -> Result<bool, Error> {
    if outbound.is_control_in_the_way() || !outbound.begin_composing(kind)? {
        return Ok(false);
    }
    if outbound.buffer.composing_space().is_empty() {
        outbound.end_composing(false)?;
        return Ok(false);
    }
    Ok(true)
}

/// Takes what there is space for of the next piece of the message, and returns how many bytes.
fn take<R: Role>(outbound: &mut Outbound<'_, R>, kind: MessageKind, piece: &[u8]) -> Result<usize, Error> {
    let len = piece.len().min(outbound.buffer.composing_space().len());
    let piece = piece.get(..len).unwrap_or_default();
    if kind == MessageKind::Text {
        outbound.transmitter.check_text(piece, false)?;
    }
    let len = copy(piece, outbound.buffer.composing_space());
    outbound.buffer.composed(len);
    Ok(len)
}

/// Takes a piece of a message: see [`MessageWriter::put`].
#[derive(Debug)]
pub struct Putting<'a, 'b, 'p, R> {
    outbound: &'a mut Outbound<'b, R>,
    kind: MessageKind,
    piece: &'p [u8],
}

impl<R: Role> Machine for Putting<'_, '_, '_, R> {
    type Ready = usize;

    fn poll(&mut self) -> Result<Step<'_, usize>, Error> {
        if self.piece.is_empty() {
            return Ok(Step::Ready(0));
        }
        if !make_space(self.outbound, self.kind)? {
            return Ok(self.outbound.step(Due::Write));
        }
        take(self.outbound, self.kind, self.piece).map(Step::Ready)
    }

    report_to_outbound!();
}

/// Writes formatted text: see [`MessageWriter::format`].
#[derive(Debug)]
pub struct Formatting<'a, 'b, 'p, R> {
    outbound: &'a mut Outbound<'b, R>,
    kind: MessageKind,
    formatted: &'a mut usize,
    text: fmt::Arguments<'p>,
}

impl<R: Role> Machine for Formatting<'_, '_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        loop {
            if !make_space(self.outbound, self.kind)? {
                return Ok(self.outbound.step(Due::Write));
            }
            let (outbound, kind, skip) = (&mut *self.outbound, self.kind, *self.formatted);
            let mut rest = Rest { outbound, kind, skip, taken: 0, is_full: false, error: None };
            let formatted = fmt::write(&mut rest, self.text);
            let Rest { taken, is_full, error, .. } = rest;
            *self.formatted = self.formatted.saturating_add(taken);
            if let Some(error) = error {
                return Err(error);
            }
            if !is_full {
                *self.formatted = 0;
                formatted.map_err(|fmt::Error| Misuse::Unformattable)?;
                return Ok(Step::Ready(()));
            }
        }
    }

    report_to_outbound!();
}

/// Takes what is formatted, but for what was taken before, until there is no space.
struct Rest<'a, 'b, R> {
    outbound: &'a mut Outbound<'b, R>,
    kind: MessageKind,
    skip: usize,
    taken: usize,
    /// Whether there was no space for all of it.
    is_full: bool,
    error: Option<Error>,
}

impl<R: Role> fmt::Write for Rest<'_, '_, R> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let skipped = self.skip.min(text.len());
        self.skip = self.skip.saturating_sub(skipped);
        let text = text.as_bytes().get(skipped..).unwrap_or_default();
        match take(self.outbound, self.kind, text) {
            Ok(len) => {
                self.taken = self.taken.saturating_add(len);
                self.is_full |= len < text.len();
                if self.is_full { Err(fmt::Error) } else { Ok(()) }
            }
            Err(error) => {
                self.error = Some(error);
                Err(fmt::Error)
            }
        }
    }
}

/// Ends a message: see [`MessageWriter::finish`].
#[derive(Debug)]
pub struct Finishing<'a, 'b, R> {
    outbound: &'a mut Outbound<'b, R>,
    kind: MessageKind,
    formatted: &'a mut usize,
    ended: &'a mut bool,
}

impl<R: Role> Machine for Finishing<'_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        // What was written behind the end is another message.
        if !*self.ended || self.outbound.unfinished_message().is_some() {
            if self.outbound.is_control_in_the_way() || !self.outbound.begin_composing(self.kind)? {
                return Ok(self.outbound.step(Due::Write));
            }
            self.outbound.end_composing(true)?;
            *self.ended = true;
            // What a dropped machine had formatted belongs to this message.
            *self.formatted = 0;
        }
        if let Some(due) = self.outbound.due() {
            return Ok(self.outbound.step(due));
        }
        *self.ended = false;
        Ok(Step::Ready(()))
    }

    report_to_outbound!();
}
