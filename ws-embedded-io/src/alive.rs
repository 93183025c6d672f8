//! Never to wait for ever: reading, writing and closing with deadlines, and the keepalive that finds dead peers. The clock is
//! the caller's.

use embedded_io::{Read, Write};
use ws_core::{
    Delivery, Event, Machine, Role, Step,
    frame::CloseCode,
    time::{Deadline, Keepalive, KeepaliveAction},
};

use crate::{
    Error, Incoming, IncomingChunk, WebSocket,
    drive::{go_on_without, written},
};

/// A transport's I/O with deadlines, and the clock that these are of: from timers, or from a socket's time-outs.
///
/// Times are in milliseconds, from any source that never goes back; it may wrap.
///
/// For a socket of `std`, `read` is `set_read_timeout` followed by a read whose `WouldBlock` and `TimedOut` become `Ok(None)`; on a
/// microcontroller, a loop that asks the transport whether it is ready, and the clock.
pub trait Timed<T: Read + Write> {
    /// The time now.
    fn now(&mut self) -> u32;

    /// Reads as [`Read::read`] does; `None` when `until` has come before any byte.
    ///
    /// # Errors
    ///
    /// The transport's.
    fn read(&mut self, transport: &mut T, space: &mut [u8], until: u32) -> Result<Option<usize>, T::Error>;

    /// Writes as [`Write::write`] does; `None` when `until` has come before any byte was written.
    ///
    /// # Errors
    ///
    /// The transport's.
    fn write(&mut self, transport: &mut T, bytes: &[u8], until: u32) -> Result<Option<usize>, T::Error>;

    /// Flushes as [`Write::flush`] does; `None` when `until` has come before. Unless you write it, it has no deadline: write it
    /// where flushing waits for the peer.
    ///
    /// # Errors
    ///
    /// The transport's.
    fn flush(&mut self, transport: &mut T, _until: u32) -> Result<Option<()>, T::Error> {
        transport.flush().map(Some)
    }
}

/// As [`drive`](crate::drive()), but no longer than until a deadline.
///
/// # Errors
///
/// As `drive`, and [`Error::TimedOut`]: the machine may be driven on then.
pub fn drive_until<M, T, C>(
    mut machine: M,
    transport: &mut T,
    clock: &mut C,
    deadline: Deadline,
) -> Result<M::Ready, Error<T::Error>>
where
    M: Machine,
    T: Read + Write,
    C: Timed<T>,
{
    let until = deadline.next_deadline();
    loop {
        match machine.poll()? {
            Step::Write(bytes) => match clock.write(transport, bytes, until).transpose().map(written) {
                Some(Ok(len)) => machine.written(len),
                Some(Err(error)) => go_on_without(&mut machine, error)?,
                None => return Err(Error::TimedOut),
            },
            Step::Flush => match clock.flush(transport, until).map_err(Error::Write) {
                Ok(Some(())) => machine.flushed(),
                Ok(None) => return Err(Error::TimedOut),
                Err(error) => go_on_without(&mut machine, error)?,
            },
            Step::Read(space) => match clock.read(transport, space, until).map_err(Error::Read)? {
                Some(len) => machine.filled(len),
                None => return Err(Error::TimedOut),
            },
            Step::Ready(ready) => return Ok(ready),
        }
    }
}

impl<'b, T: Read + Write, R: Role> WebSocket<'b, T, R> {
    /// Receives as [`recv`](Self::recv) does, sends a Ping when the peer is silent, and gives it up when it stays so.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), and [`Error::PeerIsDead`].
    pub fn recv_alive<C: Timed<T>>(
        &mut self,
        keepalive: &mut Keepalive,
        clock: &mut C,
    ) -> Result<Option<Incoming<'_, 'b, T, R>>, Error<T::Error>> {
        self.connection.deliver(Delivery::Messages);
        loop {
            match self.next_event_alive(keepalive, clock)? {
                Event::Message(kind) => return self.incoming(kind).map(Some),
                Event::Closed => return Ok(None),
                _ => {}
            }
        }
    }

    /// Receives as [`recv_chunk`](Self::recv_chunk) does, sends a Ping when the peer is silent, and gives it up when it stays
    /// so.
    ///
    /// # Errors
    ///
    /// As [`recv_chunk`](Self::recv_chunk), and [`Error::PeerIsDead`].
    pub fn recv_chunk_alive<C: Timed<T>>(
        &mut self,
        keepalive: &mut Keepalive,
        clock: &mut C,
    ) -> Result<Option<IncomingChunk<'_, 'b, T, R>>, Error<T::Error>> {
        self.connection.deliver(Delivery::Chunks);
        loop {
            match self.next_event_alive(keepalive, clock)? {
                Event::Chunk(info) => return Ok(Some(self.incoming_chunk(info))),
                Event::Closed => return Ok(None),
                _ => {}
            }
        }
    }

    /// Performs the closing handshake as [`close`](Self::close) does, but no longer than until a deadline:
    /// [`Deadline::CLOSING_HANDSHAKE`] has a length for it.
    ///
    /// # Errors
    ///
    /// As [`close`](Self::close), and [`Error::TimedOut`]: close the transport then.
    pub fn close_until<C: Timed<T>>(
        &mut self,
        code: CloseCode,
        reason: &str,
        clock: &mut C,
        deadline: Deadline,
    ) -> Result<(), Error<T::Error>> {
        drive_until(self.connection.closing(code, reason), &mut self.transport, clock, deadline)
    }

    fn next_event_alive<C: Timed<T>>(
        &mut self,
        keepalive: &mut Keepalive,
        clock: &mut C,
    ) -> Result<Event, Error<T::Error>> {
        loop {
            let until = keepalive.next_deadline();
            let in_time = match self.connection.poll()? {
                Step::Write(bytes) => match clock.write(&mut self.transport, bytes, until).transpose().map(written) {
                    Some(Ok(len)) => {
                        self.connection.written(len);
                        true
                    }
                    Some(Err(error)) => {
                        go_on_without(&mut self.connection, error)?;
                        true
                    }
                    None => false,
                },
                Step::Flush => match clock.flush(&mut self.transport, until).map_err(Error::Write) {
                    Ok(Some(())) => {
                        self.connection.flushed();
                        true
                    }
                    Ok(None) => false,
                    Err(error) => {
                        go_on_without(&mut self.connection, error)?;
                        true
                    }
                },
                Step::Read(space) => match clock.read(&mut self.transport, space, until).map_err(Error::Read)? {
                    Some(len) => {
                        self.connection.filled(len);
                        keepalive.on_received(clock.now());
                        true
                    }
                    None => false,
                },
                Step::Ready(event) => return Ok(event),
            };
            if in_time {
                continue;
            }
            match keepalive.poll(clock.now()) {
                KeepaliveAction::Wait => {}
                // It goes into the transmit buffer, if there is space; if there is none, the peer does not read.
                KeepaliveAction::Ping => drop(self.connection.sender().ping(&[]).poll()),
                KeepaliveAction::PeerIsDead => return Err(Error::PeerIsDead),
            }
        }
    }
}
