//! Our client under test: the suite is the server, and our client connects once for each case.

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use tungstenite::{Error, Message};

use super::{
    case::Case,
    combination::Combination,
    outcome::{self, Outcome, Outcomes},
    progress::Progress,
    suite::{Mode, Running, Suite},
};
use crate::{command::Log, process::Process, workspace::shown};

/// How long a case may take. With buffers of 64 bytes the longest takes 10 s on a machine that is busy.
const CASE_LIMIT: Duration = Duration::from_secs(60);

/// How long the suite may take to start, and to write its reports.
const SUITE_LIMIT: Duration = Duration::from_secs(60);

/// After so many cases that hang, the others are not tried.
const ENOUGH_HANGS: usize = 3;

/// How many ports are tried: another program may take the one that was free.
const PORTS: usize = 3;

/// The status of a Rust program that has panicked.
const PANICKED: i32 = 101;

/// Lets our client, one of the `programs`, go through `cases` with the suite. What it says is in `folder` afterwards.
///
/// Returns what was found, and what else is wrong.
pub(super) fn run(
    log: &Log,
    suite: &Suite,
    programs: &Path,
    run: &Combination,
    cases: &[Case],
    folder: &Path,
) -> Result<(Outcomes, Vec<String>)> {
    let path = folder.join("client.log");
    let client_log = Log::to_file(&path)?;
    let suite_log = Log::to_file(&folder.join("suite.log"))?;
    let mut progress = Progress::new(log, run, cases.len());
    let (_suite, port) = start(&suite_log, suite, cases, folder)?;
    let (mut hung, mut wrong) = (Outcomes::new(), Vec::new());
    for (number, case) in (1..).zip(cases) {
        progress.begin(case);
        let url = format!("ws://{}:{port}/runCase?case={number}&agent={}", Ipv4Addr::LOCALHOST, run.name());
        let mut client = Process::start(&client_log, &mut run.client(programs, &url))?;
        match client.wait(&client_log, CASE_LIMIT) {
            // Where the suite breaks the rules, our client fails with every right.
            Ok(status) if status.code().is_none_or(|code| code == PANICKED) => {
                wrong.push(format!("the client ended with {status} in {case}: see {}", shown(&path)));
            }
            Ok(_) => {}
            Err(_) => {
                log.line(format_args!("{run}: {case} hangs"));
                hung.insert(case.clone(), Outcome::hung(CASE_LIMIT.as_secs()));
            }
        }
        if hung.len() == ENOUGH_HANGS {
            log.line(format_args!("{run}: the cases after {case} are not tried"));
            break;
        }
    }
    ask(port, &format!("/updateReports?agent={}", run.name())).context("the suite does not write its reports")?;
    let mut outcomes = outcome::read(folder, &run.name())?;
    outcomes.extend(hung);
    Ok((outcomes, wrong))
}

/// Starts the suite at a free port, which is returned too.
fn start(log: &Log, suite: &Suite, cases: &[Case], folder: &Path) -> Result<(Running, u16)> {
    for _ in 0..PORTS {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let spec = json!({
            "url": format!("ws://{}:{port}", Ipv4Addr::LOCALHOST),
            "cases": cases.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        let mut running = suite.start(log, Mode::FuzzingServer, spec, folder)?;
        let deadline = Instant::now() + SUITE_LIMIT;
        while running.process.wait(log, Duration::ZERO).is_err() {
            if let Ok(count) = ask(port, "/getCaseCount") {
                ensure!(count.trim() == cases.len().to_string(), "the suite has {count} cases, not {}", cases.len());
                return Ok((running, port));
            }
            ensure!(Instant::now() < deadline, "the suite did not listen within {} s", SUITE_LIMIT.as_secs());
            thread::sleep(Duration::from_millis(50));
        }
    }
    bail!("the suite ended {PORTS} times before it listened")
}

/// Asks the suite for what is at `path`; the text that it answers, if any.
///
/// Not with the client under test: what that breaks should be seen in the cases, and only there.
fn ask(port: u16, path: &str) -> Result<String> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(SUITE_LIMIT))?;
    let (mut socket, _) = tungstenite::client(format!("ws://{}:{port}{path}", Ipv4Addr::LOCALHOST), stream)?;
    let mut answer = String::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => answer.push_str(&text),
            Ok(_) => {}
            Err(Error::ConnectionClosed) => return Ok(answer),
            Err(error) => return Err(error.into()),
        }
    }
}
