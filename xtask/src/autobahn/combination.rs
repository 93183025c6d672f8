//! What is under test: one of our example programs, with buffers of one length.

use std::{
    fmt::{self, Display},
    path::Path,
    process::Command,
};

use clap::ValueEnum;

/// Which end of the connection is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Server,
    Client,
}

/// Which adapter our program uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Adapter {
    Blocking,
    Async,
    /// None: the firmware drives the machines of `ws-core` itself, on an emulated microcontroller.
    #[value(skip)]
    Firmware,
}

/// A program of ours and its buffers. It is shown as `server, blocking, 64 bytes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Combination {
    pub(super) role: Role,
    pub(super) adapter: Adapter,
    /// The length of the receive buffer and of the transmit buffer, in bytes.
    pub(super) buffer: usize,
}

impl Combination {
    /// A short name, which is also that of the folder of its reports: `server-blocking-64`.
    pub(super) fn name(&self) -> String {
        format!("{}-{}-{}", self.role.word(), self.adapter.word(), self.buffer)
    }

    /// The name of the example program; of the program of `firmware/` if it is that.
    pub(super) const fn program(&self) -> &'static str {
        match (self.role, self.adapter) {
            (Role::Server, Adapter::Blocking) => "server",
            (Role::Server, Adapter::Async) => "tokio-server",
            (Role::Client, Adapter::Blocking) => "client",
            (Role::Client, Adapter::Async) => "tokio-client",
            (_, Adapter::Firmware) => "dashboard",
        }
    }

    /// The program's options that give it its buffers.
    pub(super) fn buffers(&self) -> [String; 4] {
        ["--rx".to_string(), self.buffer.to_string(), "--tx".to_string(), self.buffer.to_string()]
    }

    /// The command with which our client, one of the `programs`, echoes what the server at `url` sends, until that closes.
    pub(super) fn client(&self, programs: &Path, url: &str) -> Command {
        let echo = match self.adapter {
            Adapter::Blocking => "echo",
            Adapter::Async | Adapter::Firmware => "--echo",
        };
        let mut command = Command::new(programs.join(self.program()));
        command.arg(url).args(self.buffers()).arg(echo);
        command
    }
}

impl Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {} bytes", self.role.word(), self.adapter.word(), self.buffer)
    }
}

impl Role {
    /// `server` or `client`
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

impl Adapter {
    /// `blocking` or `async`
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Async => "async",
            Self::Firmware => "firmware",
        }
    }
}
