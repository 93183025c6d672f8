//! Properties that hold for any input: parse after encode, split equals whole, mask twice, never a panic.

use proptest::collection::vec;
use proptest::prelude::*;
use ws_frame::{
    CloseCode, ClosePayload, ClosePayloadError, ClosePayloadValidator, FrameHeader, HeaderDecoder, HeaderError,
    MAX_CLOSE_REASON_LEN, MAX_HEADER_LEN, MAX_PAYLOAD_LEN, Mask, Opcode, ReservedBits, Utf8Validator,
};

/// Any header that may be sent; short, 16-bit and 64-bit lengths equally often.
fn header() -> impl Strategy<Value = FrameHeader> {
    let data = (
        any::<bool>(),
        prop_oneof![Just(Opcode::Continuation), Just(Opcode::Text), Just(Opcode::Binary)],
        prop_oneof![0..=125_u64, 126..=65_535_u64, 65_536..=MAX_PAYLOAD_LEN],
    );
    let control = (Just(true), prop_oneof![Just(Opcode::Close), Just(Opcode::Ping), Just(Opcode::Pong)], 0..=125_u64);
    (prop_oneof![data, control], any::<u8>(), any::<Option<[u8; 4]>>()).prop_map(
        |((fin, opcode, payload_len), reserved_bits, masking_key)| {
            let reserved_bits = ReservedBits::from_bits(reserved_bits);
            FrameHeader { fin, reserved_bits, opcode, masking_key, payload_len }
        },
    )
}

/// Bytes that often look like a header: the second one is often one of those that announce a longer length, and the
/// others are often 0.
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    let second = prop_oneof![any::<u8>(), Just(126), Just(127), Just(254), Just(255)];
    let others = vec(prop_oneof![any::<u8>(), Just(0)], 0..20);
    (any::<u8>(), second, others, 0..=22_usize).prop_map(|(first, second, others, len)| {
        let mut bytes = [&[first, second][..], &others].concat();
        bytes.truncate(len);
        bytes
    })
}

/// Bytes that are often UTF-8 for a while.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[a-z]{0,40}".prop_map(String::into_bytes),
        any::<String>().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..3),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// `bytes` cut at `cuts`, of which those that lie outside are taken modulo the length.
fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect()
}

/// What a decoder makes of `pieces` up to the end of the first header: that header and its length.
fn decode(pieces: &[&[u8]], allowed: ReservedBits) -> Result<Option<(FrameHeader, usize)>, HeaderError> {
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

proptest! {
    #[test]
    fn parse_after_encode_gives_the_header(header in header(), following in vec(any::<u8>(), 0..4)) {
        let mut out = [0xa5; MAX_HEADER_LEN];
        let len = header.encode(&mut out).unwrap();
        prop_assert_eq!(len, header.encoded_len());
        let input = [&out[..len], &following].concat();
        let allowed = header.reserved_bits;
        prop_assert_eq!(FrameHeader::parse(&input, allowed), Ok(Some((header, len))));
    }

    #[test]
    fn encode_after_parse_gives_the_bytes(bytes in header_bytes(), allowed in any::<u8>()) {
        if let Ok(Some((header, len))) = FrameHeader::parse(&bytes, ReservedBits::from_bits(allowed)) {
            let mut out = [0xa5; MAX_HEADER_LEN];
            prop_assert_eq!(header.encode(&mut out), Ok(len));
            prop_assert_eq!(&out[..len], &bytes[..len]);
        }
    }

    #[test]
    fn header_bytes_mean_the_same_whole_and_in_pieces(
        bytes in header_bytes(),
        allowed in any::<u8>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let allowed = ReservedBits::from_bits(allowed);
        let whole = FrameHeader::parse(&bytes, allowed);
        prop_assert_eq!(decode(&[&bytes], allowed), whole);
        prop_assert_eq!(decode(&pieces(&bytes, &cuts), allowed), whole);
        prop_assert_eq!(decode(&bytes.chunks(1).collect::<Vec<_>>(), allowed), whole);
    }

    #[test]
    fn what_a_prefix_decides_the_whole_does_not_change(bytes in header_bytes(), cut in any::<usize>()) {
        let prefix = FrameHeader::parse(&bytes[..cut % (bytes.len() + 1)], ReservedBits::NONE);
        if prefix != Ok(None) {
            prop_assert_eq!(FrameHeader::parse(&bytes, ReservedBits::NONE), prefix);
        }
    }

    #[test]
    fn masking_in_pieces_is_masking_byte_by_byte(
        payload in vec(any::<u8>(), 0..300),
        key in any::<[u8; 4]>(),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let expected: Vec<u8> = payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        let (mut in_place, mut copied) = (Vec::new(), Vec::new());
        let (mut mask, mut copy_mask) = (Mask::new(key), Mask::new(key));
        for piece in pieces(&payload, &cuts) {
            let mut applied = piece.to_vec();
            mask.apply(&mut applied);
            in_place.extend(applied);
            let mut to = vec![0xa5; piece.len()];
            prop_assert_eq!(copy_mask.copy(piece, &mut to), piece.len());
            copied.extend(to);
        }
        prop_assert_eq!(&in_place, &expected);
        prop_assert_eq!(&copied, &expected);
        Mask::new(key).apply(&mut in_place);
        prop_assert_eq!(in_place, payload);
    }

    #[test]
    fn text_is_the_same_whole_and_in_pieces(text in text(), cuts in vec(any::<usize>(), 0..6)) {
        let mut validator = Utf8Validator::new();
        let result = pieces(&text, &cuts).into_iter().try_for_each(|piece| validator.push(piece));
        match std::str::from_utf8(&text) {
            Ok(_) => {
                prop_assert_eq!(result, Ok(()));
                prop_assert!(validator.is_complete());
            }
            Err(error) if error.error_len().is_some() => prop_assert!(result.is_err()),
            Err(_) => {
                prop_assert_eq!(result, Ok(()));
                prop_assert!(!validator.is_complete());
            }
        }
    }

    #[test]
    fn a_close_payload_is_the_same_whole_and_in_pieces(
        code in prop_oneof![any::<u16>(), 990..1020_u16, Just(1000)],
        reason in text(),
        len in 0..=130_usize,
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let mut bytes = [&code.to_be_bytes()[..], &reason].concat();
        bytes.truncate(len);
        let whole = ClosePayload::parse(&bytes).map(|payload| payload.map(|payload| payload.code));
        let mut validator = ClosePayloadValidator::new();
        let in_pieces = pieces(&bytes, &cuts)
            .into_iter()
            .try_for_each(|piece| validator.push(piece))
            .and_then(|()| validator.finish());
        prop_assert_eq!(in_pieces, whole);
        if let Err(ClosePayloadError::InvalidCode(code)) = whole {
            prop_assert!(!code.is_allowed_in_close_frame());
        }
    }

    #[test]
    fn a_close_payload_that_is_written_is_parsed_back(
        code in prop_oneof![1000..=1003_u16, 1007..=1014_u16, 3000..=4999_u16],
        reason in any::<String>(),
    ) {
        let payload = ClosePayload { code: CloseCode::new(code), reason: &reason };
        let mut out = [0xa5; 125];
        match payload.encode(&mut out) {
            Ok(len) => prop_assert_eq!(ClosePayload::parse(&out[..len]), Ok(Some(payload))),
            Err(_) => prop_assert!(reason.len() > MAX_CLOSE_REASON_LEN),
        }
    }
}
