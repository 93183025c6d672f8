//! A TCP stream that is read all the time by a thread of its own, so that writing a large message cannot get stuck with a
//! server that echoes while it receives; and whose reads end at a time-out and with Ctrl-C.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::TcpStream,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

pub(crate) struct Socket {
    stream: TcpStream,
    received: Receiver<io::Result<Vec<u8>>>,
    unread: VecDeque<u8>,
    timeout: Duration,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, timeout: Duration) -> anyhow::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(timeout))?;
        let (sender, received) = channel();
        let interrupt = sender.clone();
        ctrlc::set_handler(move || {
            // If nobody receives it, the program is about to end.
            let _ = interrupt.send(Err(io::Error::new(io::ErrorKind::Interrupted, "stopped by Ctrl-C")));
        })?;
        let mut reader = stream.try_clone()?;
        thread::spawn(move || {
            loop {
                let mut buffer = vec![0; 16 * 1024];
                let bytes = reader.read(&mut buffer).map(|len| {
                    buffer.truncate(len);
                    buffer
                });
                let ended = !matches!(&bytes, Ok(bytes) if !bytes.is_empty());
                if sender.send(bytes).is_err() || ended {
                    return;
                }
            }
        });
        Ok(Self { stream, received, unread: VecDeque::new(), timeout })
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unread.is_empty() {
            match self.received.recv_timeout(self.timeout) {
                Ok(bytes) => self.unread = bytes?.into(),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "the server said nothing in time"));
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        self.unread.read(buffer)
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
