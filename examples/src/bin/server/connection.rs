//! One connection, from its request to its end.

use std::{fmt, io, net::TcpStream};

use embedded_io_adapters::std::FromStd;
use examples::{close_in_words, printable};
use ws_embedded_io::{Buffers, Chunk, CloseCode, Decision, Event, WebSocket, ws_core::frame::MAX_HEADER_LEN};

use crate::{
    Server,
    limit::Place,
    route::{self, Route},
    socket::Socket,
};

/// A request's head must fit into it; a message need not.
const RECEIVE_BUFFER: usize = 4096;
/// How much of a message is held at a time, and the length of the fragments that a longer one is echoed in. Larger than
/// a microcontroller would have it, because some clients take no more than a few thousand fragments.
const FRAGMENT: usize = 16 * 1024;
/// A fragment and its frame header leave in one write.
const TRANSMIT_BUFFER: usize = FRAGMENT + MAX_HEADER_LEN;

type Transport = FromStd<Socket>;
type Error = ws_embedded_io::Error<io::Error>;
type Open<'b, 't> = WebSocket<'b, &'t mut Transport, ws_embedded_io::Server>;

/// A connection and the place where it says what happens.
pub(crate) struct Connection<'s> {
    number: u64,
    server: &'s Server,
}

impl<'s> Connection<'s> {
    pub(crate) fn new(number: u64, server: &'s Server) -> Self {
        Self { number, server }
    }

    /// Answers the request, and speaks WebSocket if that is what it asks for.
    pub(crate) fn serve(&self, stream: TcpStream) {
        let socket = match Socket::new(stream, &self.server.shutdown) {
            Ok(socket) => socket,
            Err(error) => return self.log(format_args!("not served: {error}")),
        };
        let mut transport = FromStd::new(socket);
        // A WebSocket counts as open until its connection is gone.
        let mut place = None;
        match self.answer(&mut transport, &mut place) {
            Ok(()) => {}
            // Browsers connect before they know whether there will be something to ask.
            Err(_) if transport.inner_mut().is_unused() => self.log("no request came"),
            Err(error) => match told(&error) {
                Some(told) => self.log(format_args!("{told}: {error}")),
                None => self.log(format_args!("ended: {error}")),
            },
        }
        transport.into_inner().finish();
    }

    fn answer(&self, transport: &mut Transport, place: &mut Option<Place>) -> Result<(), Error> {
        let (mut receive, mut transmit) = (vec![0; RECEIVE_BUFFER], vec![0; TRANSMIT_BUFFER]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let mut route = None;
        let accepted = WebSocket::accept(transport, buffers, |request, upgrade| {
            let decision = route::decide(request, upgrade, &self.server.allowed_origins).and_then(|decided| {
                *place = Some(self.server.websockets.take().ok_or(route::too_many())?);
                Ok(decided)
            });
            let (method, target) = (printable(request.method()), printable(request.target()));
            match decision {
                Ok(open) => {
                    self.log(format_args!("{method} {target}: {open}"));
                    let decision = open.decision();
                    route = Some(open);
                    decision
                }
                Err(reply) => {
                    self.log(format_args!("{method} {target}: {}", reply.status));
                    Decision::Reply(reply)
                }
            }
        });
        match (accepted, route) {
            (Ok(Some(mut websocket)), Some(Route::Echo { .. })) => self.echo(&mut websocket),
            (Ok(Some(mut websocket)), Some(Route::Close { code, reason })) => self.close(&mut websocket, code, &reason),
            (Ok(_), _) => Ok(()),
            (Err(error), _) => Err(error),
        }
    }

    fn echo(&self, websocket: &mut Open<'_, '_>) -> Result<(), Error> {
        websocket.transport_mut().inner_mut().open();
        let mut buffer = vec![0; FRAGMENT];
        let mut held = 0;
        let mut message_len: u64 = 0;
        loop {
            match websocket.recv_chunk(&mut buffer[held..]) {
                Ok(Event::Data(Chunk { kind, last, payload, .. })) => {
                    held += payload.len();
                    message_len += payload.len() as u64;
                    if last || held == buffer.len() {
                        let first = message_len == held as u64;
                        websocket.send_chunk(Chunk { kind, first, last, payload: &buffer[..held] })?;
                        held = 0;
                    }
                    if last {
                        self.log(format_args!("echoed {kind}, {message_len} bytes"));
                        message_len = 0;
                    }
                }
                Ok(Event::Pong) => self.log("pong"),
                Ok(Event::Closed) => {
                    self.log_close(websocket);
                    return Ok(());
                }
                Err(Error::Transport(error)) if error.kind() == io::ErrorKind::Interrupted => {
                    return self.close(websocket, CloseCode::GOING_AWAY, "the server ends");
                }
                // A peer that is alive answers the Ping, and so it is silent no longer.
                Err(Error::Transport(error)) if error.kind() == io::ErrorKind::TimedOut => {
                    if !websocket.transport_mut().inner_mut().take_heard() {
                        return Err(Error::Transport(error));
                    }
                    self.log("silent, sending a ping");
                    websocket.ping(b"")?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn close(&self, websocket: &mut Open<'_, '_>, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.log(format_args!("closing with {code}"));
        websocket.transport_mut().inner_mut().begin_closing();
        websocket.close(code, reason)?;
        self.log_close(websocket);
        Ok(())
    }

    fn log_close(&self, websocket: &Open<'_, '_>) {
        self.log(format_args!("closed by peer with {}", close_in_words(websocket.peer_close())));
    }

    fn log(&self, what: impl fmt::Display) {
        self.server.log(self.number, what);
    }
}

/// What the peer was told about an error, if anything.
fn told(error: &Error) -> Option<String> {
    match error {
        Error::HeadTooLarge => Some("refused with 431".to_owned()),
        Error::WebSocket(error) => {
            let refused = error.reply().map(|reply| format!("refused with {}", reply.status));
            refused.or_else(|| error.close_code().map(|code| format!("closed with {code}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ws_embedded_io::ws_core::{
        self, Violation,
        handshake::{Request, RequestError},
    };

    #[test]
    fn the_log_says_what_a_peer_was_told() {
        let malformed: RequestError = Request::parse(b"GET\r\n\r\n").unwrap_err();
        let table = [
            (Error::HeadTooLarge, Some("refused with 431")),
            (Error::WebSocket(ws_core::Error::from(malformed)), Some("refused with 400")),
            (Error::WebSocket(ws_core::Error::from(Violation::TextNotUtf8)), Some("closed with 1007")),
            (Error::TransportEnded, None),
        ];
        for (error, words) in table {
            assert_eq!(told(&error).as_deref(), words, "{error}");
        }
    }
}
