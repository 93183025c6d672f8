//! An open WebSocket on which the client performs its actions.

use std::{
    fmt,
    io::{self, BufRead as _},
    time::Instant,
};

use anyhow::{anyhow, bail};
use embedded_io_adapters::std::FromStd;
use rand::rngs::ThreadRng;
use ws_embedded_io::{Chunk, Client, CloseCode, ClosePayload, Event, Message, MessageKind, WebSocket};

use crate::{action::Action, socket::Socket};

type Error = ws_embedded_io::Error<io::Error>;

/// How many characters of a message are printed.
const PREVIEW: usize = 60;

pub(crate) struct Session<'b> {
    websocket: WebSocket<'b, FromStd<Socket>, Client<ThreadRng>>,
}

/// A message that was received.
struct Received {
    kind: MessageKind,
    payload: Vec<u8>,
}

impl<'b> Session<'b> {
    pub(crate) fn new(websocket: WebSocket<'b, FromStd<Socket>, Client<ThreadRng>>) -> Self {
        Self { websocket }
    }

    /// Performs the actions in order, then closes.
    pub(crate) fn perform(mut self, actions: &[Action]) -> anyhow::Result<()> {
        let closes = |action: &Action| matches!(action, Action::Close { .. } | Action::ExpectClose);
        let close = Action::Close { code: CloseCode::NORMAL_CLOSURE, reason: String::new() };
        let last = if actions.iter().any(closes) { None } else { Some(&close) };
        for action in actions.iter().chain(last) {
            if let Err(error) = self.act(action) {
                return Err(self.stopped(error));
            }
        }
        Ok(())
    }

    fn act(&mut self, action: &Action) -> anyhow::Result<()> {
        match action {
            Action::Text(text) => self.echo(Message::Text(text), None),
            Action::Binary(payload) => self.echo(Message::Binary(payload), None),
            Action::Fragments { payload, piece_len } => self.echo(Message::Binary(payload), Some(*piece_len)),
            Action::Ping(text) => self.ping(text),
            Action::Wait => {
                let received = self.receive()?;
                println!("received {received}");
                Ok(())
            }
            Action::Lines => io::stdin().lock().lines().try_for_each(|line| self.echo(Message::Text(&line?), None)),
            Action::ExpectClose => loop {
                if let Event::Closed = self.websocket.recv_chunk(&mut [0; 1024])? {
                    println!("closed by peer with {}", in_words(self.websocket.peer_close()));
                    return Ok(());
                }
            },
            Action::Close { code, reason } => Ok(self.close(*code, reason)?),
        }
    }

    fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.websocket.close(code, reason)?;
        let answer = self.websocket.peer_close().map_or("no status".to_owned(), |close| close.code.to_string());
        println!("closed by us with {code}, peer answered {answer}");
        Ok(())
    }

    /// Sends a message, in one frame or in fragments, and compares what comes back.
    fn echo(&mut self, message: Message<'_>, piece_len: Option<usize>) -> anyhow::Result<()> {
        let (kind, payload) = (message.kind(), message.payload());
        match piece_len {
            None => self.websocket.send(message)?,
            Some(piece_len) => self.send_fragments(kind, payload, piece_len)?,
        }
        println!("sent {}", Received { kind, payload: payload.to_vec() });
        let received = self.receive()?;
        let same = received.kind == kind && received.payload == payload;
        println!("received {received} ({})", if same { "same as sent" } else { "differs from what was sent" });
        if !same {
            bail!("the echo differs from what was sent");
        }
        Ok(())
    }

    fn send_fragments(&mut self, kind: MessageKind, payload: &[u8], piece_len: usize) -> Result<(), Error> {
        let mut sent = 0;
        loop {
            let piece = &payload[sent..payload.len().min(sent + piece_len)];
            let first = sent == 0;
            sent += piece.len();
            let last = sent == payload.len();
            self.websocket.send_chunk(Chunk { kind, first, last, payload: piece })?;
            if last {
                return Ok(());
            }
        }
    }

    fn ping(&mut self, text: &str) -> anyhow::Result<()> {
        let sent = Instant::now();
        self.websocket.ping(text.as_bytes())?;
        println!("sent ping, {} bytes: {text}", text.len());
        loop {
            match self.websocket.recv_chunk(&mut [0; 1024])? {
                Event::Pong if self.websocket.pong_payload() == text.as_bytes() => {
                    let milliseconds = sent.elapsed().as_secs_f64() * 1000.0;
                    println!("received pong, {} bytes: {text} ({milliseconds:.1} ms)", text.len());
                    return Ok(());
                }
                Event::Closed => bail!(self.closed_too_early()),
                Event::Pong | Event::Data(_) => {}
            }
        }
    }

    /// Receives one message of any length.
    fn receive(&mut self) -> anyhow::Result<Received> {
        let mut buffer = [0; 16 * 1024];
        let mut payload = Vec::new();
        loop {
            match self.websocket.recv_chunk(&mut buffer)? {
                Event::Data(chunk) => {
                    payload.extend_from_slice(chunk.payload);
                    if chunk.last {
                        return Ok(Received { kind: chunk.kind, payload });
                    }
                }
                Event::Pong => {}
                Event::Closed => bail!(self.closed_too_early()),
            }
        }
    }

    fn closed_too_early(&self) -> String {
        format!("closed by peer with {}, before all was done", in_words(self.websocket.peer_close()))
    }

    /// Says goodbye after Ctrl-C; any other error is passed on.
    fn stopped(&mut self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast_ref() {
            Some(Error::Transport(cause)) if cause.kind() == io::ErrorKind::Interrupted => {
                match self.close(CloseCode::GOING_AWAY, "") {
                    Ok(()) => anyhow!("stopped by Ctrl-C"),
                    Err(error) => anyhow!("stopped by Ctrl-C, and the closing handshake failed: {error}"),
                }
            }
            _ => error,
        }
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes", self.kind, self.payload.len())?;
        if self.kind == MessageKind::Text && !self.payload.is_empty() {
            f.write_str(": ")?;
            for character in String::from_utf8_lossy(&self.payload).chars().take(PREVIEW) {
                // A server must not be able to move the cursor.
                if character.is_control() {
                    write!(f, "{}", character.escape_debug())?;
                } else {
                    write!(f, "{character}")?;
                }
            }
        }
        Ok(())
    }
}

fn in_words(close: Option<ClosePayload<'_>>) -> String {
    match close {
        None => "no status".to_owned(),
        Some(close) if close.reason.is_empty() => close.code.to_string(),
        Some(close) => format!("{}: {}", close.code, close.reason),
    }
}
