//! The frame header (RFC 6455, section 5.2): its fields, parsed from a slice and written to one.
//!
//! Every rule that the header's own bytes can break is checked here. Who must mask, what may follow what and how large
//! a frame may be are left to the caller, which knows the role, the history and the memory.

use crate::{EncodeError, HeaderError, Opcode, ReservedBits};

/// The longest header in bytes: two fixed bytes, a 64-bit length and a masking key.
pub const MAX_HEADER_LEN: usize = 14;

/// The longest payload of a Close, Ping or Pong frame in bytes (RFC 6455, section 5.5).
pub const MAX_CONTROL_PAYLOAD_LEN: usize = 125;

/// The longest payload of a frame in bytes: the top bit of the 64-bit length is always 0 (RFC 6455, section 5.2).
pub const MAX_PAYLOAD_LEN: u64 = u64::MAX >> 1;

/// The header of one frame.
///
/// ```
/// use ws_frame::{FrameHeader, Opcode, ReservedBits};
///
/// // The unmasked text message "Hello" of RFC 6455, section 5.7.
/// let bytes = [0x81, 0x05, b'H', b'e', b'l', b'l', b'o'];
/// let (header, header_len) = FrameHeader::parse(&bytes, ReservedBits::NONE)?.expect("two bytes are a whole header");
/// assert_eq!(header, FrameHeader::new(Opcode::Text, 5));
///
/// let mut out = [0; 2];
/// assert_eq!(header.encode(&mut out)?, header_len);
/// assert_eq!(out, bytes[..header_len]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameHeader {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits that are set.
    pub reserved_bits: ReservedBits,
    /// What the frame carries.
    pub opcode: Opcode,
    /// The key that the payload is masked with; `None` where it is not masked.
    pub masking_key: Option<[u8; 4]>,
    /// The length of the payload in bytes. It stays 64 bits wide on every target: compare it before narrowing it.
    pub payload_len: u64,
}

impl FrameHeader {
    /// Returns the header of an unmasked frame that is a whole message: FIN set, no reserved bit.
    #[must_use]
    pub const fn new(opcode: Opcode, payload_len: u64) -> Self {
        Self { fin: true, reserved_bits: ReservedBits::NONE, opcode, masking_key: None, payload_len }
    }

    /// Parses the header that `input` begins with.
    ///
    /// Returns the header and its length in bytes (2-14), or `None` while `input` ends inside the header. `allowed` are
    /// the reserved bits that a negotiated extension uses. To parse a header that arrives in pieces, see
    /// [`HeaderDecoder`](crate::HeaderDecoder).
    ///
    /// # Errors
    ///
    /// A [`HeaderError`] as soon as the bytes at hand break a rule. Bytes that come after them do not change it.
    pub fn parse(input: &[u8], allowed: ReservedBits) -> Result<Option<(Self, usize)>, HeaderError> {
        let [first, input @ ..] = input else { return Ok(None) };
        let fin = first & FIN != 0;
        let reserved_bits = ReservedBits::from_bits(*first);
        // Section 5.2: "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values."
        if !allowed.contains(reserved_bits) {
            return Err(HeaderError::ReservedBits);
        }
        // Section 5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
        // Connection_."
        let Some(opcode) = Opcode::from_bits(*first) else { return Err(HeaderError::ReservedOpcode) };
        // Section 5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented."
        if opcode.is_control() && !fin {
            return Err(HeaderError::FragmentedControlFrame);
        }
        let [second, input @ ..] = input else { return Ok(None) };
        let short_len = second & !MASKED;
        if opcode.is_control() && usize::from(short_len) > MAX_CONTROL_PAYLOAD_LEN {
            return Err(HeaderError::ControlFrameTooLong);
        }
        // Section 5.2: "in all cases, the minimal number of bytes MUST be used to encode the length"
        let (payload_len, input) = match short_len {
            LEN_16 => {
                let Some((bytes, input)) = input.split_first_chunk() else { return Ok(None) };
                let len = u16::from_be_bytes(*bytes);
                if len < u16::from(LEN_16) {
                    return Err(HeaderError::LengthNotMinimal);
                }
                (u64::from(len), input)
            }
            LEN_64 => {
                // Section 5.2: "the following 8 bytes interpreted as a 64-bit unsigned integer (the most significant
                // bit MUST be 0)"
                if let [0x80..=0xff, ..] = input {
                    return Err(HeaderError::LengthTooLarge);
                }
                // Six leading zeros: what follows them would have fitted into 16 bits.
                if let [0, 0, 0, 0, 0, 0, ..] = input {
                    return Err(HeaderError::LengthNotMinimal);
                }
                let Some((bytes, input)) = input.split_first_chunk() else { return Ok(None) };
                (u64::from_be_bytes(*bytes), input)
            }
            len => (u64::from(len), input),
        };
        let masking_key = if second & MASKED == 0 {
            None
        } else {
            let Some(key) = input.first_chunk() else { return Ok(None) };
            Some(*key)
        };
        let header = Self { fin, reserved_bits, opcode, masking_key, payload_len };
        Ok(Some((header, header.encoded_len())))
    }

    /// Writes the header to the start of `out` and returns its length in bytes, [`encoded_len`](Self::encoded_len).
    ///
    /// The length is always written in the fewest bytes. The reserved bits are written as they are.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`], and [`EncodeError::Header`] for a control frame that is fragmented or longer than
    /// 125 bytes and for a payload of more than [`MAX_PAYLOAD_LEN`] bytes. Nothing is written then.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.check()?;
        let needed = self.encoded_len();
        match out.get_mut(..needed) {
            Some(out) => self.put(out),
            None => return Err(EncodeError::BufferTooSmall { needed }),
        }
        Ok(needed)
    }

    /// Returns the length of the header in bytes (2-14) when it is written.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        match (self.payload_len, self.masking_key) {
            (0..=125, None) => 2,
            (0..=125, Some(_)) => 6,
            (126..=0xffff, None) => 4,
            (126..=0xffff, Some(_)) => 8,
            (_, None) => 10,
            (_, Some(_)) => MAX_HEADER_LEN,
        }
    }

    /// Checks that a frame with this header may be sent: the rules that [`encode`](Self::encode) applies.
    ///
    /// # Errors
    ///
    /// [`HeaderError::FragmentedControlFrame`], [`HeaderError::ControlFrameTooLong`] and
    /// [`HeaderError::LengthTooLarge`].
    pub const fn check(&self) -> Result<(), HeaderError> {
        if self.opcode.is_control() {
            if !self.fin {
                return Err(HeaderError::FragmentedControlFrame);
            }
            if self.payload_len > MAX_CONTROL_PAYLOAD_LEN as u64 {
                return Err(HeaderError::ControlFrameTooLong);
            }
        }
        if self.payload_len > MAX_PAYLOAD_LEN {
            return Err(HeaderError::LengthTooLarge);
        }
        Ok(())
    }

    /// Writes the header to `out`, which is exactly as long as the header.
    fn put(&self, out: &mut [u8]) {
        let fin = if self.fin { FIN } else { 0 };
        let first = fin | self.reserved_bits.bits() | self.opcode.bits();
        let masked = if self.masking_key.is_some() { MASKED } else { 0 };
        let out = match (u8::try_from(self.payload_len), u16::try_from(self.payload_len)) {
            (Ok(len @ 0..=125), _) => put(out, [first, masked | len]),
            (_, Ok(len)) => put(put(out, [first, masked | LEN_16]), len.to_be_bytes()),
            _ => put(put(out, [first, masked | LEN_64]), self.payload_len.to_be_bytes()),
        };
        if let Some(key) = self.masking_key {
            put(out, key);
        }
    }
}

/// Writes `bytes` to the start of `out`, if they fit, and returns what is behind them.
fn put<const N: usize>(out: &mut [u8], bytes: [u8; N]) -> &mut [u8] {
    match out.split_first_chunk_mut() {
        Some((start, rest)) => {
            *start = bytes;
            rest
        }
        None => &mut [],
    }
}

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
/// The 7-bit length that announces a 16-bit one.
const LEN_16: u8 = 126;
/// The 7-bit length that announces a 64-bit one.
const LEN_64: u8 = 127;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CloseCode;

    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

    #[test]
    fn the_headers_of_section_5_7_both_ways() {
        let plain = FrameHeader::new;
        let masked = |opcode, len| FrameHeader { masking_key: Some(KEY), ..plain(opcode, len) };
        let examples: [(&[u8], FrameHeader); 8] = [
            (&[0x81, 0x05], plain(Opcode::Text, 5)),
            (&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d], masked(Opcode::Text, 5)),
            (&[0x01, 0x03], FrameHeader { fin: false, ..plain(Opcode::Text, 3) }),
            (&[0x80, 0x02], plain(Opcode::Continuation, 2)),
            (&[0x89, 0x05], plain(Opcode::Ping, 5)),
            (&[0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d], masked(Opcode::Pong, 5)),
            (&[0x82, 0x7e, 0x01, 0x00], plain(Opcode::Binary, 256)),
            (&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], plain(Opcode::Binary, 65536)),
        ];
        for (bytes, header) in examples {
            assert_eq!(FrameHeader::parse(bytes, ReservedBits::NONE), Ok(Some((header, bytes.len()))));
            let mut out = [0xa5; MAX_HEADER_LEN];
            assert_eq!(header.encode(&mut out), Ok(bytes.len()));
            assert_eq!(out[..bytes.len()], *bytes);
            assert!(out[bytes.len()..].iter().all(|byte| *byte == 0xa5));
        }
    }

    #[test]
    fn each_broken_rule_is_an_error_from_its_deciding_byte_on() {
        use HeaderError::*;
        // The header, how many of its bytes decide, the error.
        let broken: [(&[u8], usize, HeaderError); 22] = [
            (&[0xc1, 0x00], 1, ReservedBits),
            (&[0xa1, 0x00], 1, ReservedBits),
            (&[0x91, 0x00], 1, ReservedBits),
            (&[0xf1, 0x00], 1, ReservedBits),
            (&[0x83, 0x00], 1, ReservedOpcode),
            (&[0x07, 0x00], 1, ReservedOpcode),
            (&[0x8b, 0x00], 1, ReservedOpcode),
            (&[0x8f, 0x80, 1, 2, 3, 4], 1, ReservedOpcode),
            (&[0x08, 0x00], 1, FragmentedControlFrame),
            (&[0x09, 0x80, 1, 2, 3, 4], 1, FragmentedControlFrame),
            (&[0x0a, 0x7e, 0, 126], 1, FragmentedControlFrame),
            (&[0x88, 0x7e, 0, 126], 2, ControlFrameTooLong),
            (&[0x89, 0xfe, 0, 125, 1, 2, 3, 4], 2, ControlFrameTooLong),
            (&[0x8a, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], 2, ControlFrameTooLong),
            (&[0x81, 0x7e, 0, 0], 4, LengthNotMinimal),
            (&[0x82, 0xfe, 0, 125, 1, 2, 3, 4], 4, LengthNotMinimal),
            (&[0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0], 8, LengthNotMinimal),
            (&[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 125, 1, 2, 3, 4], 8, LengthNotMinimal),
            (&[0x02, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 8, LengthNotMinimal),
            (&[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0], 3, LengthTooLarge),
            (&[0x80, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4], 3, LengthTooLarge),
            (&[0x01, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 3, LengthTooLarge),
        ];
        for (bytes, deciding, error) in broken {
            assert_eq!(error.close_code(), CloseCode::PROTOCOL_ERROR);
            for len in 0..=bytes.len() {
                let expected = if len < deciding { Ok(None) } else { Err(error) };
                assert_eq!(
                    FrameHeader::parse(&bytes[..len], super::ReservedBits::NONE),
                    expected,
                    "{bytes:02x?}, {len}"
                );
            }
        }
    }

    #[test]
    fn a_reserved_bit_is_let_through_where_it_is_allowed_and_written_as_it_is() {
        for allowed in (0..8).map(|bits| ReservedBits::from_bits(bits << 4)) {
            for set in (0..8).map(|bits| ReservedBits::from_bits(bits << 4)) {
                let header = FrameHeader { reserved_bits: set, ..FrameHeader::new(Opcode::Binary, 7) };
                let mut bytes = [0xa5; 2];
                assert_eq!(header.encode(&mut bytes), Ok(2));
                assert_eq!(bytes, [0x82 | set.bits(), 7]);
                let expected =
                    if allowed.contains(set) { Ok(Some((header, 2))) } else { Err(HeaderError::ReservedBits) };
                assert_eq!(FrameHeader::parse(&bytes, allowed), expected);
            }
        }
    }

    #[test]
    fn what_the_receiver_would_refuse_is_not_written() {
        let fragment = |opcode, len| FrameHeader { fin: false, ..FrameHeader::new(opcode, len) };
        let refused = [
            (fragment(Opcode::Close, 0), HeaderError::FragmentedControlFrame),
            (fragment(Opcode::Ping, 125), HeaderError::FragmentedControlFrame),
            (fragment(Opcode::Pong, 126), HeaderError::FragmentedControlFrame),
            (FrameHeader::new(Opcode::Close, 126), HeaderError::ControlFrameTooLong),
            (FrameHeader::new(Opcode::Ping, 1 << 32), HeaderError::ControlFrameTooLong),
            (FrameHeader::new(Opcode::Pong, u64::MAX), HeaderError::ControlFrameTooLong),
            (FrameHeader::new(Opcode::Text, 1 << 63), HeaderError::LengthTooLarge),
            (fragment(Opcode::Continuation, u64::MAX), HeaderError::LengthTooLarge),
        ];
        for (header, error) in refused {
            for masking_key in [None, Some(KEY)] {
                let header = FrameHeader { masking_key, ..header };
                for len in 0..=20 {
                    let mut out = [0xa5; 20];
                    assert_eq!(header.encode(&mut out[..len]), Err(EncodeError::Header(error)));
                    assert_eq!(out, [0xa5; 20]);
                }
            }
        }
    }
}
