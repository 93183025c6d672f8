//! Every shape that a frame header can have, both ways: all opcodes, FIN, masked or not, and the lengths around every
//! boundary; cut at every byte and written to buffers of every length.

use ws_frame::{EncodeError, FrameHeader, HeaderDecoder, MAX_HEADER_LEN, Opcode, ReservedBits};

const OPCODES: [(u8, Opcode); 6] = [
    (0x0, Opcode::Continuation),
    (0x1, Opcode::Text),
    (0x2, Opcode::Binary),
    (0x8, Opcode::Close),
    (0x9, Opcode::Ping),
    (0xa, Opcode::Pong),
];

/// The payload length and the bytes that stand for it, the first one without the mask bit.
const LENGTHS: [(u64, &[u8]); 15] = [
    (0, &[0]),
    (1, &[1]),
    (124, &[124]),
    (125, &[125]),
    (126, &[126, 0, 126]),
    (127, &[126, 0, 127]),
    (255, &[126, 0, 255]),
    (256, &[126, 1, 0]),
    (65_535, &[126, 0xff, 0xff]),
    (65_536, &[127, 0, 0, 0, 0, 0, 1, 0, 0]),
    (0xffff_ffff, &[127, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
    (0x1_0000_0000, &[127, 0, 0, 0, 1, 0, 0, 0, 0]),
    (0x1_0000_0005, &[127, 0, 0, 0, 1, 0, 0, 0, 5]),
    (0x7fff_ffff_ffff_fffe, &[127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]),
    (0x7fff_ffff_ffff_ffff, &[127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
];

/// Every header that may be sent, with its bytes put together by hand.
fn shapes() -> Vec<(FrameHeader, Vec<u8>)> {
    let mut shapes = Vec::new();
    for (bits, opcode) in OPCODES {
        for fin in [true, false] {
            for masking_key in [None, Some([0xde, 0xad, 0xbe, 0xef])] {
                for (payload_len, length_bytes) in LENGTHS {
                    if opcode.is_control() && (!fin || payload_len > 125) {
                        continue;
                    }
                    let mut bytes = vec![bits | if fin { 0x80 } else { 0 }];
                    bytes.extend(length_bytes);
                    if let Some(key) = masking_key {
                        bytes[1] |= 0x80;
                        bytes.extend(key);
                    }
                    let reserved_bits = ReservedBits::NONE;
                    shapes.push((FrameHeader { fin, reserved_bits, opcode, masking_key, payload_len }, bytes));
                }
            }
        }
    }
    // Three data opcodes with and without FIN, three control opcodes with FIN and four lengths; each masked or not.
    assert_eq!(shapes.len(), 2 * (3 * 2 * LENGTHS.len() + 3 * 4));
    shapes
}

#[test]
fn parse_gives_the_header_whatever_follows_it() {
    for (header, bytes) in shapes() {
        for following in [&[][..], &[0x00], &[0xff; 20]] {
            let input = [&bytes, following].concat();
            assert_eq!(FrameHeader::parse(&input, ReservedBits::NONE), Ok(Some((header, bytes.len()))));
        }
    }
}

#[test]
fn parse_gives_none_for_every_cut() {
    for (_, bytes) in shapes() {
        for cut in 0..bytes.len() {
            assert_eq!(FrameHeader::parse(&bytes[..cut], ReservedBits::NONE), Ok(None), "{bytes:02x?} cut at {cut}");
        }
    }
}

#[test]
fn encode_writes_the_header_into_every_buffer_that_has_room_and_nothing_into_others() {
    for (header, bytes) in shapes() {
        assert_eq!(header.encoded_len(), bytes.len());
        for room in 0..=MAX_HEADER_LEN + 2 {
            let mut out = [0xa5; MAX_HEADER_LEN + 2];
            let result = header.encode(&mut out[..room]);
            let written = if room < bytes.len() {
                assert_eq!(result, Err(EncodeError::BufferTooSmall { needed: bytes.len() }));
                0
            } else {
                assert_eq!(result, Ok(bytes.len()));
                bytes.len()
            };
            assert_eq!(out[..written], bytes[..written]);
            assert!(out[written..].iter().all(|byte| *byte == 0xa5), "{header:?} into {room} bytes");
        }
    }
}

#[test]
fn decode_gives_the_header_for_every_two_cuts_and_takes_nothing_behind_it() {
    let mut decoder = HeaderDecoder::new();
    for (header, bytes) in shapes() {
        let input = [&bytes[..], &[0xff, 0xff]].concat();
        for first in 0..bytes.len() {
            for second in first..bytes.len() {
                assert!(decoder.is_empty());
                let decode = |decoder: &mut HeaderDecoder, piece: &[u8]| decoder.decode(piece, ReservedBits::NONE);
                assert_eq!(decode(&mut decoder, &input[..first]), Ok((first, None)));
                assert_eq!(decode(&mut decoder, &input[first..second]), Ok((second - first, None)));
                assert_eq!(decode(&mut decoder, &input[second..]), Ok((bytes.len() - second, Some(header))));
            }
        }
    }
}

#[test]
fn decode_gives_the_headers_of_a_stream_byte_by_byte() {
    let mut decoder = HeaderDecoder::new();
    for (header, bytes) in shapes() {
        let (last, before) = bytes.split_last().unwrap();
        for byte in before {
            assert_eq!(decoder.decode(&[*byte], ReservedBits::NONE), Ok((1, None)));
            assert!(!decoder.is_empty());
        }
        assert_eq!(decoder.decode(&[*last], ReservedBits::NONE), Ok((1, Some(header))));
        assert!(decoder.is_empty());
    }
}
