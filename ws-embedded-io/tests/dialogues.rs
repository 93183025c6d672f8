//! The scenarios, played by the blocking adapter.

mod adapter;
mod scenarios;
