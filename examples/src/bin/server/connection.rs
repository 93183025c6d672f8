//! One connection, from its request to its end.

use std::{fmt, io, net::TcpStream};

use embedded_io_adapters::std::FromStd;
use examples::{Echo, Place, Progress, Socket, close_in_words, printable};
use ws_embedded_io::{Buffers, CloseCode, Config, Decision, Limits, WebSocket, ws_core};

use crate::{
    Server,
    route::{self, Route},
};

/// A request's head must fit into it, and so must the head of our answer.
const HEAD: usize = 4096;
/// What is echoed while it arrives may be of any length.
const CONFIG: Config =
    Config { limits: Limits { message: u64::MAX, frame: u64::MAX, fragments: u32::MAX }, ..Config::DEFAULT };

type Error = ws_embedded_io::Error<io::Error>;
type Open<'b, 't> = WebSocket<'b, &'t mut FromStd<Socket>, ws_embedded_io::Server>;

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
        let socket = match Socket::with_patience(stream, &self.server.shutdown, self.server.arguments.patience) {
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

    fn answer(&self, transport: &mut FromStd<Socket>, place: &mut Option<Place>) -> Result<(), Error> {
        let arguments = &self.server.arguments;
        let (mut receive, mut transmit, mut control) = (vec![0; arguments.rx], vec![0; arguments.tx], [0; 125]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
        let mut route = None;
        let accepted = WebSocket::accept(transport, &mut [0; HEAD], buffers, &CONFIG, |request, upgrade| {
            let decision = route::decide(request, upgrade, &arguments.allowed_origins).and_then(|decided| {
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
        let mut echo = Echo::new(self.server.arguments.rx);
        let mut is_leaving = false;
        loop {
            // Inside a frame there is no place for a Ping or a Close frame.
            let inside_frame = websocket.sender().unfinished_frame().is_some();
            if is_leaving && !inside_frame {
                return self.close(websocket, CloseCode::GOING_AWAY, "the server ends");
            }
            match echo.advance(websocket) {
                Ok(Progress::Going) => {}
                Ok(Progress::Echoed(kind, len)) => self.log(format_args!("echoed {kind}, {len} bytes")),
                Ok(Progress::Pong) => self.log("pong"),
                Ok(Progress::Closed) => {
                    self.log_close(websocket);
                    return Ok(());
                }
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::Interrupted => {
                    websocket.transport_mut().inner_mut().begin_closing();
                    is_leaving = true;
                }
                // A peer that is alive answers the Ping, and so it is silent no longer.
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::TimedOut && !inside_frame => {
                    if !websocket.transport_mut().inner_mut().take_heard() {
                        return Err(Error::Read(error));
                    }
                    self.log("silent, sending a ping");
                    websocket.ping(b"")?;
                }
                Err(error) if websocket.sender().unfinished_frame().is_some() => {
                    self.log(format_args!("dropped inside a frame, without a Close frame: {error}"));
                    return Ok(());
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
        self.server.log.line(self.number, what);
    }
}

/// What the peer was told about an error, if anything.
fn told(error: &Error) -> Option<String> {
    match error {
        Error::WebSocket(ws_core::Error::HeadTooLarge) => Some("refused with 431".to_owned()),
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
    use ws_core::{
        Violation,
        handshake::{Request, RequestError},
    };

    #[test]
    fn the_log_says_what_a_peer_was_told() {
        let malformed: RequestError = Request::parse(b"GET\r\n\r\n").unwrap_err();
        let table = [
            (Error::WebSocket(ws_core::Error::HeadTooLarge), Some("refused with 431")),
            (Error::WebSocket(ws_core::Error::from(malformed)), Some("refused with 400")),
            (Error::WebSocket(ws_core::Error::from(Violation::TextNotUtf8)), Some("closed with 1007")),
            (Error::WebSocket(ws_core::Error::TransportEnded { clean: true }), None),
        ];
        for (error, words) in table {
            assert_eq!(told(&error).as_deref(), words, "{error}");
        }
    }
}
