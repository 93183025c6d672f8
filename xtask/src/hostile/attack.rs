//! What an attack is, and which there are.

use anyhow::Result;

use super::{closing, crowds, floods, large, shapes, slow, target::Target};
use crate::{interop::socket::Socket, load::Kind};

/// An attack and what must come of it.
#[derive(Clone, Copy)]
pub(super) struct Attack {
    /// How it is called after `--only`.
    pub(super) name: &'static str,
    pub(super) must: &'static str,
    pub(super) run: fn(&Target) -> Result<Done>,
    /// How many connections it holds at once.
    pub(super) connections: u64,
    /// How often it is tried: more than once if a server may keep memory to use it again, but not ever more.
    pub(super) rounds: usize,
    /// The only server that it is for.
    pub(super) kind: Option<Kind>,
    pub(super) place: Place,
}

/// The servers that an attack is tried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// One with the buffers that it has by default, which takes as many connections as there are.
    Roomy,
    /// One with small buffers and few connections.
    Tight,
    Both,
}

/// What an attack came to.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What the server did.
    pub(super) what: String,
    /// What must not matter any more: the server has let go of them though they are still there.
    pub(super) held: Vec<Socket>,
}

impl From<String> for Done {
    fn from(what: String) -> Self {
        Self { what, held: Vec::new() }
    }
}

impl Attack {
    const fn new(name: &'static str, run: fn(&Target) -> Result<Done>, must: &'static str) -> Self {
        Self { name, must, run, connections: 1, rounds: 1, kind: None, place: Place::Roomy }
    }

    const fn connections(self, connections: u64) -> Self {
        Self { connections, ..self }
    }

    const fn rounds(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }

    const fn on(self, place: Place) -> Self {
        Self { place, ..self }
    }

    const fn only(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// Is it one for this server?
    pub(super) fn is_for(&self, kind: Kind, place: Place) -> bool {
        self.kind.is_none_or(|only| only == kind) && (self.place == Place::Both || self.place == place)
    }
}

/// The attacks, in their order.
pub(super) const ATTACKS: &[Attack] = &[
    Attack::new("nothing", slow::nothing, "the well-behaved client is alone, to compare with"),
    Attack::new("bytes", slow::bytes, "head and frames byte by byte, with pauses: served as any other").on(Place::Both),
    Attack::new("slow-head", slow::head, "a head that never ends: no connection any more after --timeout"),
    Attack::new(
        "slow-header",
        slow::header,
        "a frame header that never ends: a Ping after --idle, as long again, and the end",
    )
    .on(Place::Both),
    Attack::new("large-head", large::heads, "16 heads of 1 MiB at once: 431 for each, and none is kept")
        .connections(16),
    Attack::new("large-frame", large::frame_streams, "2^63-1 bytes announced: streams, and is not kept")
        .only(Kind::Blocking)
        .on(Place::Both),
    Attack::new("large-frame", large::frame_refused, "2^63-1 bytes announced: 1009, beyond the limit")
        .only(Kind::Async)
        .on(Place::Both),
    Attack::new("huge-frame", large::frame_invalid, "2^63 bytes announced: 1002 (RFC 6455, 5.2)").on(Place::Both),
    Attack::new("pings", floods::pings, "100,000 Pings: Pongs in order, the last one for the newest").on(Place::Both),
    Attack::new("unread-pongs", floods::unread_pongs, "Pings whose Pongs are never read: dropped in time")
        .on(Place::Both),
    Attack::new("unread-echoes", floods::unread_echoes, "messages whose echoes are never read: dropped in time")
        .on(Place::Both),
    Attack::new("empty-fragments", floods::empty_fragments, "100,000 of them, then the last: an empty text comes back")
        .on(Place::Both),
    Attack::new("tiny-fragments", floods::tiny_fragments, "10,000 of one byte: the same text comes back")
        .on(Place::Both),
    Attack::new("half-close", closing::half_handshake, "Close frames, TCP stays: answered with 1000, and let go of")
        .connections(50),
    Attack::new("close-unanswered", closing::unanswered, "Close frames are not answered: let go of in time")
        .connections(50)
        .only(Kind::Blocking),
    Attack::new("half-closed-tcp", closing::half_tcp, "TCP ends in one direction: what came is echoed, then the end")
        .connections(50),
    Attack::new("garbage-after-close", closing::garbage, "8 MiB behind the Close frame: 1000, nothing more"),
    Attack::new("resets", closing::resets, "1,000 resets in mid-frame: nothing is left of them").rounds(3),
    Attack::new("silent-sockets", crowds::silent_sockets, "1,000 say nothing: dropped after --timeout")
        .connections(crowds::SIZE)
        .rounds(3),
    Attack::new(
        "silent-websockets",
        crowds::silent_websockets,
        "1,000 open and say nothing: dropped after twice --idle",
    )
    .connections(crowds::SIZE)
    .rounds(3),
    Attack::new(
        "crowded-out",
        crowds::crowded_out,
        "1,000 sockets for 80 places: a newcomer is served after --timeout",
    )
    .connections(80)
    .on(Place::Tight),
    Attack::new("refused", crowds::refused, "1,000 WebSockets for 16 places: 503 or the end for the others")
        .connections(80)
        .on(Place::Tight),
    Attack::new("shapes", shapes::all, "HTTP requests that others might understand differently: see below"),
];
