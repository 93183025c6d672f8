//! Scripted jobs, one program for each, to measure what a layer of the crates costs on a microcontroller: flash, RAM, stack,
//! instructions. `cargo xtask size` builds and runs them; a program without a WebSocket, on the same transport, is what they are
//! compared with.
//!
//! `script.rs` has what the peer says, `transport.rs` lets the job read it and keeps what the job writes; `measure.rs` runs the job
//! and reports. `start.rs` is what comes before, on bare metal. The jobs are in a file for each layer.

#![no_std]

pub mod asynchronous;
pub mod baseline;
pub mod blocking;
pub mod frames;
pub mod host;
pub mod measure;
pub mod script;
pub mod slices;
mod start;
pub mod transport;

/// A job has failed: the number says where, for whoever looks for the mistake.
pub type Result = core::result::Result<(), u32>;

/// A buffer that begins at a word, so that what is copied and unmasked in it is taken by words from the start; and every program
/// has its buffers where those of the others are.
#[repr(align(4))]
struct Aligned<const LEN: usize>([u8; LEN]);

/// The program that runs one job on one script.
#[macro_export]
macro_rules! program {
    ($job:path, $($script:path),+) => {
        #[unsafe(no_mangle)]
        extern "C" fn jobs_main() -> ! {
            $($crate::measure::run($job, &$script);)+
            $crate::host::exit(0)
        }
    };
}
