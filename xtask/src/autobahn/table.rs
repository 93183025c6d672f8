//! Outcomes counted, for all cases and for each group of them.

use std::collections::BTreeMap;

use super::{
    expectations::Verdicts,
    outcome::{Outcomes, Verdict},
};

/// The headings of [`Counts::numbers`].
pub(super) const HEADINGS: [&str; 7] =
    ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED", "missing", "unclean"];

/// How many cases there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    numbers: [usize; 7],
}

impl Counts {
    /// The numbers of cases with each verdict, of those that the suite did not come to, and of those (of any verdict) of which the
    /// connection did not end as it must.
    pub(super) const fn numbers(&self) -> [usize; 7] {
        self.numbers
    }

    /// Adds other cases.
    pub(super) fn add(&mut self, other: &Self) {
        for (number, more) in self.numbers.iter_mut().zip(other.numbers) {
            *number += more;
        }
    }
}

/// Counts the cases of each group.
pub(super) fn count(expected: &Verdicts, found: &Outcomes) -> BTreeMap<u32, Counts> {
    let mut groups: BTreeMap<u32, Counts> = BTreeMap::new();
    for case in expected.keys() {
        let [verdicts @ .., missing, unclean] = &mut groups.entry(case.group()).or_default().numbers;
        match found.get(case) {
            None => *missing += 1,
            Some(outcome) => {
                for (verdict, number) in Verdict::ALL.iter().zip(verdicts) {
                    *number += usize::from(*verdict == outcome.behavior);
                }
                *unclean += usize::from(!outcome.is_clean());
            }
        }
    }
    groups
}

/// All groups together.
pub(super) fn total(groups: &BTreeMap<u32, Counts>) -> Counts {
    let mut total = Counts::default();
    groups.values().for_each(|counts| total.add(counts));
    total
}

/// The table for terminals, with a row for each group and one for all.
pub(super) fn table(groups: &BTreeMap<u32, Counts>, titles: &BTreeMap<u32, String>) -> String {
    let row = |name: &str, counts: &Counts| {
        let cells =
            HEADINGS.iter().zip(counts.numbers).map(|(heading, number)| format!("  {number:>0$}", heading.len()));
        format!("{name:<28}{}\n", cells.collect::<String>())
    };
    let headings: String = HEADINGS.iter().map(|heading| format!("  {heading}")).collect();
    let mut table = format!("{:<28}{headings}\n", "group");
    for (group, counts) in groups {
        let title = titles.get(group).map_or("", String::as_str);
        table.push_str(&row(&format!("{group:>2} {title}"), counts));
    }
    table + row("all", &total(groups)).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autobahn::outcome::Outcome;

    #[test]
    fn each_case_is_counted_once_and_how_it_closed_as_well() {
        let cases = [
            ("1.1.1", Some((Verdict::Ok, "OK"))),
            ("1.1.2", Some((Verdict::Ok, "UNCLEAN"))),
            ("1.1.3", None),
            ("7.1.6", Some((Verdict::Informational, "INFORMATIONAL"))),
            ("7.1.7", Some((Verdict::Failed, "FAILED"))),
            ("7.1.8", Some((Verdict::NonStrict, "OK"))),
            ("7.1.9", Some((Verdict::Unimplemented, "OK"))),
        ];
        let expected = cases.iter().map(|(case, _)| (case.parse().unwrap(), Verdict::Ok)).collect();
        let found = cases
            .into_iter()
            .filter_map(|(case, found)| {
                let (behavior, close) = found?;
                Some((case.parse().unwrap(), Outcome { behavior, close: close.to_string(), reason: String::new() }))
            })
            .collect();
        let groups = count(&expected, &found);
        assert_eq!(groups[&1].numbers(), [2, 0, 0, 0, 0, 1, 1]);
        assert_eq!(groups[&7].numbers(), [0, 1, 1, 1, 1, 0, 1]);
        assert_eq!(
            table(&groups, &[(1, "framing".to_string())].into()),
            "group                         OK  NON-STRICT  INFORMATIONAL  UNIMPLEMENTED  FAILED  missing  unclean\n \
             1 framing                     2           0              0              0       0        1        1\n \
             7                             0           1              1              1       1        0        1\n\
             all                            2           1              1              1       1        1        2"
        );
    }
}
