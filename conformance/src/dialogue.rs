//! A dialogue: what the peer sends, what the application calls, and what both come to. It is played in both roles, over both adapters
//! and from slice to slice, in pieces and through buffers of several sizes, and comes to the same each time.

use std::{fmt, rc::Rc};

use ws_core::{Config, Connection, Limits, MaskingKeyFn, MessageKind, Role, WebSocketClient, WebSocketServer};

use crate::{
    call::Call,
    endpoint::{Endpoint, Piece, Stop},
    frame::{self, Frame, Sent, Side},
    memory::Memory,
    outcome::{Course, Outcome},
    poll::{insist, once, wait},
    slices::Slices,
    wire::{Then, Wire},
};

/// The most bytes that a read gives.
pub(crate) const READS: [usize; 3] = [usize::MAX, 1, 7];
/// The length of the buffers in bytes, if messages are received piece by piece.
pub(crate) const BUFFERS: [usize; 3] = [1, 64, LONGEST_BUFFER];
const LONGEST_BUFFER: usize = 4096;

/// What is said on a connection that is open.
#[derive(Clone, Debug)]
pub(crate) struct Dialogue {
    pub(crate) sides: Vec<Side>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) then: Then,
    pub(crate) calls: Vec<Call>,
    /// The most bytes that a read gives, in turn.
    pub(crate) reads: Vec<usize>,
    /// Whether messages are received in pieces.
    pub(crate) pieces: bool,
    /// The lengths of the buffers in which messages are received as a whole, in turn; `None` for one that is long enough.
    pub(crate) wholes: Option<Vec<usize>>,
    /// Limits, which the face from slice to slice does not have.
    pub(crate) limits: Option<Limits>,
    /// Whether only the adapters can do this, not the face from slice to slice.
    pub(crate) adapters_only: bool,
    pub(crate) expected: Course,
}

/// One way to play a dialogue.
#[derive(Clone, Copy, Debug)]
struct Way {
    side: Side,
    face: Face,
    read_size: usize,
    /// The length of the buffers.
    buffer: usize,
    /// Whether messages are received as a whole.
    whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Face {
    Blocking,
    Async,
    /// Async, and each future that receives is dropped whenever it is pending.
    Dropped,
    Slices,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let face = match self.face {
            Face::Blocking => "blocking",
            Face::Async => "async",
            Face::Dropped => "async with dropped futures",
            Face::Slices => "from slice to slice",
        };
        let what = if self.whole { "whole messages" } else { "pieces" };
        let reads = shown_reads(self.read_size);
        write!(f, "{}, {face}, {reads}, {what} in buffers of {} bytes", self.side, self.buffer)
    }
}

/// How much a read gives, for people.
pub(crate) fn shown_reads(size: usize) -> String {
    if size == usize::MAX { "read at once".to_string() } else { format!("{size} bytes per read") }
}

impl Dialogue {
    /// Plays the dialogue in every way. The error has the first way that comes to something else than was expected, and what.
    pub(crate) fn play(&self) -> Result<Course, (String, String)> {
        for way in self.ways() {
            let course = self.play_in(way).map_err(|wrong| (way.to_string(), wrong))?;
            if course != self.expected {
                return Err((way.to_string(), course.to_string()));
            }
        }
        Ok(self.expected.clone())
    }

    fn ways(&self) -> Vec<Way> {
        let longest: usize = self.frames.iter().map(|frame| frame.payload_len() + 1).sum();
        let wholes = self.wholes.clone().unwrap_or_else(|| vec![longest.max(LONGEST_BUFFER)]);
        let calls_slices = self.calls.iter().all(Slices::<ws_core::Server>::can);
        let has_slices =
            self.pieces && !self.adapters_only && self.limits.is_none() && self.then == Then::Silence && calls_slices;
        let mut ways = Vec::new();
        for (side, read_size) in self.sides.iter().flat_map(|side| self.reads.iter().map(|size| (*side, *size))) {
            let pieces = |face| BUFFERS.map(|buffer| Way { side, face, read_size, buffer, whole: false });
            for face in [Face::Blocking, Face::Async, Face::Dropped] {
                ways.extend(pieces(face).into_iter().filter(|_| self.pieces));
                ways.extend(wholes.iter().map(|buffer| Way { side, face, read_size, buffer: *buffer, whole: true }));
            }
            if has_slices {
                ways.extend(pieces(Face::Slices));
            }
        }
        ways
    }

    fn play_in(&self, way: Way) -> Result<Course, String> {
        let input: Rc<[u8]> = frame::bytes(&self.frames, way.side).into();
        let config = Config { limits: self.limits.unwrap_or(Limits::DEFAULT), ..Config::DEFAULT };
        let mut memory = Memory::new(way.buffer, way.buffer);
        let buffers = memory.buffers();
        let (outcomes, output) = match (way.face, way.side) {
            (Face::Slices, Side::Server) => {
                self.converse_in_slices(WebSocketServer::after_opening_handshake(), input, way)
            }
            (Face::Slices, Side::Client) => {
                self.converse_in_slices(WebSocketClient::after_opening_handshake(keys()), input, way)
            }
            (_, Side::Server) => self.converse(Connection::server(buffers, &config), input, way),
            (_, Side::Client) => self.converse(Connection::client(keys(), buffers, &config), input, way),
        };
        Ok(Course { outcomes, sent: parse(way.side, &output)? })
    }

    fn converse<R: Role>(&self, connection: Connection<'_, R>, input: Rc<[u8]>, way: Way) -> (Vec<Outcome>, Vec<u8>) {
        let wire = Wire::new(input, way.read_size, self.then).taking(way.read_size);
        if way.face == Face::Blocking {
            let mut websocket = ws_embedded_io::WebSocket::new(wire, connection);
            let outcomes = wait(make_calls(&mut websocket, &self.calls, way.whole, false));
            return (outcomes, websocket.into_transport().into_output());
        }
        let mut websocket = ws_embedded_io_async::WebSocket::new(wire, connection);
        let outcomes = wait(make_calls(&mut websocket, &self.calls, way.whole, way.face == Face::Dropped));
        (outcomes, websocket.into_transport().into_output())
    }

    fn converse_in_slices<R: Role>(
        &self,
        websocket: ws_core::WebSocket<R>,
        input: Rc<[u8]>,
        way: Way,
    ) -> (Vec<Outcome>, Vec<u8>) {
        let mut slices = Slices::new(websocket, input, way.read_size, way.buffer, self.then);
        let outcomes = wait(make_calls(&mut slices, &self.calls, way.whole, false));
        (outcomes, slices.output)
    }
}

/// The frames that we sent, none of which may be wrong in itself.
pub(crate) fn parse(side: Side, output: &[u8]) -> Result<Vec<Sent>, String> {
    frame::parse(side, output).map_err(|wrong| format!("what was sent is wrong: {wrong}"))
}

/// Masking keys that are never the same. The first four make the key of an opening handshake that of RFC 6455, section 1.3.
pub(crate) fn keys() -> MaskingKeyFn<impl FnMut() -> [u8; 4]> {
    let mut nonce = b"the sample nonce".as_chunks::<4>().0.iter();
    let mut count = 0_u32;
    MaskingKeyFn(move || {
        nonce.next().copied().unwrap_or_else(|| {
            count += 1;
            (0x5ac3_0f00 ^ count.wrapping_mul(0x9e37_79b9)).to_be_bytes()
        })
    })
}

/// Makes the calls of an application. With `drops`, every future that receives is dropped whenever it is pending.
pub(crate) async fn make_calls<E: Endpoint>(
    endpoint: &mut E,
    calls: &[Call],
    whole: bool,
    drops: bool,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for call in calls {
        match call {
            Call::Receive => outcomes.push(receive(endpoint, whole, drops).await),
            Call::ReceiveAll => loop {
                let outcome = receive(endpoint, whole, drops).await;
                let is_end = !matches!(outcome, Outcome::Text(_) | Outcome::Binary(_));
                outcomes.push(outcome);
                if is_end {
                    break;
                }
            },
            call => outcomes.push(endpoint.call(call).await.map_or_else(Outcome::from, |()| Outcome::Done)),
        }
        if let Some(Outcome::Failed(ws_core::Error::Violation(_))) = outcomes.last() {
            // After a violation there is nothing more, whatever is asked for.
            if let Ok(Some(piece)) = endpoint.receive(whole).await {
                outcomes.push(Outcome::Wrong(format!("received after a violation: {:02x?}", piece.payload)));
            }
        }
    }
    outcomes
}

/// Receives a message, put together from its pieces.
async fn receive<E: Endpoint>(endpoint: &mut E, whole: bool, drops: bool) -> Outcome {
    let mut message = Vec::new();
    loop {
        let received = if drops { insist(|| once(endpoint.receive(whole))) } else { endpoint.receive(whole).await };
        match received {
            Ok(None) => return Outcome::Closed(endpoint.peer_close()),
            Ok(Some(Piece { kind, last, payload })) => {
                message.extend(payload);
                if last {
                    return whole_message(kind, message);
                }
            }
            Err(stop) => return stop.into(),
        }
    }
}

fn whole_message(kind: MessageKind, payload: Vec<u8>) -> Outcome {
    match kind {
        MessageKind::Binary => Outcome::Binary(payload),
        MessageKind::Text => String::from_utf8(payload)
            .map_or_else(|error| Outcome::Wrong(format!("a text that is not: {error}")), Outcome::Text),
    }
}

impl From<Stop> for Outcome {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Silence => Self::Open,
            Stop::Failed(error) => Self::Failed(error),
            Stop::Other(why) => Self::Wrong(why),
        }
    }
}
