#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation
    )
)]

mod buffer_to_buffer;
mod connection;
mod engine;
mod error;
mod halves;
mod mask_source;
mod opening;
mod role;
pub mod time;
mod violation;

/// The frame codec that the state machines are built on.
pub use ws_frame as frame;
/// The opening handshake: requests, responses and refusals.
pub use ws_handshake as handshake;

pub use buffer_to_buffer::{
    HttpHeader, OfferedSubProtocols, OpeningHandshakeResult, WebSocket, WebSocketClient, WebSocketCloseStatusCode,
    WebSocketContext, WebSocketReadResult, WebSocketReceiveMessageType, WebSocketSendMessageType, WebSocketServer,
    WebSocketWriteResult, read_http_header,
};
pub use connection::{
    Announced, Buffers, Chunk, ChunkInfo, Closing, Composer, Composing, Config, Connection, ControlBuffer, Delivery,
    Duties, Event, Finishing, FinishingFrame, Flushing, Formatting, FrameWriter, Full, Limits, Machine, Message,
    MessageWriter, Putting, PuttingInFrame, Received, ReceivedChunk, Sender, Sending, SendingControl, Step,
};
pub use engine::{MessageKind, WebSocketState};
pub use error::{Error, Misuse};
pub use halves::{FlushingHalf, ReceiveHalf, ReplySlot, TransmitHalf};
pub use mask_source::{MaskSource, MaskingKeyFn};
pub use opening::{Accepting, Answer, Asked, Connecting, Replying};
pub use role::{Client, Role, Server};
pub use violation::Violation;
