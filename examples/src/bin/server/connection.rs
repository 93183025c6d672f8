//! One connection, from its request to its end.

use std::{fmt, io, net::TcpStream, sync::atomic::Ordering, time::Duration};

use embedded_io_adapters::std::FromStd;
use ws_embedded_io::{Buffers, Chunk, CloseCode, Decision, Event, WebSocket, ws_core::frame::MAX_HEADER_LEN};

use crate::{
    Server,
    route::{Policy, Route},
    socket::Socket,
};

/// A request's head must fit into it; a message need not.
const RECEIVE_BUFFER: usize = 4096;
/// How much of a message is held at a time, and the length of the fragments that a longer one is echoed in. Larger than
/// a microcontroller would have it, because some clients take no more than a few thousand fragments.
const FRAGMENT: usize = 16 * 1024;
/// A fragment and its frame header leave in one write.
const TRANSMIT_BUFFER: usize = FRAGMENT + MAX_HEADER_LEN;

const OPENING_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSING_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(2);

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
    pub(crate) fn serve(&self, stream: TcpStream) -> Result<(), Error> {
        let socket = Socket::new(stream).map_err(Error::Transport)?;
        let mut transport = FromStd::new(socket);
        let result = self.answer(&mut transport);
        transport.into_inner().finish(CLOSING_HANDSHAKE_TIMEOUT);
        result
    }

    fn answer(&self, transport: &mut Transport) -> Result<(), Error> {
        let open_before = self.server.open_connections.fetch_add(1, Ordering::Relaxed);
        let _one_less = OnDrop(|| {
            self.server.open_connections.fetch_sub(1, Ordering::Relaxed);
        });
        let policy = Policy {
            allowed_origins: &self.server.allowed_origins,
            has_room: open_before < self.server.max_connections,
        };
        transport.inner_mut().end_reads_after(OPENING_HANDSHAKE_TIMEOUT);
        let (mut receive, mut transmit) = (vec![0; RECEIVE_BUFFER], vec![0; TRANSMIT_BUFFER]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
        let mut route = None;
        let websocket = WebSocket::accept(transport, buffers, |request, upgrade| {
            let decision = policy.decide(request, upgrade);
            let (method, target) = (request.method(), request.target());
            match decision {
                Ok(open) => {
                    self.log(format_args!("{method} {target}: open, {open:?}"));
                    let decision = open.decision();
                    route = Some(open);
                    decision
                }
                Err(reply) => {
                    self.log(format_args!("{method} {target}: {}", reply.status));
                    Decision::Reply(reply)
                }
            }
        })?;
        match (websocket, route) {
            (Some(mut websocket), Some(route)) => self.speak(&mut websocket, &route),
            _ => Ok(()),
        }
    }

    fn speak(&self, websocket: &mut Open<'_, '_>, route: &Route) -> Result<(), Error> {
        let result = match route {
            Route::Echo { .. } => {
                websocket.transport_mut().inner_mut().end_reads_at(&self.server.shutdown);
                self.echo(websocket)
            }
            Route::Close { code, reason } => self.close(websocket, *code, reason),
        };
        match result {
            Err(Error::Transport(_)) if self.server.shutdown.is_requested() => {
                self.close(websocket, CloseCode::GOING_AWAY, "the server ends")
            }
            result => result,
        }
    }

    fn echo(&self, websocket: &mut Open<'_, '_>) -> Result<(), Error> {
        let mut buffer = vec![0; FRAGMENT];
        let mut held = 0;
        let mut message_len: u64 = 0;
        loop {
            match websocket.recv_chunk(&mut buffer[held..])? {
                Event::Data(Chunk { kind, last, payload, .. }) => {
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
                Event::Pong => self.log("pong"),
                Event::Closed => {
                    self.log_close(websocket);
                    return Ok(());
                }
            }
        }
    }

    fn close(&self, websocket: &mut Open<'_, '_>, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.log(format_args!("closing with {code}"));
        websocket.transport_mut().inner_mut().end_reads_after(CLOSING_HANDSHAKE_TIMEOUT);
        websocket.close(code, reason)?;
        self.log_close(websocket);
        Ok(())
    }

    fn log_close(&self, websocket: &Open<'_, '_>) {
        match websocket.peer_close() {
            None => self.log("closed, the peer gave no code"),
            Some(close) => self.log(format_args!("closed, the peer said {} {:?}", close.code, close.reason)),
        }
    }

    fn log(&self, what: impl fmt::Display) {
        self.server.log(self.number, what);
    }
}

/// Does something at the end of a scope, however it is left.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
