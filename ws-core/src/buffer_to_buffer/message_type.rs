//! The types of what is sent and received, as the caller of `read` and `write` sees them.

use crate::{MessageKind, WebSocketState, engine::FrameKind};

/// What [`write`](crate::WebSocket::write) sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WebSocketSendMessageType {
    /// A text message, or a fragment of one.
    Text,
    /// A binary message, or a fragment of one.
    Binary,
    /// A Ping frame.
    Ping,
    /// A Pong frame: the answer to a Ping frame, with the same payload.
    Pong,
    /// The answer to a Close frame, once it has arrived whole. The payload is what the Close frame had, or at least its
    /// close code.
    CloseReply,
    /// A Close frame that answers none: what [`close`](crate::WebSocket::close) writes, for a payload that is at hand and
    /// for outputs that are too short to hold the frame. The payload is empty, or a close code in two bytes, high byte
    /// first, and a reason in UTF-8.
    Close,
}

impl From<WebSocketSendMessageType> for FrameKind {
    fn from(message_type: WebSocketSendMessageType) -> Self {
        match message_type {
            WebSocketSendMessageType::Text => Self::Message(MessageKind::Text),
            WebSocketSendMessageType::Binary => Self::Message(MessageKind::Binary),
            WebSocketSendMessageType::Ping => Self::Ping,
            WebSocketSendMessageType::Pong => Self::Pong,
            WebSocketSendMessageType::CloseReply | WebSocketSendMessageType::Close => Self::Close,
        }
    }
}

/// What [`read`](crate::WebSocket::read) has received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WebSocketReceiveMessageType {
    /// Not known yet: fewer bytes than the header of a frame have arrived.
    Incomplete,
    /// A text message, or a part of it. A part may end inside a character.
    Text,
    /// A binary message, or a part of it.
    Binary,
    /// A Ping frame: answer with a [`Pong`](WebSocketSendMessageType::Pong) that has the same payload.
    Ping,
    /// A Pong frame.
    Pong,
    /// The peer begins the closing handshake: answer with [`CloseReply`](WebSocketSendMessageType::CloseReply) once
    /// `end_of_message` is reported.
    CloseMustReply,
    /// The peer answers our Close frame: the closing handshake is complete once `end_of_message` is reported.
    CloseCompleted,
}

impl WebSocketReceiveMessageType {
    pub(super) fn new(frame: FrameKind, state: WebSocketState) -> Self {
        match (frame, state) {
            (FrameKind::Message(MessageKind::Text), _) => Self::Text,
            (FrameKind::Message(MessageKind::Binary), _) => Self::Binary,
            (FrameKind::Ping, _) => Self::Ping,
            (FrameKind::Pong, _) => Self::Pong,
            (FrameKind::Close, WebSocketState::CloseSent) => Self::CloseCompleted,
            (FrameKind::Close, _) => Self::CloseMustReply,
        }
    }
}
