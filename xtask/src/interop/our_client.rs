//! Our client with servers of others: for each case a server process and a client process, and every word they say.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};

use super::{
    LIMIT,
    cases::{self, Dialogue},
    example_server::signal,
    logs,
    peers::Peer,
    table::Outcome,
    try_each,
};
use crate::{command::Log, process::Process};

/// Runs every case; `program` is the example client.
pub(super) fn run(peer: &Peer, program: &Path) -> Result<Vec<Outcome>> {
    let folder = logs()?.join(format!("{}-server", peer.name));
    let cases = cases::names().filter(|name| cases::our_client(name).is_some());
    Ok(try_each(cases, &folder, |case, path| match cases::our_client(case) {
        Some(dialogue) => converse(peer, program, case, &dialogue, path),
        None => Ok(()),
    }))
}

fn converse(peer: &Peer, program: &Path, case: &str, dialogue: &Dialogue, path: &Path) -> Result<()> {
    let server_log = Log::to_file(&server_log(path))?;
    let server = Process::start(&server_log, &mut peer.server())?;
    let first = server.line(LIMIT)?;
    let port = first.strip_prefix("listening on ").with_context(|| format!("the server's first line is `{first}`"))?;

    let log = Log::to_file(path)?;
    let url = format!("ws://127.0.0.1:{port}{}", dialogue.target);
    let limit = LIMIT.as_secs().to_string();
    let mut client =
        Process::start(&log, Command::new(program).arg(&url).args(&dialogue.arguments).args(["--timeout", &limit]))?;
    if let Some(rest) = dialogue.connected {
        let line = client.line(LIMIT)?;
        require_line(&format!("connected to {url} {rest}"), &line)?;
    }
    if case == "interrupted" {
        signal(&client, "INT")?;
    }
    let status = client.wait(&log, LIMIT)?;
    // The log has the command (`$ ...`) and standard error so far.
    let error = fs::read_to_string(path)?.lines().skip(1).collect::<Vec<_>>().join("\n");
    let said: Vec<String> = client.rest().inspect(|line| log.line(line)).collect();
    for (number, line) in said.iter().enumerate() {
        let expected = dialogue.lines.get(number).with_context(|| format!("the client also said `{line}`"))?;
        require_line(expected, line)?;
    }
    if let Some(missing) = dialogue.lines.get(said.len()) {
        bail!("the client did not say `{missing}`");
    }
    let (expected, code) = dialogue.error.unwrap_or(("", 0));
    require_line(expected, &error)?;
    ensure!(status.code() == Some(code), "the client ended with {status}, not with {code}");
    if let Some(start) = dialogue.server {
        let line = server.line(LIMIT).context("what the server received in the end")?;
        ensure!(line.starts_with(start), "the server said `{line}`, not `{start}`");
    }
    Ok(())
}

/// Where the standard error of the server goes in the conversation whose log is `path`.
pub(super) fn server_log(path: &Path) -> PathBuf {
    path.with_extension("server.log")
}

/// Requires that `said` is `expected`, in which `{number}` stands for a decimal number, `{rest}` for anything that follows.
fn require_line(expected: &str, said: &str) -> Result<()> {
    let same = match (expected.split_once("{number}"), expected.strip_suffix("{rest}")) {
        (Some((before, after)), _) => said
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|number| number.parse::<f64>().is_ok()),
        (None, Some(before)) => said.starts_with(before),
        (None, None) => expected == said,
    };
    ensure!(same, "the client said `{said}`, not `{expected}`");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_compared_exactly_but_for_the_placeholders() {
        assert!(require_line("a ({number} ms)", "a (0.25 ms)").is_ok());
        for wrong in ["a ( ms)", "a (x ms)", "a (0.25 ms) ", "b (0.25 ms)"] {
            assert!(require_line("a ({number} ms)", wrong).is_err(), "{wrong}");
        }
        assert!(require_line("hello{rest}", "hello world").is_ok());
        assert!(require_line("hello{rest}", "hell").is_err());
        assert!(require_line("hello", "hello").is_ok());
        assert!(require_line("hello", "hello ").is_err());
    }
}
