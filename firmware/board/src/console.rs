//! What the emulator does for the program when it asks (semihosting): print a line, end with a status, give random bytes.
//!
//! The instruction by which it is asked is a fault on a machine without an emulator or a debugger.

use core::{
    arch::asm,
    fmt::{self, Write},
};

/// Operations of Arm's semihosting, and the numbers that they take.
mod operation {
    pub(super) const OPEN: u32 = 0x01;
    pub(super) const CLOSE: u32 = 0x02;
    pub(super) const WRITE_TEXT: u32 = 0x04;
    pub(super) const READ: u32 = 0x06;
    pub(super) const EXIT: u32 = 0x20;

    /// The mode of [`OPEN`] that reads bytes.
    pub(super) const READ_BYTES: u32 = 1;
    /// The reason of [`EXIT`] that has a status.
    pub(super) const APPLICATION_EXIT: u32 = 0x20026;
}

/// Writes to the emulator's console, as `print!` does where there is a standard library.
#[macro_export]
macro_rules! print {
    ($($arguments:tt)*) => { $crate::console::write(format_args!($($arguments)*)) };
}

/// Writes to the emulator's console; see [`print!`](crate::print).
pub fn write(text: fmt::Arguments<'_>) {
    // It is not told whether there is a console.
    let _ = Console.write_fmt(text);
}

/// Ends the emulation; `status` is that of the emulator's process.
pub fn exit(status: u32) -> ! {
    let block = [operation::APPLICATION_EXIT, status];
    loop {
        // SAFETY: EXIT takes a reason and a status.
        unsafe { ask(operation::EXIT, block.as_ptr() as u32) };
    }
}

/// Fills `bytes` with random ones of the host's; `false` if it has none.
pub fn random(bytes: &mut [u8]) -> bool {
    const FILE: &[u8] = b"/dev/urandom\0";
    let open = [FILE.as_ptr() as u32, operation::READ_BYTES, FILE.len() as u32 - 1];
    // SAFETY: OPEN takes a name that ends with 0, a mode and the name's length; what it returns is taken by READ and CLOSE,
    // and READ writes no more than the length of `bytes` to it.
    unsafe {
        let file = ask(operation::OPEN, open.as_ptr() as u32);
        if file == u32::MAX {
            return false;
        }
        let read = [file, bytes.as_mut_ptr() as u32, bytes.len() as u32];
        let missing = ask(operation::READ, read.as_ptr() as u32);
        ask(operation::CLOSE, [file].as_ptr() as u32);
        missing == 0
    }
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut piece = [0; 64];
        for bytes in text.as_bytes().chunks(piece.len() - 1) {
            piece.fill(0);
            piece[..bytes.len()].copy_from_slice(bytes);
            // SAFETY: WRITE_TEXT takes bytes that end with 0, as these do.
            unsafe { ask(operation::WRITE_TEXT, piece.as_ptr() as u32) };
        }
        Ok(())
    }
}

/// # Safety
///
/// `argument` is what `operation` takes, mostly the address of numbers and of bytes that live long enough.
unsafe fn ask(operation: u32, argument: u32) -> u32 {
    let answer;
    // SAFETY: the caller sees to the argument; the registers are those of the convention, and nothing else is changed.
    unsafe { asm!("bkpt 0xab", inout("r0") operation => answer, in("r1") argument, options(nostack)) };
    answer
}
