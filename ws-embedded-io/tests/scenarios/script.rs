//! A transport that plays a peer: it gives bytes that are known beforehand, in pieces, takes bytes in pieces, fails and
//! falls silent where it is told to, and records every call. It does not let a WebSocket wait for bytes while others are
//! not flushed, nor read the end of the transport for ever.

use std::fmt;

use ws_core::time::until;

use crate::adapter::io::{Error, ErrorKind, ErrorType, ReadReady};

/// How the transport fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TimedOut,
    Broken,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "no byte came in time",
            Self::Broken => "the cable is broken",
        })
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Broken => ErrorKind::BrokenPipe,
        }
    }
}

/// What happens to a write behind the last byte that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteEnd {
    Fails,
    TakesNothing,
    FlushFails,
}

/// A call that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    Write(Vec<u8>),
    Flush,
}

#[derive(Clone, Debug)]
pub(crate) struct Script {
    input: Vec<u8>,
    position: usize,
    read_size: usize,
    /// Positions in the input before which one read fails, in order, those to come.
    time_outs: Vec<usize>,
    /// Positions in the input before which the peer is silent for so many milliseconds, in order, those to come.
    silences: Vec<(usize, u32)>,
    reads_at_end: usize,
    write_size: usize,
    write_end: Option<(usize, WriteEnd)>,
    /// How many milliseconds no write is taken, from now on.
    write_stall: u32,
    /// Whether each call is interrupted before it is carried out: see the adapters.
    pub(crate) interrupts: bool,
    interrupted: bool,
    pub(crate) calls: Vec<Moved>,
}

impl Script {
    pub(crate) fn new(input: impl IntoIterator<Item = u8>) -> Self {
        Self {
            input: input.into_iter().collect(),
            position: 0,
            read_size: usize::MAX,
            time_outs: Vec::new(),
            silences: Vec::new(),
            reads_at_end: 0,
            write_size: usize::MAX,
            write_end: None,
            write_stall: 0,
            interrupts: false,
            interrupted: false,
            calls: Vec::new(),
        }
    }

    /// Gives no more than `read_size` bytes in a read.
    pub(crate) fn read_size(self, read_size: usize) -> Self {
        Self { read_size, ..self }
    }

    /// Takes no more than `write_size` bytes in a write.
    pub(crate) fn write_size(self, write_size: usize) -> Self {
        Self { write_size, ..self }
    }

    /// Fails once with a time-out before each of these positions of the input.
    pub(crate) fn time_outs(self, positions: impl IntoIterator<Item = usize>) -> Self {
        Self { time_outs: positions.into_iter().collect(), ..self }
    }

    /// Is silent before each of these positions of the input, for so many milliseconds. Without a clock, a read ends it.
    pub(crate) fn silences(self, silences: &[(usize, u32)]) -> Self {
        Self { silences: silences.to_vec(), ..self }
    }

    /// Takes no write for so many milliseconds. Without a clock, a write ends it.
    pub(crate) fn write_stall(self, milliseconds: u32) -> Self {
        Self { write_stall: milliseconds, ..self }
    }

    /// Takes `len` more bytes and then no others.
    pub(crate) fn end_writes_after(&mut self, len: usize, end: WriteEnd) {
        self.write_end = Some((len, end));
    }

    /// Takes everything again.
    pub(crate) fn mend_writes(&mut self) {
        self.write_end = None;
    }

    /// Whether nothing fails, so that a dialogue ends in the same way however it is interrupted.
    pub(crate) fn is_sound(&self) -> bool {
        self.time_outs.is_empty() && self.silences.is_empty() && self.write_end.is_none() && self.write_stall == 0
    }

    /// Everything that was written.
    pub(crate) fn written(&self) -> Vec<u8> {
        written(&self.calls)
    }

    pub(crate) fn writes(&self) -> usize {
        self.calls.len() - self.flushes()
    }

    pub(crate) fn flushes(&self) -> usize {
        self.calls.iter().filter(|call| **call == Moved::Flush).count()
    }

    /// How many bytes of the input were read.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn assert_flushed(&self) {
        assert!(!matches!(self.calls.last(), Some(Moved::Write(_))), "bytes wait to be flushed: {:?}", self.calls);
    }

    /// Whether the call that is about to be made is to be interrupted first: every other one is.
    pub(crate) fn interruption(&mut self) -> bool {
        self.interrupted = !self.interrupted;
        self.interrupted
    }

    /// Waits with a clock that stands at `now` for what was said to be silent, but not beyond `deadline`. Returns
    /// whether the peer has broken its silence by then.
    pub(crate) fn wait_to_read(&mut self, now: &mut u32, deadline: u32) -> bool {
        match self.silences.first_mut() {
            Some((position, silence)) if *position == self.position => wait(silence, now, deadline),
            _ => true,
        }
    }

    /// As [`wait_to_read`](Self::wait_to_read), for a write.
    pub(crate) fn wait_to_write(&mut self, now: &mut u32, deadline: u32) -> bool {
        wait(&mut self.write_stall, now, deadline)
    }

    /// The peer breaks its silence.
    pub(crate) fn break_silence(&mut self) {
        self.silences.remove(0);
    }

    pub(crate) fn read_now(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        assert!(!buffer.is_empty(), "a read into an empty slice looks like the end of the transport");
        self.assert_flushed();
        if self.silences.first().is_some_and(|(position, _)| *position == self.position) {
            self.break_silence();
        }
        let silence = self.silences.first().map_or(self.input.len(), |(position, _)| *position);
        let until = match self.time_outs.first() {
            Some(position) if *position == self.position => {
                self.time_outs.remove(0);
                return Err(Fault::TimedOut);
            }
            Some(position) => *position,
            None => self.input.len(),
        };
        let len = buffer.len().min(self.read_size).min(until.min(silence) - self.position);
        if len == 0 {
            self.reads_at_end += 1;
            assert!(self.reads_at_end < 10, "the end of the transport is read again and again");
        }
        buffer[..len].copy_from_slice(&self.input[self.position..][..len]);
        self.position += len;
        Ok(len)
    }

    pub(crate) fn write_now(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        assert!(!bytes.is_empty(), "there is nothing to write");
        let mut len = bytes.len().min(self.write_size);
        match &mut self.write_end {
            Some((0, WriteEnd::Fails)) => return Err(Fault::Broken),
            Some((0, WriteEnd::TakesNothing)) => return Ok(0),
            Some((_, WriteEnd::FlushFails)) | None => {}
            Some((room, _)) => {
                len = len.min(*room);
                *room -= len;
            }
        }
        self.calls.push(Moved::Write(bytes[..len].to_vec()));
        Ok(len)
    }

    pub(crate) fn flush_now(&mut self) -> Result<(), Fault> {
        if let Some((_, WriteEnd::FlushFails)) = self.write_end {
            return Err(Fault::Broken);
        }
        self.calls.push(Moved::Flush);
        Ok(())
    }
}

/// Everything that these calls wrote.
pub(crate) fn written(calls: &[Moved]) -> Vec<u8> {
    let bytes = |call: &Moved| match call {
        Moved::Write(bytes) => bytes.clone(),
        Moved::Flush => Vec::new(),
    };
    calls.iter().flat_map(bytes).collect()
}

fn wait(silence: &mut u32, now: &mut u32, deadline: u32) -> bool {
    let waited = (*silence).min(until(deadline, *now));
    *silence -= waited;
    *now = now.wrapping_add(waited);
    *silence == 0
}

impl ErrorType for Script {
    type Error = Fault;
}

impl ReadReady for Script {
    fn read_ready(&mut self) -> Result<bool, Fault> {
        Ok(self.silences.first().is_none_or(|(position, _)| *position != self.position))
    }
}
