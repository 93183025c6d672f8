//! `mutants`: small changes of the code (by cargo-mutants), each of which a test must notice, or `docs/mutants.md` explain why
//! none can.

mod explained;
mod outcomes;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    command::{Log, show},
    tools::cargo_install,
    workspace::{self, shown},
};
use outcomes::Report;

/// Where survivors are explained, from the root.
const DOCUMENT: &str = "docs/mutants.md";

/// Another version finds other mutants.
const VERSION: &str = "27.1.0";

/// The packages whose code is changed, and the files of each: all that frames and messages go through.
const PACKAGES: [(&str, &[&str]); 2] = [
    ("ws-frame", &["ws-frame/src/**"]),
    (
        "ws-core",
        &[
            "ws-core/src/engine/**",
            "ws-core/src/buffer_to_buffer/**",
            "ws-core/src/connection/**",
            "ws-core/src/halves/**",
        ],
    ),
];

/// Builds and tests many times, so each has to be fast; and what is caught once is to be caught always.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
    ("CARGO_PROFILE_DEV_OPT_LEVEL", "1"),
    ("CARGO_INCREMENTAL", "1"),
    ("PROPTEST_CASES", "32"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_RNG_SEED", "1"),
];

/// For the tests of one mutant, which take a second or two; one that needs longer hangs.
const TEST_SECONDS: &str = "30";

/// What cargo-mutants exits with when all were caught, some were missed, some hung.
const COMPLETE: [i32; 3] = [0, 2, 3];
/// What it exits with when the tests fail without any change.
const BASELINE_FAILED: i32 = 4;

#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(
    after_help = "All of it takes about an hour and a half on two cores. The results are in target/xtask/mutants/mutants.out."
)]
pub(crate) struct Options {
    /// Change only this package
    #[arg(long, value_parser = PACKAGES.map(|(package, _)| package))]
    package: Option<String>,
    /// Change only files like this, also ones that are usually left alone: '**/receive.rs' (may be given again)
    #[arg(long, value_name = "GLOB")]
    file: Vec<String>,
    /// Change only this part of the files, counted from 0: 0/4, 1/4, 2/4, 3/4
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
}

impl Options {
    fn packages(&self) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        PACKAGES.into_iter().filter(|(name, _)| self.package.as_deref().is_none_or(|package| package == *name))
    }

    /// Are all mutants tried of the files that are looked at?
    fn is_all(&self) -> bool {
        self.shard.is_none()
    }

    /// What to call cargo-mutants with.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        for (package, files) in self.packages() {
            arguments.push(format!("--package={package}"));
            if self.file.is_empty() {
                arguments.extend(files.iter().map(|file| format!("--file={file}")));
            }
        }
        arguments.extend(self.file.iter().map(|file| format!("--file={file}")));
        arguments.extend(self.shard.iter().map(|shard| format!("--shard={shard}")));
        arguments
    }
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    let program = cargo_install(log, "cargo-mutants", Some("mutants"), VERSION)?;
    let document = workspace::root().join(DOCUMENT);
    let explained = fs::read_to_string(&document).with_context(|| format!("cannot read {DOCUMENT}"))?;
    let explained = explained::read(&explained).with_context(|| format!("in {DOCUMENT}"))?;

    let folder = workspace::own_folder()?.join("mutants");
    let results = folder.join("mutants.out");
    if results.exists() {
        fs::remove_dir_all(&results).with_context(|| format!("cannot remove {}", shown(&results)))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", shown(&folder)))?;
    mutate(log, options, &program, &folder)?;

    let outcomes = results.join("outcomes.json");
    let outcomes = fs::read_to_string(&outcomes)
        .with_context(|| format!("there is no {}: no mutant is in the files that were asked for", shown(&outcomes)))?;
    let packages: Vec<&str> = options.packages().map(|(package, _)| package).collect();
    let is_meant = |file: &str| {
        options.file.is_empty() && file.split('/').next().is_some_and(|package| packages.contains(&package))
    };
    let report = Report::read(&outcomes, &explained, options.is_all(), is_meant)?;
    tell(log, &report, &results);
    if report.unexplained.is_empty() { Ok(report.summary()) } else { bail!("{}", report.summary()) }
}

/// Runs cargo-mutants to its end.
fn mutate(log: &Log, options: &Options, program: &Path, folder: &Path) -> Result<()> {
    let mut command = Command::new(program);
    command.arg("mutants").args(options.arguments()).arg("--output").arg(folder);
    command.args(["--jobs=1", "--build-timeout=600", "--timeout", TEST_SECONDS]);
    // On a terminal it shows how far it is.
    if !log.is_terminal() {
        command.arg("--caught");
    }
    command.args(["--", "--lib", "--tests"]);
    // It works on a copy, which is to have a target folder of its own.
    command.envs(ENVIRONMENT).env_remove("CARGO_TARGET_DIR").current_dir(workspace::root());
    log.line(format_args!("$ {}", show(&command)));
    let status = command
        .stdin(Stdio::null())
        .stdout(log.stdio()?)
        .stderr(log.stdio()?)
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    match status.code() {
        Some(code) if COMPLETE.contains(&code) => Ok(()),
        Some(BASELINE_FAILED) => bail!("the tests fail without any change: make them pass first (cargo xtask test)"),
        _ => bail!("cargo-mutants failed ({status})"),
    }
}

fn tell(log: &Log, report: &Report, results: &Path) {
    log.line(format_args!("\n{report}"));
    if !report.hung.is_empty() {
        log.line("The tests of these hung; try those again that should have failed at once (--file):");
        report.hung.iter().for_each(|mutant| log.line(format_args!("  {mutant}")));
    }
    if !report.unexplained.is_empty() {
        log.line("No test notices these changes:");
        report.unexplained.iter().for_each(|mutant| log.line(format_args!("  {mutant}")));
        log.line(format_args!(
            "Write a test of what the RFC or the documentation says that fails with the change, which is in {}/diff; or, if there can \
             be none, explain it in {DOCUMENT}.\n",
            shown(results)
        ));
    }
    if !report.stale.is_empty() {
        log.line(format_args!("Explained in {DOCUMENT}, but caught now, or gone; correct the table there:"));
        report.stale.iter().for_each(|name| log.line(format_args!("  {name}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(package: Option<&str>, file: &[&str], shard: Option<&str>) -> Options {
        Options {
            package: package.map(Into::into),
            file: file.iter().map(|file| (*file).into()).collect(),
            shard: shard.map(Into::into),
        }
    }

    #[test]
    fn options_choose_what_is_changed() {
        assert_eq!(options(Some("ws-frame"), &[], None).arguments(), ["--package=ws-frame", "--file=ws-frame/src/**"]);
        let all = options(None, &[], Some("1/4")).arguments();
        let files = PACKAGES.iter().flat_map(|(_, files)| *files).count();
        assert_eq!(all.len(), PACKAGES.len() + files + 1);
        assert_eq!(all.last().unwrap(), "--shard=1/4");
        assert_eq!(
            options(None, &["**/a.rs", "b.rs"], None).arguments(),
            ["--package=ws-frame", "--package=ws-core", "--file=**/a.rs", "--file=b.rs"]
        );
    }

    #[test]
    fn files_that_are_changed_exist() {
        for (package, files) in PACKAGES {
            for file in files {
                let folder = file.strip_suffix("/**").unwrap();
                assert!(file.starts_with(package) && workspace::root().join(folder).is_dir(), "{file}");
            }
        }
    }
}
