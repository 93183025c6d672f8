//! An example server under load: started with a log of its own, and in the end asked to stop, which it must do without having panicked.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::Usage;
use crate::{command::Log, interop::ExampleServer, workspace::shown};

/// Which of the example servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// `server`, on the blocking adapter
    Blocking,
    /// `tokio-server`, on the async adapter
    Async,
}

impl Kind {
    /// The one that is chosen, or all of them.
    pub(crate) fn chosen(choice: Option<Self>) -> Vec<Self> {
        choice.map_or_else(|| vec![Self::Blocking, Self::Async], |kind| vec![kind])
    }

    /// The program's name.
    pub(crate) const fn program(self) -> &'static str {
        match self {
            Self::Blocking => "server",
            Self::Async => "tokio-server",
        }
    }
}

/// A server that runs.
pub(crate) struct LoadedServer {
    server: ExampleServer,
    log: Log,
    log_path: PathBuf,
}

impl LoadedServer {
    /// Starts a server from the folder of the example programs; what it prints goes to a new file at `log_path`.
    pub(crate) fn start(kind: Kind, programs: &Path, options: &[&str], log_path: &Path) -> Result<Self> {
        let log = Log::to_file(log_path)?;
        let server = ExampleServer::start(&log, &programs.join(kind.program()), options)?;
        Ok(Self { server, log, log_path: log_path.to_path_buf() })
    }

    /// `127.0.0.1:PORT`
    pub(crate) fn address(&self) -> &str {
        &self.server.address
    }

    /// The process' number.
    pub(crate) fn id(&self) -> u32 {
        self.server.process.id()
    }

    /// What the process holds now.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(self.id())
    }

    /// Asks the server to stop, and requires that it ends with success and has never panicked.
    pub(crate) fn stop(self) -> Result<()> {
        let place = || format!("see {}", shown(&self.log_path));
        let stopped = self.server.stop(&self.log);
        let said = fs::read_to_string(&self.log_path).with_context(place)?;
        if let Some(line) = said.lines().find(|line| line.contains("panicked at")) {
            bail!("the server panicked: {line} ({})", place());
        }
        stopped.with_context(place)
    }
}
