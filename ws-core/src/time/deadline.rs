//! A moment by which something must have happened: the end of the opening handshake, or of the closing one.

use super::instant::{after, is_due};

/// A moment by which something must have happened. 4 bytes.
///
/// RFC 6455 limits neither handshake, so a peer that falls silent in one of them holds a connection for ever unless
/// its caller does: when the deadline is due, close the transport.
///
/// ```
/// use ws_core::time::{Deadline, until};
/// # struct Link { clock: u32 }
/// # impl Link {
/// #     fn now(&self) -> u32 { self.clock }
/// #     // Nothing comes: a silent peer.
/// #     fn wait_for_input(&mut self, milliseconds: u32) -> bool { self.clock += milliseconds; false }
/// #     fn close_transport(&mut self) {}
/// # }
/// # let mut link = Link { clock: 123 };
/// # let mut handshake_is_complete = false;
/// let deadline = Deadline::after(link.now(), Deadline::OPENING_HANDSHAKE);
/// while !handshake_is_complete {
///     if deadline.is_due(link.now()) {
///         link.close_transport();
///         break;
///     }
///     // Until bytes come or the deadline does, whichever is earlier.
///     if link.wait_for_input(until(deadline.next_deadline(), link.now())) {
///         // goes on with the handshake
/// #       handshake_is_complete = true;
///     }
/// }
/// # assert!(!handshake_is_complete);
/// # assert_eq!(link.now(), 10_123);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Deadline {
    at: u32,
}

impl Deadline {
    /// How long an opening handshake may take by default, in milliseconds: 10 s.
    ///
    /// It is one exchange. TCP sends a lost segment again after 1 s, 2 s more and 4 s more, so that an honest peer on a bad
    /// line may lose three in a row; one that connects and says nothing does not hold a server's memory for long.
    pub const OPENING_HANDSHAKE: u32 = 10_000;

    /// How long to wait for the peer's Close and then for the end of the transport by default, in milliseconds: 5 s.
    ///
    /// Nothing that the application sent or awaits is at stake any more, so that it is shorter: two segments may be lost in a
    /// row.
    // Section 7.1.1: "In abnormal cases (such as not having received a TCP Close from the server after a reasonable amount
    // of time) a client MAY initiate the TCP Close."
    pub const CLOSING_HANDSHAKE: u32 = 5_000;

    /// Returns the deadline `duration` milliseconds after `now`; a duration longer than
    /// [`MAX_DURATION`](super::MAX_DURATION) is cut to it.
    #[must_use]
    pub const fn after(now: u32, duration: u32) -> Self {
        Self { at: after(now, duration) }
    }

    /// Whether the deadline is `now` or has passed.
    #[must_use]
    pub const fn is_due(self, now: u32) -> bool {
        is_due(self.at, now)
    }

    /// The moment at which it is due.
    #[must_use]
    pub const fn next_deadline(self) -> u32 {
        self.at
    }
}
