//! `cargo xtask`: every check that CI runs, as a command that a person can type.
//!
//! `step.rs` lists the steps, `runner.rs` runs them, `report.rs` shows how it goes. The steps themselves are in `steps/` (mostly
//! cargo commands) and, if they are more than that, in a module of their name; `tools/` finds or installs what they need beyond
//! Rust.

mod autobahn;
mod browser;
mod command;
mod date;
mod document;
mod firmware;
mod fuzz;
mod hostile;
mod interop;
mod load;
mod mutants;
mod process;
mod report;
mod runner;
mod size;
mod soak;
mod step;
mod steps;
mod strictness;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use step::Step;

/// Checks of the embedded-websockets workspace
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run the steps below, in this order, but for the two that take longest
    TestAll,
    #[command(flatten)]
    Step(Step),
}

fn main() -> ExitCode {
    let passed = match Arguments::parse().task {
        Task::TestAll => runner::run_all(),
        Task::Step(step) => runner::run_one(&step),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
