//! An open connection as a state machine: everything that an endpoint owes its peer, without I/O and without a clock.
//!
//! Bytes arrive in `receive_buffer` and become messages in `inbound`; they leave through `outbound` and `transmit_buffer`.
//! `open` is the connection: both, and the duties; `sender` is the right to send. What frames mean is the engine's, as for the
//! buffer-to-buffer face.

mod buffers;
mod closing;
mod composing;
mod config;
mod control;
mod control_frames;
mod event;
mod frame_writer;
mod inbound;
mod machine;
mod message_writer;
mod open;
mod outbound;
mod receive_buffer;
mod received;
mod sender;
mod sending;
mod transmit_buffer;

pub use buffers::Buffers;
pub use closing::Closing;
pub use composing::{Composer, Composing, Full};
pub use config::{Config, Delivery, Duties, Limits};
pub use control::ControlBuffer;
pub(crate) use control::{Control, Usage};
pub use event::{Announced, Chunk, ChunkInfo, Event, Message};
pub use frame_writer::{FinishingFrame, FrameWriter, PuttingInFrame};
pub(crate) use inbound::{Inbound, Progress};
pub use machine::{Machine, Step};
pub use message_writer::{Finishing, Formatting, MessageWriter, Putting};
pub use open::Connection;
pub(crate) use outbound::Outbound;
pub(crate) use received::message;
pub use received::{Received, ReceivedChunk};
pub use sender::Sender;
pub use sending::{Flushing, Sending, SendingControl};
