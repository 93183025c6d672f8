//! What a person sees of a run of steps: a live line per step, and a table at the end. Colours and movement only on a terminal.

use std::{
    io::{IsTerminal as _, Write as _, stdout},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::step::{Outcome, Step};

/// The longest reason of a failure that the table shows, in characters.
const LONGEST_NOTE: usize = 100;

/// How much of a step's description the live line shows, in characters: with the seconds, it fits in 80 columns.
const LIVE_WIDTH: usize = 68;

/// A step that has run.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The step's name.
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) seconds: f64,
}

impl Row {
    /// The step's line in the table.
    pub(crate) fn line(&self, style: Style) -> String {
        let (result, colour, note) = match &self.outcome {
            Outcome::Passed(note) => ("passed", "32", note),
            Outcome::Failed(why) => ("FAILED", "31", why),
            Outcome::Skipped(why) => ("skipped", "33", why),
        };
        let mut note = note.lines().next().unwrap_or_default().to_string();
        // What to install is never cut; why something failed is in the log as a whole.
        if matches!(self.outcome, Outcome::Failed(_)) && note.chars().count() > LONGEST_NOTE {
            note = note.chars().take(LONGEST_NOTE).chain(['.', '.', '.']).collect();
        }
        let result = style.colour(colour, &format!("{result:<7}"));
        format!("{:<10} {result} {:>9.1}  {note}", self.name, self.seconds).trim_end().to_string()
    }
}

/// May colours and movement be used?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Terminal,
}

impl Style {
    /// What standard output can show.
    pub(crate) fn of_stdout() -> Self {
        if stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() { Self::Terminal } else { Self::Plain }
    }

    fn colour(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_string(),
            Self::Terminal => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// The line of the step that is running: with elapsed seconds on a terminal, else printed once.
#[derive(Debug)]
pub(crate) struct Line {
    style: Style,
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Line {
    /// Says what `step` is doing.
    pub(crate) fn start(step: &Step) -> Self {
        let style = Style::of_stdout();
        let text = format!("{:<10} {}", step.name(), step.about());
        let ticker = match style {
            Style::Plain => {
                println!("{text} ...");
                None
            }
            Style::Terminal => {
                let (stop, stopped) = channel();
                // A line that wraps cannot be drawn over.
                let text: String = text.chars().take(LIVE_WIDTH).collect();
                let tick = move || {
                    let start = Instant::now();
                    for frame in ['|', '/', '-', '\\'].into_iter().cycle() {
                        print!("\r{frame} {text} ({} s)", start.elapsed().as_secs());
                        let _ = stdout().flush();
                        if stopped.recv_timeout(Duration::from_millis(150)) != Err(RecvTimeoutError::Timeout) {
                            break;
                        }
                    }
                };
                Some((stop, thread::spawn(tick)))
            }
        };
        Self { style, ticker }
    }

    /// Replaces (on a terminal) the line by the result.
    pub(crate) fn finish(self, row: &Row) {
        if let Some((stop, thread)) = self.ticker {
            drop(stop);
            let _ = thread.join();
            print!("\r\x1b[K");
        }
        println!("{}", row.line(self.style));
    }
}

/// The table of all steps, and a last line that counts them and names what was skipped.
pub(crate) fn print_table(rows: &[Row], ci: bool) {
    let style = Style::of_stdout();
    println!("\n{:<10} {:<7} {:>9}  note", "step", "result", "seconds");
    for row in rows {
        println!("{}", row.line(style));
    }
    println!("\n{}", summary(rows, ci));
}

fn summary(rows: &[Row], ci: bool) -> String {
    let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
    let names = |wanted: fn(&Outcome) -> bool| -> Vec<&str> {
        rows.iter().filter(|row| wanted(&row.outcome)).map(|row| row.name).collect()
    };
    let passed = names(|outcome| matches!(outcome, Outcome::Passed(_)));
    let skipped = if ci { "skipped, which counts as failed with CI=true" } else { "skipped" };
    let mut parts = vec![format!("{} of {} steps passed in {seconds:.0} s", passed.len(), rows.len())];
    for (word, names) in [
        ("FAILED", names(|outcome| matches!(outcome, Outcome::Failed(_)))),
        (skipped, names(|outcome| matches!(outcome, Outcome::Skipped(_)))),
    ] {
        if !names.is_empty() {
            parts.push(format!("{word}: {}", names.join(", ")));
        }
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, outcome: Outcome) -> Row {
        Row { name, outcome, seconds: 1.25 }
    }

    #[test]
    fn lines_and_summary() {
        let rows = [
            row("fmt", Outcome::Passed(String::new())),
            row("test", Outcome::Failed("why\nmore".into())),
            row("browser", Outcome::Skipped("Chromium is missing".into())),
        ];
        let lines: Vec<_> = rows.iter().map(|row| row.line(Style::Plain)).collect();
        assert_eq!(
            lines,
            [
                "fmt        passed        1.2",
                "test       FAILED        1.2  why",
                "browser    skipped       1.2  Chromium is missing",
            ]
        );
        assert_eq!(summary(&rows, false), "1 of 3 steps passed in 4 s; FAILED: test; skipped: browser");
        assert!(summary(&rows, true).ends_with("; skipped, which counts as failed with CI=true: browser"));
    }
}
