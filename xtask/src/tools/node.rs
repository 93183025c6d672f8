//! Node.js with npm packages, under `target/xtask`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{Missing, apt_install, find_on_path, folder_for, install::NPM};
use crate::{
    command::{Log, ask},
    workspace::shown,
};

/// What the packages ask for: the Node.js of Debian 12.
const OLDEST: u32 = 18;

/// A folder with the files of `package` (a folder with `package.json`, `package-lock.json` and scripts) and its `node_modules`.
/// Run its scripts there with `node`. Packages are installed once and reused for as long as the lock file is the same.
pub(crate) fn npm_install(log: &Log, package: &Path) -> Result<PathBuf> {
    let folder = folder_for("node", &[&package.join("package.json"), &package.join("package-lock.json")])?;
    copy_files(package, &folder)?;
    if find_on_path("node").is_none() || find_on_path("npm").is_none() {
        apt_install(log, "Node.js with npm", &["nodejs", "npm"])?;
    }
    let version = ask(Command::new("node").arg("--version")).unwrap_or_default();
    if major(&version).is_none_or(|major| major < OLDEST) {
        let what = format!("Node.js {OLDEST} or newer (`node --version` says {version:?})");
        return Err(Missing::new(what, "install it from your system's packages or from nodejs.org").into());
    }
    let complete = folder.join("node_modules/.complete");
    if !complete.exists() {
        let install = format!("let npm reach its registry, then `npm ci` works in {}", shown(package));
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
        NPM.run(log, &mut npm, Missing::new("an npm package", install))?;
        fs::create_dir_all(folder.join("node_modules"))?;
        fs::write(complete, "")?;
    }
    Ok(folder)
}

/// The first number of a version such as `v18.20.4`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
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

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn version_is_read() {
        assert_eq!(major("v18.20.4"), Some(18));
        assert_eq!(major("v9"), Some(9));
        assert_eq!(major(""), None);
        assert_eq!(major("18"), None);
    }
}
