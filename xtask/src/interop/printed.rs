//! One of our programs as a client that prints little: what it must print, and how it must end.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

use super::LIMIT;
use crate::{command::Log, process::Process};

/// What a program must do.
pub(super) struct Printed<'a> {
    /// All lines of standard output.
    pub(super) lines: Vec<String>,
    /// What is in standard error, if the program is to fail.
    pub(super) error: Option<&'a str>,
}

impl Printed<'_> {
    /// Runs `command` to its end, with its output in the log at `path`.
    pub(super) fn by(&self, command: &mut Command, path: &Path) -> Result<()> {
        let log = Log::to_file(path)?;
        self.to_end(&log, Process::start(&log, command)?, path)
    }

    /// As [`by`](Self::by), with a process that runs already and of which nothing was read.
    pub(super) fn to_end(&self, log: &Log, mut process: Process, path: &Path) -> Result<()> {
        let status = process.wait(log, LIMIT)?;
        // The log has the command (`$ ...`) and standard error so far.
        let error = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let said: Vec<String> = process.rest().inspect(|line| log.line(line)).collect();
        match self.error {
            None => ensure!(status.success(), "the client ended with {status}"),
            Some(why) => {
                ensure!(status.code() == Some(1), "the client ended with {status}, not with 1");
                ensure!(error.lines().skip(1).any(|line| line.contains(why)), "the client's error is not `{why}`");
            }
        }
        ensure!(said == self.lines, "the client said {said:?}, not {:?}", self.lines);
        Ok(())
    }
}
