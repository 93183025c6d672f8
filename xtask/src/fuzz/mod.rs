//! `fuzz`: every fuzz target, first with its seeds and then for a while with what the fuzzer makes of them.
//!
//! Which targets there are is what `fuzz/Cargo.toml` says. `target.rs` runs one of them, `output.rs` reads what libFuzzer writes.

mod output;
mod target;

use std::{
    collections::BTreeSet,
    fs,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::{
    command::{self, Log, cargo},
    tools::Fuzzing,
    workspace::{self, Package},
};
use target::{Outcome, Target};

#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub(crate) struct Options {
    /// Run only these targets (all if none is given)
    targets: Vec<String>,
    /// Run each target for so long; two or more run at a time, one on each core
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    let names = chosen(&all()?, &options.targets)?;
    let fuzzing = Fuzzing::find(log)?;
    let folder = fuzzing.build(log)?;
    let targets = names.into_iter().map(|name| Target::new(name, &folder)).collect::<Result<Vec<_>>>()?;

    let width = targets.iter().map(|target| target.name.len()).max().unwrap_or_default();
    let at_a_time = thread::available_parallelism().map_or(1, usize::from).min(targets.len());
    let total = options.seconds * targets.len().div_ceil(at_a_time) as u64;
    log.line(format_args!("{}, {} s each, {at_a_time} at a time: {total} s", count(targets.len()), options.seconds));
    let outcomes = run_all(&targets, at_a_time, |target| {
        let outcome = target.run(options.seconds);
        log.line(format_args!("  {}", outcome.progress()));
        outcome
    });

    log.line(format_args!("\n  {}", Outcome::heading(width)));
    outcomes.iter().for_each(|outcome| log.line(format_args!("  {}", outcome.line(width))));
    let failures: Vec<String> = outcomes.iter().filter_map(|outcome| outcome.failure(&fuzzing)).collect();
    if failures.is_empty() {
        return Ok(format!("{}, {} s each, {} runs", count(outcomes.len()), options.seconds, runs(&outcomes)));
    }
    bail!("{} of {} failed\n\n{}", failures.len(), count(outcomes.len()), failures.join("\n\n"))
}

fn count(targets: usize) -> String {
    if targets == 1 { "1 target".to_string() } else { format!("{targets} targets") }
}

/// Runs the targets, so many at a time, and returns what came of them in their order.
fn run_all(targets: &[Target], at_a_time: usize, run: impl Fn(&Target) -> Outcome + Sync) -> Vec<Outcome> {
    let waiting = Mutex::new(targets.iter().enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some((place, target)) = next() {
                    let outcome = run(target);
                    outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((place, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn runs(outcomes: &[Outcome]) -> u64 {
    outcomes.iter().map(Outcome::runs).sum()
}

/// The targets that were asked for, in the order of all.
fn chosen(all: &[String], asked: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = asked.iter().find(|name| !all.contains(name)) {
        bail!("there is no fuzz target `{unknown}`; there are: {}", all.join(", "));
    }
    Ok(all.iter().filter(|name| asked.is_empty() || asked.contains(name)).cloned().collect())
}

/// The part of `cargo metadata` for the targets' own workspace that is of interest.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// The targets of the manifest, by name, which must be those of the folder.
fn all() -> Result<Vec<String>> {
    let manifest = "fuzz/Cargo.toml";
    let mut metadata = cargo(&["metadata", "--no-deps", "--format-version=1", "--manifest-path", manifest]);
    let json = command::ask(&mut metadata).with_context(|| format!("`{}` failed", command::show(&metadata)))?;
    let metadata: Metadata = serde_json::from_str(&json).context("`cargo metadata` wrote something unexpected")?;
    let listed: Vec<String> = metadata.packages.iter().flat_map(Package::binaries).map(ToString::to_string).collect();
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(workspace::root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        files.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    check_listed(&listed, &files)?;
    Ok(listed)
}

/// A target that is forgotten in the manifest would never run.
fn check_listed(listed: &[String], files: &BTreeSet<String>) -> Result<()> {
    let forgotten: Vec<&str> = files.iter().filter(|file| !listed.contains(file)).map(String::as_str).collect();
    ensure!(forgotten.is_empty(), "fuzz/Cargo.toml has no [[bin]] for {}", forgotten.join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn manifest_lists_every_target() {
        let all = all().unwrap();
        assert!(all.contains(&"connection".to_string()), "{all:?}");
        let files = BTreeSet::from_iter(names(&["a", "b", "c"]));
        assert!(check_listed(&names(&["c", "b", "a"]), &files).is_ok());
        let error = check_listed(&names(&["b"]), &files).unwrap_err();
        assert_eq!(error.to_string(), "fuzz/Cargo.toml has no [[bin]] for a, c");
    }

    #[test]
    fn targets_are_chosen_by_name() {
        let all = names(&["a", "b", "c"]);
        assert_eq!(chosen(&all, &[]).unwrap(), all);
        assert_eq!(chosen(&all, &names(&["c", "a"])).unwrap(), names(&["a", "c"]));
        let error = chosen(&all, &names(&["a", "x"])).unwrap_err();
        assert_eq!(error.to_string(), "there is no fuzz target `x`; there are: a, b, c");
    }
}
