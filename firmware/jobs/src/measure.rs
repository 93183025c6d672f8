//! Runs a job and reports, a line for each: what it wrote, how many instructions each phase took, how much stack it used.
//!
//! Instructions are counted by the emulator: RISC-V has a counter of them, and on Arm, where QEMU is told to let time pass by
//! instructions, SysTick counts ticks of which there are 1.6 for each. `cargo xtask size` knows how to read them.

use core::arch::asm;

use crate::{
    Result,
    host::{write, write_number},
    script::Script,
    transport::Transport,
};

/// What unused stack is painted with.
const PAINT: u32 = 0xc5c5_c5c5;
/// What is left to the function that paints, in bytes.
const MARGIN: usize = 64;

unsafe extern "C" {
    /// The end of the statics, down to which the stack may grow.
    static mut __bss_end: u32;
}

static mut TRANSPORT: Transport = Transport::new();

/// Runs `job` on `script` twice: the first time warms nothing up, there are no caches, but shows that a second run does the same.
#[inline(never)]
pub fn run(job: fn(&mut Transport) -> Result, script: &'static Script) {
    // SAFETY: there is one thread, and this function is not called from within itself.
    let transport = unsafe { &mut *(&raw mut TRANSPORT) };
    start_counter();
    for round in 0..2 {
        transport.load(script);
        let stack_pointer = paint();
        transport.lap();
        transport.lap();
        let result = call(job, transport);
        transport.lap();
        let used = stack_pointer - lowest();
        if round == 0 {
            continue;
        }
        write(b"script ");
        write(script.name.as_bytes());
        write(b"\nresult ");
        write_number(result.err().unwrap_or(0), 8);
        write(b"\nstack ");
        write_number(used as u32, 8);
        write(b"\nlaps");
        for lap in transport.laps() {
            write(b" ");
            write_number(*lap, 8);
        }
        write(b"\noutput ");
        for byte in transport.output() {
            write_number(u32::from(*byte), 2);
        }
        write(b"\n");
    }
}

#[inline(never)]
fn call(job: fn(&mut Transport) -> Result, transport: &mut Transport) -> Result {
    job(transport)
}

/// What counts instructions, read.
#[inline(never)]
pub(crate) fn counter() -> u32 {
    #[cfg(target_arch = "arm")]
    {
        // SAFETY: the current value of SysTick, which may be read at any time.
        unsafe { (0xe000_e018 as *const u32).read_volatile() }
    }
    #[cfg(target_arch = "riscv32")]
    {
        let count;
        // SAFETY: reading the counter changes nothing.
        unsafe { asm!("csrr {}, minstret", out(reg) count, options(nomem, nostack)) };
        count
    }
}

fn start_counter() {
    // SAFETY: reload value, current value and control of SysTick: from the core's clock, without interrupts.
    #[cfg(target_arch = "arm")]
    unsafe {
        (0xe000_e014 as *mut u32).write_volatile(0x00ff_ffff);
        (0xe000_e018 as *mut u32).write_volatile(0);
        (0xe000_e010 as *mut u32).write_volatile(5);
    }
}

/// Paints the stack that is not in use, and returns the stack pointer.
#[inline(always)]
fn paint() -> usize {
    let pointer: usize;
    // SAFETY: reading the stack pointer changes nothing.
    #[cfg(target_arch = "arm")]
    unsafe {
        asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack));
    }
    // SAFETY: as above.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack));
    }
    let mut lowest = (&raw const __bss_end).addr();
    while lowest < pointer - MARGIN {
        // SAFETY: nothing is below the stack pointer.
        unsafe { (lowest as *mut u32).write_volatile(PAINT) };
        lowest += 4;
    }
    pointer
}

/// The lowest byte of the stack that lost its paint.
fn lowest() -> usize {
    let mut lowest = (&raw const __bss_end).addr();
    // SAFETY: the stack is RAM, and ends where this function's part of it begins at the latest.
    while unsafe { (lowest as *const u32).read_volatile() } == PAINT {
        lowest += 4;
    }
    lowest
}
