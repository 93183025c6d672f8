//! The emulated microcontroller as a process: booted, reached over a port of this machine, killed and reaped whatever happens.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::Programs;
use crate::{
    command::Log,
    interop::socket::{FIN, Socket, TEXT, UPGRADE, Writes, frame},
    process::Process,
};

/// How long the device may take to say that it is ready, on a slow machine.
const BOOT_LIMIT: Duration = Duration::from_secs(20);
const END_LIMIT: Duration = Duration::from_secs(20);

/// The port at which the dashboard listens, on the device.
const PORT: u16 = 1337;

/// Where the note is that the device reads when it starts (`firmware/board/src/note.rs`).
const NOTE: u32 = 0x2000_fff8;
/// The note by which the dashboard may be told to end.
const MAY_LEAVE: u16 = 1;

/// A running device.
#[derive(Debug)]
pub(crate) struct Emulator {
    process: Process,
    address: Option<String>,
}

/// What a device says when it ends.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Report {
    static_ram: usize,
    stack_used: usize,
    stack_len: usize,
}

impl Report {
    /// For people.
    pub(super) fn summary(&self) -> String {
        let Self { static_ram, stack_used, stack_len } = self;
        format!("{static_ram} bytes of static RAM, {stack_used} of {stack_len} bytes of stack used")
    }
}

impl Emulator {
    /// Boots the dashboard, which is reached at a free port of this machine, or at `port`; returns once it listens.
    pub(crate) fn dashboard(log: &Log, programs: &Programs, port: Option<u16>) -> Result<Self> {
        let port = match port {
            Some(port) => port,
            None => free_port()?,
        };
        let network = format!("user,model=stellaris,restrict=on,hostfwd=tcp:127.0.0.1:{port}-10.0.2.15:{PORT}");
        let process = boot(log, &programs.qemu, &programs.dashboard, &network, MAY_LEAVE)?;
        let first = process.line(BOOT_LIMIT).context("the device did not start")?;
        ensure!(first.starts_with("ready: "), "the device's first line is `{first}`, not `ready: ...`");
        Ok(Self { process, address: Some(format!("127.0.0.1:{port}")) })
    }

    /// Boots the client, which dials `port` of this machine.
    pub(crate) fn client(log: &Log, programs: &Programs, port: u16) -> Result<Self> {
        let process = boot(log, &programs.qemu, &programs.client, "user,model=stellaris", port)?;
        Ok(Self { process, address: None })
    }

    /// `127.0.0.1:PORT` of a dashboard.
    pub(crate) fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The next line that the device says; `None` when it has ended, an error if it says nothing within `limit`.
    pub(super) fn next_line(&self, limit: Duration) -> Result<Option<String>> {
        self.process.next_line(limit)
    }

    /// Tells a dashboard to end: what it reports.
    pub(crate) fn stop(self, log: &Log) -> Result<Report> {
        let address = self.address().context("a client is told to end by its server")?;
        watch(address)?.send(&frame(FIN | TEXT, b"exit"))?;
        self.report(log)
    }

    /// Waits for the end of a device that was told to end: what it reports. Anything but a success is an error.
    pub(super) fn report(mut self, log: &Log) -> Result<Report> {
        let status = self.process.wait(log, END_LIMIT).context("the device was told to end")?;
        let lines: Vec<String> = self.process.rest().inspect(|line| log.line(line)).collect();
        ensure!(status.success(), "the device ended with {status}: {}", lines.join(" "));
        let report = lines.last().context("the device reported nothing")?;
        serde_json::from_str(report).with_context(|| format!("the device reported `{report}`"))
    }
}

/// Opens the WebSocket of those who watch the device at `address`.
pub(super) fn watch(address: &str) -> Result<Socket> {
    let mut socket = Socket::connect(address, Writes::Whole)?;
    socket.send(UPGRADE.replace("/chat", "/telemetry").as_bytes())?;
    socket.opened()?;
    Ok(socket)
}

fn boot(log: &Log, qemu: &Path, program: &Path, network: &str, note: u16) -> Result<Process> {
    let mut command = Command::new(qemu);
    command.args(["-machine", "lm3s6965evb", "-display", "none", "-serial", "none", "-monitor", "none"]);
    command.args(["-nic", network]);
    command.args(["-chardev", "file,id=console,path=/dev/stdout"]);
    command.args(["-semihosting-config", "enable=on,target=native,chardev=console"]);
    command.arg("-device").arg(format!("loader,addr={NOTE:#x},data={note},data-len=4"));
    Process::start(log, command.arg("-kernel").arg(program))
}

/// A port that nobody listens at now. QEMU cannot be asked which one it took.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
