//! The programs of `firmware/jobs`, built for each target with each optimization.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::{
    command::{self, Log, ask},
    tools::{BareMetal, bare_metal},
    workspace,
};

/// Cortex-M3, Cortex-M0, and RISC-V without atomics.
pub(super) const TARGETS: [&str; 3] = ["thumbv7m-none-eabi", "thumbv6m-none-eabi", "riscv32imc-unknown-none-elf"];

/// What the compiler optimizes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Optimization {
    /// Size
    S,
    /// Size before all else
    Z,
}

impl Optimization {
    /// As the compiler calls it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::Z => "z",
        }
    }
}

/// The programs.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    compiler: String,
}

impl Programs {
    pub(super) fn build(log: &Log, targets: &[&str], optimizations: &[Optimization]) -> Result<Self> {
        let toolchain = bare_metal(log, targets)?;
        let folder = workspace::own_folder()?.join("size");
        for optimization in optimizations {
            for target in targets {
                let mut build = toolchain.linking_cargo(log, target)?;
                build.args([
                    "build",
                    "--locked",
                    "--package",
                    "jobs",
                    "--profile",
                    &format!("size-{}", optimization.word()),
                ]);
                build.args(["--target", target, "--target-dir"]).arg(&folder);
                // Its configuration is there, and not that of the workspace.
                command::run(log, build.current_dir(workspace::root().join("firmware")))?;
            }
        }
        Ok(Self { folder, compiler: compiler(toolchain)? })
    }

    /// The compiler and how it came by `core`, on both of which the numbers depend.
    pub(super) fn compiler(&self) -> &str {
        &self.compiler
    }

    /// Where a program is.
    pub(super) fn path(&self, target: &str, optimization: Optimization, name: &str) -> PathBuf {
        self.folder.join(target).join(format!("size-{}", optimization.word())).join(name)
    }
}

fn compiler(toolchain: BareMetal) -> Result<String> {
    let mut rustc: Command = toolchain.rustc();
    let version = ask(rustc.arg("--version")).context("`rustc --version` failed")?;
    let version = version.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let core = if toolchain == BareMetal::Installed { "its own core" } else { "core built from sources" };
    Ok(format!("{version}, {core}"))
}
