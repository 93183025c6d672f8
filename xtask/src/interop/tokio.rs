//! Our programs on tokio, with the programs of others and with each other.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};

use super::{
    ExampleServer, LIMIT, cases,
    example_server::{SMALL_BUFFERS, signal},
    logs,
    our_client::server_log,
    peers::Peer,
    printed::Printed,
    socket::{FIN, PING, PONG, Socket, Writes, frame},
    table::{Outcome, Table},
    their_clients, try_each,
};
use crate::{command::Log, process::Process};

/// Cases that need paths of the server, which has none: it echoes everywhere.
const OTHER_PATHS: [&str; 2] = ["close-by-server", "refused"];

/// The server is asked to stop while a client waits.
const GOING_AWAY: &str = "going-away";

/// The server's client falls silent.
const KEEPALIVE: &str = "keepalive";

/// What our client does: the case, the path on the other's server, the client's arguments after the URL, what it prints after its
/// first line, and what the server says in the end.
type Conversation = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], &'static str);

const CLOSED: &str = "closed by us with 1000, peer answered 1000";

const CONVERSATIONS: [Conversation; 5] = [
    ("text-5", "/echo", &["hello", "--expect", "1"], &["hello", CLOSED], "closed 1000"),
    // The lines may leave before the echo of the first has come.
    (
        "fragments",
        "/fragments",
        &["--expect", "4", "one", "two", "three"],
        &["first second third", "one", "two", "three", CLOSED],
        "closed 1000",
    ),
    ("ping-by-server", "/ping", &["--expect", "1"], &["pong received", CLOSED], "closed 1000"),
    ("close-by-client", "/echo", &[], &[CLOSED], "closed 1000"),
    (
        "close-by-server",
        "/close?code=4001&reason=bye%20now",
        &["--expect", "1"],
        &["closed by peer with 4001: bye now"],
        "closed 4001",
    ),
];

/// Runs every conversation; our programs are in `folder`.
pub(super) fn run(peers: &[Peer], folder: &Path) -> Result<Table> {
    let (server, client) = (folder.join("tokio-server"), folder.join("tokio-client"));
    let mut table = Table::default();
    for peer in peers {
        table.add(peer.name, "client (tokio)", our_server(peer, &server)?);
        table.add(peer.name, "server (tokio)", our_client(peer, &client)?);
    }
    let logs = logs()?.join("tokio");
    let outcomes = try_each([GOING_AWAY, KEEPALIVE].into_iter(), &logs, |case, path| match case {
        GOING_AWAY => going_away(&server, &client, path),
        _ => keepalive(&server, path),
    });
    table.add("ours", "both (tokio)", outcomes);
    Ok(table)
}

fn our_server(peer: &Peer, program: &Path) -> Result<Vec<Outcome>> {
    let folder = logs()?.join(format!("tokio-{}-client", peer.name));
    let server_path = folder.join("server.log");
    let log = Log::to_file(&server_path)?;
    let server = ExampleServer::start(&log, program, &[])?;
    let url = format!("ws://{}", server.address);
    let cases = cases::THEIR_CLIENTS.into_iter().filter(|case| !OTHER_PATHS.contains(case));
    let mut outcomes = try_each(cases, &folder, |case, path| their_clients::converse(peer, &url, case, path));
    let result = server.stop(&log).map_err(|why| (format!("{why:#}"), server_path));
    outcomes.push(Outcome { case: cases::STOP, result });
    outcomes.extend(try_each([cases::SMALL_BUFFERS].into_iter(), &folder, |_, path| {
        let log = Log::to_file(&server_log(path))?;
        let server = ExampleServer::start(&log, program, &SMALL_BUFFERS)?;
        // Not longer, because it is echoed in fragments that fit into the receive buffer, of which some take a few thousand.
        their_clients::converse(peer, &format!("ws://{}", server.address), "text-65536", path)?;
        server.stop(&log)
    }));
    Ok(outcomes)
}

fn our_client(peer: &Peer, program: &Path) -> Result<Vec<Outcome>> {
    let folder = logs()?.join(format!("tokio-{}-server", peer.name));
    Ok(try_each(CONVERSATIONS.iter().map(|(case, ..)| *case), &folder, |name, path| {
        match CONVERSATIONS.iter().find(|(case, ..)| *case == name) {
            Some(conversation) => converse(peer, program, conversation, path),
            None => Ok(()),
        }
    }))
}

fn converse(peer: &Peer, program: &Path, conversation: &Conversation, path: &Path) -> Result<()> {
    let (_, target, arguments, lines, end) = conversation;
    let server = Process::start(&Log::to_file(&server_log(path))?, &mut peer.server())?;
    let first = server.line(LIMIT)?;
    let port = first.strip_prefix("listening on ").with_context(|| format!("the server's first line is `{first}`"))?;
    let url = format!("ws://127.0.0.1:{port}{target}");
    let lines = [&format!("connected to {url}")[..]].iter().chain(*lines).map(ToString::to_string).collect();
    Printed { lines, error: None }.by(Command::new(program).arg(&url).args(*arguments), path)?;
    let line = server.line(LIMIT).context("what the server received in the end")?;
    ensure!(line.starts_with(end), "the server said `{line}`, not `{end}`");
    Ok(())
}

fn going_away(server: &Path, client: &Path, path: &Path) -> Result<()> {
    let (log, server_log) = (Log::to_file(path)?, Log::to_file(&server_log(path))?);
    let server = ExampleServer::start(&server_log, server, &[])?;
    let url = format!("ws://{}/", server.address);
    let client = Process::start(&log, Command::new(client).args([&url, "hello", "--expect", "2"]))?;
    for expected in [&format!("connected to {url}"), "hello"] {
        let line = client.line(LIMIT)?;
        ensure!(line == expected, "the client said `{line}`, not `{expected}`");
    }
    signal(&server.process, "TERM")?;
    let lines = vec!["closed by peer with 1001: the server ends".to_string()];
    Printed { lines, error: None }.to_end(&log, client, path)?;
    server.ended(&server_log)
}

/// A client that answers a Ping is kept, and one that does not is given up.
fn keepalive(server: &Path, path: &Path) -> Result<()> {
    let log = Log::to_file(path)?;
    let server = ExampleServer::start(&log, server, &["--idle", "400"])?;
    let mut socket = Socket::open(&server.address, Writes::Whole)?;
    for _ in 0..2 {
        ensure!(socket.frame()? == (FIN | PING, Vec::new()), "expected a Ping");
        socket.send(&frame(FIN | PONG, b""))?;
    }
    socket.echo("still there")?;
    ensure!(socket.frame()? == (FIN | PING, Vec::new()), "expected a Ping");
    socket.ended()?;
    server.stop(&log)
}
