//! What the clients counted, together.

use std::{fmt, time::Duration};

use anyhow::Result;

use crate::load::Latencies;

/// How many errors are told; the others are only counted.
const TOLD: usize = 10;

#[derive(Debug)]
pub(super) struct Tally {
    pub(super) messages: u64,
    /// The payload of the messages, in one direction.
    pub(super) bytes: u64,
    pub(super) pings: u64,
    pub(super) reconnects: u64,
    /// Messages whose echo did not come.
    pub(super) lost: u64,
    pub(super) errors: u64,
    pub(super) latencies: Latencies,
    told: Vec<String>,
}

impl Tally {
    pub(super) fn new() -> Result<Self> {
        let latencies = Latencies::new()?;
        Ok(Self { messages: 0, bytes: 0, pings: 0, reconnects: 0, lost: 0, errors: 0, latencies, told: Vec::new() })
    }

    /// Counts a message that came back, and its Pings.
    pub(super) fn echoed(&mut self, bytes: usize, pings: usize, took: Duration) {
        self.messages += 1;
        self.bytes += bytes as u64;
        self.pings += pings as u64;
        self.latencies.add(took);
    }

    pub(super) fn error(&mut self, why: String) {
        self.errors += 1;
        if self.told.len() < TOLD {
            self.told.push(why);
        }
    }

    /// The first errors, a line each.
    pub(super) fn told(&self) -> impl Iterator<Item = &str> {
        self.told.iter().map(String::as_str)
    }
}

/// In short, for a line that shows how it goes.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, bytes, pings, reconnects, lost, errors, .. } = self;
        let mib = bytes >> 20;
        write!(
            f,
            "{messages} messages, {mib} MiB each way, {pings} pings, {reconnects} reconnects, {lost} lost, {errors} errors"
        )
    }
}
