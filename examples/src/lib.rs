//! What the example programs share. The programs are in `src/bin`, each a folder of its own.

mod printable;

pub use printable::{close_in_words, printable};

/// The example in the project's README, which is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ProjectReadme;
