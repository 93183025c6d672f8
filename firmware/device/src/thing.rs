//! The device itself: a sensor (which is simulated), a lamp, a name; and what can be said to it.

use core::fmt::{self, Write};

use board::{Counters, clock, stack};
use heapless::String;

/// The longest name in bytes.
const MAX_NAME: usize = 32;
/// The most samples per second.
const MAX_RATE: u32 = 50;

/// What is shown of the device, and what is set.
#[derive(Debug)]
pub struct Thing {
    led: bool,
    rate: u32,
    name: String<MAX_NAME>,
    /// Changes whenever something above does, so that everybody can be told once.
    version: u32,
    noise: u32,
    /// Whether it was told to end.
    pub is_leaving: bool,
    may_leave: bool,
}

/// Why a command is not obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// It is none.
    Unknown,
    /// The lamp is on or off.
    Led,
    /// The rate is 1 to 50.
    Rate,
    /// The name is too long, empty, or has other characters than letters, digits, spaces and hyphens.
    Name,
}

impl Thing {
    /// The device at the start; `may_leave` if it may be told to end, as in a test.
    pub fn new(seed: u64, may_leave: bool) -> Self {
        let mut name = String::new();
        // It is short enough.
        let _ = name.push_str("lm3s6965");
        Self { led: false, rate: 10, name, version: 0, noise: seed as u32 | 1, is_leaving: false, may_leave }
    }

    /// Milliseconds between two samples.
    pub const fn interval(&self) -> u32 {
        1000 / self.rate
    }

    /// A number that changes with the state.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Obeys a command: `led on`, `led off`, `rate 10` (1 to 50 samples per second), `name pump 7`, and `exit` in a test.
    ///
    /// # Errors
    ///
    /// [`Complaint`] if it is none of these. Nothing has changed then.
    pub fn obey(&mut self, command: &str) -> Result<(), Complaint> {
        let (word, value) = command.split_once(' ').unwrap_or((command, ""));
        match word {
            "led" => self.led = is_on(value).ok_or(Complaint::Led)?,
            "rate" => {
                let rate = value.parse().ok().filter(|rate| (1..=MAX_RATE).contains(rate));
                self.rate = rate.ok_or(Complaint::Rate)?;
            }
            "name" => {
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-');
                let is_name = !value.is_empty() && value.bytes().all(is_plain);
                self.name =
                    Some(value).filter(|_| is_name).and_then(|name| name.parse().ok()).ok_or(Complaint::Name)?;
            }
            "exit" if self.may_leave => self.is_leaving = true,
            _ => return Err(Complaint::Unknown),
        }
        self.version = self.version.wrapping_add(1);
        Ok(())
    }

    /// Writes the state as JSON.
    ///
    /// # Errors
    ///
    /// That of `to`.
    pub fn write_state(&self, to: &mut impl Write, viewers: usize) -> fmt::Result {
        let Self { led, rate, name, .. } = self;
        write!(to, r#"{{"state":{{"led":{led},"rate":{rate},"name":"{name}","viewers":{viewers}}}}}"#)
    }

    /// Measures, and writes that as JSON: `t` and `uptime` in ms and s, `stack` in free bytes, `packets` in both directions,
    /// `sensor` in °C.
    ///
    /// # Errors
    ///
    /// That of `to`.
    pub fn write_sample(&mut self, to: &mut impl Write, counters: Counters) -> fmt::Result {
        let now = clock::now();
        let hundredths = self.measure(now);
        let (whole, part) = (hundredths / 100, hundredths % 100);
        let free = stack::len() - stack::high_water();
        let packets = counters.received.wrapping_add(counters.sent);
        let uptime = now / 1000;
        write!(to, r#"{{"t":{now},"uptime":{uptime},"stack":{free},"packets":{packets},"sensor":{whole}.{part:02}}}"#)
    }

    /// What the sensor says, in hundredths of a degree: up and down between 18 and 24 degrees in 20 s, with noise.
    fn measure(&mut self, now: u32) -> u32 {
        let phase = now % 20_000;
        let height = if phase < 10_000 { phase } else { 20_000 - phase };
        // Numerical Recipes' generator: it is noise only.
        self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        1800 + height * 6 / 100 + (self.noise >> 27)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Unknown => "a command is led, rate or name, and its value",
            Self::Led => "the led is on or off",
            Self::Rate => "the rate is 1 to 50 samples per second",
            Self::Name => "a name has 1 to 32 letters, digits, spaces and hyphens",
        })
    }
}

fn is_on(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}
