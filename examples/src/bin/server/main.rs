//! An echo server with a page to try it: one port for HTTP and WebSocket, a thread for each connection, and buffers that
//! may be far smaller than the messages.
//!
//! What is here: the command line. What happens on a connection is in `connection`, and which path leads where in `route`.

mod connection;
mod route;

use std::process::ExitCode;

use clap::Parser;
use examples::{Limit, Log, Patience, Shutdown, buffer_len, serve};

use crate::connection::Connection;

/// Serves a page at / and echoes WebSocket messages at /chat.
#[derive(Parser)]
struct Arguments {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:1337", value_name = "HOST:PORT")]
    listen: String,
    /// Refuse WebSockets from pages of other origins than this; may be given several times.
    #[arg(long = "allow-origin", value_name = "SCHEME://HOST[:PORT]")]
    allowed_origins: Vec<String>,
    /// Refuse further WebSockets when this many are open.
    #[arg(long, default_value_t = 64, value_name = "N")]
    max_connections: usize,
    /// Receive through a buffer of this many bytes; longer messages are echoed while they arrive.
    #[arg(long, default_value_t = 16384, value_name = "BYTES", value_parser = buffer_len)]
    rx: usize,
    /// Send through a buffer of this many bytes.
    // A piece of a message that fills the other buffer leaves in one write with its frame header.
    #[arg(long, default_value_t = 16398, value_name = "BYTES", value_parser = buffer_len)]
    tx: usize,
    #[command(flatten)]
    patience: Patience,
    /// Do not print what happens on the connections.
    #[arg(long)]
    quiet: bool,
}

/// What all connections share.
struct Server {
    arguments: Arguments,
    websockets: Limit,
    log: Log,
    shutdown: Shutdown,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let (address, max_connections) = (arguments.listen.clone(), arguments.max_connections);
    let (log, shutdown) = (Log::start().quiet(arguments.quiet), Shutdown::default());
    let server = Server { arguments, websockets: Limit::new(max_connections), log, shutdown: shutdown.clone() };
    // Those that are WebSockets, those that fetch the page, and those that have asked nothing yet.
    let max_sockets = max_connections.saturating_mul(4).saturating_add(16);
    serve("http", &address, max_sockets, &shutdown, &log, move |number, stream| {
        Connection::new(number, &server).serve(stream);
    })
}
