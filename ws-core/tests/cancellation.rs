//! Machines that are dropped at any point, as a future is by `select`: nothing is lost, and nothing is sent twice.

mod support {
    pub(crate) mod fake_link;
    pub(crate) mod random;
}

use std::collections::VecDeque;

use support::fake_link::{DEFAULT, Link, Memory};
use support::random::Random;
use ws_core::frame::CloseCode;
use ws_core::{
    Announced, Config, Connection, Delivery, Error, Event, MaskSource, Message, MessageKind, Misuse, Role, Sender,
};

/// Masking keys that are different each time and the same in every run.
struct Keys(u32);

impl MaskSource for Keys {
    fn masking_key(&mut self) -> [u8; 4] {
        self.0 = self.0.wrapping_add(0x9e37_79b9);
        self.0.to_be_bytes()
    }
}

/// A message as the peer is to receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    kind: MessageKind,
    payload: Vec<u8>,
}

impl Sent {
    /// A text has characters of all lengths, so that it is often cut inside one.
    fn random(random: &mut Random, len: usize) -> Self {
        if random.one_in(2) {
            let letters = ['a', 'é', '€', '😀'];
            let text: String = (0..len / 3).map(|_| letters[random.below(4)]).collect();
            Self { kind: MessageKind::Text, payload: text.into_bytes() }
        } else {
            Self { kind: MessageKind::Binary, payload: (0..len).map(|_| random.below(256) as u8).collect() }
        }
    }

    fn message(&self) -> Message<'_> {
        match self.kind {
            MessageKind::Text => Message::Text(str::from_utf8(&self.payload).unwrap()),
            MessageKind::Binary => Message::Binary(&self.payload),
        }
    }
}

/// How a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Send,
    Queue,
    /// In this many bytes each.
    Fragments(usize),
    Compose,
    Writer,
    Format,
    Frame,
}

/// A message on its way, and all that a caller has to remember to go on with it.
#[derive(Debug)]
struct Sending {
    sent: Sent,
    way: Way,
    begun: bool,
    /// How many bytes of the payload were taken.
    taken: usize,
}

impl Sending {
    fn new(sent: Sent, way: Way) -> Self {
        Self { sent, way, begun: false, taken: 0 }
    }

    /// Goes on for so many steps, and says whether the message is out.
    fn go_on<R: Role>(&mut self, sender: Sender<'_, '_, R>, link: &mut Link, steps: usize) -> bool {
        let first_time = !std::mem::replace(&mut self.begun, true);
        match self.way {
            Way::Send if first_time => link.drive_for(steps, sender.send(self.sent.message())).unwrap().is_some(),
            Way::Queue if first_time => link.drive_for(steps, sender.queue(self.sent.message())).unwrap().is_some(),
            Way::Send | Way::Queue => link.drive_for(steps, sender.resume(self.sent.message())).unwrap().is_some(),
            Way::Fragments(len) => self.next_fragment(len, first_time, sender, link, steps),
            Way::Compose => self.compose(sender, link, steps),
            Way::Writer => self.write(sender, link, steps),
            Way::Format => self.format(sender, link, steps),
            Way::Frame => self.put_in_frame(first_time, sender, link, steps),
        }
    }

    fn next_fragment<R: Role>(
        &mut self,
        len: usize,
        first_time: bool,
        sender: Sender<'_, '_, R>,
        link: &mut Link,
        steps: usize,
    ) -> bool {
        let rest = &self.sent.payload[self.taken..];
        let (piece, last) = (&rest[..len.min(rest.len())], rest.len() <= len);
        let sending = if first_time {
            sender.fragment(self.sent.kind, piece, last)
        } else {
            sender.resume_fragment(self.sent.kind, piece, last)
        };
        if link.drive_for(steps, sending).unwrap().is_none() {
            return false;
        }
        self.taken += piece.len();
        // The next fragment is new.
        self.begun = false;
        last
    }

    /// Once the message was composed, it leaves.
    fn compose<R: Role>(&mut self, sender: Sender<'_, '_, R>, link: &mut Link, steps: usize) -> bool {
        let mut is_composed = false;
        let composing = sender.compose(self.sent.kind, |composer| {
            is_composed = true;
            composer.push(&self.sent.payload)
        });
        link.drive_for(steps, composing).unwrap();
        is_composed
    }

    fn write<R: Role>(&mut self, mut sender: Sender<'_, '_, R>, link: &mut Link, steps: usize) -> bool {
        let rest = &self.sent.payload[self.taken..];
        if !rest.is_empty() {
            let taken = link.drive_for(steps, sender.writer(self.sent.kind).put(rest)).unwrap();
            self.taken += taken.unwrap_or_default();
            return false;
        }
        link.drive_for(steps, sender.reborrow().writer(self.sent.kind).finish()).unwrap();
        sender.unfinished_message().is_none()
    }

    /// What is formatted belongs to the writer, which is kept; its machines are dropped.
    fn format<R: Role>(&mut self, sender: Sender<'_, '_, R>, link: &mut Link, steps: usize) -> bool {
        let text = str::from_utf8(&self.sent.payload).unwrap();
        let (first, second) = text.split_at((0..=text.len() / 2).rfind(|at| text.is_char_boundary(*at)).unwrap());
        let mut writer = sender.writer(self.sent.kind);
        while link.drive_for(steps, writer.format(format_args!("{first}{second}"))).unwrap().is_none() {}
        while link.drive_for(steps, writer.finish()).unwrap().is_none() {}
        true
    }

    fn put_in_frame<R: Role>(
        &mut self,
        first_time: bool,
        mut sender: Sender<'_, '_, R>,
        link: &mut Link,
        steps: usize,
    ) -> bool {
        let len = self.sent.payload.len() as u64;
        if first_time && let Err(error) = sender.reborrow().frame(self.sent.kind, len) {
            // A Pong is half sent, which a flush ends.
            assert!(matches!(error, Error::Misuse(Misuse::FrameUnfinished { .. })), "{error:?}");
            link.drive_for(steps, sender.flush()).unwrap();
            self.begun = false;
            return false;
        }
        let Some(mut writer) = sender.unfinished_frame() else { return true };
        let rest = &self.sent.payload[self.sent.payload.len() - usize::try_from(writer.remaining()).unwrap()..];
        if rest.is_empty() {
            return link.drive_for(steps, writer.finish()).unwrap().is_some();
        }
        let piece = &rest[..rest.len().min(10)];
        link.drive_for(steps, writer.put(piece)).unwrap();
        false
    }

    /// Whether a control frame could stand here.
    fn is_between_frames<R: Role>(&self, sender: Sender<'_, '_, R>) -> bool {
        match self.way {
            Way::Fragments(_) => !self.begun,
            Way::Writer => true,
            Way::Frame => self.begun && sender.unfinished_frame().is_none(),
            Way::Send | Way::Queue | Way::Compose | Way::Format => !self.begun,
        }
    }
}

/// One endpoint, and what its application knows.
struct Side<'m, R> {
    connection: Connection<'m, R>,
    link: Link,
    receive_len: u64,
    transmit_len: usize,
    sending: Option<Sending>,
    /// What is on its way to the peer.
    sent: VecDeque<Sent>,
    /// What came of a message so far, in chunks.
    chunks: Vec<u8>,
    pings: Vec<Ping>,
    received: usize,
}

/// A Ping, whose payload is its number.
#[derive(Clone, Copy, Debug, Default)]
struct Ping {
    is_sent_for_sure: bool,
    is_answered: bool,
}

impl<'m, R: Role> Side<'m, R> {
    fn new(connection: Connection<'m, R>, receive_len: usize, transmit_len: usize) -> Self {
        let (sent, chunks, pings) = (VecDeque::new(), Vec::new(), Vec::new());
        let (link, receive_len) = (Link::new(b""), receive_len as u64);
        Self { connection, link, receive_len, transmit_len, sending: None, sent, chunks, pings, received: 0 }
    }

    /// Does one thing, for so many steps: receives, or goes on with what it sends, or begins something.
    fn act(&mut self, random: &mut Random, expected: &mut VecDeque<Sent>, steps: usize) {
        match random.below(8) {
            0..=2 => self.receive(expected, steps),
            3 => self.ping(steps),
            4 => self.flush(steps),
            _ => self.send(random, steps),
        }
    }

    fn receive(&mut self, expected: &mut VecDeque<Sent>, steps: usize) {
        let event = match self.link.drive_for(steps, &mut self.connection) {
            Ok(Some(event)) => event,
            Ok(None) => return,
            // Two Pings wait for the end of a frame of ours.
            Err(Error::Misuse(Misuse::FrameUnfinished { .. })) => return,
            Err(error) => panic!("{error}"),
        };
        let received = match event {
            Event::Announced(Announced { is_whole, frame_len, .. }) => {
                self.connection.deliver(if is_whole && frame_len.is_multiple_of(2) && frame_len <= self.receive_len {
                    Delivery::Messages
                } else {
                    Delivery::Chunks
                });
                return;
            }
            Event::Message(kind) => {
                let message = self.connection.received(kind).message.unwrap();
                Sent { kind, payload: message.payload().to_vec() }
            }
            Event::Chunk(chunk) => {
                assert_eq!(chunk.first, self.chunks.is_empty());
                self.chunks.extend(self.connection.chunk());
                if !chunk.last {
                    return;
                }
                Sent { kind: chunk.kind, payload: std::mem::take(&mut self.chunks) }
            }
            Event::Pong => {
                let payload = *self.connection.control_payload().first_chunk().unwrap();
                let ping = &mut self.pings[u32::from_be_bytes(payload) as usize];
                assert!(!std::mem::replace(&mut ping.is_answered, true), "answered twice");
                return;
            }
            event => panic!("{event:?}"),
        };
        assert_eq!(Some(received), expected.pop_front());
        self.received += 1;
        // What was chosen for this message may not do for the next one.
        if self.receive_len < 700 || self.received.is_multiple_of(3) {
            self.connection.deliver(Delivery::Announce);
        }
    }

    fn ping(&mut self, steps: usize) {
        let may_ping = match &self.sending {
            Some(sending) => sending.is_between_frames(self.connection.sender()),
            None => true,
        };
        if may_ping {
            let number = u32::try_from(self.pings.len()).unwrap().to_be_bytes();
            let is_sent_for_sure = match self.link.drive_for(steps, self.connection.sender().ping(&number)) {
                Ok(sent) => sent.is_some(),
                // A Ping of the peer's is half received, and our buffer too small for ours.
                Err(Error::BufferTooSmall { needed }) if needed > self.transmit_len => false,
                Err(error) => panic!("{error}"),
            };
            self.pings.push(Ping { is_sent_for_sure, is_answered: false });
        }
    }

    fn flush(&mut self, steps: usize) {
        self.link.drive_for(steps, self.connection.sender().flush()).unwrap();
    }

    fn send(&mut self, random: &mut Random, steps: usize) {
        let sending = self.sending.get_or_insert_with(|| {
            // A fragmented message must fit into the peer's receive buffer with a byte to spare.
            let len = [random.below(8), random.below(200)][random.below(2)];
            let mut sent = Sent::random(random, len);
            let way = match random.below(7) {
                0 => Way::Send,
                1 => Way::Queue,
                2 => Way::Fragments(1 + random.below(50)),
                3 if sent.payload.len() + 14 <= self.transmit_len => Way::Compose,
                4 if !sent.payload.is_empty() && self.transmit_len >= 16 => Way::Writer,
                5 if sent.kind == MessageKind::Text && self.transmit_len >= 16 => Way::Format,
                _ => {
                    sent.payload.push(b'!');
                    Way::Frame
                }
            };
            self.sent.push_back(sent.clone());
            Sending::new(sent, way)
        });
        if sending.go_on(self.connection.sender(), &mut self.link, steps) {
            self.sending = None;
        }
    }

    /// Whether everything is out and in.
    fn is_idle(&self) -> bool {
        self.sending.is_none() && self.link.incoming.is_empty() && self.chunks.is_empty()
    }
}

fn carry(from: &mut Link, to: &mut Link) {
    to.incoming.extend(from.take());
}

/// Two endpoints on one link, whose machines are left after a few steps at random, until so many were.
fn survive(cancellations: usize, seed: u64, delivery: Delivery, receive_len: usize, transmit_len: usize) {
    let mut random = Random::new(seed);
    let config = Config { delivery, ..DEFAULT };
    let (mut memory, mut peer_memory) =
        (Memory::new(receive_len, transmit_len), Memory::new(receive_len, transmit_len));
    let mut client = Side::new(Connection::client(Keys(0), memory.buffers(), &config), receive_len, transmit_len);
    let mut server = Side::new(Connection::server(peer_memory.buffers(), &config), receive_len, transmit_len);

    while client.link.left + server.link.left < cancellations {
        let steps = 1 + random.below(4);
        let (read, write) = (1 + random.below(80), 1 + random.below(80));
        if random.one_in(2) {
            (client.link.longest_read, client.link.longest_write) = (read, write);
            client.act(&mut random, &mut server.sent, steps);
        } else {
            (server.link.longest_read, server.link.longest_write) = (read, write);
            server.act(&mut random, &mut client.sent, steps);
        }
        carry(&mut client.link, &mut server.link);
        carry(&mut server.link, &mut client.link);
    }

    // What was begun is ended, and everything read.
    (client.link.longest_read, server.link.longest_read) = (usize::MAX, usize::MAX);
    for _ in 0..50_000 {
        if client.sending.is_some() {
            client.send(&mut random, 1_000);
        }
        if server.sending.is_some() {
            server.send(&mut random, 1_000);
        }
        client.flush(1_000);
        server.flush(1_000);
        client.receive(&mut server.sent, 1_000);
        server.receive(&mut client.sent, 1_000);
        carry(&mut client.link, &mut server.link);
        carry(&mut server.link, &mut client.link);
        if [&client.sent, &server.sent].iter().all(|sent| sent.is_empty()) && client.is_idle() && server.is_idle() {
            break;
        }
    }
    // Behind the last message come Pings and Pongs, one at a time.
    for _ in 0..1_000 {
        client.receive(&mut server.sent, 1_000);
        server.receive(&mut client.sent, 1_000);
        carry(&mut client.link, &mut server.link);
        carry(&mut server.link, &mut client.link);
    }
    assert!(client.is_idle() && server.is_idle());
    assert_eq!((client.sent.len(), server.sent.len()), (0, 0), "a message is lost");
    assert!(client.received > cancellations / 1_000 && server.received > cancellations / 1_000);
    for pings in [&client.pings, &server.pings] {
        assert!(pings.iter().all(|ping| ping.is_answered || !ping.is_sent_for_sure), "a Ping or a Pong is lost");
        assert!(transmit_len < 16 || pings.iter().any(|ping| ping.is_answered));
    }

    // Both close at once, and both closing handshakes are left again and again.
    let (mut client_closed, mut server_closed) = (false, false);
    while !(client_closed && server_closed) {
        if !client_closed {
            let closing = client.connection.closing(CloseCode::NORMAL_CLOSURE, "client");
            client_closed = client.link.drive_for(1, closing).unwrap().is_some();
        }
        if !server_closed {
            let closing = server.connection.closing(CloseCode::GOING_AWAY, "server");
            server_closed = server.link.drive_for(1, closing).unwrap().is_some();
        }
        carry(&mut client.link, &mut server.link);
        carry(&mut server.link, &mut client.link);
    }
    assert!(client.connection.peer_close().is_some() || server.connection.peer_close().is_some());
}

#[test]
fn one_connection_survives_ten_thousand_cancellations() {
    survive(10_000, 1, Delivery::Messages, 700, 256);
}

#[test]
fn small_buffers_survive_cancellations() {
    for (seed, transmit_len) in (1..=40).chain([64, 100, 256]).enumerate() {
        let delivery = [Delivery::Chunks, Delivery::Announce, Delivery::Messages][seed % 3];
        // A message that is not handed over in chunks must fit.
        let receive_len = if delivery == Delivery::Messages { 700 } else { 1 + seed };
        survive(700, seed as u64, delivery, receive_len, transmit_len);
    }
}

/// Without anything received in between, which has its replies leave somewhere, the bytes are known.
#[test]
fn the_byte_stream_is_that_of_an_undisturbed_run() {
    for transmit_len in [1, 2, 3, 7, 16, 20, 64, 300] {
        let undisturbed = (write_all(Server, transmit_len, None), write_all(Client, transmit_len, None));
        for longest in 1..=80 {
            for steps in 1..=3 {
                let cancelled = Some((longest, steps));
                assert!(
                    write_all(Server, transmit_len, cancelled) == undisturbed.0,
                    "{transmit_len} {longest} {steps}"
                );
                assert!(
                    write_all(Client, transmit_len, cancelled) == undisturbed.1,
                    "{transmit_len} {longest} {steps}"
                );
            }
        }
    }
}

/// The endpoint that writes.
#[derive(Clone, Copy)]
enum Writing {
    Server,
    Client,
}
use Writing::{Client, Server};

/// Sends in every way, and returns what was written; `cancelled` says how many bytes move at once, and after how many steps
/// each machine is dropped.
fn write_all(role: Writing, transmit_len: usize, cancelled: Option<(usize, usize)>) -> Vec<u8> {
    let mut memory = Memory::new(1, transmit_len);
    match role {
        Server => write_all_on(Connection::server(memory.buffers(), &DEFAULT), transmit_len, cancelled),
        Client => write_all_on(Connection::client(Keys(0), memory.buffers(), &DEFAULT), transmit_len, cancelled),
    }
}

fn write_all_on<R: Role>(
    mut connection: Connection<'_, R>,
    transmit_len: usize,
    cancelled: Option<(usize, usize)>,
) -> Vec<u8> {
    let mut link = Link::new(b"");
    let (longest, steps) = cancelled.unwrap_or((usize::MAX, usize::MAX));
    link.longest_write = longest;
    let ways = [Way::Send, Way::Fragments(30), Way::Compose, Way::Queue, Way::Frame, Way::Writer, Way::Format];
    for (number, way) in ways.into_iter().enumerate() {
        if transmit_len < 16 && matches!(way, Way::Compose | Way::Writer | Way::Format) {
            continue;
        }
        let payload = if way == Way::Compose { "€".to_owned() } else { "a€😀".repeat(9 + number) };
        let mut sending = Sending::new(Sent { kind: MessageKind::Text, payload: payload.into_bytes() }, way);
        while !sending.go_on(connection.sender(), &mut link, steps) {}
        // Where the next fragment ends depends on what is in the buffer; and a Ping that was put there is not put again.
        while link.drive_for(steps, connection.sender().flush()).unwrap().is_none() {}
        link.drive_for(steps, connection.sender().ping(b"ping")).unwrap();
        while link.drive_for(steps, connection.sender().flush()).unwrap().is_none() {}
    }
    link.drive_for(steps, connection.sender().close(CloseCode::NORMAL_CLOSURE, "bye")).unwrap();
    while link.drive_for(steps, connection.sender().flush()).unwrap().is_none() {}
    link.take()
}
