//! The sensors, which are simulated: curves that look like something, with a little noise.

use std::{
    f64::consts::TAU,
    time::{Duration, Instant},
};

use rand::RngExt as _;

use crate::protocol::Sample;

/// How large the noise is: a part of what each sensor varies by.
const NOISE: f64 = 0.03;

pub(crate) struct Sensors {
    started: Instant,
}

impl Sensors {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    pub(crate) fn measure(&self) -> Sample {
        let noise = || rand::rng().random_range(-NOISE..=NOISE);
        sample(self.started.elapsed(), [noise(), noise(), noise()])
    }
}

fn sample(time: Duration, [warmth, damp, shaking]: [f64; 3]) -> Sample {
    let seconds = time.as_secs_f64();
    let wave = |period: f64| (TAU * seconds / period).sin();
    Sample {
        t: time.as_millis() as u64,
        temperature: rounded(21.5 + 2.5 * (wave(47.0) + 0.2 * wave(3.1) + warmth), 2),
        humidity: rounded(45.0 + 6.0 * (wave(31.0) - 0.3 * wave(7.0) + damp), 2),
        // A motor that swells up every few seconds.
        vibration: rounded((0.05 + 0.2 * wave(5.0).max(0.0).powi(3) * wave(0.37).abs() + 0.2 * shaking).abs(), 4),
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_short_and_could_be() {
        for milliseconds in (0..100_000).step_by(37) {
            let Sample { t, temperature, humidity, vibration } =
                sample(Duration::from_millis(milliseconds), [NOISE, -NOISE, NOISE]);
            assert_eq!(t, milliseconds);
            assert!((10.0..35.0).contains(&temperature) && (0.0..=100.0).contains(&humidity));
            assert!((0.0..1.0).contains(&vibration) && vibration.to_string().len() <= 6, "{vibration}");
        }
    }
}
