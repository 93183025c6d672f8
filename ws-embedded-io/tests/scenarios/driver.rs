//! Plays dialogues: opens a connection over a script, makes the calls, keeps what they come to. Every dialogue in which nothing
//! fails is played a second time with each I/O call interrupted, and has to end in the same way, with the same bytes.

use std::{cell::RefCell, rc::Rc};

use ws_core::{Accepting, Connecting};

use super::{
    dialogue::{Call, Dialogue, Notes, Outcome, Record, ScriptError},
    script::{Fault, Script},
    side::{Masks, Side, masks},
};
use crate::adapter::{
    Arrived, Buffers, Chunk, Client, ClientRequest, Clock, CloseCode, ClosePayload, Config, Decision, Delivery, Event,
    Message, MessageKind, ReceiveHalf, ReplySlot, Role, Sender, Server, TransmitHalf, WebSocket, attempt, drive,
    io::Write, time::Deadline,
};

pub(crate) const ACCEPT: Decision<'static> = Decision::Accept { sub_protocol: None, headers: &[] };

/// How many attempts a call may take before it is taken to go on for ever.
const ATTEMPTS: usize = 1_000_000;

/// What happens when an I/O call is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// The adapter's call goes on.
    Patient,
    /// It is given up, and made again.
    Impatient,
}

/// One end of a script that was split.
pub(crate) struct End<'s>(pub(crate) Rc<RefCell<&'s mut Script>>);

/// Buffers that last for ever and hold what no test expects.
pub(crate) fn buffers(receive: usize, transmit: usize) -> Buffers<'static> {
    Buffers { receive: memory(receive), transmit: memory(transmit), control: Box::leak(Box::new([0xa5; 125])) }
}

pub(crate) fn memory(len: usize) -> &'static mut [u8] {
    Box::leak(vec![0xa5; len].into_boxed_slice())
}

/// Repeats what is given up.
pub(crate) fn insist<T>(mut call: impl FnMut() -> Option<T>) -> T {
    (0..ATTEMPTS).find_map(|_| call()).expect("the call comes to an end")
}

/// Plays a dialogue; its record begins behind the opening handshake.
pub(crate) fn play(dialogue: &Dialogue<'_>) -> Record {
    let record = play_once(dialogue, Patience::Patient);
    let is_sound = !dialogue.calls.iter().any(|call| matches!(call, Call::EndWrites(..)));
    if is_sound && dialogue.script.is_sound() {
        let interrupted = play_once(dialogue, Patience::Impatient);
        assert_eq!(interrupted.outcomes, record.outcomes, "interrupted, it comes to the same");
        assert!(interrupted.script.written() == record.script.written(), "interrupted, it sends the same");
        assert_eq!(interrupted.state, record.state);
    }
    record
}

pub(crate) fn play_once(dialogue: &Dialogue<'_>, patience: Patience) -> Record {
    let mut script = dialogue.script.clone();
    script.interrupts = patience == Patience::Impatient;
    let mut clock = Clock { now: dialogue.now };
    let (notes, state) = match dialogue.side {
        Side::Server => {
            let mut websocket = server(&mut script, dialogue, patience);
            websocket.transport_mut().calls.clear();
            converse(websocket, dialogue, &mut clock, patience)
        }
        Side::Client => {
            let mut websocket = client(&mut script, dialogue, patience);
            websocket.transport_mut().calls.clear();
            converse(websocket, dialogue, &mut clock, patience)
        }
    };
    Record::new(script, notes, state, clock.now)
}

fn server<'s>(
    script: &'s mut Script,
    dialogue: &Dialogue<'_>,
    patience: Patience,
) -> WebSocket<'static, &'s mut Script, Server> {
    let config: &Config = Box::leak(Box::new(dialogue.config));
    let buffers = buffers(dialogue.receive, dialogue.transmit);
    if patience == Patience::Patient {
        let accepted = WebSocket::accept(script, memory(1024), buffers, config, |_, _| ACCEPT);
        return attempt(patience, accepted).unwrap().unwrap().unwrap();
    }
    let mut accepting = Accepting::new(memory(1024), buffers, config);
    insist(|| attempt(patience, drive(&mut accepting, script))).unwrap();
    accepting.accept(None, &[]).map(|_| ()).unwrap();
    insist(|| attempt(patience, drive(accepting.answering(&[]), script))).unwrap();
    WebSocket::new(script, accepting.into_connection().unwrap())
}

fn client<'s>(
    script: &'s mut Script,
    dialogue: &Dialogue<'_>,
    patience: Patience,
) -> WebSocket<'static, &'s mut Script, Client<Masks>> {
    let config: &Config = Box::leak(Box::new(dialogue.config));
    let buffers = buffers(dialogue.receive, dialogue.transmit);
    let request = ClientRequest::new("device.local", "/chat");
    if patience == Patience::Patient {
        let connected = WebSocket::connect(script, masks(), &request, memory(1024), buffers, config);
        return attempt(patience, connected).unwrap().unwrap().websocket;
    }
    let mut connecting = Connecting::new(&request, masks(), memory(1024), buffers, config).unwrap();
    insist(|| attempt(patience, drive(&mut connecting, script))).unwrap();
    WebSocket::new(script, connecting.into_connection().unwrap())
}

fn converse<R: Role>(
    mut websocket: WebSocket<'static, &mut Script, R>,
    dialogue: &Dialogue<'_>,
    clock: &mut Clock,
    patience: Patience,
) -> (Notes, crate::adapter::WebSocketState) {
    let mut notes = Notes::default();
    if dialogue.split {
        let slot = ReplySlot::new();
        let (receiving, transmitting) = websocket.split(&slot, |script| {
            let script = Rc::new(RefCell::new(script));
            (End(script.clone()), End(script))
        });
        let mut halves = Halves { receiving, transmitting };
        for call in dialogue.calls {
            halves.make(*call, patience, &mut notes);
        }
        return (notes, halves.transmitting.state());
    }
    let keepalive = dialogue.keepalive.clone();
    let pieces = Pieces::default();
    let mut talk = Talk { websocket: &mut websocket, clock, dialogue, keepalive, patience, pieces };
    for call in dialogue.calls {
        talk.make(*call, &mut notes);
    }
    (notes, websocket.state())
}

/// An application with a WebSocket.
struct Talk<'t, 's, R> {
    websocket: &'t mut WebSocket<'static, &'s mut Script, R>,
    clock: &'t mut Clock,
    dialogue: &'t Dialogue<'t>,
    keepalive: crate::adapter::time::Keepalive,
    patience: Patience,
    pieces: Pieces,
}

impl<R: Role> Talk<'_, '_, R> {
    fn make(&mut self, call: Call<'_>, notes: &mut Notes) {
        match call {
            Call::EndWrites(len, end) => self.websocket.transport_mut().end_writes_after(len, end),
            Call::MendWrites => self.websocket.transport_mut().mend_writes(),
            Call::BreakSilence => self.websocket.transport_mut().break_silence(),
            Call::RecvAll | Call::RecvAllChunks | Call::AllEvents => loop {
                let outcome = match call {
                    Call::RecvAll => self.receive(Call::Recv),
                    Call::RecvAllChunks => self.receive(Call::RecvChunk).and_then(|chunk| self.pieces.put(chunk)),
                    _ => self.receive(Call::NextEvent(Delivery::Messages)),
                };
                if note(outcome, notes, self.websocket.transport_mut()) {
                    return;
                }
            },
            Call::EchoAllChunks => loop {
                let Some(outcome) = self.receive(Call::RecvChunk) else { continue };
                if let Outcome::Chunk { kind, last, payload, .. } = outcome {
                    let sent = transmit(self.websocket, Call::Fragment(kind, &payload, last), self.patience);
                    assert_eq!(sent, Outcome::Done);
                } else if note(Some(outcome), notes, self.websocket.transport_mut()) {
                    return;
                }
            },
            Call::Echo => {
                let outcome = self.echo();
                note(Some(self.with_peer_close(outcome)), notes, self.websocket.transport_mut());
            }
            _ => {
                let outcome = self.receive(call).unwrap_or_else(|| transmit(self.websocket, call, self.patience));
                note(Some(outcome), notes, self.websocket.transport_mut());
            }
        }
    }

    /// Makes a call that needs the whole WebSocket.
    fn receive(&mut self, call: Call<'_>) -> Option<Outcome> {
        let Self { websocket, clock, keepalive, patience, .. } = self;
        let patience = *patience;
        let outcome = match call {
            Call::Recv => insist(|| {
                let result = attempt(patience, websocket.recv())?;
                Some(received(result.map(|incoming| incoming.map(|incoming| incoming.message))))
            }),
            Call::RecvChunk => insist(|| Some(received(attempt(patience, websocket.recv_chunk())?))),
            Call::RecvAlive => insist(|| {
                let result = attempt(patience, websocket.recv_alive(keepalive, *clock))?;
                Some(received(result.map(|incoming| incoming.map(|incoming| incoming.message))))
            }),
            Call::RecvChunkAlive => {
                insist(|| Some(received(attempt(patience, websocket.recv_chunk_alive(keepalive, *clock))?)))
            }
            Call::Peek => insist(|| Some(received(attempt(patience, websocket.peek())?))),
            Call::TryRecv => insist(|| {
                let result = attempt(patience, websocket.try_recv())?;
                Some(tried(result.map(|poll| poll.map(|incoming| incoming.map(|incoming| incoming.message)))))
            }),
            Call::TryRecvChunk => insist(|| Some(tried(attempt(patience, websocket.try_recv_chunk())?))),
            Call::NextEvent(delivery) => {
                websocket.connection_mut().deliver(delivery);
                match insist(|| attempt(patience, websocket.next_event())) {
                    Ok(Event::Message(kind)) => message(websocket.connection_mut().received(kind).message.unwrap()),
                    Ok(Event::Ping) => Outcome::Ping(websocket.connection_mut().control_payload().to_vec()),
                    Ok(Event::Pong) => Outcome::Pong(websocket.connection_mut().control_payload().to_vec()),
                    Ok(Event::Closed) => Outcome::Closed(None),
                    Ok(event) => Outcome::Event(event),
                    Err(error) => Outcome::Failed(error),
                }
            }
            Call::Close(code, reason) => done(insist(|| attempt(patience, websocket.close(code, reason)))),
            Call::CloseUntil(code, reason, milliseconds) => {
                let deadline = Deadline::after(self.dialogue.now, milliseconds);
                done(insist(|| attempt(patience, websocket.close_until(code, reason, *clock, deadline))))
            }
            _ => return None,
        };
        Some(self.with_peer_close(outcome))
    }

    fn echo(&mut self) -> Outcome {
        let Self { websocket, patience, .. } = self;
        let patience = *patience;
        let mut begun: Option<Outcome> = None;
        insist(|| match &begun {
            None => match attempt(patience, websocket.recv())? {
                Ok(Some(mut incoming)) => {
                    let echo = message(incoming.message);
                    begun = Some(echo.clone());
                    let sent = attempt(patience, incoming.reply(incoming.message))?;
                    Some(sent.map_or_else(Outcome::Failed, |()| echo))
                }
                other => Some(received(other.map(|_| None::<Message<'_>>))),
            },
            Some(echo) => {
                let message = match echo {
                    Outcome::Text(text) => Message::Text(text),
                    Outcome::Binary(bytes) => Message::Binary(bytes),
                    _ => unreachable!("it is a message"),
                };
                let sent = attempt(patience, websocket.sender().resume(message))?;
                Some(sent.map_or_else(Outcome::Failed, |()| echo.clone()))
            }
        })
    }

    fn with_peer_close(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Closed(_) => Outcome::Closed(self.websocket.peer_close().map(close)),
            outcome => outcome,
        }
    }
}

/// An application with two halves.
struct Halves<'s, 'x, R> {
    receiving: ReceiveHalf<'static, 's, End<'x>, R>,
    transmitting: TransmitHalf<'static, 's, End<'x>, R>,
}

impl<R: Role> Halves<'_, '_, R> {
    fn make(&mut self, call: Call<'_>, patience: Patience, notes: &mut Notes) {
        let mut pieces = Pieces::default();
        let outcome = match call {
            Call::RecvAll | Call::RecvAllChunks => loop {
                let one = if let Call::RecvAll = call { Call::Recv } else { Call::RecvChunk };
                let outcome = self.receive(one, patience).and_then(|chunk| pieces.put(chunk));
                if let Some(Outcome::ReplyDue | Outcome::Failed(_)) = outcome {
                    insist(|| attempt(patience, self.transmitting.reply())).unwrap();
                }
                if outcome != Some(Outcome::ReplyDue)
                    && note(outcome, notes, *self.transmitting.transport_mut().0.borrow_mut())
                {
                    return;
                }
            },
            Call::Flush => done(insist(|| attempt(patience, self.transmitting.reply()))),
            // The transmit half's own way leaves the news for the other half.
            Call::SendClose(code, reason) => match attempt(patience, self.transmitting.close(code, reason)) {
                Some(result) => done(result),
                None => done(insist(|| attempt(patience, self.transmitting.reply()))),
            },
            _ => self.receive(call, patience).unwrap_or_else(|| transmit(&mut self.transmitting, call, patience)),
        };
        note(Some(outcome), notes, *self.transmitting.transport_mut().0.borrow_mut());
    }

    fn receive(&mut self, call: Call<'_>, patience: Patience) -> Option<Outcome> {
        let outcome = match call {
            Call::Recv => insist(|| Some(arrived(attempt(patience, self.receiving.recv())?))),
            Call::RecvChunk => insist(|| Some(arrived(attempt(patience, self.receiving.recv_chunk())?))),
            _ => return None,
        };
        Some(match outcome {
            Outcome::Closed(_) => Outcome::Closed(self.receiving.peer_close().map(close)),
            outcome => outcome,
        })
    }
}

/// What has the right to send.
trait Sends<T, R> {
    fn sender(&mut self) -> Sender<'_, 'static, T, R>;
}

impl<T: Write + crate::adapter::io::Read, R: Role> Sends<T, R> for WebSocket<'static, T, R> {
    fn sender(&mut self) -> Sender<'_, 'static, T, R> {
        WebSocket::sender(self)
    }
}

impl<T: Write, R: Role> Sends<T, R> for TransmitHalf<'static, '_, T, R> {
    fn sender(&mut self) -> Sender<'_, 'static, T, R> {
        TransmitHalf::sender(self)
    }
}

/// Makes a call that sends.
fn transmit<T, R>(endpoint: &mut impl Sends<T, R>, call: Call<'_>, patience: Patience) -> Outcome
where
    T: Write<Error = Fault>,
    R: Role,
{
    let mut begun = false;
    let result = match call {
        Call::Send(message) => insist(|| match std::mem::replace(&mut begun, true) {
            false => attempt(patience, endpoint.sender().send(message)),
            true => attempt(patience, endpoint.sender().resume(message)),
        }),
        Call::Resume(message) => insist(|| attempt(patience, endpoint.sender().resume(message))),
        Call::Queue(message) => insist(|| match std::mem::replace(&mut begun, true) {
            false => attempt(patience, endpoint.sender().queue(message)),
            true => attempt(patience, endpoint.sender().resume(message)),
        }),
        Call::Fragment(kind, payload, last) => insist(|| match std::mem::replace(&mut begun, true) {
            false => attempt(patience, endpoint.sender().fragment(kind, payload, last)),
            true => attempt(patience, endpoint.sender().resume_fragment(kind, payload, last)),
        }),
        Call::ResumeFragment(kind, payload, last) => {
            insist(|| attempt(patience, endpoint.sender().resume_fragment(kind, payload, last)))
        }
        Call::Compose(kind, pieces) => insist(|| {
            if begun {
                return attempt(patience, endpoint.sender().flush());
            }
            attempt(
                patience,
                endpoint.sender().send_with(kind, |composer| {
                    begun = true;
                    for piece in pieces {
                        std::fmt::Write::write_str(composer, piece)?;
                    }
                    Ok(())
                }),
            )
        }),
        Call::ComposeBytes(kind, bytes) => insist(|| {
            if begun {
                return attempt(patience, endpoint.sender().flush());
            }
            attempt(
                patience,
                endpoint.sender().send_with(kind, |composer| {
                    begun = true;
                    composer.push(bytes)
                }),
            )
        }),
        Call::Write(kind, piece) => {
            write_all(piece, |rest| insist(|| attempt(patience, endpoint.sender().writer(kind).write(rest))))
        }
        Call::Format(kind, text, number) => {
            let mut sender = endpoint.sender();
            let mut writer = sender.writer(kind);
            insist(|| attempt(patience, write!(writer, "{text}{number}")))
        }
        Call::Finish(kind) => {
            let mut sender = endpoint.sender();
            let mut writer = sender.writer(kind);
            insist(|| attempt(patience, writer.finish()))
        }
        Call::Frame(kind, len) => endpoint.sender().frame(kind, len).map(drop),
        Call::WriteFrame(piece) => write_all(piece, |rest| {
            insist(|| match endpoint.sender().unfinished_frame() {
                Some(mut frame) => attempt(patience, frame.write(rest)),
                None => Some(Ok(0)),
            })
        }),
        Call::FinishFrame => insist(|| match endpoint.sender().unfinished_frame() {
            Some(mut frame) => attempt(patience, frame.finish()),
            None => attempt(patience, endpoint.sender().flush()),
        }),
        Call::Flush => insist(|| attempt(patience, endpoint.sender().flush())),
        Call::Ping(_) | Call::Pong | Call::SendClose(..) => {
            if patience == Patience::Impatient {
                // With an empty buffer the frame has its place at once, so that it is known to have been begun.
                insist(|| attempt(patience, endpoint.sender().flush())).unwrap();
            }
            let sent = match call {
                Call::Ping(payload) => attempt(patience, endpoint.sender().ping(payload)),
                Call::Pong => attempt(patience, endpoint.sender().pong()),
                _ => {
                    let (code, reason): (CloseCode, &str) =
                        if let Call::SendClose(code, reason) = call { (code, reason) } else { unreachable!() };
                    attempt(patience, endpoint.sender().close(code, reason))
                }
            };
            sent.unwrap_or_else(|| insist(|| attempt(patience, endpoint.sender().flush())))
        }
        call => unreachable!("this endpoint cannot {call:?}"),
    };
    done(result)
}

fn write_all(piece: &[u8], mut write: impl FnMut(&[u8]) -> Result<usize, ScriptError>) -> Result<(), ScriptError> {
    let mut rest = piece;
    while !rest.is_empty() {
        match write(rest)? {
            0 => return Ok(()),
            len => rest = &rest[len..],
        }
    }
    Ok(())
}

/// Keeps an outcome; returns whether it is the end of the connection. A time-out is not kept.
fn note(outcome: Option<Outcome>, notes: &mut Notes, script: &Script) -> bool {
    let Some(outcome) = outcome else { return false };
    let ends = matches!(outcome, Outcome::Closed(_) | Outcome::Failed(_));
    notes.note(outcome, script);
    ends
}

fn done(result: Result<(), ScriptError>) -> Outcome {
    result.map_or_else(Outcome::Failed, |()| Outcome::Done)
}

fn message(message: Message<'_>) -> Outcome {
    match message {
        Message::Text(text) => Outcome::Text(text.to_owned()),
        Message::Binary(bytes) => Outcome::Binary(bytes.to_vec()),
    }
}

fn close(close: ClosePayload<'_>) -> (u16, String) {
    (close.code.get(), close.reason.to_owned())
}

impl From<Message<'_>> for Outcome {
    fn from(received: Message<'_>) -> Self {
        message(received)
    }
}

impl From<Chunk<'_>> for Outcome {
    fn from(Chunk { kind, first, last, frame_len, payload }: Chunk<'_>) -> Self {
        Self::Chunk { kind, first, last, frame_len, payload: payload.to_vec() }
    }
}

impl<T, R> From<crate::adapter::IncomingChunk<'_, '_, T, R>> for Outcome {
    fn from(received: crate::adapter::IncomingChunk<'_, '_, T, R>) -> Self {
        received.chunk.into()
    }
}

impl From<crate::adapter::Announced> for Outcome {
    fn from(announced: crate::adapter::Announced) -> Self {
        Self::Announced(announced)
    }
}

fn received(result: Result<Option<impl Into<Outcome>>, ScriptError>) -> Outcome {
    match result {
        Ok(Some(received)) => received.into(),
        Ok(None) => Outcome::Closed(None),
        Err(error) => Outcome::Failed(error),
    }
}

fn tried(result: Result<std::task::Poll<Option<impl Into<Outcome>>>, ScriptError>) -> Outcome {
    match result {
        Ok(std::task::Poll::Ready(ready)) => received(Ok(ready)),
        Ok(std::task::Poll::Pending) => Outcome::Nothing,
        Err(error) => Outcome::Failed(error),
    }
}

fn arrived(result: Result<Arrived<impl Into<Outcome>>, ScriptError>) -> Outcome {
    match result {
        Ok(Arrived::Data(data)) => data.into(),
        Ok(Arrived::ReplyDue) => Outcome::ReplyDue,
        Ok(Arrived::Closed) => Outcome::Closed(None),
        Err(error) => Outcome::Failed(error),
    }
}

/// The chunks of a message.
#[derive(Default)]
struct Pieces {
    kind: Option<MessageKind>,
    payload: Vec<u8>,
}

impl Pieces {
    /// Puts a chunk behind the others, and returns the message if it is whole; or whatever is no chunk.
    fn put(&mut self, outcome: Outcome) -> Option<Outcome> {
        let Outcome::Chunk { kind, first, last, payload, .. } = outcome else { return Some(outcome) };
        assert_eq!(first, self.kind.is_none(), "`first` is right");
        assert!(self.kind.is_none_or(|begun| begun == kind), "`kind` is that of the message");
        self.kind = (!last).then_some(kind);
        self.payload.extend(payload);
        if !last {
            return None;
        }
        let payload = std::mem::take(&mut self.payload);
        Some(match kind {
            MessageKind::Text => Outcome::Text(String::from_utf8(payload).unwrap()),
            MessageKind::Binary => Outcome::Binary(payload),
        })
    }
}
