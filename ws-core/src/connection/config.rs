//! What the application chooses when it makes a connection: limits, and which duties it takes upon itself.

/// The choices for a connection.
///
/// It is borrowed, so that many connections share one: `&Config::DEFAULT`, or a `static` of your own.
///
/// ```
/// use ws_core::{Config, Limits};
///
/// static CONFIG: Config = Config {
///     limits: Limits { message: 4096, ..Limits::DEFAULT },
///     ..Config::DEFAULT
/// };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    /// How much the peer may send.
    pub limits: Limits,
    /// What the connection does by itself.
    pub duties: Duties,
    /// How messages are handed over, until [`deliver`](crate::Connection::deliver) says otherwise.
    pub delivery: Delivery,
}

/// How much the peer may send. What goes beyond fails the connection.
///
/// The HTTP head of the opening handshake has no number here: it may be as long as the memory for it. Beyond it:
/// [`Error::HeadTooLarge`](crate::Error::HeadTooLarge), and the status 431.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    /// The longest message in bytes, known as soon as a frame's header announces it. A message that is to be handed over
    /// as a whole must fit into the receive buffer as well. Beyond it: close code 1009.
    pub message: u64,
    /// The longest frame of a message in bytes. Beyond it: close code 1009.
    pub frame: u64,
    /// The most frames that a message may be cut into. Beyond it: close code 1008.
    pub fragments: u32,
}

/// What the connection does by itself. A duty that is switched off is the application's: the peer has a right to it.
///
/// In a connection that is [split](crate::Connection::split), what the receive half leaves to the application the transmit half does not know
/// either: it goes on sending until the application has it send a Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duties {
    /// Answer each Ping with a Pong. If not, [`Event::Ping`](crate::Event::Ping) is handed over.
    pub pong: bool,
    /// Answer the peer's Close frame. If not, [`Event::Closed`](crate::Event::Closed) comes with the peer's Close frame,
    /// and the application sends its own.
    pub close_reply: bool,
    /// Tell the peer with a Close frame that it broke a rule. If not, the error comes at once, and the application sends
    /// the Close frame with the error's close code.
    pub fail: bool,
}

/// How messages are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Delivery {
    /// As a whole, in the receive buffer.
    Messages,
    /// Piece by piece as they arrive: any message goes through any buffer.
    Chunks,
    /// Not yet: each message is [announced](crate::Event::Announced), and waits for the choice between the others.
    Announce,
}

impl Config {
    /// The default limits, all duties done, whole messages.
    pub const DEFAULT: Self = Self { limits: Limits::DEFAULT, duties: Duties::ALL, delivery: Delivery::Messages };
}

impl Limits {
    /// 64 MiB for a message and for a frame, and a million fragments. None of it costs memory: what a whole message needs
    /// is bounded by the receive buffer, and chunks need no more than their own.
    pub const DEFAULT: Self = Self { message: 64 << 20, frame: 64 << 20, fragments: 1_000_000 };
}

impl Duties {
    /// The connection does everything that it owes its peer.
    pub const ALL: Self = Self { pong: true, close_reply: true, fail: true };
    /// The application does everything.
    pub const NONE: Self = Self { pong: false, close_reply: false, fail: false };
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Default for Duties {
    fn default() -> Self {
        Self::ALL
    }
}
