//! Debian packages, installed without asking where the machine is ours to change: Debian, and we are root.

use std::{
    os::unix::fs::MetadataExt as _,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::Result;

use super::{Missing, find_on_path, install::APT};
use crate::command::{Log, run_and_hear};

/// Progress bars are for terminals; another apt may be at work for a while.
const OPTIONS: [&str; 3] = ["-q", "-o", "DPkg::Lock::Timeout=300"];

/// May `apt-get install` be run here without asking?
pub(crate) fn root_on_debian() -> bool {
    // The owner of this process' own folder is the effective user.
    let root = std::fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0);
    root && find_on_path("apt-get").is_some()
}

/// Installs Debian packages; `what` names the tool in the error if it is not for us to install them, or not possible now.
pub(crate) fn apt_install(log: &Log, what: &str, packages: &[&str]) -> Result<()> {
    static UPDATED: AtomicBool = AtomicBool::new(false);
    static UNREACHABLE: AtomicBool = AtomicBool::new(false);

    let missing = Missing::new(what, format!("apt-get install {}", packages.join(" ")));
    if !root_on_debian() {
        return Err(missing.into());
    }
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(OPTIONS);
        apt
    };
    if !UPDATED.swap(true, Ordering::Relaxed) {
        // An outdated list may still do: let the installation decide.
        let (_, output) = run_and_hear(log, apt().arg("update"))?;
        UNREACHABLE.store(APT.is_unreachable(&output), Ordering::Relaxed);
    }
    let mut install = apt();
    install.args(["install", "-y", "--no-install-recommends"]).args(packages);
    let installed = APT.run(log, &mut install, missing.clone());
    // Without a list, every package is one that apt does not know.
    installed.map_err(|error| if UNREACHABLE.load(Ordering::Relaxed) { missing.into() } else { error })
}
