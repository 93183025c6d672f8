//! The results of the conversations: a row for each case, a column for each peer and direction; `-` where there is none.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use super::{our_client::server_log, shown};

/// How one conversation went.
pub(super) struct Outcome {
    pub(super) case: &'static str,
    /// `Err` with the reason and the conversation's log.
    pub(super) result: Result<(), (String, PathBuf)>,
}

/// All results.
#[derive(Default)]
pub(super) struct Table {
    /// The cases, in the order in which they were added.
    cases: Vec<&'static str>,
    columns: Vec<Column>,
}

struct Column {
    peer: &'static str,
    role: &'static str,
    outcomes: BTreeMap<&'static str, Outcome>,
}

impl Table {
    /// Adds a column: what came of the cases with `peer` in its `role` (client or server).
    pub(super) fn add(&mut self, peer: &'static str, role: &'static str, outcomes: Vec<Outcome>) {
        for outcome in &outcomes {
            if !self.cases.contains(&outcome.case) {
                self.cases.push(outcome.case);
            }
        }
        let outcomes = outcomes.into_iter().map(|outcome| (outcome.case, outcome)).collect();
        self.columns.push(Column { peer, role, outcomes });
    }

    /// The number of conversations that went as they should.
    pub(super) fn passed(&self) -> usize {
        self.columns.iter().flat_map(|column| column.outcomes.values()).filter(|outcome| outcome.result.is_ok()).count()
    }

    /// A paragraph for each failure: where, why, and the conversation's logs.
    pub(super) fn failures(&self) -> impl Iterator<Item = String> {
        self.columns.iter().flat_map(|column| {
            column.outcomes.values().filter_map(|outcome| {
                let (why, path) = outcome.result.as_ref().err()?;
                let (peer, role, case) = (column.peer, column.role, outcome.case);
                let logs = [path.clone(), server_log(path)].map(|path| contents(&path)).concat();
                Some(format!("{peer} as {role}, {case}: {why}{logs}"))
            })
        })
    }
}

/// The log at `path`, if there is one, for the end of a message.
fn contents(path: &Path) -> String {
    match fs::read_to_string(path) {
        Ok(text) => format!("\n  {}:\n    {}", shown(path), text.trim_end().replace('\n', "\n    ")),
        Err(_) => String::new(),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.cases.iter().map(|case| case.len()).max().unwrap_or_default();
        let headings: Vec<String> =
            self.columns.iter().map(|column| format!("{} {}", column.peer, column.role)).collect();
        writeln!(f, "{:first$}  {}", "", headings.join("  "))?;
        for name in &self.cases {
            let cells = self.columns.iter().zip(&headings).map(|(column, heading)| {
                let cell = match column.outcomes.get(name) {
                    None => "-",
                    Some(Outcome { result: Ok(()), .. }) => "ok",
                    Some(Outcome { result: Err(_), .. }) => "FAIL",
                };
                format!("  {cell:width$}", width = heading.len())
            });
            writeln!(f, "{}", format!("{name:first$}{}", cells.collect::<String>()).trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_shows_what_passed_failed_and_was_not_tried() {
        let mut table = Table::default();
        let failed = Err(("because".to_string(), PathBuf::from("no/such.log")));
        table.add("peer", "client", vec![Outcome { case: "a", result: Ok(()) }, Outcome { case: "b", result: failed }]);
        table.add("peer", "server", vec![Outcome { case: "c", result: Ok(()) }]);
        let shown = table.to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].ends_with("  peer client  peer server"));
        assert!(lines[1].starts_with("a  ok ") && lines[1].ends_with("  -"));
        assert!(lines[2].starts_with("b  FAIL ") && lines[2].ends_with("  -"));
        assert!(lines[3].starts_with("c  - ") && lines[3].ends_with("  ok"));
        assert_eq!(table.passed(), 2);
        assert!(table.failures().eq(["peer as client, b: because"]));
    }
}
