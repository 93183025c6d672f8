//! An open WebSocket on which the client performs its actions.

use std::{
    collections::VecDeque,
    io::{self, BufReader},
    mem,
    time::{Duration, Instant},
};

use anyhow::{anyhow, bail};
use embedded_io_adapters::std::FromStd;
use examples::{Echo, Progress, close_in_words, printable, say, summary};
use rand::rngs::ThreadRng;
use ws_embedded_io::{
    Client, CloseCode, Delivery, Event, Message, MessageKind, WebSocket, WebSocketState, ws_core::ChunkInfo,
};

use crate::{
    action::Action,
    socket::{Socket, Wait},
};

type Error = ws_embedded_io::Error<io::Error>;

/// How long the server may take to answer the Close frame of a client that was stopped or disappointed.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) struct Session<'b> {
    websocket: WebSocket<'b, FromStd<Socket>, Client<ThreadRng>>,
    /// The length of the receive buffer in bytes.
    receive_len: usize,
    timeout: Duration,
    /// The beginning of the message that is being received, if it has begun.
    begun: Option<Vec<u8>>,
    /// The messages that came while something else was awaited, oldest first.
    kept: VecDeque<Received>,
}

/// A message that was received.
struct Received {
    kind: MessageKind,
    payload: Vec<u8>,
}

/// What comes from the server.
enum Incoming {
    Message(Received),
    Pong,
    Closed,
}

impl<'b> Session<'b> {
    /// `receive_len` is the length of the receive buffer in bytes.
    pub(crate) fn new(
        websocket: WebSocket<'b, FromStd<Socket>, Client<ThreadRng>>,
        receive_len: usize,
        timeout: Duration,
    ) -> Self {
        Self { websocket, receive_len, timeout, begun: None, kept: VecDeque::new() }
    }

    /// Performs the actions in order, then closes.
    pub(crate) fn perform(mut self, actions: &[Action]) -> anyhow::Result<()> {
        let closes = |action: &Action| matches!(action, Action::Close { .. } | Action::Echo | Action::ExpectClose);
        let close = Action::Close { code: CloseCode::NORMAL_CLOSURE, reason: String::new() };
        let last = if actions.iter().any(closes) { None } else { Some(&close) };
        actions.iter().chain(last).try_for_each(|action| self.act(action)).map_err(|error| self.say_goodbye(error))
    }

    fn act(&mut self, action: &Action) -> anyhow::Result<()> {
        match action {
            Action::Text(text) => self.echo(Message::Text(text), None),
            Action::Binary(payload) => self.echo(Message::Binary(payload), None),
            Action::Fragments { payload, piece_len } => self.echo(Message::Binary(payload), Some(*piece_len)),
            Action::Ping(text) => self.ping(text),
            Action::Wait => {
                let Received { kind, payload } = self.receive()?;
                say!("received {}", summary(kind, &payload));
                Ok(())
            }
            Action::Lines => self.lines(),
            Action::Echo => self.send_back(),
            Action::ExpectClose => self.expect_close(),
            Action::Close { code, reason } => Ok(self.close(*code, reason, self.timeout)?),
        }
    }

    /// Sends a message, in one frame or in fragments, and compares what comes back.
    fn echo(&mut self, message: Message<'_>, piece_len: Option<usize>) -> anyhow::Result<()> {
        let (kind, payload) = (message.kind(), message.payload());
        self.wait_for(Wait::Silence);
        match piece_len {
            None => self.websocket.send(message)?,
            Some(piece_len) => self.send_fragments(kind, payload, piece_len)?,
        }
        say!("sent {}", summary(kind, payload));
        let received = self.receive()?;
        let same = received.kind == kind && received.payload == payload;
        let comparison = if same { "same as sent" } else { "differs from what was sent" };
        say!("received {} ({comparison})", summary(received.kind, &received.payload));
        if !same {
            bail!("the echo differs from what was sent");
        }
        Ok(())
    }

    fn send_fragments(&mut self, kind: MessageKind, payload: &[u8], piece_len: usize) -> Result<(), Error> {
        let mut rest = payload;
        loop {
            let (piece, after) = rest.split_at(piece_len.min(rest.len()));
            self.websocket.sender().fragment(kind, piece, after.is_empty())?;
            rest = after;
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    fn ping(&mut self, text: &str) -> anyhow::Result<()> {
        let sent = Instant::now();
        self.wait_for(Wait::Until(sent + self.timeout));
        self.websocket.ping(text.as_bytes())?;
        say!("sent ping, {} bytes: {}", text.len(), printable(text));
        loop {
            match self.next()? {
                Incoming::Pong if self.websocket.connection_mut().control_payload() == text.as_bytes() => break,
                Incoming::Pong => {}
                Incoming::Message(message) => self.kept.push_back(message),
                Incoming::Closed => bail!(self.closed_too_early()),
            }
        }
        let milliseconds = sent.elapsed().as_secs_f64() * 1000.0;
        say!("received pong, {} bytes: {} ({milliseconds:.1} ms)", text.len(), printable(text));
        Ok(())
    }

    /// Echoes lines of standard input, and answers the server's pings while it waits for them.
    fn lines(&mut self) -> anyhow::Result<()> {
        self.websocket.transport_mut().inner_mut().read_lines(BufReader::new(io::stdin()));
        loop {
            match self.websocket.transport_mut().inner_mut().take_line() {
                Some(Some(line)) => self.echo(Message::Text(&line?), None)?,
                Some(None) => return Ok(()),
                None => self.wait_for_line()?,
            }
        }
    }

    fn wait_for_line(&mut self) -> anyhow::Result<()> {
        self.wait_for(Wait::Line);
        loop {
            match self.next() {
                // It is no echo: the last line's has been received.
                Ok(Incoming::Message(Received { kind, payload })) => say!("received {}", summary(kind, &payload)),
                Ok(Incoming::Pong) => {}
                Ok(Incoming::Closed) => bail!(self.closed_too_early()),
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Echoes what the server sends, until it closes.
    fn send_back(&mut self) -> anyhow::Result<()> {
        self.wait_for(Wait::Silence);
        while self.begun.is_some() {
            match self.next()? {
                Incoming::Message(message) => self.kept.push_back(message),
                Incoming::Pong => {}
                Incoming::Closed => bail!(self.closed_too_early()),
            }
        }
        for Received { kind, payload } in mem::take(&mut self.kept) {
            self.websocket.sender().fragment(kind, &payload, true)?;
            say!("echoed {kind}, {} bytes", payload.len());
        }
        let mut echo = Echo::new(self.receive_len);
        loop {
            match echo.advance(&mut self.websocket)? {
                Progress::Going | Progress::Pong => {}
                Progress::Echoed(kind, len) => say!("echoed {kind}, {len} bytes"),
                Progress::Closed => break,
            }
        }
        say!("closed by peer with {}", close_in_words(self.websocket.peer_close()));
        Ok(())
    }

    fn expect_close(&mut self) -> anyhow::Result<()> {
        self.wait_for(Wait::Silence);
        while self.websocket.recv_chunk()?.is_some() {}
        say!("closed by peer with {}", close_in_words(self.websocket.peer_close()));
        Ok(())
    }

    fn close(&mut self, code: CloseCode, reason: &str, timeout: Duration) -> Result<(), Error> {
        self.wait_for(Wait::Until(Instant::now() + timeout));
        self.websocket.close(code, reason)?;
        let answer = self.websocket.peer_close().map_or("no status".to_owned(), |close| close.code.to_string());
        say!("closed by us with {code}, peer answered {answer}");
        Ok(())
    }

    /// Closes after an error, if the connection can still do that: after Ctrl-C, say, or an echo that differs.
    fn say_goodbye(&mut self, mut error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref() {
            Some(Error::Read(cause) | Error::Write(cause)) if cause.kind() == io::ErrorKind::Interrupted => {
                error = anyhow!(cause.to_string());
            }
            None | Some(Error::WebSocket(_)) => {}
            Some(_) => return error,
        }
        if self.websocket.state() != WebSocketState::Open {
            return error;
        }
        match self.close(CloseCode::GOING_AWAY, "", GOODBYE_TIMEOUT.min(self.timeout)) {
            Ok(()) => error,
            Err(why) => anyhow!("{error:#}; then the closing handshake failed: {why}"),
        }
    }

    /// One message of any length, the oldest that was kept or else the next.
    fn receive(&mut self) -> anyhow::Result<Received> {
        if let Some(message) = self.kept.pop_front() {
            return Ok(message);
        }
        self.wait_for(Wait::Silence);
        loop {
            match self.next()? {
                Incoming::Message(message) => return Ok(message),
                Incoming::Pong => {}
                Incoming::Closed => bail!(self.closed_too_early()),
            }
        }
    }

    fn next(&mut self) -> Result<Incoming, Error> {
        // Not `recv_chunk`, which does not tell of Pongs.
        self.websocket.connection_mut().deliver(Delivery::Chunks);
        loop {
            match self.websocket.next_event()? {
                Event::Chunk(ChunkInfo { kind, last, .. }) => {
                    let mut payload = self.begun.take().unwrap_or_default();
                    payload.extend_from_slice(self.websocket.connection_mut().chunk());
                    if last {
                        return Ok(Incoming::Message(Received { kind, payload }));
                    }
                    self.begun = Some(payload);
                }
                Event::Pong => return Ok(Incoming::Pong),
                Event::Closed => return Ok(Incoming::Closed),
                _ => {}
            }
        }
    }

    fn wait_for(&mut self, wait: Wait) {
        self.websocket.transport_mut().inner_mut().set_wait(wait);
    }

    fn closed_too_early(&self) -> String {
        format!("closed by peer with {}, before all was done", close_in_words(self.websocket.peer_close()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::Write as _,
        net::{TcpListener, TcpStream},
        thread,
    };
    use ws_embedded_io::{Buffers, ClientRequest, Config, Decision, Server};

    /// How long a test that fails may wait in vain.
    const LIMIT: Duration = Duration::from_secs(20);
    const RECEIVE_LEN: usize = 4;

    type ServersEnd<'b> = WebSocket<'b, FromStd<TcpStream>, Server>;

    /// Performs the actions with a server; returns how that went, and the code that the server was closed with.
    fn perform(
        actions: &[&str],
        serve: impl FnOnce(&mut ServersEnd<'_>) + Send + 'static,
    ) -> (Result<(), String>, Option<u16>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let server = thread::spawn(move || {
            let buffers = Buffers { receive: &mut [0; 1024], transmit: &mut [0; 1024], control: &mut [0; 125] };
            let (head, config) = (&mut [0; 1024], &Config::DEFAULT);
            let accept = Decision::Accept { sub_protocol: None, headers: &[] };
            let stream = FromStd::new(listener.accept().unwrap().0);
            let mut websocket = WebSocket::accept(stream, head, buffers, config, |_, _| accept).unwrap().unwrap();
            serve(&mut websocket);
            while let Ok(Some(_)) = websocket.recv_chunk() {}
            websocket.peer_close().map(|close| close.code.into())
        });
        let buffers = Buffers { receive: &mut [0; RECEIVE_LEN], transmit: &mut [0; 1024], control: &mut [0; 125] };
        let (head, config) = (&mut [0; 1024], &Config::DEFAULT);
        let socket = FromStd::new(Socket::new(stream, LIMIT, Instant::now() + LIMIT).unwrap());
        let request = ClientRequest::new("localhost", "/");
        let websocket = WebSocket::connect(socket, rand::rng(), &request, head, buffers, config).unwrap().websocket;
        let actions: Vec<Action> = actions.iter().map(|action| action.parse().unwrap()).collect();
        let result = Session::new(websocket, RECEIVE_LEN, LIMIT).perform(&actions).map_err(|error| error.to_string());
        (result, server.join().unwrap())
    }

    #[test]
    fn a_message_that_comes_before_the_pong_is_kept() {
        let (result, code) = perform(&["ping=x", "wait", "wait"], |server| {
            server.send(Message::Text("first")).unwrap();
            let (kind, payload) = (MessageKind::Text, &b"second"[..]);
            server.sender().fragment(kind, payload, false).unwrap();
            server.sender().fragment(kind, payload, true).unwrap();
        });
        assert_eq!((result, code), (Ok(()), Some(1000)));
    }

    #[test]
    fn every_message_is_sent_back_also_what_came_before() {
        let (result, code) = perform(&["ping=x", "echo"], |server| {
            // A message, the begin of another, the Pong, and the end of the other.
            let frames = b"\x82\x04kept\x01\x06begun \x8a\x01x\x80\x03end";
            server.transport_mut().inner_mut().write_all(frames).unwrap();
            assert_eq!(server.recv().unwrap().unwrap().message, Message::Binary(b"kept"));
            assert_eq!(server.recv().unwrap().unwrap().message, Message::Text("begun end"));
            server.send(Message::Text("longer than the buffer")).unwrap();
            assert_eq!(server.recv().unwrap().unwrap().message, Message::Text("longer than the buffer"));
            server.close(CloseCode::NORMAL_CLOSURE, "").unwrap();
        });
        assert_eq!((result, code), (Ok(()), Some(1000)));
    }

    #[test]
    fn a_differing_echo_closes_with_a_close_frame() {
        let (result, code) = perform(&["text=hello"], |server| server.send(Message::Text("other")).unwrap());
        assert_eq!((result, code), (Err("the echo differs from what was sent".to_owned()), Some(1001)));
    }

    #[test]
    fn what_may_not_be_sent_closes_with_a_close_frame() {
        let (result, code) = perform(&[&format!("ping={}", "x".repeat(126))], |_| {});
        assert!(result.is_err());
        assert_eq!(code, Some(1001));
    }
}
