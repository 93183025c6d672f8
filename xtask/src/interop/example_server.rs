//! The example server as a process: started on a free port, stopped with a signal, killed and reaped whatever happens.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};

use super::LIMIT;
use crate::{command::Log, process::Process};

/// How long the server may take to end on a slow machine; by itself it gives its connections a few seconds.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// The options of a server whose buffers are as small as a microcontroller's, or smaller.
pub(super) const SMALL_BUFFERS: [&str; 4] = ["--rx", "64", "--tx", "256"];

/// The example server as a process on a free port.
pub(crate) struct ExampleServer {
    pub(crate) process: Process,
    /// `127.0.0.1:PORT`
    pub(crate) address: String,
}

impl ExampleServer {
    /// Starts the server; returns once it listens.
    pub(crate) fn start(log: &Log, program: &Path, options: &[&str]) -> Result<Self> {
        Self::start_at(log, program, "127.0.0.1:0", options)
    }

    /// Starts the server where another one has been; returns once it listens.
    pub(super) fn start_at(log: &Log, program: &Path, address: &str, options: &[&str]) -> Result<Self> {
        let process = Process::start(log, Command::new(program).args(["--listen", address]).args(options))?;
        let first = process.line(LIMIT).context("the example server did not start")?;
        let address = first
            .strip_prefix("listening on ")
            .and_then(|url| url.split_once("://"))
            .map(|(_, rest)| rest)
            .and_then(|rest| rest.strip_suffix('/'))
            .with_context(|| {
                format!("the example server's first line is `{first}`, not `listening on SCHEME://ADDRESS/`")
            })?
            .to_string();
        Ok(Self { process, address })
    }

    /// Stops the server with SIGTERM and requires that it ends with success.
    pub(crate) fn stop(self, log: &Log) -> Result<()> {
        signal(&self.process, "TERM")?;
        self.ended(log)
    }

    /// Requires that the server, which was asked to stop, ends with success.
    pub(super) fn ended(mut self, log: &Log) -> Result<()> {
        let status = self.process.wait(log, STOP_LIMIT).context("the example server was asked to stop (SIGTERM)")?;
        self.process.rest().for_each(|line| log.line(line));
        ensure!(status.success(), "the example server, asked to stop (SIGTERM), ended with {status}");
        Ok(())
    }
}

/// Sends the signal called `name`, as `kill` names it, to `process`.
pub(super) fn signal(process: &Process, name: &str) -> Result<()> {
    // Every shell has `kill` built in, but not every machine has it as a program.
    let kill = ["-c", "kill -s \"$0\" \"$1\"", name];
    let status = Command::new("sh").args(kill).arg(process.id().to_string()).status().context("cannot run `sh`")?;
    ensure!(status.success(), "cannot send SIG{name}: the process has ended");
    Ok(())
}
