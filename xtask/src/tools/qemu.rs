//! QEMU, which emulates microcontrollers.

use std::path::PathBuf;

use anyhow::Result;

use super::{Missing, apt_install, find_on_path};
use crate::command::Log;

/// The emulator of Arm's processors.
pub(crate) fn qemu_arm(log: &Log) -> Result<PathBuf> {
    qemu(log, "qemu-system-arm", "qemu-system-arm", "qemu-system-arm-core")
}

/// The emulator of RISC-V processors of 32 bits.
pub(crate) fn qemu_riscv(log: &Log) -> Result<PathBuf> {
    qemu(log, "qemu-system-riscv32", "qemu-system-misc", "qemu-system-riscv-core")
}

fn qemu(log: &Log, program: &str, of_debian: &str, of_fedora: &str) -> Result<PathBuf> {
    if find_on_path(program).is_none() {
        apt_install(log, program, &[of_debian])?;
    }
    let install =
        format!("install it from your system's packages (Debian: {of_debian}; Fedora: {of_fedora}; Homebrew: qemu)");
    Ok(find_on_path(program).ok_or_else(|| Missing::new(program, install))?)
}
