//! A Rust toolchain that builds `no_std` libraries and programs for microcontrollers.
//!
//! In order: the current toolchain has the targets; it has the library's sources, so that cargo can build `core`; Debian's
//! toolchain has them. If there is none: rustup adds the targets, or apt installs Debian's toolchain. Building `core` needs
//! `RUSTC_BOOTSTRAP=1` with a stable compiler; the crates themselves use no unstable feature.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Result;

use super::{Missing, apt_install, find_on_path, root_on_debian};
use crate::{
    command::{Log, ask, cargo, run_within},
    workspace,
};

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// A toolchain for bare-metal targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BareMetal {
    /// The current toolchain, which has `core` for the targets.
    Installed,
    /// The current toolchain, which builds `core` from its sources.
    Sources,
    /// Debian's toolchain, which builds `core` from its sources.
    Debian,
}

impl BareMetal {
    /// For the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Installed => "targets of the current toolchain",
            Self::Sources => "core built from the current toolchain's sources",
            Self::Debian => "core built from Debian's sources",
        }
    }

    /// This toolchain's `cargo`, ready for a subcommand such as `build` and its `--target`s.
    pub(crate) fn cargo(self) -> Command {
        let mut cargo = match self {
            Self::Installed => return cargo(&[]),
            Self::Sources => cargo(&[]),
            Self::Debian => debian(DEBIAN_CARGO),
        };
        cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=core");
        cargo
    }

    /// This toolchain's `rustc`, with unstable options allowed.
    pub(crate) fn rustc(self) -> Command {
        let mut rustc = match self {
            Self::Installed | Self::Sources => Command::new("rustc"),
            Self::Debian => debian(DEBIAN_RUSTC),
        };
        rustc.env("RUSTC_BOOTSTRAP", "1");
        rustc
    }

    /// As [`cargo`](Self::cargo), for programs for `target`, which have to be linked.
    ///
    /// Debian's toolchain has no linker for them: one of the current toolchain is as good, and else Debian's `lld`.
    pub(crate) fn linking_cargo(self, log: &Log, target: &str) -> Result<Command> {
        let mut cargo = self.cargo();
        if self == Self::Debian {
            let linker = match rust_lld() {
                Some(linker) => linker,
                None => lld(log)?,
            };
            let variable = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
            cargo.env(variable, linker);
        }
        Ok(cargo)
    }

    fn is_ready(self, targets: &[&str]) -> bool {
        match self {
            Self::Installed => targets.iter().all(|target| {
                let folder = ask(Command::new("rustc").args(["--print", "target-libdir", "--target", target]));
                folder.is_some_and(|folder| Path::new(&folder).is_dir())
            }),
            Self::Sources => has_sources(Command::new("rustc")),
            Self::Debian => Path::new(DEBIAN_CARGO).exists() && has_sources(debian(DEBIAN_RUSTC)),
        }
    }
}

/// A toolchain that builds for all `targets`.
pub(crate) fn bare_metal(log: &Log, targets: &[&str]) -> Result<BareMetal> {
    let find =
        || [BareMetal::Installed, BareMetal::Sources, BareMetal::Debian].into_iter().find(|way| way.is_ready(targets));
    if let Some(ready) = find() {
        return Ok(ready);
    }
    let add = format!("rustup target add {}", targets.join(" "));
    if find_on_path("rustup").is_some() {
        // One try that is short when there is no network: apt may have what is needed.
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add"]).args(targets).env("RUSTUP_MAX_RETRIES", "0");
        if let Err(error) = run_within(log, Duration::from_secs(120), &mut rustup) {
            log.line(format_args!("{error:#}"));
        }
        if let Some(ready) = find() {
            return Ok(ready);
        }
    }
    if root_on_debian() {
        apt_install(log, "A bare-metal Rust toolchain", &DEBIAN_PACKAGES)?;
    }
    Ok(find().ok_or_else(|| {
        let install = format!("{add} (or, on Debian, apt-get install {})", DEBIAN_PACKAGES.join(" "));
        Missing::new("A bare-metal Rust toolchain", install)
    })?)
}

/// The linker that comes with the current toolchain, if it comes with one.
fn rust_lld() -> Option<PathBuf> {
    let of = |question: &str| ask(Command::new("rustc").args(["--print", question]));
    let linker = Path::new(&of("sysroot")?).join("lib/rustlib").join(of("host-tuple")?).join("bin/rust-lld");
    linker.exists().then_some(linker)
}

fn lld(log: &Log) -> Result<PathBuf> {
    const PROGRAM: &str = "ld.lld";
    if find_on_path(PROGRAM).is_none() {
        apt_install(log, "A linker for microcontrollers", &["lld"])?;
    }
    Ok(find_on_path(PROGRAM).ok_or_else(|| Missing::new(PROGRAM, "apt-get install lld"))?)
}

fn has_sources(mut rustc: Command) -> bool {
    let sysroot = ask(rustc.args(["--print", "sysroot"]));
    sysroot.is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").exists())
}

/// A program of Debian's toolchain, free of what the current toolchain's cargo set for this process.
fn debian(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root()).env("RUSTC", DEBIAN_RUSTC);
    for name in ["CARGO", "LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(name);
    }
    command
}
