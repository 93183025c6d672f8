//! Echoing: whatever the buffers, a message of any length is sent back, while it arrives if need be.
//!
//! What a message is like is seen before it is received. One that fits into the receive buffer is received as a whole. A longer one is
//! echoed piece by piece: as one frame if it comes as one, because some clients take no more than a few thousand fragments; and as
//! fragments if the client has not said how long it will be.

use embedded_io::{Read, Write};
use ws_embedded_io::{Announced, Chunk, Delivery, Error, Event, MessageKind, Role, WebSocket};

/// The message that is being echoed. It survives a read that has ended before its time: [`advance`](Self::advance) goes on.
pub struct Echo {
    message: Option<Announced>,
    /// How many bytes of it were echoed.
    len: u64,
    /// The length of the receive buffer in bytes.
    receive_len: usize,
}

/// How far echoing has come.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress {
    /// In the middle of a message.
    Going,
    /// A message was echoed, with a payload of so many bytes.
    Echoed(MessageKind, u64),
    /// A Pong frame has come.
    Pong,
    /// The peer has closed.
    Closed,
}

impl Echo {
    /// `receive_len` is the length of the receive buffer in bytes.
    #[must_use]
    pub fn new(receive_len: usize) -> Self {
        Self { message: None, len: 0, receive_len }
    }

    /// Waits for what comes next, and echoes it.
    ///
    /// # Errors
    ///
    /// The WebSocket's. After a read that has ended before its time, call it again.
    pub fn advance<T: Read + Write, R: Role>(
        &mut self,
        websocket: &mut WebSocket<'_, T, R>,
    ) -> Result<Progress, Error<T::Error>> {
        match self.message {
            None => self.begin(websocket),
            Some(message) if self.fits(message) => self.echo_whole(websocket),
            Some(_) => self.echo_piece(websocket),
        }
    }

    fn fits(&self, message: Announced) -> bool {
        message.is_whole && message.frame_len <= self.receive_len as u64
    }

    fn begin<T: Read + Write, R: Role>(
        &mut self,
        websocket: &mut WebSocket<'_, T, R>,
    ) -> Result<Progress, Error<T::Error>> {
        // As `peek`, but that Pongs are told of too.
        websocket.connection_mut().deliver(Delivery::Announce);
        match websocket.next_event()? {
            Event::Announced(message) => {
                if message.is_whole && !self.fits(message) {
                    websocket.sender().frame(message.kind, message.frame_len)?;
                }
                self.message = Some(message);
                Ok(Progress::Going)
            }
            Event::Pong => Ok(Progress::Pong),
            Event::Closed => Ok(Progress::Closed),
            _ => Ok(Progress::Going),
        }
    }

    fn echo_whole<T: Read + Write, R: Role>(
        &mut self,
        websocket: &mut WebSocket<'_, T, R>,
    ) -> Result<Progress, Error<T::Error>> {
        let Some(mut incoming) = websocket.recv()? else { return Ok(Progress::Closed) };
        let message = incoming.message;
        incoming.reply(message)?;
        self.len = message.payload().len() as u64;
        Ok(self.end(message.kind()))
    }

    fn echo_piece<T: Read + Write, R: Role>(
        &mut self,
        websocket: &mut WebSocket<'_, T, R>,
    ) -> Result<Progress, Error<T::Error>> {
        let Some(mut incoming) = websocket.recv_chunk()? else { return Ok(Progress::Closed) };
        let Chunk { kind, last, payload, .. } = incoming.chunk;
        self.len += payload.len() as u64;
        match incoming.sender.unfinished_frame() {
            Some(mut frame) => {
                let mut rest = payload;
                while !rest.is_empty() {
                    rest = &rest[frame.write(rest)?..];
                }
                if last {
                    frame.finish()?;
                }
            }
            None => incoming.sender.fragment(kind, payload, last)?,
        }
        Ok(if last { self.end(kind) } else { Progress::Going })
    }

    fn end(&mut self, kind: MessageKind) -> Progress {
        self.message = None;
        Progress::Echoed(kind, std::mem::take(&mut self.len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Shutdown, Socket};
    use embedded_io_adapters::std::FromStd;
    use std::{
        net::{TcpListener, TcpStream},
        thread,
    };
    use ws_embedded_io::{Buffers, ClientRequest, CloseCode, Config, Decision, Message};

    /// Echoes through buffers of these lengths until the client closes; returns the lengths of what was echoed.
    fn serve(listener: &TcpListener, receive: usize, transmit: usize) -> Vec<u64> {
        let socket = Socket::new(listener.accept().unwrap().0, &Shutdown::default()).unwrap();
        let mut transport = FromStd::new(socket);
        let (mut receive, mut transmit, mut control) = (vec![0; receive], vec![0; transmit], [0; 125]);
        let mut echo = Echo::new(receive.len());
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
        let accept = Decision::Accept { sub_protocol: None, headers: &[] };
        let (head, config) = (&mut [0; 1024], &Config::DEFAULT);
        let mut websocket = WebSocket::accept(&mut transport, head, buffers, config, |_, _| accept).unwrap().unwrap();
        let mut echoed = Vec::new();
        loop {
            match echo.advance(&mut websocket).unwrap() {
                Progress::Echoed(_, len) => echoed.push(len),
                Progress::Going | Progress::Pong => {}
                Progress::Closed => return echoed,
            }
        }
    }

    #[test]
    fn one_frame_comes_back_as_one_and_fragments_as_fragments_through_any_buffers() {
        for (receive, transmit) in [(1, 1), (1, 64), (3, 2), (64, 1), (999, 1000), (1000, 1000), (4096, 4096)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let server = thread::spawn(move || serve(&listener, receive, transmit));
            let buffers = Buffers { receive: &mut [0; 2048], transmit: &mut [0; 2048], control: &mut [0; 125] };
            let (head, config, request) = (&mut [0; 512], &Config::DEFAULT, ClientRequest::new("localhost", "/"));
            let mut websocket = WebSocket::connect(FromStd::new(stream), rand::rng(), &request, head, buffers, config)
                .unwrap()
                .websocket;
            for text in ["", "x", &"ßé€😀".repeat(90), &"x".repeat(1000)] {
                websocket.send(Message::Text(text)).unwrap();
                let announced = websocket.peek().unwrap().unwrap();
                assert!(
                    announced.is_whole && announced.frame_len == text.len() as u64,
                    "{receive}, {transmit}: {announced:?}"
                );
                assert_eq!(websocket.recv().unwrap().unwrap().message, Message::Text(text));
            }
            let text = "gr\u{fc}\u{df}e".repeat(20);
            let (begin, rest) = text.as_bytes().split_at(3);
            websocket.sender().fragment(MessageKind::Text, begin, false).unwrap();
            websocket.ping(b"between").unwrap();
            websocket.sender().fragment(MessageKind::Text, rest, true).unwrap();
            assert_eq!(websocket.recv().unwrap().unwrap().message, Message::Text(&text));
            websocket.close(CloseCode::NORMAL_CLOSURE, "").unwrap();
            assert_eq!(server.join().unwrap(), [0, 1, 990, 1000, 140], "{receive}, {transmit}");
        }
    }
}
