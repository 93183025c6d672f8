//! A TCP stream whose reads and writes end in time, whatever the peer does: at a deadline, after a silence, or because
//! the program is to end. A read that ends in this way takes nothing from the stream, so that the WebSocket can go on.

use std::{
    io::{self, Read, Write},
    net::{Shutdown as Direction, TcpStream},
    time::{Duration, Instant},
};

use crate::{Patience, shutdown::Shutdown};

/// How often a read or write that waits looks whether the program is to end.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const CLOSING_TIMEOUT: Duration = Duration::from_secs(2);

/// A TCP stream with time-outs for what is being done on it.
pub struct Socket {
    stream: TcpStream,
    shutdown: Shutdown,
    patience: Patience,
    phase: Phase,
    was_heard: bool,
    has_written: bool,
    /// Whether the peer took no bytes for too long.
    is_stuck: bool,
}

/// What the connection is doing, and so how long it may take.
#[derive(Clone, Copy)]
enum Phase {
    Opening { deadline: Instant },
    Open,
    Closing { deadline: Instant },
}

impl Socket {
    /// A socket for the opening handshake, with the [patience](Patience::DEFAULT) of a server that was not told otherwise.
    ///
    /// # Errors
    ///
    /// The stream does not take the option `TCP_NODELAY`.
    pub fn new(stream: TcpStream, shutdown: &Shutdown) -> io::Result<Self> {
        Self::with_patience(stream, shutdown, Patience::DEFAULT)
    }

    /// As [`new`](Self::new), with another patience.
    ///
    /// # Errors
    ///
    /// As `new`.
    pub fn with_patience(stream: TcpStream, shutdown: &Shutdown, patience: Patience) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let phase = Phase::Opening { deadline: Instant::now() + patience.timeout() };
        let shutdown = shutdown.clone();
        Ok(Self { stream, shutdown, patience, phase, was_heard: false, has_written: false, is_stuck: false })
    }

    /// The same stream once more, for a thread that only writes. Only this one reads.
    ///
    /// # Errors
    ///
    /// The program has too many open files.
    pub fn for_writing(&self) -> io::Result<Self> {
        let (stream, shutdown) = (self.stream.try_clone()?, self.shutdown.clone());
        let Self { patience, phase, .. } = *self;
        Ok(Self { stream, shutdown, patience, phase, was_heard: false, has_written: false, is_stuck: false })
    }

    /// From now on, a read ends with `TimedOut` when nothing came for as long as the peer may be idle, and with `Interrupted`
    /// when the program is to end.
    pub fn open(&mut self) {
        self.phase = Phase::Open;
    }

    /// From now on, reads and writes end after 2 s in all, whatever comes.
    pub fn begin_closing(&mut self) {
        self.phase = Phase::Closing { deadline: Instant::now() + CLOSING_TIMEOUT };
    }

    /// Whether anything was received since this was asked last.
    pub fn take_heard(&mut self) -> bool {
        std::mem::take(&mut self.was_heard)
    }

    /// Whether no byte came and none was sent.
    pub fn is_unused(&self) -> bool {
        !self.was_heard && !self.has_written
    }

    /// Ends the stream at once, so that also the other thread's read and write end.
    pub fn abort(&mut self) {
        // If that fails, the stream has ended already.
        let _ = self.stream.shutdown(Direction::Both);
    }

    /// Ends the stream so that what was written reaches the peer: a stream that is closed with unread bytes in it is
    /// reset, and takes with it what is still on the way. A peer that does not take it is not waited for.
    pub fn finish(mut self) {
        if !self.has_written || self.is_stuck {
            return;
        }
        self.begin_closing();
        // Whatever fails here, the stream is closed at the end of this function.
        let _ = self.stream.shutdown(Direction::Write);
        let mut dropped = [0; 1024];
        while let Ok(1..) = self.read(&mut dropped) {}
    }

    /// How long a read that began at `started` may go on waiting; an error once that is over.
    fn time_to_read(&self, started: Instant) -> io::Result<Duration> {
        let (end, why) = match (self.phase, self.shutdown.deadline()) {
            (Phase::Opening { .. } | Phase::Open, Some(_)) => {
                return Err(io::Error::new(io::ErrorKind::Interrupted, "the server ends"));
            }
            (Phase::Opening { deadline }, None) => (deadline, "no whole request came in time"),
            (Phase::Open, None) => (started + self.patience.idle(), "the peer is silent"),
            (Phase::Closing { deadline }, end) => (earlier(deadline, end), "the peer did not close in time"),
        };
        time_until(end, why)
    }

    /// How long a write that began at `started` may go on waiting; an error once that is over.
    fn time_to_write(&self, started: Instant) -> io::Result<Duration> {
        let mut end = earlier(started + self.patience.timeout(), self.shutdown.deadline());
        if let Phase::Opening { deadline } | Phase::Closing { deadline } = self.phase {
            end = end.min(deadline);
        }
        time_until(end, "the peer takes no bytes")
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let started = Instant::now();
        loop {
            let time = self.time_to_read(started)?;
            self.stream.set_read_timeout(Some(time.min(POLL_INTERVAL)))?;
            match self.stream.read(buffer) {
                Err(error) if is_to_be_repeated(&error) => {}
                result => {
                    self.was_heard |= matches!(result, Ok(1..));
                    return result;
                }
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let started = Instant::now();
        self.has_written = true;
        loop {
            let time = self.time_to_write(started).inspect_err(|_| self.is_stuck = true)?;
            self.stream.set_write_timeout(Some(time.min(POLL_INTERVAL)))?;
            match self.stream.write(bytes) {
                Err(error) if is_to_be_repeated(&error) => {}
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn is_to_be_repeated(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

fn earlier(deadline: Instant, other: Option<Instant>) -> Instant {
    other.map_or(deadline, |other| deadline.min(other))
}

fn time_until(end: Instant, why: &str) -> io::Result<Duration> {
    let time = end.saturating_duration_since(Instant::now());
    if time.is_zero() { Err(io::Error::new(io::ErrorKind::TimedOut, why)) } else { Ok(time) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A socket for which a byte waits, and its peer.
    fn socket() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        peer.write_all(b"abc").unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.peek(&mut [0]).unwrap();
        (Socket::new(stream, &Shutdown::default()).unwrap(), peer)
    }

    fn read(socket: &mut Socket) -> Result<u8, io::ErrorKind> {
        let mut byte = [0];
        socket.read(&mut byte).map(|_| byte[0]).map_err(|error| error.kind())
    }

    #[test]
    fn shutdown_ends_reads_though_the_peer_keeps_talking() {
        let (mut socket, _peer) = socket();
        assert_eq!(read(&mut socket), Ok(b'a'));
        assert!(socket.shutdown.request());
        assert!(!socket.shutdown.request());
        assert_eq!(read(&mut socket), Err(io::ErrorKind::Interrupted));
        socket.open();
        assert_eq!(read(&mut socket), Err(io::ErrorKind::Interrupted));
        // There is time to say goodbye, and nothing was lost.
        socket.begin_closing();
        assert_eq!(read(&mut socket), Ok(b'b'));
    }

    #[test]
    fn a_deadline_ends_reads_and_writes_though_the_peer_keeps_talking() {
        let (mut socket, _peer) = socket();
        let deadline = Instant::now();
        for phase in [Phase::Opening { deadline }, Phase::Closing { deadline }] {
            socket.phase = phase;
            assert_eq!(read(&mut socket), Err(io::ErrorKind::TimedOut));
            assert_eq!(socket.write(b"x").unwrap_err().to_string(), "the peer takes no bytes");
        }
        socket.open();
        assert_eq!(read(&mut socket), Ok(b'a'));
    }

    #[test]
    fn the_end_of_the_program_is_a_deadline_for_every_phase() {
        let (mut socket, _peer) = socket();
        socket.shutdown.end_at(Instant::now());
        socket.begin_closing();
        assert_eq!(read(&mut socket), Err(io::ErrorKind::TimedOut));
        socket.open();
        assert_eq!(socket.write(b"x").unwrap_err().kind(), io::ErrorKind::TimedOut);
        // It would wait for the peer, which does not end, if it could.
        socket.is_stuck = false;
        socket.finish();
    }

    #[test]
    fn what_was_heard_is_told_once() {
        let (mut socket, _peer) = socket();
        assert!(socket.is_unused() && !socket.take_heard());
        read(&mut socket).unwrap();
        assert!(!socket.is_unused());
        assert!(socket.take_heard() && !socket.take_heard());
    }
}
