//! Node.js with npm packages, under `target/xtask`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{Missing, apt_install, find_on_path, folder_for};
use crate::{
    command::{Log, run},
    workspace::shown,
};

/// A folder with the files of `package` (a folder with `package.json`, `package-lock.json` and scripts) and its `node_modules`.
/// Run its scripts there with `node`. Packages are installed once and reused for as long as the lock file is the same.
pub(crate) fn npm_install(log: &Log, package: &Path) -> Result<PathBuf> {
    let folder = folder_for("node", &[&package.join("package.json"), &package.join("package-lock.json")])?;
    copy_files(package, &folder)?;
    if find_on_path("node").is_none() || find_on_path("npm").is_none() {
        apt_install(log, "Node.js with npm", &["nodejs", "npm"])?;
    }
    let complete = folder.join("node_modules/.complete");
    if !complete.exists() {
        run(log, Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder)).map_err(|_| {
            let install = format!("let npm reach its registry, then `npm ci` works in {}", shown(package));
            Missing::new("an npm package", install)
        })?;
        fs::create_dir_all(folder.join("node_modules"))?;
        fs::write(complete, "")?;
    }
    Ok(folder)
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
