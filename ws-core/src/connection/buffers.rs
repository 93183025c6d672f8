//! The memory that a connection works in.

use super::control::ControlBuffer;

/// The memory that a connection works in, which the caller gives.
///
/// ```
/// use ws_core::{Buffers, Config, Connection};
///
/// let (mut receive, mut transmit, mut control) = ([0; 64], [0; 256], [0; 125]);
/// let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
/// let connection = Connection::server(buffers, &Config::DEFAULT);
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Buffers<'b> {
    /// Holds what was read, and a message that is handed over as a whole. One byte is enough for chunks; a whole message
    /// must fit, with one byte to spare if it comes in fragments. On processors without caches it is worth beginning it at a
    /// word, as `#[repr(align(4))]` does: a transport's copy into an array at an odd address takes a multiple.
    pub receive: &'b mut [u8],
    /// Holds what is to be written. One byte is enough; a message that fits, with at most 14 bytes for its header, leaves in
    /// one write. To compose in place takes 7 bytes at least.
    pub transmit: &'b mut [u8],
    /// Holds the payload of one control frame.
    pub control: &'b mut ControlBuffer,
}
