//! How far a run has come, told to people: a line whenever it begins with a group of cases.

use super::{case::Case, combination::Combination};
use crate::command::Log;

/// Counts the cases of a run.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    log: &'a Log,
    run: &'a Combination,
    total: usize,
    begun: usize,
    group: Option<u32>,
}

impl<'a> Progress<'a> {
    pub(super) const fn new(log: &'a Log, run: &'a Combination, total: usize) -> Self {
        Self { log, run, total, begun: 0, group: None }
    }

    /// This case begins now.
    pub(super) fn begin(&mut self, case: &Case) {
        self.begun += 1;
        if self.group.replace(case.group()) != Some(case.group()) {
            let (run, begun, total) = (self.run.to_string(), self.begun, self.total);
            self.log.line(format_args!("{run:<30} {begun:>3} of {total}  group {}", case.group()));
        }
    }
}
