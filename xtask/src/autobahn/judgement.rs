//! Is what the suite found as good as it must be? The suite itself ends with success whatever it finds, and also when it gave up
//! in the middle; and a case of which the behaviour is `OK` may still have closed the connection in a wrong way, or not at all.

use super::{
    expectations::Verdicts,
    outcome::{Outcomes, Verdict},
};

/// What differs from the expectations, a sentence each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Worse than expected: the run has failed.
    pub(super) worse: Vec<String>,
    /// Better than expected: the expectations can be raised.
    pub(super) better: Vec<String>,
}

/// Compares what was found with what is expected, case by case.
pub(super) fn judge(expected: &Verdicts, found: &Outcomes) -> Judgement {
    let mut judgement = Judgement::default();
    for (case, verdict) in expected {
        let Some(outcome) = found.get(case) else {
            judgement.worse.push(format!("{case} is missing: the suite did not come to it"));
            continue;
        };
        let words = format!("{case} is {}, its close {}", outcome.behavior.word(), outcome.close);
        let close_is_right = outcome.close == Verdict::Ok.word() || outcome.close == verdict.word();
        if outcome.behavior > *verdict || !close_is_right {
            judgement.worse.push(format!("{words}: {}", outcome.reason));
        } else if outcome.behavior < *verdict {
            judgement.better.push(format!("{words}, and not {}", verdict.word()));
        }
    }
    let others = found.keys().filter(|case| !expected.contains_key(case));
    judgement
        .worse
        .extend(others.map(|case| format!("{case} was found, but is not one of the cases that were to be tried")));
    judgement
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autobahn::outcome::Outcome;

    fn expected(cases: &[(&str, Verdict)]) -> Verdicts {
        cases.iter().map(|(case, verdict)| (case.parse().unwrap(), *verdict)).collect()
    }

    fn outcome(behavior: Verdict, close: &str) -> Outcome {
        Outcome { behavior, close: close.to_string(), reason: "why".to_string() }
    }

    fn judge_one(verdict: Verdict, found: Outcome) -> Judgement {
        judge(&expected(&[("5.1", verdict)]), &[("5.1".parse().unwrap(), found)].into())
    }

    #[test]
    fn what_is_as_expected_is_not_mentioned() {
        assert_eq!(judge_one(Verdict::Ok, outcome(Verdict::Ok, "OK")), Judgement::default());
        let informational = outcome(Verdict::Informational, "INFORMATIONAL");
        assert_eq!(judge_one(Verdict::Informational, informational), Judgement::default());
    }

    #[test]
    fn each_way_to_be_worse_is_seen() {
        for (verdict, found) in [
            (Verdict::Ok, outcome(Verdict::NonStrict, "OK")),
            (Verdict::Ok, outcome(Verdict::Informational, "OK")),
            (Verdict::Ok, outcome(Verdict::Unimplemented, "OK")),
            (Verdict::Ok, outcome(Verdict::Failed, "OK")),
            (Verdict::Ok, outcome(Verdict::Ok, "FAILED")),
            (Verdict::Ok, outcome(Verdict::Ok, "UNCLEAN")),
            (Verdict::Ok, outcome(Verdict::Ok, "WRONG CODE")),
            (Verdict::Ok, outcome(Verdict::Ok, "FAILED BY CLIENT")),
            (Verdict::Ok, outcome(Verdict::Ok, "INFORMATIONAL")),
            (Verdict::Ok, outcome(Verdict::Ok, "")),
            (Verdict::Ok, Outcome::hung(60)),
            (Verdict::Informational, outcome(Verdict::Informational, "UNCLEAN")),
            (Verdict::Informational, outcome(Verdict::NonStrict, "OK")),
        ] {
            let judgement = judge_one(verdict, found.clone());
            assert_eq!((judgement.worse.len(), judgement.better.len()), (1, 0), "{verdict:?}, {found:?}");
        }
        let worse = judge_one(Verdict::Ok, outcome(Verdict::Ok, "UNCLEAN")).worse;
        assert_eq!(worse, ["5.1 is OK, its close UNCLEAN: why"]);
        let worse = judge_one(Verdict::Ok, Outcome::hung(60)).worse;
        assert_eq!(
            worse,
            ["5.1 is FAILED, its close FAILED: hung: nothing happened for 60 s, and our program was killed"]
        );
    }

    #[test]
    fn a_case_that_is_missing_or_too_much_is_seen() {
        let expected = expected(&[("1.1.1", Verdict::Ok), ("1.1.2", Verdict::Ok)]);
        let found =
            |cases: &[&str]| cases.iter().map(|case| (case.parse().unwrap(), outcome(Verdict::Ok, "OK"))).collect();
        assert_eq!(judge(&expected, &found(&["1.1.1", "1.1.2"])), Judgement::default());
        assert_eq!(judge(&expected, &found(&["1.1.1"])).worse, ["1.1.2 is missing: the suite did not come to it"]);
        assert_eq!(judge(&expected, &found(&[])).worse.len(), 2);
        let worse = judge(&expected, &found(&["1.1.1", "1.1.2", "1.1.3"])).worse;
        assert_eq!(worse, ["1.1.3 was found, but is not one of the cases that were to be tried"]);
    }

    #[test]
    fn better_is_told_and_no_failure() {
        let judgement = judge_one(Verdict::Informational, outcome(Verdict::Ok, "OK"));
        assert_eq!(judgement.worse, Vec::<String>::new());
        assert_eq!(judgement.better, ["5.1 is OK, its close OK, and not INFORMATIONAL"]);
        let judgement = judge_one(Verdict::Failed, outcome(Verdict::Ok, "FAILED"));
        assert_eq!((judgement.worse.len(), judgement.better.len()), (0, 1), "the close was expected to fail as well");
    }
}
