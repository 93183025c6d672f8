//! Is the server's memory flat? What it held, sample by sample, and the rule.

use std::time::Duration;

/// How much larger the last median may be than the first: 5 %, and so many KiB.
const SLACK: u64 = 2048;

/// The longest time of which the first and the last median are.
const WINDOW: usize = 60;

/// What the server held, in KiB: before the load, and each second of it.
#[derive(Debug)]
pub(super) struct Memory {
    idle: Option<u64>,
    samples: Vec<(Duration, u64)>,
    /// Until then buffers grow to what they need, and no trend is looked for.
    warm_up: Duration,
}

/// The medians of the first and the last quarter of the samples behind the warm-up, or of the first and the last minute if those are
/// shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trend {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Memory {
    pub(super) fn new(idle: Option<u64>, warm_up: Duration) -> Self {
        Self { idle, samples: Vec::new(), warm_up }
    }

    pub(super) fn add(&mut self, elapsed: Duration, sample: Option<u64>) {
        self.samples.extend(sample.map(|kib| (elapsed, kib)));
    }

    /// Before the load, at its start, each minute, and at the end.
    pub(super) fn shown(&self) -> String {
        let Some((idle, (_, last))) = self.idle.zip(self.samples.last()) else {
            return "not measured on this system".to_string();
        };
        let minutes = self.samples.iter().step_by(60).map(|(at, kib)| format!("{} s {kib}", at.as_secs()));
        let shown = [format!("idle {idle}")].into_iter().chain(minutes).chain([format!("end {last}")]);
        shown.collect::<Vec<_>>().join(", ")
    }

    /// `None` if there are too few samples.
    pub(super) fn trend(&self) -> Option<Trend> {
        let warm = self.samples.iter().filter(|(at, _)| *at >= self.warm_up);
        let samples: Vec<u64> = warm.map(|(_, kib)| *kib).collect();
        let window = (samples.len() / 4).min(WINDOW);
        let last = samples.len() - window;
        Some(Trend { first: median(samples.get(..window)?)?, last: median(samples.get(last..)?)? })
    }
}

impl Trend {
    pub(super) fn is_flat(self) -> bool {
        self.last <= self.first + self.first / 20 + SLACK
    }
}

fn median(samples: &[u64]) -> Option<u64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(sample: impl Fn(u64) -> u64) -> Trend {
        let mut memory = Memory::new(Some(1), Duration::from_secs(60));
        // What it grows to in the first minute is not looked at.
        (0..60).for_each(|second| memory.add(Duration::from_secs(second), Some(second)));
        (0..600).for_each(|second| memory.add(Duration::from_secs(60 + second), Some(sample(second))));
        memory.trend().unwrap()
    }

    #[test]
    fn what_goes_up_and_down_is_flat_and_what_leaks_is_not() {
        assert!(trend(|second| 60_000 + second % 7 * 500).is_flat());
        assert!(trend(|second| if second == 300 { 200_000 } else { 60_000 }).is_flat());
        // 20 KiB each second.
        assert!(!trend(|second| 60_000 + second * 20).is_flat());
        assert_eq!(trend(|second| second), Trend { first: 30, last: 570 });
    }

    #[test]
    fn too_few_samples_have_no_trend() {
        let mut memory = Memory::new(Some(3), Duration::from_secs(2));
        memory.add(Duration::ZERO, None);
        assert_eq!((memory.trend(), memory.shown()), (None, "not measured on this system".to_string()));
        (0..130).for_each(|second| memory.add(Duration::from_secs(second), Some(5 + second)));
        assert_eq!(memory.shown(), "idle 3, 0 s 5, 60 s 65, 120 s 125, end 134");
    }
}
