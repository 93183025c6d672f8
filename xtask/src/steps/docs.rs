//! `docs`: the documentation of every package, private items too, warnings (broken links, for one) denied.

use anyhow::Result;

use crate::command::{self, Log, cargo};

pub(crate) fn run(log: &Log) -> Result<String> {
    let arguments = ["doc", "--workspace", "--no-deps", "--all-features", "--document-private-items"];
    command::run(log, cargo(&arguments).env("RUSTDOCFLAGS", "--deny warnings"))?;
    Ok(String::new())
}
