//! `soak`: very many connections at once for a while, and every echo is compared.
//!
//! `load.rs` lets the clients talk, `client.rs` is one of them, `material.rs` what it sends, `tally.rs` what all of them count. `memory.rs` judges what the server
//! held meanwhile.

mod client;
mod load;
mod material;
mod memory;
mod tally;

use std::{io::Write as _, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::value_parser;

use self::{
    load::Load,
    memory::{Memory, Trend},
    tally::Tally,
};
use crate::{
    command::{self, Log, cargo},
    load::{Kind, LoadedServer, raise_limit},
    workspace::{self, shown},
};

/// How often the line that shows how it goes is written: on a terminal, and into a log.
const PROGRESS: [u64; 2] = [2, 30];

/// This part of the time, but no more than [`WARM_UP`], is not looked at for a trend of the memory: buffers grow to what they need.
const WARM_UP_PART: u32 = 5;
const WARM_UP: Duration = Duration::from_secs(60);

/// How large the load is.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub(crate) struct Options {
    /// Load only this server
    #[arg(long)]
    server: Option<Kind>,
    /// How many connections there are at once
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = value_parser!(u64).range(1..=20_000))]
    connections: u64,
    /// How long each server is loaded
    #[arg(long, default_value_t = 600, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    seconds: u64,
    /// Let the server receive through a buffer of this many bytes
    #[arg(long, value_name = "BYTES")]
    rx: Option<u64>,
    /// Let the server send through a buffer of this many bytes
    #[arg(long, value_name = "BYTES")]
    tx: Option<u64>,
    /// Send what was sent in the run that printed this number
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    // A connection that is closed may still be there when the one that takes its place is.
    raise_limit(2 * options.connections + 100)?;
    let build = ["build", "--release", "--package", "examples", "--bin", "server", "--bin", "tokio-server"];
    command::run(log, &mut cargo(&build))?;
    let programs = workspace::target()?.join("release");
    let seed = options.seed.unwrap_or_else(rand::random);
    let mut notes = Vec::new();
    for kind in Kind::chosen(options.server) {
        notes.push(load(log, kind, options, seed, &programs)?);
    }
    Ok(notes.join("; "))
}

/// Loads one server; returns what to note of it.
fn load(log: &Log, kind: Kind, options: &Options, seed: u64, programs: &Path) -> Result<String> {
    let name = kind.program();
    let max_connections = (2 * options.connections).to_string();
    let [rx, tx] = [options.rx, options.tx].map(|len| len.map(|len| len.to_string()));
    let mut arguments = vec!["--quiet", "--max-connections", &max_connections];
    arguments.extend(rx.iter().flat_map(|len| ["--rx", len]));
    arguments.extend(tx.iter().flat_map(|len| ["--tx", len]));
    let log_path = workspace::own_folder()?.join(format!("soak/{name}.log"));
    let server = LoadedServer::start(kind, programs, &arguments, &log_path)?;
    log.line(format_args!(
        "{name}: {} connections for {} s, --seed {seed}, log in {}",
        options.connections,
        options.seconds,
        shown(&log_path)
    ));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let time = Duration::from_secs(options.seconds);
    let load = Load { address: server.address().to_string(), connections: options.connections, seed, time };
    let mut memory = Memory::new(server.usage().memory, WARM_UP.min(time / WARM_UP_PART));
    let mut progress = Progress::new(log, name, time);
    let tally = runtime.block_on(load.run(|elapsed, tally| {
        let sample = server.usage().memory;
        memory.add(elapsed, sample);
        progress.show(elapsed, tally, sample);
    }))?;
    progress.end();
    let stopped = server.stop();
    report(log, name, options, &tally, &memory);
    stopped.with_context(|| format!("{name}, when all was over"))?;
    judge(name, &tally, memory.trend())
}

/// The line that shows how it goes: written over on a terminal, else seldom.
struct Progress<'a> {
    log: &'a Log,
    name: &'a str,
    time: Duration,
    every: u64,
    next: u64,
}

impl<'a> Progress<'a> {
    fn new(log: &'a Log, name: &'a str, time: Duration) -> Self {
        let [terminal, file] = PROGRESS;
        Self { log, name, time, every: if log.is_terminal() { terminal } else { file }, next: 0 }
    }

    fn show(&mut self, elapsed: Duration, tally: &Tally, memory: Option<u64>) {
        if elapsed.as_secs() < self.next {
            return;
        }
        self.next += self.every;
        let memory = memory.map_or_else(String::new, |kib| format!(", {kib} KiB"));
        let line = format!("{} {}/{} s: {tally}{memory}", self.name, elapsed.as_secs(), self.time.as_secs());
        if self.log.is_terminal() {
            print!("\r\x1b[K{line}");
            let _ = std::io::stdout().flush();
        } else {
            self.log.line(line);
        }
    }

    fn end(&self) {
        if self.log.is_terminal() {
            print!("\r\x1b[K");
        }
    }
}

fn report(log: &Log, name: &str, options: &Options, tally: &Tally, memory: &Memory) {
    let seconds = options.seconds.max(1) as f64;
    let mib = tally.bytes as f64 / f64::from(1 << 20);
    for (what, value) in [
        ("server", format!("{name}, {} connections, {} s", options.connections, options.seconds)),
        ("messages", format!("{}, {:.0} each second", tally.messages, tally.messages as f64 / seconds)),
        ("bytes", format!("{}, {:.1} MiB each second, each way", tally.bytes, mib / seconds)),
        ("pings", tally.pings.to_string()),
        ("reconnects", tally.reconnects.to_string()),
        ("lost", tally.lost.to_string()),
        ("errors", tally.errors.to_string()),
        ("latency, ms", format!("p50, p99, max: {}", tally.latencies)),
        ("memory, KiB", memory.shown()),
    ] {
        log.line(format_args!("{what:12} {value}"));
    }
    tally.told().for_each(|why| log.line(format_args!("ERROR        {why}")));
}

/// What to note, or why the server failed.
fn judge(name: &str, tally: &Tally, trend: Option<Trend>) -> Result<String> {
    let Tally { messages, lost, errors, .. } = tally;
    if *lost > 0 || *errors > 0 || *messages == 0 {
        bail!("{name}: {messages} messages came back, {lost} were lost, {errors} errors (above)");
    }
    let memory = match trend {
        Some(trend) if trend.is_flat() => format!("memory flat at {} KiB", trend.last),
        Some(Trend { first, last }) => bail!(
            "{name}: memory is not flat: a median of {first} KiB first, of {last} KiB last, more than 5 % and 2048 KiB more"
        ),
        None => "memory not judged: too short, or not to be seen on this system".to_string(),
    };
    Ok(format!("{name}: {messages} messages, none lost, {memory}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lost: u64, errors: u64) -> Tally {
        let mut tally = Tally::new().unwrap();
        tally.echoed(1, 0, Duration::ZERO);
        (tally.lost, tally.errors) = (lost, errors);
        tally
    }

    #[test]
    fn nothing_may_be_lost() {
        assert_eq!(
            judge("server", &tally(0, 0), None).unwrap(),
            "server: 1 messages, none lost, memory not judged: too short, or not to be seen on this system"
        );
        for (lost, errors) in [(1, 0), (0, 1)] {
            assert!(judge("server", &tally(lost, errors), None).is_err());
        }
        assert!(judge("server", &Tally::new().unwrap(), None).is_err());
    }

    #[test]
    fn memory_may_not_grow() {
        assert!(judge("server", &tally(0, 0), Some(Trend { first: 60_000, last: 64_000 })).is_ok());
        assert!(judge("server", &tally(0, 0), Some(Trend { first: 60_000, last: 66_000 })).is_err());
    }
}
