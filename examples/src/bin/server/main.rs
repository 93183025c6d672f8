//! An echo server with a page to try it: one port for HTTP and WebSocket, a thread for each connection, and buffers that
//! are far smaller than the messages.
//!
//! What is here: the command line, the listening socket and the end of the program. What happens on a connection is in
//! `connection`, which path leads where in `route`, and how long everything may take in `socket`.

mod connection;
mod limit;
mod route;
mod shutdown;
mod socket;

use std::{
    io::{self, Write as _},
    net::{TcpListener, TcpStream},
    process::{self, ExitCode},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Parser;

use crate::{connection::Connection, limit::Limit, shutdown::Shutdown};

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
}

/// What all connections share.
struct Server {
    allowed_origins: Vec<String>,
    websockets: Limit,
    /// All connections: those that are WebSockets, those that fetch the page, and those that have asked nothing yet.
    sockets: Limit,
    started: Instant,
    shutdown: Shutdown,
}

impl Server {
    /// Prints what happens on a connection.
    fn log(&self, connection: u64, what: impl std::fmt::Display) {
        let seconds = self.started.elapsed().as_secs_f64();
        print_line(format_args!("{seconds:10.3}  #{connection}  {what}"));
    }
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
    let listener = listen(&arguments.listen)?;
    let shutdown = Shutdown::default();
    let interrupt = shutdown.clone();
    ctrlc::set_handler(move || {
        if !interrupt.request() {
            // Asked twice: whatever the connections do, the program ends. 128 + SIGINT, as shells count.
            process::exit(130);
        }
    })?;
    print_line(format_args!("listening on http://{}/", listener.local_addr()?));

    let server = Arc::new(Server {
        allowed_origins: arguments.allowed_origins,
        websockets: Limit::new(arguments.max_connections),
        sockets: Limit::new(arguments.max_connections.saturating_mul(4).saturating_add(16)),
        started: Instant::now(),
        shutdown,
    });
    let accepting = Arc::clone(&server);
    thread::spawn(move || accept(&listener, &accepting));
    let deadline = server.shutdown.wait();
    print_line(format_args!("closing {} connections", server.sockets.taken()));
    // The connections keep to the deadline themselves, and need a moment to say so.
    server.sockets.wait_until_empty(deadline + Duration::from_millis(200));
    Ok(())
}

fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        format!(
            "cannot listen on {address} (--listen takes HOST:PORT; try --listen 127.0.0.1:0, which picks a free port)"
        )
    })
}

/// Starts a thread for each connection, until the program is to end.
fn accept(listener: &TcpListener, server: &Arc<Server>) {
    for (number, stream) in (1..).zip(listener.incoming()) {
        if server.shutdown.is_requested() {
            return;
        }
        // Too many open files or threads, say: wait for others to end instead of trying again at once.
        if let Err(error) = stream.and_then(|stream| spawn(number, stream, server)) {
            server.log(number, format_args!("not served: {error}"));
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn spawn(number: u64, stream: TcpStream, server: &Arc<Server>) -> io::Result<()> {
    let Some(place) = server.sockets.take() else {
        server.log(number, "not served: too many connections");
        return Ok(());
    };
    let server = Arc::clone(server);
    thread::Builder::new().name(format!("connection {number}")).spawn(move || {
        Connection::new(number, &server).serve(stream);
        drop(place);
    })?;
    Ok(())
}

/// Prints a line at once. That nobody reads it is no reason to stop serving.
fn print_line(line: std::fmt::Arguments<'_>) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}
