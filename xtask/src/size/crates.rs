//! Where the flash goes: the code of the programs with a handshake, by crate.

use std::{collections::BTreeSet, fmt::Write as _};

use anyhow::Result;

use super::{Optimization, Programs, elf::code_by_crate};

const COLUMNS: [&str; 6] = [
    "slices-client",
    "slices-server",
    "blocking-client",
    "blocking-server",
    "asynchronous-client",
    "asynchronous-server",
];

/// A row for each crate that has code in one of the programs.
pub(super) fn table(programs: &Programs, target: &str, optimization: Optimization) -> Result<String> {
    let mut code = Vec::new();
    for name in COLUMNS {
        code.push(code_by_crate(&programs.path(target, optimization, name))?);
    }
    let names: BTreeSet<&String> = code.iter().flat_map(|crates| crates.keys()).collect();
    let mut text = format!("| | {} |\n|---|{}\n", COLUMNS.join(" | "), "--:|".repeat(COLUMNS.len()));
    for name in names {
        let numbers: Vec<String> =
            code.iter().map(|crates| crates.get(name).map_or("–".to_string(), ToString::to_string)).collect();
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {name} | {} |", numbers.join(" | "));
    }
    Ok(text)
}
