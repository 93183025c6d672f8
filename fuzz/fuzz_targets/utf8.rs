//! Text in pieces is what `core::str::from_utf8` says of the whole, and fails at the first byte that cannot be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ws_frame::Utf8Validator;

// Input: the lengths of the pieces, used over and over; the text.
fuzz_target!(|input: (&[u8], &[u8])| {
    let (lengths, text) = input;
    let mut validator = Utf8Validator::new();
    let mut lengths = lengths.iter().cycle();
    let mut rest = text;
    let mut failed = None;
    while !rest.is_empty() {
        // An empty piece changes nothing.
        validator.push(&[]).unwrap();
        let len = lengths.next().map_or(1, |len| usize::from(*len)).clamp(1, rest.len());
        let (piece, behind) = rest.split_at(len);
        if validator.push(piece).is_err() {
            failed = Some(text.len() - rest.len()..text.len() - behind.len());
            break;
        }
        rest = behind;
    }

    match (std::str::from_utf8(text), failed) {
        (Ok(_), None) => assert!(validator.is_complete()),
        // The text ends inside a character.
        (Err(error), None) if error.error_len().is_none() => assert!(!validator.is_complete()),
        (Err(error), Some(piece)) => {
            // The impossible byte is behind the good beginning of a character, or is one that begins none.
            let good = match text[error.valid_up_to()] {
                0xc2..=0xf4 => error.error_len().unwrap(),
                _ => 0,
            };
            let impossible = error.valid_up_to() + good;
            assert!(piece.contains(&impossible), "failed in the piece {piece:?}, not at byte {impossible}");
        }
        (whole, failed) => panic!("whole: {whole:?}, failed in the piece {failed:?}"),
    }
});
