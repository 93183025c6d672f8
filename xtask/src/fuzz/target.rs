//! One fuzz target: where its seeds, its corpus and its findings are, and how it is run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

use super::output::{Finding, Summary};
use crate::{
    command::Log,
    process::Process,
    tools::Fuzzing,
    workspace::{self, shown},
};

/// The targets that find HTTP heads sooner with pieces of real ones.
const OF_HEADS: [&str; 4] = ["request_head", "response_head", "accepting", "connecting"];
const DICTIONARY: &str = "fuzz/head.dict";

/// Longer inputs take more time and show nothing new.
const MAX_LEN: &str = "1024";
/// An input that takes longer, in seconds, hangs.
const TIMEOUT: &str = "10";
/// More memory, in megabytes, would be a leak.
const MAX_MEMORY: &str = "1024";

/// What a target may take beyond its time: to start, to run the corpus, to write down what it found.
const GRACE: Duration = Duration::from_secs(60);

/// A fuzz target, built.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: String,
    program: PathBuf,
    seeds: PathBuf,
    seed_count: usize,
    corpus: PathBuf,
    findings: PathBuf,
    log: PathBuf,
}

/// What came of a target.
#[derive(Debug)]
pub(super) struct Outcome {
    name: String,
    seed_count: usize,
    summary: Summary,
    /// Why it failed, if it did, and with which input.
    failure: Option<Finding>,
    log: PathBuf,
}

impl Target {
    /// The target called `name`, whose program is in `folder`.
    pub(super) fn new(name: String, folder: &Path) -> Result<Self> {
        let seeds = workspace::root().join("fuzz/seeds").join(&name);
        let seed_count = fs::read_dir(&seeds).map_or(0, Iterator::count);
        ensure!(seed_count > 0, "there are no seeds in {}: fuzz/README.md says how to make some", shown(&seeds));
        let own = workspace::own_folder()?;
        let (corpus, findings) = (own.join("fuzz-corpus").join(&name), own.join("fuzz-findings").join(&name));
        for folder in [&corpus, &findings] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let log = own.join("fuzz-logs").join(format!("{name}.log"));
        Ok(Self { program: folder.join(&name), name, seeds, seed_count, corpus, findings, log })
    }

    /// Runs the seeds, and then what the fuzzer makes of them and of the corpus.
    pub(super) fn run(&self, seconds: u64) -> Outcome {
        let ran = self.run_seeds().and_then(|(summary, failure)| match failure {
            None => self.fuzz(seconds),
            Some(finding) => Ok((summary, Some(finding.of_a_seed()))),
        });
        let (summary, failure) =
            ran.unwrap_or_else(|error| (Summary::default(), Some(Finding::without_input(format!("{error:#}")))));
        let failure = failure.or_else(|| {
            let idle = || Finding::without_input("it ran no input at all".to_string());
            (summary.runs == 0).then(idle)
        });
        Outcome { name: self.name.clone(), seed_count: self.seed_count, summary, failure, log: self.log.clone() }
    }

    fn run_seeds(&self) -> Result<(Summary, Option<Finding>)> {
        self.run_with(&[&self.seeds], &["-runs=0".into()], GRACE)
    }

    fn fuzz(&self, seconds: u64) -> Result<(Summary, Option<Finding>)> {
        let mut options = vec![format!("-max_total_time={seconds}"), format!("-max_len={MAX_LEN}")];
        if OF_HEADS.contains(&self.name.as_str()) {
            options.push(format!("-dict={}", workspace::root().join(DICTIONARY).display()));
        }
        // What is new goes into the first folder.
        self.run_with(&[&self.corpus, &self.seeds], &options, GRACE + Duration::from_secs(seconds))
    }

    fn run_with(&self, folders: &[&Path], options: &[String], limit: Duration) -> Result<(Summary, Option<Finding>)> {
        let log = Log::to_file(&self.log)?;
        let mut command = Command::new(&self.program);
        command
            .args(folders)
            .args(options)
            .args([format!("-timeout={TIMEOUT}"), format!("-rss_limit_mb={MAX_MEMORY}")])
            .arg(format!("-artifact_prefix={}/", self.findings.display()))
            .arg("-print_final_stats=1")
            .env("RUST_BACKTRACE", "0")
            .current_dir(workspace::root());
        let status = Process::start(&log, &mut command)?.wait(&log, limit)?;
        let text = fs::read(&self.log)?;
        let text = String::from_utf8_lossy(&text);
        Ok((Summary::parse(&text), (!status.success()).then(|| Finding::parse(&text))))
    }
}

impl Outcome {
    pub(super) fn heading(width: usize) -> String {
        format!(
            "{:width$} {:>5} {:>9} {:>8} {:>5} {:>6} {:>5}  result",
            "target", "seeds", "runs", "runs/s", "cov", "ft", "new"
        )
    }

    /// The line that tells of its end while others run.
    pub(super) fn progress(&self) -> String {
        format!("{}: {}, {} runs", self.name, self.result(), self.summary.runs)
    }

    /// The row of the table.
    pub(super) fn line(&self, width: usize) -> String {
        let Summary { runs, runs_per_second, coverage, features, new_units } = &self.summary;
        let (name, seeds, result) = (&self.name, self.seed_count, self.result());
        format!(
            "{name:width$} {seeds:>5} {runs:>9} {runs_per_second:>8} {coverage:>5} {features:>6} {new_units:>5}  {result}"
        )
    }

    pub(super) fn runs(&self) -> u64 {
        self.summary.runs
    }

    const fn result(&self) -> &'static str {
        if self.failure.is_some() { "FAILED" } else { "ok" }
    }

    /// What failed and how to see it again.
    pub(super) fn failure(&self, fuzzing: &Fuzzing) -> Option<String> {
        let finding = self.failure.as_ref()?;
        let mut text = format!("{}: {}\n", self.name, finding.reason);
        if let Some(input) = &finding.input {
            let input = Path::new(input);
            text.push_str(&format!("  input: {}\n  again: {}\n", shown(input), fuzzing.repeat(&self.name, input)));
        }
        text.push_str(&format!("  log:   {}", shown(&self.log)));
        Some(text)
    }
}
