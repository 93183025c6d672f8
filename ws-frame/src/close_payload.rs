//! The payload of a Close frame (RFC 6455, section 5.5.1): a close code and a reason, whole or in pieces.

use crate::{CloseCode, ClosePayloadError, EncodeError, MAX_CONTROL_PAYLOAD_LEN, Utf8Validator};

/// The longest reason in bytes: what a control frame has left beside the close code.
pub const MAX_CLOSE_REASON_LEN: usize = MAX_CONTROL_PAYLOAD_LEN - 2;

/// The close code and the reason in a Close frame.
///
/// ```
/// use ws_frame::{CloseCode, ClosePayload};
///
/// let payload = ClosePayload { code: CloseCode::GOING_AWAY, reason: "bye" };
/// let mut out = [0; 5];
/// assert_eq!(payload.encode(&mut out)?, 5);
/// assert_eq!(out, [0x03, 0xe9, b'b', b'y', b'e']);
/// assert_eq!(ClosePayload::parse(&out)?, Some(payload));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClosePayload<'a> {
    /// Why the connection is closed.
    pub code: CloseCode,
    /// The reason in words, for people and logs; may be empty. At most [`MAX_CLOSE_REASON_LEN`] bytes.
    pub reason: &'a str,
}

impl<'a> ClosePayload<'a> {
    /// Parses the whole, unmasked payload of a Close frame; `None` if it is empty.
    ///
    /// # Errors
    ///
    /// [`ClosePayloadError`] for a single byte, for a code that may not be in a Close frame and for a reason that is not
    /// UTF-8. That the payload is not too long is checked with the frame's header.
    pub fn parse(payload: &'a [u8]) -> Result<Option<Self>, ClosePayloadError> {
        let (code, reason) = match payload {
            [] => return Ok(None),
            // Section 5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"
            [_] => return Err(ClosePayloadError::Truncated),
            [high, low, reason @ ..] => (received_code([*high, *low])?, reason),
        };
        let reason = core::str::from_utf8(reason).map_err(|_| ClosePayloadError::ReasonNotUtf8)?;
        Ok(Some(Self { code, reason }))
    }

    /// Writes the payload, unmasked, to the start of `out` and returns its length in bytes,
    /// [`encoded_len`](Self::encoded_len).
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`] and those of [`check`](Self::check). Nothing is written then.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        self.check()?;
        let needed = self.encoded_len();
        let Some((code, reason)) = out.get_mut(..needed).and_then(|out| out.split_first_chunk_mut()) else {
            return Err(EncodeError::BufferTooSmall { needed });
        };
        // Section 5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order)
        // representing a status code"
        *code = self.code.get().to_be_bytes();
        for (space, byte) in reason.iter_mut().zip(self.reason.bytes()) {
            *space = byte;
        }
        Ok(needed)
    }

    /// Returns the length of the payload in bytes (2-125 if it may be sent) when it is written.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.reason.len().saturating_add(2)
    }

    /// Checks that the payload may be sent.
    ///
    /// # Errors
    ///
    /// [`EncodeError::CloseCodeNotAllowed`] and [`EncodeError::CloseReasonTooLong`].
    pub const fn check(&self) -> Result<(), EncodeError> {
        if !self.code.is_allowed_in_close_frame() {
            return Err(EncodeError::CloseCodeNotAllowed(self.code));
        }
        if self.reason.len() > MAX_CLOSE_REASON_LEN {
            return Err(EncodeError::CloseReasonTooLong);
        }
        Ok(())
    }
}

/// Validates the payload of a Close frame in pieces of any length, so that it need not be kept.
///
/// It fails at the first byte that decides it: a code that may not be sent at its second byte, a reason that is not
/// UTF-8 at the first byte that cannot be.
///
/// ```
/// use ws_frame::{CloseCode, ClosePayloadValidator};
///
/// let mut payload = ClosePayloadValidator::new();
/// payload.push(&[0x03])?;
/// payload.push(&[0xe8, b'o', b'k'])?;
/// assert_eq!(payload.finish()?, Some(CloseCode::NORMAL_CLOSURE));
/// # Ok::<(), ws_frame::ClosePayloadError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClosePayloadValidator {
    code: CodeSoFar,
    reason: Utf8Validator,
}

#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum CodeSoFar {
    #[default]
    Nothing,
    HighByte(u8),
    Code(CloseCode),
}

impl ClosePayloadValidator {
    /// Returns a validator at the start of a payload.
    #[must_use]
    pub const fn new() -> Self {
        Self { code: CodeSoFar::Nothing, reason: Utf8Validator::new() }
    }

    /// Validates the next piece of the payload, unmasked.
    ///
    /// # Errors
    ///
    /// [`ClosePayloadError::InvalidCode`] or [`ClosePayloadError::ReasonNotUtf8`]. The payload is lost then, and so is
    /// what this validator says of it afterwards.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), ClosePayloadError> {
        let mut piece = piece;
        loop {
            let high = match self.code {
                CodeSoFar::Code(_) => return self.reason.push(piece).map_err(|_| ClosePayloadError::ReasonNotUtf8),
                CodeSoFar::HighByte(high) => Some(high),
                CodeSoFar::Nothing => None,
            };
            let [byte, rest @ ..] = piece else { return Ok(()) };
            piece = rest;
            self.code = match high {
                None => CodeSoFar::HighByte(*byte),
                Some(high) => CodeSoFar::Code(received_code([high, *byte])?),
            };
        }
    }

    /// Says what a payload that ends here was: its close code, or `None` for an empty payload.
    ///
    /// # Errors
    ///
    /// [`ClosePayloadError::Truncated`] for a single byte, [`ClosePayloadError::ReasonNotUtf8`] for a reason that ends
    /// inside a character.
    pub fn finish(&self) -> Result<Option<CloseCode>, ClosePayloadError> {
        match self.code {
            CodeSoFar::Nothing => Ok(None),
            // Section 5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"
            CodeSoFar::HighByte(_) => Err(ClosePayloadError::Truncated),
            // Section 8.1: a reason that ends inside a character is not UTF-8.
            CodeSoFar::Code(_) if !self.reason.is_complete() => Err(ClosePayloadError::ReasonNotUtf8),
            CodeSoFar::Code(code) => Ok(Some(code)),
        }
    }
}

fn received_code(bytes: [u8; 2]) -> Result<CloseCode, ClosePayloadError> {
    let code = CloseCode::new(u16::from_be_bytes(bytes));
    if code.is_allowed_in_close_frame() { Ok(code) } else { Err(ClosePayloadError::InvalidCode(code)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Outcome<'a> = Result<Option<ClosePayload<'a>>, ClosePayloadError>;

    fn closed(code: u16, reason: &str) -> Outcome<'_> {
        Ok(Some(ClosePayload { code: CloseCode::new(code), reason }))
    }

    /// Valid and broken payloads, and what they are.
    fn payloads() -> [(&'static [u8], Outcome<'static>); 16] {
        use ClosePayloadError::*;
        [
            (b"", Ok(None)),
            (b"\x03", Err(Truncated)),
            (b"\xff", Err(Truncated)),
            (b"\x03\xe8", closed(1000, "")),
            (b"\x03\xe9bye", closed(1001, "bye")),
            (b"\x03\xf6later", closed(1014, "later")),
            (b"\x0b\xb8", closed(3000, "")),
            (b"\x13\x87\xe2\x82\xac", closed(4999, "€")),
            (b"\x00\x00", Err(InvalidCode(CloseCode::new(0)))),
            (b"\x03\xec", Err(InvalidCode(CloseCode::new(1004)))),
            (b"\x03\xedbye", Err(InvalidCode(CloseCode::NO_STATUS_RECEIVED))),
            (b"\x03\xee\xff", Err(InvalidCode(CloseCode::ABNORMAL_CLOSURE))),
            (b"\x03\xf7", Err(InvalidCode(CloseCode::TLS_HANDSHAKE))),
            (b"\x13\x88", Err(InvalidCode(CloseCode::new(5000)))),
            (b"\x03\xe8ok\xff", Err(ReasonNotUtf8)),
            (b"\x03\xe8ok\xe2\x82", Err(ReasonNotUtf8)),
        ]
    }

    fn in_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<CloseCode>, ClosePayloadError> {
        let mut validator = ClosePayloadValidator::new();
        pieces.into_iter().try_for_each(|piece| validator.push(piece))?;
        validator.finish()
    }

    #[test]
    fn a_payload_is_the_same_whole_in_any_two_pieces_and_byte_by_byte() {
        for (bytes, outcome) in payloads() {
            assert_eq!(ClosePayload::parse(bytes), outcome);
            let code = outcome.map(|payload| payload.map(|payload| payload.code));
            assert_eq!(in_pieces(bytes.chunks(1)), code, "{bytes:02x?}");
            for cut in 0..=bytes.len() {
                let (first, second) = bytes.split_at(cut);
                assert_eq!(in_pieces([first, &[], second]), code, "{bytes:02x?} cut at {cut}");
            }
        }
    }

    #[test]
    fn every_code_is_parsed_in_pieces_and_written_alike() {
        for number in 0..=u16::MAX {
            let code = CloseCode::new(number);
            let payload = ClosePayload { code, reason: "" };
            let bytes = number.to_be_bytes();
            let mut out = [0xa5; 2];
            if code.is_allowed_in_close_frame() {
                assert_eq!(ClosePayload::parse(&bytes), Ok(Some(payload)));
                assert_eq!(in_pieces(bytes.chunks(1)), Ok(Some(code)));
                assert_eq!(payload.encode(&mut out), Ok(2));
                assert_eq!(out, bytes);
            } else {
                assert_eq!(ClosePayload::parse(&bytes), Err(ClosePayloadError::InvalidCode(code)));
                assert_eq!(in_pieces(bytes.chunks(1)), Err(ClosePayloadError::InvalidCode(code)));
                assert_eq!(payload.encode(&mut out), Err(EncodeError::CloseCodeNotAllowed(code)));
                assert_eq!(out, [0xa5; 2]);
            }
        }
    }

    /// Section 5.5: "All control frames MUST have a payload length of 125 bytes or less", of which the code takes two.
    #[test]
    fn the_longest_reason_fills_a_control_frame() {
        assert_eq!(MAX_CLOSE_REASON_LEN, 123);
        let payload = ClosePayload { code: CloseCode::NORMAL_CLOSURE, reason: &long()[1..] };
        assert_eq!((payload.encoded_len(), payload.check()), (125, Ok(())));
    }

    #[test]
    fn the_errors_carry_their_close_codes() {
        assert_eq!(ClosePayloadError::Truncated.close_code(), CloseCode::PROTOCOL_ERROR);
        assert_eq!(ClosePayloadError::InvalidCode(CloseCode::new(999)).close_code(), CloseCode::PROTOCOL_ERROR);
        assert_eq!(ClosePayloadError::ReasonNotUtf8.close_code(), CloseCode::INVALID_PAYLOAD);
    }

    #[test]
    fn the_validator_fails_at_the_deciding_byte() {
        for (bytes, deciding) in [(&b"\x03\xedbye"[..], 2), (b"\x03\xe8o\xffk", 4), (b"\x03\xe8\xed\xa0\x80", 4)] {
            let mut validator = ClosePayloadValidator::new();
            let failing = bytes.iter().position(|byte| validator.push(&[*byte]).is_err());
            assert_eq!(failing, Some(deciding - 1), "{bytes:02x?}");
        }
    }

    /// One byte more than the longest reason.
    fn long() -> &'static str {
        core::str::from_utf8(&[b'r'; MAX_CLOSE_REASON_LEN + 1]).unwrap()
    }

    #[test]
    fn encode_writes_into_every_buffer_that_has_room_and_nothing_into_others() {
        const LEN: usize = MAX_CONTROL_PAYLOAD_LEN + 1;
        for reason in ["", "bye", "€", &long()[1..]] {
            let payload = ClosePayload { code: CloseCode::MESSAGE_TOO_BIG, reason };
            let needed = 2 + reason.len();
            let mut expected = [0xa5; LEN];
            expected[..2].copy_from_slice(b"\x03\xf1");
            expected[2..needed].copy_from_slice(reason.as_bytes());
            for room in 0..=LEN {
                let mut out = [0xa5; LEN];
                let result = payload.encode(&mut out[..room]);
                if room < needed {
                    assert_eq!(result, Err(EncodeError::BufferTooSmall { needed }));
                    assert_eq!(out, [0xa5; LEN]);
                } else {
                    assert_eq!(result, Ok(needed));
                    assert_eq!(out, expected);
                    assert_eq!(ClosePayload::parse(&out[..needed]), Ok(Some(payload)));
                }
            }
        }
    }

    #[test]
    fn a_reason_that_does_not_fit_a_control_frame_is_not_written() {
        let mut out = [0xa5; 200];
        let payload = ClosePayload { code: CloseCode::NORMAL_CLOSURE, reason: long() };
        assert_eq!(payload.encode(&mut out), Err(EncodeError::CloseReasonTooLong));
        assert_eq!(out, [0xa5; 200]);
    }
}
