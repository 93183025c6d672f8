//! The load: all clients at once, for a time.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use tokio::task::JoinHandle;

use super::{
    client::{Client, lock},
    material::{Material, Pool},
    tally::Tally,
};

/// Who talks to whom and for how long.
pub(super) struct Load {
    /// `127.0.0.1:PORT`
    pub(super) address: String,
    pub(super) connections: u64,
    pub(super) seed: u64,
    pub(super) time: Duration,
}

impl Load {
    /// Connects all clients, and then lets them talk; `look` is called each second, with the time since they began.
    pub(super) async fn run(&self, mut look: impl FnMut(Duration, &Tally)) -> Result<Tally> {
        let pool = Pool::new(self.seed);
        let tally = Arc::new(Mutex::new(Tally::new()?));
        let mut clients = Vec::new();
        for number in 0..self.connections {
            let material = Material::new(&pool, self.seed, number);
            let client = Client::connect(&self.address, material, &tally).await;
            clients.push(client.with_context(|| format!("connection {number}"))?);
        }
        let started = Instant::now();
        let end = started + self.time;
        let tasks: Vec<_> = clients.into_iter().map(|client| tokio::spawn(client.talk_until(end))).collect();
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        // When all have failed there is nothing more to see.
        while started.elapsed() < self.time && !tasks.iter().all(JoinHandle::is_finished) {
            seconds.tick().await;
            look(started.elapsed(), &lock(&tally));
        }
        for task in tasks {
            task.await.context("a client")?;
        }
        Arc::into_inner(tally).and_then(|tally| tally.into_inner().ok()).context("a client is still there")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio::net::TcpListener;
    use tokio_tungstenite::{accept_async, tungstenite::Message};

    use super::*;

    /// A server that answers with what `answer` makes of each message.
    async fn serve(listener: TcpListener, answer: fn(Message) -> Message) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut websocket = accept_async(stream).await.unwrap();
                while let Some(Ok(message)) = websocket.next().await {
                    if (message.is_text() || message.is_binary()) && websocket.send(answer(message)).await.is_err() {
                        break;
                    }
                }
            });
        }
    }

    fn load(answer: fn(Message) -> Message) -> Tally {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap().to_string();
            tokio::spawn(serve(listener, answer));
            let load = Load { address, connections: 5, seed: 1, time: Duration::from_millis(500) };
            load.run(|_, _| {}).await.unwrap()
        })
    }

    #[test]
    fn a_server_that_echoes_passes() {
        let tally = load(|message| message);
        assert_eq!((tally.lost, tally.errors), (0, 0), "{:?}", tally.told().collect::<Vec<_>>());
        assert!(tally.messages > 50 && tally.bytes > 1000 && tally.pings > 0, "{tally}");
        assert_eq!(tally.latencies.count(), tally.messages);
    }

    #[test]
    fn one_byte_too_few_is_seen() {
        let tally = load(|message| match message {
            Message::Binary(bytes) if bytes.len() > 200 => Message::Binary(bytes.slice(1..)),
            message => message,
        });
        assert_eq!((tally.lost, tally.errors), (5, 5), "{tally}");
        assert!(tally.told().all(|why| why.contains("differs")), "{:?}", tally.told().collect::<Vec<_>>());
    }
}
