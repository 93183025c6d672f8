//! Bugs that other WebSocket libraries have, or had, in their frame code, each as a test with its name.

use ws_frame::{
    CloseCode, ClosePayload, ClosePayloadError, ClosePayloadValidator, EncodeError, FrameHeader, HeaderDecoder,
    HeaderError, MAX_HEADER_LEN, MAX_PAYLOAD_LEN, Mask, Opcode, ReservedBits, Utf8Validator,
};

const KEY: [u8; 4] = [0x11, 0x22, 0x44, 0x88];
const CONTROL: [Opcode; 3] = [Opcode::Close, Opcode::Ping, Opcode::Pong];

fn parse(bytes: &[u8]) -> Result<Option<(FrameHeader, usize)>, HeaderError> {
    FrameHeader::parse(bytes, ReservedBits::NONE)
}

fn encode(header: FrameHeader) -> Vec<u8> {
    let mut out = [0xa5; MAX_HEADER_LEN];
    let len = header.encode(&mut out).unwrap();
    out[..len].to_vec()
}

/// Guards against a comparison with `<` at the 16-bit boundary, which writes 65535 in 64 bits: three libraries did,
/// independently of each other.
#[test]
fn length_65535_is_written_in_16_bits() {
    assert_eq!(encode(FrameHeader::new(Opcode::Binary, 65_535)), [0x82, 0x7e, 0xff, 0xff]);
    assert_eq!(encode(FrameHeader::new(Opcode::Binary, 65_536)), [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
}

/// Guards against `as usize` on a 64-bit length, or reading only its lower half: on a 32-bit machine 2^32+5 became 5,
/// and the rest of the payload was taken for frames.
#[test]
fn length_above_32_bits_is_not_truncated() {
    for payload_len in [(1 << 32) + 5, 1 << 32, (5 << 32) + 125, MAX_PAYLOAD_LEN] {
        let header = FrameHeader::new(Opcode::Binary, payload_len);
        let bytes = encode(header);
        assert_eq!(parse(&bytes), Ok(Some((header, 10))));
        assert!(header.payload_len > u64::from(u32::MAX));
    }
    assert_ne!(encode(FrameHeader::new(Opcode::Binary, (1 << 32) + 5)), encode(FrameHeader::new(Opcode::Binary, 5)));
}

/// Guards against lengths above 32 bits being turned into 2^32-1 or into the largest `usize`, which loses the position
/// of the next frame as truncation does.
#[test]
fn length_above_32_bits_is_not_saturated() {
    let bytes = [0x82, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0];
    assert_eq!(parse(&bytes), Ok(Some((FrameHeader::new(Opcode::Binary, 1 << 32), 10))));
}

/// Guards against accepting a length that is written in more bytes than it needs: six libraries did.
#[test]
fn length_that_is_not_minimal_is_refused() {
    for len in 0..=125_u16 {
        let [high, low] = len.to_be_bytes();
        assert_eq!(parse(&[0x82, 0x7e, high, low]), Err(HeaderError::LengthNotMinimal));
        assert_eq!(parse(&[0x82, 0x7f, 0, 0, 0, 0, 0, 0, high, low]), Err(HeaderError::LengthNotMinimal));
    }
    for len in [126, 127, 255, 256, 65_534, 65_535_u16] {
        let [high, low] = len.to_be_bytes();
        assert_eq!(parse(&[0x82, 0x7f, 0, 0, 0, 0, 0, 0, high, low]), Err(HeaderError::LengthNotMinimal));
    }
}

/// Guards against adding the header's length to the payload's: ten bytes crashed a client, fourteen a server, in builds
/// with and without overflow checks.
#[test]
fn length_arithmetic_cannot_overflow() {
    for payload_len in [u64::from(u32::MAX), u64::MAX >> 1, u64::MAX - 13, u64::MAX] {
        let unmasked = [&[0x82, 0x7f][..], &payload_len.to_be_bytes()].concat();
        let masked = [&[0x82, 0xff][..], &payload_len.to_be_bytes(), &KEY].concat();
        for (bytes, masking_key) in [(unmasked, None), (masked, Some(KEY))] {
            let header = FrameHeader { masking_key, ..FrameHeader::new(Opcode::Binary, payload_len) };
            let expected = if payload_len > MAX_PAYLOAD_LEN {
                Err(HeaderError::LengthTooLarge)
            } else {
                Ok(Some((header, bytes.len())))
            };
            assert_eq!(parse(&bytes), expected);
        }
    }
}

/// Guards against taking a 64-bit length whose top bit is set for a length, or for a negative number.
#[test]
fn length_with_the_top_bit_set_is_refused() {
    assert_eq!(parse(&[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 5]), Err(HeaderError::LengthTooLarge));
    assert_eq!(parse(&[0x82, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Err(HeaderError::LengthTooLarge));
}

/// Guards against a parser that wants the whole header in one read: a byte was lost, or the parser stuck.
#[test]
fn header_split_over_reads_loses_no_byte() {
    let header = FrameHeader { masking_key: Some(KEY), ..FrameHeader::new(Opcode::Text, 300) };
    let mut decoder = HeaderDecoder::new();
    let mut input = encode(header);
    input.push(b'x' ^ KEY[0]);
    for byte in &input[..7] {
        assert_eq!(decoder.decode(&[*byte], ReservedBits::NONE), Ok((1, None)));
    }
    // The last byte of the header arrives with the first one of the payload.
    assert_eq!(decoder.decode(&input[7..], ReservedBits::NONE), Ok((1, Some(header))));
}

/// Guards against keeping the progress of a read in the function that reads: when it is abandoned halfway, the next one
/// takes the middle of a header, or the payload, for the start of a header.
#[test]
fn header_survives_an_abandoned_read() {
    let header = FrameHeader::new(Opcode::Binary, 0x6868);
    let bytes = encode(header);
    let mut decoder = HeaderDecoder::new();
    {
        let reader = &mut decoder;
        assert_eq!(reader.decode(&bytes[..3], ReservedBits::NONE), Ok((3, None)));
    }
    assert_eq!(decoder.decode(&bytes[3..], ReservedBits::NONE), Ok((1, Some(header))));
}

/// Guards against a masking key that stays from the frame before: an unmasked frame behind a masked one was unmasked
/// with it.
#[test]
fn masking_key_of_the_frame_before_is_forgotten() {
    let mut decoder = HeaderDecoder::new();
    let masked = FrameHeader { masking_key: Some(KEY), ..FrameHeader::new(Opcode::Text, 0) };
    let unmasked = FrameHeader::new(Opcode::Text, 0);
    for header in [masked, unmasked] {
        let mut decoded = None;
        for byte in encode(header) {
            decoded = decoder.decode(&[byte], ReservedBits::NONE).unwrap().1;
        }
        assert_eq!(decoded, Some(header));
    }
}

/// Guards against reserved bits that are not looked at: a compressed message was handed over as text.
#[test]
fn reserved_bits_are_refused() {
    for first in [0xc1, 0xa1, 0x91, 0xf1, 0xc9, 0x40] {
        assert_eq!(parse(&[first, 0]), Err(HeaderError::ReservedBits));
    }
}

/// Guards against letting every reserved bit through as soon as one extension is active.
#[test]
fn an_allowed_reserved_bit_allows_no_other() {
    assert!(FrameHeader::parse(&[0xc1, 0], ReservedBits::RSV1).is_ok());
    for first in [0xa1, 0x91, 0xe1, 0xd1, 0xf1] {
        assert_eq!(FrameHeader::parse(&[first, 0], ReservedBits::RSV1), Err(HeaderError::ReservedBits));
    }
}

/// Guards against reserved opcodes that are handed on, or taken for the closest known one.
#[test]
fn reserved_opcodes_are_refused() {
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        for fin in [0x00, 0x80] {
            assert_eq!(parse(&[fin | opcode, 0]), Err(HeaderError::ReservedOpcode));
        }
    }
}

/// Guards against accepting control frames of more than 125 bytes: a ping of 126 bytes was answered.
#[test]
fn control_frame_longer_than_125_bytes_is_refused() {
    for opcode in CONTROL {
        let first = 0x80 | opcode.bits();
        assert_eq!(parse(&[first, 125]), Ok(Some((FrameHeader::new(opcode, 125), 2))));
        assert_eq!(parse(&[first, 0x7e, 0, 126]), Err(HeaderError::ControlFrameTooLong));
        assert_eq!(parse(&[first, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]), Err(HeaderError::ControlFrameTooLong));
    }
}

/// Guards against writing control frames of more than 125 bytes: three libraries sent whatever they were given, one a
/// Close frame of 202 bytes.
#[test]
fn control_frame_longer_than_125_bytes_is_not_written() {
    for opcode in CONTROL {
        for payload_len in [126, 202, 65_536] {
            let mut out = [0xa5; MAX_HEADER_LEN];
            let result = FrameHeader::new(opcode, payload_len).encode(&mut out);
            assert_eq!(result, Err(EncodeError::Header(HeaderError::ControlFrameTooLong)));
            assert_eq!(out, [0xa5; MAX_HEADER_LEN]);
        }
    }
}

/// Guards against dropping the FIN bit of control frames, and against putting a "fragmented ping" together.
#[test]
fn fragmented_control_frame_is_refused() {
    for opcode in CONTROL {
        assert_eq!(parse(&[opcode.bits(), 1]), Err(HeaderError::FragmentedControlFrame));
        let header = FrameHeader { fin: false, ..FrameHeader::new(opcode, 1) };
        let error = EncodeError::Header(HeaderError::FragmentedControlFrame);
        assert_eq!(header.encode(&mut [0; MAX_HEADER_LEN]), Err(error));
    }
}

/// Guards against control frames without payload being refused or left unanswered: an empty one is a whole frame.
#[test]
fn empty_control_frame_is_whole() {
    for opcode in CONTROL {
        assert_eq!(parse(&[0x80 | opcode.bits(), 0]), Ok(Some((FrameHeader::new(opcode, 0), 2))));
    }
}

/// Guards against a position in the masking key that is kept in a byte and added to: pieces of 253, 254 and 255 bytes,
/// and 256 more, overflowed it.
#[test]
fn mask_position_survives_pieces_of_253_to_255_modulo_256_bytes() {
    for piece_len in [253, 254, 255, 256, 257, 509, 510, 511, 512, 765] {
        let original: Vec<u8> = (0..4 * piece_len).map(|i| (i % 251) as u8).collect();
        let expected: Vec<u8> = original.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        let mut in_place = original.clone();
        let mut copied = vec![0xa5; original.len()];
        let (mut mask, mut copy_mask) = (Mask::new(KEY), Mask::new(KEY));
        for piece in in_place.chunks_mut(piece_len) {
            mask.apply(piece);
        }
        for (from, to) in original.chunks(piece_len).zip(copied.chunks_mut(piece_len)) {
            assert_eq!(copy_mask.copy(from, to), piece_len);
        }
        assert_eq!(in_place, expected, "pieces of {piece_len} bytes");
        assert_eq!(copied, expected, "pieces of {piece_len} bytes");
    }
}

/// Guards against unmasking that stops at a byte that is 0: a ping with a 0 in it was answered by half.
#[test]
fn mask_does_not_stop_at_a_zero_byte() {
    let mut payload = [0, KEY[1], 0, 7, 0];
    Mask::new(KEY).apply(&mut payload);
    assert_eq!(payload, [KEY[0], 0, KEY[2], 7 ^ KEY[3], KEY[0]]);
}

/// Guards against skipping the place of the close code in every piece instead of only in the first: the first two bytes
/// of each later piece went unchecked, so that a valid reason was refused and an invalid one accepted.
#[test]
fn close_reason_is_validated_in_every_byte_of_every_piece() {
    let valid = [b"\x03\xe8", "a€b€€c".as_bytes()].concat();
    for piece_len in 1..=valid.len() {
        let mut validator = ClosePayloadValidator::new();
        for piece in valid.chunks(piece_len) {
            assert_eq!(validator.push(piece), Ok(()), "pieces of {piece_len} bytes");
        }
        assert_eq!(validator.finish(), Ok(Some(CloseCode::NORMAL_CLOSURE)));
    }
    for position in 2..12 {
        let mut invalid = *b"\x03\xe8abcdefghij";
        invalid[position] = 0xff;
        for piece_len in 1..=invalid.len() {
            let mut validator = ClosePayloadValidator::new();
            let result = invalid.chunks(piece_len).try_for_each(|piece| validator.push(piece));
            assert_eq!(result, Err(ClosePayloadError::ReasonNotUtf8), "byte {position}, pieces of {piece_len} bytes");
        }
    }
}

/// Guards against accepting a close reason that is not UTF-8, and against accepting one that ends inside a character.
#[test]
fn close_reason_that_is_not_utf8_is_refused() {
    for payload in [&b"\x03\xe8\xff"[..], b"\x03\xe8\xed\xa0\x80", b"\x03\xe8ok\xe2\x82"] {
        assert_eq!(ClosePayload::parse(payload), Err(ClosePayloadError::ReasonNotUtf8));
        assert_eq!(ClosePayloadError::ReasonNotUtf8.close_code().get(), 1007);
    }
}

/// Guards against taking a single byte for a close code: it became code 3, or "internal error", or no code.
#[test]
fn close_payload_of_one_byte_is_refused() {
    for byte in 0..=u8::MAX {
        assert_eq!(ClosePayload::parse(&[byte]), Err(ClosePayloadError::Truncated));
        let mut validator = ClosePayloadValidator::new();
        assert_eq!(validator.push(&[byte]), Ok(()));
        assert_eq!(validator.finish(), Err(ClosePayloadError::Truncated));
    }
    assert_eq!(ClosePayloadError::Truncated.close_code().get(), 1002);
}

/// Guards against reporting a Close frame without payload as an error of the peer: it is one without a close code.
#[test]
fn close_payload_of_no_byte_has_no_code() {
    assert_eq!(ClosePayload::parse(&[]), Ok(None));
    assert_eq!(ClosePayloadValidator::new().finish(), Ok(None));
}

/// Guards against letting close codes through that only stand for something and are never sent, and those in no range.
#[test]
fn close_codes_that_may_not_be_sent_are_refused() {
    for code in [0, 3, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
        let code = CloseCode::new(code);
        let error = ClosePayloadError::InvalidCode(code);
        assert_eq!(ClosePayload::parse(&code.get().to_be_bytes()), Err(error));
        assert_eq!(error.close_code(), CloseCode::PROTOCOL_ERROR);
    }
}

/// Guards against a table of close codes that ends with the RFC: 1012-1014 were registered after it, and three libraries
/// refuse them.
#[test]
fn close_codes_1012_to_1014_are_accepted() {
    for code in [CloseCode::SERVICE_RESTART, CloseCode::TRY_AGAIN_LATER, CloseCode::BAD_GATEWAY] {
        let payload = ClosePayload { code, reason: "" };
        assert_eq!(ClosePayload::parse(&code.get().to_be_bytes()), Ok(Some(payload)));
    }
}

/// Guards against a close reason that is sent too long, or cut to fit in the middle of a character.
#[test]
fn close_reason_that_is_too_long_is_neither_sent_nor_cut() {
    let reason = "€".repeat(42); // 126 bytes: the limit of 123 is behind a character, that of 125 inside one
    let mut out = [0xa5; 256];
    let payload = ClosePayload { code: CloseCode::NORMAL_CLOSURE, reason: &reason };
    assert_eq!(payload.encode(&mut out), Err(EncodeError::CloseReasonTooLong));
    assert_eq!(out, [0xa5; 256]);
}

/// Guards against checking text only when the message has ended: bytes that cannot become UTF-8 were handed over.
#[test]
fn text_fails_before_its_message_ends() {
    let mut text = Utf8Validator::new();
    assert!(text.push(b"so far so good \xf4").is_ok());
    assert!(text.push(b"\x90").is_err());
}
