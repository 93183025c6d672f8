//! `test`: the unit, integration and documentation tests of the whole workspace. All of them run: none is ignored.

use anyhow::{Result, ensure};

use crate::command::{Log, capture, cargo};

pub(crate) fn run(log: &Log) -> Result<String> {
    report(&capture(log, &mut cargo(&["test", "--workspace", "--all-features"]))?)
}

/// The note for the table, from what a successful `cargo test` wrote.
fn report(output: &str) -> Result<String> {
    let passed = total(output, " passed");
    ensure!(passed > 0, "no test ran, or cargo reports them in another way");
    let ignored = total(output, " ignored");
    let names: Vec<&str> = output.lines().filter_map(ignored_test).collect();
    ensure!(ignored == 0 && names.is_empty(), "{} tests are ignored: {}", ignored.max(names.len()), names.join(", "));
    Ok(format!("{passed} tests"))
}

/// Adds up what stands before `word` in the lines `test result: ok. 12 passed; 0 failed; 1 ignored; ...`.
fn total(output: &str, word: &str) -> usize {
    let results = output.lines().filter_map(|line| line.strip_prefix("test result: ok. "));
    results
        .flat_map(|result| result.split("; "))
        .filter_map(|part| part.strip_suffix(word)?.parse::<usize>().ok())
        .sum()
}

/// The name in a line such as `test tests::slow ... ignored, needs an hour`.
fn ignored_test(line: &str) -> Option<&str> {
    let (name, result) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    (result == "ignored" || result.starts_with("ignored, ")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "running 12 tests\ntest a ... ok\n\n\
                          test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                          test result: ok. 0 passed; 0 failed; 0 ignored\ntest result: ok. 3 passed; 0 failed; 0 ignored\n";

    #[test]
    fn results_are_added_up() {
        assert_eq!(report(OUTPUT).unwrap(), "15 tests");
        assert!(report("nothing").is_err());
    }

    #[test]
    fn ignored_tests_are_named() {
        let ignored = "test tests::slow ... ignored\ntest src/a.rs - A (line 3) ... ignored, why not\n\
                       test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured\n";
        let why = report(&[OUTPUT, ignored].concat()).unwrap_err().to_string();
        assert_eq!(why, "2 tests are ignored: tests::slow, src/a.rs - A (line 3)");
        let unnamed = OUTPUT.replacen("0 ignored", "1 ignored", 1);
        assert!(report(&unnamed).unwrap_err().to_string().starts_with("1 tests are ignored"));
    }
}
