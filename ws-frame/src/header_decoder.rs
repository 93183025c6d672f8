//! A frame header that arrives in pieces: collects at most 14 bytes and leaves every decision to
//! [`FrameHeader::parse`].

use crate::{FrameHeader, HeaderError, MAX_HEADER_LEN, ReservedBits};

/// Decodes the headers of successive frames from pieces of any length.
///
/// It keeps the bytes of an unfinished header (15 bytes of memory) and nothing once the header is complete. A header
/// that is whole in one piece is parsed where it lies.
///
/// ```
/// use ws_frame::{FrameHeader, HeaderDecoder, Opcode, ReservedBits};
///
/// let mut decoder = HeaderDecoder::new();
/// assert_eq!(decoder.decode(&[0x82], ReservedBits::NONE)?, (1, None));
/// // One byte completes the header; the second is the payload's and is not taken.
/// let header = FrameHeader::new(Opcode::Binary, 1);
/// assert_eq!(decoder.decode(&[0x01, 0xff], ReservedBits::NONE)?, (1, Some(header)));
/// # Ok::<(), ws_frame::HeaderError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HeaderDecoder {
    bytes: [u8; MAX_HEADER_LEN],
    len: u8,
}

impl HeaderDecoder {
    /// Returns a decoder that is at the start of a header.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; MAX_HEADER_LEN], len: 0 }
    }

    /// Whether no byte of an unfinished header is held.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes bytes of a header from the start of `input`.
    ///
    /// Returns how many bytes were taken and, once the header is complete, the header. While it is not, all of `input`
    /// is taken. `allowed` are the reserved bits that a negotiated extension uses.
    ///
    /// # Errors
    ///
    /// The [`HeaderError`] that [`FrameHeader::parse`] gives for the bytes so far. The decoder holds the offending bytes
    /// afterwards and gives the same error again.
    pub fn decode(&mut self, input: &[u8], allowed: ReservedBits) -> Result<(usize, Option<FrameHeader>), HeaderError> {
        if self.is_empty()
            && let Ok(Some((header, header_len))) = FrameHeader::parse(input, allowed)
        {
            return Ok((header_len, Some(header)));
        }
        let held = usize::from(self.len);
        let space = self.bytes.iter_mut().skip(held);
        let mut added: u8 = 0;
        for (space, byte) in space.zip(input) {
            *space = *byte;
            added = added.saturating_add(1);
        }
        self.len = self.len.saturating_add(added);
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        match FrameHeader::parse(bytes, allowed)? {
            Some((header, header_len)) => {
                self.len = 0;
                Ok((header_len.saturating_sub(held), Some(header)))
            }
            None => Ok((usize::from(added), None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Opcode;

    #[test]
    fn an_empty_piece_changes_nothing() {
        let mut decoder = HeaderDecoder::new();
        assert_eq!(decoder.decode(&[], ReservedBits::NONE), Ok((0, None)));
        assert!(decoder.is_empty());
        assert_eq!(decoder.decode(&[0x81], ReservedBits::NONE), Ok((1, None)));
        assert_eq!(decoder.decode(&[], ReservedBits::NONE), Ok((0, None)));
        assert!(!decoder.is_empty());
        assert_eq!(decoder.decode(&[5], ReservedBits::NONE), Ok((1, Some(FrameHeader::new(Opcode::Text, 5)))));
        assert!(decoder.is_empty());
    }

    #[test]
    fn successive_headers_in_one_piece_are_taken_one_by_one() {
        let input = [0x89, 0x00, 0x8a, 0x00, 0x82, 0x7e, 0x01, 0x00, 0xff];
        let expected = [(2, Opcode::Ping, 0), (2, Opcode::Pong, 0), (4, Opcode::Binary, 256)];
        let mut decoder = HeaderDecoder::new();
        let mut rest = &input[..];
        for (header_len, opcode, payload_len) in expected {
            let header = FrameHeader::new(opcode, payload_len);
            assert_eq!(decoder.decode(rest, ReservedBits::NONE), Ok((header_len, Some(header))));
            rest = &rest[header_len..];
        }
        assert_eq!(rest, [0xff]);
    }

    #[test]
    fn an_error_is_given_again_whatever_comes_next_and_however_the_header_was_cut() {
        let broken: [(&[u8], HeaderError); 6] = [
            (&[0xc1, 0x00], HeaderError::ReservedBits),
            (&[0x83, 0x00], HeaderError::ReservedOpcode),
            (&[0x08, 0x00], HeaderError::FragmentedControlFrame),
            (&[0x89, 0x7e, 0, 126], HeaderError::ControlFrameTooLong),
            (&[0x82, 0xfe, 0, 125, 1, 2, 3, 4], HeaderError::LengthNotMinimal),
            (&[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], HeaderError::LengthTooLarge),
        ];
        for (bytes, error) in broken {
            for cut in 0..=bytes.len() {
                let mut decoder = HeaderDecoder::new();
                let (first, second) = bytes.split_at(cut);
                if let Ok(taken) = decoder.decode(first, ReservedBits::NONE) {
                    assert_eq!(taken, (cut, None));
                    assert_eq!(decoder.decode(second, ReservedBits::NONE), Err(error));
                }
                for next in [&[][..], &[0x81, 0x00], &[0; 20]] {
                    assert_eq!(decoder.decode(next, ReservedBits::NONE), Err(error), "{bytes:02x?} cut at {cut}");
                }
            }
        }
    }
}
