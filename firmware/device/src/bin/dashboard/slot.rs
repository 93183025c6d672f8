//! A place for one connection, from the moment at which a client may come to the end of TCP; then it is free for the next.
//!
//! Each turn goes as far as it can without waiting. What is said over an open WebSocket is in `service.rs`.

use core::mem;

use device::{
    link::{Ended, Link},
    thing::Thing,
    watch::Shared,
};
use smoltcp::{
    iface::SocketHandle,
    socket::tcp::{Socket, State},
};
use ws_core::{
    Accepting, Answer, Buffers, Config, Connection, Delivery, Error, Limits, Server,
    time::{Deadline, Keepalive, KeepaliveAction},
};

use crate::{
    route::{self, Decision},
    service::Service,
};

const PORT: u16 = 1337;

/// A peer that is silent so long is asked whether it is there, and has so long to answer; in milliseconds.
const IDLE: u32 = 20_000;
const PONG_TIMEOUT: u32 = 10_000;

static CONFIG: Config = Config {
    // An echo that streams needs none.
    limits: Limits { message: u64::MAX, frame: u64::MAX, fragments: u32::MAX },
    delivery: Delivery::Announce,
    ..Config::DEFAULT
};

/// What a WebSocket works in.
pub(crate) struct Memory {
    /// For the opening handshake.
    pub(crate) head: &'static mut [u8],
    pub(crate) buffers: Buffers<'static>,
}

pub(crate) struct Slot {
    pub(crate) socket: SocketHandle,
    stage: Stage,
    /// By when the stage must be over, if it is a handshake.
    deadline: Deadline,
}

enum Stage {
    /// Waiting for a client.
    Free(Memory),
    /// The request arrives.
    Asking(Accepting<'static, 'static>),
    /// The answer leaves.
    Answering(Accepting<'static, 'static>, Answering),
    Open(Open),
    /// All was said; TCP is closing.
    Ending(Memory),
    /// For the time of a turn.
    Moving,
}

/// What comes behind the head of the answer.
#[derive(Clone, Copy)]
pub(crate) enum Answering {
    Page(&'static [u8]),
    Service(Service),
}

struct Open {
    connection: Connection<'static, Server>,
    head: &'static mut [u8],
    service: Service,
    keepalive: Keepalive,
}

impl Slot {
    pub(crate) fn new(socket: SocketHandle, memory: Memory) -> Self {
        Self { socket, stage: Stage::Free(memory), deadline: Deadline::after(0, 0) }
    }

    /// Whether somebody watches the device here.
    pub(crate) fn is_watching(&self) -> bool {
        matches!(self.stage, Stage::Open(Open { service: Service::Watch(_), .. }))
    }

    /// Goes on as far as possible without waiting; `true` if bytes were moved.
    pub(crate) fn turn(&mut self, socket: &mut Socket<'_>, thing: &mut Thing, shared: &Shared) -> bool {
        let mut link = Link::new(socket);
        let stage = mem::replace(&mut self.stage, Stage::Moving);
        let (stage, is_over) = match stage {
            Stage::Asking(accepting) => self.ask(accepting, &mut link, shared),
            Stage::Answering(accepting, answering) => self.answer(accepting, answering, &mut link, shared),
            Stage::Open(open) => open.turn(&mut link, thing, shared),
            stage => (stage, false),
        };
        let moved = link.has_received || link.has_sent;
        if is_over {
            self.deadline = Deadline::after(shared.now, Deadline::CLOSING_HANDSHAKE);
            socket.close();
        }
        self.stage = match stage {
            Stage::Free(memory) => self.wait(memory, socket, shared.now),
            Stage::Ending(memory) => self.end(memory, socket, shared.now),
            stage => stage,
        };
        moved || is_over
    }

    fn wait(&mut self, memory: Memory, socket: &mut Socket<'_>, now: u32) -> Stage {
        if !socket.is_open() {
            // The port is not 0 and the socket is closed: it cannot fail.
            let _ = socket.listen(PORT);
        }
        if matches!(socket.state(), State::Listen | State::SynReceived) {
            return Stage::Free(memory);
        }
        self.deadline = Deadline::after(now, Deadline::OPENING_HANDSHAKE);
        Stage::Asking(Accepting::new(memory.head, memory.buffers, &CONFIG))
    }

    fn ask(
        &self,
        mut accepting: Accepting<'static, 'static>,
        link: &mut Link<'_, '_>,
        shared: &Shared,
    ) -> (Stage, bool) {
        match link.drive(&mut accepting) {
            Ok(None) if !self.deadline.is_due(shared.now) => (Stage::Asking(accepting), false),
            Ok(Some(())) => match decide(&mut accepting) {
                Ok(answering) => self.answer(accepting, answering, link, shared),
                Err(_) => (ending(accepting), true),
            },
            // A request that is none was refused by the machine; or the client is gone, or too slow.
            _ => (ending(accepting), true),
        }
    }

    fn answer(
        &self,
        mut accepting: Accepting<'static, 'static>,
        answering: Answering,
        link: &mut Link<'_, '_>,
        shared: &Shared,
    ) -> (Stage, bool) {
        let body = match answering {
            Answering::Page(body) => body,
            Answering::Service(_) => &[],
        };
        match (link.drive(accepting.answering(body)), answering) {
            (Ok(None), _) if !self.deadline.is_due(shared.now) => (Stage::Answering(accepting, answering), false),
            (Ok(Some(Answer::Accepted)), Answering::Service(service)) => {
                let (mut connection, head) = accepting.into_parts();
                if let Service::Watch(_) = service {
                    connection.deliver(Delivery::Chunks);
                }
                let keepalive = Keepalive::new(IDLE, PONG_TIMEOUT, shared.now);
                (Stage::Open(Open { connection, head, service, keepalive }), false)
            }
            _ => (ending(accepting), true),
        }
    }

    /// Waits until the peer has closed too. The device has closed first, as a server has to, so that TCP would keep the socket
    /// for a while longer (TIME-WAIT); with so few of them that is not affordable.
    fn end(&self, memory: Memory, socket: &mut Socket<'_>, now: u32) -> Stage {
        if socket.is_open() && (socket.state() == State::TimeWait || self.deadline.is_due(now)) {
            socket.abort();
        }
        if socket.is_open() { Stage::Ending(memory) } else { Stage::Free(memory) }
    }
}

impl Open {
    fn turn(mut self, link: &mut Link<'_, '_>, thing: &mut Thing, shared: &Shared) -> (Stage, bool) {
        let result = self.service.turn(&mut self.connection, link, thing, shared);
        if link.has_received {
            self.keepalive.on_received(shared.now);
        }
        let is_over = match (result, self.keepalive.poll(shared.now)) {
            (Err(_) | Ok(true), _) | (_, KeepaliveAction::PeerIsDead) => true,
            (_, KeepaliveAction::Wait) => false,
            // If something is half sent already, the peer has enough to answer to.
            (_, KeepaliveAction::Ping) => matches!(link.drive(self.connection.sender().ping(b"")), Err(Ended::Lost)),
        };
        if !is_over {
            return (Stage::Open(self), false);
        }
        (Stage::Ending(Memory { head: self.head, buffers: self.connection.into_buffers() }), true)
    }
}

/// Begins the answer to a request.
fn decide(accepting: &mut Accepting<'static, 'static>) -> Result<Answering, Error> {
    Ok(match route::decide(&accepting.asked()?) {
        Decision::Accept(service) => {
            accepting.accept(None, &[])?;
            Answering::Service(service)
        }
        Decision::Reply(reply) => {
            accepting.reply(&reply)?;
            Answering::Page(reply.body)
        }
    })
}

fn ending(accepting: Accepting<'static, 'static>) -> Stage {
    let (connection, head) = accepting.into_parts();
    Stage::Ending(Memory { head, buffers: connection.into_buffers() })
}
