//! The example server with bare sockets: well-behaved ones, at their slowest, and ones that break each rule, while another
//! connection goes on.

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result, ensure};

use super::{
    ExampleServer, LIMIT,
    example_server::signal,
    logs,
    malformed::{self, Frames, Head},
    socket::{BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, Socket, TEXT, UPGRADE, Writes, first_line, frame},
    stopping,
};
use crate::command::Log;

/// After so many failures the rest is not tried: a server that hangs costs much time at each.
const ENOUGH_FAILURES: usize = 20;

/// Runs every conversation; `program` is the example server. Says to `log` how each went; an error tells how many failed.
pub(super) fn run(log: &Log, program: &Path) -> Result<()> {
    let path = logs()?.join("raw.log");
    let server_log = Log::to_file(&path)?;
    let mut report = Report { log, failed: 0, passed: 0 };

    let server = ExampleServer::start(&server_log, program, &[])?;
    let address = server.address.as_str();
    let mut bystander = Socket::open(address, Writes::Whole)?;
    for (writes, how) in [(Writes::Whole, "in one write"), (Writes::Bytes, "one byte per write")] {
        for (what, converse) in WELL_BEHAVED {
            report.add(what, how, converse(address, writes))?;
        }
        for head in malformed::heads() {
            report.add(head.what, how, refuse(address, writes, &head))?;
            bystander.echo(head.what).with_context(|| format!("the connection beside: {}, {how}", head.what))?;
        }
        for frames in malformed::frames() {
            report.add(frames.what, how, fail(address, writes, &frames))?;
            bystander.echo(frames.what).with_context(|| format!("the connection beside: {}, {how}", frames.what))?;
        }
    }
    report.add("SIGTERM", "with an open connection", going_away(&server_log, server, bystander))?;
    for (how, peer) in stopping::PEERS {
        report.add("SIGTERM", how, stopping::stop_beside(&server_log, program, peer))?;
    }

    let server = ExampleServer::start(&server_log, program, &["--allow-origin", "http://good.example"])?;
    report.add("Origin", "allowed and not", origin(&server.address))?;
    server.stop(&server_log)?;
    let server = ExampleServer::start(&server_log, program, &["--max-connections", "2"])?;
    report.add("connections", "one too many", too_many_connections(&server.address))?;
    server.stop(&server_log)?;

    log.line(format_args!("raw socket: {} conversations went well, {} did not", report.passed, report.failed));
    ensure!(report.failed == 0, "{} of {} conversations failed (above)", report.failed, report.failed + report.passed);
    Ok(())
}

struct Report<'a> {
    log: &'a Log,
    passed: usize,
    failed: usize,
}

impl Report<'_> {
    /// Counts and shows a result; an error when there were too many failures to go on.
    fn add(&mut self, what: &str, how: &str, result: Result<()>) -> Result<()> {
        match result {
            Ok(()) => self.passed += 1,
            Err(why) => {
                self.failed += 1;
                self.log.line(format_args!("FAIL raw socket, {what}, {how}: {why:#}"));
            }
        }
        ensure!(self.failed < ENOUGH_FAILURES, "gave up after {ENOUGH_FAILURES} failed conversations (above)");
        Ok(())
    }
}

/// A conversation and its name.
type Conversation = (&'static str, fn(&str, Writes) -> Result<()>);

const WELL_BEHAVED: [Conversation; 5] = [
    ("echo, ping, close", echo_ping_close),
    ("frame right after the head", coalesced),
    ("Connection: keep-alive, Upgrade", firefox),
    ("close without a code", close_without_code),
    ("end without a close frame", end_without_close),
];

fn echo_ping_close(address: &str, writes: Writes) -> Result<()> {
    let mut socket = Socket::open(address, writes)?;
    for text in ["Hello", "", "κόσμε €😀", &"a".repeat(125), &"b".repeat(126), &"c".repeat(70_000)] {
        socket.echo(text)?;
    }
    socket.send(&frame(FIN | BINARY, b"\x00\xff\x80"))?;
    ensure!(socket.message()? == (BINARY, b"\x00\xff\x80".to_vec()), "the echo of a binary message differs");

    for payload in [&b"abc"[..], b"", &[b'p'; 125]] {
        socket.send(&frame(FIN | PING, payload))?;
        ensure!(socket.frame()? == (FIN | PONG, payload.to_vec()), "the pong differs from the ping");
    }
    socket.send(&frame(FIN | PONG, b"nobody asked"))?;
    fragments(&mut socket)?;

    socket.send(&frame(FIN | CLOSE, b"\x0f\xa0done"))?;
    let answer = socket.close_frame()?;
    ensure!(answer.starts_with(b"\x0f\xa0"), "close 4000 was answered with {answer:02x?}");
    socket.ended()
}

/// A text in three fragments that cut a character, with a ping inside; the echo may be cut elsewhere.
fn fragments(socket: &mut Socket) -> Result<()> {
    socket.send(&frame(TEXT, b"gr\xc3"))?;
    socket.send(&frame(FIN | PING, b"between"))?;
    socket.send(&frame(CONTINUATION, b"\xbc\xc3"))?;
    socket.send(&frame(FIN | CONTINUATION, b"\x9fe"))?;
    let (mut text, mut ponged, mut last) = (Vec::new(), false, false);
    while !(last && ponged) {
        let (first, payload) = socket.frame()?;
        if first == FIN | PONG {
            ensure!(payload == b"between", "the pong differs from the ping: {payload:02x?}");
            ponged = true;
        } else {
            let opcode = if text.is_empty() { TEXT } else { CONTINUATION };
            ensure!(first & !FIN == opcode, "expected opcode {opcode}, got a frame that starts with {first:#04x}");
            text.extend(payload);
            last = first & FIN != 0;
        }
    }
    ensure!(text == "grüße".as_bytes(), "the echo of a fragmented text differs: {text:02x?}");
    Ok(())
}

fn coalesced(address: &str, writes: Writes) -> Result<()> {
    let mut socket = Socket::connect(address, writes)?;
    let text = frame(FIN | TEXT, b"at once");
    socket.send(&[UPGRADE.as_bytes(), &text, &frame(FIN | PING, b"abc")].concat())?;
    socket.opened()?;
    ensure!(socket.message()? == (TEXT, b"at once".to_vec()), "the echo differs");
    ensure!(socket.frame()? == (FIN | PONG, b"abc".to_vec()), "the pong differs from the ping");
    close(&mut socket)
}

fn firefox(address: &str, writes: Writes) -> Result<()> {
    let mut socket = Socket::connect(address, writes)?;
    socket.send(UPGRADE.replace("Connection: Upgrade", "Connection: keep-alive, Upgrade").as_bytes())?;
    socket.opened()?;
    socket.echo("hello")?;
    close(&mut socket)
}

fn close(socket: &mut Socket) -> Result<()> {
    socket.send(&frame(FIN | CLOSE, b"\x03\xe8"))?;
    ensure!(socket.close_frame()?.starts_with(b"\x03\xe8"), "close 1000 was answered with another code");
    socket.ended()
}

fn close_without_code(address: &str, writes: Writes) -> Result<()> {
    let mut socket = Socket::open(address, writes)?;
    socket.send(&frame(FIN | CLOSE, b""))?;
    let answer = socket.close_frame()?;
    ensure!(
        answer.is_empty() || answer.starts_with(b"\x03\xe8"),
        "a close without a code was answered with {answer:02x?}"
    );
    socket.ended()
}

fn end_without_close(address: &str, writes: Writes) -> Result<()> {
    let mut socket = Socket::open(address, writes)?;
    socket.send(&frame(TEXT, b"unfinished")[..9])?;
    socket.end_sending()?;
    while let Ok((first, _)) = socket.frame() {
        ensure!(first & 0x8 == 0, "the server answered the end of the connection with a control frame");
    }
    socket.ended()
}

/// The request must be refused with its status.
fn refuse(address: &str, writes: Writes, head: &Head) -> Result<()> {
    let response = respond(address, writes, &head.request)?;
    let status = response.split(' ').nth(1);
    ensure!(status == Some(&head.status.to_string()), "expected {}, got: {}", head.status, first_line(&response));
    if let Some(line) = head.line {
        let found = response.lines().any(|found| found.eq_ignore_ascii_case(line));
        ensure!(found, "expected the line `{line}` in: {}", response.trim_end());
    }
    Ok(())
}

fn respond(address: &str, writes: Writes, request: &str) -> Result<String> {
    let mut socket = Socket::connect(address, writes)?;
    socket.send(request.as_bytes())?;
    socket.head()
}

/// The frames must fail the connection with their close code.
fn fail(address: &str, writes: Writes, frames: &Frames) -> Result<()> {
    let mut socket = Socket::open(address, writes)?;
    socket.send(&frames.bytes)?;
    let payload = socket.close_frame()?;
    let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
    ensure!(code == Some(frames.code), "expected close code {}, got {code:?}", frames.code);
    socket.ended()
}

/// A server that is asked to stop says 1001 to its clients.
fn going_away(log: &Log, server: ExampleServer, mut bystander: Socket) -> Result<()> {
    signal(&server.process, "TERM")?;
    let payload = bystander.close_frame()?;
    ensure!(payload.starts_with(&1001u16.to_be_bytes()), "expected close code 1001, got {payload:02x?}");
    bystander.send(&frame(FIN | CLOSE, &1001u16.to_be_bytes()))?;
    bystander.ended()?;
    server.ended(log)
}

fn origin(address: &str) -> Result<()> {
    for (origin, status) in [("http://good.example", "101"), ("http://bad.example", "403")] {
        let request = UPGRADE.replace("\r\n\r\n", &format!("\r\nOrigin: {origin}\r\n\r\n"));
        let response = respond(address, Writes::Whole, &request)?;
        ensure!(
            response.split(' ').nth(1) == Some(status),
            "{origin}: expected {status}, got: {}",
            response.trim_end()
        );
    }
    Ok(())
}

fn too_many_connections(address: &str) -> Result<()> {
    let mut first = Socket::open(address, Writes::Whole)?;
    let mut second = Socket::open(address, Writes::Whole)?;
    let response = respond(address, Writes::Whole, UPGRADE)?;
    ensure!(response.split(' ').nth(1) == Some("503"), "expected 503, got: {}", first_line(&response));
    first.echo("hello")?;
    second.echo("hello")?;
    // A place is free again some time after its connection has ended.
    close(&mut first)?;
    let deadline = Instant::now() + LIMIT;
    loop {
        let mut third = Socket::connect(address, Writes::Whole)?;
        third.send(UPGRADE.as_bytes())?;
        match third.opened() {
            Ok(()) => return third.echo("hello"),
            Err(refusal) if Instant::now() >= deadline => return Err(refusal.context("a place was given back")),
            Err(_) => {}
        }
    }
}
