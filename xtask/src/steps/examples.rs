//! `examples`: the example programs are built, explain themselves and the options that the documents give them, and talk to each
//! other once.
//!
//! What they do with other programs, and with input that is wrong, is `interop`'s.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Result, ensure};

use crate::{
    command::{self, Log, capture, cargo},
    interop::ExampleServer,
    process::Process,
    tidy::documented_options,
    workspace,
};

/// How long the dialogue on embassy may take; the program has a limit of its own, which is shorter.
const EMBASSY_LIMIT: Duration = Duration::from_secs(30);

/// What it prints because its client sends Pings into the silence.
const KEPT_ALIVE: &str = "device: answered a ping between readings";

/// The programs, each with an option that it must have.
const OPTIONS: [(&str, &str); 8] = [
    ("server", "--listen"),
    ("client", "--sub-protocol"),
    ("dashboard", "--max-viewers"),
    ("reconnect", "--first-delay"),
    ("tokio-server", "--rx"),
    ("tokio-client", "--expect"),
    ("wss-server", "--ca-out"),
    ("wss-client", "--ca"),
];

pub(crate) fn run(log: &Log) -> Result<String> {
    let [server, client] = build(log)?;
    for (name, option) in OPTIONS {
        let help = capture(log, Command::new(server.with_file_name(name)).arg("--help"))?;
        ensure!(has_option(&help, option), "`{name} --help` does not mention {option}");
        for (place, option) in documented_options(name)? {
            ensure!(has_option(&help, &option), "{place}: `{name}` has no option `{option}` (see `{name} --help`)");
        }
    }

    let embassy = server.with_file_name("embassy");
    let server = ExampleServer::start(log, &server, &[])?;
    let url = format!("ws://{}/chat", server.address);
    let said = capture(log, Command::new(client).args([&url, "text=hello"]))?;
    for line in ["received text, 5 bytes: hello (same as sent)", "closed by us with 1000, peer answered 1000"] {
        ensure!(said.lines().any(|said| said == line), "the client did not print `{line}`");
    }
    server.stop(log)?;

    // It is both ends and requires every word of itself, except of what is sent without being told to.
    let mut embassy = Process::start(log, &mut Command::new(embassy))?;
    let status = embassy.wait(log, EMBASSY_LIMIT)?;
    let said: Vec<String> = embassy.rest().inspect(|line| log.line(line)).collect();
    ensure!(status.success(), "`embassy` ended with {status}");
    ensure!(said.iter().any(|line| line == KEPT_ALIVE), "`embassy` did not print `{KEPT_ALIVE}`");
    Ok("server and client echo, device and client on embassy talk".to_string())
}

/// Builds the example programs; the paths of `server` and `client`.
pub(crate) fn build(log: &Log) -> Result<[PathBuf; 2]> {
    command::run(log, &mut cargo(&["build", "--package", "examples", "--bins"]))?;
    let folder = workspace::target()?.join("debug");
    Ok(["server", "client"].map(|name| folder.join(name)))
}

/// Does the text of `--help` list the option? It does in lines such as `  -h, --help  Print help`.
fn has_option(help: &str, option: &str) -> bool {
    let lists = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let mut words =
        lists.flat_map(|line| line.split([' ', ',']).take_while(|word| word.starts_with('-') || word.is_empty()));
    words.any(|word| word.split(['=', '[']).next() == Some(option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_that_help_lists() {
        let help = "Serves. See --gone\n\nOptions:\n      --listen <ADDRESS>  Where, unlike --gone\n  -h, --help\n          Print --gone\n      \
                    --allow-origin[=<ORIGIN>]\n";
        for option in ["--listen", "--allow-origin", "-h", "--help"] {
            assert!(has_option(help, option), "{option}");
        }
        for option in ["--gone", "--list", "--allow", "-l"] {
            assert!(!has_option(help, option), "{option}");
        }
    }
}
