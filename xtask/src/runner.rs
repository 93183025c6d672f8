//! Runs one step with its output streamed, or all of them with their output in log files, and decides whether all is well.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::Instant,
};

use crate::{
    command::{Log, is_ci},
    report::{Line, Row, Style, print_table},
    step::{Outcome, Step},
    workspace,
};

/// How many lines of a failed step's log are shown.
const TAIL_LINES: usize = 40;

/// Runs `step`, output streamed; is all well?
pub(crate) fn run_one(step: &Step) -> bool {
    let row = timed(step, &Log::terminal());
    println!("{}", row.line(Style::of_stdout()));
    if is_ci() && matches!(row.outcome, Outcome::Skipped(_)) {
        println!("a skipped step counts as failed with CI=true");
    }
    passed(&row.outcome, is_ci())
}

/// Runs every step, each to its own log file, and prints a table; is all well?
pub(crate) fn run_all() -> bool {
    let rows: Vec<Row> = Step::all().iter().filter(|step| step.is_in_test_all()).map(run_logged).collect();
    print_table(&rows, is_ci());
    rows.iter().all(|row| passed(&row.outcome, is_ci()))
}

fn run_logged(step: &Step) -> Row {
    let (path, log) =
        match workspace::own_folder().map(|folder| folder.join(format!("{}.log", step.name()))).and_then(|path| {
            let log = Log::to_file(&path)?;
            Ok((path, log))
        }) {
            Ok(opened) => opened,
            Err(error) => {
                return Row { name: step.name(), outcome: Outcome::Failed(format!("{error:#}")), seconds: 0.0 };
            }
        };
    let line = Line::start(step);
    let row = timed(step, &log);
    line.finish(&row);
    if !passed(&row.outcome, is_ci()) {
        println!("{}", tail(&path));
        println!("    the whole log: {}", workspace::shown(&path));
        println!("    to repeat it:  cargo xtask {}", step.name());
    }
    row
}

fn timed(step: &Step, log: &Log) -> Row {
    let start = Instant::now();
    // The steps after one that panics still run.
    let outcome = catch_unwind(AssertUnwindSafe(|| step.run(log)))
        .unwrap_or_else(|_| Outcome::Failed("the step itself panicked: this is a bug in xtask".to_string()));
    let seconds = start.elapsed().as_secs_f64();
    if let Outcome::Failed(why) | Outcome::Skipped(why) = &outcome {
        log.line(why);
    }
    Row { name: step.name(), outcome, seconds }
}

/// Where nobody installs what is missing, a skipped step would be a check that silently is none.
const fn passed(outcome: &Outcome, ci: bool) -> bool {
    match outcome {
        Outcome::Passed(_) => true,
        Outcome::Failed(_) => false,
        Outcome::Skipped(_) => !ci,
    }
}

/// The last lines of the file at `path`, indented.
fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    let first = lines.len().saturating_sub(TAIL_LINES);
    let shown: Vec<_> = lines.iter().skip(first).map(|line| format!("    | {line}")).collect();
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skip_fails_only_in_ci() {
        assert!(passed(&Outcome::Passed(String::new()), true));
        assert!(!passed(&Outcome::Failed(String::new()), false));
        assert!(passed(&Outcome::Skipped(String::new()), false));
        assert!(!passed(&Outcome::Skipped(String::new()), true));
    }

    #[test]
    fn tail_is_the_end_of_the_log() {
        let folder = workspace::own_folder().unwrap().join("test-tail");
        let path = folder.join("step.log");
        let log = Log::to_file(&path).unwrap();
        (0..100).for_each(|number| log.line(number));
        let tail = tail(&path);
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert!(tail.ends_with("    | 99"), "{tail}");
    }
}
