//! A dialogue as data: what the peer has, what the application calls, and what each call comes to.

use ws_core::{Config, Event, time::Keepalive};

use super::{
    script::{Fault, Moved, Script, WriteEnd, written},
    side::{Side, unmasked},
};
use crate::adapter::{Announced, CloseCode, Delivery, Error, Message, MessageKind, WebSocketState};

pub(crate) type ScriptError = Error<Fault>;

/// What the application calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call<'c> {
    Recv,
    RecvChunk,
    Peek,
    TryRecv,
    TryRecvChunk,
    NextEvent(Delivery),
    RecvAlive,
    RecvChunkAlive,
    /// `recv`, and the message back as it lies there.
    Echo,
    /// `recv` until the connection ends; what fails with a time-out is repeated.
    RecvAll,
    /// Likewise `recv_chunk`, with the chunks of a message put together.
    RecvAllChunks,
    /// Likewise `next_event`, as whole messages.
    AllEvents,
    /// `recv_chunk` until the connection ends, and each chunk back as a fragment.
    EchoAllChunks,
    Send(Message<'c>),
    Resume(Message<'c>),
    Queue(Message<'c>),
    Fragment(MessageKind, &'c [u8], bool),
    ResumeFragment(MessageKind, &'c [u8], bool),
    /// `send_with`, of text in pieces.
    Compose(MessageKind, &'c [&'c str]),
    /// `send_with`, of bytes.
    ComposeBytes(MessageKind, &'c [u8]),
    /// A piece, with a writer that is dropped afterwards.
    Write(MessageKind, &'c [u8]),
    /// `write!`, of both.
    Format(MessageKind, &'c str, u64),
    Finish(MessageKind),
    Frame(MessageKind, u64),
    /// A piece of the frame that was begun.
    WriteFrame(&'c [u8]),
    FinishFrame,
    Flush,
    Ping(&'c [u8]),
    Pong,
    /// A Close frame, without waiting for the peer's.
    SendClose(CloseCode, &'c str),
    Close(CloseCode, &'c str),
    /// With a deadline in so many milliseconds.
    CloseUntil(CloseCode, &'c str, u32),
    /// No call: the transport takes so many more bytes and then no others.
    EndWrites(usize, WriteEnd),
    /// No call: the transport takes everything again.
    MendWrites,
    /// No call: the peer breaks its silence.
    BreakSilence,
}

/// What a call comes to, to be kept and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Text(String),
    Binary(Vec<u8>),
    Chunk {
        kind: MessageKind,
        first: bool,
        last: bool,
        frame_len: u64,
        payload: Vec<u8>,
    },
    Announced(Announced),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// What a half tells of.
    ReplyDue,
    /// Nothing has arrived.
    Nothing,
    /// With what the peer's Close frame said.
    Closed(Option<(u16, String)>),
    /// An event whose payload is of no matter here.
    Event(Event),
    Failed(ScriptError),
}

pub(crate) fn text(text: &str) -> Outcome {
    Outcome::Text(text.to_owned())
}

pub(crate) fn binary(bytes: &[u8]) -> Outcome {
    Outcome::Binary(bytes.to_vec())
}

pub(crate) fn closed(code: u16, reason: &str) -> Outcome {
    Outcome::Closed(Some((code, reason.to_owned())))
}

pub(crate) fn failed(error: impl Into<ScriptError>) -> Outcome {
    Outcome::Failed(error.into())
}

/// What is to be played.
#[derive(Clone, Debug)]
pub(crate) struct Dialogue<'c> {
    pub(crate) side: Side,
    pub(crate) script: Script,
    /// The lengths of the buffers.
    pub(crate) receive: usize,
    pub(crate) transmit: usize,
    pub(crate) config: Config,
    /// Whether the application has two halves: one receives, the other makes all other calls.
    pub(crate) split: bool,
    pub(crate) keepalive: Keepalive,
    /// When the clock begins.
    pub(crate) now: u32,
    pub(crate) calls: &'c [Call<'c>],
}

impl<'c> Dialogue<'c> {
    pub(crate) fn new(side: Side, script: Script, calls: &'c [Call<'c>]) -> Self {
        Self {
            side,
            script,
            receive: 1024,
            transmit: 512,
            config: Config::DEFAULT,
            split: false,
            keepalive: Keepalive::new(0, 0, 0),
            now: 0,
            calls,
        }
    }
}

/// What has become of a dialogue.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// What each call has come to, and how much the transport was asked to do by then.
    pub(crate) outcomes: Vec<Outcome>,
    marks: Vec<usize>,
    pub(crate) script: Script,
    pub(crate) state: WebSocketState,
    /// How late it is.
    pub(crate) now: u32,
}

impl Record {
    pub(crate) fn new(script: Script, notes: Notes, state: WebSocketState, now: u32) -> Self {
        let Notes { outcomes, marks } = notes;
        Self { outcomes, marks, script, state, now }
    }

    /// The frames that were written.
    pub(crate) fn frames(&self) -> Vec<(u8, Vec<u8>)> {
        unmasked(&self.script.written())
    }

    /// What the transport was asked to do until the outcome with this number.
    pub(crate) fn until(&self, outcome: usize) -> &[Moved] {
        &self.script.calls[..self.marks[outcome]]
    }

    /// The frames that were written until the outcome with this number.
    pub(crate) fn frames_until(&self, outcome: usize) -> Vec<(u8, Vec<u8>)> {
        unmasked(&written(self.until(outcome)))
    }
}

/// The outcomes so far.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) outcomes: Vec<Outcome>,
    marks: Vec<usize>,
}

impl Notes {
    pub(crate) fn note(&mut self, outcome: Outcome, script: &Script) {
        self.outcomes.push(outcome);
        self.marks.push(script.calls.len());
    }
}
