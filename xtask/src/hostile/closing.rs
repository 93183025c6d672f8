//! Clients that begin an end and leave it at that, or go on behind it.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::{
    attack::Done,
    target::{CLOSING, LATE, Target, require_close, reset, time_to_end},
};
use crate::interop::socket::{CLOSE, FIN, TEXT, UPGRADE, frame};

/// How many do so at once.
const CLIENTS: usize = 50;
const RESETS: usize = 1000;
const GARBAGE: usize = 8 << 20;

/// The client says Close and keeps the TCP connection.
pub(super) fn half_handshake(target: &Target) -> Result<Done> {
    let mut held = Vec::new();
    for _ in 0..CLIENTS {
        let mut socket = target.open()?;
        socket.send(&frame(FIN | CLOSE, &1000u16.to_be_bytes()))?;
        require_close(&mut socket, 1000)?;
        held.push(socket);
    }
    Ok(Done { what: "closed with 1000".to_string(), held })
}

/// The server says Close, and the client neither answers nor ends the TCP connection.
pub(super) fn unanswered(target: &Target) -> Result<Done> {
    let started = Instant::now();
    let mut held = Vec::new();
    for _ in 0..CLIENTS {
        let mut socket = target.connect()?;
        socket.send(UPGRADE.replace("/chat", "/close?code=4000").as_bytes())?;
        socket.opened()?;
        ensure!(socket.close_frame()? == 4000u16.to_be_bytes(), "expected close code 4000");
        held.push(socket);
    }
    for socket in &held {
        time_to_end(socket.stream(), CLOSING + LATE)?;
    }
    Ok(Done { what: format!("4000, ended after {:.1} s", started.elapsed().as_secs_f32()), held })
}

/// TCP is ended by the client in one direction: between messages and within one.
pub(super) fn half_tcp(target: &Target) -> Result<Done> {
    let mut held = Vec::new();
    for number in 0..CLIENTS {
        let mut socket = target.open()?;
        socket.send(&frame(FIN | TEXT, b"the last"))?;
        if number % 2 == 0 {
            socket.send(&frame(TEXT, b"unfinished")[..9])?;
        }
        socket.end_sending()?;
        let (opcode, echo) = socket.message()?;
        ensure!(opcode == TEXT && echo == b"the last", "the echo differs: {echo:02x?}");
        time_to_end(socket.stream(), CLOSING + LATE)?;
        held.push(socket);
    }
    Ok(Done { what: "echoed, ended".to_string(), held })
}

/// What is behind a Close frame is not looked at.
pub(super) fn garbage(target: &Target) -> Result<Done> {
    let mut socket = target.open()?;
    let close = frame(FIN | CLOSE, &1000u16.to_be_bytes());
    socket.send(&[close, vec![0xff; GARBAGE]].concat())?;
    require_close(&mut socket, 1000)?;
    Ok(Done { what: "closed with 1000".to_string(), held: vec![socket] })
}

/// Connections that are reset in the middle of a frame.
pub(super) fn resets(target: &Target) -> Result<Done> {
    for number in 0..RESETS {
        let mut socket = target.open()?;
        let text = frame(FIN | TEXT, &[b't'; 1000]);
        socket.send(&text[..1 + number % (text.len() - 1)])?;
        reset(socket)?;
    }
    Ok(format!("{RESETS} came and went").into())
}
