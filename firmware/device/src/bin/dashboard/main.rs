//! A device that browsers open: a page that plots what it measures, and a WebSocket that echoes.
//!
//! What is here: the memory, and the loop. A connection is in `slot.rs`, what is where in `route.rs`, and what is said over a
//! WebSocket in `service.rs`.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

mod echo;
mod route;
mod service;
mod slot;

use board::{Ethernet, clock, console, entry, network, note, print, stack};
use device::{thing::Thing, watch::Shared};
use heapless::Vec;
use smoltcp::{
    iface::{PollResult, SocketSet, SocketStorage},
    socket::tcp::{Socket, SocketBuffer},
};
use static_cell::ConstStaticCell;
use ws_core::{Buffers, ControlBuffer};

use crate::slot::{Memory, Slot};

/// How many clients are served at once.
const SLOTS: usize = 10;

/// The number of the note by which the device may be told to end.
const MAY_LEAVE: u32 = 1;

/// What one client costs, beside the socket and the state machine. All zeros, so that it takes no flash.
struct SlotMemory {
    tcp_receive: [u8; 1024],
    tcp_transmit: [u8; 1024],
    /// The opening handshake of a browser has some 500 bytes, and cookies.
    head: [u8; 1024],
    receive: [u8; 512],
    /// A piece of a message as long as the receive buffer, with a header.
    transmit: [u8; 520],
    control: ControlBuffer,
}

impl SlotMemory {
    const EMPTY: Self = Self {
        tcp_receive: [0; _],
        tcp_transmit: [0; _],
        head: [0; _],
        receive: [0; _],
        transmit: [0; _],
        control: [0; _],
    };
}

static ETHERNET: ConstStaticCell<Ethernet> = ConstStaticCell::new(Ethernet::new());
static SOCKETS: ConstStaticCell<[SocketStorage<'static>; SLOTS]> = ConstStaticCell::new([SocketStorage::EMPTY; SLOTS]);
static MEMORY: ConstStaticCell<[SlotMemory; SLOTS]> = ConstStaticCell::new([SlotMemory::EMPTY; SLOTS]);
static SLOTS_IN_USE: ConstStaticCell<Vec<Slot, SLOTS>> = ConstStaticCell::new(Vec::new());

#[entry]
fn main() -> ! {
    board::start();
    let (seed, source) = note::seed();
    let ethernet = ETHERNET.take();
    let mut interface = network::start(ethernet, seed);
    let mut sockets = SocketSet::new(&mut SOCKETS.take()[..]);
    let slots = SLOTS_IN_USE.take();
    for memory in MEMORY.take() {
        let receive = SocketBuffer::new(&mut memory.tcp_receive[..]);
        let mut socket = Socket::new(receive, SocketBuffer::new(&mut memory.tcp_transmit[..]));
        // The last, short segment of a message is not to wait for the answer to the one before.
        socket.set_nagle_enabled(false);
        let buffers =
            Buffers { receive: &mut memory.receive, transmit: &mut memory.transmit, control: &mut memory.control };
        // There is room for as many as there is memory.
        let _ = slots.push(Slot::new(sockets.add(socket), Memory { head: &mut memory.head, buffers }));
    }
    let mut thing = Thing::new(seed, note::number() == MAY_LEAVE);
    print!("ready: {SLOTS} slots, seed {source:?}\n");
    loop {
        let mut moved = interface.poll(network::now(), ethernet, &mut sockets) == PollResult::SocketStateChanged;
        let viewers = slots.iter().filter(|slot| slot.is_watching()).count();
        let shared = Shared { now: clock::now(), counters: ethernet.counters(), viewers };
        for slot in slots.iter_mut() {
            moved |= slot.turn(sockets.get_mut(slot.socket), &mut thing, &shared);
        }
        if thing.is_leaving {
            leave(ethernet);
        }
        if !moved {
            board::sleep();
        }
    }
}

/// Says what was used, and ends.
fn leave(ethernet: &Ethernet) -> ! {
    let (static_ram, used, len) = (stack::static_ram(), stack::high_water(), stack::len());
    let counters = ethernet.counters();
    let (received, sent, dropped, now) = (counters.received, counters.sent, counters.dropped, clock::now());
    print!(
        r#"{{"static_ram":{static_ram},"stack_used":{used},"stack_len":{len},"milliseconds":{now},"frames_received":{received},"frames_sent":{sent},"frames_dropped":{dropped}}}"#
    );
    print!("\n");
    console::exit(0)
}
