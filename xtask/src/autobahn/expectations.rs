//! What the suite must find: the committed list of its cases, each with its verdict.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, bail, ensure};

use super::{case::Case, outcome::Verdict};
use crate::workspace::shown;

/// The verdict of each case.
pub(super) type Verdicts = BTreeMap<Case, Verdict>;

/// The list.
#[derive(Debug)]
pub(super) struct Expectations {
    /// The groups of cases and what they are about.
    pub(super) groups: BTreeMap<u32, String>,
    cases: Verdicts,
}

impl Expectations {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", shown(path)))?;
        Self::parse(&text).with_context(|| shown(path))
    }

    /// The cases that any of the patterns means, all without one; a pattern that means none is an error.
    pub(super) fn select(&self, patterns: &[String]) -> Result<Verdicts> {
        for pattern in patterns {
            ensure!(
                self.cases.keys().any(|case| case.matches(pattern)),
                "no case matches `{pattern}`: say `9.*` for a group, or `7.1.6` for a case (groups {} are tested)",
                self.groups.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            );
        }
        let is_meant = |case: &Case| patterns.is_empty() || patterns.iter().any(|pattern| case.matches(pattern));
        Ok(self
            .cases
            .iter()
            .filter(|(case, _)| is_meant(case))
            .map(|(case, verdict)| (case.clone(), *verdict))
            .collect())
    }

    fn parse(text: &str) -> Result<Self> {
        let (mut groups, mut cases) = (BTreeMap::new(), BTreeMap::new());
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some((number, title)) = line.strip_prefix("group ").and_then(|group| group.split_once(": ")) {
                groups.insert(number.parse().with_context(|| format!("`{line}` has no number"))?, title.to_string());
                continue;
            }
            let (range, verdict) = line.split_once(' ').unwrap_or((line, "OK"));
            let Some(verdict) = Verdict::of(verdict) else { bail!("`{line}` ends with a word that is no verdict") };
            let (first, last) = range.split_once('-').unwrap_or((range, ""));
            let first: Case = first.parse()?;
            let range: Vec<Case> = match last {
                "" => vec![first],
                last => first.up_to(last.parse().with_context(|| format!("`{line}` has no last case"))?).collect(),
            };
            for case in range {
                ensure!(groups.contains_key(&case.group()), "`{line}` is in no group");
                ensure!(cases.insert(case, verdict).is_none(), "`{line}` is there twice");
            }
        }
        ensure!(!cases.is_empty(), "it lists no cases");
        Ok(Self { groups, cases })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{autobahn::EXPECTATIONS, workspace};

    #[test]
    fn cases_are_counted_as_the_suite_counts_them() {
        let expectations = Expectations::read(&workspace::root().join(EXPECTATIONS)).unwrap();
        let counts: Vec<_> = expectations
            .groups
            .keys()
            .map(|group| (*group, expectations.select(&[format!("{group}.*")]).unwrap().len()))
            .collect();
        assert_eq!(counts, [(1, 16), (2, 11), (3, 7), (4, 10), (5, 20), (6, 145), (7, 37), (9, 54), (10, 1)]);
        let all = expectations.select(&[]).unwrap();
        assert_eq!(all.len(), 301);
        let others: Vec<_> = all
            .iter()
            .filter(|(_, verdict)| **verdict != Verdict::Ok)
            .map(|(case, verdict)| (case.to_string(), *verdict))
            .collect();
        assert_eq!(others, ["7.1.6", "7.13.1", "7.13.2"].map(|case| (case.to_string(), Verdict::Informational)));
    }

    #[test]
    fn a_pattern_without_cases_is_an_error() {
        let expectations = Expectations::parse("group 2: x\n2.1-11\n").unwrap();
        assert_eq!(expectations.select(&["2.1".into(), "2.1*".into()]).unwrap().len(), 3);
        for pattern in ["1", "12.*", "2.12", ""] {
            let error = expectations.select(&["2.1".into(), pattern.into()]).unwrap_err();
            assert!(error.to_string().starts_with(&format!("no case matches `{pattern}`")), "{error}");
        }
    }

    #[test]
    fn mistakes_in_the_list_are_told() {
        for (text, reason) in [
            ("", "lists no cases"),
            ("2.1", "in no group"),
            ("group 2: x\n2.1 GOOD", "no verdict"),
            ("group 2: x\n2.1-2\n2.2", "twice"),
            ("group 2: x\n2.1-y", "no last case"),
            ("group x: x\n", "no number"),
        ] {
            let error = format!("{:#}", Expectations::parse(text).unwrap_err());
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
