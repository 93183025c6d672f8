//! Clients of others with our server: one server process for all cases of a peer, one client process for each.

use std::{path::Path, process::Command};

use anyhow::{Result, ensure};

use super::{
    ExampleServer, LIMIT, cases, example_server::SMALL_BUFFERS, logs, our_client::server_log, peers::Peer,
    table::Outcome, try_each,
};
use crate::{command::Log, process::Process};

/// Runs every case; `program` is the example server.
pub(super) fn run(peer: &Peer, program: &Path) -> Result<Vec<Outcome>> {
    let folder = logs()?.join(format!("{}-client", peer.name));
    let server_path = folder.join("server.log");
    let server_log = Log::to_file(&server_path)?;
    let server = ExampleServer::start(&server_log, program, &[])?;
    let url = format!("ws://{}", server.address);
    let mut outcomes =
        try_each(cases::THEIR_CLIENTS.into_iter(), &folder, |case, path| converse(peer, &url, case, path));
    let result = server.stop(&server_log).map_err(|why| (format!("{why:#}"), server_path));
    outcomes.push(Outcome { case: cases::STOP, result });
    outcomes
        .extend(try_each([cases::SMALL_BUFFERS].into_iter(), &folder, |_, path| small_buffers(peer, program, path)));
    Ok(outcomes)
}

fn small_buffers(peer: &Peer, program: &Path, path: &Path) -> Result<()> {
    let server_log = Log::to_file(&server_log(path))?;
    let server = ExampleServer::start(&server_log, program, &SMALL_BUFFERS)?;
    converse(peer, &format!("ws://{}", server.address), "text-16777216", path)?;
    server.stop(&server_log)
}

pub(crate) fn converse(peer: &Peer, url: &str, case: &str, path: &Path) -> Result<()> {
    run_client(&mut peer.client(url, case), case, path)
}

/// Runs a client of others through `case`.
pub(crate) fn run_client(client: &mut Command, case: &str, path: &Path) -> Result<()> {
    let log = Log::to_file(path)?;
    let mut client = Process::start(&log, client)?;
    let status = client.wait(&log, LIMIT)?;
    let said: Vec<String> = client.rest().inspect(|line| log.line(line)).collect();
    ensure!(status.success(), "the client ended with {status}");
    ensure!(said == [format!("ok {case}")], "the client said {said:?}");
    Ok(())
}
