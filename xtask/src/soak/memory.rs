//! Is the server's memory flat? What it held, sample by sample, and the rule.

use std::time::Duration;

/// How much larger the last median may be than the first: 5 %, and so many KiB.
const SLACK: u64 = 2048;

/// The longest time of which the first and the last median are.
const WINDOW: usize = 60;

/// What the server held, a sample for each second, in KiB.
#[derive(Debug, Default)]
pub(super) struct Memory {
    samples: Vec<u64>,
}

/// The medians of the first and the last quarter of the samples, or of the first and the last minute if those are shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trend {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Memory {
    pub(super) fn add(&mut self, sample: Option<u64>) {
        self.samples.extend(sample);
    }

    /// At the start, each minute, and at the end.
    pub(super) fn shown(&self) -> String {
        let minutes = self.samples.iter().enumerate().step_by(60);
        let last = self.samples.iter().enumerate().next_back();
        let shown = minutes.chain(last.filter(|(second, _)| second % 60 != 0));
        let shown: Vec<_> =
            shown.map(|(second, kib)| format!("{} s {kib}", Duration::from_secs(second as u64).as_secs())).collect();
        if shown.is_empty() { "not measured on this system".to_string() } else { shown.join(", ") }
    }

    /// `None` if there are too few samples.
    pub(super) fn trend(&self) -> Option<Trend> {
        let window = (self.samples.len() / 4).min(WINDOW);
        let last = self.samples.len() - window;
        Some(Trend { first: median(self.samples.get(..window)?)?, last: median(self.samples.get(last..)?)? })
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
        let mut memory = Memory::default();
        (0..600).for_each(|second| memory.add(Some(sample(second))));
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
        let mut memory = Memory::default();
        memory.add(None);
        assert_eq!((memory.trend(), memory.shown()), (None, "not measured on this system".to_string()));
        (0..130).for_each(|_| memory.add(Some(5)));
        assert_eq!(memory.shown(), "0 s 5, 60 s 5, 120 s 5, 129 s 5");
    }
}
