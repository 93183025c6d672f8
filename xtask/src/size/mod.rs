//! `size` and `no-panic`: what each layer of the crates costs on a microcontroller, and that nothing in it can panic.
//!
//! `programs.rs` builds the jobs of `firmware/jobs`, `elf.rs` looks into the programs, `emulate.rs` runs them, and `verify.rs` looks at
//! what they wrote. `measured.rs` has the numbers, `budgets.rs` what they may be, `part.rs`, `peers.rs` and `chart.rs` what
//! `docs/size.md` says of them.

mod budgets;
mod chart;
mod crates;
mod elf;
mod emulate;
mod goals;
mod measured;
pub(crate) mod no_panic;
mod part;
mod peers;
mod programs;
mod verify;

use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::command::Log;
use budgets::Budgets;
use measured::{Measured, measure};
use programs::{Optimization, Programs, TARGETS};

#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Options {
    /// Measure only on this target; may be given several times
    #[arg(long, value_parser = TARGETS)]
    target: Vec<String>,
    /// Measure only with this optimization
    #[arg(long)]
    opt: Option<Optimization>,
    /// Measure only this layer
    #[arg(long)]
    layer: Option<Layer>,
    /// Write the budgets and docs/size.md
    #[arg(long)]
    update: bool,
}

/// What is measured: a layer of the crates, or the way in which one is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Layer {
    /// `ws-frame` alone
    Frames,
    /// `ws-core`, from slice to slice
    Slices,
    /// `ws-core`'s connection, over `ws-embedded-io`
    Blocking,
    /// `ws-core`'s connection, over `ws-embedded-io-async`
    Asynchronous,
}

impl Layer {
    /// As the programs are called.
    const fn word(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Slices => "slices",
            Self::Blocking => "blocking",
            Self::Asynchronous => "asynchronous",
        }
    }
}

impl Options {
    fn is_full(&self) -> bool {
        self.target.is_empty() && self.opt.is_none() && self.layer.is_none()
    }

    fn targets(&self) -> Vec<&'static str> {
        let is_meant = |target: &&str| self.target.is_empty() || self.target.iter().any(|named| named == target);
        TARGETS.into_iter().filter(is_meant).collect()
    }

    fn optimizations(&self) -> Vec<Optimization> {
        self.opt.map_or(vec![Optimization::S, Optimization::Z], |opt| vec![opt])
    }

    fn layers(&self) -> Vec<Layer> {
        self.layer.map_or(Layer::value_variants().to_vec(), |layer| vec![layer])
    }
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    ensure!(options.is_full() || !options.update, "--update writes everything: run it without other options");
    let (targets, optimizations) = (options.targets(), options.optimizations());
    let programs = Programs::build(log, &targets, &optimizations)?;
    let mut all: Vec<Measured> = Vec::new();
    for target in &targets {
        for optimization in &optimizations {
            let measured = measure(log, &programs, target, *optimization, &options.layers())?;
            log.line(format_args!("\n{target}, opt-level {}", optimization.word()));
            log.line(measured::table(&measured));
            all.extend(measured);
        }
    }
    if options.update {
        budgets::write(programs.compiler(), &all)?;
        part::write(&programs, &all)?;
        return Ok(format!("{} jobs measured; budgets and docs/size.md written", all.len()));
    }
    let over = Budgets::read()?.compare(log, programs.compiler(), &all)?;
    ensure!(
        over == 0,
        "{over} numbers are more than 2 % over their budgets (above): make it smaller, or `cargo xtask size --update`"
    );
    Ok(format!("{} jobs within their budgets, {}", all.len(), programs.compiler()))
}
