//! How long answers took: counted into classes, so that a long run needs no more memory than a short one.

use std::{fmt, time::Duration};

use anyhow::Result;
use hdrhistogram::Histogram;

/// The longest time that is told from longer ones, in microseconds.
const LONGEST: u64 = 600_000_000;

/// Times, of which the quantiles are exact to three digits.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, LONGEST, 3)?))
    }

    pub(crate) fn add(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST));
    }

    /// How many times there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that this part of all times does not exceed: 0.99 of them, say.
    pub(crate) fn quantile(&self, part: f64) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(part))
    }
}

/// The median, the 99th percentile and the longest, in milliseconds.
impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|part| self.quantile(part).as_secs_f64() * 1e3);
        write!(f, "{p50:7.1} {p99:7.1} {max:7.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_times() {
        let mut latencies = Latencies::new().unwrap();
        (1..=1000).for_each(|millisecond| latencies.add(Duration::from_millis(millisecond)));
        latencies.add(Duration::from_secs(3600));
        assert_eq!(latencies.count(), 1001);
        for (part, expected) in [(0.5, 0.5), (0.99, 0.99), (1.0, 600.0)] {
            let found = latencies.quantile(part).as_secs_f64();
            assert!((found / expected - 1.0).abs() < 0.003, "{part}: {found} s");
        }
    }
}
