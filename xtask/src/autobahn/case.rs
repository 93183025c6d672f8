//! The numbers by which the suite calls its cases, and patterns for them.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use anyhow::{Context as _, Error, Result};

/// A case's number, such as 6.22.1. The order is the suite's: 6.9.1 is before 6.10.1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case(Vec<u32>);

impl Case {
    /// The group that it belongs to: the first part of its number.
    pub(super) fn group(&self) -> u32 {
        self.0.first().copied().unwrap_or_default()
    }

    /// The cases from this one to the one whose last part is `last`.
    pub(super) fn up_to(&self, last: u32) -> impl Iterator<Item = Self> {
        let (front, first) = match self.0.split_last() {
            Some((first, front)) => (front.to_vec(), *first),
            None => (Vec::new(), 0),
        };
        (first..=last).map(move |part| Self(front.iter().copied().chain([part]).collect()))
    }

    /// Is it one of those that `pattern` means, in which `*` stands for anything?
    pub(super) fn matches(&self, pattern: &str) -> bool {
        is_match(pattern, &self.to_string())
    }
}

impl FromStr for Case {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        Ok(Self(parts.with_context(|| format!("`{text}` is no number of a case, such as 6.22.1"))?))
    }
}

impl Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

fn is_match(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|skipped| rest.get(skipped..).is_some_and(|rest| is_match(after, rest)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(text: &str) -> Case {
        text.parse().unwrap()
    }

    #[test]
    fn the_order_is_by_numbers() {
        let mut cases = ["10.1.1", "6.10.1", "6.9.1", "2.10", "2.9"].map(case);
        cases.sort();
        assert_eq!(cases.map(|case| case.to_string()), ["2.9", "2.10", "6.9.1", "6.10.1", "10.1.1"]);
        assert_eq!(case("10.1.1").group(), 10);
        assert!("".parse::<Case>().is_err() && "1.x".parse::<Case>().is_err());
    }

    #[test]
    fn ranges_include_their_ends() {
        let range = |text: &str, last| case(text).up_to(last).map(|case| case.to_string()).collect::<Vec<_>>();
        assert_eq!(range("6.4.1", 3), ["6.4.1", "6.4.2", "6.4.3"]);
        assert_eq!(range("2.11", 11), ["2.11"]);
        assert!(range("2.11", 10).is_empty());
    }

    #[test]
    fn a_pattern_means_whole_numbers() {
        for (pattern, matching, others) in [
            ("1.*", vec!["1.1.1", "1.2.8"], vec!["10.1.1", "2.1", "11.1"]),
            ("6.2*", vec!["6.2.1", "6.20.1", "6.22.34"], vec!["6.1.2"]),
            ("*.1", vec!["2.1", "6.4.1"], vec!["2.11", "2.1.2"]),
            ("9.*.6", vec!["9.1.6"], vec!["9.1.16", "9.6"]),
            ("7.1.6", vec!["7.1.6"], vec!["7.1.60", "17.1.6"]),
            ("*", vec!["2.1"], vec![]),
            ("1", vec![], vec!["1.1.1"]),
        ] {
            assert!(matching.iter().all(|text| case(text).matches(pattern)), "{pattern}");
            assert!(!others.iter().any(|text| case(text).matches(pattern)), "{pattern}");
        }
    }
}
