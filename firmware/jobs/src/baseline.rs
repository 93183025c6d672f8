//! No WebSocket: reads all there is and writes some of it, so that what a job needs beside the protocol is there too.

use crate::{Result, script::TEXT, transport::Transport};

static mut BUFFER: [u8; 1024] = [0; 1024];

pub fn job(transport: &mut Transport) -> Result {
    // SAFETY: there is one thread, and no other part of the program uses it.
    let buffer = unsafe { &mut *(&raw mut BUFFER) };
    transport.write(&TEXT);
    while let len @ 1.. = transport.read(buffer) {
        transport.write(buffer.get(..len.min(64)).unwrap_or_default());
    }
    transport.lap();
    Ok(())
}
