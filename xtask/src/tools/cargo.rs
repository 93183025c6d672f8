//! Programs that `cargo install` builds, under `target/xtask`.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::{Missing, find_on_path, install::CARGO};
use crate::{
    command::{Log, ask, cargo},
    workspace,
};

/// The program called `name` (a package's only binary) in exactly this version: from the `PATH`, or built once.
///
/// `subcommand` is what cargo calls the program with, if it is one that extends cargo.
pub(crate) fn cargo_install(log: &Log, name: &str, subcommand: Option<&str>, version: &str) -> Result<PathBuf> {
    let folder = workspace::own_folder()?.join(format!("{name}-{version}"));
    let built = folder.join("bin").join(name);
    let has_version = |program: &PathBuf| {
        let answer = ask(Command::new(program).args(subcommand).arg("--version")).unwrap_or_default();
        answer.split_whitespace().nth(1) == Some(version)
    };
    if let Some(found) = find_on_path(name).into_iter().chain([built.clone()]).find(has_version) {
        return Ok(found);
    }
    let package = format!("{name}@{version}");
    let missing = Missing::new(format!("{name} {version}"), format!("cargo install --locked {package}"));
    // Not `--target-dir`: what is left of the build goes with cargo's temporary folder.
    let mut install = cargo(&["install", "--locked", "--root"]);
    install.arg(&folder).arg(&package).env_remove("CARGO_TARGET_DIR");
    CARGO.run(log, &mut install, missing)?;
    Ok(built)
}
