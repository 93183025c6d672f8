//! What an application does with a connection, as data.

use ws_core::MessageKind::{self, Binary, Text};

/// A call of the application's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Receive until the connection is closed, fails, or the peer is silent.
    ReceiveAll,
    /// Receive one message.
    Receive,
    /// Send a text message.
    SendText(String),
    /// Send a binary message.
    SendBinary(Vec<u8>),
    /// Send a fragment; whether it is the last one.
    Fragment(MessageKind, Vec<u8>, bool),
    /// Write a piece of a message whose length is not known.
    Write(MessageKind, Vec<u8>),
    /// End the message that was written in pieces.
    Finish(MessageKind),
    /// Begin a frame of so many bytes with this piece.
    BeginFrame(MessageKind, u64, Vec<u8>),
    /// Go on with the frame that was begun.
    ContinueFrame(Vec<u8>),
    /// Send a Ping frame.
    Ping(Vec<u8>),
    /// Send a Close frame, and do not wait for the answer.
    SendClose(u16, String),
    /// Perform the closing handshake.
    Close(u16, String),
}

pub(crate) fn send_text(text: &str) -> Call {
    Call::SendText(text.to_string())
}

pub(crate) fn send_binary(bytes: impl AsRef<[u8]>) -> Call {
    Call::SendBinary(bytes.as_ref().to_vec())
}

pub(crate) fn text_fragment(bytes: impl AsRef<[u8]>, last: bool) -> Call {
    Call::Fragment(Text, bytes.as_ref().to_vec(), last)
}

pub(crate) fn binary_fragment(bytes: impl AsRef<[u8]>, last: bool) -> Call {
    Call::Fragment(Binary, bytes.as_ref().to_vec(), last)
}

pub(crate) fn ping(bytes: impl AsRef<[u8]>) -> Call {
    Call::Ping(bytes.as_ref().to_vec())
}

pub(crate) fn send_close(code: u16, reason: &str) -> Call {
    Call::SendClose(code, reason.to_string())
}

/// The whole closing handshake.
pub(crate) fn close_with(code: u16, reason: &str) -> Call {
    Call::Close(code, reason.to_string())
}
