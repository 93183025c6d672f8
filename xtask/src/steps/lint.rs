//! `lint`: Clippy on everything, and on the libraries without their default features, warnings denied.

use anyhow::Result;

use crate::{
    command::{self, Log, cargo},
    workspace,
};

pub(crate) fn run(log: &Log) -> Result<String> {
    let clippy =
        |arguments: &[&str]| command::run(log, cargo(&["clippy"]).args(arguments).args(["--", "--deny", "warnings"]));
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    let mut bare = vec!["--no-default-features"];
    for library in workspace::libraries()? {
        bare.extend(["--package", &library.name]);
    }
    clippy(&bare)?;
    Ok(String::new())
}
