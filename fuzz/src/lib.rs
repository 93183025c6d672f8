//! What several targets share, from the bytes outwards: frames to send (`frames`), frames read strictly (`strict`), the transport between
//! (`link`), what a peer's bytes mean (`meaning`), a connection whole or in halves (`face`), an application that uses it
//! (`session`, with `sending` and `verdict`), and the heads of the opening handshake (`heads`).

pub mod face;
pub mod frames;
pub mod heads;
pub mod link;
pub mod meaning;
mod sending;
pub mod session;
pub mod strict;
mod verdict;

/// What unwritten bytes are filled with, so that they show.
pub const UNWRITTEN: u8 = 0xa5;
