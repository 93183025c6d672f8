//! What fuzzing needs: a nightly toolchain, cargo-fuzz, and a C++ compiler for libFuzzer.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{Missing, apt_install, cargo_install, find_on_path};
use crate::{
    command::{Log, ask, is_ci, run},
    workspace::{self, shown},
};

const CARGO_FUZZ: &str = "0.13.2";
const INSTALL_NIGHTLY: [&str; 5] = ["toolchain", "install", "nightly", "--profile", "minimal"];

/// What builds fuzz targets.
#[derive(Debug)]
pub(crate) struct Fuzzing {
    /// The name of the nightly toolchain.
    toolchain: String,
    cargo_fuzz: PathBuf,
}

impl Fuzzing {
    /// Finds or installs everything.
    pub(crate) fn find(log: &Log) -> Result<Self> {
        let toolchain = nightly(log)?;
        if !["c++", "g++", "clang++"].iter().any(|compiler| find_on_path(compiler).is_some()) {
            apt_install(log, "A C++ compiler", &["g++"])?;
        }
        Ok(Self { toolchain, cargo_fuzz: cargo_install(log, "cargo-fuzz", Some("fuzz"), CARGO_FUZZ)? })
    }

    /// Builds every target, with debug assertions and checks for overflow, and returns the folder of the programs.
    ///
    /// Without a sanitizer: `fuzz/README.md` says why.
    pub(crate) fn build(&self, log: &Log) -> Result<PathBuf> {
        let folder = workspace::own_folder()?.join("fuzz");
        let mut build = self.rustup();
        build.arg(&self.cargo_fuzz).args(["build", "--sanitizer", "none", "--target-dir"]).arg(&folder);
        run(log, &mut build)?;
        let version = ask(self.rustup().args(["rustc", "--version", "--verbose"])).unwrap_or_default();
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc has no host")?;
        Ok(folder.join(host).join("release"))
    }

    /// What a person types to run a target with one input.
    pub(crate) fn repeat(&self, target: &str, input: &Path) -> String {
        let toolchain = self.toolchain.split('-').next().unwrap_or_default();
        format!("cargo +{toolchain} fuzz run {target} --sanitizer none {}", shown(input))
    }

    /// Runs what follows with the nightly toolchain, free of what the current toolchain's cargo set for this process.
    fn rustup(&self) -> Command {
        let mut command = Command::new("rustup");
        command.args(["run", &self.toolchain]).current_dir(workspace::root());
        for name in ["CARGO", "LD_LIBRARY_PATH", "RUSTC", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR"] {
            command.env_remove(name);
        }
        command
    }
}

/// The name of a nightly toolchain.
fn nightly(log: &Log) -> Result<String> {
    let missing = || Missing::new("A nightly Rust toolchain", format!("rustup {}", INSTALL_NIGHTLY.join(" ")));
    let find = || {
        let toolchains = ask(Command::new("rustup").args(["toolchain", "list"])).unwrap_or_default();
        newest_nightly(&toolchains)
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    // A toolchain is for its owner to install, but where nobody is asked.
    if is_ci()
        && let Err(error) = run(log, Command::new("rustup").args(INSTALL_NIGHTLY))
    {
        log.line(format_args!("{error:#}"));
    }
    Ok(find().ok_or_else(missing)?)
}

/// Of rustup's list, the one that is kept up to date, or else the last one of a date.
fn newest_nightly(toolchains: &str) -> Option<String> {
    let names = toolchains.lines().filter_map(|line| line.split_whitespace().next());
    let mut nightlies: Vec<&str> = names.filter(|name| name.starts_with("nightly")).collect();
    // One with a date goes on with a digit, which is less than a letter.
    nightlies.sort_unstable();
    nightlies.last().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nightly_is_found() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\nnightly-x86_64-unknown-linux-gnu\n\
                    nightly-2026-01-02-x86_64-unknown-linux-gnu\nnightly-2026-03-01-x86_64-unknown-linux-gnu\n";
        assert_eq!(newest_nightly(list).as_deref(), Some("nightly-x86_64-unknown-linux-gnu"));
        let dated = list.replace("nightly-x86_64-unknown-linux-gnu\n", "");
        assert_eq!(newest_nightly(&dated).as_deref(), Some("nightly-2026-03-01-x86_64-unknown-linux-gnu"));
        assert_eq!(newest_nightly("stable-x86_64-unknown-linux-gnu\n"), None);
        assert_eq!(newest_nightly(""), None);
    }
}
