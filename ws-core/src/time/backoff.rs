//! How long a client waits before it connects again, so that a thousand clients of a server that restarts do not all come
//! back at once. Which failures are worth another attempt is left to the caller.

/// Says how long to wait before each attempt to reconnect: ever longer, and by chance. 12 bytes.
///
/// The first delay is chosen between 0 and `first` milliseconds. Each later one has a ceiling twice as high, up to `max`,
/// and lies in the upper half below it ("equal jitter"): with [`DEFAULT`](Self::DEFAULT) between 0 and 5 s, then 5 and
/// 10 s, 10 and 20 s, 20 and 40 s, and 30 and 60 s from then on.
///
/// The whole range from 0 ("full jitter") would spread clients further, but a client could knock several times in a
/// row without a pause, and its delays would not become longer, as section 7.2.3 asks; they do so here until `max` is near.
///
/// ```
/// use ws_core::time::{Backoff, Deadline, until};
/// # struct Link { clock: u32, attempts: u32 }
/// # impl Link {
/// #     fn now(&self) -> u32 { self.clock }
/// #     fn random(&mut self) -> u32 { self.clock.wrapping_mul(0x9e37_79b9) ^ 0x5555_5555 }
/// #     fn wait(&mut self, milliseconds: u32) { self.clock += milliseconds; }
/// #     // A server that is back at the third attempt.
/// #     fn connect(&mut self) -> Result<(), ()> { self.attempts += 1; if self.attempts < 3 { Err(()) } else { Ok(()) } }
/// #     fn converse(&mut self) -> bool { true }
/// # }
/// # let mut link = Link { clock: 123, attempts: 0 };
/// let mut backoff = Backoff::DEFAULT;
/// loop {
///     if link.connect().is_ok() {
///         let received_a_message = link.converse(); // until the connection is lost
///         if received_a_message {
///             backoff.reset();
///         }
/// #       assert_eq!(backoff, Backoff::DEFAULT);
/// #       break;
///     }
///     let deadline = Deadline::after(link.now(), backoff.next_delay(link.random()));
///     link.wait(until(deadline.next_deadline(), link.now()));
/// }
/// # assert!((5_123..=15_123).contains(&link.now()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Backoff {
    first: u32,
    max: u32,
    /// Of the delay before; 0 if there was none.
    ceiling: u32,
}

impl Backoff {
    /// 5 s at first, as section 7.2.3 proposes, and 60 s at most, so that a server is found within a minute after it is back.
    // Section 7.2.3: "a value chosen randomly between 0 and 5 seconds is a reasonable initial delay"
    pub const DEFAULT: Self = Self::new(5_000, 60_000);

    /// Takes the ceiling of the first delay and of all, in milliseconds. 0 counts as 1, a `max` longer than
    /// [`MAX_DURATION`](super::MAX_DURATION) is cut to it, and a `first` longer than `max` to that.
    #[must_use]
    pub const fn new(first: u32, max: u32) -> Self {
        let max = clamp(max, super::MAX_DURATION);
        Self { first: clamp(first, max), max, ceiling: 0 }
    }

    /// Returns how many milliseconds to wait before the next attempt: at most `max`; 0 only as the first delay.
    ///
    /// `random` is any number; all its 32 bits should be by chance, and different on each device. It need not be
    /// unpredictable.
    // Section 7.2.3: "To prevent this, clients SHOULD use some form of backoff when trying to reconnect after abnormal
    // closures as described in this section."
    #[must_use]
    pub const fn next_delay(&mut self, random: u32) -> u32 {
        let floor;
        (floor, self.ceiling) = if self.ceiling == 0 {
            // Section 7.2.3: "The first reconnect attempt SHOULD be delayed by a random amount of time."
            (0, self.first)
        } else {
            // Section 7.2.3: "Should the first reconnect attempt fail, subsequent reconnect attempts SHOULD be delayed by
            // increasingly longer amounts of time, using a method such as truncated binary exponential backoff."
            let ceiling = clamp(self.ceiling.saturating_mul(2), self.max);
            (ceiling.div_ceil(2), ceiling)
        };
        let choices = self.ceiling.wrapping_sub(floor).wrapping_add(1);
        floor.wrapping_add(scale(random, choices))
    }

    /// Begins again with the first delay. Call it once a connection has held.
    ///
    /// A connection that was merely opened is too little: a server that accepts each one and drops it would be asked again
    /// every few seconds for ever. A message received, or a minute without a failure, is a sign that all is well.
    pub const fn reset(&mut self) {
        self.ceiling = 0;
    }
}

impl Default for Backoff {
    /// Returns [`Backoff::DEFAULT`].
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// `duration`, but at least 1 and at most `max`.
const fn clamp(duration: u32, max: u32) -> u32 {
    if duration == 0 {
        1
    } else if duration > max {
        max
    } else {
        duration
    }
}

/// Maps all numbers evenly to those below `choices`, by their upper bits: those are the better ones of simple generators, and
/// there is no division, which small processors lack.
const fn scale(random: u32, choices: u32) -> u32 {
    ((random as u64).wrapping_mul(choices as u64) >> 32) as u32
}
