//! Time: the milliseconds since the start, which SysTick counts.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;

/// The core's clock, in ticks per millisecond: 50 MHz.
const TICKS: u32 = 50_000;

static MILLISECONDS: AtomicU32 = AtomicU32::new(0);

/// Milliseconds since the start; after 49 days it begins anew.
pub fn now() -> u32 {
    MILLISECONDS.load(Ordering::Relaxed)
}

pub(crate) fn start(mut timer: SYST) {
    /// RCC of the system control: which clock the core has.
    const RUN_MODE_CLOCK: *mut u32 = 0x400f_e060 as *mut u32;
    // SAFETY: this is the address of RCC on the LM3S6965, and nobody else writes to it. 200 MHz divided by 4.
    unsafe { RUN_MODE_CLOCK.write_volatile(0x01c0_0380 | 1 << 22) };
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(TICKS - 1);
    timer.clear_current();
    timer.enable_counter();
    timer.enable_interrupt();
}

#[exception]
fn SysTick() {
    // Nobody else writes to it.
    MILLISECONDS.store(now().wrapping_add(1), Ordering::Relaxed);
}
