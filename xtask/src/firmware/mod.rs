//! `firmware`: the programs of `firmware/` on an emulated microcontroller.
//!
//! `programs.rs` builds them, `emulator.rs` boots one. `run` is for people. `test` lets others talk to the dashboard (`dashboard.rs`)
//! and to the client (`client.rs`), looks at how much memory that took, and has the Autobahn test suite judge the echo.

mod client;
mod dashboard;
mod emulator;
mod programs;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use clap::{Subcommand, ValueEnum};

use crate::{autobahn, command::Log};
pub(crate) use emulator::Emulator;
pub(crate) use programs::Programs;

#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Options {
    /// What to do [default: test]
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
enum Action {
    /// Boot a program, and keep it running until Ctrl-C
    Run {
        /// Which program
        #[arg(default_value = "dashboard")]
        program: Program,
        /// The port: of this machine, at which the dashboard is to be reached [default: a free one]; of a server on this machine, which
        /// the client is to dial [default: 1337]
        #[arg(long)]
        port: Option<u16>,
    },
    /// Let other programs talk to the device, and attack it
    Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Program {
    /// A page that shows the device and controls it, and an echo
    Dashboard,
    /// A device that dials out: start a server first, such as `cargo run --bin server`
    Client,
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    let programs = Programs::build(log)?;
    match options.action.as_ref().unwrap_or(&Action::Test) {
        Action::Run { program: Program::Dashboard, port } => show(log, &Emulator::dashboard(log, &programs, *port)?),
        Action::Run { program: Program::Client, port } => {
            show(log, &Emulator::client(log, &programs, port.unwrap_or(1337))?)
        }
        Action::Test => {
            Programs::lint(log)?;
            let served = dashboard::test(log, &programs)?;
            let dialled = client::test(log, &programs)?;
            let judged = autobahn::run(log, &autobahn::Options::firmware()).context("the Autobahn test suite")?;
            log.line(format_args!("\ndashboard: {served}\nclient:    {dialled}\nAutobahn:  {judged}"));
            Ok(format!("dashboard: {served}; {judged}"))
        }
    }
}

/// How often to look whether the device is to end.
const LOOK: Duration = Duration::from_millis(100);

/// Shows what the device says until Ctrl-C, or until this program is asked to end; the emulator ends with it.
fn show(log: &Log, emulator: &Emulator) -> Result<String> {
    let stop = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&stop);
    ctrlc::set_handler(move || handler.store(true, Ordering::Relaxed)).context("cannot listen to Ctrl-C")?;
    if let Some(address) = emulator.address() {
        log.line(format_args!("\nopen http://{address}/ in a browser, or talk to ws://{address}/echo"));
    }
    log.line("Ctrl-C ends the device\n");
    while !stop.load(Ordering::Relaxed) {
        match emulator.next_line(LOOK) {
            Ok(Some(line)) => log.line(line),
            Ok(None) => return Ok("the device has ended by itself".to_string()),
            // It has nothing to say.
            Err(_) => {}
        }
    }
    Ok("the device was stopped".to_string())
}
