//! Arithmetic on moments of a clock that wraps. What is done at a moment is left to the machines beside this file.

/// The longest duration in milliseconds, `i32::MAX`: 24.8 days. Longer ones are cut to it.
pub const MAX_DURATION: u32 = u32::MAX >> 1;

/// Returns the moment `duration` milliseconds after `now`; a duration longer than [`MAX_DURATION`] is cut to it.
///
/// ```
/// use ws_core::time::{MAX_DURATION, after};
/// assert_eq!(after(1_000, 500), 1_500);
/// assert_eq!(after(u32::MAX, 500), 499);
/// assert_eq!(after(0, u32::MAX), MAX_DURATION);
/// ```
#[must_use]
pub const fn after(now: u32, duration: u32) -> u32 {
    now.wrapping_add(if duration < MAX_DURATION { duration } else { MAX_DURATION })
}

/// Whether `deadline` is `now` or has passed, at most [`MAX_DURATION`] ago.
///
/// ```
/// use ws_core::time::is_due;
/// assert!(!is_due(1_500, 1_499));
/// assert!(is_due(1_500, 1_500));
/// assert!(is_due(u32::MAX, 3));
/// ```
#[must_use]
pub const fn is_due(deadline: u32, now: u32) -> bool {
    now.wrapping_sub(deadline) <= MAX_DURATION
}

/// Returns how many milliseconds `deadline` lies ahead of `now`: 0 if it is due.
///
/// ```
/// use ws_core::time::until;
/// assert_eq!(until(1_500, 1_000), 500);
/// assert_eq!(until(1_500, 2_000), 0);
/// assert_eq!(until(499, u32::MAX), 500);
///
/// let (keepalive, closing) = (20_000, 5_000);
/// let time_to_wait = until(keepalive, 1_000).min(until(closing, 1_000));
/// assert_eq!(time_to_wait, 4_000);
/// ```
#[must_use]
pub const fn until(deadline: u32, now: u32) -> u32 {
    if is_due(deadline, now) { 0 } else { deadline.wrapping_sub(now) }
}
