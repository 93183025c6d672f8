//! A device that dials out: it opens a WebSocket to the host, tells what it measures, obeys, and comes back when it was cut off.
//!
//! The port to dial is the number of the note (`board::note`): what listens there is on the host's loopback.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::mem;

use board::{Ethernet, clock, console, entry, network, note, print, stack};
use device::{
    link::{Ended, Link},
    thing::Thing,
    watch::{Shared, Watch},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use smoltcp::{
    iface::{Interface, PollResult, SocketSet, SocketStorage},
    socket::tcp::{Socket, SocketBuffer, State},
};
use static_cell::ConstStaticCell;
use ws_core::{
    Buffers, Client, Config, Connecting, Connection, ControlBuffer, Delivery, Event,
    handshake::ClientRequest,
    time::{Backoff, Deadline, Keepalive, KeepaliveAction},
};

/// Where to dial if there is no note.
const DEFAULT_PORT: u16 = 1337;

/// A server that is silent so long is asked whether it is there, and has so long to answer; in milliseconds.
const IDLE: u32 = 5_000;
const PONG_TIMEOUT: u32 = 5_000;
/// The longest wait before the first attempt to come back, and the longest of all; in milliseconds.
const FIRST_WAIT: u32 = 500;
const LONGEST_WAIT: u32 = 30_000;

static CONFIG: Config = Config { delivery: Delivery::Chunks, ..Config::DEFAULT };
static REQUEST: ClientRequest<'static> = ClientRequest::new("10.0.2.2", "/device");

static ETHERNET: ConstStaticCell<Ethernet> = ConstStaticCell::new(Ethernet::new());
static SOCKETS: ConstStaticCell<[SocketStorage<'static>; 1]> = ConstStaticCell::new([SocketStorage::EMPTY; 1]);
static TCP: ConstStaticCell<[[u8; 1024]; 2]> = ConstStaticCell::new([[0; 1024]; 2]);
static HEAD: ConstStaticCell<[u8; 512]> = ConstStaticCell::new([0; 512]);
static RECEIVE: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
static TRANSMIT: ConstStaticCell<[u8; 256]> = ConstStaticCell::new([0; 256]);
static CONTROL: ConstStaticCell<ControlBuffer> = ConstStaticCell::new([0; 125]);

/// What a WebSocket works in.
struct Memory {
    head: &'static mut [u8],
    buffers: Buffers<'static>,
}

/// The connection, from the wait before it to its end.
enum Stage {
    Waiting(Memory, Deadline),
    /// TCP is on its way.
    Dialling(Memory, Deadline),
    Opening(Connecting<'static, 'static, 'static, ChaCha8Rng>, Deadline),
    Open(Connection<'static, Client<ChaCha8Rng>>, &'static mut [u8], Watch, Keepalive),
    /// For the time of a turn.
    Moving,
}

struct Dialler {
    port: u16,
    random: ChaCha8Rng,
    backoff: Backoff,
    stage: Stage,
}

#[entry]
fn main() -> ! {
    board::start();
    let (seed, source) = note::seed();
    let ethernet = ETHERNET.take();
    let mut interface = network::start(ethernet, seed);
    let mut sockets = SocketSet::new(&mut SOCKETS.take()[..]);
    let [receive, transmit] = TCP.take();
    let socket = sockets.add(Socket::new(SocketBuffer::new(&mut receive[..]), SocketBuffer::new(&mut transmit[..])));
    let buffers = Buffers { receive: RECEIVE.take(), transmit: TRANSMIT.take(), control: CONTROL.take() };
    let now = Deadline::after(clock::now(), 0);
    let mut dialler = Dialler {
        port: u16::try_from(note::number()).ok().filter(|port| *port != 0).unwrap_or(DEFAULT_PORT),
        // RFC 6455, section 5.3, asks for masking keys that nobody can guess: so does this generator, if its seed is one
        // that nobody can guess.
        random: ChaCha8Rng::seed_from_u64(seed),
        backoff: Backoff::new(FIRST_WAIT, LONGEST_WAIT),
        stage: Stage::Waiting(Memory { head: HEAD.take(), buffers }, now),
    };
    let mut thing = Thing::new(seed, true);
    print!("dialling port {}, seed {source:?}\n", dialler.port);
    loop {
        let mut moved = interface.poll(network::now(), ethernet, &mut sockets) == PollResult::SocketStateChanged;
        let shared = Shared { now: clock::now(), counters: ethernet.counters(), viewers: 1 };
        moved |= dialler.turn(sockets.get_mut(socket), &mut interface, &mut thing, &shared);
        if thing.is_leaving {
            let (static_ram, used, len) = (stack::static_ram(), stack::high_water(), stack::len());
            print!("{{\"static_ram\":{static_ram},\"stack_used\":{used},\"stack_len\":{len}}}\n");
            console::exit(0);
        }
        if !moved {
            board::sleep();
        }
    }
}

impl Dialler {
    /// Goes on as far as possible without waiting; `true` if bytes were moved.
    fn turn(&mut self, socket: &mut Socket<'_>, interface: &mut Interface, thing: &mut Thing, shared: &Shared) -> bool {
        let stage = mem::replace(&mut self.stage, Stage::Moving);
        if let Stage::Waiting(memory, until) = stage {
            self.stage = self.wait(memory, until, socket, interface, shared.now);
            return false;
        }
        let mut link = Link::new(socket);
        self.stage = match stage {
            Stage::Dialling(memory, deadline) => self.dial(memory, deadline, &mut link, shared.now),
            Stage::Opening(connecting, deadline) => self.open(connecting, deadline, &mut link, shared.now),
            Stage::Open(mut connection, head, mut watch, mut keepalive) => {
                let told = talk(&mut connection, &mut watch, &mut link, thing, shared);
                if link.has_received {
                    keepalive.on_received(shared.now);
                    // It is more than a server that accepts each connection and drops it.
                    self.backoff.reset();
                }
                let is_over = match (told, keepalive.poll(shared.now)) {
                    (Err(_) | Ok(true), _) | (_, KeepaliveAction::PeerIsDead) => true,
                    (_, KeepaliveAction::Wait) => false,
                    (_, KeepaliveAction::Ping) => matches!(link.drive(connection.sender().ping(b"")), Err(Ended::Lost)),
                };
                if is_over {
                    print!("closed\n");
                    self.come_back(Memory { head, buffers: connection.into_buffers() }, shared.now)
                } else {
                    Stage::Open(connection, head, watch, keepalive)
                }
            }
            stage => stage,
        };
        let moved = link.has_received || link.has_sent;
        if let Stage::Waiting(..) = self.stage {
            // Section 7.1.1 has the server close TCP first; it has, or it is gone.
            socket.abort();
        }
        moved
    }

    fn wait(
        &mut self,
        memory: Memory,
        until: Deadline,
        socket: &mut Socket<'_>,
        interface: &mut Interface,
        now: u32,
    ) -> Stage {
        if socket.is_open() || !until.is_due(now) {
            return Stage::Waiting(memory, until);
        }
        // The ports that are nobody's in particular.
        let local_port = 0xc000 | self.random.next_u32() as u16 & 0x3fff;
        match socket.connect(interface.context(), (network::HOST, self.port), local_port) {
            Ok(()) => Stage::Dialling(memory, Deadline::after(now, Deadline::OPENING_HANDSHAKE)),
            Err(_) => self.come_back(memory, now),
        }
    }

    fn dial(&mut self, memory: Memory, deadline: Deadline, link: &mut Link<'_, '_>, now: u32) -> Stage {
        match link.state() {
            State::SynSent if !deadline.is_due(now) => Stage::Dialling(memory, deadline),
            State::Established => {
                let random = ChaCha8Rng::from_rng(&mut self.random);
                match Connecting::new(&REQUEST, random, memory.head, memory.buffers, &CONFIG) {
                    Ok(connecting) => self.open(connecting, deadline, link, now),
                    Err(error) => panic!("the request cannot be sent: {error}"),
                }
            }
            _ => self.come_back(memory, now),
        }
    }

    fn open(
        &mut self,
        mut connecting: Connecting<'static, 'static, 'static, ChaCha8Rng>,
        deadline: Deadline,
        link: &mut Link<'_, '_>,
        now: u32,
    ) -> Stage {
        match link.drive(&mut connecting) {
            Ok(None) if !deadline.is_due(now) => Stage::Opening(connecting, deadline),
            Ok(Some(())) => {
                print!("open\n");
                let (connection, head) = connecting.into_parts();
                Stage::Open(connection, head, Watch::new(), Keepalive::new(IDLE, PONG_TIMEOUT, now))
            }
            _ => {
                let (connection, head) = connecting.into_parts();
                self.come_back(Memory { head, buffers: connection.into_buffers() }, now)
            }
        }
    }

    fn come_back(&mut self, memory: Memory, now: u32) -> Stage {
        let delay = self.backoff.next_delay(self.random.next_u32());
        print!("next attempt in {delay} ms\n");
        Stage::Waiting(memory, Deadline::after(now, delay))
    }
}

/// Tells what there is to tell and hears what there is to hear; `Ok(true)` when the connection is closed.
fn talk(
    connection: &mut Connection<'static, Client<ChaCha8Rng>>,
    watch: &mut Watch,
    link: &mut Link<'_, '_>,
    thing: &mut Thing,
    shared: &Shared,
) -> Result<bool, Ended> {
    while watch.tell(connection, link, thing, shared)? {
        match link.drive(&mut *connection)? {
            None => break,
            Some(Event::Closed) => return Ok(true),
            Some(Event::Chunk(info)) => watch.hear(connection.chunk(), info, thing),
            Some(_) => {}
        }
    }
    Ok(false)
}
