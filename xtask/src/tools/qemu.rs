//! QEMU, which emulates microcontrollers.

use std::path::PathBuf;

use anyhow::Result;

use super::{Missing, apt_install, find_on_path};
use crate::command::Log;

/// The emulator of Arm's processors.
pub(crate) fn qemu_arm(log: &Log) -> Result<PathBuf> {
    const PROGRAM: &str = "qemu-system-arm";
    if find_on_path(PROGRAM).is_none() {
        apt_install(log, "QEMU for Arm", &[PROGRAM])?;
    }
    let install = "install it from your system's packages (Debian: qemu-system-arm; Fedora: qemu-system-arm-core; Homebrew: qemu)";
    Ok(find_on_path(PROGRAM).ok_or_else(|| Missing::new(PROGRAM, install))?)
}
