//! The opcode of a frame (RFC 6455, sections 5.2 and 11.8). What may follow what is left to the caller.

/// What a frame carries.
///
/// The opcodes 3-7 and 11-15 are reserved and have no variant: a frame that has one is refused while its header is
/// parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Opcode {
    /// A further fragment of the message that a text or binary frame began.
    Continuation = 0x0,
    /// A text message, or its first fragment. The message as a whole is UTF-8.
    Text = 0x1,
    /// A binary message, or its first fragment.
    Binary = 0x2,
    /// A Close frame: one half of the closing handshake.
    Close = 0x8,
    /// A Ping frame, which the peer answers with a Pong frame.
    Ping = 0x9,
    /// A Pong frame: the answer to a Ping frame, or an unsolicited heartbeat.
    Pong = 0xa,
}

impl Opcode {
    /// Returns the opcode that the low four bits of a frame's first byte stand for, or `None` for a reserved one.
    ///
    /// The upper four bits are ignored.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits & 0x0f {
            0x0 => Some(Self::Continuation),
            0x1 => Some(Self::Text),
            0x2 => Some(Self::Binary),
            0x8 => Some(Self::Close),
            0x9 => Some(Self::Ping),
            0xa => Some(Self::Pong),
            _ => None,
        }
    }

    /// Returns the four bits that stand for this opcode in a frame's first byte.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self as u8
    }

    /// Whether frames with this opcode are control frames: Close, Ping and Pong.
    #[must_use]
    pub const fn is_control(self) -> bool {
        // RFC 6455, section 5.5: "Control frames are identified by opcodes where the most significant bit of the
        // opcode is 1."
        self.bits() & 0x8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::Opcode;

    #[test]
    fn bits_and_opcodes_are_each_others_inverse() {
        let defined = [
            (0x0, Opcode::Continuation, false),
            (0x1, Opcode::Text, false),
            (0x2, Opcode::Binary, false),
            (0x8, Opcode::Close, true),
            (0x9, Opcode::Ping, true),
            (0xa, Opcode::Pong, true),
        ];
        for (bits, opcode, control) in defined {
            assert_eq!(Opcode::from_bits(bits), Some(opcode));
            assert_eq!(Opcode::from_bits(bits | 0xf0), Some(opcode));
            assert_eq!(opcode.bits(), bits);
            assert_eq!(opcode.is_control(), control);
        }
    }

    #[test]
    fn reserved_opcodes_have_no_variant() {
        for bits in (0x3..=0x7).chain(0xb..=0xf) {
            assert_eq!(Opcode::from_bits(bits), None, "{bits:#x}");
        }
    }
}
