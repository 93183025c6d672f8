//! `fmt`: is every Rust file formatted as rustfmt would?

use anyhow::Result;

use crate::{
    command::{self, Log, cargo},
    workspace,
};

pub(crate) fn run(log: &Log) -> Result<String> {
    // By itself rustfmt colours files, too.
    let check = ["--check", "--", "--color", if log.is_terminal() { "always" } else { "never" }];
    command::run(log, cargo(&["fmt", "--all"]).args(check))?;
    if workspace::root().join("fuzz/Cargo.toml").exists() {
        command::run(log, cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml"]).args(check))?;
    }
    Ok(String::new())
}
