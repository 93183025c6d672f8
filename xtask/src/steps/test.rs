//! `test`: the unit, integration and documentation tests of the whole workspace.

use anyhow::{Result, ensure};

use crate::command::{Log, capture, cargo};

pub(crate) fn run(log: &Log) -> Result<String> {
    let output = capture(log, &mut cargo(&["test", "--workspace", "--all-features"]))?;
    let tests = count_passed(&output);
    ensure!(tests > 0, "no test ran, or cargo reports them in another way");
    Ok(format!("{tests} tests"))
}

/// Adds up the lines `test result: ok. 12 passed; 0 failed; ...`.
fn count_passed(output: &str) -> usize {
    let numbers = output.lines().filter_map(|line| {
        let rest = line.strip_prefix("test result: ok. ")?;
        rest.split_once(" passed")?.0.parse::<usize>().ok()
    });
    numbers.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let output = "running 12 tests\ntest a ... ok\n\ntest result: ok. 12 passed; 0 failed; 0 ignored\n\
                      test result: ok. 0 passed; 0 failed\ntest result: ok. 3 passed; 0 failed\n";
        assert_eq!(count_passed(output), 15);
        assert_eq!(count_passed("nothing"), 0);
    }
}
