//! What the example programs share. The programs are in `src/bin`, each a folder of its own.

mod address;
mod buffer_len;
mod echo;
mod limit;
mod patience;
mod printable;
mod serving;
mod shutdown;
mod socket;

pub use address::Address;
pub use buffer_len::buffer_len;
pub use echo::{Echo, Progress};
pub use limit::{Limit, Place};
pub use patience::Patience;
pub use printable::{close_in_words, printable, summary};
pub use serving::{Log, print_line, serve};
pub use shutdown::Shutdown;
pub use socket::Socket;

/// Prints a line, as `println!` does, but does not mind if nobody reads it: `client ... | head` is no fault of the client's.
#[macro_export]
macro_rules! say {
    ($($part:tt)*) => {
        $crate::print_line(format_args!($($part)*))
    };
}

/// The example in the project's README, which is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ProjectReadme;

/// Likewise those of the guide to other transports.
#[cfg(doctest)]
#[doc = include_str!("../../docs/porting.md")]
struct Porting;
