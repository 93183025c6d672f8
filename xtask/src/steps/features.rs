//! `features`: each library crate alone, with no feature, with each feature by itself, and with all.
//!
//! Checked with Clippy, because it is `cargo check` with more to say, and `lint` has already built the dependencies for it. Each
//! combination is checked twice: the library as a user builds it, and with its tests, whose dependencies could otherwise switch on
//! a feature that the library forgot to ask for.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::{
    command::{self, Log, cargo},
    workspace::{self, Package},
};

pub(crate) fn run(log: &Log) -> Result<String> {
    let mut count = 0_usize;
    for library in workspace::libraries()? {
        for features in combinations(library) {
            for targets in ["--lib", "--all-targets"] {
                let mut check = cargo(&["clippy", "--package", &library.name, targets, "--no-default-features"]);
                if !features.is_empty() {
                    check.args(["--features", &features]);
                }
                command::run(log, check.args(["--", "--deny", "warnings"]))?;
            }
            count += 1;
        }
    }
    Ok(format!("{count} combinations"))
}

/// Nothing, each feature, all of them: as cargo's `--features` wants them.
fn combinations(package: &Package) -> BTreeSet<String> {
    let features: Vec<&str> = package.features.keys().map(String::as_str).filter(|&name| name != "default").collect();
    let mut combinations: BTreeSet<String> = features.iter().map(ToString::to_string).collect();
    combinations.insert(String::new());
    combinations.insert(features.join(","));
    combinations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_each_and_all() {
        let mut package = workspace::libraries().unwrap()[0].clone();
        let features = ["default", "b", "a"].map(|name| (name.to_string(), Vec::new()));
        package.features = features.into();
        assert_eq!(Vec::from_iter(combinations(&package)), ["", "a", "a,b", "b"]);
        package.features.clear();
        assert_eq!(Vec::from_iter(combinations(&package)), [""]);
    }
}
