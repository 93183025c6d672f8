//! The example server is asked to stop while a peer keeps it busy: it ends in time, whatever the peer does.

use std::{
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::{
    ExampleServer, LIMIT,
    example_server::signal,
    socket::{CLOSE, FIN, Socket, TEXT, Writes, frame},
};
use crate::command::Log;

/// Between two writes of a peer that keeps on: shorter than any time after which a server may take it for silent.
const PACE: Duration = Duration::from_millis(20);

/// What a peer at `address` does. It says to `busy` that the server has to do with it, and goes on until `server` is gone.
type Peer = fn(address: &str, busy: &Sender<()>, server: &Receiver<()>) -> Result<()>;

/// The peers and their names.
pub(super) const PEERS: [(&str, Peer); 2] =
    [("with a client that goes on talking", talk), ("with a request head that drips", drip)];

/// Starts a server, stops it while `peer` is busy with it, and requires that it ends in time.
pub(super) fn stop_beside(log: &Log, program: &Path, peer: Peer) -> Result<()> {
    let server = ExampleServer::start(log, program, &[])?;
    let address = server.address.clone();
    let (busy, is_busy) = channel();
    let (guard, gone) = channel();
    let peer = thread::spawn(move || peer(&address, &busy, &gone));
    let ended = match is_busy.recv_timeout(LIMIT) {
        Ok(()) => signal(&server.process, "TERM").and_then(|()| server.ended(log)),
        Err(_) => Err(anyhow!("the peer did not begin")),
    };
    drop(guard);
    let said = peer.join().map_err(|_| anyhow!("the peer panicked"))?;
    // Why the peer failed is often why the server did not end.
    said.and(ended)
}

/// Sends one text after the other, and takes no notice of the close frame other than requiring its code.
fn talk(address: &str, busy: &Sender<()>, server: &Receiver<()>) -> Result<()> {
    let mut socket = Socket::open(address, Writes::Whole)?;
    socket.echo("hello")?;
    busy.send(())?;
    let deadline = Instant::now() + LIMIT;
    let text = frame(FIN | TEXT, b"and on");
    let payload = loop {
        socket.send(&text)?;
        let (first, payload) = socket.frame().context("a close frame was expected")?;
        if first == FIN | CLOSE {
            break payload;
        }
        ensure!(Instant::now() < deadline, "the server went on echoing for {} s", LIMIT.as_secs());
    };
    ensure!(payload.starts_with(&1001u16.to_be_bytes()), "expected close code 1001, got {payload:02x?}");
    while is_there(server) {
        socket.send(&text)?;
    }
    Ok(())
}

/// Sends a request head that never ends, byte by byte.
fn drip(address: &str, busy: &Sender<()>, server: &Receiver<()>) -> Result<()> {
    let mut socket = Socket::connect(address, Writes::Whole)?;
    let head = b"GET /chat HTTP/1.1\r\nHost: server.example\r\nCookie: ".iter().chain(std::iter::repeat(&b'c'));
    for (number, byte) in head.enumerate() {
        socket.send(&[*byte])?;
        if number == 10 {
            busy.send(())?;
        }
        if !is_there(server) {
            break;
        }
    }
    Ok(())
}

/// Waits for the pace; is the server still to be kept busy?
fn is_there(server: &Receiver<()>) -> bool {
    server.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout)
}
