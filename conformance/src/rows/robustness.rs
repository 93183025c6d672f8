//! Limits, floods, cancellation and transports that misbehave (RFC 6455, sections 7.2.3 and 10.4): what an endpoint must outlive.

use std::{cell::RefCell, fmt::Display, rc::Rc};

use ws_core::{
    Config, Connection, Limits, Message, ReplySlot, Violation,
    time::{Backoff, Keepalive, KeepaliveAction},
};

use crate::{
    call::Call,
    dialogue::keys,
    fragments::EightyMebibytes,
    frame::{BINARY, FIRST_BINARY, FIRST_TEXT, Frame, LAST, MIDDLE, PING, Sent, Side, TEXT, bytes, close, frame, pong},
    memory::Memory,
    outcome::{binary, closes, comes_to, fails, receives, text},
    poll::wait,
    row::{Row, Theme, row},
    wire::{Silence, Then, Wire},
};

pub(crate) fn theme() -> Theme {
    let mut rows = limits();
    rows.extend(floods());
    rows.extend(cancellation());
    rows.extend(transports());
    Theme { title: "Limits, floods and cancellation", rows }
}

fn limits() -> Vec<Row> {
    let protected = |what| row("10.4", "implementations MUST protect themselves against exceeding their limits", what);
    let message = Limits { message: 10, ..Limits::DEFAULT };
    let too_big = || fails(1009, Violation::MessageTooBig);
    let rest = |payload: &[u8]| frame(LAST, payload);
    vec![
        protected("80 MiB in 2 MiB fragments").probe().seen_in("EW").does(
            "received 67108864 bytes; sent Close 1009; error: the peer sent a message that is too long (RFC 6455, section 10.4)",
            EightyMebibytes::receive,
        ),
        protected("a message of 11 bytes with a limit of 10").limits(message).frames([frame(TEXT, "hello there")], too_big()),
        protected("a message of 10 bytes with a limit of 10")
            .limits(message)
            .frames([frame(TEXT, "hello, you")], receives([text("hello, you")])),
        protected("a message of 11 bytes in fragments, with a limit of 10")
            .limits(message)
            .frames([frame(FIRST_BINARY, "hello "), rest(b"there")], too_big()),
        protected("two messages of 6 bytes, with a limit of 10 for each")
            .limits(message)
            .frames([frame(BINARY, "hello "), frame(TEXT, "there!")], receives([binary("hello "), text("there!")])),
        protected("a frame of 11 bytes with a limit of 10")
            .limits(Limits { frame: 10, ..Limits::DEFAULT })
            .frames([frame(TEXT, "hello there")], fails(1009, Violation::FrameTooBig)),
        protected("a message that is longer than the buffer for it as a whole")
            .only_wholes([4])
            .seen_in("EW, PICO-P7")
            .frames([frame(TEXT, "hello"), frame(TEXT, "next")], too_big()),
        protected("a message in fragments that is longer than the buffer for it as a whole")
            .only_wholes([8])
            .seen_in("EW, PICO-P7")
            .frames([frame(FIRST_TEXT, "hello"), rest(b"there"), frame(TEXT, "next")], too_big()),
        protected("11 bytes that announce 2 GiB")
            .seen_in("WSLAY, ARD")
            .limits(Limits::DEFAULT)
            .frames([frame(BINARY, "x").announcing(1 << 31)], fails(1009, Violation::FrameTooBig)),
    ]
}

fn floods() -> Vec<Row> {
    let bounded = |what| row("10.4", "what the peer may have us keep is limited", what);
    let pings: Vec<Frame> = (0..1000_u16).map(|number| frame(PING, number.to_be_bytes())).collect();
    let pongs: Vec<Sent> = (0..1000_u16).map(|number| pong(number.to_be_bytes())).collect();
    let empty = |count| [vec![frame(FIRST_TEXT, "")], vec![frame(MIDDLE, ""); count]].concat();
    let most = Limits { fragments: 50, ..Limits::DEFAULT };
    let too_many = || fails(1008, Violation::TooManyFragments);
    vec![
        bounded("1000 Pings, each of which is answered").frames(pings, receives([]).sending(pongs)),
        bounded("51 empty fragments, with a limit of 50").limits(most).frames(empty(50), too_many()),
        bounded("50 fragments, with a limit of 50")
            .limits(most)
            .frames([empty(48), vec![frame(LAST, "end")]].concat(), receives([text("end")])),
    ]
}

fn cancellation() -> Vec<Row> {
    let dropped = |what| row("6.2", "bytes that were received belong to the message, whoever waits for them", what);
    vec![
        dropped("futures that receive are dropped whenever they wait, inside a header of 4 bytes and its payload")
            .seen_in("EW, EDGE-3, EDGE-E3, PICO")
            .frames(
                [frame(BINARY, [0x82, 0x68].repeat(100)), frame(TEXT, "next"), close(1000, "")],
                closes(1000, "").after([binary([0x82, 0x68].repeat(100)), text("next")]),
            ),
        dropped("futures that receive are dropped whenever they wait, also to write a Pong")
            .seen_in("WZ-7")
            .frames([frame(PING, [7; 125]), frame(TEXT, "next")], receives([text("next")]).sending([pong([7; 125])])),
        row(
            "5.5.2",
            "upon receipt of a Ping, an endpoint MUST send a Pong, also when it is split in two halves",
            "a Ping, a Close, and two halves of a connection",
        )
        .seen_in("WZ-7")
        .does("reply due; received \"a\"; reply due; closed; sent Pong 70; sent Close 1000", in_halves),
    ]
}

/// A transport that two halves share.
struct Shared(Rc<RefCell<Wire>>);

impl embedded_io::ErrorType for Shared {
    type Error = Silence;
}

impl embedded_io::Read for Shared {
    fn read(&mut self, space: &mut [u8]) -> Result<usize, Silence> {
        self.0.borrow_mut().read(space)
    }
}

impl embedded_io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Silence> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> Result<(), Silence> {
        embedded_io::Write::flush(&mut *self.0.borrow_mut())
    }
}

/// A server in two halves, whose application replies as soon as it is told to.
fn in_halves() -> String {
    let config = Config::DEFAULT;
    let mut memory = Memory::new(64, 64);
    let buffers = memory.buffers();
    let input = bytes(&[frame(PING, "p"), frame(TEXT, "a"), close(1000, "bye")], Side::Server);
    let wire = Rc::new(RefCell::new(Wire::new(input.into(), usize::MAX, Then::Silence)));
    let websocket = ws_embedded_io::WebSocket::new(Shared(wire.clone()), Connection::server(buffers, &config));
    let slot = ReplySlot::new();
    let (mut receiving, mut transmitting) = websocket.split(&slot, |Shared(wire)| (Shared(wire.clone()), Shared(wire)));
    let mut seen = Vec::new();
    for _ in 0..20 {
        match receiving.recv() {
            Ok(ws_embedded_io::Arrived::Data(Message::Text(text))) => seen.push(format!("received {text:?}")),
            Ok(ws_embedded_io::Arrived::Data(Message::Binary(bytes))) => seen.push(format!("received {bytes:?}")),
            Ok(ws_embedded_io::Arrived::ReplyDue) => {
                seen.push("reply due".to_string());
                if let Err(error) = transmitting.reply() {
                    seen.push(error.to_string());
                }
            }
            Ok(ws_embedded_io::Arrived::Closed) => {
                seen.push("closed".to_string());
                break;
            }
            Err(error) => {
                seen.push(error.to_string());
                break;
            }
        }
    }
    let sent = crate::frame::parse(Side::Server, &wire.borrow().output);
    match sent {
        Ok(sent) => seen.extend(sent.iter().map(Sent::to_string)),
        Err(wrong) => seen.push(wrong),
    }
    seen.join("; ")
}

fn transports() -> Vec<Row> {
    let later = "subsequent reconnect attempts SHOULD be delayed by increasingly longer amounts of time";
    vec![
        row(
            "7.1.1",
            "an endpoint may close the transport by any means",
            "the end of the transport, read again and again",
        )
        .seen_in("EW-2, EW-B3")
        .then_end()
        .calling([Call::Receive, Call::Receive, Call::Receive])
        .frames([], {
            let ended = || crate::outcome::failed(ws_core::Error::TransportEnded { clean: true });
            comes_to([ended(), ended(), ended()], [])
        }),
        row("7.2.1", "a transport that is lost fails the connection", "a transport that takes no byte")
            .does("error: the transport takes no bytes", over_stuck_transport),
        row("7.2.3", later, "a client that cannot reconnect")
            .does("first 0 to 5 s, then 5 to 10 s, 10 to 20 s, 20 to 40 s, 30 to 60 s, 30 to 60 s", reconnect_delays),
        row(
            "5.5.2",
            "a Ping may verify that the peer is still responsive",
            "a peer that is silent, with 20 s to a Ping and 10 s to its Pong",
        )
        .seen_in("EW, WZ, EDGE, PICO, WSF, SANS, WSLAY, MG")
        .does("a Ping after 20 s, given up after 30 s", || {
            let mut keepalive = Keepalive::new(20_000, 10_000, 0);
            let mut seen = |milliseconds| keepalive.poll(milliseconds);
            let course = [seen(19_999), seen(20_000), seen(29_999), seen(30_000)];
            match course {
                [KeepaliveAction::Wait, KeepaliveAction::Ping, KeepaliveAction::Wait, KeepaliveAction::PeerIsDead] => {
                    "a Ping after 20 s, given up after 30 s".to_string()
                }
                other => format!("{other:?}"),
            }
        }),
    ]
}

/// The shortest and the longest delay of each attempt.
fn reconnect_delays() -> String {
    let delays = |random: u32| {
        let mut backoff = Backoff::DEFAULT;
        (0..6).map(|_| backoff.next_delay(random)).collect::<Vec<u32>>()
    };
    // Each delay is chosen by chance in a range; these are its ends, as near as a few thousand numbers come to them.
    let all: Vec<Vec<u32>> = (0..=u32::MAX).step_by(1 << 20).chain([u32::MAX]).map(delays).collect();
    let seconds = |milliseconds: Option<u32>| milliseconds.map_or(0, |milliseconds| (milliseconds + 500) / 1000);
    let range = |attempt: usize| {
        let attempts = || all.iter().map(|delays| delays[attempt]);
        format!("{} to {} s", seconds(attempts().min()), seconds(attempts().max()))
    };
    format!("first {}, then {}", range(0), (1..6).map(range).collect::<Vec<_>>().join(", "))
}

/// A transport that takes nothing.
struct Stuck;

impl embedded_io::ErrorType for Stuck {
    type Error = Silence;
}

impl embedded_io::Read for Stuck {
    fn read(&mut self, _space: &mut [u8]) -> Result<usize, Silence> {
        Err(Silence)
    }
}

impl embedded_io::Write for Stuck {
    fn write(&mut self, _bytes: &[u8]) -> Result<usize, Silence> {
        Ok(0)
    }

    fn flush(&mut self) -> Result<(), Silence> {
        Ok(())
    }
}

impl embedded_io_async::Read for Stuck {
    async fn read(&mut self, _space: &mut [u8]) -> Result<usize, Silence> {
        Err(Silence)
    }
}

impl embedded_io_async::Write for Stuck {
    async fn write(&mut self, _bytes: &[u8]) -> Result<usize, Silence> {
        Ok(0)
    }

    async fn flush(&mut self) -> Result<(), Silence> {
        Ok(())
    }
}

fn over_stuck_transport() -> String {
    fn shown<E: Display>(result: Result<(), E>) -> String {
        result.map_or_else(|error| format!("error: {error}"), |()| "sent".to_string())
    }
    let config = Config::DEFAULT;
    let mut memory = Memory::new(64, 64);
    let blocking = Connection::client(keys(), memory.buffers(), &config);
    let blocking = shown(ws_embedded_io::WebSocket::new(Stuck, blocking).send(Message::Text("a")));
    let with_async = Connection::client(keys(), memory.buffers(), &config);
    let mut with_async = ws_embedded_io_async::WebSocket::new(Stuck, with_async);
    let with_async = shown(wait(with_async.send(Message::Text("a"))));
    assert_eq!(blocking, with_async, "the adapters differ");
    blocking
}
