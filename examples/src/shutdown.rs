//! The wish to end the program, seen by every connection.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

/// How long all connections together have to say goodbye.
const GRACE: Duration = Duration::from_secs(2);

/// Requested once, by Ctrl-C; clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    deadline: Arc<OnceLock<Instant>>,
}

impl Shutdown {
    /// Asks the program to end; false if it was asked before.
    pub fn request(&self) -> bool {
        self.end_at(Instant::now() + GRACE)
    }

    /// Asks the program to end until `deadline`; false if it was asked before.
    pub fn end_at(&self, deadline: Instant) -> bool {
        self.deadline.set(deadline).is_ok()
    }

    /// Whether the program is to end.
    pub fn is_requested(&self) -> bool {
        self.deadline().is_some()
    }

    /// When every connection must be gone, if the program is to end.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline.get().copied()
    }

    /// Waits for the request, and returns its deadline.
    pub fn wait(&self) -> Instant {
        *self.deadline.wait()
    }
}
