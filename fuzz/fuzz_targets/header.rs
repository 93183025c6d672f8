//! A frame header means the same whole, in two pieces and byte by byte; what was parsed is written as it was.
#![no_main]

use fuzz::strict::Header;
use libfuzzer_sys::fuzz_target;
use ws_frame::{FrameHeader, HeaderDecoder, HeaderError, MAX_HEADER_LEN, ReservedBits};

// Input: the reserved bits to allow, the place of the cut, the bytes of the header.
fuzz_target!(|input: (u8, u8, &[u8])| {
    let (allowed, cut, bytes) = input;
    let allowed = ReservedBits::from_bits(allowed);
    let whole = FrameHeader::parse(bytes, allowed);
    assert_eq!(decode([bytes], allowed), whole);
    assert_eq!(decode(bytes.chunks(1), allowed), whole);
    let (first, second) = bytes.split_at(usize::from(cut).min(bytes.len()));
    assert_eq!(decode([first, second], allowed), whole);
    let prefix = FrameHeader::parse(first, allowed);
    if prefix != Ok(None) {
        assert_eq!(prefix, whole);
    }
    // What section 5.2 says, read without our code: which lengths, which opcodes, which bits.
    if let Some(plain) = Header::read(bytes) {
        let is_opcode = matches!(plain.opcode(), 0..=2 | 8..=10);
        let are_bits = plain.first & 0x70 & !(allowed.bits()) == 0;
        let is_control = !plain.is_control() || plain.fin() && plain.payload_len <= 125;
        let is_valid = is_opcode && are_bits && is_control && plain.is_minimal();
        assert_eq!(whole.is_ok(), is_valid, "{plain:?} {whole:?}");
        if let Ok(parsed) = whole {
            let (header, header_len) = parsed.expect("a whole header");
            assert_eq!((header.payload_len, header_len, header.fin), (plain.payload_len, plain.len, plain.fin()));
        }
    }
    if let Ok(Some((header, header_len))) = whole {
        let mut out = [0xa5; MAX_HEADER_LEN];
        assert_eq!(header.encode(&mut out), Ok(header_len));
        assert_eq!(out[..header_len], bytes[..header_len]);
        assert!(out[header_len..].iter().all(|byte| *byte == 0xa5));
    }
});

/// What a decoder makes of the pieces up to the end of the first header: that header and its length.
fn decode<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    allowed: ReservedBits,
) -> Result<Option<(FrameHeader, usize)>, HeaderError> {
    let mut decoder = HeaderDecoder::new();
    let mut taken = 0;
    for piece in pieces {
        let (count, header) = decoder.decode(piece, allowed)?;
        taken += count;
        match header {
            Some(header) => return Ok(Some((header, taken))),
            None => assert_eq!(count, piece.len()),
        }
    }
    Ok(None)
}
