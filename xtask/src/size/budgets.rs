//! What the jobs may cost: a committed number for each, which holds for the compiler that it was measured with.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use anyhow::{Context as _, Result, ensure};

use super::measured::Measured;
use crate::{command::Log, workspace};

const FILE: &str = "firmware/jobs/budgets.txt";

/// What each number is called, in the order of the file.
const NUMBERS: [&str; 4] = ["flash", "RAM", "stack", "instructions"];

/// More than so many hundredths over a budget is too much; more than as many below it, and the budget can be lowered.
const TOLERANCE: u64 = 2;

/// The budgets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Budgets {
    compiler: String,
    jobs: BTreeMap<String, [u64; 4]>,
}

fn name(measured: &Measured) -> String {
    let Measured { target, optimization, layer, script, .. } = measured;
    format!("{target} {} {} {script}", optimization.word(), layer.word())
}

fn numbers(measured: &Measured) -> [u64; 4] {
    [measured.flash, measured.ram, measured.stack, measured.instructions]
}

/// Makes what was measured the budgets.
pub(super) fn write(compiler: &str, all: &[Measured]) -> Result<()> {
    let mut text = format!(
        "# What the jobs may cost: target, opt-level, layer, script, {}. Written by `cargo xtask size --update`.\n\
         compiler {compiler}\n",
        NUMBERS.join(", ")
    );
    for measured in all {
        let [flash, ram, stack, instructions] = numbers(measured);
        // Writing to a string does not fail.
        let _ = writeln!(text, "{} {flash} {ram} {stack} {instructions}", name(measured));
    }
    fs::write(workspace::root().join(FILE), text).with_context(|| format!("cannot write {FILE}"))
}

impl Budgets {
    /// The compiler that they hold for.
    pub(super) fn compiler(&self) -> &str {
        &self.compiler
    }

    pub(super) fn read() -> Result<Self> {
        let text = fs::read_to_string(workspace::root().join(FILE));
        Self::parse(&text.with_context(|| format!("cannot read {FILE}"))?).with_context(|| format!("in {FILE}"))
    }

    fn parse(text: &str) -> Result<Self> {
        let mut budgets = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(compiler) = line.strip_prefix("compiler ") {
                budgets.compiler = compiler.to_string();
                continue;
            }
            let words: Vec<&str> = line.split(' ').collect();
            ensure!(words.len() == 8, "`{line}` is not four words and four numbers");
            let mut numbers = [0; 4];
            for (number, word) in numbers.iter_mut().zip(&words[4..]) {
                *number = word.parse().with_context(|| format!("`{word}` in `{line}` is no number"))?;
            }
            budgets.jobs.insert(words[..4].join(" "), numbers);
        }
        Ok(budgets)
    }

    /// Says what is over its budget or well below, and returns how many numbers are over. With another compiler than that of the
    /// budgets none of it counts.
    pub(super) fn compare(&self, log: &Log, compiler: &str, all: &[Measured]) -> Result<usize> {
        let counts = compiler == self.compiler;
        if !counts {
            log.line(format_args!(
                "\nThe budgets are those of {}, this is {compiler}: what follows is for information only.",
                self.compiler
            ));
        }
        let (mut over, mut below) = (0, 0);
        for measured in all {
            let name = name(measured);
            let budget = self.jobs.get(&name).with_context(|| format!("`{name}` has no budget in {FILE}"))?;
            for ((what, budget), number) in NUMBERS.into_iter().zip(budget).zip(numbers(measured)) {
                match judge(*budget, number) {
                    Verdict::Over => {
                        over += 1;
                        log.line(format_args!("OVER   {name}: {what} {number}, budget {budget}"));
                    }
                    Verdict::Below => below += 1,
                    Verdict::Within => {}
                }
            }
        }
        if below > 0 {
            log.line(format_args!("{below} numbers are more than {TOLERANCE} % below their budgets: `cargo xtask size --update` lowers these"));
        }
        Ok(if counts { over } else { 0 })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Within,
    Over,
    Below,
}

fn judge(budget: u64, number: u64) -> Verdict {
    let tolerance = budget * TOLERANCE / 100;
    if number > budget + tolerance {
        Verdict::Over
    } else if number + tolerance < budget {
        Verdict::Below
    } else {
        Verdict::Within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_percent_are_the_bound() {
        let verdicts = [97, 98, 100, 102, 103].map(|number| judge(100, number));
        use Verdict::{Below, Over, Within};
        assert_eq!(verdicts, [Below, Within, Within, Within, Over]);
        assert_eq!((judge(0, 0), judge(0, 1)), (Within, Over));
    }

    #[test]
    fn budgets_are_read() {
        let budgets = Budgets::parse("# x\ncompiler rustc 1.0, core\na s frames bulk-text 1 2 3 4\n").unwrap();
        assert_eq!(budgets.compiler, "rustc 1.0, core");
        assert_eq!(budgets.jobs["a s frames bulk-text"], [1, 2, 3, 4]);
        assert!(Budgets::parse("a s frames 1 2 3 4").is_err() && Budgets::parse("a s frames x 1 2 3 y").is_err());
    }
}
