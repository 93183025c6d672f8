//! Receiving on an open connection, and the duties that come with it: pong, close reply, failing the connection.

use embedded_io::{Read, Write};
use ws_core::{
    MessageKind, Role, WebSocketReceiveMessageType as ReceiveType, WebSocketSendMessageType as SendType,
    WebSocketState, frame::CloseCode,
};

use crate::{Chunk, Error, Event, Message, WebSocket};

/// What one read of the core has brought: `len` bytes in the caller's slice.
pub(crate) struct Data {
    kind: MessageKind,
    len: usize,
    end_of_message: bool,
}

impl<T: Read + Write, R: Role> WebSocket<'_, T, R> {
    /// Receives a whole message into `buffer`.
    ///
    /// Answers pings and completes the closing handshake on the way. If reading fails, say with a time-out, call again
    /// with the same slice, unchanged: it holds what has arrived of the message. Pongs that come inside a message are told
    /// of once, behind it.
    ///
    /// # Errors
    ///
    /// [`Error::MessageTooBig`] if the message does not fit into `buffer`, after a Close frame with 1009;
    /// [`Error::WebSocket`] if the peer broke a rule, after a Close frame with the code for it; [`Error::TransportEnded`]
    /// if the transport ended without a closing handshake; [`Error::SliceChanged`] if `buffer` is shorter than what has
    /// arrived before, or is a text and no longer holds it; the transport's errors.
    pub fn recv<'m>(&mut self, buffer: &'m mut [u8]) -> Result<Event<Message<'m>>, Error<T::Error>> {
        let kind = loop {
            if !self.inside_message && core::mem::take(&mut self.pong_pending) {
                return Ok(Event::Pong);
            }
            let space = buffer.get_mut(self.received..).ok_or(Error::SliceChanged)?;
            match self.receive(space)? {
                Event::Data(data) => {
                    self.received = self.received.saturating_add(data.len);
                    self.inside_message = !data.end_of_message;
                    if data.end_of_message {
                        break data.kind;
                    }
                }
                // Told of behind the message, so that the caller's slice stays what it is until the message is whole.
                Event::Pong => self.pong_pending = true,
                Event::Closed => {
                    self.forget_message();
                    return Ok(Event::Closed);
                }
            }
        };
        let payload = buffer.get(..self.received).unwrap_or_default();
        self.received = 0;
        Ok(Event::Data(match kind {
            MessageKind::Binary => Message::Binary(payload),
            // The core has validated the text already, piece by piece. Without `unsafe`, a `&str` costs a second look.
            MessageKind::Text => Message::Text(str::from_utf8(payload).map_err(|_| Error::SliceChanged)?),
        }))
    }

    /// Receives the next part of a message into `buffer`: as much as has arrived and fits. A message of any length can
    /// be received in this way.
    ///
    /// Do not mix it with [`recv`](Self::recv) inside one message.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); [`Error::MessageTooBig`] only if `buffer` is empty.
    pub fn recv_chunk<'m>(&mut self, buffer: &'m mut [u8]) -> Result<Event<Chunk<'m>>, Error<T::Error>> {
        if core::mem::take(&mut self.pong_pending) {
            return Ok(Event::Pong);
        }
        loop {
            match self.receive(buffer)? {
                // A fragment without payload says nothing unless it is the last.
                Event::Data(Data { len: 0, end_of_message: false, .. }) => {}
                Event::Data(Data { kind, len, end_of_message }) => {
                    let first = !self.inside_message;
                    self.inside_message = !end_of_message;
                    let payload = buffer.get(..len).unwrap_or_default();
                    return Ok(Event::Data(Chunk { kind, first, last: end_of_message, payload }));
                }
                Event::Pong => return Ok(Event::Pong),
                Event::Closed => return Ok(Event::Closed),
            }
        }
    }

    /// Reads until there is something for the application, and does what is owed to the peer on the way.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Result<Event<Data>, Error<T::Error>> {
        loop {
            let state = self.core.state();
            if matches!(state, WebSocketState::CloseReceived | WebSocketState::Closed) {
                return Ok(Event::Closed);
            }
            if self.input.unread().is_empty() {
                self.input.fill(&mut self.transport)?;
            }
            // When the caller's slice is full, the peer can still send control frames.
            let mut spare = [0; 32];
            let buffer_is_full = buffer.is_empty();
            let to = if buffer_is_full { &mut spare } else { &mut *buffer };
            let result = match self.core.read(self.input.unread(), to) {
                Ok(result) => result,
                Err(error) => {
                    if let Some(code) = error.close_code() {
                        self.fail(code);
                    }
                    return Err(error.into());
                }
            };
            self.input.consume(result.num_bytes_from);
            let payload = to.get(..result.num_bytes_to).unwrap_or_default();
            let kind = match result.message_type {
                ReceiveType::Text => MessageKind::Text,
                ReceiveType::Binary => MessageKind::Binary,
                ReceiveType::Incomplete => continue,
                control => {
                    let held = if control == ReceiveType::Ping { &mut self.ping } else { &mut self.control };
                    held.push(payload, result.end_of_message);
                    if !result.end_of_message {
                        continue;
                    }
                    match self.answer(control)? {
                        Some(event) => return Ok(event),
                        None => continue,
                    }
                }
            };
            // The application has said goodbye, or has been told that the connection failed.
            if state == WebSocketState::CloseSent {
                continue;
            }
            if buffer_is_full && !payload.is_empty() {
                return Err(self.message_too_big());
            }
            return Ok(Event::Data(Data { kind, len: payload.len(), end_of_message: result.end_of_message }));
        }
    }

    /// Answers a control frame that is complete, and says what the application has to know of it.
    fn answer(&mut self, control: ReceiveType) -> Result<Option<Event<Data>>, Error<T::Error>> {
        let (answer, event) = match control {
            // RFC 6455, section 5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response,
            // unless it already received a Close frame." After that, nothing is received here.
            ReceiveType::Ping => (Some((SendType::Pong, &self.ping)), None),
            ReceiveType::Pong => (None, Some(Event::Pong)),
            // RFC 6455, section 5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame,
            // the endpoint MUST send a Close frame in response."
            ReceiveType::CloseMustReply => (Some((SendType::CloseReply, &self.control)), Some(Event::Closed)),
            ReceiveType::CloseCompleted => (None, Some(Event::Closed)),
            _ => (None, None),
        };
        if let Some((answer, payload)) = answer {
            let is_closing = self.core.state() == WebSocketState::CloseSent;
            let sent = self.output.send_frame(&mut self.transport, &mut self.core, answer, true, payload.get());
            // After our Close frame the peer may have sent its own and be gone: what matters is to read on until there.
            if !is_closing {
                sent?;
            }
        }
        Ok(event)
    }

    /// The rest of the message that is being received will be dropped.
    pub(crate) fn forget_message(&mut self) {
        self.received = 0;
        self.inside_message = false;
        self.pong_pending = false;
    }

    fn message_too_big(&mut self) -> Error<T::Error> {
        self.fail(CloseCode::MESSAGE_TOO_BIG);
        Error::MessageTooBig
    }

    /// Sends a Close frame with this code, unless one was sent before.
    fn fail(&mut self, code: CloseCode) {
        // What it holds is not the payload of a valid Close frame.
        self.control.clear();
        self.forget_message();
        // Whether or not the peer can be told, what matters to the caller is the error that led here.
        let _ = self.send_close(code, "");
    }
}
