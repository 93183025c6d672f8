//! A transport in memory: it gives bytes that are known beforehand, in pieces, keeps what is written, and is silent or ends behind
//! its last byte. It panics where an endpoint would wait for ever: a row that panics has failed.

use std::{fmt, future::poll_fn, rc::Rc, task::Poll};

use embedded_io::{Error, ErrorKind, ErrorType};

/// How often the end of the input may be read before that counts as a loop without end.
const MOST_READS_AT_THE_END: usize = 100;

/// The peer sends nothing more, and does not close the transport either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Silence;

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the peer is silent")
    }
}

impl std::error::Error for Silence {}

impl Error for Silence {
    fn kind(&self) -> ErrorKind {
        ErrorKind::TimedOut
    }
}

/// What is behind the last byte of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Silence,
    End,
}

/// One end of a transport.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    input: Rc<[u8]>,
    position: usize,
    read_size: usize,
    write_size: usize,
    then: Then,
    reads_at_the_end: usize,
    is_flushed: bool,
    /// Whether the next call of the async traits is to wait once.
    waits: bool,
    /// Everything that was written.
    pub(crate) output: Vec<u8>,
    /// In how many calls.
    pub(crate) writes: usize,
}

impl Wire {
    /// Gives `input`, at most `read_size` bytes in a read.
    pub(crate) fn new(input: Rc<[u8]>, read_size: usize, then: Then) -> Self {
        Self {
            input,
            position: 0,
            read_size,
            write_size: usize::MAX,
            then,
            reads_at_the_end: 0,
            is_flushed: true,
            waits: false,
            output: Vec::new(),
            writes: 0,
        }
    }

    /// Takes at most `write_size` bytes in a write.
    pub(crate) fn taking(self, write_size: usize) -> Self {
        Self { write_size, ..self }
    }

    /// Everything that was written, when all is over: by then it is flushed too, or the peer would never see it.
    pub(crate) fn into_output(self) -> Vec<u8> {
        assert!(self.is_flushed, "what it wrote last is not flushed");
        self.output
    }

    fn read_now(&mut self, space: &mut [u8]) -> Result<usize, Silence> {
        assert!(!space.is_empty(), "a read into an empty slice looks like the end of the transport");
        assert!(self.is_flushed, "it waits for the peer while what it wrote is not flushed");
        let rest = self.input.get(self.position..).unwrap_or_default();
        let len = space.len().min(self.read_size).min(rest.len());
        if len == 0 {
            self.reads_at_the_end += 1;
            assert!(self.reads_at_the_end < MOST_READS_AT_THE_END, "the end is read again and again");
            return if self.then == Then::End { Ok(0) } else { Err(Silence) };
        }
        space[..len].copy_from_slice(&rest[..len]);
        self.position += len;
        Ok(len)
    }

    fn write_now(&mut self, bytes: &[u8]) -> usize {
        assert!(!bytes.is_empty(), "there is nothing to write");
        let taken = &bytes[..bytes.len().min(self.write_size)];
        self.is_flushed = false;
        self.output.extend(taken);
        self.writes += 1;
        taken.len()
    }

    /// Waits once: each call of the async traits is pending when it is polled for the first time, also by a future that was made
    /// in the place of one that was dropped.
    async fn wait(&mut self) {
        poll_fn(|_| {
            self.waits = !self.waits;
            if self.waits { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }
}

impl ErrorType for Wire {
    type Error = Silence;
}

impl embedded_io::Read for Wire {
    fn read(&mut self, space: &mut [u8]) -> Result<usize, Silence> {
        self.read_now(space)
    }
}

impl embedded_io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Silence> {
        Ok(self.write_now(bytes))
    }

    fn flush(&mut self) -> Result<(), Silence> {
        self.is_flushed = true;
        Ok(())
    }
}

impl embedded_io_async::Read for Wire {
    async fn read(&mut self, space: &mut [u8]) -> Result<usize, Silence> {
        self.wait().await;
        self.read_now(space)
    }
}

impl embedded_io_async::Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Silence> {
        self.wait().await;
        Ok(self.write_now(bytes))
    }

    async fn flush(&mut self) -> Result<(), Silence> {
        self.wait().await;
        self.is_flushed = true;
        Ok(())
    }
}
