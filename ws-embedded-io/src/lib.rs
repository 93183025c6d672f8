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
mod buffers;
mod connect;
mod control_payload;
mod error;
mod event;
mod receive;
mod transmit;
mod websocket;

/// The state machines that decide everything.
pub use ws_core;
pub use ws_core::frame::{CloseCode, ClosePayload};
pub use ws_core::handshake::{ClientRequest, OriginAllowList, Reply, Request, Response, Upgrade};
pub use ws_core::{Client, MaskSource, MaskingKeyFn, MessageKind, Role, Server, WebSocketState};

pub use accept::Decision;
pub use buffers::Buffers;
pub use connect::Connected;
pub use error::Error;
pub use event::{Chunk, Event, Message};
pub use websocket::WebSocket;
