//! What is said: messages and their echo. One thread sends and another one receives, so that the server, which echoes while it
//! receives, and we never wait for each other.

use std::{
    iter,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use embedded_io::{Read, Write};
use embedded_tls::TlsError;
use examples::close_in_words;
use ws_embedded_io::{Arrived, Chunk, Client, CloseCode, MaskSource, Message, MessageKind, ReceiveHalf, TransmitHalf};

/// A message to send.
pub(crate) enum Sample {
    Text(String),
    Binary(Vec<u8>),
}

/// What the receiving thread tells.
enum Heard {
    Message(MessageKind, Vec<u8>),
    /// The transmit half has something to send.
    ReplyDue,
    /// With what the server's Close frame said.
    Closed(String),
    Failed(anyhow::Error),
}

/// The sending side.
pub(crate) struct Conversation<'b, 's, W, M> {
    transmitting: TransmitHalf<'b, 's, W, Client<M>>,
    /// How long an answer may take.
    limit: Duration,
}

impl<'b, 's, W, M> Conversation<'b, 's, W, M>
where
    W: Write<Error = TlsError>,
    M: MaskSource,
{
    pub(crate) fn new(transmitting: TransmitHalf<'b, 's, W, Client<M>>, limit: Duration) -> Self {
        Self { transmitting, limit }
    }

    /// Sends each message and requires its echo, then closes. `hang_up` is called when nothing more is to be received.
    pub(crate) fn hold<R>(
        mut self,
        receiving: ReceiveHalf<'_, '_, R, Client<M>>,
        samples: &[Sample],
        hang_up: impl FnOnce(),
    ) -> anyhow::Result<()>
    where
        R: Read<Error = TlsError> + Send,
        M: Send,
    {
        let (tell, heard) = channel();
        thread::scope(|scope| {
            scope.spawn(move || receive(receiving, &tell));
            let said = self.say(samples, &heard);
            if said.is_err() {
                hang_up();
            }
            said
        })
    }

    fn say(&mut self, samples: &[Sample], heard: &Receiver<Heard>) -> anyhow::Result<()> {
        for sample in samples {
            let message = sample.message();
            let (kind, len) = (message.kind(), message.payload().len());
            self.transmitting.send(message).context("cannot send")?;
            let echo = match self.hear(heard)? {
                Heard::Message(kind, echo) => (kind, echo),
                Heard::Closed(code) => bail!("closed by peer with {code}"),
                Heard::ReplyDue | Heard::Failed(_) => bail!("no echo"),
            };
            ensure!(
                (echo.0, echo.1.as_slice()) == (kind, message.payload()),
                "the echo of {kind}, {len} bytes, differs"
            );
            println!("echoed {kind}, {len} bytes");
        }
        self.transmitting.close(CloseCode::NORMAL_CLOSURE, "").context("cannot close")?;
        loop {
            // A message that came before the server knew is no echo, and has no place any more.
            if let Heard::Closed(code) = self.hear(heard)? {
                println!("closed by us with 1000, peer answered {code}");
                break;
            }
        }
        Ok(())
    }

    /// Waits for a message or the end, and meanwhile sends the replies that are due.
    fn hear(&mut self, heard: &Receiver<Heard>) -> anyhow::Result<Heard> {
        loop {
            let next = heard.recv_timeout(self.limit).context("the server did not answer in time")?;
            match next {
                Heard::ReplyDue => self.transmitting.reply().context("cannot reply")?,
                Heard::Failed(error) => {
                    // A violation of the server's is told it; if that cannot be, it has gone.
                    let _ = self.transmitting.reply();
                    return Err(error);
                }
                heard => return Ok(heard),
            }
        }
    }
}

/// Receives until the end, and tells of everything.
fn receive<R: Read<Error = TlsError>, M: MaskSource>(
    mut receiving: ReceiveHalf<'_, '_, R, Client<M>>,
    tell: &Sender<Heard>,
) {
    let mut message = Vec::new();
    loop {
        let heard = match receiving.recv_chunk() {
            Ok(Arrived::Data(Chunk { kind, last, payload, .. })) => {
                message.extend_from_slice(payload);
                if !last {
                    continue;
                }
                Heard::Message(kind, std::mem::take(&mut message))
            }
            Ok(Arrived::ReplyDue) => Heard::ReplyDue,
            Ok(Arrived::Closed) => Heard::Closed(close_in_words(receiving.peer_close())),
            Err(error) => Heard::Failed(error.into()),
        };
        let is_end = matches!(heard, Heard::Closed(_) | Heard::Failed(_));
        // If nobody listens any more, the conversation has failed.
        if tell.send(heard).is_err() || is_end {
            return;
        }
    }
}

impl Sample {
    /// The texts, and binary messages of these lengths; `hello` if there are none.
    pub(crate) fn all(texts: Vec<String>, lengths: Vec<usize>) -> Vec<Self> {
        let hello = (texts.is_empty() && lengths.is_empty()).then(|| Self::Text("hello".to_owned()));
        let binary =
            |len| Self::Binary(iter::successors(Some(7_u8), |byte| Some(byte.wrapping_add(31))).take(len).collect());
        texts.into_iter().map(Self::Text).chain(lengths.into_iter().map(binary)).chain(hello).collect()
    }

    fn message(&self) -> Message<'_> {
        match self {
            Self::Text(text) => Message::Text(text),
            Self::Binary(bytes) => Message::Binary(bytes),
        }
    }
}
