//! The programs of others: where they are, how their servers and clients are started, what installs them.

use std::{path::PathBuf, process::Command};

use anyhow::{Error, Result};

use crate::{
    command::{self, Log, cargo},
    tools::{Missing, npm_install, python_venv},
    workspace,
};

/// A WebSocket library of others, with a program that serves and a program that is a client (`xtask/peers/`).
pub(crate) struct Peer {
    /// The library's name.
    pub(crate) name: &'static str,
    program: PathBuf,
    server: Vec<String>,
    client: Vec<String>,
}

const WEBSOCKETS: &str = "websockets";

impl Peer {
    /// Does its client take `wss:` URLs, and does its server speak TLS? Given a path as one more argument, the server does, and writes
    /// the certificate of its authority there.
    pub(super) fn has_tls(&self) -> bool {
        self.name == WEBSOCKETS
    }

    /// The command that starts its server, which prints `listening on PORT` first.
    pub(super) fn server(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.server);
        command
    }

    /// The command that runs its client through `case` with the server at `url`, and prints `ok CASE`.
    pub(crate) fn client(&self, url: &str, case: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.client).args([url, case]);
        command
    }
}

/// Installs or builds every peer. Those whose tools are missing are left out; the first such error is returned as well.
pub(crate) fn prepare(log: &Log) -> Result<(Vec<Peer>, Option<Error>)> {
    let mut peers = Vec::new();
    let mut missing = None;
    for prepared in [tungstenite(log), websockets(log), ws(log)] {
        match prepared {
            Ok(peer) => peers.push(peer),
            Err(error) if error.is::<Missing>() => {
                log.line(format_args!("left out: {error:#}"));
                missing.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok((peers, missing))
}

/// Rust, package `tungstenite`.
fn tungstenite(log: &Log) -> Result<Peer> {
    const BINARY: &str = "tungstenite-peer";
    command::run(log, &mut cargo(&["build", "--package", "xtask", "--bin", BINARY]))?;
    let program = workspace::target()?.join("debug").join(BINARY);
    Ok(Peer { name: "tungstenite", program, server: vec!["server".to_string()], client: vec!["client".to_string()] })
}

/// Python, package `websockets`.
fn websockets(log: &Log) -> Result<Peer> {
    let folder = sources("python");
    let program = python_venv(log, &folder.join("requirements.txt"))?;
    let script = |name: &str| vec![folder.join(name).display().to_string()];
    Ok(Peer { name: WEBSOCKETS, program, server: script("server.py"), client: script("client.py") })
}

/// Node, npm package `ws`.
fn ws(log: &Log) -> Result<Peer> {
    let folder = npm_install(log, &sources("node"))?;
    let script = |name: &str| vec![folder.join(name).display().to_string()];
    Ok(Peer { name: "ws", program: "node".into(), server: script("server.mjs"), client: script("client.mjs") })
}

fn sources(language: &str) -> PathBuf {
    workspace::root().join("xtask/peers").join(language)
}
