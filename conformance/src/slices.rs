//! The face of `ws-core` from slice to slice as an endpoint: what its caller owes the peer is done here, as its documentation says.

use std::rc::Rc;

use ws_core::{
    Error, MessageKind, Role, WebSocket, WebSocketReceiveMessageType as Received, WebSocketSendMessageType as Send,
    WebSocketState, frame::CloseCode,
};

use crate::{
    call::Call,
    endpoint::{Endpoint, Piece, Stop},
    wire::Then,
};

/// Space for whatever is longer than what is sent: the longest header.
const HEADER: usize = 14;

/// An endpoint that is given slices of an input, and slices for its output.
pub(crate) struct Slices<R> {
    websocket: WebSocket<R>,
    input: Rc<[u8]>,
    position: usize,
    read_size: usize,
    /// What payload is written to.
    payload: Vec<u8>,
    then: Then,
    /// The payload of the control frame that arrives.
    control: Vec<u8>,
    peer_close: Option<(u16, String)>,
    /// Everything that was written.
    pub(crate) output: Vec<u8>,
}

impl<R: Role> Slices<R> {
    /// Gives `websocket` at most `read_size` bytes of `input` at once, and `space` bytes for payload.
    pub(crate) fn new(websocket: WebSocket<R>, input: Rc<[u8]>, read_size: usize, space: usize, then: Then) -> Self {
        Self {
            websocket,
            input,
            position: 0,
            read_size,
            payload: vec![0xa5; space],
            then,
            control: Vec::new(),
            peer_close: None,
            output: Vec::new(),
        }
    }

    /// Can the face do this in a single call?
    pub(crate) fn can(call: &Call) -> bool {
        !matches!(call, Call::Write(..) | Call::Finish(_) | Call::BeginFrame(..) | Call::ContinueFrame(_))
    }

    fn write(&mut self, kind: Send, fin: bool, payload: &[u8]) -> Result<(), Error> {
        let mut space = vec![0xa5; payload.len() + HEADER];
        let len = self.websocket.write(kind, fin, payload, &mut space)?;
        self.output.extend(&space[..len]);
        Ok(())
    }

    fn send_close(&mut self, code: u16, reason: &str) -> Result<(), Error> {
        let mut space = vec![0xa5; 2 + reason.len() + HEADER];
        let len = self.websocket.close(CloseCode::new(code).into(), Some(reason), &mut space)?;
        self.output.extend(&space[..len]);
        Ok(())
    }

    /// Reads until there is something to tell of, and answers what is to be answered.
    fn read(&mut self) -> Result<Option<Piece>, Stop> {
        loop {
            let end = self.input.len().min(self.position.saturating_add(self.read_size));
            let from = &self.input[self.position..end];
            if from.is_empty() && self.then == Then::Silence {
                return Err(Stop::Silence);
            } else if from.is_empty() {
                // Where the stream may end, only the caller can know; the rows that ask for it are for the adapters.
                return Err(Stop::Other("the transport ended".to_string()));
            }
            let result = match self.websocket.read(from, &mut self.payload) {
                Ok(result) => result,
                Err(Error::Closed) => return Ok(None),
                Err(Error::Violation(violation)) => {
                    if let WebSocketState::Failed(_) = self.websocket.state() {
                        let _ = self.send_close(violation.close_code().get(), "");
                    }
                    return Err(Stop::Failed(violation.into()));
                }
                Err(error) => return Err(error.into()),
            };
            self.position += result.num_bytes_from;
            let payload = self.payload[..result.num_bytes_to].to_vec();
            let end = result.end_of_message;
            let kind = match result.message_type {
                Received::Text => MessageKind::Text,
                Received::Binary => MessageKind::Binary,
                Received::Incomplete => continue,
                control => {
                    self.control.extend(payload);
                    if end && self.answer(control)? {
                        return Ok(None);
                    }
                    continue;
                }
            };
            if self.websocket.state() == WebSocketState::Open && (end || !payload.is_empty()) {
                return Ok(Some(Piece { kind, last: end, payload }));
            }
        }
    }

    /// Answers the control frame that is whole, and says whether the connection is closed now.
    fn answer(&mut self, received: Received) -> Result<bool, Error> {
        let control = std::mem::take(&mut self.control);
        match received {
            Received::Ping => self.write(Send::Pong, true, &control)?,
            Received::CloseMustReply => self.write(Send::CloseReply, true, &control)?,
            _ => {}
        }
        if !matches!(received, Received::CloseMustReply | Received::CloseCompleted) {
            return Ok(false);
        }
        if let [high, low, reason @ ..] = control.as_slice() {
            let reason = String::from_utf8_lossy(reason).into_owned();
            self.peer_close = Some((u16::from_be_bytes([*high, *low]), reason));
        }
        Ok(true)
    }
}

impl<R: Role> Endpoint for Slices<R> {
    async fn receive(&mut self, _whole: bool) -> Result<Option<Piece>, Stop> {
        self.read()
    }

    async fn call(&mut self, call: &Call) -> Result<(), Stop> {
        let send = |kind: MessageKind| if kind == MessageKind::Text { Send::Text } else { Send::Binary };
        match call {
            Call::SendText(_) | Call::SendBinary(_) if self.websocket.unfinished_message().is_some() => {
                // A whole message inside another one is a fragment here, if it is of the same kind.
                return Err(Stop::Other("not asked of this face".to_string()));
            }
            Call::SendText(text) => self.write(Send::Text, true, text.as_bytes())?,
            Call::SendBinary(bytes) => self.write(Send::Binary, true, bytes)?,
            Call::Fragment(kind, payload, last) => self.write(send(*kind), *last, payload)?,
            Call::Ping(payload) => self.write(Send::Ping, true, payload)?,
            Call::SendClose(code, reason) => self.send_close(*code, reason)?,
            Call::Close(code, reason) => {
                self.send_close(*code, reason)?;
                while self.read()?.is_some() {}
            }
            _ => return Err(Stop::Other("not a call of this face".to_string())),
        }
        Ok(())
    }

    fn peer_close(&self) -> Option<(u16, String)> {
        self.peer_close.clone()
    }
}
