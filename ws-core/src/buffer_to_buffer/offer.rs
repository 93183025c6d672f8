//! What a client remembers of the sub-protocols that it offered, so that it can check the server's choice without keeping
//! their names.

use core::num::NonZeroU32;

use crate::Misuse;

/// How many sub-protocols a client can offer.
pub(super) const MAX_OFFERED: usize = 4;

/// A digest of each sub-protocol offered.
///
/// Two names have the same digest with a chance of one in 2^32, which is enough to catch a server that answers with the
/// wrong one: a server that means harm could as well answer with the right one.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct SubProtocolOffer {
    digests: [Option<NonZeroU32>; MAX_OFFERED],
}

impl SubProtocolOffer {
    pub(super) const NOTHING: Self = Self { digests: [None; MAX_OFFERED] };

    pub(super) fn new(sub_protocols: &[&str]) -> Result<Self, Misuse> {
        if sub_protocols.len() > MAX_OFFERED {
            return Err(Misuse::TooManySubProtocols);
        }
        let mut offer = Self::NOTHING;
        for (slot, name) in offer.digests.iter_mut().zip(sub_protocols) {
            *slot = Some(digest(name));
        }
        Ok(offer)
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.digests.contains(&Some(digest(name)))
    }
}

/// FNV-1a, 32 bits, with 1 for 0, so that a place without a digest takes no more room.
fn digest(name: &str) -> NonZeroU32 {
    let digest =
        name.bytes().fold(0x811c_9dc5, |digest: u32, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    NonZeroU32::new(digest).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::{MAX_OFFERED, SubProtocolOffer, digest};
    use crate::Misuse;

    #[test]
    fn the_digest_is_fnv_1a() {
        // The test vectors that the algorithm's authors publish.
        assert_eq!(digest("").get(), 0x811c_9dc5);
        assert_eq!(digest("a").get(), 0xe40c_292c);
        assert_eq!(digest("foobar").get(), 0xbf9c_f968);
    }

    #[test]
    fn only_what_was_offered_is_contained() {
        let offer = SubProtocolOffer::new(&["chat", "superchat"]).unwrap();
        assert!(offer.contains("chat"));
        assert!(offer.contains("superchat"));
        assert!(!offer.contains("Chat"));
        assert!(!offer.contains("chat, superchat"));
        assert!(!SubProtocolOffer::NOTHING.contains(""));
    }

    #[test]
    fn more_than_can_be_remembered_is_an_error() {
        assert!(SubProtocolOffer::new(&["x"; MAX_OFFERED]).is_ok());
        assert_eq!(SubProtocolOffer::new(&["x"; MAX_OFFERED + 1]).unwrap_err(), Misuse::TooManySubProtocols);
    }
}
