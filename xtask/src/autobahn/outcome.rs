//! What the suite found in a case, read from the reports that it writes.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use serde::{Deserialize, de::DeserializeOwned};

use super::case::Case;
use crate::workspace::shown;

/// What was found in each case.
pub(super) type Outcomes = BTreeMap<Case, Outcome>;

/// What the suite says of a behaviour, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Ok,
    Informational,
    NonStrict,
    Unimplemented,
    Failed,
}

impl Verdict {
    /// All of them, in the order of tables.
    pub(super) const ALL: [Self; 5] =
        [Self::Ok, Self::NonStrict, Self::Informational, Self::Unimplemented, Self::Failed];

    /// The verdict that the suite writes so.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }

    /// As the suite writes it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Informational => "INFORMATIONAL",
            Self::NonStrict => "NON-STRICT",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Failed => "FAILED",
        }
    }
}

/// What was found in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// How our program behaved.
    pub(super) behavior: Verdict,
    /// How the connection ended, in the suite's words: `OK`, `UNCLEAN`, `WRONG CODE` and others.
    pub(super) close: String,
    /// Why, for people.
    pub(super) reason: String,
}

impl Outcome {
    /// Nothing happened for so many seconds, until our program was killed.
    pub(super) fn hung(seconds: u64) -> Self {
        let reason = format!("hung: nothing happened for {seconds} s, and our program was killed");
        Self { behavior: Verdict::Failed, close: Verdict::Failed.word().to_string(), reason }
    }

    /// Did the connection end as it must?
    pub(super) fn is_clean(&self) -> bool {
        [Verdict::Ok, Verdict::Informational].iter().any(|verdict| self.close == verdict.word())
    }

    /// All is well, with nothing to add.
    pub(super) fn is_ok(&self) -> bool {
        self.behavior == Verdict::Ok && self.close == Verdict::Ok.word()
    }
}

/// Reads the reports in `folder` about `agent`, which is what the suite was told to call our program.
pub(super) fn read(folder: &Path, agent: &str) -> Result<Outcomes> {
    let index: BTreeMap<String, BTreeMap<String, Entry>> = read_json(&folder.join("index.json"))?;
    let cases = index.get(agent).with_context(|| format!("the suite has no report about {agent}"))?;
    let outcome = |(case, entry): (&String, &Entry)| {
        // A word that the suite did not know so far cannot be good news.
        let behavior = Verdict::of(&entry.behavior).unwrap_or(Verdict::Failed);
        let mut outcome = Outcome { behavior, close: entry.close.clone(), reason: String::new() };
        if !outcome.is_ok() {
            let details: Details = read_json(&folder.join(&entry.report))?;
            outcome.reason = details.in_words(&outcome);
        }
        Ok((case.parse()?, outcome))
    };
    cases.iter().map(outcome).collect()
}

/// A case in the suite's index.
#[derive(Debug, Deserialize)]
struct Entry {
    behavior: String,
    #[serde(rename = "behaviorClose")]
    close: String,
    #[serde(rename = "reportfile")]
    report: String,
}

/// The suite's report about a case.
#[derive(Debug, Deserialize)]
struct Details {
    result: String,
    #[serde(rename = "resultClose")]
    close_result: String,
    expectation: String,
}

impl Details {
    /// What is wrong, and what should be.
    fn in_words(&self, outcome: &Outcome) -> String {
        let mut words = self.result.clone();
        if !outcome.is_clean() {
            words = format!("{words} {}.", self.close_result.trim_end_matches('.'));
        }
        if outcome.behavior != Verdict::Informational {
            words = format!("{words} Expected: {}", self.expectation);
        }
        // It is meant for browsers.
        words.replace("<br>", " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| format!("the suite has not written {}", shown(path)))?;
    serde_json::from_str(&text).with_context(|| format!("the suite wrote something unexpected: {}", shown(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn reports_are_read_with_their_reasons() {
        let folder = workspace::own_folder().unwrap().join("test-autobahn-reports");
        fs::create_dir_all(&folder).unwrap();
        let index = r#"{"us": {
            "1.1.1": {"behavior": "OK", "behaviorClose": "OK", "duration": 3, "reportfile": "not-there.json"},
            "6.4.3": {"behavior": "NON-STRICT", "behaviorClose": "OK", "reportfile": "a.json"},
            "5.1": {"behavior": "OK", "behaviorClose": "UNCLEAN", "reportfile": "a.json"},
            "9.9": {"behavior": "SPLENDID", "behaviorClose": "INFORMATIONAL", "reportfile": "a.json"}}, "others": {}}"#;
        fs::write(folder.join("index.json"), index).unwrap();
        let report =
            r#"{"result": "Events differ.", "resultClose": "It was dropped", "expectation": "First\n one.<br>Then."}"#;
        fs::write(folder.join("a.json"), report).unwrap();
        let outcomes = read(&folder, "us").unwrap();
        let error = read(&folder, "nobody").unwrap_err();
        fs::remove_dir_all(&folder).unwrap();

        let found: Vec<_> = outcomes
            .iter()
            .map(|(case, outcome)| (case.to_string(), outcome.behavior, outcome.is_clean(), outcome.reason.as_str()))
            .collect();
        let expected = [
            ("1.1.1", Verdict::Ok, true, ""),
            ("5.1", Verdict::Ok, false, "Events differ. It was dropped. Expected: First one. Then."),
            ("6.4.3", Verdict::NonStrict, true, "Events differ. Expected: First one. Then."),
            ("9.9", Verdict::Failed, true, "Events differ. Expected: First one. Then."),
        ];
        assert_eq!(found, expected.map(|(case, behavior, clean, reason)| (case.to_string(), behavior, clean, reason)));
        assert!(error.to_string().contains("no report about nobody"), "{error}");
        assert!(read(&folder, "us").unwrap_err().to_string().contains("has not written"));
    }
}
