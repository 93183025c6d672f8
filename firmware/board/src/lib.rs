//! The board: an LM3S6965 evaluation board (Cortex-M3, 256 KiB of flash, 64 KiB of RAM, Ethernet) as QEMU emulates it. All that is
//! special about it is in this crate, and all that is unsafe; what the programs do is theirs.

#![no_std]
#![warn(missing_docs, clippy::undocumented_unsafe_blocks)]

pub mod clock;
pub mod console;
mod ethernet;
pub mod network;
pub mod note;
pub mod stack;

pub use cortex_m_rt::entry;
pub use ethernet::{Counters, Ethernet};

/// Starts the clock; to be called once, first thing.
pub fn start() {
    stack::paint();
    if let Some(core) = cortex_m::Peripherals::take() {
        clock::start(core.SYST);
    }
}

/// Sleeps until a frame arrives, or for a millisecond.
pub fn sleep() {
    cortex_m::interrupt::free(|_| {
        ethernet::listen();
        // An interrupt that is pending ends the sleep also where it is not taken.
        if !ethernet::has_frame() {
            cortex_m::asm::wfi();
        }
    });
}

/// Says what went wrong, and ends the emulation with status 101.
#[panic_handler]
fn panic(panic: &core::panic::PanicInfo) -> ! {
    print!("{panic}\n");
    console::exit(101)
}
