//! Writing to the transport: everything that is sent leaves through here.

use embedded_io::Write;
use ws_core::{Role, WebSocketSendMessageType as SendType};

use crate::Error;

/// The transmit buffer, and whether what was put into it has reached the transport.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Output<'b> {
    pub(crate) buffer: &'b mut [u8],
    /// A write has failed: half a frame may be on the wire, behind which no other frame can stand.
    half_sent: bool,
}

impl<'b> Output<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, half_sent: false }
    }

    /// Sends one frame, in as many writes as the buffer makes of it, and flushes.
    ///
    /// The buffer is not empty: the opening handshake went through it.
    pub(crate) fn send_frame<T: Write, R: Role>(
        &mut self,
        transport: &mut T,
        core: &mut ws_core::WebSocket<R>,
        send_type: SendType,
        end_of_message: bool,
        mut payload: &[u8],
    ) -> Result<(), Error<T::Error>> {
        self.check()?;
        loop {
            let part = core.write_partial(send_type, end_of_message, payload, self.buffer)?;
            if part.end_of_frame {
                return self.send(transport, part.num_bytes_to);
            }
            self.write(transport, part.num_bytes_to)?;
            payload = payload.get(part.num_bytes_from..).unwrap_or_default();
        }
    }

    /// Whether anything can be sent.
    pub(crate) fn check<E>(&self) -> Result<(), Error<E>> {
        if self.half_sent { Err(Error::HalfSent) } else { Ok(()) }
    }

    /// Writes the first `len` bytes of the buffer and flushes.
    pub(crate) fn send<T: Write>(&mut self, transport: &mut T, len: usize) -> Result<(), Error<T::Error>> {
        self.write(transport, len)?;
        flush(transport).inspect_err(|_| self.half_sent = true)
    }

    /// Writes the first `len` bytes of the buffer.
    fn write<T: Write>(&mut self, transport: &mut T, len: usize) -> Result<(), Error<T::Error>> {
        write_all(transport, self.buffer.get(..len).unwrap_or_default()).inspect_err(|_| self.half_sent = true)
    }
}

/// Unlike `embedded_io::Write::write_all`, gives an error instead of panicking when the transport takes no byte.
pub(crate) fn write_all<T: Write>(transport: &mut T, mut bytes: &[u8]) -> Result<(), Error<T::Error>> {
    while !bytes.is_empty() {
        match transport.write(bytes).map_err(Error::Write)? {
            0 => return Err(Error::WriteZero),
            len => bytes = bytes.get(len..).unwrap_or_default(),
        }
    }
    Ok(())
}

pub(crate) fn flush<T: Write>(transport: &mut T) -> Result<(), Error<T::Error>> {
    transport.flush().map_err(Error::Write)
}
