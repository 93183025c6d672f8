//! The memory of a connection, filled with what no row expects.

use ws_core::Buffers;

/// The buffers of a connection.
pub(crate) struct Memory {
    receive: Vec<u8>,
    transmit: Vec<u8>,
    control: [u8; 125],
}

impl Memory {
    /// Buffers of these lengths in bytes.
    pub(crate) fn new(receive: usize, transmit: usize) -> Self {
        Self { receive: vec![0xa5; receive], transmit: vec![0xa5; transmit], control: [0xa5; 125] }
    }

    pub(crate) fn buffers(&mut self) -> Buffers<'_> {
        Buffers { receive: &mut self.receive, transmit: &mut self.transmit, control: &mut self.control }
    }
}
