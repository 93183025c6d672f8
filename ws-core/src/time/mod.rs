//! Time as an argument: what has to happen when, said by small machines that hold no clock and wait for nothing.
//! Whoever owns a clock passes `now`, and waits.
//!
//! Nothing here knows frames or connections: a [`Keepalive`] says that a Ping is due, the caller sends it.
//!
//! # The clock
//!
//! `now` is in milliseconds, from any clock that never goes back; where it starts is of no matter. It may wrap from
//! `u32::MAX` to 0, which it does every 49.7 days, but nowhere else: the low 32 bits of a larger counter of milliseconds are
//! right, and a 32-bit counter of microseconds divided by 1000 is not.
//!
//! A moment is told from a later one by the shorter way around the circle of 2^32 ms. So no duration is longer than
//! [`MAX_DURATION`], 24.8 days, which longer ones are cut to, and a deadline must be looked at within 24.8 days after it
//! has passed; any later it seems to lie ahead.
//!
//! # The loop
//!
//! ```text
//! loop {
//!     ask each machine what is due now, and do it
//!     wait until the earlier of input and the machines' next_deadline()
//! }
//! ```
//!
//! [`until`] turns a deadline into a time to wait. Of several deadlines, the next is the one with the smallest.

mod backoff;
mod deadline;
mod instant;
mod keepalive;

pub use backoff::Backoff;
pub use deadline::Deadline;
pub use instant::{MAX_DURATION, after, is_due, until};
pub use keepalive::{Keepalive, KeepaliveAction};
