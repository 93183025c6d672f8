//! The three reserved bits of a frame header (RFC 6455, section 5.2), which only an extension gives a meaning.

/// A set of the reserved bits RSV1, RSV2 and RSV3.
///
/// Used twice: for the bits that a frame has, and for those that the caller allows a frame to have because an extension
/// was negotiated that gives them a meaning (RFC 7692 uses RSV1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReservedBits(u8);

impl ReservedBits {
    /// No reserved bit: what every frame has unless an extension was negotiated.
    pub const NONE: Self = Self(0);
    /// RSV1, which permessage-deflate (RFC 7692) sets on the first frame of a compressed message.
    pub const RSV1: Self = Self(0x40);
    /// RSV2.
    pub const RSV2: Self = Self(0x20);
    /// RSV3.
    pub const RSV3: Self = Self(0x10);

    /// Returns the reserved bits of a frame's first byte; the other five bits are ignored.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0x70)
    }

    /// Returns the bits as they stand in a frame's first byte.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether every bit of `other` is in `self`.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Returns the bits that are in `self` or in `other`.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ReservedBits;

    #[test]
    fn only_the_three_reserved_bits_are_kept() {
        assert_eq!(ReservedBits::from_bits(0x8f), ReservedBits::NONE);
        assert_eq!(ReservedBits::from_bits(0xff).bits(), 0x70);
        assert_eq!(ReservedBits::from_bits(0xc1), ReservedBits::RSV1);
    }

    #[test]
    fn union_has_the_bits_of_either() {
        let sets = || (0..8).map(|bits| ReservedBits::from_bits(bits << 4));
        for (one, other) in sets().flat_map(|one| sets().map(move |other| (one, other))) {
            let union = one.union(other);
            assert!(union.contains(one) && union.contains(other));
            for bit in [ReservedBits::RSV1, ReservedBits::RSV2, ReservedBits::RSV3] {
                assert_eq!(union.contains(bit), one.contains(bit) || other.contains(bit), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn contains_is_the_subset_relation() {
        let two = ReservedBits::RSV1.union(ReservedBits::RSV3);
        assert!(two.contains(ReservedBits::NONE));
        assert!(two.contains(ReservedBits::RSV1));
        assert!(two.contains(two));
        assert!(!two.contains(ReservedBits::RSV2));
        assert!(!ReservedBits::RSV1.contains(two));
        assert!(!ReservedBits::NONE.contains(ReservedBits::RSV2));
    }
}
