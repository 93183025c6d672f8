//! The table, by subject.

mod client_handshake;
mod closing;
mod control;
mod fragmentation;
mod framing;
mod heads;
mod masking;
mod offers;
mod our_heads;
mod robustness;
mod sending;
mod server_handshake;
mod utf8;
mod wire_format;

use crate::row::Theme;

/// Every subject, in the order of the table.
pub(crate) fn themes() -> Vec<Theme> {
    vec![
        server_handshake::theme(),
        offers::theme(),
        client_handshake::theme(),
        heads::theme(),
        our_heads::theme(),
        framing::theme(),
        masking::theme(),
        control::theme(),
        fragmentation::theme(),
        utf8::theme(),
        closing::theme(),
        sending::theme(),
        wire_format::theme(),
        robustness::theme(),
    ]
}
