//! What cargo-mutants found out: its `outcomes.json`, counted for each file and compared with what is explained.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::explained::Explained;

/// The part of `outcomes.json` that is looked at.
#[derive(Debug, Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    scenario: Scenario,
    summary: Summary,
    diff_path: Option<String>,
}

#[derive(Debug, Deserialize)]
enum Scenario {
    /// The tests of the code as it is.
    Baseline,
    Mutant(Mutant),
}

/// A change: in which file, and what cargo-mutants calls it, with line and column.
#[derive(Debug, Deserialize)]
struct Mutant {
    file: String,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Summary {
    Success,
    Failure,
    CaughtMutant,
    MissedMutant,
    Timeout,
    Unviable,
}

/// What came of the mutants.
#[derive(Debug, Default)]
pub(super) struct Report {
    files: BTreeMap<String, Counts>,
    /// The survivors that nothing explains.
    pub(super) unexplained: Vec<String>,
    /// Those whose tests ran for too long. That is as good as caught, if it is not the machine that was slow.
    pub(super) hung: Vec<String>,
    /// The names that are explained more often than there were such survivors.
    pub(super) stale: Vec<String>,
}

/// How many mutants there were, and how many of them ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    mutants: usize,
    caught: usize,
    timeouts: usize,
    unviable: usize,
    explained: usize,
    survived: usize,
}

impl Report {
    /// Reads `outcomes.json`. What is explained and did not survive is stale if all mutants of its file were tried (`is_all`);
    /// `is_meant` says of files without mutants whether any was to be tried.
    pub(super) fn read(
        json: &str,
        explained: &Explained,
        is_all: bool,
        is_meant: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let outcomes: Outcomes = serde_json::from_str(json).context("cargo-mutants wrote something unexpected")?;
        let mut report = Self::default();
        let mut survivors: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for Outcome { scenario, summary, diff_path } in outcomes.outcomes {
            let Scenario::Mutant(mutant) = scenario else { continue };
            let counts = report.files.entry(mutant.file.clone()).or_default();
            counts.mutants += 1;
            match summary {
                Summary::CaughtMutant => counts.caught += 1,
                Summary::Timeout => {
                    counts.timeouts += 1;
                    report.hung.push(mutant.name);
                }
                Summary::Unviable => counts.unviable += 1,
                Summary::MissedMutant | Summary::Success | Summary::Failure => {
                    let place = format!("{} ({})", mutant.name, diff_path.unwrap_or_default());
                    survivors.entry(mutant.name_without_place()).or_default().push(place);
                }
            }
        }
        for (name, places) in &survivors {
            let counts = report.files.entry(file_of(name).to_string()).or_default();
            // Which of several that have one name is the new one, only a person can say.
            if explained.get(name).is_some_and(|explained| places.len() <= *explained) {
                counts.explained += places.len();
            } else {
                counts.survived += places.len();
                report.unexplained.extend(places.iter().cloned());
            }
        }
        let is_stale = |(name, count): &(&String, &usize)| survivors.get(*name).map_or(0, Vec::len) < **count;
        let is_tried = |file: &str| is_all && (report.files.contains_key(file) || is_meant(file));
        let tried = explained.iter().filter(|(name, _)| is_tried(file_of(name)));
        let stale = tried.filter(is_stale).map(|(name, _)| name.clone()).collect();
        report.stale = stale;
        Ok(report)
    }

    /// One line for all.
    pub(super) fn summary(&self) -> String {
        let Counts { mutants, caught, timeouts, unviable, explained, survived } = self.total();
        let stale = if self.stale.is_empty() { String::new() } else { format!(", {} stale", self.stale.len()) };
        format!(
            "{mutants} mutants: {caught} caught, {timeouts} hung, {unviable} did not compile, {explained} explained{stale}, \
             {survived} survived"
        )
    }

    fn total(&self) -> Counts {
        self.files.values().fold(Counts::default(), Counts::plus)
    }
}

impl Counts {
    fn plus(self, other: &Self) -> Self {
        Self {
            mutants: self.mutants + other.mutants,
            caught: self.caught + other.caught,
            timeouts: self.timeouts + other.timeouts,
            unviable: self.unviable + other.unviable,
            explained: self.explained + other.explained,
            survived: self.survived + other.survived,
        }
    }
}

impl fmt::Display for Report {
    /// Writes the table: a row for each file, and below one for each crate.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut crates: BTreeMap<&str, Counts> = BTreeMap::new();
        for (file, counts) in &self.files {
            let sum = crates.entry(file.split('/').next().unwrap_or_default()).or_default();
            *sum = sum.plus(counts);
        }
        let width = self.files.keys().map(String::len).max().unwrap_or_default();
        writeln!(f, "{:<width$} mutants  caught    hung  unviable  explained  SURVIVED", "file")?;
        let files = self.files.iter().map(|(file, counts)| (file.as_str(), counts));
        for (name, counts) in files.chain(crates.iter().map(|(name, counts)| (*name, counts))) {
            let Counts { mutants, caught, timeouts, unviable, explained, survived } = counts;
            writeln!(
                f,
                "{name:<width$} {mutants:>7} {caught:>7} {timeouts:>7} {unviable:>9} {explained:>10} {survived:>9}"
            )?;
        }
        Ok(())
    }
}

impl Mutant {
    /// `a.rs:1:2: replace x` is `a.rs: replace x`: lines move too often to be written down.
    fn name_without_place(&self) -> String {
        let change = self.name.split_once(": ").map_or(self.name.as_str(), |(_, change)| change);
        format!("{}: {change}", self.file)
    }
}

fn file_of(name: &str) -> &str {
    name.split_once(": ").map_or(name, |(file, _)| file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cargo-mutants writes of mutants with these names and ends.
    fn json(mutants: &[(&str, &str)]) -> String {
        let baseline = r#"{"scenario":"Baseline","summary":"Success","diff_path":null}"#.to_string();
        let mutants = mutants.iter().map(|(name, summary)| {
            let file = name.split(':').next().unwrap();
            let mutant = format!(r#"{{"name":"{name}","file":"{file}","genre":"FnValue"}}"#);
            format!(r#"{{"scenario":{{"Mutant":{mutant}}},"summary":"{summary}","diff_path":"diff/x"}}"#)
        });
        format!(
            r#"{{"outcomes":[{}],"caught":1}}"#,
            [baseline].into_iter().chain(mutants).collect::<Vec<_>>().join(",")
        )
    }

    fn report(mutants: &[(&str, &str)], explained: &[(&str, usize)], is_all: bool) -> Report {
        let explained = explained.iter().map(|(name, count)| ((*name).to_string(), *count)).collect();
        Report::read(&json(mutants), &explained, is_all, |file| file != "elsewhere.rs").unwrap()
    }

    const MUTANTS: [(&str, &str); 7] = [
        ("x/a.rs:1:2: replace + with - in f", "CaughtMutant"),
        ("x/a.rs:3:4: replace | with ^ in f", "MissedMutant"),
        ("x/a.rs:3:9: replace | with ^ in f", "MissedMutant"),
        ("x/b.rs:5:6: replace g -> u8 with 0", "Timeout"),
        ("y/c.rs:5:6: replace g -> u8 with 1", "Unviable"),
        ("x/b.rs:7:8: replace == with != in h", "MissedMutant"),
        ("x/b.rs:9:8: replace == with != in i", "CaughtMutant"),
    ];

    #[test]
    fn survivors_are_explained_or_not() {
        let report = report(&MUTANTS, &[("x/a.rs: replace | with ^ in f", 2)], true);
        assert_eq!(report.unexplained, ["x/b.rs:7:8: replace == with != in h (diff/x)"]);
        assert_eq!(report.stale, [""; 0]);
        assert_eq!(report.summary(), "7 mutants: 2 caught, 1 hung, 1 did not compile, 2 explained, 1 survived");
        assert_eq!(
            report.to_string(),
            "file   mutants  caught    hung  unviable  explained  SURVIVED\n\
             x/a.rs       3       1       0         0          2         0\n\
             x/b.rs       3       1       1         0          0         1\n\
             y/c.rs       1       0       0         1          0         0\n\
             x            6       2       1         0          2         1\n\
             y            1       0       0         1          0         0\n"
        );
    }

    #[test]
    fn more_survivors_of_a_name_than_explained_are_unexplained() {
        let report =
            report(&MUTANTS, &[("x/a.rs: replace | with ^ in f", 1), ("x/b.rs: replace == with != in h", 1)], true);
        assert_eq!(
            report.unexplained,
            ["x/a.rs:3:4: replace | with ^ in f (diff/x)", "x/a.rs:3:9: replace | with ^ in f (diff/x)"]
        );
    }

    #[test]
    fn explained_and_caught_or_gone_is_stale_if_all_were_tried() {
        let explained = [
            ("x/a.rs: replace | with ^ in f", 3),
            ("x/b.rs: replace == with != in h", 1),
            ("x/b.rs: replace == with != in i", 1),
            ("elsewhere.rs: replace + with -", 1),
            ("gone.rs: replace + with -", 1),
        ];
        let stale = ["gone.rs: replace + with -", "x/a.rs: replace | with ^ in f", "x/b.rs: replace == with != in i"];
        let all = report(&MUTANTS, &explained, true);
        assert_eq!(all.stale, stale);
        assert!(all.summary().ends_with("3 explained, 3 stale, 0 survived"), "{}", all.summary());
        assert_eq!(report(&MUTANTS, &explained, false).stale, [""; 0]);
    }

    #[test]
    fn other_files_are_refused() {
        let error = Report::read("{}", &Explained::new(), true, |_| true).unwrap_err();
        assert_eq!(error.to_string(), "cargo-mutants wrote something unexpected");
    }
}
