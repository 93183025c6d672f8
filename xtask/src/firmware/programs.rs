//! The programs, built for the microcontroller with whatever toolchain there is.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    command::{self, Log},
    tools::{BareMetal, bare_metal, qemu_arm},
    workspace,
};

const TARGET: &str = "thumbv7m-none-eabi";

/// What is needed to boot.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(super) qemu: PathBuf,
    pub(super) dashboard: PathBuf,
    pub(super) client: PathBuf,
}

impl Programs {
    /// Fails if the compiler warns of anything; with the current toolchain Clippy looks too, which Debian's has not.
    pub(super) fn lint(log: &Log) -> Result<()> {
        let toolchain = bare_metal(log, &[TARGET])?;
        let command = if toolchain == BareMetal::Debian { "check" } else { "clippy" };
        let mut lint = toolchain.cargo();
        lint.args([command, "--locked", "--workspace", "--bins", "--lib", "--target", TARGET, "--target-dir"]);
        lint.arg(workspace::own_folder()?.join("firmware-lint"));
        lint.env(format!("CARGO_TARGET_{}_RUSTFLAGS", TARGET.to_uppercase().replace('-', "_")), "--deny=warnings");
        command::run(log, lint.current_dir(workspace::root().join("firmware")))
    }

    /// Builds the programs, and finds the emulator.
    pub(crate) fn build(log: &Log) -> Result<Self> {
        let qemu = qemu_arm(log)?;
        let toolchain = bare_metal(log, &[TARGET])?;
        log.line(format_args!("building with {}", toolchain.name()));
        // Another compiler than the host's may be at work here: its output does not mix with the host's.
        let folder = workspace::own_folder()?.join("firmware");
        let mut build = toolchain.linking_cargo(log, TARGET)?;
        build
            .args(["build", "--release", "--locked", "--package", "device", "--target", TARGET, "--target-dir"])
            .arg(&folder);
        // There is its configuration.
        build.current_dir(workspace::root().join("firmware"));
        command::run(log, &mut build)?;
        let program = |name| folder.join(TARGET).join("release").join(name);
        Ok(Self { qemu, dashboard: program("dashboard"), client: program("client") })
    }
}
