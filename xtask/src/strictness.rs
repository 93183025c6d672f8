//! `strictness`: what our endpoints do when a peer breaks a rule, row by row. The rows are the package `conformance`'s; here they are
//! run, and what they came to is compared with `docs/conformance.md`, or written into it.

use anyhow::{Context as _, Result, ensure};

use crate::{
    command::{Log, ask, cargo, run_and_hear},
    date::today,
    document::Part,
    workspace,
};

const DOCUMENT: &str = "docs/conformance.md";
const NAME: &str = "strictness";
const PROGRAM: [&str; 6] = ["run", "--quiet", "--package", "conformance", "--bin", "strictness"];
/// What the first line of the part begins with; the rest of the line may be another one each time.
const DATE: &str = "Run on ";
/// What the line of a row that failed begins with, where the program says why.
const FAILED: &str = "FAILED ";

#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub(crate) struct Options {
    /// Write the table into `docs/conformance.md`, instead of comparing it
    #[arg(long)]
    update: bool,
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    let (status, output) = run_and_hear(log, &mut cargo(&PROGRAM))?;
    let failed = failures(&output);
    ensure!(failed.is_empty(), "{} rows fail: {}", failed.len(), failed.join("; "));
    ensure!(status.success(), "the rows did not run to their end ({status})");
    let summary = output.lines().last().unwrap_or_default().to_string();

    let table = ask(cargo(&PROGRAM).args(["--", "--markdown"])).context("the rows fail now and then: run it again")?;
    let path = workspace::root().join(DOCUMENT);
    let part = Part::new(&path, NAME);
    if options.update {
        part.write(&format!("{DATE}{}.\n\n{table}", today()))?;
        return Ok(format!("{summary}; written to {DOCUMENT}"));
    }
    ensure!(
        without_date(&part.read()?) == table.trim(),
        "{DOCUMENT} says something else: `cargo xtask strictness --update` writes what was found"
    );
    Ok(summary)
}

/// The rows that failed: the lines that say why follow each name, so that it differs from the line in the table.
fn failures(output: &str) -> Vec<&str> {
    let names = output.lines().filter_map(|line| line.strip_prefix(FAILED));
    names.filter(|name| name.starts_with(|first: char| first.is_ascii_digit())).collect()
}

/// The text without its first line, if that is the date of the run.
fn without_date(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with(DATE) => rest.trim(),
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_failed_are_named() {
        let output =
            "Texts\nFAILED  8.1  a text  seen\npassed  8.1  FAILED 3\n\nFAILED 8.1 a text\n  rule: x\n2 rows\n";
        assert_eq!(failures(output), ["8.1 a text"]);
        assert_eq!(failures("passed  8.1  a text\n1 rows\n"), [""; 0]);
    }

    #[test]
    fn date_is_not_compared() {
        assert_eq!(without_date("Run on 2026-01-02.\n\n2 rows\n\n| a |\n"), "2 rows\n\n| a |");
        assert_eq!(without_date("2 rows\n"), "2 rows");
    }
}
