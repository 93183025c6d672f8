//! Nothing but the example in the project's README, which is compiled with the tests. The examples are the programs in
//! `src/bin`.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct ProjectReadme;
