//! A program that serves: it listens, starts a thread for each connection, says what happens, and ends when it is asked to.

use std::{
    fmt,
    io::{self, Write as _},
    net::{TcpListener, TcpStream},
    process,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{Limit, Shutdown};

/// Listens at `address` and calls `connection`, in a thread of its own, with the number and the stream of each connection, until
/// Ctrl-C or SIGTERM asks `shutdown`. The first line of output has the address, as a URL of this `scheme`.
///
/// Further connections are dropped when `max_connections` are there. A second Ctrl-C ends the program at once.
///
/// # Errors
///
/// It cannot listen at `address`, or not hear Ctrl-C.
pub fn serve(
    scheme: &str,
    address: &str,
    max_connections: usize,
    shutdown: &Shutdown,
    log: &Log,
    connection: impl Fn(u64, TcpStream) + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!(
            "cannot listen on {address} (--listen takes HOST:PORT; try --listen 127.0.0.1:0, which picks a free port)"
        )
    })?;
    let interrupt = shutdown.clone();
    ctrlc::set_handler(move || {
        if !interrupt.request() {
            // Asked twice: whatever the connections do, the program ends. 128 + SIGINT, as shells count.
            process::exit(130);
        }
    })?;
    print_line(format_args!("listening on {scheme}://{}/", listener.local_addr()?));

    let limit = Arc::new(Limit::new(max_connections));
    let accepting = Accepting {
        listener,
        limit: Arc::clone(&limit),
        shutdown: shutdown.clone(),
        log: *log,
        connection: Arc::new(connection),
    };
    thread::spawn(move || accepting.accept());
    let deadline = shutdown.wait();
    print_line(format_args!("closing {} connections", limit.taken()));
    // The connections keep to the deadline themselves, and need a moment to say so.
    limit.wait_until_empty(deadline + Duration::from_millis(200));
    Ok(())
}

/// Prints what happens on the connections.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    started: Instant,
    is_quiet: bool,
}

impl Log {
    /// A log whose times begin now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now(), is_quiet: false }
    }

    /// A log that prints nothing if it is to be quiet.
    #[must_use]
    pub fn quiet(self, is_quiet: bool) -> Self {
        Self { is_quiet, ..self }
    }

    /// Prints what happens on the connection of this number, and when.
    pub fn line(&self, connection: u64, what: impl fmt::Display) {
        if self.is_quiet {
            return;
        }
        let seconds = self.started.elapsed().as_secs_f64();
        print_line(format_args!("{seconds:10.3}  #{connection}  {what}"));
    }
}

struct Accepting<F> {
    listener: TcpListener,
    limit: Arc<Limit>,
    shutdown: Shutdown,
    log: Log,
    connection: Arc<F>,
}

impl<F: Fn(u64, TcpStream) + Send + Sync + 'static> Accepting<F> {
    /// Starts a thread for each connection, until the program is to end.
    fn accept(&self) {
        for (number, stream) in (1..).zip(self.listener.incoming()) {
            if self.shutdown.is_requested() {
                return;
            }
            // Too many open files or threads, say: wait for others to end instead of trying again at once.
            if let Err(error) = stream.and_then(|stream| self.spawn(number, stream)) {
                self.log.line(number, format_args!("not served: {error}"));
                thread::sleep(Duration::from_millis(100));
            }
        }
    }

    fn spawn(&self, number: u64, stream: TcpStream) -> io::Result<()> {
        let Some(place) = self.limit.take() else {
            self.log.line(number, "not served: too many connections");
            return Ok(());
        };
        let connection = Arc::clone(&self.connection);
        thread::Builder::new().name(format!("connection {number}")).spawn(move || {
            connection(number, stream);
            drop(place);
        })?;
        Ok(())
    }
}

/// Prints a line at once. That nobody reads it is no reason to stop. Programs call it as [`say!`](crate::say).
pub fn print_line(line: fmt::Arguments<'_>) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}
