//! What libFuzzer writes to standard error, read for people.

/// The numbers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// How many inputs were run.
    pub(super) runs: u64,
    pub(super) runs_per_second: u64,
    /// How many places of the code were reached.
    pub(super) coverage: u64,
    /// The same with how often, and with what was compared.
    pub(super) features: u64,
    /// How many inputs were found that reach something new.
    pub(super) new_units: u64,
}

/// What made a target fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// The panic's message, or what libFuzzer calls it.
    pub(super) reason: String,
    /// The path of the input.
    pub(super) input: Option<String>,
}

impl Summary {
    /// Reads the numbers; those that are not there are 0.
    pub(super) fn parse(text: &str) -> Self {
        let statistic = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|value| value.trim().parse().ok()).unwrap_or_default()
        };
        // The last line of progress: `#123	DONE   cov: 1 ft: 2 corp: 3/4b ...`
        let progress = |name: &str| {
            let last = text.lines().rfind(|line| line.starts_with('#') && line.contains(" cov: "))?;
            let mut words = last.split_whitespace().skip_while(|word| *word != name);
            words.nth(1)?.parse().ok()
        };
        Self {
            runs: statistic("number_of_executed_units"),
            runs_per_second: statistic("average_exec_per_sec"),
            coverage: progress("cov:").unwrap_or_default(),
            features: progress("ft:").unwrap_or_default(),
            new_units: statistic("new_units_added"),
        }
    }
}

impl Finding {
    /// Reads why a target failed.
    pub(super) fn parse(text: &str) -> Self {
        let input = text.lines().find_map(|line| Some(line.split_once("Test unit written to ")?.1.trim().to_string()));
        let panic = text.lines().skip_while(|line| !line.contains("panicked at ")).take_while(|line| !is_end(line));
        let panic = panic.map(|line| line.find("panicked at ").map_or(line, |start| &line[start..]).trim_end());
        let panic: Vec<&str> = panic.filter(|line| !line.is_empty()).collect();
        let reason = if panic.is_empty() {
            let error = text.lines().find_map(|line| Some(line.split_once("ERROR: ")?.1.trim()));
            let last = || text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it wrote nothing");
            error.unwrap_or_else(last).to_string()
        } else {
            panic.join("\n  ")
        };
        Self { reason, input }
    }

    /// What went wrong has no input.
    pub(super) const fn without_input(reason: String) -> Self {
        Self { reason, input: None }
    }

    /// The same, of one of the seeds.
    pub(super) fn of_a_seed(self) -> Self {
        Self { reason: format!("a seed fails: {}", self.reason), ..self }
    }
}

/// Is it what follows the message of a panic?
fn is_end(line: &str) -> bool {
    line.starts_with("stack backtrace:") || line.starts_with("note: ") || line.starts_with("==")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_run_are_read() {
        let text = "INFO: Seed: 3\n#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 34Mb\n\
                    #900\tNEW    cov: 20 ft: 30 corp: 2/9b lim: 17 exec/s: 450 rss: 35Mb L: 8/8 MS: 1 ChangeByte-\n\
                    #1000\tDONE   cov: 21 ft: 31 corp: 3/99b lim: 21 exec/s: 500 rss: 35Mb\nDone 1000 runs in 2 second(s)\n\
                    stat::number_of_executed_units: 1000\nstat::average_exec_per_sec:     500\n\
                    stat::new_units_added:          2\nstat::slowest_unit_time_sec:    0\nstat::peak_rss_mb:              35\n";
        let expected = Summary { runs: 1000, runs_per_second: 500, coverage: 21, features: 31, new_units: 2 };
        assert_eq!(Summary::parse(text), expected);
        assert_eq!(Summary::parse(""), Summary::default());
    }

    #[test]
    fn panic_is_read() {
        let text = "#8\tNEW    cov: 2 ft: 2\n\nthread '<unnamed>' (7) panicked at src/a.rs:1:2:\n\
                    assertion `left == right` failed: why\n  left: 1\n right: 2\n\
                    note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\
                    ==7== ERROR: libFuzzer: deadly signal\nSUMMARY: libFuzzer: deadly signal\n\
                    artifact_prefix='f/'; Test unit written to f/crash-1\nBase64: AA==\n";
        let finding = Finding::parse(text);
        assert_eq!(
            finding.reason,
            "panicked at src/a.rs:1:2:\n  assertion `left == right` failed: why\n    left: 1\n   right: 2"
        );
        assert_eq!(finding.input.as_deref(), Some("f/crash-1"));
        assert!(finding.of_a_seed().reason.starts_with("a seed fails: panicked at"));
    }

    #[test]
    fn other_ends_are_read() {
        for (text, reason, input) in [
            (
                "ALARM: working on the last Unit for 11 seconds\nartifact_prefix='f/'; Test unit written to f/timeout-1\n\
                 ==7== ERROR: libFuzzer: timeout after 11 seconds\n",
                "libFuzzer: timeout after 11 seconds",
                Some("f/timeout-1"),
            ),
            (
                "==7== ERROR: libFuzzer: out-of-memory (used: 1025Mb; limit: 1024Mb)\n",
                "libFuzzer: out-of-memory (used: 1025Mb; limit: 1024Mb)",
                None,
            ),
            ("error while loading shared libraries\n\n", "error while loading shared libraries", None),
            ("", "it wrote nothing", None),
        ] {
            let finding = Finding::parse(text);
            assert_eq!((finding.reason.as_str(), finding.input.as_deref()), (reason, input));
        }
    }
}
