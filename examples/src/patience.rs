//! How long a server waits for a client: the options for it, and what they are without them.

use std::time::Duration;

use clap::value_parser;

/// How long a server waits for a client.
#[derive(clap::Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Send a Ping after so many milliseconds of silence, and give the client up after as many more.
    #[arg(long, default_value_t = Self::DEFAULT.idle, value_name = "MILLISECONDS", value_parser = value_parser!(u32).range(1..))]
    pub idle: u32,
    /// Give a client up that takes longer than so many milliseconds for its whole request, or takes no bytes for so long.
    #[arg(long, default_value_t = Self::DEFAULT.timeout, value_name = "MILLISECONDS", value_parser = value_parser!(u32).range(1..))]
    pub timeout: u32,
}

impl Patience {
    /// What suits people, browsers and bad lines.
    pub const DEFAULT: Self = Self { idle: 30_000, timeout: 10_000 };

    /// How long a client that is connected may say nothing.
    #[must_use]
    pub const fn idle(self) -> Duration {
        Duration::from_millis(self.idle as u64)
    }

    /// How long a client may take for its request, and how long it may take no bytes.
    #[must_use]
    pub const fn timeout(self) -> Duration {
        Duration::from_millis(self.timeout as u64)
    }
}
