//! What the emulator does for the program when it asks (semihosting): write a character, end with a status.

use core::arch::asm;

const WRITE_CHARACTER: u32 = 0x03;
const EXIT: u32 = 0x20;
const APPLICATION_EXIT: u32 = 0x20026;

/// Ends the emulation; `status` is that of the emulator's process.
pub fn exit(status: u32) -> ! {
    let block = [APPLICATION_EXIT, status];
    loop {
        // SAFETY: EXIT takes a reason and a status.
        unsafe { ask(EXIT, block.as_ptr() as u32) };
    }
}

/// Writes to the emulator's console.
pub fn write(text: &[u8]) {
    for character in text {
        // SAFETY: WRITE_CHARACTER takes the address of one.
        unsafe { ask(WRITE_CHARACTER, character as *const u8 as u32) };
    }
}

/// Writes a number of so many hexadecimal digits.
pub fn write_number(number: u32, digits: u32) {
    for digit in (0..digits).rev() {
        let digit = (number >> (4 * digit)) as u8 & 15;
        write(&[if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }]);
    }
}

/// # Safety
///
/// `argument` is what `operation` takes: the address of numbers or of bytes.
#[inline(never)]
unsafe fn ask(operation: u32, argument: u32) -> u32 {
    let answer;
    // SAFETY: the caller sees to the argument; the registers are those of the convention, and nothing else is changed.
    #[cfg(target_arch = "arm")]
    unsafe {
        asm!("bkpt 0xab", inout("r0") operation => answer, in("r1") argument, options(nostack));
    }
    // SAFETY: as above.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        asm!(
            ".balign 16", ".option push", ".option norvc",
            "slli x0, x0, 0x1f", "ebreak", "srai x0, x0, 7",
            ".option pop",
            inout("a0") operation => answer, in("a1") argument, options(nostack)
        );
    }
    answer
}
