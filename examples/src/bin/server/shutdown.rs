//! The wish to end the program, seen by every connection.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Set once, by Ctrl-C; clones see the same.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(Arc<AtomicBool>);

impl Shutdown {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicBool::new(false)))
    }

    pub(crate) fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
