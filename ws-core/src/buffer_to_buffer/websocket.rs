//! The endpoint itself: reading and writing frames from slice to slice.

use ws_frame::{CloseCode, ClosePayload, Mask};

use super::{
    close_status_code::WebSocketCloseStatusCode,
    message_type::{WebSocketReceiveMessageType, WebSocketSendMessageType},
    offer::SubProtocolOffer,
    result::{WebSocketReadResult, WebSocketWriteResult},
};
use crate::{
    Client, Error, MaskSource, MaskingKeyFn, MessageKind, Misuse, Role, Server, Violation, WebSocketState,
    engine::{FrameEnd, FrameKind, Outgoing, Plan, Receiver, Transmitter, copy_payload},
};

/// A WebSocket endpoint that reads from a slice and writes to a slice.
///
/// Use it as a [`WebSocketClient`] or as a [`WebSocketServer`]. The caller moves all bytes to and from the transport and
/// gives all answers.
///
/// # Order of calls
///
/// 1. *Opening handshake.* A client calls `client_initiate_opening_handshake` and, until it no longer returns
///    [`Error::HttpHeaderIncomplete`], `client_complete_opening_handshake`. A server calls
///    [`read_http_header`](crate::read_http_header), in the same way, and `server_respond_to_opening_handshake`. Calls of
///    the other role do not compile.
/// 2. *Messages.* [`read`](Self::read) and [`write`](Self::write) in any order. Answer each
///    [`Ping`](WebSocketReceiveMessageType::Ping) with a [`Pong`](WebSocketSendMessageType::Pong).
/// 3. *Closing handshake.* [`close`](Self::close), then [`read`](Self::read) until
///    [`CloseCompleted`](WebSocketReceiveMessageType::CloseCompleted). Or, after
///    [`CloseMustReply`](WebSocketReceiveMessageType::CloseMustReply), [`write`](Self::write) a
///    [`CloseReply`](WebSocketSendMessageType::CloseReply).
/// 4. *A violation of the peer's* ([`Error::Violation`]): if the state is [`Failed`](WebSocketState::Failed),
///    [`close`](Self::close) with [`Error::close_code`], then close the transport. If a Close frame was sent before, or a
///    frame is half sent, there is no Close frame to send: close the transport. [`read`](Self::read) does not go on.
///
/// # Slices
///
/// They may have any length, but for the heads of the opening handshake, which are written and read whole, and for
/// [`write`](Self::write) and [`close`](Self::close), which write a frame whole: what is between two calls, be it half a
/// header, is remembered here. A call that fails changes nothing and takes no input, except when the peer breaks a rule.
///
/// # Clones
///
/// A clone goes on from the same state, and if the mask source is a clone too it uses the same masking keys: clones are
/// for tests.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WebSocket<R> {
    pub(super) role: R,
    pub(super) state: WebSocketState,
    pub(super) offer: SubProtocolOffer,
    receiver: Receiver,
    transmitter: Transmitter,
}

/// A client, with the source of its masking keys.
pub type WebSocketClient<M> = WebSocket<Client<M>>;

/// A server.
pub type WebSocketServer = WebSocket<Server>;

impl<M: MaskSource> WebSocket<Client<M>> {
    /// Returns a client that has not opened its connection. `mask_source` gives the masking keys: any `rand_core`
    /// generator with the feature `rand_core`.
    #[must_use]
    pub const fn new(mask_source: M) -> Self {
        Self::in_state(Client { mask_source }, WebSocketState::Connecting)
    }

    /// Returns a client whose opening handshake was done elsewhere, with [`handshake`](crate::handshake) or an HTTP
    /// library: it is open.
    #[must_use]
    pub const fn after_opening_handshake(mask_source: M) -> Self {
        Self::in_state(Client { mask_source }, WebSocketState::Open)
    }
}

impl<F: FnMut() -> [u8; 4]> WebSocket<Client<MaskingKeyFn<F>>> {
    /// Returns a client that has not opened its connection, with a closure that gives four unpredictable bytes.
    #[must_use]
    pub const fn with_masking_keys(masking_key: F) -> Self {
        Self::new(MaskingKeyFn(masking_key))
    }
}

impl WebSocket<Server> {
    /// Returns a server that has not opened its connection.
    #[must_use]
    pub const fn new() -> Self {
        Self::in_state(Server, WebSocketState::Connecting)
    }

    /// Returns a server whose opening handshake was done elsewhere, with [`handshake`](crate::handshake) or an HTTP
    /// library: it is open.
    #[must_use]
    pub const fn after_opening_handshake() -> Self {
        Self::in_state(Server, WebSocketState::Open)
    }
}

impl Default for WebSocket<Server> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> WebSocket<R> {
    const fn in_state(role: R, state: WebSocketState) -> Self {
        Self {
            role,
            state,
            offer: SubProtocolOffer::NOTHING,
            receiver: Receiver::new(),
            transmitter: Transmitter::new(),
        }
    }

    /// How far the connection is.
    #[must_use]
    pub const fn state(&self) -> WebSocketState {
        self.state
    }

    /// The kind of the message of which a part was written that was not the end; `None` between messages.
    #[must_use]
    pub const fn unfinished_message(&self) -> Option<MessageKind> {
        self.transmitter.unfinished_message()
    }
}

impl<R: Role> WebSocket<R> {
    /// Reads from `from`, the bytes that the peer sent, and writes payload to `to`.
    ///
    /// One call handles one frame or a part of it: it ends when `from` is used up, when `to` is full or when the frame
    /// ends. Call it until all of `from` is taken; what comes after a Close frame is to be discarded. The payload of a
    /// message arrives unmasked, in as many parts as the buffers and the peer's frames make of it, and a text may be cut
    /// inside a character; it is valid as a whole once [`end_of_message`](WebSocketReadResult::end_of_message) is
    /// reported. Ping, Pong and Close frames may come between the frames of a message.
    ///
    /// With an empty `to`, only headers and empty frames are taken: a way to learn what comes before there is room for it.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] when the peer breaks a rule: with the frame's header if that breaks it, else with the first
    /// byte of payload that does. [`Error::Closed`] after the peer's Close frame. [`Error::Misuse`] before the opening
    /// handshake is complete.
    pub fn read(&mut self, from: &[u8], to: &mut [u8]) -> Result<WebSocketReadResult, Error> {
        self.state.check_receive()?;
        self.read_frame(from, to).map_err(|violation| {
            self.state.failed(violation);
            violation.into()
        })
    }

    /// Writes `from` as one frame to `to` and returns the frame's length in bytes.
    ///
    /// A message of one frame has `end_of_message` set. A message in fragments has it set for the last one only;
    /// between them, Ping, Pong and Close frames may be written.
    ///
    /// # Errors
    ///
    /// [`Error::BufferTooSmall`] with the length needed: at most 14 bytes more than `from` has. [`Error::Misuse`] for
    /// what would break the protocol: text that is not UTF-8, a control frame that is too long or not the end of its
    /// message, a message inside another one, anything after Close. In both cases nothing has happened.
    pub fn write(
        &mut self,
        message_type: WebSocketSendMessageType,
        end_of_message: bool,
        from: &[u8],
        to: &mut [u8],
    ) -> Result<usize, Error> {
        let outgoing = self.outgoing(message_type, end_of_message)?;
        let plan = self.transmitter.plan(self.state, outgoing, from)?;
        self.write_frame(plan, to, |space, mask| {
            copy_payload(mask, from, space);
            Ok(())
        })
    }

    /// Writes a part of a frame with the payload `from` to `to`, which may be as short as one byte.
    ///
    /// The first call begins the frame: its payload is all of `from`, whose length goes into the header. As long as
    /// [`end_of_frame`](WebSocketWriteResult::end_of_frame) is not reported, call again with the same `message_type` and
    /// `end_of_message` and with what is left of `from`, unchanged; nothing else can be written until
    /// then.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`], as [`write`](Self::write), and if `from` is not what is left of a half-sent frame. Nothing has
    /// happened then.
    pub fn write_partial(
        &mut self,
        message_type: WebSocketSendMessageType,
        end_of_message: bool,
        from: &[u8],
        to: &mut [u8],
    ) -> Result<WebSocketWriteResult, Error> {
        let outgoing = if self.transmitter.is_frame_unfinished() {
            Outgoing { kind: message_type.into(), fin: end_of_message }
        } else {
            let outgoing = self.outgoing(message_type, end_of_message)?;
            let mut plan = self.transmitter.plan(self.state, outgoing, from)?;
            // With nothing written, nothing has begun.
            if to.is_empty() {
                return Ok(WebSocketWriteResult { num_bytes_from: 0, num_bytes_to: 0, end_of_frame: false });
            }
            plan.header.masking_key = self.role.masking_key();
            self.transmitter.commit_in_parts(&plan, &mut self.state);
            outgoing
        };
        let (num_bytes_from, num_bytes_to, end_of_frame) = self.transmitter.emit(outgoing, from, to)?;
        Ok(WebSocketWriteResult { num_bytes_from, num_bytes_to, end_of_frame })
    }

    /// Writes a Close frame to `to` and returns its length in bytes: it begins the closing handshake, or answers the
    /// peer's Close frame, or tells the peer about its violation.
    ///
    /// `reason` is for people and logs: at most 123 bytes. A message that has been begun need not be ended before.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] for a close code that may not be sent, a reason that is too long, when a Close frame was sent
    /// before, inside a half-sent frame, and before the opening handshake is complete; [`Error::BufferTooSmall`] with the
    /// length needed. Nothing has happened then. With a shorter `to`,
    /// [`write_partial`](Self::write_partial) a [`Close`](WebSocketSendMessageType::Close).
    pub fn close(
        &mut self,
        close_status: WebSocketCloseStatusCode,
        reason: Option<&str>,
        to: &mut [u8],
    ) -> Result<usize, Error> {
        let payload = ClosePayload { code: CloseCode::from(close_status), reason: reason.unwrap_or_default() };
        let outgoing = Outgoing { kind: FrameKind::Close, fin: true };
        payload.check()?;
        let plan = self.transmitter.plan_len(self.state, outgoing, payload.encoded_len() as u64)?;
        self.write_frame(plan, to, |space, mask| {
            payload.encode(space)?;
            if let Some(mask) = mask {
                mask.apply(space);
            }
            Ok(())
        })
    }

    fn read_frame(&mut self, from: &[u8], to: &mut [u8]) -> Result<WebSocketReadResult, Violation> {
        // The peer of a client is a server, which does not mask, and the other way round.
        let (header_len, frame) = self.receiver.begin_frame(from, !R::MASKS)?;
        let Some(frame) = frame else {
            return Ok(WebSocketReadResult {
                num_bytes_from: header_len,
                num_bytes_to: 0,
                end_of_message: false,
                close_status: None,
                message_type: WebSocketReceiveMessageType::Incomplete,
            });
        };
        let message_type = WebSocketReceiveMessageType::new(frame, self.state);
        let payload_len = self.receiver.copy_payload(from.get(header_len..).unwrap_or_default(), to)?;
        let end = self.receiver.end_frame()?;
        let close_status = match end {
            Some(FrameEnd::Close(code)) => {
                self.state.close_received();
                code.map(WebSocketCloseStatusCode::from)
            }
            _ => None,
        };
        Ok(WebSocketReadResult {
            num_bytes_from: header_len.saturating_add(payload_len),
            num_bytes_to: payload_len,
            end_of_message: matches!(end, Some(FrameEnd::Message | FrameEnd::Close(_))),
            close_status,
            message_type,
        })
    }

    /// Checks what only this face knows: that an answer to a Close frame has one to answer.
    fn outgoing(&self, message_type: WebSocketSendMessageType, end_of_message: bool) -> Result<Outgoing, Misuse> {
        if message_type == WebSocketSendMessageType::CloseReply {
            self.state.check_send_close_reply()?;
        }
        Ok(Outgoing { kind: message_type.into(), fin: end_of_message })
    }

    /// Writes a whole frame, if it fits; `put_payload` writes and masks the payload.
    fn write_frame(
        &mut self,
        mut plan: Plan,
        to: &mut [u8],
        put_payload: impl FnOnce(&mut [u8], Option<&mut Mask>) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        plan.header.masking_key = R::MASKS.then_some([0; 4]);
        let header_len = plan.header.encoded_len();
        let payload_len = usize::try_from(plan.header.payload_len).unwrap_or(usize::MAX);
        let needed = header_len.saturating_add(payload_len);
        let Some((header, payload)) = to.get_mut(..needed).and_then(|to| to.split_at_mut_checked(header_len)) else {
            return Err(Error::BufferTooSmall { needed });
        };
        // The key is drawn only now, so that a call that fails does not use one up.
        plan.header.masking_key = self.role.masking_key();
        let mut mask = plan.header.masking_key.map(Mask::new);
        put_payload(payload, mask.as_mut())?;
        plan.header.encode(header)?;
        self.transmitter.commit(&plan, &mut self.state);
        Ok(needed)
    }
}
