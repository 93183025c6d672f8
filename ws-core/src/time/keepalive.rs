//! When to send a Ping to a silent peer, and when to give it up. Sending the Ping and closing the transport is left to
//! the caller, as is all knowledge of what the peer sends: a byte is a byte.

use super::instant::{after, is_due};

/// Says when a Ping is due, and whether the peer still lives. 16 bytes.
///
/// After `idle` milliseconds without a byte from the peer a Ping is due, and within `pong_timeout` milliseconds after that
/// the peer must answer. *Any* byte proves that it lives, not only a Pong: a Pong waits its turn behind a
/// large message that the peer is sending, and a peer that is sending is not dead. What is sent to the peer proves
/// nothing, and is not counted.
///
/// RFC 6455, section 5.5.2: "A Ping frame may serve either as a keepalive or as a means to verify that the remote endpoint
/// is still responsive."
///
/// An `idle` time below the time after which a router or a proxy on the way forgets a silent connection (60 s is
/// common) keeps that from happening. An `idle` time of 0 answers each byte with a Ping, and each Pong with the next.
///
/// ```
/// use ws_core::time::{Keepalive, KeepaliveAction, until};
/// # struct Link { clock: u32, pings: u32 }
/// # impl Link {
/// #     fn now(&self) -> u32 { self.clock }
/// #     fn send_ping(&mut self) { self.pings += 1; }
/// #     // A peer that answers the first Ping after 40 ms, and no other.
/// #     fn wait_for_input(&mut self, milliseconds: u32) -> bool {
/// #         let answers = self.pings == 1 && self.clock < 20_040;
/// #         self.clock += if answers { 40 } else { milliseconds };
/// #         answers
/// #     }
/// #     fn close_transport(&mut self) {}
/// # }
/// # let mut link = Link { clock: 0, pings: 0 };
/// let mut keepalive = Keepalive::new(20_000, 10_000, link.now());
/// loop {
///     match keepalive.poll(link.now()) {
///         KeepaliveAction::Wait => {}
///         KeepaliveAction::Ping => link.send_ping(),
///         KeepaliveAction::PeerIsDead => {
///             link.close_transport();
///             break;
///         }
///     }
///     // Until bytes come or the deadline does, whichever is earlier.
///     if link.wait_for_input(until(keepalive.next_deadline(), link.now())) {
///         keepalive.on_received(link.now());
///     }
/// }
/// # assert_eq!(link.pings, 2);
/// # assert_eq!(link.now(), 50_040);
/// ```
///
/// Look for input between two calls of [`poll`](Self::poll), as this loop does, even if the deadline has passed
/// meanwhile: then an application that was busy for long does not take a peer for dead whose answer is waiting to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Keepalive {
    idle: u32,
    pong_timeout: u32,
    deadline: u32,
    peer: Peer,
}

/// What [`Keepalive::poll`] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum KeepaliveAction {
    /// Nothing is due before [`Keepalive::next_deadline`].
    Wait,
    /// Send a Ping and flush it; the payload does not matter.
    Ping,
    /// Close the transport, without a Close frame: nobody is there to read it.
    PeerIsDead,
}

/// What is known of the peer, and thereby what the deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Peer {
    /// It was heard; at the deadline a Ping is due.
    Alive,
    /// A Ping is on its way; at the deadline the peer is dead.
    Pinged,
    Dead,
}

impl Keepalive {
    /// Begins with a peer that was heard `now`, as the end of the opening handshake is.
    ///
    /// Both durations are in milliseconds; one longer than [`MAX_DURATION`](super::MAX_DURATION) is cut to it.
    #[must_use]
    pub const fn new(idle: u32, pong_timeout: u32, now: u32) -> Self {
        Self { idle, pong_timeout, deadline: after(now, idle), peer: Peer::Alive }
    }

    /// Call it when at least one byte has come from the peer, of whichever frame.
    ///
    /// The peer lives, even if it should have answered earlier, and is to be silent for `idle` milliseconds from `now` before
    /// the next Ping. Only a peer that [`poll`](Self::poll) has called dead stays so.
    pub const fn on_received(&mut self, now: u32) {
        if !matches!(self.peer, Peer::Dead) {
            self.peer = Peer::Alive;
            self.deadline = after(now, self.idle);
        }
    }

    /// Returns what is due `now`: the Ping once in each silence, and a dead peer from then on.
    ///
    /// The time to answer begins when this returns [`Ping`](KeepaliveAction::Ping), so that a late call does not
    /// shorten it; and it begins even if the Ping cannot be sent, so that a peer that reads nothing any more is noticed.
    pub const fn poll(&mut self, now: u32) -> KeepaliveAction {
        match self.peer {
            Peer::Dead => KeepaliveAction::PeerIsDead,
            _ if !is_due(self.deadline, now) => KeepaliveAction::Wait,
            Peer::Alive => {
                self.peer = Peer::Pinged;
                self.deadline = after(now, self.pong_timeout);
                KeepaliveAction::Ping
            }
            Peer::Pinged => {
                self.peer = Peer::Dead;
                KeepaliveAction::PeerIsDead
            }
        }
    }

    /// The moment at which to call [`poll`](Self::poll) next, if nothing is received before: when the Ping is due, or the
    /// answer to it. Once the peer is dead it has passed.
    #[must_use]
    pub const fn next_deadline(&self) -> u32 {
        self.deadline
    }
}
