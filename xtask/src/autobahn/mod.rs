//! `autobahn`: the Autobahn test suite judges our server and client, with either adapter and through buffers of several lengths.
//!
//! `suite.rs` finds and starts the suite; `server.rs` and `client.rs` let it try our programs (`combination.rs`) while `progress.rs`
//! says how far that is; `outcome.rs` reads what it found. `expectations.rs` has what it must find, `judgement.rs` compares, and
//! `table.rs`, `summary.rs` and `part.rs` show it: on the terminal, as JSON, and in `docs/conformance.md`.

mod case;
mod client;
mod combination;
mod expectations;
mod judgement;
mod outcome;
mod part;
mod progress;
mod server;
mod suite;
mod summary;
mod table;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;

use crate::{
    command::Log,
    firmware,
    steps::examples,
    workspace::{self, shown},
};
use case::Case;
use combination::{Adapter, Combination, Role};
use expectations::{Expectations, Verdicts};
use judgement::judge;
use outcome::{Outcomes, Verdict};
use suite::Suite;

const EXPECTATIONS: &str = "xtask/peers/autobahn/expectations.txt";

/// A length where every message of some size comes in pieces, and one where most come as a whole.
const BUFFERS: [usize; 2] = [64, 65536];

/// The length of the receive buffer of the firmware.
const FIRMWARE_BUFFER: usize = 512;

#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Options {
    /// Test only our server, or only our client
    role: Option<Role>,
    /// Test only the programs with this adapter
    #[arg(long)]
    adapter: Option<Adapter>,
    /// Give the programs a receive and a transmit buffer of this length; may be given several times [default: 64 and 65536]
    #[arg(long = "buffer", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=0x4000_0000))]
    buffers: Vec<u32>,
    /// Try only these cases, as `7.1.6`, or `9.*` for a group; may be given several times
    #[arg(long, value_name = "PATTERN")]
    cases: Vec<String>,
    /// Test the dashboard of `firmware/`, on an emulated microcontroller, in place of the examples
    #[arg(long, conflicts_with_all = ["adapter", "buffers"])]
    target: Option<Target>,
    /// Write the results into docs/conformance.md, if they are as expected
    #[arg(long)]
    update: bool,
}

/// Where our program runs if not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    Firmware,
}

/// Where our programs are.
#[derive(Debug)]
enum Programs {
    /// The folder of the examples.
    Examples(PathBuf),
    Firmware(firmware::Programs),
}

/// What the suite found in a program of ours.
#[derive(Debug)]
struct Run {
    combination: Combination,
    outcomes: Outcomes,
    /// What is wrong beside the outcomes, a sentence each.
    wrong: Vec<String>,
    time: Duration,
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    ensure!(
        options.is_full() || !options.update,
        "--update writes the table of all programs and cases: run it without other options"
    );
    let expectations = Expectations::read(&workspace::root().join(EXPECTATIONS))?;
    let expected = expectations.select(&options.cases)?;
    let suite = Suite::find(log)?;
    ensure!(
        options.target.is_none() || options.role != Some(Role::Client),
        "the firmware is tested as a server: its client sends what it measures, and echoes nothing"
    );
    let programs = match options.target {
        None => Programs::Examples(examples::build(log)?[0].with_file_name("")),
        Some(Target::Firmware) => Programs::Firmware(firmware::Programs::build(log)?),
    };
    let folder = workspace::target()?.join(match options.target {
        None => "autobahn",
        Some(Target::Firmware) => "autobahn-firmware",
    });

    let cases: Vec<Case> = expected.keys().cloned().collect();
    let combinations = options.combinations();
    log.line(format_args!(
        "AutobahnTestSuite {}: {} cases with {} programs",
        suite.version,
        cases.len(),
        combinations.len()
    ));
    let try_one = |combination: Combination| {
        let folder = folder.join(combination.name());
        remove(&folder)?;
        let start = Instant::now();
        let (outcomes, wrong) = match (combination.role, &programs) {
            (Role::Client, Programs::Examples(programs)) => {
                client::run(log, &suite, programs, &combination, &cases, &folder)?
            }
            _ => server::run(log, &suite, &programs, &combination, &cases, &folder)?,
        };
        Ok(Run { combination, outcomes, wrong, time: start.elapsed() })
    };
    let mut failures = Vec::new();
    let mut runs = Vec::new();
    for (combination, result) in combinations.iter().zip(in_parallel(&combinations, try_one)) {
        match result {
            Ok(run) => runs.push(run),
            Err(why) => failures.push(format!("{combination}: {why:#}")),
        }
    }

    for run in &runs {
        failures.extend(show(log, &expectations, &expected, run, &folder.join(run.combination.name())));
    }
    let summary = folder.join("summary.json");
    summary::write(&summary, &suite.version, &expected, &runs)?;
    log.line(format_args!("\nall of it as JSON: {}", shown(&summary)));
    for failure in &failures {
        log.line(format_args!("FAIL {failure}"));
    }
    if let Some(first) = failures.first() {
        bail!("{} findings are worse than {EXPECTATIONS}: {first}", failures.len());
    }
    if options.is_full() {
        part::update_or_compare(options.update, &suite.version, &expectations, &expected, &runs)?;
    }
    Ok(note(&expected, &runs))
}

impl Options {
    /// All cases with the firmware.
    pub(crate) fn firmware() -> Self {
        Self { target: Some(Target::Firmware), ..Self::default() }
    }

    /// Does it mean everything there is to test?
    fn is_full(&self) -> bool {
        let Self { role, adapter, buffers, cases, target, .. } = self;
        role.is_none() && adapter.is_none() && buffers.is_empty() && cases.is_empty() && target.is_none()
    }

    /// The programs and their buffers. The small buffers, which take longest, come first.
    fn combinations(&self) -> Vec<Combination> {
        if let Some(Target::Firmware) = self.target {
            return vec![Combination { role: Role::Server, adapter: Adapter::Firmware, buffer: FIRMWARE_BUFFER }];
        }
        let roles = self.role.map_or(vec![Role::Server, Role::Client], |role| vec![role]);
        let adapters = self.adapter.map_or(vec![Adapter::Blocking, Adapter::Async], |adapter| vec![adapter]);
        let mut buffers: Vec<usize> = self.buffers.iter().map(|bytes| *bytes as usize).collect();
        if buffers.is_empty() {
            buffers = BUFFERS.to_vec();
        }
        buffers.sort_unstable();
        buffers.dedup();
        let mut combinations = Vec::new();
        for buffer in buffers {
            for role in &roles {
                combinations.extend(adapters.iter().map(|adapter| Combination {
                    role: *role,
                    adapter: *adapter,
                    buffer,
                }));
            }
        }
        combinations
    }
}

/// Calls `try_one` with each combination, several at once if there are several processors; the results in the same order.
fn in_parallel(
    combinations: &[Combination],
    try_one: impl Fn(Combination) -> Result<Run> + Sync,
) -> impl Iterator<Item = Result<Run>> {
    let next = Mutex::new(combinations.iter().enumerate());
    let results = Mutex::new(Vec::new());
    let worker = || {
        // The lock is held for no longer than it takes to say which is next.
        while let Some((index, combination)) = { next.lock().ok().and_then(|mut next| next.next()) } {
            let result = try_one(*combination);
            if let Ok(mut results) = results.lock() {
                results.push((index, result));
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(combinations.len());
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(worker))));
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result)
}

/// Shows what was found; returns what is worse than expected.
fn show(log: &Log, expectations: &Expectations, expected: &Verdicts, run: &Run, folder: &Path) -> Vec<String> {
    let combination = run.combination;
    let seconds = run.time.as_secs_f64();
    log.line(format_args!("\n{combination}: {seconds:.0} s, {}", shown(&folder.join("index.html"))));
    log.line(table::table(&table::count(expected, &run.outcomes), &expectations.groups));
    for (case, outcome) in run.outcomes.iter().filter(|(_, outcome)| !outcome.is_ok()) {
        let behavior = outcome.behavior.word();
        log.line(format_args!("  {case} {behavior}, close {}: {}", outcome.close, outcome.reason));
    }
    let judgement = judge(expected, &run.outcomes);
    for better in &judgement.better {
        log.line(format_args!("  better than expected, {EXPECTATIONS} can say so: {better}"));
    }
    let failures: Vec<String> =
        run.wrong.iter().chain(&judgement.worse).map(|why| format!("{combination}: {why}")).collect();
    log.line(if failures.is_empty() { "as expected" } else { "NOT as expected" });
    failures
}

fn note(expected: &Verdicts, runs: &[Run]) -> String {
    let all = runs.iter().flat_map(|run| run.outcomes.values());
    let ok = all.filter(|outcome| outcome.behavior == Verdict::Ok).count();
    let total = expected.len() * runs.len();
    format!("{total} cases as expected, {ok} of them OK, with {} programs", runs.len())
}

/// Removes what an earlier run has left, which would be taken for this one's.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}: remove it yourself", shown(folder)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Options =
        Options { role: None, adapter: None, buffers: Vec::new(), cases: Vec::new(), target: None, update: false };

    fn names(options: &Options) -> Vec<String> {
        options.combinations().iter().map(Combination::name).collect()
    }

    #[test]
    fn without_options_everything_is_tested() {
        let expected = [
            "server-blocking-64",
            "server-async-64",
            "client-blocking-64",
            "client-async-64",
            "server-blocking-65536",
            "server-async-65536",
            "client-blocking-65536",
            "client-async-65536",
        ];
        assert_eq!(names(&ALL), expected);
        let some = Options { role: Some(Role::Client), adapter: Some(Adapter::Async), buffers: vec![7, 1, 7], ..ALL };
        assert_eq!(names(&some), ["client-async-1", "client-async-7"]);
    }

    #[test]
    fn only_a_full_run_updates() {
        for partial in [
            Options { role: Some(Role::Server), ..ALL },
            Options { adapter: Some(Adapter::Async), ..ALL },
            Options { buffers: vec![64, 65536], ..ALL },
            Options { cases: vec!["*".into()], ..ALL },
        ] {
            let log = Log::terminal();
            let error = run(&log, &Options { update: true, ..partial }).unwrap_err();
            assert!(error.to_string().starts_with("--update"), "{error}");
        }
        assert!(Options { update: true, ..ALL }.is_full());
    }

    #[test]
    fn results_are_in_the_order_of_what_was_asked() {
        let combinations = ALL.combinations();
        let results = in_parallel(&combinations, |combination| {
            ensure!(combination.adapter == Adapter::Async, "blocking");
            Ok(Run { combination, outcomes: Outcomes::new(), wrong: Vec::new(), time: Duration::ZERO })
        });
        let adapters: Vec<_> =
            results.map(|result| result.map_or(Adapter::Blocking, |run| run.combination.adapter)).collect();
        assert_eq!(adapters, combinations.iter().map(|combination| combination.adapter).collect::<Vec<_>>());
    }
}
