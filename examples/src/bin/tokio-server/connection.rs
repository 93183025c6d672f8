//! One connection, from its request to its end.

use std::{fmt::Display, io, sync::Arc, time::Duration};

use embedded_io_adapters::tokio_1::FromTokio;
use embedded_io_async::{Read as _, Write as _};
use examples::{Limit, Log, Patience, Place, close_in_words};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, select, sync::watch, time::timeout};
use ws_embedded_io_async::{
    Buffers, Chunk, CloseCode, Config, Decision, Reply, Server, WebSocket,
    time::{Deadline, Keepalive},
};

use crate::{Options, clock::Clock};

/// A request's head must fit into it.
const HEAD: usize = 4096;
/// How long the closing handshake may take in milliseconds, and then the end of the TCP connection.
const CLOSE_LIMIT: u32 = 2_000;

type Transport = FromTokio<TcpStream>;
type Error = ws_embedded_io_async::Error<io::Error>;
type Open<'b, 't> = WebSocket<'b, &'t mut Transport, Server>;

/// What a connection knows of the program.
pub(crate) struct Connection {
    pub(crate) number: u64,
    pub(crate) log: Log,
    pub(crate) options: Options,
    /// How many of the program's connections may be WebSockets.
    pub(crate) websockets: Arc<Limit>,
    /// Becomes true when the program is to end.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Connection {
    /// Answers the request, echoes, and ends the TCP connection.
    pub(crate) async fn serve(mut self, stream: TcpStream) {
        // Small messages must not wait for more of them. What fails here will fail below.
        let _ = stream.set_nodelay(true);
        let mut transport = FromTokio::new(stream);
        // A WebSocket counts as open until its connection is gone.
        let mut place = None;
        match self.talk(&mut transport, &mut place).await {
            Ok(end) => self.log(end),
            // What was sent last is not awaited by anybody.
            Err(error @ (Error::TimedOut | Error::PeerIsDead)) => return self.log(format_args!("dropped: {error}")),
            Err(error) => self.log(format_args!("ended: {error}")),
        }
        finish(transport).await;
    }

    /// Returns how it ended.
    async fn talk(&mut self, transport: &mut Transport, place: &mut Option<Place>) -> Result<String, Error> {
        let (mut head, mut control) = ([0; HEAD], [0; 125]);
        let (mut receive, mut transmit) = (vec![0; self.options.receive], vec![0; self.options.transmit]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
        let (limit, patience) = (Arc::clone(&self.websockets), self.options.patience);
        let accepting = WebSocket::accept(transport, &mut head, buffers, &Config::DEFAULT, |_, upgrade| {
            let sub_protocol = upgrade.and_then(|upgrade| upgrade.select_sub_protocol(&["echo.v1"]));
            *place = upgrade.and_then(|_| limit.take());
            if upgrade.is_some() && place.is_none() {
                return Decision::Reply(Reply::UNAVAILABLE.with_body(b"too many connections\n"));
            }
            Decision::Accept { sub_protocol, headers: &[] }
        });
        let accepted = select! {
            accepted = timeout(patience.timeout(), accepting) => accepted,
            _ = self.stopping.wait_for(|stops| *stops) => return Ok("not served: the program ends".to_owned()),
        };
        match accepted.map_err(|_| Error::TimedOut)?? {
            Some(websocket) => self.echo(websocket).await,
            None => Ok("got no WebSocket".to_owned()),
        }
    }

    async fn echo(&mut self, mut websocket: Open<'_, '_>) -> Result<String, Error> {
        self.log("open");
        let mut clock = Clock::new();
        let Patience { idle, .. } = self.options.patience;
        let mut keepalive = Keepalive::new(idle, idle, clock.milliseconds());
        loop {
            // If the program is to end, the receiving future is dropped in the middle of whatever it does: it has lost nothing,
            // and the closing handshake goes on where it was.
            let received = select! {
                received = websocket.recv_chunk_alive(&mut keepalive, &mut clock) => received?,
                _ = self.stopping.wait_for(|stops| *stops) => break,
            };
            let Some(mut incoming) = received else {
                return Ok(format!("closed by peer with {}", close_in_words(websocket.peer_close())));
            };
            let Chunk { kind, last, payload, .. } = incoming.chunk;
            // A peer that sends and never reads must not keep the task for ever.
            timeout(self.options.patience.timeout(), incoming.sender.fragment(kind, payload, last))
                .await
                .map_err(|_| Error::TimedOut)??;
        }
        let deadline = Deadline::after(clock.milliseconds(), CLOSE_LIMIT);
        websocket.close_until(CloseCode::GOING_AWAY, "the server ends", &mut clock, deadline).await?;
        Ok(format!("closed with 1001, peer answered {}", close_in_words(websocket.peer_close())))
    }

    fn log(&self, what: impl Display) {
        self.log.line(self.number, what);
    }
}

/// Ends the TCP connection: says that nothing more will come, and waits until the peer has said so too.
///
/// To close it while bytes of the peer are unread would reset it, and the peer might lose the last frame.
async fn finish(mut transport: Transport) {
    let ending = async {
        transport.flush().await?;
        transport.inner_mut().shutdown().await?;
        let mut rest = [0; 1024];
        while transport.read(&mut rest).await? > 0 {}
        Ok::<(), io::Error>(())
    };
    // If it fails or takes long, the connection is dropped all the same.
    let _ = timeout(Duration::from_millis(CLOSE_LIMIT.into()), ending).await;
}
