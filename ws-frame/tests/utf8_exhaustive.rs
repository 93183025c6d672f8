//! The UTF-8 validator against `core::str::from_utf8` and against a reference that knows every beginning of every
//! character: all sequences of up to three bytes, and all of four bytes that begin or end at a boundary.

use std::collections::HashSet;
use std::str::from_utf8;
use std::sync::LazyLock;

use ws_frame::{Utf8Error, Utf8Validator};

/// Says whether bytes can still become valid UTF-8: whether a valid completion exists.
struct Reference {
    /// Every character's encoding without its last byte, without its last two, and so on, down to no byte.
    beginnings: HashSet<Vec<u8>>,
}

static REFERENCE: LazyLock<Reference> = LazyLock::new(Reference::new);

impl Reference {
    fn new() -> Self {
        let mut beginnings = HashSet::new();
        for character in '\0'..=char::MAX {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            for beginning in (0..bytes.len()).map(|len| &bytes[..len]) {
                if !beginnings.contains(beginning) {
                    beginnings.insert(beginning.to_vec());
                }
            }
        }
        Self { beginnings }
    }

    fn can_be_completed(&self, bytes: &[u8]) -> bool {
        (0..=bytes.len()).any(|cut| from_utf8(&bytes[..cut]).is_ok() && self.beginnings.contains(&bytes[cut..]))
    }
}

/// What a validator says after `pieces`, and whether the text may end there.
fn validate(pieces: &[&[u8]]) -> (Result<(), Utf8Error>, bool) {
    let mut validator = Utf8Validator::new();
    let result = pieces.iter().try_for_each(|piece| validator.push(piece));
    (result, result.is_ok() && validator.is_complete())
}

/// Compares every way to cut `bytes`, of which `possible` says whether they can be completed.
fn check(bytes: &[u8], possible: bool) {
    let expected = (if possible { Ok(()) } else { Err(Utf8Error) }, from_utf8(bytes).is_ok());
    assert_eq!(validate(&[bytes]), expected, "{bytes:02x?} in one piece");
    for first in 1..bytes.len() {
        let (one, rest) = bytes.split_at(first);
        assert_eq!(validate(&[one, rest]), expected, "{bytes:02x?} cut at {first}");
        for second in 1..rest.len() {
            let (two, three) = rest.split_at(second);
            assert_eq!(validate(&[one, two, three]), expected, "{bytes:02x?} cut at {first} and {second} bytes later");
        }
    }
}

#[test]
fn every_sequence_of_up_to_three_bytes_cut_anywhere() {
    check(&[], true);
    for a in 0..=u8::MAX {
        let possible = REFERENCE.can_be_completed(&[a]);
        check(&[a], possible);
        for b in 0..=u8::MAX {
            let possible = possible && REFERENCE.can_be_completed(&[a, b]);
            check(&[a, b], possible);
            for c in 0..=u8::MAX {
                let possible = possible && REFERENCE.can_be_completed(&[a, b, c]);
                check(&[a, b, c], possible);
            }
        }
    }
}

#[test]
fn every_sequence_of_four_bytes_at_the_boundaries_cut_anywhere() {
    /// The ends of the ranges that RFC 3629, section 4, tells apart, and their neighbours.
    const BOUNDARIES: [u8; 29] = [
        0x00, 0x41, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed,
        0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfe, 0xff,
    ];
    for a in BOUNDARIES {
        for b in BOUNDARIES {
            for c in BOUNDARIES {
                for d in BOUNDARIES {
                    let bytes = [a, b, c, d];
                    check(&bytes, REFERENCE.can_be_completed(&bytes));
                }
            }
        }
    }
}

#[test]
fn an_impossible_byte_behind_text_of_every_length_is_found_in_its_piece() {
    for character in ["a", "é", "€", "𐍈"] {
        for count in 0..70 {
            let mut text = character.repeat(count).into_bytes();
            assert_eq!(validate(&[&text]), (Ok(()), true));
            text.push(0xff);
            for cut in 0..text.len() {
                let (first, second) = text.split_at(cut);
                let mut validator = Utf8Validator::new();
                assert_eq!(validator.push(first), Ok(()));
                assert_eq!(validator.push(second), Err(Utf8Error));
            }
        }
    }
}
