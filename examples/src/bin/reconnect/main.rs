//! A client that keeps its connection: it sends a reading every second, and when the connection is lost it makes another, after a delay that
//! grows and is partly by chance.
//!
//! What is here: the command line, and when to connect again. What is done on a connection is in `link`, waiting for several things at once in
//! `clock`.

mod clock;
mod link;

use std::{
    process::{self, ExitCode},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};

use anyhow::bail;
use clap::{Parser, value_parser};
use examples::{Address, say};
use ws_embedded_io::time::Backoff;

use crate::{
    clock::{Clock, Stopped},
    link::{End, Link},
};

/// Sends readings to a WebSocket server, and connects again whenever the connection is lost.
#[derive(Parser)]
struct Arguments {
    /// Where the server is.
    #[arg(value_name = "ws://HOST[:PORT]/PATH")]
    url: Address,
    /// Time between two readings.
    #[arg(long, default_value_t = 1000, value_name = "MILLISECONDS", value_parser = value_parser!(u32).range(1..))]
    every: u32,
    /// Give up when this many connections in a row have failed or brought no message; otherwise go on for ever.
    #[arg(long, value_name = "N")]
    attempts: Option<u32>,
    /// The longest delay before the first attempt to connect again; twice as long before each further one.
    #[arg(long, default_value_t = 5000, value_name = "MILLISECONDS")]
    first_delay: u32,
    /// The longest delay before any attempt.
    #[arg(long, default_value_t = 60_000, value_name = "MILLISECONDS")]
    max_delay: u32,
    /// How long the server may be silent before it is sent a Ping.
    #[arg(long, default_value_t = 20_000, value_name = "MILLISECONDS")]
    idle: u32,
    /// How long the server may then stay silent before it is taken for dead.
    #[arg(long, default_value_t = 10_000, value_name = "MILLISECONDS")]
    pong_timeout: u32,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (stop, is_stopped) = mpsc::channel();
    let was_asked = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        // Asked twice, or too late: the program ends at once. 128 + SIGINT, as shells count.
        if was_asked.swap(true, Ordering::Relaxed) || stop.send(()).is_err() {
            process::exit(130);
        }
    })?;
    let mut clock = Clock::start(is_stopped);
    let mut link = Link::new(arguments);
    let mut backoff = Backoff::new(arguments.first_delay, arguments.max_delay);
    let mut failures = 0_u32;
    loop {
        let (end, has_held) = link.keep(&mut clock);
        match end {
            End::Stopped => return Ok(()),
            End::Closed(how) => say!("closed by peer with {how}"),
            End::Lost(why) => say!("connection lost: {why}"),
            End::NotOpened(why) => say!("cannot connect: {why}"),
        }
        // A server that accepts each connection and drops it is not there again.
        if has_held {
            backoff.reset();
            failures = 0;
        } else {
            failures = failures.saturating_add(1);
        }
        if arguments.attempts.is_some_and(|attempts| failures >= attempts) {
            bail!("gave up after {failures} attempts");
        }
        let delay = backoff.next_delay(rand::random());
        say!("connecting again in {delay} ms");
        if let Err(Stopped) = clock.wait(delay) {
            return Ok(());
        }
    }
}
