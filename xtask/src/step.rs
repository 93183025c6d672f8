//! What a step is: its name, its one-line description, the function that runs it, and how it can end.
//!
//! A step is a function `fn(&Log) -> anyhow::Result<String>`. `Ok` carries the note for the table, an error that contains a
//! [`Missing`] is a skip, any other error is a failure. What runs steps and prints is `report.rs`.

use clap::Subcommand;

use crate::{command::Log, steps, tools::Missing};

/// The steps, in the order in which `test-all` runs them. The first line of each comment is shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
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
    /// Check the rules of the architecture, the links and the commands in the documentation
    Tidy,
}

impl Step {
    /// Every step, in order.
    pub(crate) const ALL: [Self; 10] = [
        Self::Fmt,
        Self::Lint,
        Self::Test,
        Self::Features,
        Self::NoStd,
        Self::Docs,
        Self::Examples,
        Self::Interop,
        Self::Browser,
        Self::Tidy,
    ];

    /// The name that is typed after `cargo xtask` and that heads the log file.
    pub(crate) const fn name(self) -> &'static str {
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
            Self::Tidy => "tidy",
        }
    }

    /// One line that says what the step is doing: the description that `--help` shows.
    pub(crate) fn about(self) -> String {
        Self::augment_subcommands(clap::Command::new(""))
            .find_subcommand(self.name())
            .and_then(|command| command.get_about().map(ToString::to_string))
            .unwrap_or_default()
    }

    /// Runs the step; everything it prints goes to `log`.
    pub(crate) fn run(self, log: &Log) -> Outcome {
        let run = match self {
            Self::Fmt => steps::fmt::run,
            Self::Lint => steps::lint::run,
            Self::Test => steps::test::run,
            Self::Features => steps::features::run,
            Self::NoStd => steps::no_std::run,
            Self::Docs => steps::docs::run,
            Self::Examples => steps::examples::run,
            Self::Interop => crate::interop::run,
            Self::Browser => crate::browser::run,
            Self::Tidy => crate::tidy::run,
        };
        run(log).into()
    }
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
        let command = Step::augment_subcommands(clap::Command::new(""));
        let typed: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(typed, Step::ALL.map(Step::name));
        assert!(Step::ALL.iter().all(|step| !step.about().is_empty()));
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
