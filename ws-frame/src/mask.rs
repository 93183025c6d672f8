//! Masking (RFC 6455, section 5.3): XOR with a repeating four-byte key, in any number of pieces.
//!
//! Where the key comes from, and who must mask, are left to the caller.

/// A masking key together with the position in it, so that a payload can be masked piece by piece.
///
/// Masking and unmasking are the same operation. The work is done four words of four bytes at a time, which a compiler
/// turns into vector instructions where the target has them.
///
/// ```
/// use ws_frame::Mask;
///
/// let mut payload = *b"Hello";
/// let mut mask = Mask::new([0x37, 0xfa, 0x21, 0x3d]);
/// let (first, second) = payload.split_at_mut(3);
/// mask.apply(first);
/// mask.apply(second); // goes on where the first piece ended
/// assert_eq!(payload, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mask {
    /// The key, rotated so that its first byte belongs to the next byte of the payload.
    key: [u8; 4],
}

impl Mask {
    /// Returns the mask at the start of a payload.
    #[must_use]
    pub const fn new(key: [u8; 4]) -> Self {
        Self { key }
    }

    /// Returns the masking key, turned so that its first byte belongs to the next byte of the payload: at the start of a
    /// payload, the key that is in the frame's header.
    #[must_use]
    pub const fn key(self) -> [u8; 4] {
        self.key
    }

    /// Masks or unmasks the next piece of the payload in place.
    pub fn apply(&mut self, payload: &mut [u8]) {
        // Section 5.3: "Octet i of the transformed data ("transformed-octet-i") is the XOR of octet i of the original
        // data ("original-octet-i") with octet at index i modulo 4 of the masking key"
        let (words, tail) = payload.as_chunks_mut();
        let (blocks, words) = words.as_chunks_mut();
        for block in blocks {
            *block = xor_block(*block, self.key);
        }
        for word in words {
            *word = xor(*word, self.key);
        }
        for (byte, key) in tail.iter_mut().zip(&self.key) {
            *byte ^= key;
        }
        self.advance(tail.len());
    }

    /// Masks or unmasks the next piece of the payload while copying it from `from` to `to`.
    ///
    /// Copies as many bytes as the shorter of the two slices has, and returns how many these were.
    pub fn copy(&mut self, from: &[u8], to: &mut [u8]) -> usize {
        let len = from.len().min(to.len());
        let (from, to) = (from.get(..len).unwrap_or_default(), to.get_mut(..len).unwrap_or_default());
        let ((from_words, from), (to_words, to)) = (from.as_chunks(), to.as_chunks_mut());
        let ((from_blocks, from_words), (to_blocks, to_words)) = (from_words.as_chunks(), to_words.as_chunks_mut());
        for (from, to) in from_blocks.iter().zip(to_blocks) {
            *to = xor_block(*from, self.key);
        }
        for (from, to) in from_words.iter().zip(to_words) {
            *to = xor(*from, self.key);
        }
        for ((from, to), key) in from.iter().zip(to.iter_mut()).zip(&self.key) {
            *to = from ^ key;
        }
        self.advance(to.len());
        len
    }

    /// Turns the key by `len` bytes, of which at most three matter.
    fn advance(&mut self, len: usize) {
        let bits = match len & 3 {
            0 => 0,
            1 => 8,
            2 => 16,
            _ => 24,
        };
        self.key = u32::from_le_bytes(self.key).rotate_right(bits).to_le_bytes();
    }
}

/// Four words at once, without a loop, so that optimising for size does not make one of it.
fn xor_block([a, b, c, d]: [[u8; 4]; 4], key: [u8; 4]) -> [[u8; 4]; 4] {
    [xor(a, key), xor(b, key), xor(c, key), xor(d, key)]
}

fn xor(word: [u8; 4], key: [u8; 4]) -> [u8; 4] {
    (u32::from_ne_bytes(word) ^ u32::from_ne_bytes(key)).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    const MAX_LEN: usize = 200;

    /// Bytes of which no two neighbours within reach of a block are alike.
    fn payload() -> [u8; MAX_LEN + 16] {
        core::array::from_fn(|i| u8::try_from(i).unwrap().wrapping_mul(29) ^ 0xc3)
    }

    /// Section 5.3, word by word: octet i with octet at index i modulo 4 of the key.
    fn octet(i: usize, original: u8) -> u8 {
        original ^ KEY[i % 4]
    }

    /// A mask that has already seen `position` bytes.
    fn mask_at(position: usize) -> Mask {
        let mut mask = Mask::new(KEY);
        for _ in 0..position {
            mask.apply(&mut [0]);
        }
        mask
    }

    #[test]
    fn the_masked_payload_of_section_5_7() {
        let mut payload = *b"Hello";
        Mask::new(KEY).apply(&mut payload);
        assert_eq!(payload, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
        Mask::new(KEY).apply(&mut payload);
        assert_eq!(payload, *b"Hello");
    }

    #[test]
    fn the_key_begins_with_the_byte_for_the_next_byte_of_the_payload() {
        let turned = [KEY, [0xfa, 0x21, 0x3d, 0x37], [0x21, 0x3d, 0x37, 0xfa], [0x3d, 0x37, 0xfa, 0x21]];
        for position in 0..20 {
            assert_eq!(mask_at(position).key(), turned[position % 4], "{position}");
        }
    }

    #[test]
    fn every_position_alignment_and_length_is_masked_as_defined_in_place_and_copied() {
        for position in 0..4 {
            for offset in 0..16 {
                for len in 0..=MAX_LEN {
                    let original = payload();
                    let range = offset..offset + len;
                    let mut expected = original;
                    for (i, byte) in expected[range.clone()].iter_mut().enumerate() {
                        *byte = octet(position + i, *byte);
                    }
                    let mut in_place = original;
                    let mut mask = mask_at(position);
                    mask.apply(&mut in_place[range.clone()]);
                    assert_eq!(in_place, expected);
                    assert_eq!(mask, mask_at(position + len));

                    let mut copied = [0xa5; MAX_LEN + 16];
                    let mut mask = mask_at(position);
                    assert_eq!(mask.copy(&original[range.clone()], &mut copied[range.clone()]), len);
                    assert_eq!(copied[range.clone()], expected[range.clone()]);
                    assert!(copied[..range.start].iter().chain(&copied[range.end..]).all(|byte| *byte == 0xa5));
                    assert_eq!(mask, mask_at(position + len));
                }
            }
        }
    }

    #[test]
    fn a_copy_is_as_long_as_the_shorter_slice() {
        let from = payload();
        for from_len in 0..=40 {
            for to_len in 0..=40 {
                let mut to = [0xa5; 40];
                let mut mask = Mask::new(KEY);
                let copied = mask.copy(&from[..from_len], &mut to[..to_len]);
                assert_eq!(copied, from_len.min(to_len));
                assert!(to[..copied].iter().enumerate().all(|(i, byte)| *byte == octet(i, from[i])));
                assert!(to[copied..].iter().all(|byte| *byte == 0xa5));
                assert_eq!(mask, mask_at(copied));
            }
        }
    }

    #[test]
    fn three_pieces_cut_anywhere_are_masked_like_the_whole_and_twice_is_identity() {
        const LEN: usize = 40;
        let original: [u8; LEN] = payload()[..LEN].try_into().unwrap();
        let whole: [u8; LEN] = core::array::from_fn(|i| octet(i, original[i]));
        for first in 0..=LEN {
            for second in first..=LEN {
                let mut pieces = original;
                for expected in [whole, original] {
                    let mut mask = Mask::new(KEY);
                    mask.apply(&mut pieces[..first]);
                    mask.apply(&mut pieces[first..second]);
                    mask.apply(&mut pieces[second..]);
                    assert_eq!(pieces, expected);
                }
            }
        }
    }
}
