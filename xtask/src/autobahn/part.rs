//! The results in `docs/conformance.md`: written when asked, else compared.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use super::{
    Run,
    expectations::{Expectations, Verdicts},
    outcome::Verdict,
    table::{self, Counts, HEADINGS},
};
use crate::{date::today, document::Part, workspace};

const DOCUMENT: &str = "docs/conformance.md";
const NAME: &str = "autobahn";

/// What the first line begins with; the rest of it, the date and the suite's version, is not compared.
const DATE: &str = "Run on ";

/// Writes the results of a full run, if `update` says so; else requires that they are what the document says.
pub(super) fn update_or_compare(
    update: bool,
    version: &str,
    expectations: &Expectations,
    expected: &Verdicts,
    runs: &[Run],
) -> Result<()> {
    let path = workspace::root().join(DOCUMENT);
    let part = Part::new(&path, NAME);
    let text = markdown(version, expectations, expected, runs);
    if update {
        return part.write(&text);
    }
    ensure!(
        without_first_line(&part.read()?) == without_first_line(&text),
        "{DOCUMENT} says something else: `cargo xtask autobahn --update` writes what was found"
    );
    Ok(())
}

fn markdown(version: &str, expectations: &Expectations, expected: &Verdicts, runs: &[Run]) -> String {
    let groups: Vec<BTreeMap<u32, Counts>> = runs.iter().map(|run| table::count(expected, &run.outcomes)).collect();
    let mut all: BTreeMap<u32, Counts> = BTreeMap::new();
    for (group, counts) in groups.iter().flatten() {
        all.entry(*group).or_default().add(counts);
    }
    let of_programs: Vec<_> = runs
        .iter()
        .zip(&groups)
        .map(|(run, groups)| {
            let run = run.combination;
            row(&[run.role.word(), run.adapter.word(), &run.buffer.to_string()], &table::total(groups))
        })
        .collect();
    let of_groups: Vec<_> = all
        .iter()
        .map(|(group, counts)| {
            row(&[&group.to_string(), expectations.groups.get(group).map_or("", String::as_str)], counts)
        })
        .collect();
    format!(
        "{DATE}{} with AutobahnTestSuite {version}: `cargo xtask autobahn --update`.\n\n\
         {} cases with each program. Our programs echo while a message arrives, through a receive and a transmit \
         buffer of so many bytes; messages have up to 16 MiB. *Unclean* are cases, of any verdict, of which the connection did not end \
         as it must; *missing* are those that the suite did not come to.\n\n{}{}\n\
         All programs together, by what the cases are about:\n\n{}{}\n{}",
        today(),
        expected.len(),
        head(&["role", "adapter", "buffers"]),
        of_programs.concat(),
        head(&["group", "about"]),
        of_groups.concat(),
        remarks(expected),
    )
}

/// What the numbers do not say.
fn remarks(expected: &Verdicts) -> String {
    let informational = expected.iter().filter(|(_, verdict)| **verdict == Verdict::Informational);
    let informational: Vec<String> = informational.map(|(case, _)| case.to_string()).collect();
    format!(
        "{} are always informational, whatever a program does. Groups 12 and 13 are not tried: they test permessage-deflate, which \
         these crates do not have.\n",
        informational.join(", ")
    )
}

fn head(columns: &[&str]) -> String {
    let names: Vec<&str> = columns.iter().copied().chain(HEADINGS).collect();
    let lines = columns.iter().map(|_| "---").chain(HEADINGS.iter().map(|_| "--:")).collect::<Vec<_>>();
    format!("| {} |\n|{}|\n", names.join(" | "), lines.join("|"))
}

fn row(columns: &[&str], counts: &Counts) -> String {
    let cells: Vec<String> =
        columns.iter().map(ToString::to_string).chain(counts.numbers().iter().map(ToString::to_string)).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn without_first_line(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with(DATE) => rest.trim(),
        _ => text.trim(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::autobahn::{
        EXPECTATIONS,
        combination::{Adapter, Combination, Role},
        outcome::Outcome,
    };

    /// The text about a run in which everything is as expected but for 6.4.3.
    fn text(version: &str, behavior: Verdict) -> String {
        let expectations = Expectations::read(&workspace::root().join(EXPECTATIONS)).unwrap();
        let expected = expectations.select(&[]).unwrap();
        let outcome = |(case, verdict): (&_, &Verdict)| {
            (
                Clone::clone(case),
                Outcome { behavior: *verdict, close: verdict.word().to_string(), reason: String::new() },
            )
        };
        let mut run = Run {
            combination: Combination { role: Role::Server, adapter: Adapter::Async, buffer: 64 },
            outcomes: expected.iter().map(outcome).collect(),
            wrong: Vec::new(),
            time: Duration::ZERO,
        };
        let close = "OK".to_string();
        run.outcomes.insert("6.4.3".parse().unwrap(), Outcome { behavior, close, reason: String::new() });
        markdown(version, &expectations, &expected, &[run])
    }

    #[test]
    fn the_tables_have_what_was_found() {
        let text = text("25.10.1", Verdict::NonStrict);
        for line in [
            "| role | adapter | buffers | OK | NON-STRICT | INFORMATIONAL | UNIMPLEMENTED | FAILED | missing | unclean |",
            "| server | async | 64 | 297 | 1 | 3 | 0 | 0 | 0 | 0 |",
            "| 6 | UTF-8 | 144 | 1 | 0 | 0 | 0 | 0 | 0 |",
            "| 7 | closing handshake | 34 | 0 | 3 | 0 | 0 | 0 | 0 |",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.contains("7.1.6, 7.13.1, 7.13.2 are always informational"), "{text}");
    }

    #[test]
    fn all_but_the_first_line_is_compared() {
        let (one, other) = (text("25.10.1", Verdict::Ok), text("0.8.2", Verdict::Ok));
        assert_ne!(one, other);
        assert_eq!(without_first_line(&one), without_first_line(&other));
        assert_ne!(without_first_line(&one), without_first_line(&text("25.10.1", Verdict::NonStrict)));
    }
}
