//! The opening handshake (RFC 6455, section 4) as state machines: a client's [`Connecting`] and a server's [`Accepting`].
//! Both end in a [`Connection`](crate::Connection).
//!
//! What a head says is `ws-handshake`'s; here is only what comes when, and the memory that the heads lie in, which is needed
//! no longer than the handshake.

mod accepting;
mod connecting;
mod head;

pub use accepting::{Accepting, Answer, Asked, Replying};
pub use connecting::Connecting;
