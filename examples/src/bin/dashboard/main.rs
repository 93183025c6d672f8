//! A dashboard: a device with simulated sensors that are pushed to every browser that watches, and with controls that every browser can
//! work.
//!
//! What is here: the command line. The sensors are in `sensors`, who is watching and what all of them see in `hub`, what a browser and the
//! dashboard say to each other in `protocol`, a connection's two threads in `connection`, and what the one leaves for the other in
//! `mailbox`.

mod connection;
mod hub;
mod mailbox;
mod protocol;
mod sensors;

use std::{
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use examples::{Limit, Log, Shutdown, serve};

use crate::{connection::Connection, hub::Hub};

/// Serves a page at / that plots simulated sensors and has buttons for the device.
#[derive(Parser)]
struct Arguments {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:1338", value_name = "HOST:PORT")]
    listen: String,
    /// Refuse further browsers when this many are watching.
    #[arg(long, default_value_t = 16, value_name = "N")]
    max_viewers: usize,
}

/// What all connections share.
struct Dashboard {
    hub: Hub,
    viewers: Limit,
    log: Log,
    shutdown: Shutdown,
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
    let (log, shutdown) = (Log::start(), Shutdown::default());
    let (hub, viewers) = (Hub::new(), Limit::new(arguments.max_viewers));
    let dashboard = Arc::new(Dashboard { hub, viewers, log, shutdown: shutdown.clone() });
    let device = Arc::clone(&dashboard);
    thread::spawn(move || measure(&device.hub));
    // Those that watch, those that fetch the page, and those that have asked nothing yet.
    let max_sockets = arguments.max_viewers.saturating_mul(4).saturating_add(16);
    serve("http", &arguments.listen, max_sockets, &shutdown, &log, move |number, stream| {
        Connection::new(number, &dashboard).serve(stream);
    })
}

/// Measures at the rate that is set, until the program ends.
fn measure(hub: &Hub) {
    let mut next = Instant::now();
    loop {
        let rate = hub.measure();
        // What was missed is not made up for.
        next = Instant::now().max(next + Duration::from_secs(1) / rate);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}
