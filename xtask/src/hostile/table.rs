//! What came of the attacks: a paragraph for each as it ends, and a table of the numbers in the end.

use std::{fmt, time::Duration};

use crate::load::{Latencies, Usage};

/// How one attack went.
pub(super) struct Row {
    /// The server and its setting.
    pub(super) server: String,
    pub(super) name: &'static str,
    pub(super) must: &'static str,
    pub(super) what: String,
    /// What was not as it must be; empty if all was.
    pub(super) wrong: Vec<String>,
    pub(super) took: Duration,
    pub(super) latencies: Latencies,
    /// What the server held before, at most, and when all was over.
    pub(super) usage: [Usage; 3],
}

impl Row {
    fn result(&self) -> &'static str {
        if self.wrong.is_empty() { "ok" } else { "FAIL" }
    }
}

/// What must happen and what did.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, name, must, what, wrong, .. } = self;
        write!(f, "{:4} {server}, {name}\n      must: {must}\n      did:  {what}", self.result())?;
        wrong.iter().try_for_each(|why| write!(f, "\n      FAIL: {why}"))
    }
}

/// All rows.
#[derive(Default)]
pub(super) struct Table(pub(super) Vec<Row>);

impl Table {
    /// How many attacks did not end as they must.
    pub(super) fn failed(&self) -> usize {
        self.0.iter().filter(|row| !row.wrong.is_empty()).count()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.0.iter().map(|row| row.server.len()).max().unwrap_or_default();
        let name = self.0.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let edge = server + name + 2;
        writeln!(
            f,
            "{:edge$} {:4} {:>7}  {:23}  {:23}  threads, files",
            "", "", "", "echo beside it, ms", "memory, KiB"
        )?;
        writeln!(
            f,
            "{:server$}  {:name$} {:4} {:>7}  {:>7} {:>7} {:>7}  {:>7} {:>7} {:>7}  before and after",
            "server", "attack", "", "seconds", "p50", "p99", "max", "before", "most", "after"
        )?;
        for row in &self.0 {
            let [before, most, after] = row.usage;
            let memory = [before, most, after].map(|usage| format!("{:>7}", shown(usage.memory))).join(" ");
            let held = |usage: Usage| format!("{} {}", shown(usage.threads), shown(usage.files));
            writeln!(
                f,
                "{:server$}  {:name$} {:4} {:7.1}  {}  {memory}  {} - {}",
                row.server,
                row.name,
                row.result(),
                row.took.as_secs_f64(),
                row.latencies,
                held(before),
                held(after)
            )?;
        }
        Ok(())
    }
}

fn shown(number: Option<u64>) -> String {
    number.map_or_else(|| "-".to_string(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, wrong: &[&str]) -> Row {
        let mut latencies = Latencies::new().unwrap();
        latencies.add(Duration::from_millis(2));
        let usage = Usage { memory: Some(4000), threads: Some(3), files: None };
        Row {
            server: "server".to_string(),
            name,
            must: "this",
            what: "that".to_string(),
            wrong: wrong.iter().map(ToString::to_string).collect(),
            took: Duration::from_millis(1250),
            latencies,
            usage: [usage, Usage { memory: Some(5000), ..usage }, usage],
        }
    }

    #[test]
    fn rows_and_table_show_what_was_measured() {
        let table = Table(vec![row("pings", &[]), row("large-head", &["grew", "slow"])]);
        let paragraphs: Vec<String> = table.0.iter().map(ToString::to_string).collect();
        assert_eq!(paragraphs[0], "ok   server, pings\n      must: this\n      did:  that");
        assert!(
            paragraphs[1].starts_with("FAIL server, large-head\n") && paragraphs[1].ends_with("\n      FAIL: slow")
        );
        assert_eq!(table.failed(), 1);
        let shown = table.to_string();
        let lines: Vec<&str> = shown.lines().collect();
        let numbers = "2.0     2.0     2.0     4000    5000    4000  3 - - 3 -";
        assert!(lines[2].starts_with("server  pings      ok       1.2 ") && lines[2].ends_with(numbers), "{shown}");
        assert!(lines[3].starts_with("server  large-head FAIL     1.2 ") && lines[3].ends_with(numbers), "{shown}");
    }
}
