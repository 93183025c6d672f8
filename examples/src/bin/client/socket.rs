//! A TCP stream that is read all the time by a thread of its own, so that writing a large message cannot get stuck with a
//! server that echoes while it receives. Reads wait for the server, for Ctrl-C and for lines of standard input at once,
//! and end in time.

use std::{
    collections::VecDeque,
    io::{self, BufRead, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How often a write that waits looks whether Ctrl-C was pressed.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

pub(crate) struct Socket {
    stream: TcpStream,
    timeout: Duration,
    wait: Wait,
    inputs: Receiver<Input>,
    sender: Sender<Input>,
    unread: VecDeque<u8>,
    has_ended: bool,
    lines: VecDeque<Line>,
    interrupt: Interrupt,
    /// Whether a read or write has already ended because of Ctrl-C.
    knows_interrupt: bool,
}

/// What a read waits for, and how long.
#[derive(Clone, Copy)]
pub(crate) enum Wait {
    /// The server, which may take until then in all.
    Until(Instant),
    /// The server, which may be silent as long as the time-out.
    Silence,
    /// The server or a line, as long as it takes. A line ends the read with `WouldBlock`.
    Line,
}

/// A line of standard input; `None` is its end.
pub(crate) type Line = Option<io::Result<String>>;

/// What happens while a read waits.
enum Input {
    Bytes(io::Result<Vec<u8>>),
    Line(Line),
    /// Look whether Ctrl-C was pressed.
    Interrupt,
}

/// Ends what the socket does, once.
#[derive(Clone)]
pub(crate) struct Interrupt {
    is_requested: Arc<AtomicBool>,
    wake: Sender<Input>,
}

impl Interrupt {
    /// Lets the read or write that waits, or else the next read, end with `Interrupted`; false if it was asked before.
    pub(crate) fn request(&self) -> bool {
        let first = !self.is_requested.swap(true, Ordering::Relaxed);
        // If nobody receives it, the program is about to end.
        let _ = self.wake.send(Input::Interrupt);
        first
    }
}

impl Socket {
    /// A socket whose reads and writes wait for the server, until `deadline`.
    pub(crate) fn new(stream: TcpStream, timeout: Duration, deadline: Instant) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(POLL_INTERVAL))?;
        let (sender, inputs) = channel();
        let (mut reader, received) = (stream.try_clone()?, sender.clone());
        thread::spawn(move || {
            loop {
                let mut buffer = vec![0; 16 * 1024];
                let bytes = reader.read(&mut buffer).map(|len| {
                    buffer.truncate(len);
                    buffer
                });
                let ended = !matches!(&bytes, Ok(bytes) if !bytes.is_empty());
                if received.send(Input::Bytes(bytes)).is_err() || ended {
                    return;
                }
            }
        });
        let interrupt = Interrupt { is_requested: Arc::default(), wake: sender.clone() };
        Ok(Self {
            stream,
            timeout,
            wait: Wait::Until(deadline),
            inputs,
            sender,
            unread: VecDeque::new(),
            has_ended: false,
            lines: VecDeque::new(),
            interrupt,
            knows_interrupt: false,
        })
    }

    pub(crate) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// Says what the reads that follow wait for.
    pub(crate) fn set_wait(&mut self, wait: Wait) {
        self.wait = wait;
    }

    /// Starts reading lines, in a thread of their own.
    pub(crate) fn read_lines(&self, input: impl BufRead + Send + 'static) {
        let sender = self.sender.clone();
        thread::spawn(move || {
            let lines = input.lines().map(Some).chain([None]);
            // Once nobody receives them, the program is about to end.
            lines.map(Input::Line).try_for_each(|line| sender.send(line))
        });
    }

    /// The next line, if one has come.
    pub(crate) fn take_line(&mut self) -> Option<Line> {
        self.lines.pop_front()
    }

    fn check_interrupt(&mut self) -> io::Result<()> {
        if !self.knows_interrupt && self.interrupt.is_requested.load(Ordering::Relaxed) {
            self.knows_interrupt = true;
            return Err(io::Error::new(io::ErrorKind::Interrupted, "stopped by Ctrl-C"));
        }
        Ok(())
    }

    /// How long a read that began at `started` may go on waiting, if there is a limit; an error once that is over.
    fn time_to_read(&self, started: Instant) -> io::Result<Option<Duration>> {
        let (end, why) = match self.wait {
            Wait::Until(deadline) => (deadline, "the server did not answer in time"),
            Wait::Silence => (started + self.timeout, "the server said nothing in time"),
            Wait::Line if self.lines.is_empty() => return Ok(None),
            Wait::Line => return Err(io::Error::new(io::ErrorKind::WouldBlock, "a line has come")),
        };
        let time = end.saturating_duration_since(Instant::now());
        if time.is_zero() { Err(io::Error::new(io::ErrorKind::TimedOut, why)) } else { Ok(Some(time)) }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let started = Instant::now();
        loop {
            self.check_interrupt()?;
            let time = self.time_to_read(started)?;
            if self.has_ended || !self.unread.is_empty() {
                return self.unread.read(buffer);
            }
            let input = match time {
                Some(time) => self.inputs.recv_timeout(time),
                None => self.inputs.recv().map_err(RecvTimeoutError::from),
            };
            match input {
                Ok(Input::Bytes(bytes)) => {
                    self.has_ended = !matches!(&bytes, Ok(bytes) if !bytes.is_empty());
                    self.unread = bytes?.into();
                }
                Ok(Input::Line(line)) => self.lines.push_back(line),
                // The next round finds out what that means.
                Ok(Input::Interrupt) | Err(_) => {}
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut end = Instant::now() + self.timeout;
        if let Wait::Until(deadline) = self.wait {
            end = end.min(deadline);
        }
        loop {
            match self.stream.write(bytes) {
                Err(error) if is_to_be_repeated(&error) => {}
                result => return result,
            }
            self.check_interrupt()?;
            if Instant::now() >= end {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the server takes no bytes"));
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The thread that reads has the stream too, and ends with this. If it fails, the stream has ended already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

fn is_to_be_repeated(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    const LONG: Duration = Duration::from_secs(3600);

    /// A socket for which bytes wait, and its server.
    fn socket(timeout: Duration) -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server.write_all(b"abcd").unwrap();
        let mut socket = Socket::new(stream, timeout, Instant::now() + LONG).unwrap();
        assert_eq!(read(&mut socket), Ok(b'a'));
        (socket, server)
    }

    fn read(socket: &mut Socket) -> Result<u8, io::ErrorKind> {
        let mut byte = [0];
        socket.read(&mut byte).map(|_| byte[0]).map_err(|error| error.kind())
    }

    #[test]
    fn an_interrupt_ends_one_read_though_the_server_keeps_talking() {
        let (mut socket, _server) = socket(LONG);
        let interrupt = socket.interrupt();
        assert!(interrupt.request() && !interrupt.request());
        assert_eq!(read(&mut socket), Err(io::ErrorKind::Interrupted));
        assert_eq!(read(&mut socket), Ok(b'b'));
    }

    #[test]
    fn a_deadline_ends_reads_though_the_server_keeps_talking() {
        let (mut socket, _server) = socket(LONG);
        socket.set_wait(Wait::Until(Instant::now()));
        assert_eq!(read(&mut socket), Err(io::ErrorKind::TimedOut));
        socket.set_wait(Wait::Silence);
        assert_eq!(read(&mut socket), Ok(b'b'));
    }

    #[test]
    fn waiting_for_lines_ends_with_each_and_with_their_end() {
        let (mut socket, _server) = socket(Duration::ZERO);
        socket.set_wait(Wait::Line);
        for byte in b"bcd" {
            assert_eq!(read(&mut socket), Ok(*byte));
        }
        socket.read_lines(&b"first\n\xff\n"[..]);
        assert_eq!(read(&mut socket), Err(io::ErrorKind::WouldBlock));
        assert_eq!(socket.take_line().unwrap().unwrap().unwrap(), "first");
        assert_eq!(read(&mut socket), Err(io::ErrorKind::WouldBlock));
        assert!(socket.take_line().unwrap().unwrap().is_err());
        assert_eq!(read(&mut socket), Err(io::ErrorKind::WouldBlock));
        assert!(socket.take_line().unwrap().is_none());
        assert!(socket.take_line().is_none());
    }

    #[test]
    fn the_end_of_the_stream_lasts() {
        let (mut socket, server) = socket(LONG);
        drop(server);
        let mut rest = Vec::new();
        assert_eq!(socket.read_to_end(&mut rest).unwrap(), 3);
        assert_eq!(socket.read(&mut [0]).unwrap(), 0);
    }
}
