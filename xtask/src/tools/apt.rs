//! Debian packages, installed without asking where the machine is ours to change: Debian, and we are root.

use std::{
    os::unix::fs::MetadataExt as _,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{Missing, find_on_path};
use crate::command::{Log, run};

/// Progress bars are for terminals; another apt may be at work for a while.
const OPTIONS: [&str; 3] = ["-q", "-o", "DPkg::Lock::Timeout=300"];

/// May `apt-get install` be run here without asking?
pub(crate) fn root_on_debian() -> bool {
    // The owner of this process' own folder is the effective user.
    let root = std::fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0);
    root && find_on_path("apt-get").is_some()
}

/// Installs Debian packages; `what` names the tool in the error if that is not possible.
pub(crate) fn apt_install(log: &Log, what: &str, packages: &[&str]) -> Result<(), Missing> {
    static UPDATED: AtomicBool = AtomicBool::new(false);

    let missing = || Missing::new(what, format!("apt-get install {}", packages.join(" ")));
    if !root_on_debian() {
        return Err(missing());
    }
    let apt = |arguments: &[&str]| {
        run(log, Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(OPTIONS).args(arguments))
    };
    if !UPDATED.swap(true, Ordering::Relaxed) {
        // An outdated list may still do: let the installation decide.
        let _ = apt(&["update"]);
    }
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    apt(&install).map_err(|_| missing())
}
