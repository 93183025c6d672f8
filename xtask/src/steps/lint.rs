//! `lint`: Clippy on everything, on the libraries without their default features, and on the fuzz targets, warnings denied.

use anyhow::Result;

use crate::{
    command::{self, Log, cargo},
    workspace,
};

pub(crate) fn run(log: &Log) -> Result<String> {
    let deny = ["--", "--deny", "warnings"];
    let clippy = |arguments: &[&str]| command::run(log, cargo(&["clippy"]).args(arguments).args(deny));
    clippy(&["--workspace", "--all-targets", "--all-features"])?;
    let mut bare = vec!["--no-default-features"];
    for library in workspace::libraries()? {
        bare.extend(["--package", &library.name]);
    }
    clippy(&bare)?;

    let folder = workspace::own_folder()?.join("fuzz");
    let mut fuzz = cargo(&["clippy", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target-dir"]);
    // Nothing is linked, so that nobody misses the archive; without its path libfuzzer-sys would compile it, from C++.
    fuzz.arg(&folder).env("CUSTOM_LIBFUZZER_PATH", folder.join("libfuzzer-is-not-linked.a"));
    command::run(log, fuzz.args(deny))?;
    Ok(String::new())
}
