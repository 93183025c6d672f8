//! What every state machine of this folder has in common: it says what to do next and is told what was done.

use crate::Error;

/// What to do next.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Step<'a, T> {
    /// Write these bytes, or the first of them, and tell [`Machine::written`] how many. Never empty.
    Write(&'a [u8]),
    /// Flush what was written, if the transport keeps anything back, and tell [`Machine::flushed`].
    Flush,
    /// Read into this slice and tell [`Machine::filled`] how many bytes came. Never empty.
    Read(&'a mut [u8]),
    /// Done.
    Ready(T),
}

/// A state machine that a loop drives: it does no I/O, it says which I/O comes next.
///
/// All progress is in the machine and in what it borrows from. A loop may be left at any point, and a new loop, also over
/// a new machine for the same purpose, goes on where the first one stopped.
///
/// ```
/// use ws_core::{Error, Machine, Step};
///
/// fn drive<M: Machine>(mut machine: M, io: &mut (impl std::io::Read + std::io::Write)) -> std::io::Result<M::Ready> {
///     loop {
///         match machine.poll().map_err(std::io::Error::other)? {
///             Step::Write(bytes) => {
///                 let len = io.write(bytes)?;
///                 machine.written(len);
///             }
///             Step::Flush => {
///                 io.flush()?;
///                 machine.flushed();
///             }
///             Step::Read(space) => {
///                 let len = io.read(space)?;
///                 machine.filled(len);
///             }
///             Step::Ready(ready) => return Ok(ready),
///         }
///     }
/// }
/// ```
pub trait Machine {
    /// What there is in the end: a small value that borrows nothing.
    type Ready;

    /// Says what to do next. Polled again without anything done, it says the same, unless it was ready: then it goes on to
    /// what comes after.
    ///
    /// # Errors
    ///
    /// What the machine is for cannot be done. After a violation of the peer's, it comes when the Close frame that tells
    /// the peer is out.
    fn poll(&mut self) -> Result<Step<'_, Self::Ready>, Error>;

    /// The first `len` bytes of [`Step::Read`]'s slice were filled; 0 is the end of the stream.
    fn filled(&mut self, len: usize);

    /// The first `len` bytes of [`Step::Write`]'s slice were written.
    fn written(&mut self, len: usize);

    /// [`Step::Flush`] was done.
    fn flushed(&mut self);

    /// Writing failed for good. Returns whether there is something left to do that needs no writing, so that the loop is
    /// to go on: to read the answer to a Close frame, when a Pong can no longer be sent.
    fn write_failed(&mut self) -> bool {
        false
    }
}

/// The reports to a machine that only transmits, from its field `outbound`.
macro_rules! report_to_outbound {
    () => {
        fn filled(&mut self, _len: usize) {}

        fn written(&mut self, len: usize) {
            self.outbound.written(len);
        }

        fn flushed(&mut self) {
            self.outbound.flushed();
        }
    };
}
pub(super) use report_to_outbound;

impl<M: Machine + ?Sized> Machine for &mut M {
    type Ready = M::Ready;

    fn poll(&mut self) -> Result<Step<'_, Self::Ready>, Error> {
        (**self).poll()
    }

    fn filled(&mut self, len: usize) {
        (**self).filled(len);
    }

    fn written(&mut self, len: usize) {
        (**self).written(len);
    }

    fn flushed(&mut self) {
        (**self).flushed();
    }

    fn write_failed(&mut self) -> bool {
        (**self).write_failed()
    }
}
