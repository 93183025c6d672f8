//! The device that dials out, under test: a server of others tells it what to do and cuts it off, and it comes back.

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use tungstenite::{
    Message, WebSocket, accept_hdr,
    handshake::server::{Request, Response},
};

use super::{Emulator, Programs};
use crate::command::Log;

/// How long anything may take, the longest wait before the device comes back included.
const LIMIT: Duration = Duration::from_secs(20);

/// Returns what the device reports.
pub(super) fn test(log: &Log, programs: &Programs) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let emulator = Emulator::client(log, programs, listener.local_addr()?.port())?;

    // It tells what it measures, and obeys.
    let mut device = answer(&listener).context("the device does not dial")?;
    let first = hear(&mut device, r#""sensor":"#)?;
    ensure!(first.contains(r#""uptime":"#), "a sample is `{first}`");
    device.send(Message::text("led on"))?;
    hear(&mut device, r#""led":true"#)?;
    device.send(Message::text("fly"))?;
    hear(&mut device, r#""error":"#)?;
    // It answers Pings.
    device.send(Message::Ping("here?".into()))?;
    let pong = loop {
        if let Message::Pong(payload) = device.read()? {
            break payload;
        }
    };
    ensure!(pong.as_ref() == b"here?", "the Pong has another payload");
    // The connection breaks; and then it is closed in good order. Both times it comes back, and the lamp is still on.
    drop(device);
    let mut device = answer(&listener).context("the device does not come back when it was cut off")?;
    hear(&mut device, r#""led":true"#)?;
    device.close(None)?;
    while device.read().is_ok() {}
    let mut device = answer(&listener).context("the device does not come back when the server has closed")?;
    hear(&mut device, r#""led":true"#)?;
    device.send(Message::text("exit"))?;
    Ok(emulator.report(log)?.summary())
}

/// Accepts the device's connection, and its WebSocket.
fn answer(listener: &TcpListener) -> Result<WebSocket<TcpStream>> {
    let started = Instant::now();
    let stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                ensure!(started.elapsed() < LIMIT, "nothing came within {} s", LIMIT.as_secs());
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error.into()),
        }
    };
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let mut path = String::new();
    // The type of the error is the library's.
    #[expect(clippy::result_large_err, reason = "the callback's type is given")]
    let look = |request: &Request, response: Response| {
        path = request.uri().path().to_string();
        Ok(response)
    };
    let websocket = accept_hdr(stream, look).map_err(|error| anyhow::anyhow!("{error}"))?;
    ensure!(path == "/device", "the device asked for {path}");
    Ok(websocket)
}

/// The next text that contains `part`.
fn hear(device: &mut WebSocket<TcpStream>, part: &str) -> Result<String> {
    let started = Instant::now();
    while started.elapsed() < LIMIT {
        if let Message::Text(text) = device.read()?
            && text.contains(part)
        {
            return Ok(text.to_string());
        }
    }
    bail!("the device never said `{part}`")
}
