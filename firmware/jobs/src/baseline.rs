//! No WebSocket: reads all there is and writes some of it, so that what a job needs beside the protocol is there too.

use crate::{Aligned, Result, script::TEXT, transport::Transport};

static mut BUFFER: Aligned<1024> = Aligned([0; _]);

pub fn job(transport: &mut Transport) -> Result {
    // SAFETY: there is one thread, and no other part of the program uses it.
    let buffer = unsafe { &mut (*(&raw mut BUFFER)).0 };
    transport.write(&TEXT);
    while let len @ 1.. = transport.read(buffer) {
        transport.write(buffer.get(..len.min(64)).unwrap_or_default());
    }
    transport.lap();
    Ok(())
}
