//! Heads and frames that are larger than anything that a server should keep.

use std::{
    io::{Read as _, Write as _},
    thread,
};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::{
    attack::Done,
    target::{Target, require_close, reset},
};
use crate::interop::socket::{BINARY, FIN, UPGRADE, first_line};

const MIB: usize = 1 << 20;

/// How many heads there are at once: more in all than the server may grow by.
const HEADS: usize = 16;

/// How much of the large frame is sent, and in which pieces; a piece begins with the first byte of the masking key.
const STREAMED: usize = 8 * MIB;
const PIECE: usize = 64 * 1024;

/// Heads of 1 MiB, at the same time.
pub(super) fn heads(target: &Target) -> Result<Done> {
    let head = UPGRADE.replace("\r\n\r\n", &format!("\r\nCookie: {}\r\n\r\n", "c".repeat(MIB)));
    thread::scope(|scope| {
        let clients: Vec<_> = (0..HEADS).map(|_| scope.spawn(|| refused_head(target, head.as_bytes()))).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| anyhow!("a client panicked"))?)
    })?;
    Ok(format!("431 for each of the {HEADS}").into())
}

fn refused_head(target: &Target, head: &[u8]) -> Result<()> {
    let mut socket = target.connect()?;
    socket.send(head)?;
    let response = socket.head()?;
    ensure!(response.starts_with("HTTP/1.1 431 "), "expected 431, got: {}", first_line(&response));
    Ok(())
}

/// The beginning of a frame that announces so many bytes, and its masking key.
fn announced(len: u64) -> Vec<u8> {
    [&[FIN | BINARY, 0x80 | 127][..], &len.to_be_bytes(), &KEY].concat()
}

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// What has come of a frame of 2^63-1 bytes comes back, as a frame of as many.
pub(super) fn frame_streams(target: &Target) -> Result<Done> {
    let mut socket = target.open()?;
    let len = (1u64 << 63) - 1;
    socket.send(&announced(len))?;
    let mut stream = socket.stream();
    let payload: Vec<u8> = (0..=255u8).cycle().take(PIECE).collect();
    let masked: Vec<u8> = payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    let mut echoed = vec![0; PIECE];
    for number in 0..STREAMED / PIECE {
        stream.write_all(&masked).context("the server does not take the payload")?;
        if number == 0 {
            let header = &mut echoed[..10];
            stream.read_exact(header)?;
            let expected = [&[FIN | BINARY, 127][..], &len.to_be_bytes()].concat();
            ensure!(header == expected, "expected the frame header {expected:02x?}, got {header:02x?}");
        }
        stream.read_exact(&mut echoed).with_context(|| format!("the echo of piece {number}"))?;
        ensure!(echoed == payload, "the echo of piece {number} differs");
    }
    reset(socket)?;
    Ok(format!("echoed {} MiB while they came", STREAMED / MIB).into())
}

/// The same is more than the server's limit.
pub(super) fn frame_refused(target: &Target) -> Result<Done> {
    let mut socket = target.open()?;
    socket.send(&announced((1 << 63) - 1))?;
    require_close(&mut socket, 1009)?;
    Ok("closed with 1009".to_string().into())
}

/// A length whose top bit is set.
pub(super) fn frame_invalid(target: &Target) -> Result<Done> {
    for len in [1 << 63, u64::MAX] {
        let mut socket = target.open()?;
        socket.send(&announced(len))?;
        require_close(&mut socket, 1002)?;
    }
    Ok("closed with 1002".to_string().into())
}
