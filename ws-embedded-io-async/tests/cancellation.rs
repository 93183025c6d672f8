//! Two WebSockets that are joined, and futures that are dropped at random: no byte is lost or repeated. That the bytes are those
//! of an undisturbed dialogue, the scenarios show, which are played with each future dropped at every poll.

use std::{
    cell::RefCell,
    collections::VecDeque,
    convert::Infallible,
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use embedded_io_async::{ErrorType, Read, ReadReady, Write};
use ws_embedded_io_async::{
    Buffers, CloseCode, Config, Connection, MaskingKeyFn, Message, MessageKind, Role, WebSocket, WebSocketState,
};

const MESSAGES: usize = 1_500;
const CANCELLATIONS: usize = 10_000;
/// The most bytes that the transport moves at once.
const LONGEST: usize = 80;

/// Numbers that look random, and are the same each time.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

type Bytes = Rc<RefCell<VecDeque<u8>>>;

/// One end of a wire, at which each call may have to wait.
struct Wire {
    incoming: Bytes,
    outgoing: Bytes,
    random: Random,
}

impl Wire {
    /// Waits a while now and then.
    async fn wait(&mut self) {
        poll_fn(|_| if self.random.below(3) == 0 { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

impl ErrorType for Wire {
    type Error = Infallible;
}

impl ReadReady for Wire {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.incoming.borrow().is_empty())
    }
}

impl Read for Wire {
    async fn read(&mut self, space: &mut [u8]) -> Result<usize, Infallible> {
        self.wait().await;
        poll_fn(|_| if self.incoming.borrow().is_empty() { Poll::Pending } else { Poll::Ready(()) }).await;
        let mut incoming = self.incoming.borrow_mut();
        let len = space.len().min(incoming.len()).min(1 + self.random.below(LONGEST));
        for (space, byte) in space.iter_mut().zip(incoming.drain(..len)) {
            *space = byte;
        }
        Ok(len)
    }
}

impl Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.wait().await;
        let len = bytes.len().min(1 + self.random.below(LONGEST));
        self.outgoing.borrow_mut().extend(&bytes[..len]);
        Ok(len)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        self.wait().await;
        Ok(())
    }
}

/// What has been done of the message that is being sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// How many of its parts were sent.
    parts: usize,
    /// Whether the next part was begun.
    begun: bool,
    /// How many bytes of that were taken.
    taken: usize,
}

/// One WebSocket, what it is to send and what it has received.
struct Endpoint<R> {
    websocket: WebSocket<'static, Wire, R>,
    sent: usize,
    progress: Progress,
    received: Vec<(MessageKind, Vec<u8>)>,
    random: Random,
    cancelled: usize,
    closed: bool,
}

/// The message with this number: each way to send has messages of all lengths.
fn message(number: usize) -> (MessageKind, Vec<u8>) {
    let text = format!("message {number}: °C").into_bytes();
    let payload: Vec<u8> = text.iter().copied().cycle().take(text.len() * (1 + number * 7 % 23)).collect();
    let kind = if number.is_multiple_of(3) { MessageKind::Binary } else { MessageKind::Text };
    (kind, payload)
}

fn borrowed((kind, payload): &(MessageKind, Vec<u8>)) -> Message<'_> {
    match kind {
        MessageKind::Text => Message::Text(std::str::from_utf8(payload).unwrap()),
        MessageKind::Binary => Message::Binary(payload),
    }
}

/// Polls a future up to so many times, and drops it if it is not ready then.
fn attempt<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

impl<R: Role> Endpoint<R> {
    fn new(connection: Connection<'static, R>, incoming: &Bytes, outgoing: &Bytes, seed: u64) -> Self {
        let wire = Wire { incoming: incoming.clone(), outgoing: outgoing.clone(), random: Random(seed) };
        Self {
            websocket: WebSocket::new(wire, connection),
            sent: 0,
            progress: Progress::default(),
            received: Vec::new(),
            random: Random(seed ^ 0x5a5a),
            cancelled: 0,
            closed: false,
        }
    }

    fn is_done(&self) -> bool {
        self.sent == MESSAGES && self.received.len() == MESSAGES
    }

    /// Does something, and drops it after some polls.
    fn step(&mut self) {
        let polls = 1 + self.random.below(6);
        let completed = match self.random.below(8) {
            0..3 => self.receive(polls),
            3 => self.try_receive(polls),
            4 => attempt(self.websocket.sender().flush(), polls).map(|result| result.unwrap()),
            5 if self.websocket.sender().unfinished_frame().is_none() => {
                attempt(self.websocket.ping(b"ping"), polls).map(|result| result.unwrap())
            }
            _ if self.sent < MESSAGES => self.send(polls),
            _ => Some(()),
        };
        self.cancelled += usize::from(completed.is_none());
    }

    fn receive(&mut self, polls: usize) -> Option<()> {
        // Inside a half-sent frame of ours, a Ping cannot be answered.
        let incoming = attempt(self.websocket.recv(), polls)?.ok()??;
        self.received.push((incoming.message.kind(), incoming.message.payload().to_vec()));
        Some(())
    }

    fn try_receive(&mut self, polls: usize) -> Option<()> {
        if let Poll::Ready(Some(incoming)) = attempt(self.websocket.try_recv(), polls)?.ok()? {
            self.received.push((incoming.message.kind(), incoming.message.payload().to_vec()));
        }
        Some(())
    }

    /// Sends the next part of the next message.
    fn send(&mut self, polls: usize) -> Option<()> {
        let whole = message(self.sent);
        let (kind, payload) = (whole.0, &whole.1);
        let (first, second) = payload.split_at(payload.len() / 3);
        let Progress { parts, begun, taken } = self.progress;
        let piece = if parts == 0 { first } else { second };
        self.progress.begun = true;
        let mut sender = self.websocket.sender();
        let (result, all_parts) = match self.sent % 6 {
            0 if begun => (attempt(sender.resume(borrowed(&whole)), polls), 1),
            0 => (attempt(sender.send(borrowed(&whole)), polls), 1),
            1 if begun => (attempt(sender.resume(borrowed(&whole)), polls), 1),
            1 => (attempt(sender.queue(borrowed(&whole)), polls), 1),
            2 if begun => (attempt(sender.resume_fragment(kind, piece, parts == 1), polls), 2),
            2 => (attempt(sender.fragment(kind, piece, parts == 1), polls), 2),
            3 => {
                // What was composed is in the buffer, and leaves.
                let mut composed = taken > 0;
                let result = if composed {
                    attempt(sender.flush(), polls)
                } else {
                    let compose = |composer: &mut ws_embedded_io_async::Composer<'_>| {
                        composed = true;
                        composer.push(payload)
                    };
                    attempt(sender.send_with(kind, compose), polls)
                };
                self.progress.taken = usize::from(composed);
                (result, 1)
            }
            4 if parts < 2 => {
                let written = attempt(sender.writer(kind).write(&piece[taken..]), polls)?.unwrap();
                self.progress.taken += written;
                let is_whole = self.progress.taken == piece.len();
                (is_whole.then_some(Ok(())), 3)
            }
            // A writer that was dropped: whether it had ended the message, the connection knows.
            4 if sender.unfinished_message().is_some() => (attempt(sender.writer(kind).finish(), polls), 3),
            4 => (attempt(sender.flush(), polls), 3),
            _ => {
                let mut frame = match sender.unfinished_frame() {
                    Some(frame) => frame,
                    None => sender.frame(kind, payload.len() as u64).unwrap(),
                };
                let sent = payload.len() - usize::try_from(frame.remaining()).unwrap();
                let written = attempt(frame.write(&payload[sent..]), polls)?.unwrap();
                ((sent + written == payload.len()).then_some(Ok(())), 1)
            }
        };
        result?.unwrap();
        self.progress = Progress { parts: parts + 1, ..Progress::default() };
        if self.progress.parts == all_parts {
            self.progress = Progress::default();
            self.sent += 1;
        }
        Some(())
    }

    /// Closes the connection, or receives until it is closed.
    fn close(&mut self, begins: bool) {
        let polls = 1 + self.random.below(6);
        let closed = if begins {
            attempt(self.websocket.close(CloseCode::NORMAL_CLOSURE, "done"), polls).map(|result| result.unwrap())
        } else {
            attempt(self.websocket.recv(), polls).map(|result| assert!(result.unwrap().is_none()))
        };
        self.closed |= closed.is_some();
    }
}

fn buffers(receive: usize, transmit: usize) -> Buffers<'static> {
    let buffer = |len| Box::leak(vec![0xa5; len].into_boxed_slice());
    Buffers { receive: buffer(receive), transmit: buffer(transmit), control: Box::leak(Box::new([0xa5; 125])) }
}

#[test]
fn ten_thousand_futures_are_dropped_and_nothing_is_lost() {
    let (up, down) = (Bytes::default(), Bytes::default());
    let mut key = 0_u32;
    let masking_keys = MaskingKeyFn(move || {
        key = key.wrapping_add(0x9e37_79b9);
        key.to_be_bytes()
    });
    let config = &Config::DEFAULT;
    let server = Connection::server(buffers(700, 640), config);
    let client = Connection::client(masking_keys, buffers(700, 640), config);
    let mut server = Endpoint::new(server, &up, &down, 1);
    let mut client = Endpoint::new(client, &down, &up, 2);
    while !(server.is_done() && client.is_done()) {
        server.step();
        client.step();
    }
    let expected: Vec<_> = (0..MESSAGES).map(message).collect();
    assert!(server.received == expected && client.received == expected);
    while !(server.closed && client.closed) {
        client.close(true);
        server.close(false);
    }
    assert_eq!(client.websocket.state(), WebSocketState::Closed);
    assert_eq!(server.websocket.peer_close().unwrap().reason, "done");
    let cancelled = server.cancelled + client.cancelled;
    assert!(cancelled >= CANCELLATIONS, "{cancelled}");
}
