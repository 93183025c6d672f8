//! `fmt`: is every Rust file formatted as rustfmt would?

use anyhow::Result;

use crate::command::{self, Log, cargo};

pub(crate) fn run(log: &Log) -> Result<String> {
    // By itself rustfmt colours files, too.
    let check = ["--check", "--", "--color", if log.is_terminal() { "always" } else { "never" }];
    command::run(log, cargo(&["fmt", "--all"]).args(check))?;
    for other in ["firmware", "fuzz"] {
        let manifest = format!("{other}/Cargo.toml");
        command::run(log, cargo(&["fmt", "--all", "--manifest-path", &manifest]).args(check))?;
    }
    Ok(String::new())
}
