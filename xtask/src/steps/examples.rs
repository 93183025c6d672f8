//! `examples`: the example programs are built, explain themselves, and talk to each other once.
//!
//! What they do with other programs, and with input that is wrong, is `interop`'s.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, ensure};

use crate::{
    command::{self, Log, capture, cargo},
    interop::ExampleServer,
    workspace,
};

pub(crate) fn run(log: &Log) -> Result<String> {
    let [server, client] = build(log)?;
    for (program, option) in [(&server, "--listen"), (&client, "--sub-protocol")] {
        let help = capture(log, Command::new(program).arg("--help"))?;
        ensure!(help.contains(option), "{} --help does not mention {option}", program.display());
    }

    let server = ExampleServer::start(log, &server, &[])?;
    let url = format!("ws://{}/chat", server.address);
    let said = capture(log, Command::new(client).args([&url, "text=hello"]))?;
    for line in ["received text, 5 bytes: hello (same as sent)", "closed by us with 1000, peer answered 1000"] {
        ensure!(said.lines().any(|said| said == line), "the client did not print `{line}`");
    }
    server.stop(log)?;
    Ok("server and client echo".to_string())
}

/// Builds the example programs; the paths of `server` and `client`.
pub(crate) fn build(log: &Log) -> Result<[PathBuf; 2]> {
    command::run(log, &mut cargo(&["build", "--package", "examples", "--bins"]))?;
    let folder = workspace::target()?.join("debug");
    Ok(["server", "client"].map(|name| folder.join(name)))
}
