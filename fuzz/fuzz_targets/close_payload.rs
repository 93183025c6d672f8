//! The payload of a Close frame means the same whole, in two pieces and byte by byte; what was parsed is written as it
//! was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ws_frame::{CloseCode, ClosePayload, ClosePayloadError, ClosePayloadValidator, MAX_CLOSE_REASON_LEN};

// Input: the place of the cut, the payload.
fuzz_target!(|input: (u8, &[u8])| {
    let (cut, bytes) = input;
    let whole = ClosePayload::parse(bytes);
    let code = whole.map(|payload| payload.map(|payload| payload.code));
    assert_eq!(validate([bytes]), code);
    assert_eq!(validate(bytes.chunks(1)), code);
    assert_eq!(validate(<[&[u8]; 2]>::from(bytes.split_at(usize::from(cut).min(bytes.len())))), code);
    if let Ok(Some(payload)) = whole {
        let mut out = [0xa5; 125];
        match payload.encode(&mut out) {
            Ok(len) => assert_eq!(out[..len], *bytes),
            Err(_) => assert!(payload.reason.len() > MAX_CLOSE_REASON_LEN),
        }
    }
});

fn validate<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<CloseCode>, ClosePayloadError> {
    let mut validator = ClosePayloadValidator::new();
    pieces.into_iter().try_for_each(|piece| validator.push(piece))?;
    validator.finish()
}
