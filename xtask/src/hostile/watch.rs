//! What goes on beside an attack: a well-behaved client that sends one text after the other, and a look at what the server holds.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    interop::socket::{Socket, Writes},
    load::{Latencies, LoadedServer, Usage},
};

/// Between an echo and the next text.
const PACE: Duration = Duration::from_millis(5);

/// Between two looks at what the server holds.
const LOOK: Duration = Duration::from_millis(20);

/// The fewest echoes that are enough to judge by.
const ENOUGH_ECHOES: u64 = 20;

/// The client and the looks, each in a thread that ends with this.
pub(super) struct Watch {
    echoes: Arc<Mutex<Echoes>>,
    most: Arc<Mutex<Usage>>,
    threads: Vec<Repeating>,
}

/// What the client saw.
pub(super) struct Echoes {
    pub(super) latencies: Latencies,
    /// Why an echo did not come or was another; there are no further ones.
    pub(super) lost: Option<String>,
}

impl Watch {
    /// Connects the client to the server, and begins.
    pub(super) fn start(server: &LoadedServer) -> Result<Self> {
        let echoes = Arc::new(Mutex::new(Echoes { latencies: Latencies::new()?, lost: None }));
        let most = Arc::new(Mutex::new(Usage::default()));
        let mut client = Socket::open(server.address(), Writes::Whole).context("the well-behaved client")?;
        let mut numbers = 0u64..;
        let echo = {
            let echoes = Arc::clone(&echoes);
            move || {
                let mut echoes = lock(&echoes);
                let started = Instant::now();
                if let (None, Some(number)) = (&echoes.lost, numbers.next()) {
                    match client.echo(&format!("well-behaved, text {number}")) {
                        Ok(()) => echoes.latencies.add(started.elapsed()),
                        Err(why) => echoes.lost = Some(format!("{why:#}")),
                    }
                }
            }
        };
        let (process, peak) = (server.id(), Arc::clone(&most));
        let look = move || {
            let usage = Usage::of(process);
            let mut most = lock(&peak);
            *most = most.max(usage);
        };
        let threads = vec![Repeating::start(PACE, echo), Repeating::start(LOOK, look)];
        Ok(Self { echoes, most, threads })
    }

    /// Forgets what was seen so far.
    pub(super) fn begin(&self) -> Result<()> {
        lock(&self.echoes).latencies = Latencies::new()?;
        *lock(&self.most) = Usage::default();
        Ok(())
    }

    /// What the client saw, of which a few echoes are the least, and the most that the server held. An echo that is under way is
    /// waited for.
    pub(super) fn end(&self) -> Result<(Echoes, Usage)> {
        loop {
            let mut echoes = lock(&self.echoes);
            if echoes.lost.is_some() || echoes.latencies.count() >= ENOUGH_ECHOES {
                let latencies = mem::replace(&mut echoes.latencies, Latencies::new()?);
                return Ok((Echoes { latencies, lost: echoes.lost.clone() }, *lock(&self.most)));
            }
            drop(echoes);
            thread::sleep(PACE);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.threads.drain(..).for_each(Repeating::end);
    }
}

/// A thread that does the same again and again.
struct Repeating {
    guard: Sender<()>,
    thread: JoinHandle<()>,
}

impl Repeating {
    fn start(pace: Duration, mut action: impl FnMut() + Send + 'static) -> Self {
        let (guard, end) = channel();
        let thread = thread::spawn(move || {
            while end.recv_timeout(pace) == Err(RecvTimeoutError::Timeout) {
                action();
            }
        });
        Self { guard, thread }
    }

    fn end(self) {
        drop(self.guard);
        // If it has panicked, the panic was printed.
        let _ = self.thread.join();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
