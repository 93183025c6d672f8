//! One client: it sends, and compares what comes back. It is `tungstenite`, which shares no code with what it tests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::{
    material::{Material, Sending},
    tally::Tally,
};

/// How long anything may take, with a thousand clients on two cores: what takes longer is lost.
const LIMIT: Duration = Duration::from_secs(30);

/// A client that is connected.
pub(super) struct Client {
    url: String,
    websocket: WebSocketStream<TcpStream>,
    material: Material,
    tally: Arc<Mutex<Tally>>,
}

impl Client {
    /// Connects to the server at `address` (`127.0.0.1:PORT`).
    pub(super) async fn connect(address: &str, material: Material, tally: &Arc<Mutex<Tally>>) -> Result<Self> {
        let url = format!("ws://{address}/chat");
        let websocket = connect(&url).await?;
        Ok(Self { url, websocket, material, tally: Arc::clone(tally) })
    }

    /// Sends one message after the other until `end`, and closes.
    pub(super) async fn talk_until(mut self, end: Instant) {
        while Instant::now() < end {
            let sending = self.material.next();
            let sent = Instant::now();
            match within(self.echo(&sending)).await.context("a message and its echo") {
                Ok(()) => lock(&self.tally).echoed(sending.message.len(), sending.pings.len(), sent.elapsed()),
                Err(why) => {
                    let mut tally = lock(&self.tally);
                    tally.lost += 1;
                    return tally.error(format!("{why:#}"));
                }
            }
            if self.material.reconnects() {
                if let Err(why) = within(self.reconnect()).await.context("a clean reconnect") {
                    return lock(&self.tally).error(format!("{why:#}"));
                }
                lock(&self.tally).reconnects += 1;
            }
        }
        if let Err(why) = within(self.close()).await.context("the closing handshake") {
            lock(&self.tally).error(format!("{why:#}"));
        }
    }

    /// Sends a message with its Pings, and requires its echo and their Pongs.
    async fn echo(&mut self, sending: &Sending) -> Result<()> {
        for part in &sending.parts {
            self.websocket.feed(part.clone()).await?;
        }
        self.websocket.flush().await?;
        let mut pongs: VecDeque<&[u8]> = sending.pings.iter().map(Vec::as_slice).collect();
        let mut is_echoed = false;
        while !(is_echoed && pongs.is_empty()) {
            match self.websocket.next().await.context("the server ended the connection")?? {
                Message::Pong(payload) => {
                    ensure!(pongs.pop_front() == Some(&payload[..]), "a Pong that answers no Ping: {payload:02x?}");
                }
                // Not shown: they may be long.
                echo @ (Message::Text(_) | Message::Binary(_)) => {
                    let (sent, got) = (sending.message.len(), echo.len());
                    ensure!(!is_echoed, "a second echo, of {got} bytes");
                    ensure!(echo == sending.message, "the echo of {sent} bytes differs, and has {got} bytes");
                    is_echoed = true;
                }
                other => bail!("in place of an echo: {other:?}"),
            }
        }
        Ok(())
    }

    async fn reconnect(&mut self) -> Result<()> {
        self.close().await?;
        self.websocket = connect(&self.url).await?;
        Ok(())
    }

    /// Closes with 1000, and requires the same from the server and the end of the connection.
    async fn close(&mut self) -> Result<()> {
        self.websocket.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() })).await?;
        match self.websocket.next().await.context("no Close frame came")?? {
            Message::Close(Some(CloseFrame { code: CloseCode::Normal, .. })) => {}
            other => bail!("in place of the Close frame: {other:?}"),
        }
        match self.websocket.next().await {
            None | Some(Err(Error::ConnectionClosed)) => Ok(()),
            other => bail!("behind the Close frame: {other:?}"),
        }
    }
}

async fn connect(url: &str) -> Result<WebSocketStream<TcpStream>> {
    let address = url.trim_start_matches("ws://").trim_end_matches("/chat");
    let stream = TcpStream::connect(address).await.context("the server does not accept TCP connections")?;
    stream.set_nodelay(true)?;
    let (websocket, _) = client_async(url, stream).await.context("the opening handshake")?;
    Ok(websocket)
}

async fn within<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(LIMIT, future).await.with_context(|| format!("nothing within {} s", LIMIT.as_secs()))?
}

pub(super) fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
