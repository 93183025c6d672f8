//! What a process holds of the machine: memory, threads and open files, as the operating system tells.

use std::{fs, process::Command};

use crate::command;

/// What a process holds; `None` for what this operating system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Resident memory in KiB.
    pub(crate) memory: Option<u64>,
    pub(crate) threads: Option<u64>,
    pub(crate) files: Option<u64>,
}

impl Usage {
    /// What the process of this number holds now.
    pub(crate) fn of(process: u32) -> Self {
        let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) else {
            // macOS and others have no /proc.
            let memory = command::ask(Command::new("ps").args(["-o", "rss=", "-p", &process.to_string()]));
            return Self { memory: memory.and_then(|text| text.parse().ok()), threads: None, files: None };
        };
        let files = fs::read_dir(format!("/proc/{process}/fd")).ok().map(|folder| folder.count() as u64);
        Self { memory: number(&status, "VmRSS:"), threads: number(&status, "Threads:"), files }
    }

    /// The most of each.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            memory: self.memory.max(other.memory),
            threads: self.threads.max(other.threads),
            files: self.files.max(other.files),
        }
    }
}

/// The number behind `name` in the lines of a process' status.
fn number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_read() {
        let status = "Name:\tserver\nVmRSS:\t    5124 kB\nThreads:\t3\n";
        assert_eq!([number(status, "VmRSS:"), number(status, "Threads:")], [Some(5124), Some(3)]);
        assert_eq!(number(status, "VmSwap:"), None);
    }

    #[test]
    fn a_process_that_runs_holds_something() {
        let own = Usage::of(std::process::id());
        assert!(own.memory.is_none_or(|memory| memory > 100), "{own:?}");
        assert!(own.threads.is_none_or(|threads| threads > 0) && own.files.is_none_or(|files| files > 2), "{own:?}");
        assert_eq!(Usage::of(u32::MAX), Usage::default());
    }
}
