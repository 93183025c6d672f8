//! `no-panic`: what the linker leaves of the library in a program has nothing in it that panics, but for the exceptions below.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};

use super::{Layer, Optimization, Programs, budgets::Budgets, elf::symbols, programs::TARGETS};
use crate::command::Log;

/// A program that panics on purpose.
const PANICS: &str = "panics";
const JOBS: [&str; 5] = ["client", "server", "client-frames", "server-frames", "bulk"];
const WITH_HANDSHAKE: [&str; 2] = ["client", "server"];

/// What is in the name of a function that is there only if something may panic.
const SIGNS: [&str; 8] = [
    "core::panicking::",
    "rust_begin_unwind",
    "unwrap_failed",
    "expect_failed",
    "slice_index_fail",
    "slice_error_fail",
    "len_mismatch_fail",
    "async_fn_resumed",
];

/// Where every panic ends: these come with a reason to panic, and say nothing more.
const ENDS: [&str; 2] = ["core::panicking::panic_fmt", "__rustc::rust_begin_unwind"];

/// A reason to panic that is known to be left in some programs. One that no program has any more is an error too, with the compiler
/// of the budgets.
struct Exception {
    symbol: &'static str,
    applies: fn(&Program) -> bool,
    because: &'static str,
}

const EXCEPTIONS: [Exception; 5] = [
    Exception { symbol: "core::panicking::panic", applies: Program::has_handshake, because: "checks in httparse" },
    Exception {
        symbol: "core::slice::index::slice_index_fail",
        applies: Program::has_handshake,
        because: "slices in httparse and, at opt-level z, base64ct",
    },
    Exception {
        symbol: "core::panicking::panic_bounds_check",
        applies: |program| program.has_handshake() && program.optimization == Optimization::Z,
        because: "indexing in httparse, which opt-level z leaves on some targets",
    },
    Exception {
        symbol: "core::panicking::panic_const::panic_const_async_fn_resumed",
        applies: |program| program.layer == Layer::Asynchronous,
        because: "the compiler adds it to each `async fn`: a future that is polled behind its end",
    },
    Exception {
        symbol: "core::slice::copy_from_slice_impl::len_mismatch_fail",
        applies: |program| program.optimization == Optimization::Z,
        because: "opt-level z does not inline `copy_from_slice`, and keeps its check of lengths that are equal",
    },
];

struct Program {
    layer: Layer,
    optimization: Optimization,
    job: &'static str,
}

impl Program {
    fn all(optimization: Optimization) -> impl Iterator<Item = Self> {
        let layers = [Layer::Frames, Layer::Slices, Layer::Blocking, Layer::Asynchronous];
        let all = layers.into_iter().flat_map(move |layer| JOBS.map(|job| Self { layer, optimization, job }));
        all.filter(|program| program.layer != Layer::Frames || !program.has_handshake())
    }

    fn has_handshake(&self) -> bool {
        WITH_HANDSHAKE.contains(&self.job)
    }

    fn name(&self) -> String {
        format!("{}-{}", self.layer.word(), self.job)
    }
}

/// What the signs in one program come to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Judgement {
    unexpected: Vec<String>,
    excepted: BTreeSet<&'static str>,
}

fn judge(program: &Program, signs: Vec<String>) -> Judgement {
    let mut judgement = Judgement::default();
    let mut ends = Vec::new();
    for sign in signs {
        let exception = EXCEPTIONS.iter().find(|exception| exception.symbol == sign && (exception.applies)(program));
        match exception {
            Some(exception) => drop(judgement.excepted.insert(exception.symbol)),
            None if ENDS.contains(&sign.as_str()) => ends.push(sign),
            None => judgement.unexpected.push(sign),
        }
    }
    // A panic without a reason that is known has one that is not.
    if judgement.excepted.is_empty() {
        judgement.unexpected.append(&mut ends);
    }
    judgement
}

pub(crate) fn run(log: &Log) -> Result<String> {
    let optimizations = [Optimization::S, Optimization::Z];
    let programs = Programs::build(log, &TARGETS, &optimizations)?;
    let (mut unexpected, mut without, mut all, mut excepted) = (0, 0, 0, BTreeSet::new());
    for target in TARGETS {
        for optimization in optimizations {
            let signs = |name: &str| -> Result<Vec<String>> {
                let all = symbols(&programs.path(target, optimization, name))?;
                ensure!(all.iter().any(|symbol| symbol == "jobs_main"), "{name} has no symbols to look at");
                Ok(all.into_iter().filter(|symbol| SIGNS.iter().any(|sign| symbol.contains(sign))).collect())
            };
            ensure!(!signs(PANICS)?.is_empty(), "a program that panics is not found out: this check sees nothing");
            for program in Program::all(optimization) {
                let name = program.name();
                let judgement = judge(&program, signs(&name)?);
                for symbol in &judgement.unexpected {
                    log.line(format_args!("{target}, opt-level {}, {name}: {symbol}", optimization.word()));
                }
                all += 1;
                unexpected += judgement.unexpected.len();
                without += usize::from(judgement == Judgement::default());
                excepted.extend(judgement.excepted);
            }
        }
    }
    // Another compiler may see through more.
    let may_be_gone = Budgets::read()?.compiler() != programs.compiler();
    for Exception { symbol, because, .. } in &EXCEPTIONS {
        let is_left = excepted.contains(symbol);
        ensure!(is_left || may_be_gone, "`{symbol}` is nowhere left: delete its exception in no_panic.rs");
        log.line(format_args!("{}: {symbol} ({because})", if is_left { "left" } else { "gone with this compiler" }));
    }
    if unexpected > 0 {
        bail!("{unexpected} symbols of panics that nobody expects (above)");
    }
    Ok(format!("{without} of {all} programs without a panic, the others with known ones of {} kinds", excepted.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unexpected(layer: Layer, optimization: Optimization, job: &'static str, signs: &[&str]) -> usize {
        let signs = signs.iter().map(ToString::to_string).collect();
        judge(&Program { layer, optimization, job }, signs).unexpected.len()
    }

    #[test]
    fn only_known_panics_of_a_program_are_excepted() {
        use {Layer::*, Optimization::*};
        let index = "core::slice::index::slice_index_fail";
        let resumed = "core::panicking::panic_const::panic_const_async_fn_resumed";
        let end = "core::panicking::panic_fmt";
        assert_eq!(unexpected(Slices, S, "client", &[index, end]), 0);
        assert_eq!(unexpected(Slices, S, "client-frames", &[index, end]), 2);
        assert_eq!(unexpected(Slices, S, "client", &[end]), 1);
        assert_eq!(unexpected(Slices, S, "client", &[index, end, "core::option::unwrap_failed"]), 1);
        assert_eq!(unexpected(Asynchronous, S, "bulk", &[resumed, end]), 0);
        assert_eq!(unexpected(Blocking, S, "bulk", &[resumed, end]), 2);
        assert_eq!(unexpected(Blocking, Z, "bulk", &[]), 0);
    }
}
