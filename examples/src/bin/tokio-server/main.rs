//! An async echo server on tokio: a task for each connection, all of them in one thread.
//!
//! What is here: the command line, the listening socket and the end of the program. What happens on a connection is in
//! `connection`, the time that it may take in `clock`.

mod clock;
mod connection;

use std::{
    process::{self, ExitCode},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::Parser;
use examples::{Limit, Log, Patience, buffer_len};
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
    /// Refuse further WebSockets when this many are open.
    #[arg(long, default_value_t = 64, value_name = "N")]
    max_connections: usize,
    #[command(flatten)]
    options: Options,
    /// Do not print what happens on the connections.
    #[arg(long)]
    quiet: bool,
}

/// What a connection is like.
#[derive(clap::Args, Clone, Copy)]
struct Options {
    /// The receive buffer: the most bytes of a message that are held, and that are echoed in one fragment.
    #[arg(long = "rx", default_value_t = 16384, value_name = "BYTES", value_parser = buffer_len)]
    receive: usize,
    /// The transmit buffer: the most bytes that leave in one write.
    #[arg(long = "tx", default_value_t = 4096, value_name = "BYTES", value_parser = buffer_len)]
    transmit: usize,
    #[command(flatten)]
    patience: Patience,
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

    let log = Log::start().quiet(arguments.quiet);
    let websockets = Arc::new(Limit::new(arguments.max_connections));
    // Those that are WebSockets, those that are refused, and those that have asked nothing yet.
    let max_sockets = arguments.max_connections.saturating_mul(4).saturating_add(16);
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            // A connection that has ended gives its memory back.
            Some(_) = connections.join_next() => continue,
            _ = stopping.changed() => break,
        };
        number += 1;
        match accepted {
            Ok(_) if connections.len() >= max_sockets => log.line(number, "not served: too many connections"),
            Ok((stream, _)) => {
                let (options, websockets, stopping) = (arguments.options, Arc::clone(&websockets), stopping.clone());
                connections.spawn(Connection { number, log, options, websockets, stopping }.serve(stream));
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
