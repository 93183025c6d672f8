//! The state of a connection and every change of it (RFC 6455, sections 4 and 7), the same for both roles.

use crate::{Error, Misuse, Violation};

/// How far a connection is.
///
/// ```text
/// Connecting --handshake done--> Open --Close sent------> CloseSent --Close received, or violation--+
///                                  |                                                                v
///                                  +----Close received--> CloseReceived --------Close sent-------> Closed
///                                  |                                                                ^
///                                  +----violation-------> Failed ---------------Close sent----------+
/// ```
///
/// A frame that is written in parts counts as sent from its first part on. The end of the transport is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WebSocketState {
    /// The opening handshake is not complete.
    Connecting,
    /// Messages may be sent and received.
    Open,
    /// A Close frame was sent; Pings are still answered until the peer's Close frame. Messages that come before it are
    /// received from slice to slice; a [`Connection`](crate::Connection) drops them.
    CloseSent,
    /// A Close frame was received and waits for its answer; a message that had been begun may be ended before.
    CloseReceived,
    /// Both Close frames were exchanged, or ours was sent and the peer broke a rule: the transport is to be closed, once
    /// what was written is out.
    Closed,
    /// The peer broke a rule: what is left is to send a Close frame with the violation's code.
    Failed(Violation),
}

impl WebSocketState {
    /// The opening handshake is complete.
    pub(crate) fn opened(&mut self) {
        if let Self::Connecting = self {
            *self = Self::Open;
        }
    }

    /// A Close frame was begun to be sent, which [`check_send_close`](Self::check_send_close) had allowed.
    pub(crate) fn close_sent(&mut self) {
        *self = match *self {
            Self::Open => Self::CloseSent,
            // Section 5.5.1: "After both sending and receiving a Close message, an endpoint considers the WebSocket
            // connection closed". After a violation, section 7.1.7: "An endpoint MUST NOT continue to attempt to
            // process data (including a responding Close frame) from the remote endpoint after being instructed to
            // _Fail the WebSocket Connection_."
            Self::CloseReceived | Self::Failed(_) => Self::Closed,
            state @ (Self::Connecting | Self::CloseSent | Self::Closed) => state,
        }
    }

    /// A whole, valid Close frame was received.
    pub(crate) fn close_received(&mut self) {
        *self = match *self {
            Self::Open => Self::CloseReceived,
            Self::CloseSent => Self::Closed,
            state @ (Self::Connecting | Self::CloseReceived | Self::Closed | Self::Failed(_)) => state,
        }
    }

    /// The peer broke a rule.
    pub(crate) fn failed(&mut self, violation: Violation) {
        *self = match *self {
            Self::Open => Self::Failed(violation),
            // Our Close frame is sent already, and there is never a second one.
            Self::CloseSent => Self::Closed,
            state @ (Self::Connecting | Self::CloseReceived | Self::Closed | Self::Failed(_)) => state,
        }
    }

    /// Whether the opening handshake may go on.
    pub(crate) fn check_connecting(self) -> Result<(), Misuse> {
        match self {
            Self::Connecting => Ok(()),
            _ => Err(Misuse::AlreadyOpen),
        }
    }

    /// Whether bytes from the peer may be looked at.
    pub(crate) fn check_receive(self) -> Result<(), Error> {
        match self {
            Self::Open | Self::CloseSent => Ok(()),
            Self::Connecting => Err(Misuse::NotOpen.into()),
            // Section 1.4: "after receiving a control frame indicating the connection should be closed, a peer discards
            // any further data received."
            Self::CloseReceived | Self::Closed => Err(Error::Closed),
            Self::Failed(violation) => Err(violation.into()),
        }
    }

    /// Whether a new message or a Ping may be sent.
    pub(crate) fn check_send(self) -> Result<(), Misuse> {
        match self {
            Self::Open => Ok(()),
            Self::Connecting => Err(Misuse::NotOpen),
            // Section 5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
            Self::CloseSent | Self::CloseReceived | Self::Closed => Err(Misuse::Closing),
            Self::Failed(_) => Err(Misuse::Failed),
        }
    }

    /// Whether a Pong may be sent.
    pub(crate) fn check_send_pong(self) -> Result<(), Misuse> {
        match self {
            // Section 5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it
            // already received a Close frame." That it has sent one is no excuse.
            Self::CloseSent => Ok(()),
            state => state.check_send(),
        }
    }

    /// Whether a further fragment of a message that was begun may be sent.
    pub(crate) fn check_send_continuation(self) -> Result<(), Misuse> {
        match self {
            // Section 5.5.1: "if the majority of a fragmented message is already sent, an endpoint MAY send the
            // remaining fragments before sending a Close frame"
            Self::CloseReceived => Ok(()),
            state => state.check_send(),
        }
    }

    /// Whether a Close frame may be sent.
    pub(crate) fn check_send_close(self) -> Result<(), Misuse> {
        match self {
            Self::CloseReceived | Self::Failed(_) => Ok(()),
            state => state.check_send(),
        }
    }

    /// Whether the peer's Close frame may be answered.
    pub(crate) fn check_send_close_reply(self) -> Result<(), Misuse> {
        match self {
            Self::CloseReceived => Ok(()),
            Self::Open => Err(Misuse::NoCloseToAnswer),
            state => state.check_send(),
        }
    }
}
