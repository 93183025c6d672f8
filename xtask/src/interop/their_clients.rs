//! Clients of others with our server: one server process for all cases of a peer, one client process for each.

use std::path::Path;

use anyhow::{Result, ensure};

use super::{ExampleServer, LIMIT, cases, logs, peers::Peer, table::Outcome, try_each};
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
    Ok(outcomes)
}

fn converse(peer: &Peer, url: &str, case: &str, path: &Path) -> Result<()> {
    let log = Log::to_file(path)?;
    let mut client = Process::start(&log, &mut peer.client(url, case))?;
    let status = client.wait(&log, LIMIT)?;
    let said: Vec<String> = client.rest().inspect(|line| log.line(line)).collect();
    ensure!(status.success(), "the client ended with {status}");
    ensure!(said == [format!("ok {case}")], "the client said {said:?}");
    Ok(())
}
