//! An async echo server on tokio: a task for each connection, all of them in one thread.
//!
//! What is here: the command line, the listening socket and the end of the program. What happens on a connection is in
//! `connection`, the time that it may take in `clock`.

mod clock;
mod connection;

use std::{
    process::{self, ExitCode},
    time::Duration,
};

use anyhow::Context as _;
use clap::{Parser, value_parser};
use examples::Log;
use tokio::{
    net::TcpListener,
    select,
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::connection::Connection;

/// How long the connections have to end, once the program is to end.
const END: Duration = Duration::from_secs(5);

/// Echoes WebSocket messages at every path.
#[derive(Parser)]
struct Arguments {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:1337", value_name = "HOST:PORT")]
    listen: String,
    #[command(flatten)]
    options: Options,
}

/// What a connection is like.
#[derive(clap::Args, Clone, Copy)]
struct Options {
    /// The receive buffer: the most bytes of a message that are held, and that are echoed in one fragment.
    #[arg(long = "rx", default_value_t = 16384, value_name = "BYTES", value_parser = parse_size)]
    receive: usize,
    /// The transmit buffer: the most bytes that leave in one write.
    #[arg(long = "tx", default_value_t = 4096, value_name = "BYTES", value_parser = parse_size)]
    transmit: usize,
    /// Send a Ping after so many milliseconds of silence, and give the client up after as many more.
    #[arg(long, default_value_t = 30_000, value_name = "MILLISECONDS", value_parser = value_parser!(u32).range(1..))]
    idle: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let listener = TcpListener::bind(&arguments.listen).await.with_context(|| {
        format!("cannot listen on {} (try --listen 127.0.0.1:0, which picks a free port)", arguments.listen)
    })?;
    let (stop, mut stopping) = watch::channel(false);
    ctrlc::set_handler(move || {
        if stop.send_replace(true) {
            // Asked twice: whatever the connections do, the program ends. 128 + SIGINT, as shells count.
            process::exit(130);
        }
    })?;
    println!("listening on ws://{}/", listener.local_addr()?);

    let log = Log::start();
    let mut connections = JoinSet::new();
    for number in 1.. {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            _ = stopping.changed() => break,
        };
        // Those that have ended need no place any more.
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let connection = Connection { number, log, options: arguments.options, stopping: stopping.clone() };
                connections.spawn(connection.serve(stream));
            }
            // Too many open files, say: wait for others to end instead of trying again at once.
            Err(error) => {
                log.line(number, format_args!("not served: {error}"));
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    // What is not closed by then is dropped.
    let _ = timeout(END, connections.join_all()).await;
    Ok(())
}

fn parse_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 1..=0x4000_0000) => Ok(size),
        _ => Err("a buffer has 1 byte at least and 1 GiB at most".to_owned()),
    }
}
