//! A transport that plays a peer: it gives bytes that are known beforehand, in pieces, takes bytes in pieces, fails where
//! it is told to, and records every call. It does not let a WebSocket wait for bytes while others are not flushed, nor
//! read the end of the transport for ever.

use std::fmt;

use embedded_io::{ErrorKind, ErrorType, Read, Write};

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

impl embedded_io::Error for Fault {
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
pub(crate) enum Call {
    Write(Vec<u8>),
    Flush,
}

pub(crate) struct Script {
    input: Vec<u8>,
    position: usize,
    read_size: usize,
    /// Positions in the input before which one read fails, in order, those to come.
    time_outs: Vec<usize>,
    reads_at_end: usize,
    write_size: usize,
    write_end: Option<(usize, WriteEnd)>,
    pub(crate) calls: Vec<Call>,
}

impl Script {
    pub(crate) fn new(input: impl IntoIterator<Item = u8>) -> Self {
        Self {
            input: input.into_iter().collect(),
            position: 0,
            read_size: usize::MAX,
            time_outs: Vec::new(),
            reads_at_end: 0,
            write_size: usize::MAX,
            write_end: None,
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

    /// Takes `len` more bytes and then no others.
    pub(crate) fn end_writes_after(&mut self, len: usize, end: WriteEnd) {
        self.write_end = Some((len, end));
    }

    /// Everything that was written.
    pub(crate) fn written(&self) -> Vec<u8> {
        let bytes = |call: &Call| match call {
            Call::Write(bytes) => bytes.clone(),
            Call::Flush => Vec::new(),
        };
        self.calls.iter().flat_map(bytes).collect()
    }

    pub(crate) fn writes(&self) -> usize {
        self.calls.len() - self.flushes()
    }

    pub(crate) fn flushes(&self) -> usize {
        self.calls.iter().filter(|call| **call == Call::Flush).count()
    }

    /// How many bytes of the input were read.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Begins the record anew.
    pub(crate) fn forget(&mut self) {
        self.assert_flushed();
        self.calls.clear();
    }

    pub(crate) fn assert_flushed(&self) {
        assert!(!matches!(self.calls.last(), Some(Call::Write(_))), "bytes wait to be flushed: {:?}", self.calls);
    }
}

impl ErrorType for Script {
    type Error = Fault;
}

impl Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        assert!(!buffer.is_empty(), "a read into an empty slice looks like the end of the transport");
        self.assert_flushed();
        let until = match self.time_outs.first() {
            Some(position) if *position == self.position => {
                self.time_outs.remove(0);
                return Err(Fault::TimedOut);
            }
            Some(position) => *position,
            None => self.input.len(),
        };
        let len = buffer.len().min(self.read_size).min(until - self.position);
        if len == 0 {
            self.reads_at_end += 1;
            assert!(self.reads_at_end < 10, "the end of the transport is read again and again");
        }
        buffer[..len].copy_from_slice(&self.input[self.position..][..len]);
        self.position += len;
        Ok(len)
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
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
        self.calls.push(Call::Write(bytes[..len].to_vec()));
        Ok(len)
    }

    fn flush(&mut self) -> Result<(), Fault> {
        if let Some((_, WriteEnd::FlushFails)) = self.write_end {
            return Err(Fault::Broken);
        }
        self.calls.push(Call::Flush);
        Ok(())
    }
}
