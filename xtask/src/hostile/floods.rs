//! Clients that send much of what costs them little.

use std::{io::Write as _, thread};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::{
    attack::Done,
    target::{CLOSING, IDLE, LATE, TIMEOUT, Target, close, write_until_end},
};
use crate::interop::socket::{BINARY, CONTINUATION, FIN, PING, PONG, Socket, TEXT, frame};

const PINGS: u32 = 100_000;
const EMPTY_FRAGMENTS: usize = 100_000;
const TINY_FRAGMENTS: usize = 10_000;

/// Pings with numbers; the Pongs are read as they come.
pub(super) fn pings(target: &Target) -> Result<Done> {
    let mut socket = target.open()?;
    let flood = (0..PINGS).flat_map(|number| frame(FIN | PING, &number.to_be_bytes())).collect();
    let pongs = while_writing(&mut socket, flood, |socket| {
        let (mut pongs, mut newest) = (0u32, None);
        while newest != Some(PINGS - 1) {
            let (first, payload) = socket.frame()?;
            let number = <[u8; 4]>::try_from(payload).map(u32::from_be_bytes).ok();
            ensure!(first == FIN | PONG && number > newest, "{first:#04x} {number:?} came after the Pong {newest:?}");
            pongs += 1;
            newest = number;
        }
        Ok(pongs)
    })?;
    socket.echo("still there")?;
    close(&mut socket)?;
    Ok(format!("{pongs} Pongs, closed with 1000").into())
}

/// Pings for as long as the server takes them.
pub(super) fn unread_pongs(target: &Target) -> Result<Done> {
    unread(target, &frame(FIN | PING, &[b'p'; 125]).repeat(500))
}

/// Messages for as long as the server takes them.
pub(super) fn unread_echoes(target: &Target) -> Result<Done> {
    unread(target, &frame(FIN | BINARY, &[b'b'; 10_000]))
}

/// Either server has its own measure of a client that takes nothing, but none waits longer than this.
fn unread(target: &Target, flood: &[u8]) -> Result<Done> {
    let socket = target.open()?;
    let (took, bytes) = write_until_end(socket.stream(), flood, TIMEOUT.max(2 * IDLE) + CLOSING + LATE)?;
    ensure!(took >= TIMEOUT.min(2 * IDLE) / 2, "dropped after {:.1} s, before its time", took.as_secs_f32());
    let what = format!("dropped after {:.1} s and {} KiB", took.as_secs_f32(), bytes / 1024);
    Ok(Done { what, held: vec![socket] })
}

/// A message of nothing, in very many frames.
pub(super) fn empty_fragments(target: &Target) -> Result<Done> {
    let middle = frame(CONTINUATION, b"").repeat(EMPTY_FRAGMENTS - 1);
    echo_of(target, [frame(TEXT, b""), middle, frame(FIN | CONTINUATION, b"")].concat(), b"")
}

/// A text of as many frames as bytes.
pub(super) fn tiny_fragments(target: &Target) -> Result<Done> {
    let text: Vec<u8> = "aé€😀".bytes().cycle().take(TINY_FRAGMENTS).collect();
    let frames = text.iter().enumerate().flat_map(|(index, byte)| {
        let opcode = if index == 0 { TEXT } else { CONTINUATION };
        let fin = if index == TINY_FRAGMENTS - 1 { FIN } else { 0 };
        frame(fin | opcode, &[*byte])
    });
    echo_of(target, frames.collect(), &text)
}

fn echo_of(target: &Target, frames: Vec<u8>, text: &[u8]) -> Result<Done> {
    let mut socket = target.open()?;
    let (opcode, echo) = while_writing(&mut socket, frames, Socket::message)?;
    ensure!(opcode == TEXT && echo == text, "the echo of {} bytes differs: {} bytes", text.len(), echo.len());
    close(&mut socket)?;
    Ok(format!("echoed {} bytes, closed with 1000", echo.len()).into())
}

/// Reads in this thread what comes while another one writes.
fn while_writing<T>(socket: &mut Socket, bytes: Vec<u8>, read: impl FnOnce(&mut Socket) -> Result<T>) -> Result<T> {
    let mut stream = socket.stream().try_clone()?;
    let writing = thread::spawn(move || stream.write_all(&bytes));
    let result = read(socket)?;
    writing.join().map_err(|_| anyhow!("the client panicked"))?.context("the server does not take what is sent")?;
    Ok(result)
}
