//! The dashboard under test: clients of others, a crowd, attacks, a browser; and at the end what it says of its memory.

use std::{
    fmt::Display,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use super::{Emulator, Programs, emulator::watch};
use crate::{
    command::{Log, run_within},
    hostile,
    interop::{
        peers::{self, Peer},
        socket::{BINARY, FIN, Socket, TEXT, UPGRADE, Writes, frame},
        their_clients,
    },
    tools::{chromium, npm_install},
    workspace::{self, shown},
};

/// The cases of `interop/cases.rs` that need nothing but an echo.
const CASES: [&str; 19] = [
    "text-0",
    "text-1",
    "text-125",
    "text-126",
    "text-127",
    "text-65535",
    "text-65536",
    "text-1048576",
    "text-16777216",
    "binary-0",
    "binary-1",
    "binary-126",
    "binary-65535",
    "binary-65536",
    "binary-1048576",
    "fragments",
    "fragments-with-ping",
    "ping",
    "close-by-client",
];

/// The attacks of `hostile/attack.rs` that fit a device with ten places and deadlines of its own.
const ATTACKS: [&str; 9] = [
    "bytes",
    "large-frame",
    "huge-frame",
    "pings",
    "empty-fragments",
    "tiny-fragments",
    "garbage-after-close",
    "resets",
    "shapes",
];

/// How many WebSockets echo at once, and how often each.
const CROWD: usize = 8;
const ROUNDS: usize = 50;

/// How many clients the device has places for, and how long it lets one of them say nothing.
const PLACES: usize = 10;
const OPENING_HANDSHAKE: Duration = Duration::from_secs(10);
/// How long it waits for the end of TCP behind the last word.
const CLOSING_HANDSHAKE: Duration = Duration::from_secs(5);
/// How long the page's script may take, the start of the browser included.
const BROWSER_LIMIT: Duration = Duration::from_secs(120);

/// Returns what the device reports.
pub(super) fn test(log: &Log, programs: &Programs) -> Result<String> {
    let (peers, missing) = peers::prepare(log)?;
    let emulator = Emulator::dashboard(log, programs, None)?;
    let address = emulator.address().context("the dashboard has no address")?.to_string();
    let mut checks = Checks { log, failed: 0 };
    let logs = workspace::own_folder()?.join("firmware-logs");
    for peer in &peers {
        for case in CASES {
            checks.try_one(peer.name, case, || converse(peer, &address, case, &logs).map(|()| "echoed".to_string()));
        }
    }
    checks.try_one("crowd", "8 at once", || crowd(&address));
    for name in ATTACKS {
        checks.try_one("attack", name, || hostile::attack(name, &address));
    }
    checks.try_one("attack", "head of 1 MiB", || large_head(&address));
    checks.try_one("attack", "full house", || full_house(&address));
    checks.try_one("attack", "silent sockets", || silent_sockets(&address));
    checks.try_one("telemetry", "commands", || commands(&address));
    checks.try_one("browser", "page", || browse(log, &address));
    let report = emulator.stop(log)?;
    if let Some(missing) = missing {
        return Err(missing);
    }
    ensure!(checks.failed == 0, "{} checks of the dashboard failed (above)", checks.failed);
    Ok(report.summary())
}

/// What was tried so far: a line for each.
struct Checks<'l> {
    log: &'l Log,
    failed: usize,
}

impl Checks<'_> {
    fn try_one(&mut self, who: &str, what: &str, check: impl FnOnce() -> Result<String>) {
        let started = Instant::now();
        let result = check();
        let seconds = started.elapsed().as_secs_f64();
        let line = |mark: &str, said: &dyn Display| {
            self.log.line(format_args!("{mark}  {who:12} {what:20} {seconds:6.1} s  {said}"));
        };
        match result {
            // Some say more than a line.
            Ok(said) => line("ok  ", &said.lines().next().unwrap_or_default()),
            Err(why) => {
                line("FAIL", &format!("{why:#}"));
                self.failed += 1;
            }
        }
    }
}

fn converse(peer: &Peer, address: &str, case: &str, logs: &Path) -> Result<()> {
    their_clients::converse(peer, &format!("ws://{address}"), case, &logs.join(format!("{}-{case}.log", peer.name)))
}

/// WebSockets that all echo at once, each with messages of its own.
fn crowd(address: &str) -> Result<String> {
    // One after the other: the emulator's network takes one that knocks at a time.
    let sockets: Vec<Socket> = (0..CROWD).map(|_| Socket::open(address, Writes::Whole)).collect::<Result<_>>()?;
    let echo = |number: usize, mut socket: Socket| -> Result<()> {
        for round in 0..ROUNDS {
            let len = (number * 1009 + round * 317) % 5000;
            let message: Vec<u8> = (0..len).map(|i| (i * 7 + number * 31 + round) as u8).collect();
            socket.send(&frame(FIN | BINARY, &message))?;
            let (first, payload) = socket.frame()?;
            ensure!(first == FIN | BINARY && payload == message, "an echo of {len} bytes differs");
        }
        Ok(())
    };
    let results: Vec<Result<()>> = thread::scope(|scope| {
        let echoing: Vec<_> =
            sockets.into_iter().enumerate().map(|(number, socket)| scope.spawn(move || echo(number, socket))).collect();
        echoing.into_iter().map(|thread| thread.join().unwrap_or_else(|_| bail!("a client panicked"))).collect()
    });
    results.into_iter().collect::<Result<()>>()?;
    Ok(format!("{CROWD} times {ROUNDS} messages echoed"))
}

/// A head that fits into no memory of a device.
fn large_head(address: &str) -> Result<String> {
    let mut socket = Socket::connect(address, Writes::Whole)?;
    socket.send(b"GET /chat HTTP/1.1\r\nHost: server.example\r\nCookie: ")?;
    socket.send(&vec![b'c'; 1 << 20])?;
    match socket.head() {
        Ok(head) => ensure!(head.starts_with("HTTP/1.1 431 "), "expected 431, got {head}"),
        // TCP may drop the answer when it finds more bytes that nobody reads.
        Err(_) => return Ok("the end".to_string()),
    }
    Ok("431".to_string())
}

/// All places are taken: a newcomer finds none, until somebody leaves.
fn full_house(address: &str) -> Result<String> {
    let mut open: Vec<Socket> = (0..PLACES).map(|_| newcomer(address)).collect::<Result<_>>()?;
    ensure!(Socket::open(address, Writes::Whole).is_err(), "there are more places than {PLACES}");
    for socket in &mut open {
        socket.echo("still here")?;
    }
    drop(open);
    newcomer(address)?;
    Ok(format!("{PLACES} are served, no other, and then others again"))
}

/// All places are taken by clients that say nothing: each is dropped at the deadline, and there is room again.
fn silent_sockets(address: &str) -> Result<String> {
    let silent: Vec<Socket> = (0..PLACES).map(|_| Socket::connect(address, Writes::Whole)).collect::<Result<_>>()?;
    let started = Instant::now();
    let limit = OPENING_HANDSHAKE + Duration::from_secs(10);
    for socket in &silent {
        let mut nothing = [0; 1];
        let mut stream = socket.stream();
        stream.set_read_timeout(Some(limit.saturating_sub(started.elapsed())))?;
        let ended = stream.read(&mut nothing).context("a client that says nothing is not dropped")?;
        ensure!(ended == 0, "a client that says nothing is answered");
    }
    let dropped = started.elapsed().as_secs_f32();
    newcomer(address)?;
    Ok(format!("{PLACES} of them dropped after {dropped:.1} s"))
}

/// Opens a WebSocket; a place that was just left may be closing for a while.
fn newcomer(address: &str) -> Result<Socket> {
    let started = Instant::now();
    loop {
        match Socket::open(address, Writes::Whole) {
            Err(why) if started.elapsed() > 2 * CLOSING_HANDSHAKE => {
                return Err(why).context("no place is free any more");
            }
            Err(_) => thread::sleep(Duration::from_millis(100)),
            opened => return opened,
        }
    }
}

/// Sends a command and waits for a message that contains all of `answer`.
fn command(socket: &mut Socket, command: &str, answer: &[&str]) -> Result<()> {
    socket.send(&frame(FIN | TEXT, command.as_bytes()))?;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(5) {
        let (_, payload) = socket.frame()?;
        let text = String::from_utf8(payload).context("telemetry is no text")?;
        if answer.iter().all(|part| text.contains(part)) {
            return Ok(());
        }
    }
    bail!("`{command}` was not answered with {answer:?}")
}

/// What is told is told to everybody, and what is no command is complained of to nobody else.
fn commands(address: &str) -> Result<String> {
    let (mut first, mut second) = (watch(address)?, watch(address)?);
    for (words, answer) in [
        ("led on", [r#""led":true"#, r#""viewers":2"#]),
        ("rate 20", [r#""rate":20"#, r#""viewers":2"#]),
        ("name pump 7", [r#""name":"pump 7""#, r#""led":true"#]),
        ("led off", [r#""led":false"#, r#""rate":20"#]),
    ] {
        command(&mut first, words, &answer)?;
        // Nothing that it says is obeyed: it is only told.
        command(&mut second, "", &answer)?;
    }
    for wrong in ["", "fly", "led", "rate 0", "rate 51", "name <b>", "name 123456789012345678901234567890123"] {
        command(&mut first, wrong, &["error"])?;
    }
    command(&mut first, "rate 10", &[r#""rate":10"#])?;
    let foreign = UPGRADE.replace("/chat", "/telemetry").replace("\r\n\r\n", "\r\nOrigin: http://evil.example\r\n\r\n");
    let mut socket = Socket::connect(address, Writes::Whole)?;
    socket.send(foreign.as_bytes())?;
    let head = socket.head()?;
    ensure!(head.starts_with("HTTP/1.1 403 "), "a page of somebody else's was answered {head}");
    Ok("obeyed, told to all, refused to others' pages".to_string())
}

fn browse(log: &Log, address: &str) -> Result<String> {
    let scripts = npm_install(log, &workspace::root().join("xtask/peers/browser"))?;
    let chromium = chromium(log)?;
    let screenshot: PathBuf = workspace::target()?.join("browser/firmware.png");
    if screenshot.exists() {
        fs::remove_file(&screenshot).with_context(|| format!("cannot remove {}", screenshot.display()))?;
    }
    if let Some(folder) = screenshot.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut drive = Command::new("node");
    drive.arg(scripts.join("firmware.mjs")).arg(address).args([&chromium, &screenshot]);
    run_within(log, BROWSER_LIMIT, &mut drive)?;
    let size = fs::metadata(&screenshot).map_or(0, |file| file.len());
    ensure!(size > 0, "the browser left no screenshot at {}", screenshot.display());
    Ok(shown(&screenshot).to_string())
}
