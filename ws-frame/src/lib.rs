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

mod close_code;
mod close_payload;
mod error;
mod header;
mod header_decoder;
mod mask;
mod opcode;
mod reserved_bits;
mod utf8;

pub use close_code::CloseCode;
pub use close_payload::{ClosePayload, ClosePayloadValidator, MAX_CLOSE_REASON_LEN};
pub use error::{ClosePayloadError, EncodeError, HeaderError, Utf8Error};
pub use header::{FrameHeader, MAX_CONTROL_PAYLOAD_LEN, MAX_HEADER_LEN, MAX_PAYLOAD_LEN};
pub use header_decoder::HeaderDecoder;
pub use mask::Mask;
pub use opcode::Opcode;
pub use reserved_bits::ReservedBits;
pub use utf8::Utf8Validator;
