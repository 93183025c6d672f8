//! The results of the conversations: a row for each case, a column for each peer and direction; `-` where there is none.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use super::{cases::names, our_client::server_log, shown};

/// How one conversation went.
pub(super) struct Outcome {
    pub(super) case: &'static str,
    /// `Err` with the reason and the conversation's log.
    pub(super) result: Result<(), (String, PathBuf)>,
}

/// All results.
#[derive(Default)]
pub(super) struct Table {
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
        let first = names().map(str::len).max().unwrap_or_default();
        let headings: Vec<String> =
            self.columns.iter().map(|column| format!("{} {}", column.peer, column.role)).collect();
        writeln!(f, "{:first$}  {}", "", headings.join("  "))?;
        for name in names() {
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
        let [first, second] = [0, 1].map(|number| names().nth(number).unwrap());
        let failed = Err(("because".to_string(), PathBuf::from("no/such.log")));
        let outcomes = vec![Outcome { case: first, result: Ok(()) }, Outcome { case: second, result: failed }];
        table.add("peer", "client", outcomes);
        let shown = table.to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[0].ends_with("  peer client"));
        assert!(lines[1].starts_with(first) && lines[1].ends_with("  ok"));
        assert!(lines[2].starts_with(second) && lines[2].ends_with("  FAIL"));
        assert!(lines[3].ends_with("  -"));
        assert_eq!(table.passed(), 1);
        assert!(table.failures().eq([format!("peer as client, {second}: because")]));
    }
}
