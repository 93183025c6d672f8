//! Clients that take their time.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use super::{
    attack::Done,
    target::{CLOSING, IDLE, LATE, TIMEOUT, Target, close, drip, require_time, time_to_end},
};
use crate::interop::socket::{BINARY, CONTINUATION, FIN, PING, TEXT, UPGRADE, frame};

/// No attack, for as long as a short one takes.
pub(super) fn nothing(_: &Target) -> Result<Done> {
    thread::sleep(Duration::from_secs(1));
    Ok("-".to_string().into())
}

/// Every byte comes alone and late, and yet it is a client like any other.
pub(super) fn bytes(target: &Target) -> Result<Done> {
    let mut socket = target.connect()?;
    drip(&mut socket, UPGRADE.as_bytes(), Duration::from_millis(1))?;
    socket.opened()?;
    let frames = [frame(TEXT, b"gr\xc3"), frame(FIN | PING, b""), frame(FIN | CONTINUATION, b"\xbcn")].concat();
    drip(&mut socket, &frames, Duration::from_millis(30))?;
    let mut text = Vec::new();
    loop {
        let (first, payload) = socket.frame()?;
        match first & 0xf {
            TEXT | CONTINUATION => text.extend(payload),
            _ => continue,
        }
        if first & FIN != 0 {
            break;
        }
    }
    ensure!(text == "grün".as_bytes(), "the echo differs: {text:02x?}");
    close(&mut socket)?;
    Ok("echoed, closed with 1000".to_string().into())
}

/// A head that comes byte by byte for ever.
pub(super) fn head(target: &Target) -> Result<Done> {
    let started = Instant::now();
    let mut socket = target.connect()?;
    socket.send(b"GET /chat HTTP/1.1\r\nHost: server.example\r\nCookie: ")?;
    let writer = socket.stream().try_clone()?;
    let dripping = thread::spawn(move || {
        // The end of the connection is the other thread's business.
        while std::io::Write::write_all(&mut &writer, b"c").is_ok() && started.elapsed() < TIMEOUT + CLOSING + LATE {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let ended = time_to_end(socket.stream(), TIMEOUT + CLOSING + LATE);
    let took = started.elapsed();
    ensure!(dripping.join().is_ok(), "the client panicked");
    ended?;
    require_time(took, TIMEOUT)?;
    Ok(format!("ended after {:.1} s", took.as_secs_f32()).into())
}

/// A frame header of which the last byte never comes.
pub(super) fn header(target: &Target) -> Result<Done> {
    let mut socket = target.open()?;
    let started = Instant::now();
    socket.send(&[FIN | BINARY, 0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3])?;
    let first = socket.frame()?;
    ensure!(first == (FIN | PING, Vec::new()), "expected a Ping, got {first:02x?}");
    let pinged = started.elapsed();
    require_time(pinged, IDLE)?;
    time_to_end(socket.stream(), IDLE + CLOSING + LATE)?;
    let took = started.elapsed();
    require_time(took, 2 * IDLE)?;
    let what = format!("Ping after {:.1} s, ended after {:.1} s", pinged.as_secs_f32(), took.as_secs_f32());
    Ok(Done { what, held: vec![socket] })
}
