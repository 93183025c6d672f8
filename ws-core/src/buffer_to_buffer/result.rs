//! What a call that reads or writes has done: how far it came in its two slices.

use super::{close_status_code::WebSocketCloseStatusCode, message_type::WebSocketReceiveMessageType};

/// What [`read`](crate::WebSocket::read) has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WebSocketReadResult {
    /// How many bytes were taken from the input. Give the rest to the next call.
    pub num_bytes_from: usize,
    /// How many bytes of payload were written to the output.
    pub num_bytes_to: usize,
    /// Whether these were the last bytes of the message, Ping, Pong or Close.
    pub end_of_message: bool,
    /// The close code, at the end of a Close frame that has one.
    pub close_status: Option<WebSocketCloseStatusCode>,
    /// What the payload is part of.
    pub message_type: WebSocketReceiveMessageType,
}

/// What [`write_partial`](crate::WebSocket::write_partial) has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WebSocketWriteResult {
    /// How many bytes of payload were taken from the input. Give the rest to the next call.
    pub num_bytes_from: usize,
    /// How many bytes were written to the output.
    pub num_bytes_to: usize,
    /// Whether the frame has been written whole.
    pub end_of_frame: bool,
}
