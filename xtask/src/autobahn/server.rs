//! Our server under test: the suite is the client, and goes through the cases by itself.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use super::{
    Programs,
    case::Case,
    combination::Combination,
    outcome::{self, Outcome, Outcomes},
    progress::Progress,
    suite::{Mode, Suite},
};
use crate::{command::Log, firmware::Emulator, interop::ExampleServer, process::Process, workspace::shown};

/// How long a case may take. With buffers of 64 bytes the longest takes 10 s on a machine that is busy; the suite itself would wait for
/// 1000 s.
const CASE_LIMIT: Duration = Duration::from_secs(60);

/// How long the suite may take to end once our server is gone.
const END_LIMIT: Duration = Duration::from_secs(60);

/// How often the suite goes on with a new server. Each time, a case has hung, or the server has ended.
const ATTEMPTS: usize = 4;

/// The path at which our servers echo.
const PATH: &str = "/chat";

/// Lets the suite try `cases` on our server, one of the `programs`. What it says is in `folder` afterwards.
///
/// Returns what was found, and what else is wrong.
pub(super) fn run(
    log: &Log,
    suite: &Suite,
    programs: &Programs,
    run: &Combination,
    cases: &[Case],
    folder: &Path,
) -> Result<(Outcomes, Vec<String>)> {
    let path = folder.join("server.log");
    let (server_log, suite_log) = (Log::to_file(&path)?, Log::to_file(&folder.join("suite.log"))?);
    let mut progress = Progress::new(log, run, cases.len());
    let (mut outcomes, mut wrong) = (Outcomes::new(), Vec::new());
    for attempt in 1..=ATTEMPTS {
        let left: Vec<&Case> = cases.iter().filter(|case| !outcomes.contains_key(*case)).collect();
        if left.is_empty() {
            break;
        }
        // The suite writes its reports when it ends, and over those that are there.
        let reports = if attempt == 1 { folder.to_path_buf() } else { folder.join(format!("from-{}", left[0])) };
        let server = Server::start(&server_log, programs, run)?;
        let spec = json!({
            "servers": [{"agent": run.name(), "url": format!("ws://{}{PATH}", server.address()?)}],
            "cases": left.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        let mut suite = suite.start(&suite_log, Mode::FuzzingClient, spec, &reports)?;
        let hung = watch(&suite_log, &suite.process, &mut progress, CASE_LIMIT)?;
        match &hung {
            Some(case) => {
                log.line(format_args!("{run}: {case} hangs"));
                // With the server gone, the suite gives up and writes its reports.
                drop(server);
            }
            None => {
                if let Err(why) = server.stop(&server_log) {
                    wrong.push(format!("{why:#}"));
                }
            }
        }
        suite.process.wait(&suite_log, END_LIMIT)?;
        let mut found = outcome::read(&reports, &run.name())?;
        if let Some(case) = hung {
            // The suite may have gone on while our server did nothing: that says nothing about those cases.
            found.retain(|other, _| *other < case);
            found.insert(case, Outcome::hung(CASE_LIMIT.as_secs()));
        }
        ensure!(!found.is_empty(), "the suite came to no case at all: see {}", shown(&path));
        outcomes.extend(found);
    }
    // A thread or task that panics drops its connection: just what some cases want to see.
    if fs::read_to_string(&path)?.contains("panicked at") {
        wrong.push(format!("the server panicked: see {}", shown(&path)));
    }
    Ok((outcomes, wrong))
}

/// Our server: a process here, or a device.
enum Server {
    Example(ExampleServer),
    Device(Emulator),
}

impl Server {
    fn start(log: &Log, programs: &Programs, run: &Combination) -> Result<Self> {
        Ok(match programs {
            Programs::Examples(folder) => {
                let program = folder.join(run.program());
                Self::Example(ExampleServer::start(log, &program, &run.buffers().each_ref().map(String::as_str))?)
            }
            Programs::Firmware(programs) => Self::Device(Emulator::dashboard(log, programs, None)?),
        })
    }

    fn address(&self) -> Result<&str> {
        match self {
            Self::Example(server) => Ok(&server.address),
            Self::Device(device) => device.address().context("the device has no address"),
        }
    }

    /// Asks it to end, which it must do with success.
    fn stop(self, log: &Log) -> Result<()> {
        match self {
            Self::Example(server) => server.stop(log),
            Self::Device(device) => device.stop(log).map(drop),
        }
    }
}

/// Waits until the suite has ended, and returns `None`; or until a case has taken longer than `limit`, and returns that.
fn watch(log: &Log, suite: &Process, progress: &mut Progress<'_>, limit: Duration) -> Result<Option<Case>> {
    let mut current = None;
    loop {
        match suite.next_line(limit) {
            Ok(Some(line)) => {
                log.line(&line);
                if let Some(case) = begun(&line) {
                    progress.begin(&case);
                    current = Some(case);
                }
            }
            Ok(None) => return Ok(None),
            Err(why) => match current {
                Some(case) => return Ok(Some(case)),
                None => bail!(why),
            },
        }
    }
}

/// The case that begins with this line of the suite's output.
fn begun(line: &str) -> Option<Case> {
    line.strip_prefix("Running test case ID ")?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::{
        autobahn::combination::{Adapter, Role},
        workspace,
    };

    /// What becomes of a suite that does what the shell is told.
    fn watch_script(name: &str, script: &str) -> Result<Option<Case>> {
        let path = workspace::own_folder()?.join(format!("test-autobahn-{name}.log"));
        let log = Log::to_file(&path)?;
        let suite = Process::start(&log, Command::new("sh").args(["-c", script]))?;
        let run = Combination { role: Role::Server, adapter: Adapter::Async, buffer: 1 };
        let hung = watch(&log, &suite, &mut Progress::new(&log, &run, 2), Duration::from_secs(1));
        fs::remove_file(path)?;
        hung
    }

    #[test]
    fn the_case_that_hangs_is_found() {
        let cases = "echo Running test case ID 2.9 for us; echo Running test case ID 2.10 for us;";
        assert_eq!(watch_script("ends", cases).unwrap(), None);
        let hung = watch_script("hangs", &format!("{cases} exec tail -f /dev/null")).unwrap();
        assert_eq!(hung, "2.10".parse().ok());
        let error = watch_script("silent", "exec tail -f /dev/null").unwrap_err();
        assert!(error.to_string().contains("wrote no line within 1 s"), "{error}");
    }

    #[test]
    fn lines_about_cases_are_recognised() {
        let line = "Running test case ID 6.22.1 for agent server-async-64 from peer tcp4:127.0.0.1:33613";
        assert_eq!(begun(line), "6.22.1".parse().ok());
        assert_eq!(begun("Ok, will run 301 test cases against 1 servers"), None);
        assert_eq!(begun("Running test case ID x"), None);
    }
}
