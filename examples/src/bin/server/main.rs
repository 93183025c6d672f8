//! An echo server with a page to try it: one port for HTTP and WebSocket, a thread for each connection, and buffers that
//! are far smaller than the messages.
//!
//! What is here: the command line, the listening socket and the end of the program. What happens on a connection is in
//! `connection`, and which path leads where in `route`.

mod connection;
mod route;
mod shutdown;
mod socket;

use std::{
    io::{self, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Parser;

use crate::{connection::Connection, shutdown::Shutdown};

/// Serves a page at / and echoes WebSocket messages at /chat.
#[derive(Parser)]
struct Arguments {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:1337", value_name = "ADDRESS")]
    listen: SocketAddr,
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
    max_connections: usize,
    open_connections: AtomicUsize,
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

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let listener =
        TcpListener::bind(arguments.listen).with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener.local_addr()?;
    let shutdown = Shutdown::new();
    let requested = shutdown.clone();
    ctrlc::set_handler(move || {
        requested.request();
        // Wakes the loop below, which waits for a connection. If this fails, the loop has ended already.
        let _ = TcpStream::connect(loopback_if_unspecified(address));
    })?;
    print_line(format_args!("listening on http://{address}/"));

    let server = Arc::new(Server {
        allowed_origins: arguments.allowed_origins,
        max_connections: arguments.max_connections,
        open_connections: AtomicUsize::new(0),
        started: Instant::now(),
        shutdown,
    });
    let mut threads = Vec::new();
    for (number, stream) in (1..).zip(listener.incoming()) {
        if server.shutdown.is_requested() {
            break;
        }
        threads.retain(|thread: &thread::JoinHandle<()>| !thread.is_finished());
        match stream.and_then(|stream| spawn(number, stream, &server)) {
            Ok(thread) => threads.push(thread),
            // Too many open files or threads, say: wait for others to end instead of trying again at once.
            Err(error) => {
                server.log(number, format_args!("not served: {error}"));
                thread::park_timeout(Duration::from_millis(100));
            }
        }
    }
    print_line(format_args!("closing {} connections", server.open_connections.load(Ordering::Relaxed)));
    for thread in threads {
        // A connection that panicked has said so on standard error.
        let _ = thread.join();
    }
    Ok(())
}

fn spawn(number: u64, stream: TcpStream, server: &Arc<Server>) -> io::Result<thread::JoinHandle<()>> {
    let server = Arc::clone(server);
    thread::Builder::new().name(format!("connection {number}")).spawn(move || {
        if let Err(error) = Connection::new(number, &server).serve(stream) {
            server.log(number, format_args!("{error}"));
        }
    })
}

/// Prints a line at once. That nobody reads it is no reason to stop serving.
fn print_line(line: std::fmt::Arguments<'_>) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// The address under which this machine reaches a listener that listens on all addresses.
fn loopback_if_unspecified(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}
