//! What a step is: its name, its one-line description, the function that runs it, and how it can end.
//!
//! A step is a function of a [`Log`], and of options if it has some, to `anyhow::Result<String>`. `Ok` carries the note for the table, an
//! error that contains a [`Missing`] is a skip, any other error is a failure. What runs steps and prints is `report.rs`.

use clap::{FromArgMatches as _, Subcommand};

use crate::{autobahn, command::Log, firmware, fuzz, hostile, mutants, size, soak, steps, strictness, tools::Missing};

/// The steps, in the order in which `test-all` runs them. The first line of each comment is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Step {
    /// Check the formatting of every Rust file
    Fmt,
    /// Run Clippy on all targets and features and on the fuzz targets, warnings denied
    Lint,
    /// Run the unit, integration and documentation tests
    Test,
    /// Build each library crate alone, without and with each feature
    Features,
    /// Build each library crate for microcontrollers, without `std` and `alloc`
    NoStd,
    /// Build the documentation, private items too, warnings denied
    Docs,
    /// Build the example programs and let them talk to each other
    Examples,
    /// Let the examples talk to other WebSocket programs (Python, Node, Rust)
    Interop,
    /// Drive the pages of the examples with a headless Chromium
    Browser,
    /// Break every rule of RFC 6455 that an endpoint can check, and compare what happens with what must
    Strictness(strictness::Options),
    /// Let the Autobahn test suite judge our server and client
    Autobahn(autobahn::Options),
    /// Attack the example servers over sockets, while others talk to them
    Hostile(hostile::Options),
    /// Run every fuzz target for a while
    Fuzz(fuzz::Options),
    /// Boot the firmware on an emulated microcontroller and let other programs talk to it
    Firmware(firmware::Options),
    /// Measure flash, RAM, stack and instructions on three microcontrollers, and compare with the budgets
    Size(size::Options),
    /// Look for panics in what the linker leaves of the library
    NoPanic,
    /// Check the rules of the architecture, the links and the commands in the documentation
    Tidy,
    /// Load the example servers with a thousand connections (not part of `test-all`)
    Soak(soak::Options),
    /// Change the code in many small ways that the tests must notice (not part of `test-all`)
    Mutants(mutants::Options),
}

impl Step {
    /// Every step with its default options, in order.
    pub(crate) fn all() -> Vec<Self> {
        let names: Vec<String> = command().get_subcommands().map(|step| step.get_name().to_string()).collect();
        let default = |name: &String| Self::from_arg_matches(&command().try_get_matches_from(["", name]).ok()?).ok();
        names.iter().filter_map(default).collect()
    }

    /// Is it a step of `test-all`? What takes longer than people and machines wait for is not.
    pub(crate) const fn is_in_test_all(&self) -> bool {
        !matches!(self, Self::Soak(_) | Self::Mutants(_))
    }

    /// The name that is typed after `cargo xtask` and that heads the log file.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Lint => "lint",
            Self::Test => "test",
            Self::Features => "features",
            Self::NoStd => "no-std",
            Self::Docs => "docs",
            Self::Examples => "examples",
            Self::Interop => "interop",
            Self::Browser => "browser",
            Self::Strictness(_) => "strictness",
            Self::Autobahn(_) => "autobahn",
            Self::Hostile(_) => "hostile",
            Self::Fuzz(_) => "fuzz",
            Self::Firmware(_) => "firmware",
            Self::Size(_) => "size",
            Self::NoPanic => "no-panic",
            Self::Tidy => "tidy",
            Self::Soak(_) => "soak",
            Self::Mutants(_) => "mutants",
        }
    }

    /// One line that says what the step is doing: the description that `--help` shows.
    pub(crate) fn about(&self) -> String {
        command()
            .find_subcommand(self.name())
            .and_then(|command| command.get_about().map(ToString::to_string))
            .unwrap_or_default()
    }

    /// Runs the step; everything it prints goes to `log`.
    pub(crate) fn run(&self, log: &Log) -> Outcome {
        let result = match self {
            Self::Fmt => steps::fmt::run(log),
            Self::Lint => steps::lint::run(log),
            Self::Test => steps::test::run(log),
            Self::Features => steps::features::run(log),
            Self::NoStd => steps::no_std::run(log),
            Self::Docs => steps::docs::run(log),
            Self::Examples => steps::examples::run(log),
            Self::Interop => crate::interop::run(log),
            Self::Browser => crate::browser::run(log),
            Self::Strictness(options) => strictness::run(log, options),
            Self::Autobahn(options) => autobahn::run(log, options),
            Self::Hostile(options) => hostile::run(log, options),
            Self::Fuzz(options) => fuzz::run(log, options),
            Self::Firmware(options) => firmware::run(log, options),
            Self::Size(options) => size::run(log, options),
            Self::NoPanic => size::no_panic::run(log),
            Self::Tidy => crate::tidy::run(log),
            Self::Soak(options) => soak::run(log, options),
            Self::Mutants(options) => mutants::run(log, options),
        };
        result.into()
    }
}

fn command() -> clap::Command {
    Step::augment_subcommands(clap::Command::new(""))
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well; a note for the table, possibly empty.
    Passed(String),
    /// Why it failed.
    Failed(String),
    /// What to install, exactly, to make it run.
    Skipped(String),
}

impl From<anyhow::Result<String>> for Outcome {
    fn from(result: anyhow::Result<String>) -> Self {
        match result {
            Ok(note) => Self::Passed(note),
            Err(error) => match error.downcast_ref::<Missing>() {
                Some(missing) => Self::Skipped(missing.to_string()),
                None => Self::Failed(format!("{error:#}")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn names_and_command_line_are_the_same() {
        let command = command();
        let typed: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        let steps = Step::all();
        assert_eq!(typed, steps.iter().map(Step::name).collect::<Vec<_>>());
        assert!(steps.iter().all(|step| !step.about().is_empty()));
    }

    #[test]
    fn missing_tool_is_a_skip_even_inside_context() {
        let missing = Missing::new("Node.js", "apt-get install nodejs");
        let result: anyhow::Result<String> = Err(missing).context("npm ws");
        assert_eq!(Outcome::from(result), Outcome::Skipped("Node.js is missing: apt-get install nodejs".into()));
        let result: anyhow::Result<String> = Err(anyhow::anyhow!("inner")).context("outer");
        assert_eq!(Outcome::from(result), Outcome::Failed("outer: inner".into()));
    }
}
