//! Any sequence of calls against a simple model, which says for each call whether it may be made, and if not why; and in the
//! end what the peer must have received.

mod support {
    pub(crate) mod fake_link;
}

use std::collections::VecDeque;

use proptest::prelude::*;
use support::fake_link::{DEFAULT, Link, Memory};
use ws_core::frame::CloseCode;
use ws_core::{
    Config, Connection, Duties, Error, Event, MaskingKeyFn, Message, MessageKind, Misuse, Role, Violation,
    WebSocketState,
};

/// What the application or the peer does.
#[derive(Clone, Debug)]
enum Call {
    Send {
        is_queued: bool,
        kind: MessageKind,
        text: String,
    },
    Compose {
        kind: MessageKind,
        payload: Vec<u8>,
    },
    Fragment {
        kind: MessageKind,
        payload: Vec<u8>,
        last: bool,
    },
    Write {
        kind: MessageKind,
        payload: Vec<u8>,
    },
    Finish {
        kind: MessageKind,
    },
    Frame {
        kind: MessageKind,
        len: u64,
    },
    Put {
        payload: Vec<u8>,
    },
    FinishFrame,
    Ping {
        len: usize,
    },
    Close {
        code: u16,
        reason_len: usize,
    },
    Flush,
    /// The peer sends a frame, which a poll takes in.
    Peer(Peer),
}

/// What the peer sends.
#[derive(Clone, Debug)]
enum Peer {
    Data {
        first: Option<MessageKind>,
        payload: Vec<u8>,
        fin: bool,
    },
    Ping(Vec<u8>),
    Pong,
    Close(Vec<u8>),
    /// Reserved bits that no extension explains.
    Reserved,
}

/// What has arrived whole at one side.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Message(MessageKind, Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    CloseSent,
    CloseReceived,
    Closed,
    Failed(Violation),
}

struct Model {
    duties: Duties,
    state: State,
    /// The message that was begun, and its payload so far.
    message: Option<(MessageKind, Vec<u8>)>,
    /// How much of it lies in the transmit buffer as no frame yet, if any may.
    collected: Option<usize>,
    /// Whether a frame of it was made.
    has_frame: bool,
    /// The half-sent frame: kind, payload so far, length.
    frame: Option<(MessageKind, Vec<u8>, u64)>,
    pending: Option<Item>,
    sent: Vec<Item>,
    peer_message: Option<(MessageKind, Vec<u8>)>,
    peer: VecDeque<Peer>,
    received: Vec<Item>,
}

fn is_text_so_far(payload: &[u8]) -> bool {
    str::from_utf8(payload).err().is_none_or(|error| error.error_len().is_none())
}

impl Model {
    fn new(duties: Duties) -> Self {
        Self {
            duties,
            state: State::Open,
            message: None,
            collected: None,
            has_frame: false,
            frame: None,
            pending: None,
            sent: Vec::new(),
            peer_message: None,
            peer: VecDeque::new(),
            received: Vec::new(),
        }
    }

    /// Why a message or a Ping may not begin in this state.
    fn state_forbids(&self) -> Option<Misuse> {
        match self.state {
            State::Open => None,
            State::CloseSent | State::CloseReceived | State::Closed => Some(Misuse::Closing),
            State::Failed(_) => Some(Misuse::Failed),
        }
    }

    fn half_frame(&self) -> Option<Misuse> {
        let (_, payload, len) = self.frame.as_ref()?;
        Some(Misuse::FrameUnfinished { remaining: len - payload.len() as u64 })
    }

    /// A frame other than the next one of the message follows: what was collected becomes one, and a reply goes before.
    fn frame_follows(&mut self) {
        if self.frame.is_some() {
            return;
        }
        let has_any = self.collected.take().is_some_and(|len| len > 0);
        self.has_frame |= has_any && self.state == State::Open;
        if !self.has_frame {
            self.message = None;
        }
    }

    fn reply(&mut self) {
        if self.frame.is_none()
            && let Some(reply) = self.pending.take()
        {
            self.frame_follows();
            match (&reply, self.state) {
                (Item::Close(_), State::CloseReceived) => self.state = State::Closed,
                (Item::Close(_), _) | (_, State::CloseReceived | State::Closed | State::Failed(_)) => return,
                _ => {}
            }
            self.sent.push(reply);
        }
    }

    /// Why a whole message may not be sent: any of these.
    fn whole_message(&self) -> Vec<Misuse> {
        let unfinished = self.message.as_ref().map(|(kind, _)| Misuse::MessageUnfinished(*kind));
        [self.state_forbids(), self.half_frame(), unfinished].into_iter().flatten().collect()
    }

    /// Why the next part of a message may not be sent: any of these.
    fn part(&self, kind: MessageKind, payload: &[u8], last: bool) -> Vec<Misuse> {
        let mut reasons: Vec<_> = self.half_frame().into_iter().collect();
        let is_continuation = self.has_frame && self.state == State::CloseReceived;
        reasons.extend(self.state_forbids().filter(|_| !is_continuation));
        let mut whole = payload.to_vec();
        match &self.message {
            Some((begun, _)) if *begun != kind => {
                reasons.push(Misuse::MessageUnfinished(*begun));
                reasons.extend(self.state_forbids());
            }
            Some((_, so_far)) => whole = [so_far, payload].concat(),
            None => {}
        }
        if kind == MessageKind::Text && !(is_text_so_far(&whole) && (!last || str::from_utf8(&whole).is_ok())) {
            reasons.push(Misuse::TextNotUtf8);
        }
        reasons
    }

    fn take_part(&mut self, kind: MessageKind, payload: &[u8], last: bool) {
        let (_, so_far) = self.message.get_or_insert((kind, Vec::new()));
        so_far.extend(payload);
        if last {
            let (kind, payload) = self.message.take().unwrap();
            self.sent.push(Item::Message(kind, payload));
            self.has_frame = false;
            self.collected = None;
        }
    }

    /// Takes what the peer has sent, as far as that goes; returns the error of it.
    fn poll(&mut self) -> Option<Error> {
        loop {
            self.reply();
            match self.state {
                State::Failed(violation) => return Some(violation.into()),
                State::Closed => return None,
                State::CloseReceived => {
                    let waits = self.half_frame().filter(|_| self.pending.is_some());
                    return waits.map(Error::from);
                }
                State::Open | State::CloseSent => {}
            }
            let peer = self.peer.front()?;
            let needs_place = !matches!(peer, Peer::Data { .. } | Peer::Reserved);
            if needs_place && self.pending.is_some() {
                return self.half_frame().map(Error::from);
            }
            if let Err(violation) = self.take_peer() {
                return Some(self.fail(violation));
            }
        }
    }

    /// The peer is told of its violation, unless a frame of ours is half sent.
    fn fail(&mut self, violation: Violation) -> Error {
        if self.state != State::Open {
            self.state = State::Closed;
            return violation.into();
        }
        self.collected = None;
        if !self.has_frame {
            self.message = None;
        }
        self.state = State::Failed(violation);
        if self.duties.fail {
            self.reply();
            if self.frame.is_none() {
                self.sent.push(Item::Close(violation.close_code().get().to_be_bytes().to_vec()));
            }
            self.state = State::Closed;
        }
        violation.into()
    }

    fn take_peer(&mut self) -> Result<(), Violation> {
        match self.peer.pop_front().unwrap() {
            Peer::Reserved => {
                return Err(Violation::Header(ws_core::frame::HeaderError::ReservedBits));
            }
            Peer::Data { first, payload, fin } => {
                let (kind, mut so_far) = match (first, self.peer_message.take()) {
                    (Some(kind), None) => (kind, Vec::new()),
                    (None, Some(begun)) => begun,
                    (None, None) => return Err(Violation::UnexpectedContinuation),
                    (Some(_), Some((begun, _))) => return Err(Violation::MessageInterrupted(begun)),
                };
                so_far.extend(payload);
                if kind == MessageKind::Text && !(is_text_so_far(&so_far) && (!fin || str::from_utf8(&so_far).is_ok()))
                {
                    return Err(Violation::TextNotUtf8);
                }
                if !fin {
                    self.peer_message = Some((kind, so_far));
                } else if self.state == State::Open {
                    self.received.push(Item::Message(kind, so_far));
                }
            }
            Peer::Ping(payload) if self.duties.pong => self.pending = Some(Item::Pong(payload)),
            Peer::Ping(payload) => self.received.push(Item::Ping(payload)),
            Peer::Pong => self.received.push(Item::Pong(Vec::new())),
            Peer::Close(payload) => {
                if payload.len() == 1 {
                    return Err(Violation::ClosePayload(ws_core::frame::ClosePayloadError::Truncated));
                }
                let answers = self.state == State::Open && self.duties.close_reply;
                self.state = if self.state == State::Open { State::CloseReceived } else { State::Closed };
                self.pending = answers.then_some(Item::Close(payload));
            }
        }
        Ok(())
    }
}

/// A frame of the peer's, masked with zeros if it is a client.
fn frame(is_masked: bool, first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    assert!(len < 126);
    if is_masked { [&[first, 0x80 | len, 0, 0, 0, 0], payload].concat() } else { [&[first, len], payload].concat() }
}

impl Peer {
    fn encode(&self, is_masked: bool) -> Vec<u8> {
        match self {
            Self::Data { first, payload, fin } => {
                let opcode = match first {
                    None => 0,
                    Some(MessageKind::Text) => 1,
                    Some(MessageKind::Binary) => 2,
                };
                frame(is_masked, if *fin { 0x80 | opcode } else { opcode }, payload)
            }
            Self::Ping(payload) => frame(is_masked, 0x89, payload),
            Self::Pong => frame(is_masked, 0x8a, b""),
            Self::Close(payload) => frame(is_masked, 0x88, payload),
            Self::Reserved => frame(is_masked, 0xc1, b""),
        }
    }
}

/// Takes apart what was written, with nothing of the crate's: what is whole, and what there is of an unfinished message.
fn read_all(mut bytes: &[u8], is_masked: bool) -> (Vec<Item>, Vec<u8>) {
    let (mut items, mut message, mut message_kind) = (Vec::new(), Vec::new(), None);
    while let [first, second, rest @ ..] = bytes {
        assert_eq!(second & 0x80 != 0, is_masked);
        let (len, rest) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes(*rest.first_chunk().unwrap())), &rest[2..]),
            127 => panic!("nothing is that long"),
            len => (usize::from(len), rest),
        };
        let (key, rest) = if is_masked { rest.split_at(4) } else { (&[0; 4][..], rest) };
        let is_whole = rest.len() >= len;
        let (payload, rest) = rest.split_at(len.min(rest.len()));
        let payload: Vec<_> = payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        bytes = rest;
        match first & 0x0f {
            8 => items.push(Item::Close(payload)),
            9 => items.push(Item::Ping(payload)),
            10 => items.push(Item::Pong(payload)),
            opcode => {
                assert_eq!(opcode == 0, message_kind.is_some(), "fragments in their order");
                let kind =
                    *message_kind.get_or_insert(if opcode == 1 { MessageKind::Text } else { MessageKind::Binary });
                message.extend(payload);
                if first & 0x80 != 0 && is_whole {
                    items.push(Item::Message(kind, std::mem::take(&mut message)));
                    message_kind = None;
                }
            }
        }
    }
    (items, message)
}

fn message(kind: MessageKind, text: &str) -> Message<'_> {
    match kind {
        MessageKind::Text => Message::Text(text),
        MessageKind::Binary => Message::Binary(text.as_bytes()),
    }
}

/// A connection and its model, to which the same is done.
struct Pair<'m, R> {
    connection: Connection<'m, R>,
    link: Link,
    model: Model,
    received: Vec<Item>,
}

impl<R: Role> Pair<'_, R> {
    /// Compares what came of a call with the reasons against it, and returns whether it was done.
    fn check(&self, call: &Call, came: Result<(), Error>, reasons: &[Misuse]) -> bool {
        match came {
            Ok(()) => assert!(reasons.is_empty(), "{call:?} was done in spite of {reasons:?}"),
            Err(Error::Misuse(misuse)) => assert!(reasons.contains(&misuse), "{call:?}: {misuse:?}, not {reasons:?}"),
            Err(error) => panic!("{call:?}: {error:?}"),
        }
        came.is_ok()
    }

    fn call(&mut self, call: &Call) {
        let Self { connection, link, model, .. } = self;
        if !matches!(call, Call::Put { .. } | Call::FinishFrame) {
            model.reply();
        }
        match call {
            Call::Send { is_queued, kind, text } => {
                let reasons = model.whole_message();
                let (sender, message) = (connection.sender(), message(*kind, text));
                let came = link.drive(if *is_queued { sender.queue(message) } else { sender.send(message) });
                if self.check(call, came.map(Option::unwrap), &reasons) {
                    self.model.sent.push(Item::Message(*kind, text.as_bytes().to_vec()));
                }
            }
            Call::Compose { kind, payload } => {
                let mut reasons = model.whole_message();
                if *kind == MessageKind::Text && str::from_utf8(payload).is_err() {
                    reasons.push(Misuse::TextNotUtf8);
                }
                let came = link.drive(connection.sender().compose(*kind, |composer| composer.push(payload)));
                if self.check(call, came.map(Option::unwrap), &reasons) {
                    self.model.sent.push(Item::Message(*kind, payload.clone()));
                }
            }
            Call::Fragment { kind, payload, last } => {
                model.frame_follows();
                let reasons = model.part(*kind, payload, *last);
                let came = link.drive(connection.sender().fragment(*kind, payload, *last));
                if self.check(call, came.map(Option::unwrap), &reasons) {
                    self.model.take_part(*kind, payload, *last);
                    self.model.has_frame = !last;
                }
            }
            Call::Write { kind, payload } => {
                let reasons = model.part(*kind, payload, false);
                let came = link.drive(connection.sender().writer(*kind).put(payload));
                if self.check(call, came.map(|taken| assert_eq!(taken, Some(payload.len()))), &reasons) {
                    self.model.take_part(*kind, payload, false);
                    *self.model.collected.get_or_insert(0) += payload.len();
                }
            }
            Call::Finish { kind } => {
                let reasons = model.part(*kind, b"", true);
                let came = link.drive(connection.sender().writer(*kind).finish());
                if self.check(call, came.map(Option::unwrap), &reasons) {
                    self.model.take_part(*kind, b"", true);
                }
            }
            Call::Frame { kind, len } => {
                let reasons = model.whole_message();
                let came = connection.sender().frame(*kind, *len).map(|_| ());
                if self.check(call, came, &reasons) {
                    self.model.frame = Some((*kind, Vec::new(), *len));
                }
            }
            Call::Put { payload } => self.put(call, payload),
            Call::FinishFrame => self.finish_frame(call),
            Call::Ping { len } => {
                model.frame_follows();
                let mut reasons: Vec<_> = [model.half_frame(), model.state_forbids()].into_iter().flatten().collect();
                if *len > 125 {
                    reasons.push(Misuse::ControlFrame(ws_core::frame::HeaderError::ControlFrameTooLong));
                }
                let payload = vec![b'p'; *len];
                let came = link.drive(connection.sender().ping(&payload));
                if self.check(call, came.map(Option::unwrap), &reasons) {
                    self.model.sent.push(Item::Ping(payload));
                }
            }
            Call::Close { code, reason_len } => self.close(call, *code, *reason_len),
            Call::Flush => assert_eq!(link.drive(connection.sender().flush()), Ok(Some(()))),
            Call::Peer(peer) => {
                link.incoming.extend(peer.encode(!R::MASKS));
                model.peer.push_back(peer.clone());
                self.poll();
            }
        }
        self.compare_states();
    }

    fn put(&mut self, call: &Call, payload: &[u8]) {
        let writer = self.connection.sender().unfinished_frame();
        assert_eq!(writer.is_some(), self.model.frame.is_some(), "{call:?}");
        let (Some(mut writer), Some((kind, so_far, len))) = (writer, &mut self.model.frame) else { return };
        let fits = payload.len().min(usize::try_from(*len).unwrap() - so_far.len());
        let whole = [so_far, &payload[..fits]].concat();
        let is_valid = is_text_so_far(&whole) && (whole.len() as u64 != *len || str::from_utf8(&whole).is_ok());
        let reasons =
            if *kind == MessageKind::Text && fits > 0 && !is_valid { vec![Misuse::TextNotUtf8] } else { vec![] };
        let came = self.link.drive(writer.put(payload));
        if self.check(call, came.map(|taken| assert_eq!(taken, Some(fits))), &reasons)
            && let Some((kind, so_far, len)) = &mut self.model.frame
            && fits > 0
        {
            *so_far = whole;
            if so_far.len() as u64 == *len {
                self.model.sent.push(Item::Message(*kind, so_far.clone()));
                self.model.frame = None;
            }
        }
    }

    fn finish_frame(&mut self, call: &Call) {
        let Some(mut writer) = self.connection.sender().unfinished_frame() else { return };
        let reasons: Vec<_> = self.model.half_frame().filter(|_| writer.remaining() > 0).into_iter().collect();
        let came = self.link.drive(writer.finish());
        if self.check(call, came.map(Option::unwrap), &reasons) {
            let (kind, payload, _) = self.model.frame.take().unwrap();
            self.model.sent.push(Item::Message(kind, payload));
        }
    }

    fn close(&mut self, call: &Call, code: u16, reason_len: usize) {
        let model = &mut self.model;
        if code == 1000 && reason_len <= 123 {
            model.frame_follows();
        }
        let mut reasons: Vec<_> = model.half_frame().into_iter().collect();
        if matches!(model.state, State::CloseSent | State::Closed) {
            reasons.push(Misuse::Closing);
        }
        if code != 1000 {
            reasons.push(Misuse::CloseCodeNotAllowed(CloseCode::new(code)));
        }
        if reason_len > 123 {
            reasons.push(Misuse::CloseReasonTooLong);
        }
        let reason = "r".repeat(reason_len);
        let came = self.link.drive(self.connection.sender().close(CloseCode::new(code), &reason));
        if self.check(call, came.map(Option::unwrap), &reasons) {
            let model = &mut self.model;
            model.sent.push(Item::Close([&code.to_be_bytes(), reason.as_bytes()].concat()));
            model.state = match model.state {
                State::Open => State::CloseSent,
                _ => State::Closed,
            };
        }
    }

    /// Receives all there is, and compares how that ends.
    fn poll(&mut self) {
        let error = loop {
            match self.link.drive(&mut self.connection) {
                Ok(None | Some(Event::Closed)) => break None,
                Ok(Some(Event::Message(kind))) => {
                    if let Ok(message) = self.connection.received(kind).message {
                        self.received.push(Item::Message(kind, message.payload().to_vec()));
                    }
                }
                Ok(Some(Event::Ping)) => self.received.push(Item::Ping(self.connection.control_payload().to_vec())),
                Ok(Some(Event::Pong)) => self.received.push(Item::Pong(self.connection.control_payload().to_vec())),
                Ok(Some(event)) => panic!("{event:?}"),
                Err(error) => break Some(error),
            }
        };
        assert_eq!(error, self.model.poll());
        assert_eq!(self.received, self.model.received);
    }

    fn compare_states(&self) {
        let expected = match self.model.state {
            State::Open => WebSocketState::Open,
            State::CloseSent => WebSocketState::CloseSent,
            State::CloseReceived => WebSocketState::CloseReceived,
            State::Closed => WebSocketState::Closed,
            State::Failed(violation) => WebSocketState::Failed(violation),
        };
        assert_eq!(self.connection.state(), expected);
    }
}

/// Makes all the calls, and compares what was written in the end.
fn run<R: Role>(connection: Connection<'_, R>, duties: Duties, calls: &[Call]) {
    let mut pair = Pair { connection, link: Link::new(b""), model: Model::new(duties), received: Vec::new() };
    for call in calls.iter().chain([&Call::Flush]) {
        pair.call(call);
    }
    let (items, part) = read_all(&pair.link.take(), R::MASKS);
    assert_eq!(items, pair.model.sent);
    let begun = pair.model.message.map(|(_, payload)| payload);
    let begun = begun.or(pair.model.frame.map(|(_, payload, _)| payload)).unwrap_or_default();
    assert!(begun.starts_with(&part), "{part:?} is no part of {begun:?}");
}

fn kind() -> impl Strategy<Value = MessageKind> {
    prop_oneof![3 => Just(MessageKind::Text), 2 => Just(MessageKind::Binary)]
}

/// Whole characters, parts of some, and what is none.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 9] = [b"a", b"bc", b"\xc3", b"\xa9", b"\xe2\x82", b"\xac", b"\xff", "é€".as_bytes(), b"xyz"];
    prop::sample::select(pieces.map(<[u8]>::to_vec).to_vec())
}

fn peer() -> impl Strategy<Value = Peer> {
    let data = (prop::option::of(kind()), piece(), any::<bool>());
    prop_oneof![
        6 => data.prop_map(|(first, payload, fin)| Peer::Data { first, payload, fin }),
        6 => piece().prop_map(Peer::Ping),
        2 => Just(Peer::Pong),
        1 => prop::sample::select(vec![b"".to_vec(), b"\x03\xe8".to_vec(), b"\x03\xe9bye".to_vec(), b"\x03".to_vec()])
            .prop_map(Peer::Close),
        1 => Just(Peer::Reserved),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let text = prop::sample::select(vec!["", "a", "é€", "hello"]).prop_map(str::to_owned);
    let close = (prop::sample::select(vec![1000, 1000, 1000, 1005, 999]), prop::sample::select(vec![0, 3, 123, 124]));
    prop_oneof![
        4 => (any::<bool>(), kind(), text).prop_map(|(is_queued, kind, text)| Call::Send { is_queued, kind, text }),
        2 => (kind(), piece()).prop_map(|(kind, payload)| Call::Compose { kind, payload }),
        5 => (kind(), piece(), any::<bool>()).prop_map(|(kind, payload, last)| Call::Fragment { kind, payload, last }),
        5 => (kind(), piece()).prop_map(|(kind, payload)| Call::Write { kind, payload }),
        3 => kind().prop_map(|kind| Call::Finish { kind }),
        3 => (kind(), 0..6_u64).prop_map(|(kind, len)| Call::Frame { kind, len }),
        8 => piece().prop_map(|payload| Call::Put { payload }),
        2 => Just(Call::FinishFrame),
        3 => prop::sample::select(vec![0, 4, 125, 126]).prop_map(|len| Call::Ping { len }),
        1 => close.prop_map(|(code, reason_len)| Call::Close { code, reason_len }),
        2 => Just(Call::Flush),
        8 => peer().prop_map(Call::Peer),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_call_does_what_the_model_says(
        calls in prop::collection::vec(call(), 0..60),
        [pong, close_reply, fail, is_client] in any::<[bool; 4]>(),
    ) {
        let duties = Duties { pong, close_reply, fail };
        let config = Config { duties, ..DEFAULT };
        let mut memory = Memory::new(1024, 4096);
        if is_client {
            run(Connection::client(MaskingKeyFn(|| [1, 2, 3, 4]), memory.buffers(), &config), duties, &calls);
        } else {
            run(Connection::server(memory.buffers(), &config), duties, &calls);
        }
    }
}
