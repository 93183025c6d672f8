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

mod accept;
mod alive;
mod connect;
mod drive;
mod error;
mod halves;
mod incoming;
mod sender;
mod websocket;
mod writers;

/// The state machines that decide everything.
pub use ws_core;
pub use ws_core::frame::{CloseCode, ClosePayload};
pub use ws_core::handshake::{ClientRequest, OriginAllowList, Reply, Request, Response, Upgrade};
pub use ws_core::time;
pub use ws_core::{
    Announced, Buffers, Chunk, Client, Composer, Config, Connection, Delivery, Duties, Event, Full, Limits, MaskSource,
    MaskingKeyFn, Message, MessageKind, Misuse, ReplySlot, Role, Server, Violation, WebSocketState,
};

pub use accept::Decision;
pub use alive::{Timed, drive_until};
pub use connect::Connected;
pub use drive::drive;
pub use error::Error;
pub use halves::{Arrived, ReceiveHalf, TransmitHalf};
pub use incoming::{Incoming, IncomingChunk};
pub use sender::Sender;
pub use websocket::WebSocket;
pub use writers::{FrameWriter, MessageWriter};
