//! Moves bytes between a machine of `ws-core` and a TCP socket of smoltcp, as far as that goes without waiting.

use smoltcp::socket::tcp::{Socket, State};
use ws_core::{Error, Machine, Step};

/// A socket for the time of one turn of the main loop.
#[derive(Debug)]
pub struct Link<'a, 's> {
    socket: &'a mut Socket<'s>,
    /// Whether bytes came from the peer.
    pub has_received: bool,
    /// Whether bytes were left for the peer.
    pub has_sent: bool,
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug)]
pub enum Ended {
    /// A rule was broken, or the stream has ended: what `ws-core` says.
    WebSocket(Error),
    /// The peer takes no more bytes.
    Lost,
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::WebSocket(error)
    }
}

impl<'a, 's> Link<'a, 's> {
    /// `socket` is one that is connected, or was.
    pub const fn new(socket: &'a mut Socket<'s>) -> Self {
        Self { socket, has_received: false, has_sent: false }
    }

    /// How far TCP is.
    pub fn state(&self) -> State {
        self.socket.state()
    }

    /// Drives `machine` until it is ready; `None` if it has to wait for the peer, and is to be driven again later.
    ///
    /// # Errors
    ///
    /// [`Ended`] if there is nothing left to wait for.
    pub fn drive<M: Machine>(&mut self, mut machine: M) -> Result<Option<M::Ready>, Ended> {
        loop {
            match machine.poll()? {
                Step::Write(bytes) if self.socket.may_send() => match self.socket.send_slice(bytes) {
                    Ok(0) | Err(_) => return Ok(None),
                    Ok(len) => {
                        self.has_sent = true;
                        machine.written(len);
                    }
                },
                Step::Write(_) => {
                    if !machine.write_failed() {
                        return Err(Ended::Lost);
                    }
                }
                // What the socket was given leaves when the interface is polled.
                Step::Flush => machine.flushed(),
                Step::Read(space) => match self.socket.recv_slice(space) {
                    Ok(0) => return Ok(None),
                    Ok(len) => {
                        self.has_received = true;
                        machine.filled(len);
                    }
                    // The peer has closed, or the connection is gone.
                    Err(_) => machine.filled(0),
                },
                Step::Ready(ready) => return Ok(Some(ready)),
            }
        }
    }
}
