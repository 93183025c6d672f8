//! What was found, as JSON for other programs.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Run, expectations::Verdicts, judgement::judge, table};
use crate::{date::today, workspace::shown};

/// Writes the summary of all runs to `path`.
pub(super) fn write(path: &Path, version: &str, expected: &Verdicts, runs: &[Run]) -> Result<()> {
    let summary = json!({
        "date": today(),
        "suite": version,
        "runs": runs.iter().map(|run| describe(expected, run)).collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&summary)? + "\n";
    fs::write(path, text).with_context(|| format!("cannot write {}", shown(path)))
}

fn describe(expected: &Verdicts, run: &Run) -> Value {
    let judgement = judge(expected, &run.outcomes);
    let counts = table::total(&table::count(expected, &run.outcomes));
    let counts: serde_json::Map<String, Value> = table::HEADINGS
        .iter()
        .zip(counts.numbers())
        .map(|(heading, number)| ((*heading).to_string(), json!(number)))
        .collect();
    let cases: serde_json::Map<String, Value> = run
        .outcomes
        .iter()
        .map(|(case, outcome)| {
            let (behavior, close) = (outcome.behavior.word(), &outcome.close);
            (case.to_string(), json!({"behavior": behavior, "close": close, "reason": outcome.reason}))
        })
        .collect();
    json!({
        "role": run.combination.role.word(),
        "adapter": run.combination.adapter.word(),
        "buffer": run.combination.buffer,
        "seconds": run.time.as_secs_f64(),
        "as_expected": judgement.worse.is_empty() && run.wrong.is_empty(),
        "worse": judgement.worse,
        "better": judgement.better,
        "wrong": run.wrong,
        "counts": counts,
        "cases": cases,
    })
}
