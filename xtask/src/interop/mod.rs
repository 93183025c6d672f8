//! `interop`: the example server and client talk to programs that others wrote, as processes over loopback.
//!
//! `peers.rs` prepares the others, `cases.rs` lists what is tried with them; `their_clients.rs` and `our_client.rs` try it in
//! either direction, `ours.rs` what only our own programs do with each other, and `table.rs` shows the results. `raw.rs` lets a
//! bare socket talk to the server, well-behaved and not, and `stopping.rs` keeps it from ending, or tries to. `tokio.rs` and
//! `wss.rs` do the like with the async programs and over TLS, where `printed.rs` looks at what our clients say.

mod cases;
mod example_server;
mod malformed;
mod our_client;
mod ours;
pub(crate) mod peers;
mod printed;
mod raw;
pub(crate) mod socket;
mod stopping;
mod table;
pub(crate) mod their_clients;
mod tokio;
mod wss;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::{command::Log, steps::examples, workspace};
pub(crate) use example_server::ExampleServer;
use peers::Peer;
use table::{Outcome, Table};

/// How long anything here may take on a slow machine, the 16 MiB messages of unoptimized programs included.
const LIMIT: Duration = Duration::from_secs(30);

/// After so many failures the other cases of a peer are not tried: a program that hangs costs [`LIMIT`] each time.
const ENOUGH_FAILURES: usize = 3;

/// The folder of each case's log, in xtask's own folder.
const LOGS: &str = "interop";

pub(crate) fn run(log: &Log) -> Result<String> {
    let [server, client] = examples::build(log)?;
    remove_logs()?;
    let (peers, missing) = peers::prepare(log)?;

    let mut table = Table::default();
    let mut failures = Vec::new();
    if let Err(why) = raw::run(log, &server) {
        failures.push(format!("raw socket: {why:#}"));
    }
    for peer in &peers {
        table.add(peer.name, "client", their_clients::run(peer, &server)?);
        table.add(peer.name, "server", our_client::run(peer, &client)?);
    }
    table.add("ours", "both", ours::run(&server, &client)?);
    let programs = server.with_file_name("");
    let tables = [table, tokio::run(&peers, &programs)?, wss::run(&peers, &programs)?];
    for table in &tables {
        log.line(table);
        failures.extend(table.failures());
    }
    for failure in &failures {
        log.line(format_args!("FAIL {failure}"));
    }
    match (failures.len(), missing) {
        (0, None) => {
            let passed: usize = tables.iter().map(Table::passed).sum();
            Ok(format!("{passed} conversations with {}", names(&peers)))
        }
        (0, Some(missing)) => Err(missing),
        (number, _) => bail!("{number} failed; the logs of the conversations are in {}", shown(&logs()?)),
    }
}

fn names(peers: &[Peer]) -> String {
    peers.iter().map(|peer| peer.name).collect::<Vec<_>>().join(", ")
}

/// Tries `cases`; `converse` is told the case and the path of its log, which is in `folder`.
fn try_each(
    cases: impl Iterator<Item = &'static str>,
    folder: &Path,
    converse: impl Fn(&'static str, &Path) -> Result<()>,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut failures = 0;
    for case in cases {
        let path = folder.join(format!("{case}.log"));
        let result = converse(case, &path).map_err(|why| {
            failures += 1;
            let end = if failures < ENOUGH_FAILURES { "" } else { "; the cases after it were not tried" };
            (format!("{why:#}{end}"), path)
        });
        outcomes.push(Outcome { case, result });
        if failures == ENOUGH_FAILURES {
            break;
        }
    }
    outcomes
}

/// The folder of the logs of single conversations.
fn logs() -> Result<PathBuf> {
    Ok(workspace::own_folder()?.join(LOGS))
}

/// Removes the logs of an earlier run, which would be taken for this one's.
fn remove_logs() -> Result<()> {
    let folder = logs()?;
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// A path as a person in the workspace's root would type it.
fn shown(path: &Path) -> String {
    path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string()
}
