//! What the steps share that load an example server: the server as they start and judge it, what it holds of the machine, and
//! how long it takes to answer.

mod latencies;
mod open_files;
mod server;
mod usage;

pub(crate) use latencies::Latencies;
pub(crate) use open_files::raise_limit;
pub(crate) use server::{Kind, LoadedServer};
pub(crate) use usage::Usage;
