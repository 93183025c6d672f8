//! The loops that move bytes. What is moved, and when, the machines of `ws-core` decide; to port this crate to other I/O
//! traits is to write these loops again.

use embedded_io::{Error as TransportError, ErrorKind, Read, ReadReady, Write};
use ws_core::{Machine, Step};

use crate::Error;

/// Drives a machine until it is ready: an opening handshake, a connection that receives, a closing handshake.
///
/// [`WebSocket`](crate::WebSocket) does so in each of its methods. Call it yourself for a machine that is to outlive the
/// call, such as an opening handshake with a time-out that can be resumed:
///
/// ```
/// use ws_embedded_io::{Buffers, Config, Error, WebSocket, drive, ws_core::Accepting};
/// # use ws_embedded_io::{Server, ws_core::Answer};
/// # fn accept<'b, T: embedded_io::Read + embedded_io::Write>(
/// #     mut transport: T,
/// #     head: &mut [u8],
/// #     buffers: Buffers<'b>,
/// # ) -> Result<Option<WebSocket<'b, T, Server>>, Error<T::Error>> {
/// let mut accepting = Accepting::new(head, buffers, &Config::DEFAULT);
/// drive(&mut accepting, &mut transport)?; // may fail with a time-out and be called again
/// let mut answer = accepting.accept(None, &[])?;
/// drive(&mut answer, &mut transport)?; // likewise
/// let websocket = WebSocket::new(transport, accepting.into_connection()?);
/// # Ok(Some(websocket))
/// # }
/// ```
///
/// # Errors
///
/// The machine's, as [`Error::WebSocket`], and the transport's. After a transport error that passes, such as a time-out, the
/// machine may be driven on. A write that fails for good (with a kind other than `TimedOut` and `Interrupted`) is no error
/// while all that is missing is the peer's Close frame: it may have come already.
pub fn drive<M: Machine, T: Read + Write>(mut machine: M, transport: &mut T) -> Result<M::Ready, Error<T::Error>> {
    loop {
        match machine.poll()? {
            Step::Write(bytes) => match written(transport.write(bytes)) {
                Ok(len) => machine.written(len),
                Err(error) => go_on_without(&mut machine, error)?,
            },
            Step::Flush => match transport.flush().map_err(Error::Write) {
                Ok(()) => machine.flushed(),
                Err(error) => go_on_without(&mut machine, error)?,
            },
            Step::Read(space) => {
                let len = transport.read(space).map_err(Error::Read)?;
                machine.filled(len);
            }
            Step::Ready(ready) => return Ok(ready),
        }
    }
}

/// As [`drive`], but returns `None` where it would wait for the peer.
pub(crate) fn drive_ready<M, T>(mut machine: M, transport: &mut T) -> Result<Option<M::Ready>, Error<T::Error>>
where
    M: Machine,
    T: Read + ReadReady + Write,
{
    loop {
        match machine.poll()? {
            Step::Write(bytes) => match written(transport.write(bytes)) {
                Ok(len) => machine.written(len),
                Err(error) => go_on_without(&mut machine, error)?,
            },
            Step::Flush => match transport.flush().map_err(Error::Write) {
                Ok(()) => machine.flushed(),
                Err(error) => go_on_without(&mut machine, error)?,
            },
            Step::Read(space) => {
                if !transport.read_ready().map_err(Error::Read)? {
                    return Ok(None);
                }
                let len = transport.read(space).map_err(Error::Read)?;
                machine.filled(len);
            }
            Step::Ready(ready) => return Ok(Some(ready)),
        }
    }
}

/// Drives a machine that sends, over a transport that need not be readable.
pub(crate) fn transmit<M: Machine, T: Write>(mut machine: M, transport: &mut T) -> Result<M::Ready, Error<T::Error>> {
    loop {
        match machine.poll()? {
            Step::Write(bytes) => {
                let len = written(transport.write(bytes))?;
                machine.written(len);
            }
            Step::Flush => {
                transport.flush().map_err(Error::Write)?;
                machine.flushed();
            }
            // What only sends does not ask for it; the end of the stream is what there is to read.
            Step::Read(_) => machine.filled(0),
            Step::Ready(ready) => return Ok(ready),
        }
    }
}

/// Drives a machine that receives, over a transport that need not be writable.
pub(crate) fn receive<M: Machine, T: Read>(mut machine: M, transport: &mut T) -> Result<M::Ready, Error<T::Error>> {
    loop {
        match machine.poll()? {
            Step::Read(space) => {
                let len = transport.read(space).map_err(Error::Read)?;
                machine.filled(len);
            }
            // What only receives does not ask for it.
            Step::Write(_) | Step::Flush => return Err(Error::WriteZero),
            Step::Ready(ready) => return Ok(ready),
        }
    }
}

/// Fails with the error of a write, unless that is for good and the machine can go on without writing.
pub(crate) fn go_on_without<M: Machine, E: TransportError>(machine: &mut M, error: Error<E>) -> Result<(), Error<E>> {
    let passes = match &error {
        Error::Write(cause) => matches!(cause.kind(), ErrorKind::TimedOut | ErrorKind::Interrupted),
        _ => false,
    };
    if !passes && machine.write_failed() { Ok(()) } else { Err(error) }
}

/// The length of a write, which is not 0.
pub(crate) fn written<E>(result: Result<usize, E>) -> Result<usize, Error<E>> {
    match result {
        Ok(0) => Err(Error::WriteZero),
        Ok(len) => Ok(len),
        Err(error) => Err(Error::Write(error)),
    }
}
