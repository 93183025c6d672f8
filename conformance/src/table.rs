//! The rows with what came of them, for people at a terminal and for a document.

use std::fmt::Write as _;

use crate::{
    row::{Failure, Row, Theme, Verdict},
    sources::legend,
};

/// A theme with what came of each of its rows.
pub(crate) struct Judged {
    pub(crate) theme: Theme,
    pub(crate) verdicts: Vec<Verdict>,
}

impl Judged {
    pub(crate) fn new(theme: Theme) -> Self {
        let verdicts = theme.rows.iter().map(Row::judge).collect();
        Self { theme, verdicts }
    }

    fn rows(&self) -> impl Iterator<Item = (&Row, &Verdict)> {
        self.theme.rows.iter().zip(&self.verdicts)
    }

    /// The rows that failed, and how.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&Row, &Failure)> {
        self.rows().filter_map(|(row, verdict)| match verdict {
            Verdict::Passed(_) => None,
            Verdict::Failed(failure) => Some((row, failure)),
        })
    }
}

/// How many rows there are, how many of them are probes, and how many failed.
pub(crate) fn summary(tables: &[Judged]) -> String {
    let rows: usize = tables.iter().map(|table| table.theme.rows.len()).sum();
    let probes = tables.iter().flat_map(|table| &table.theme.rows).filter(|row| row.is_probe).count();
    let failures = tables.iter().flat_map(Judged::failures).count();
    format!("{rows} rows, {probes} of them probes; {} passed, {failures} failed", rows - failures)
}

/// For a terminal.
pub(crate) fn terminal(tables: &[Judged], colours: bool) -> String {
    let mut text = String::new();
    let colour = |code: &str, word: &str| if colours { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_string() };
    let width = |field: fn(&Row) -> usize| tables.iter().flat_map(|table| &table.theme.rows).map(field).max();
    let section_width = width(|row| row.section.len()).unwrap_or_default();
    let what_width = width(|row| row.what.chars().count()).unwrap_or_default();
    for table in tables {
        let _ = writeln!(text, "\n{}", table.theme.title);
        for (row, verdict) in table.rows() {
            let (word, seen) = match verdict {
                Verdict::Passed(seen) => (colour("32", "passed"), seen),
                Verdict::Failed(failure) => (colour("31", "FAILED"), &failure.seen),
            };
            let _ =
                writeln!(text, "{word}  {:section_width$}  {:what_width$}  {}", row.section, row.what, escaped(seen));
        }
    }
    text.push('\n');
    for (row, failure) in tables.iter().flat_map(Judged::failures) {
        let _ = writeln!(text, "FAILED {}", row.name());
        let _ = writeln!(text, "  rule:     {}", row.rule);
        for (name, value) in
            [("sent", &row.bytes), ("expected", &failure.expected), ("seen", &failure.seen), ("way", &failure.way)]
        {
            if !value.is_empty() {
                let _ = writeln!(text, "  {:9} {}", format!("{name}:"), escaped(value));
            }
        }
    }
    let _ = writeln!(text, "{}", summary(tables));
    text
}

/// For a document.
pub(crate) fn markdown(tables: &[Judged]) -> String {
    let mut text = format!("{}.\n\n{}", summary(tables), legend());
    for table in tables {
        let _ = write!(text, "\n### {}\n\n", table.theme.title);
        text.push_str(
            "| § | the rule, in short | what is done | what we do | seen in | |\n|---|---|---|---|---|---|\n",
        );
        for (row, verdict) in table.rows() {
            let (word, seen) = match verdict {
                Verdict::Passed(seen) => ("passed", seen),
                Verdict::Failed(failure) => ("**FAILED**", &failure.seen),
            };
            let bytes = if row.bytes.is_empty() { String::new() } else { format!(": {}", code(&row.bytes)) };
            let probe = if row.is_probe { "probe" } else { "" };
            let seen_in = [probe, row.seen_in].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            let _ = writeln!(
                text,
                "| {} | {} | {}{bytes} | {} | {} | {word} |",
                row.section,
                cell(row.rule),
                cell(row.what),
                cell(seen),
                seen_in.join(", "),
            );
        }
    }
    text
}

/// Bytes in a cell. Of the bar between two frames, the document's own bars must be told apart.
fn code(bytes: &str) -> String {
    let parts = bytes.split(" | ").map(|part| format!("`{}`", escaped(part).replace('|', "\\|")));
    parts.collect::<Vec<_>>().join(", ")
}

/// Text in a cell.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for character in escaped(text).chars() {
        if r"|\`*_<>[]".contains(character) {
            cell.push('\\');
        }
        cell.push(character);
    }
    cell
}

/// Text without control characters.
fn escaped(text: &str) -> String {
    let escape = |character: char| match character {
        control if control.is_control() => control.escape_default().to_string(),
        character => character.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        frame::{TEXT, frame},
        outcome::{fails, receives, text},
        row::row,
    };

    fn judged() -> Vec<Judged> {
        let rows = vec![
            row("5.6", "a | rule", "a text").probe().seen_in("XY").frames([frame(TEXT, "a")], receives([text("a")])),
            row("8.1", "a rule", "another text")
                .frames([frame(TEXT, "a")], fails(1007, ws_core::Violation::TextNotUtf8)),
            row("1", "no panic", "a panic").does("nothing", || panic!("{}", "why")),
        ];
        vec![Judged::new(Theme { title: "Texts", rows })]
    }

    #[test]
    fn documents_have_every_row() {
        assert_eq!(
            markdown(&judged()).replace(&legend(), "Legend.\n"),
            "3 rows, 1 of them probes; 1 passed, 2 failed.\n\nLegend.\n\n### Texts\n\n\
             | § | the rule, in short | what is done | what we do | seen in | |\n|---|---|---|---|---|---|\n\
             | 5.6 | a \\| rule | a text: `81 01 61` | received \"a\"; open | probe, XY | passed |\n\
             | 8.1 | a rule | another text: `81 01 61` | received \"a\"; open |  | **FAILED** |\n\
             | 1 | no panic | a panic | a panic: why |  | **FAILED** |\n"
        );
    }

    #[test]
    fn failures_say_what_was_expected_and_what_happened() {
        let shown = terminal(&judged(), false);
        assert!(shown.starts_with("\nTexts\npassed  5.6  a text        received \"a\"; open\n"), "{shown}");
        assert!(
            shown.contains(
                "\nFAILED 8.1 another text\n  rule:     a rule\n  sent:     81 01 61\n  \
             expected: sent Close 1007; error: the peer sent a text message that is not UTF-8 (RFC 6455, section 8.1)\n  \
             seen:     received \"a\"; open\n  way:      server, blocking, read at once, pieces in buffers of 1 bytes\n"
            ),
            "{shown}"
        );
        assert!(shown.ends_with("\nFAILED 1 a panic\n  rule:     no panic\n  expected: nothing\n  seen:     a panic: why\n3 rows, 1 of them probes; 1 passed, 2 failed\n"), "{shown}");
    }
}
