//! The server that is attacked, as the attacks see it, and what several of them do with it.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use socket2::SockRef;

use crate::interop::socket::{CLOSE, FIN, Socket, Writes, frame};

/// How long the server is told to wait: for a request, for a client that takes nothing (`--timeout`).
pub(super) const TIMEOUT: Duration = Duration::from_millis(2000);

/// How long it is told to let clients be silent, before a Ping and after it (`--idle`).
pub(super) const IDLE: Duration = Duration::from_millis(1000);

/// How long it gives a closing handshake, and as long again the end of the TCP connection.
pub(super) const CLOSING: Duration = Duration::from_millis(2000);

/// How much later than it should something may happen on a machine that is busy.
pub(super) const LATE: Duration = Duration::from_millis(2000);

/// The server that is attacked.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// `127.0.0.1:PORT`
    pub(super) address: String,
    /// How many WebSockets it opens.
    pub(super) max_connections: usize,
}

impl Target {
    /// Connects.
    pub(super) fn connect(&self) -> Result<Socket> {
        Socket::connect(&self.address, Writes::Whole)
    }

    /// Connects and completes the opening handshake.
    pub(super) fn open(&self) -> Result<Socket> {
        Socket::open(&self.address, Writes::Whole)
    }
}

/// Sends `bytes` one by one, with a pause behind each.
pub(super) fn drip(socket: &mut Socket, bytes: &[u8], pause: Duration) -> Result<()> {
    for byte in bytes {
        socket.send(&[*byte])?;
        thread::sleep(pause);
    }
    Ok(())
}

/// Reads, and forgets what comes, until the server has ended the connection: how long that took. An error after `limit`.
pub(super) fn time_to_end(mut stream: &TcpStream, limit: Duration) -> Result<Duration> {
    let started = Instant::now();
    let mut dropped = [0; 4096];
    loop {
        let left = limit.saturating_sub(started.elapsed());
        ensure!(!left.is_zero(), "the server did not end the connection within {} s", limit.as_secs_f32());
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut dropped) {
            Ok(0) => return Ok(started.elapsed()),
            Err(error) if is_end(error.kind()) => return Ok(started.elapsed()),
            Err(error) if !is_timeout(error.kind()) => {
                return Err(error).context("in place of the end of the connection");
            }
            _ => {}
        }
    }
}

/// Writes `bytes` again and again and reads nothing, until the server ends the connection: how long it let the client do so, and
/// how many bytes went out. An error after `limit`.
pub(super) fn write_until_end(mut stream: &TcpStream, bytes: &[u8], limit: Duration) -> Result<(Duration, usize)> {
    let started = Instant::now();
    let (mut total, mut position) = (0, 0);
    stream.set_write_timeout(Some(Duration::from_millis(100)))?;
    while started.elapsed() < limit {
        match stream.write(&bytes[position..]) {
            Ok(written) => {
                total += written;
                position = (position + written) % bytes.len();
            }
            Err(error) if is_end(error.kind()) => return Ok((started.elapsed(), total)),
            Err(error) if is_timeout(error.kind()) => {}
            Err(error) => return Err(error).context("in place of the end of the connection"),
        }
    }
    bail!("the server did not end the connection within {} s, and took {total} bytes", limit.as_secs_f32())
}

/// Requires that something took so long, or somewhat longer.
pub(super) fn require_time(took: Duration, expected: Duration) -> Result<()> {
    let (took, least) = (took.as_secs_f32(), expected.as_secs_f32());
    // Clocks that tick in milliseconds begin to count earlier or later.
    ensure!(took >= least - 0.1, "after {took:.1} s, too early: {least} s were to pass");
    ensure!(took <= least + LATE.as_secs_f32(), "after {took:.1} s, too late: {least} s were enough");
    Ok(())
}

/// Performs the closing handshake and requires the end of the connection.
pub(super) fn close(socket: &mut Socket) -> Result<()> {
    socket.send(&frame(FIN | CLOSE, &1000u16.to_be_bytes()))?;
    require_close(socket, 1000)
}

/// Requires a Close frame with this code, and the end of the connection.
pub(super) fn require_close(socket: &mut Socket, code: u16) -> Result<()> {
    let payload = socket.close_frame()?;
    ensure!(payload.starts_with(&code.to_be_bytes()), "expected close code {code}, got {payload:02x?}");
    socket.ended()
}

/// Ends the connection at once, with a reset.
pub(super) fn reset(socket: Socket) -> Result<()> {
    SockRef::from(socket.stream()).set_linger(Some(Duration::ZERO))?;
    drop(socket);
    Ok(())
}

fn is_end(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted)
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
