//! One connection, from its request to its end. It is what it would be over plain TCP: the adapter does not know TLS.

use std::{fmt::Display, io, net::TcpStream, sync::Arc};

use embedded_io_adapters::std::FromStd;
use examples::{Log, Shutdown, Socket, close_in_words};
use rustls::ServerConfig;
use ws_embedded_io::{Buffers, Chunk, CloseCode, Config, Decision, Server, WebSocket};

use crate::tls::{self, Stream};

/// A request's head must fit into it.
const HEAD: usize = 4096;
/// A message of any length goes through it; it is echoed in fragments of this length.
const RECEIVE_BUFFER: usize = 16 * 1024;
const TRANSMIT_BUFFER: usize = 4096;

type Error = ws_embedded_io::Error<io::Error>;
type Open<'b, 't> = WebSocket<'b, &'t mut FromStd<Stream>, Server>;

/// What a connection knows of the program.
pub(crate) struct Connection<'s> {
    pub(crate) number: u64,
    pub(crate) log: Log,
    pub(crate) shutdown: &'s Shutdown,
}

impl Connection<'_> {
    /// Answers the request, echoes, and ends TLS and the TCP connection.
    pub(crate) fn serve(&self, stream: TcpStream, config: &Arc<ServerConfig>) {
        let socket = Socket::new(stream, self.shutdown);
        let stream = match socket.and_then(|socket| tls::accept(config, socket).map_err(io::Error::other)) {
            Ok(stream) => stream,
            Err(error) => return self.log(format_args!("not served: {error}")),
        };
        let mut transport = FromStd::new(stream);
        match self.talk(&mut transport) {
            Ok(end) => self.log(end),
            Err(error) => self.log(format_args!("ended: {error}")),
        }
        tls::finish(transport.into_inner());
    }

    /// Returns how it ended.
    fn talk(&self, transport: &mut FromStd<Stream>) -> Result<String, Error> {
        let (mut receive, mut transmit, mut control) = (vec![0; RECEIVE_BUFFER], vec![0; TRANSMIT_BUFFER], [0; 125]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
        let accepted = WebSocket::accept(transport, &mut [0; HEAD], buffers, &Config::DEFAULT, |_, _| {
            Decision::Accept { sub_protocol: None, headers: &[] }
        });
        match accepted? {
            Some(websocket) => self.echo(websocket),
            None => Ok("asked for no WebSocket".to_owned()),
        }
    }

    fn echo(&self, mut websocket: Open<'_, '_>) -> Result<String, Error> {
        socket(&mut websocket).open();
        let tls = websocket.transport_mut().inner_mut().conn.protocol_version();
        self.log(format_args!("open over {}", tls.and_then(|version| version.as_str()).unwrap_or("TLS")));
        loop {
            match websocket.recv_chunk() {
                Ok(Some(mut incoming)) => {
                    let Chunk { kind, last, payload, .. } = incoming.chunk;
                    incoming.sender.fragment(kind, payload, last)?;
                }
                Ok(None) => {
                    return Ok(format!("closed by peer with {}", close_in_words(websocket.peer_close())));
                }
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::WouldBlock => break,
                // A peer that is alive answers the Ping, and so it is silent no longer.
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::TimedOut => {
                    if !socket(&mut websocket).take_heard() {
                        return Err(Error::Read(error));
                    }
                    websocket.ping(b"")?;
                }
                Err(error) => return Err(error),
            }
        }
        socket(&mut websocket).begin_closing();
        websocket.close(CloseCode::GOING_AWAY, "the server ends")?;
        Ok(format!("closed with 1001, peer answered {}", close_in_words(websocket.peer_close())))
    }

    fn log(&self, what: impl Display) {
        self.log.line(self.number, what);
    }
}

/// The socket below TLS.
fn socket<'w>(websocket: &'w mut Open<'_, '_>) -> &'w mut Socket {
    &mut websocket.transport_mut().inner_mut().sock.0
}
