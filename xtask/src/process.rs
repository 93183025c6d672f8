//! A process that runs beside us: its output line by line, a deadline on every wait, killed and reaped when dropped.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::command::{Log, show};

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    /// Starts `command`; its standard error goes to `log`, its standard output to [`line`](Self::line).
    pub(crate) fn start(log: &Log, command: &mut Command) -> Result<Self> {
        log.line(format_args!("$ {} &", show(command)));
        Self::start_silently(log, command)
    }

    /// As [`start`](Self::start), for one of many that differ little: what is run is not shown.
    pub(crate) fn start_silently(log: &Log, command: &mut Command) -> Result<Self> {
        let name = show(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.stdio()?)
            .spawn()
            .with_context(|| format!("cannot start `{name}`"))?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || send_lines(output, &sender));
        }
        Ok(Self { name, child, lines })
    }

    /// The next line of standard output, without its end; an error if none comes within `limit`.
    pub(crate) fn line(&self, limit: Duration) -> Result<String> {
        self.next_line(limit)?.with_context(|| format!("`{}` ended without another line", self.name))
    }

    /// As [`line`](Self::line), but `None` after the last.
    pub(crate) fn next_line(&self, limit: Duration) -> Result<Option<String>> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => bail!("`{}` wrote no line within {} s", self.name, limit.as_secs()),
        }
    }

    /// The remaining lines, once the process has ended.
    pub(crate) fn rest(&self) -> impl Iterator<Item = String> {
        self.lines.iter()
    }

    /// The process' number, to send it a signal.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the process ended; an error if it does not end within `limit`, when the log gets the lines that nobody has taken.
    pub(crate) fn wait(&mut self, log: &Log, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                self.lines.try_iter().for_each(|line| log.line(line));
                bail!("`{}` did not end within {} s", self.name, limit.as_secs());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if the process has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn send_lines(output: ChildStdout, lines: &Sender<String>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if lines.send(line).is_err() {
            break;
        }
    }
}
