//! How many of something there may be at once, counted without a race.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// A number of places, each of which is taken and given back.
pub struct Limit {
    max: usize,
    count: Arc<Count>,
}

/// A place that is taken, until it is dropped.
pub struct Place(Arc<Count>);

#[derive(Default)]
struct Count {
    taken: Mutex<usize>,
    given_back: Condvar,
}

impl Limit {
    /// `max` places.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { max, count: Arc::default() }
    }

    /// Takes a place, if there is one left.
    #[must_use]
    pub fn take(&self) -> Option<Place> {
        let mut taken = self.count.taken();
        if *taken >= self.max {
            return None;
        }
        *taken += 1;
        Some(Place(Arc::clone(&self.count)))
    }

    /// How many places are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        *self.count.taken()
    }

    /// Waits until no place is taken, but not longer than until `deadline`.
    pub fn wait_until_empty(&self, deadline: Instant) {
        let taken = self.count.taken();
        let time = deadline.saturating_duration_since(Instant::now());
        // Whether it is empty or too late, the waiting is over.
        drop(self.count.given_back.wait_timeout_while(taken, time, |taken| *taken > 0));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.taken() -= 1;
        self.0.given_back.notify_all();
    }
}

impl Count {
    fn taken(&self) -> MutexGuard<'_, usize> {
        // A number is whole also when a thread has panicked.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc::channel, thread, time::Duration};

    #[test]
    fn places_are_taken_and_given_back() {
        let limit = Limit::new(2);
        let (first, second) = (limit.take(), limit.take());
        assert!(first.is_some() && second.is_some() && limit.take().is_none());
        drop(first);
        assert_eq!(limit.taken(), 1);
        assert!(limit.take().is_some());
        assert!(Limit::new(0).take().is_none());
    }

    #[test]
    fn waiting_ends_with_the_last_place_or_at_the_deadline() {
        let limit = Arc::new(Limit::new(1));
        let place = limit.take();
        limit.wait_until_empty(Instant::now());
        assert_eq!(limit.taken(), 1);

        let waiting = Arc::clone(&limit);
        let (done, is_done) = channel();
        thread::spawn(move || {
            waiting.wait_until_empty(Instant::now() + Duration::from_secs(3600));
            done.send(waiting.taken())
        });
        drop(place);
        assert_eq!(is_done.recv_timeout(Duration::from_secs(60)), Ok(0));
    }
}
