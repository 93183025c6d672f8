//! UTF-8 that arrives in pieces (RFC 6455, section 8.1): fails at the first byte that can no longer be part of valid
//! UTF-8. Whole characters are left to `core`, which has a fast path for ASCII; only a character that is cut by the end of
//! a piece, or broken, is followed byte by byte here.

use crate::Utf8Error;

/// Validates UTF-8 in pieces of any length, in three bytes of memory.
///
/// ```
/// use ws_frame::Utf8Validator;
///
/// let mut text = Utf8Validator::new();
/// text.push(b"price: \xe2\x82")?; // ends inside the euro sign
/// assert!(!text.is_complete());
/// text.push(b"\xac 5")?;
/// assert!(text.is_complete());
/// // A surrogate half is refused at its second byte, before the third is there.
/// assert!(text.push(b"\xed\xa0").is_err());
/// # Ok::<(), ws_frame::Utf8Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Utf8Validator {
    /// How many bytes the unfinished character still lacks.
    missing: u8,
    /// The least and the greatest value that its next byte may have.
    lowest: u8,
    highest: u8,
}

impl Utf8Validator {
    /// Returns a validator at the start of a text.
    #[must_use]
    pub const fn new() -> Self {
        Self { missing: 0, lowest: LOWEST_CONTINUATION, highest: HIGHEST_CONTINUATION }
    }

    /// Validates the next piece of the text.
    ///
    /// # Errors
    ///
    /// [`Utf8Error`] if this piece has a byte that cannot be part of valid UTF-8 after what came before it. The text is
    /// lost then, and so is what this validator says of it afterwards. A text that merely ends inside a character is no
    /// error here: see [`is_complete`](Self::is_complete).
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Utf8Error> {
        let mut piece = piece;
        while self.missing > 0 {
            let [byte, rest @ ..] = piece else { return Ok(()) };
            self.step(*byte)?;
            piece = rest;
        }
        match core::str::from_utf8(piece) {
            Ok(_) => Ok(()),
            // Here begins a character that is cut or broken: at most three bytes are good.
            Err(error) => {
                let character = piece.get(error.valid_up_to()..).unwrap_or_default();
                character.iter().try_for_each(|byte| self.step(*byte))
            }
        }
    }

    /// Whether the text may end here: it does not end inside a character.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.missing == 0
    }

    /// Takes one byte of a character of more than one byte.
    fn step(&mut self, byte: u8) -> Result<(), Utf8Error> {
        let (missing, lowest, highest) = if self.missing == 0 {
            // RFC 3629, section 4: the first byte says how many follow and bounds the second.
            match byte {
                0xc2..=0xdf => (1, LOWEST_CONTINUATION, HIGHEST_CONTINUATION),
                0xe0 => (2, 0xa0, HIGHEST_CONTINUATION),
                0xed => (2, LOWEST_CONTINUATION, 0x9f),
                0xe1..=0xef => (2, LOWEST_CONTINUATION, HIGHEST_CONTINUATION),
                0xf0 => (3, 0x90, HIGHEST_CONTINUATION),
                0xf1..=0xf3 => (3, LOWEST_CONTINUATION, HIGHEST_CONTINUATION),
                0xf4 => (3, LOWEST_CONTINUATION, 0x8f),
                _ => return Err(Utf8Error),
            }
        } else if (self.lowest..=self.highest).contains(&byte) {
            (self.missing.saturating_sub(1), LOWEST_CONTINUATION, HIGHEST_CONTINUATION)
        } else {
            return Err(Utf8Error);
        };
        *self = Self { missing, lowest, highest };
        Ok(())
    }
}

impl Default for Utf8Validator {
    fn default() -> Self {
        Self::new()
    }
}

const LOWEST_CONTINUATION: u8 = 0x80;
const HIGHEST_CONTINUATION: u8 = 0xbf;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_ends_inside_a_character_is_no_error_but_not_complete() {
        let texts = ["", "Hello", "κόσμε", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}", "a€b𐍈c"];
        for text in texts {
            for cut in 0..=text.len() {
                let (first, second) = text.as_bytes().split_at(cut);
                let mut validator = Utf8Validator::new();
                assert_eq!(validator.push(first), Ok(()));
                assert_eq!(validator.is_complete(), text.is_char_boundary(cut), "{text} cut at {cut}");
                assert_eq!(validator.push(&[]), Ok(()));
                assert_eq!(validator.push(second), Ok(()));
                assert!(validator.is_complete());
            }
        }
    }

    #[test]
    fn the_first_impossible_byte_is_the_error_in_every_piece() {
        // The bytes up to and with the first impossible one.
        let broken: [&[u8]; 17] = [
            b"\x80",                     // a continuation byte that continues nothing
            b"\xbf",                     // the same
            b"\xc0",                     // always overlong
            b"\xc1",                     // always overlong
            b"\xc2A",                    // continuation byte missing
            b"\xe0\x9f",                 // overlong
            b"\xe2\x82A",                // continuation byte missing
            b"\xe2\x28",                 // continuation byte missing
            b"\xed\xa0",                 // surrogate U+D800
            b"\xed\xbf",                 // surrogate U+DFFF
            b"\xf0\x8f",                 // overlong
            b"\xf0\x9f\x98\xc0",         // continuation byte missing
            b"\xf4\x90",                 // above U+10FFFF
            b"\xf5",                     // above U+10FFFF
            b"\xff",                     // never in UTF-8
            b"\xce\xba\xe1\xbd\xb9\xff", // behind whole characters
            b"a long run of ASCII before it\xfe",
        ];
        for bytes in broken {
            let possible = bytes.len() - 1;
            for cut in 0..=possible {
                let mut validator = Utf8Validator::new();
                assert_eq!(validator.push(&bytes[..cut]), Ok(()));
                let mut whole_rest = validator;
                assert_eq!(whole_rest.push(&bytes[cut..]), Err(Utf8Error));
                assert_eq!(validator.push(&bytes[cut..possible]), Ok(()), "{bytes:02x?} cut at {cut}");
                assert_eq!(validator.push(&bytes[possible..]), Err(Utf8Error));
            }
        }
    }

    #[test]
    fn the_close_code_is_that_of_inconsistent_data() {
        assert_eq!(Utf8Error.close_code(), crate::CloseCode::INVALID_PAYLOAD);
    }
}
