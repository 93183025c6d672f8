//! An endpoint of ours as the rows see it, and the two adapters as such endpoints. The face from slice to slice is in `slices.rs`.

use ws_core::{Error, Message, MessageKind, Role, frame::CloseCode};

use crate::{call::Call, wire::Silence};

/// A message that was received, or a piece of one.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) kind: MessageKind,
    pub(crate) last: bool,
    pub(crate) payload: Vec<u8>,
}

/// Why a call did not come to what it is for.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The peer is silent.
    Silence,
    Failed(Error),
    /// Something else, in words.
    Other(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An endpoint of ours.
pub(crate) trait Endpoint {
    /// Receives a message, as a `whole` or piece by piece; `None` once the connection is closed.
    async fn receive(&mut self, whole: bool) -> Result<Option<Piece>, Stop>;

    /// Makes a call that sends.
    async fn call(&mut self, call: &Call) -> Result<(), Stop>;

    /// The code and the reason of the peer's Close frame.
    fn peer_close(&self) -> Option<(u16, String)>;
}

/// The adapters are one text but for `.await`.
macro_rules! adapter {
    ($adapter:ident, $io:ident $(, $await:tt)?) => {
        impl From<$adapter::Error<Silence>> for Stop {
            fn from(error: $adapter::Error<Silence>) -> Self {
                match error {
                    $adapter::Error::Read(Silence) => Self::Silence,
                    $adapter::Error::WebSocket(error) => Self::Failed(error),
                    error => Self::Other(error.to_string()),
                }
            }
        }

        impl<T, R> Endpoint for $adapter::WebSocket<'_, T, R>
        where
            T: $io::Read<Error = Silence> + $io::Write,
            R: Role,
        {
            async fn receive(&mut self, whole: bool) -> Result<Option<Piece>, Stop> {
                if whole {
                    let incoming = self.recv()$(.$await)?;
                    return Ok(incoming?.map(|incoming| {
                        let message = incoming.message;
                        Piece { kind: message.kind(), last: true, payload: message.payload().to_vec() }
                    }));
                }
                let incoming = self.recv_chunk()$(.$await)?;
                Ok(incoming?.map(|incoming| {
                    let chunk = incoming.chunk;
                    Piece { kind: chunk.kind, last: chunk.last, payload: chunk.payload.to_vec() }
                }))
            }

            async fn call(&mut self, call: &Call) -> Result<(), Stop> {
                let mut sender = self.sender();
                match call {
                    Call::ReceiveAll | Call::Receive => return Err(Stop::Other("it does not send".to_string())),
                    Call::SendText(text) => sender.send(Message::Text(text))$(.$await)?,
                    Call::SendBinary(bytes) => sender.send(Message::Binary(bytes))$(.$await)?,
                    Call::Fragment(kind, payload, last) => sender.fragment(*kind, payload, *last)$(.$await)?,
                    Call::Write(kind, payload) => sender.writer(*kind).write_all(payload)$(.$await)?,
                    Call::Finish(kind) => sender.writer(*kind).finish()$(.$await)?,
                    Call::BeginFrame(kind, len, piece) => {
                        let mut rest = piece.as_slice();
                        let mut frame = sender.frame(*kind, *len)?;
                        while !rest.is_empty() {
                            let len = frame.write(rest)$(.$await)?;
                            rest = &rest[len?..];
                        }
                        return Ok(());
                    }
                    Call::ContinueFrame(piece) => {
                        let mut rest = piece.as_slice();
                        let frame = sender.unfinished_frame();
                        let mut frame = frame.ok_or_else(|| Stop::Other("no frame is unfinished".to_string()))?;
                        while !rest.is_empty() {
                            let len = frame.write(rest)$(.$await)?;
                            rest = &rest[len?..];
                        }
                        if frame.remaining() > 0 {
                            return Ok(());
                        }
                        frame.finish()$(.$await)?
                    }
                    Call::Ping(payload) => sender.ping(payload)$(.$await)?,
                    Call::SendClose(code, reason) => sender.close(CloseCode::new(*code), reason)$(.$await)?,
                    Call::Close(code, reason) => self.close(CloseCode::new(*code), reason)$(.$await)?,
                }?;
                Ok(())
            }

            fn peer_close(&self) -> Option<(u16, String)> {
                let close = $adapter::WebSocket::peer_close(self)?;
                Some((close.code.get(), close.reason.to_string()))
            }
        }
    };
}

adapter!(ws_embedded_io, embedded_io);
adapter!(ws_embedded_io_async, embedded_io_async, await);
