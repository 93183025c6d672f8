//! Two transports that are connected with each other, for two threads. What was not flushed does not arrive.

use std::{
    convert::Infallible,
    sync::mpsc::{Receiver, Sender, channel},
};

use embedded_io::{ErrorType, Read, Write};

/// One end of a pipe. When it is dropped, the other end reads the end of the transport.
pub(crate) struct Pipe {
    to_peer: Sender<Vec<u8>>,
    from_peer: Receiver<Vec<u8>>,
    /// What was written and not flushed.
    unflushed: Vec<u8>,
    /// What was received and not read.
    unread: Vec<u8>,
    read_size: usize,
}

/// Returns both ends of a pipe; reads give no more than `read_size` bytes.
pub(crate) fn pipe(read_size: usize) -> (Pipe, Pipe) {
    let (to_right, from_left) = channel();
    let (to_left, from_right) = channel();
    let end = |to_peer, from_peer| Pipe { to_peer, from_peer, unflushed: Vec::new(), unread: Vec::new(), read_size };
    (end(to_right, from_right), end(to_left, from_left))
}

impl ErrorType for Pipe {
    type Error = Infallible;
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        assert!(self.unflushed.is_empty(), "the peer waits for what was not flushed");
        while self.unread.is_empty() {
            match self.from_peer.recv() {
                Ok(bytes) => self.unread = bytes,
                Err(_) => return Ok(0),
            }
        }
        let len = buffer.len().min(self.unread.len()).min(self.read_size);
        for (space, byte) in buffer.iter_mut().zip(self.unread.drain(..len)) {
            *space = byte;
        }
        Ok(len)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.unflushed.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        // A peer that has gone reads nothing more.
        let _ = self.to_peer.send(std::mem::take(&mut self.unflushed));
        Ok(())
    }
}
