//! A connection in two halves, for transports that can be read and written at the same time: one half receives, the other
//! sends, and what the first owes the peer reaches the second through a [`ReplySlot`].

mod receive_half;
mod reply_slot;
mod transmit_half;

pub use receive_half::ReceiveHalf;
pub use reply_slot::ReplySlot;
pub use transmit_half::{FlushingHalf, TransmitHalf};

use crate::Connection;

impl<'b, R> Connection<'b, R> {
    /// Splits the connection. The halves may be used from two tasks, two threads, or by turns from a main loop.
    ///
    /// What waits to be written stays with the transmit half, and what was received and not looked at with the receive
    /// half. Each has 125 bytes of its own for control frames.
    ///
    /// ```
    /// use ws_core::{Buffers, Config, Connection, Event, Machine, ReplySlot, Step};
    ///
    /// let (mut receive, mut transmit, mut control) = ([0; 64], [0; 256], [0; 125]);
    /// let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
    /// let slot = ReplySlot::new();
    /// let (mut receiving, mut transmitting) = Connection::server(buffers, &Config::DEFAULT).split(&slot);
    ///
    /// // A Ping arrives at one half ...
    /// receiving.push_received(&[0x89, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2]);
    /// assert!(matches!(receiving.poll()?, Step::Ready(Event::ReplyDue)));
    /// // ... and the Pong leaves through the other.
    /// assert!(matches!(transmitting.flush().poll()?, Step::Write(&[0x8a, 2, b'h', b'i'])));
    /// # Ok::<(), ws_core::Error>(())
    /// ```
    pub fn split<'s>(self, slot: &'s ReplySlot) -> (ReceiveHalf<'b, 's, R>, TransmitHalf<'b, 's, R>) {
        let Self { inbound, outbound } = self;
        let receiving = ReceiveHalf::new(inbound, &outbound, slot);
        (receiving, TransmitHalf::new(outbound, slot))
    }
}

/// What the README says about microcontrollers is held to by whoever builds for one.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(
    size_of::<ReceiveHalf<'_, '_, crate::Server>>() <= 224
        && size_of::<TransmitHalf<'_, '_, crate::Server>>() <= 88
        && size_of::<ReplySlot>() <= 132
);
