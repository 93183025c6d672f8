//! What the example programs share. The programs are in `src/bin`, each a folder of its own.

mod address;
mod limit;
mod printable;
mod serving;
mod shutdown;
mod socket;

pub use address::Address;
pub use limit::{Limit, Place};
pub use printable::{close_in_words, printable, summary};
pub use serving::{Log, serve};
pub use shutdown::Shutdown;
pub use socket::Socket;

/// The example in the project's README, which is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ProjectReadme;
