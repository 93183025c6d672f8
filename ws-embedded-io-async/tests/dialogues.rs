//! The scenarios of the blocking adapter, played by the async one.

mod adapter;
#[path = "../../ws-embedded-io/tests/scenarios/mod.rs"]
mod scenarios;
