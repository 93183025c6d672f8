//! What starts the machine may leave a note in the last 16 bytes of RAM, which the program does not use: QEMU with
//! `-device loader,addr=0x2000fff0,data=SEED,data-len=8 -device loader,addr=0x2000fff8,data=NUMBER,data-len=4`, or a debugger.
//! So one program serves different purposes, and a test can repeat a run.

use crate::console;

/// Where the note is: behind the memory of `memory.x`.
const SEED: *const u64 = 0x2000_fff0 as *const u64;
const NUMBER: *const u32 = 0x2000_fff8 as *const u32;

/// Where a seed is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The note.
    Note,
    /// The host's random numbers.
    Host,
    /// The program: it is the same each time.
    Constant,
}

/// The seed for random numbers, and where it is from. The chip has no source of random numbers: a product would
/// have to have one.
pub fn seed() -> (u64, Source) {
    // SAFETY: it is RAM that nobody else uses, and any bytes are a number.
    let noted = unsafe { SEED.read_volatile() };
    let mut bytes = [0; 8];
    if noted != 0 {
        (noted, Source::Note)
    } else if console::random(&mut bytes) {
        (u64::from_le_bytes(bytes), Source::Host)
    } else {
        (0x1234_5678_9abc_def0, Source::Constant)
    }
}

/// The number of the note, which means what the program says; 0 if there is none.
pub fn number() -> u32 {
    // SAFETY: as for the seed.
    unsafe { NUMBER.read_volatile() }
}
