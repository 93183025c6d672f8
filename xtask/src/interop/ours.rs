//! Our own programs with each other and with bare sockets: what the programs of others cannot do, or do not do in every size
//! and kind.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use super::{
    ExampleServer, LIMIT, cases,
    example_server::{SMALL_BUFFERS, signal},
    logs,
    our_client::server_log,
    socket::{BINARY, CLOSE, FIN, PING, PONG, Socket, TEXT, UPGRADE, Writes, first_line, frame},
    table::Outcome,
    try_each,
};
use crate::{command::Log, process::Process};

/// How long the client that keeps its connection may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Quick readings, quick attempts, and a keepalive that is patient enough for a slow machine.
const RECONNECT: [&str; 10] =
    ["--every", "50", "--first-delay", "50", "--max-delay", "200", "--idle", "500", "--pong-timeout", "1500"];

/// Runs every case; `server` and `client` are the example programs, beside which the others are.
pub(super) fn run(server: &Path, client: &Path) -> Result<Vec<Outcome>> {
    let folder = logs()?.join("ours");
    let cases = [cases::SMALL_BUFFERS, cases::INSIDE_A_FRAME, cases::COMES_BACK, cases::DASHBOARD];
    Ok(try_each(cases.into_iter(), &folder, |case, path| match case {
        cases::SMALL_BUFFERS => small_buffers(server, client, path),
        cases::INSIDE_A_FRAME => inside_a_frame(server, path),
        cases::COMES_BACK => comes_back(server, &server.with_file_name("reconnect"), path),
        _ => dashboard(&server.with_file_name("dashboard"), path),
    }))
}

/// The client compares what comes back, and ends with success if all is the same.
fn small_buffers(server: &Path, client: &Path, path: &Path) -> Result<()> {
    let (log, server_log) = (Log::to_file(path)?, Log::to_file(&server_log(path))?);
    let server = ExampleServer::start(&server_log, server, &SMALL_BUFFERS)?;
    let url = format!("ws://{}/chat", server.address);
    let actions =
        ["text-size=16777216", "binary=16777216", "fragments=1000000/1000", "text=", "text-size=64", "text-size=65"];
    let mut client = Process::start(&log, Command::new(client).arg(url).args(actions))?;
    let status = client.wait(&log, LIMIT)?;
    let said: Vec<String> = client.rest().inspect(|line| log.line(line)).collect();
    ensure!(status.success(), "the client ended with {status}");
    let same = said.iter().filter(|line| line.ends_with("(same as sent)")).count();
    ensure!(same == actions.len(), "{same} of {} messages came back", actions.len());
    server.stop(&server_log)
}

/// There is no place for a Close frame inside a frame: the server ends the connection, or the frame.
fn inside_a_frame(server: &Path, path: &Path) -> Result<()> {
    let log = Log::to_file(path)?;
    let server = ExampleServer::start(&log, server, &SMALL_BUFFERS)?;
    let text = "x".repeat(1000);
    let begin = |payload: &[u8]| {
        let mut socket = Socket::open(&server.address, Writes::Whole)?;
        let whole = frame(FIN | TEXT, payload);
        let (begin, rest) = whole.split_at(500);
        socket.send(begin)?;
        socket.begins(&[FIN | TEXT, 126, 0x03, 0xe8])?;
        anyhow::Ok((socket, rest.to_vec()))
    };

    let (mut wrong, rest) = begin(&[&text.as_bytes()[..999], b"\xff"].concat())?;
    wrong.send(&rest)?;
    ensure!(wrong.frame().is_err(), "a text came back that is not UTF-8");
    drop(wrong);

    let (mut right, rest) = begin(text.as_bytes())?;
    signal(&server.process, "TERM")?;
    says(&log, &server.process, &["closing "])?;
    right.send(&rest)?;
    ensure!(right.frame()? == (FIN | TEXT, text.into_bytes()), "the echo differs");
    let payload = right.close_frame()?;
    ensure!(payload.starts_with(&1001_u16.to_be_bytes()), "expected close code 1001, got {payload:02x?}");
    right.send(&frame(FIN | CLOSE, &1001_u16.to_be_bytes()))?;
    right.ended()?;
    server.ended(&log)
}

/// The server falls silent, goes away and comes back; the client notices each time.
fn comes_back(server: &Path, reconnect: &Path, path: &Path) -> Result<()> {
    let (log, server_log) = (Log::to_file(path)?, Log::to_file(&server_log(path))?);
    let first = ExampleServer::start(&server_log, server, &[])?;
    let address = first.address.clone();
    let url = format!("ws://{address}/chat");
    let mut client = Process::start(&log, Command::new(reconnect).arg(&url).args(RECONNECT))?;
    let connected = [format!("connected to {url}"), "received text, ".to_string()];
    says(&log, &client, &connected)?;

    signal(&first.process, "STOP")?;
    says(&log, &client, &["connection lost: the peer did not answer a Ping in time"])?;
    signal(&first.process, "CONT")?;
    says(&log, &client, &connected)?;

    first.stop(&server_log)?;
    says(&log, &client, &["closed by peer with 1001: the server ends", "connecting again in ", "cannot connect: "])?;
    let second = ExampleServer::start_at(&server_log, server, &address, &[])?;
    says(&log, &client, &connected)?;

    signal(&client, "TERM")?;
    says(&log, &client, &["closed by us with 1001, peer answered 1001"])?;
    let status = client.wait(&log, STOP_LIMIT)?;
    ensure!(status.success(), "the client ended with {status}");
    second.stop(&server_log)
}

/// Requires that the process says lines that start in these ways, in this order, whatever it says in between.
fn says(log: &Log, process: &Process, starts: &[impl AsRef<str>]) -> Result<()> {
    let deadline = Instant::now() + LIMIT;
    for start in starts {
        let start = start.as_ref();
        loop {
            let time = deadline.saturating_duration_since(Instant::now());
            let line = process.line(time).with_context(|| format!("`{start}` was expected"))?;
            log.line(&line);
            if line.starts_with(start) {
                break;
            }
        }
    }
    Ok(())
}

/// Each viewer is told of the others and of samples, and has its own answers; what is wrong ends one connection and no other.
fn dashboard(program: &Path, path: &Path) -> Result<()> {
    let log = Log::to_file(path)?;
    let server = ExampleServer::start(&log, program, &[])?;
    let request = UPGRADE.replace("/chat", "/telemetry");
    let view = || {
        let mut socket = Socket::connect(&server.address, Writes::Whole)?;
        socket.send(request.as_bytes())?;
        socket.opened().map(|()| socket)
    };
    let mut first = view()?;
    hears(&mut first, TEXT, r#"{"state":{"led":false,"rate":20,"name":"sensor-1","viewers":1}}"#)?;
    hears(&mut first, TEXT, r#"{"t":"#)?;

    let mut other = Socket::connect(&server.address, Writes::Whole)?;
    other.send(request.replace("\r\n\r\n", "\r\nOrigin: http://elsewhere.example\r\n\r\n").as_bytes())?;
    let head = other.head()?;
    ensure!(head.starts_with("HTTP/1.1 403 "), "a page of another origin: {}", first_line(&head));

    for (bytes, code) in
        [(frame(FIN | TEXT, &[b' '; 600]), 1009_u16), (frame(FIN | TEXT, b"\xff"), 1007), (vec![0x81, 0], 1002)]
    {
        let mut wrong = view()?;
        hears(&mut first, TEXT, r#"{"state":{"led":false,"rate":20,"name":"sensor-1","viewers":2}}"#)?;
        wrong.send(&bytes)?;
        let payload = wrong.close_frame()?;
        ensure!(payload == code.to_be_bytes(), "expected close code {code}, got {payload:02x?}");
        wrong.ended()?;
        hears(&mut first, TEXT, r#"{"state":{"led":false,"rate":20,"name":"sensor-1","viewers":1}}"#)?;
    }

    let mut second = view()?;
    first.send(&frame(FIN | BINARY, b"{}"))?;
    hears(&mut first, TEXT, r#"{"error":"#)?;
    first.send(&frame(FIN | PING, b"abc"))?;
    hears(&mut first, PONG, "abc")?;
    first.send(&frame(FIN | TEXT, br#"{"command":"led","value":true}"#))?;
    for viewer in [&mut first, &mut second] {
        hears(viewer, TEXT, r#"{"state":{"led":true,"rate":20,"name":"sensor-1","viewers":2}}"#)?;
    }
    second.send(&frame(FIN | CLOSE, b"\x03\xe8"))?;
    ensure!(second.close_frame()? == b"\x03\xe8", "close 1000 was answered with another code");
    second.ended()?;
    hears(&mut first, TEXT, r#"{"state":{"led":true,"rate":20,"name":"sensor-1","viewers":1}}"#)?;

    signal(&server.process, "TERM")?;
    let payload = first.close_frame()?;
    ensure!(payload.starts_with(&1001_u16.to_be_bytes()), "expected close code 1001, got {payload:02x?}");
    first.send(&frame(FIN | CLOSE, &1001_u16.to_be_bytes()))?;
    first.ended()?;
    server.ended(&log)
}

/// Receives frames up to one of this kind whose payload starts in this way.
fn hears(socket: &mut Socket, opcode: u8, start: &str) -> Result<()> {
    let deadline = Instant::now() + LIMIT;
    loop {
        let (first, payload) = socket.frame().with_context(|| format!("`{start}` was expected"))?;
        if first == FIN | opcode && payload.starts_with(start.as_bytes()) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "`{start}` did not come within {} s", LIMIT.as_secs());
    }
}
