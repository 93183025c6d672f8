//! How much stack is used: all of it is painted at the start, and what lost its paint was used.

use core::arch::asm;

unsafe extern "C" {
    /// The end of what is statically allocated, and the lowest byte that the stack may grow to.
    static mut __sheap: u32;
    /// Where the stack begins, from where it grows down.
    static mut _stack_start: u32;
}

const PAINT: u32 = 0xc5c5_c5c5;
const RAM: usize = 0x2000_0000;

/// How many bytes of RAM are statically allocated.
pub fn static_ram() -> usize {
    bottom() - RAM
}

/// How many bytes the stack may have.
pub fn len() -> usize {
    top() - bottom()
}

/// The most bytes of stack that were in use at any time.
pub fn high_water() -> usize {
    let mut lowest = bottom();
    // SAFETY: the words between the two ends of the stack are RAM, and any bytes are a number.
    while lowest < top() && unsafe { (lowest as *const u32).read_volatile() } == PAINT {
        lowest += size_of::<u32>();
    }
    top() - lowest
}

/// Paints what is not in use.
#[inline(never)]
pub(crate) fn paint() {
    let pointer: usize;
    // SAFETY: reading the stack pointer changes nothing.
    unsafe { asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack)) };
    let mut lowest = bottom();
    // Some bytes are left to this function.
    while lowest < pointer - 64 {
        // SAFETY: nothing is below the stack pointer, and the heap that the linker thinks of there is not used.
        unsafe { (lowest as *mut u32).write_volatile(PAINT) };
        lowest += size_of::<u32>();
    }
}

fn bottom() -> usize {
    (&raw const __sheap).addr()
}

fn top() -> usize {
    (&raw const _stack_start).addr()
}
