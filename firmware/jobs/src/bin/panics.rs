//! A program that panics, to show that such a thing is found.

#![no_std]
#![no_main]

use jobs::transport::Transport;

jobs::program!(job, jobs::script::BULK_TEXT);

fn job(transport: &mut Transport) -> jobs::Result {
    let mut bytes = [0; 4];
    let len = transport.read(&mut bytes);
    Err(u32::from(bytes[len]))
}
