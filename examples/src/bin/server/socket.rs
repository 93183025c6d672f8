//! A TCP stream whose reads end when the program does, or at a deadline. A read that ends in this way takes nothing from
//! the stream, so that the WebSocket can go on after it.

use std::{
    io::{self, Read, Write},
    net::{Shutdown as Direction, TcpStream},
    time::{Duration, Instant},
};

use crate::shutdown::Shutdown;

/// How often a read looks whether the program is to end.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// How long a peer may take no byte before the connection is given up.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Socket {
    stream: TcpStream,
    shutdown: Option<Shutdown>,
    deadline: Option<Instant>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(POLL_INTERVAL))?;
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(Self { stream, shutdown: None, deadline: None })
    }

    /// From now on, reads end after this time, whatever happens.
    pub(crate) fn end_reads_after(&mut self, time: Duration) {
        self.shutdown = None;
        self.deadline = Instant::now().checked_add(time);
    }

    /// From now on, reads end when the program is to end.
    pub(crate) fn end_reads_at(&mut self, shutdown: &Shutdown) {
        self.shutdown = Some(shutdown.clone());
        self.deadline = None;
    }

    /// Ends the stream so that what was written reaches the peer: a stream that is closed with unread bytes in it is
    /// reset, and takes with it what is still on the way.
    pub(crate) fn finish(mut self, time: Duration) {
        self.end_reads_after(time);
        // Whatever fails here, the stream is closed at the end of this function.
        let _ = self.stream.shutdown(Direction::Write);
        let mut dropped = [0; 1024];
        while let Ok(1..) = self.read(&mut dropped) {}
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                        return Err(io::Error::new(io::ErrorKind::TimedOut, "the peer said nothing in time"));
                    }
                    if self.shutdown.as_ref().is_some_and(Shutdown::is_requested) {
                        return Err(io::Error::new(io::ErrorKind::TimedOut, "the server ends"));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
