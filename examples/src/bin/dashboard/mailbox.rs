//! What waits to be told to one browser. There is one place for each kind of news, and what is newer takes the place of what is older: so a
//! browser that is slow misses samples, and neither memory nor the others pay for it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::protocol::{Sample, State};

#[derive(Default)]
pub(crate) struct Mailbox {
    mail: Mutex<Mail>,
    has_come: Condvar,
}

/// What has come since the mailbox was emptied.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Mail {
    pub(crate) state: Option<State>,
    pub(crate) sample: Option<Sample>,
    pub(crate) complaint: Option<String>,
    /// Whether the half that receives has left a reply.
    pub(crate) reply_due: bool,
    pub(crate) ping_due: bool,
    pub(crate) end: Option<End>,
}

/// Why nothing more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The program ends, which is to be told.
    Goodbye,
    /// The connection is closed.
    Closed,
}

impl Mailbox {
    /// Puts something in, and never waits for whoever empties it.
    pub(crate) fn put(&self, put: impl FnOnce(&mut Mail)) {
        put(&mut self.lock());
        self.has_come.notify_one();
    }

    /// Empties it; waits as long as it is empty.
    pub(crate) fn take(&self) -> Mail {
        let mail = self.has_come.wait_while(self.lock(), |mail| *mail == Mail::default());
        std::mem::take(&mut *mail.unwrap_or_else(PoisonError::into_inner))
    }

    fn lock(&self) -> MutexGuard<'_, Mail> {
        // Each kind of mail is whole by itself, also if a thread has panicked.
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn what_is_newer_takes_the_place_of_what_is_older() {
        let sample = |t| Some(Sample { t, temperature: 0.0, humidity: 0.0, vibration: 0.0 });
        let mailbox = Mailbox::default();
        mailbox.put(|mail| mail.sample = sample(1));
        mailbox.put(|mail| mail.ping_due = true);
        mailbox.put(|mail| mail.sample = sample(2));
        assert_eq!(mailbox.take(), Mail { sample: sample(2), ping_due: true, ..Mail::default() });
        // It is empty now.
        thread::scope(|scope| {
            let taking = scope.spawn(|| mailbox.take());
            mailbox.put(|mail| mail.end = Some(End::Closed));
            assert_eq!(taking.join().unwrap(), Mail { end: Some(End::Closed), ..Mail::default() });
        });
    }
}
