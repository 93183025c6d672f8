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

mod acceptance;
mod client_request;
mod error;
mod extension;
mod fields;
mod head;
mod host;
mod key;
mod origin;
mod reply;
mod request;
mod response;
mod target;
mod token;
mod upgrade;
mod writer;

pub use acceptance::Acceptance;
pub use client_request::ClientRequest;
pub use error::{EncodeError, RequestError, ResponseError};
pub use extension::{ExtensionOffer, Extensions, Parameters};
pub use head::{Headers, MAX_HEADERS};
pub use key::{WebSocketAccept, WebSocketKey, accept_for};
pub use origin::OriginAllowList;
pub use reply::Reply;
pub use request::Request;
pub use response::{Agreement, Offer, Response};
pub use token::TokenList;
pub use upgrade::{MAX_SUB_PROTOCOLS, Upgrade};
