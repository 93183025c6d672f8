//! Frames by hand: as a peer sends them, right or wrong, and as they are found in what we sent. Nothing of the crates under test
//! is used for that.

use std::fmt;

/// Which of our endpoints is under test. The peer is the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Client => "client",
        })
    }
}

/// The first bytes of whole messages and control frames.
pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
/// The first bytes of fragments.
pub(crate) const FIRST_TEXT: u8 = 0x01;
pub(crate) const FIRST_BINARY: u8 = 0x02;
pub(crate) const MIDDLE: u8 = 0x00;
pub(crate) const LAST: u8 = 0x80;

/// How many bytes of a frame the table shows.
const SHOWN: usize = 14;

/// A frame of the peer's.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    first: u8,
    length: Length,
    wrong_masking: bool,
    payload: Vec<u8>,
    /// How many of its bytes are sent.
    sent: usize,
}

#[derive(Clone, Copy, Debug)]
enum Length {
    Minimal,
    In16Bits,
    In64Bits(u64),
}

/// A frame with this first byte.
pub(crate) fn frame(first: u8, payload: impl AsRef<[u8]>) -> Frame {
    let payload = payload.as_ref().to_vec();
    Frame { first, length: Length::Minimal, wrong_masking: false, payload, sent: usize::MAX }
}

/// A Close frame.
pub(crate) fn close(code: u16, reason: impl AsRef<[u8]>) -> Frame {
    frame(CLOSE, [&code.to_be_bytes(), reason.as_ref()].concat())
}

impl Frame {
    /// Its length is written in 16 bits, however short it is.
    pub(crate) fn in_16_bits(self) -> Self {
        Self { length: Length::In16Bits, ..self }
    }

    /// Its length is written in 64 bits, however short it is.
    pub(crate) fn in_64_bits(self) -> Self {
        let length = Length::In64Bits(self.payload.len() as u64);
        Self { length, ..self }
    }

    /// Its header announces this length in 64 bits, whatever the payload is.
    pub(crate) fn announcing(self, length: u64) -> Self {
        Self { length: Length::In64Bits(length), ..self }
    }

    /// It is masked where it must not be, and not masked where it must.
    pub(crate) fn masked_wrongly(self) -> Self {
        Self { wrong_masking: true, ..self }
    }

    /// Only its first bytes are sent, as if it had no masking key: `sent` counts those of the form that a server sends.
    pub(crate) fn cut(self, sent: usize) -> Self {
        Self { sent, ..self }
    }

    pub(crate) fn payload_len(&self) -> usize {
        self.payload.len()
    }

    /// Its bytes as a peer sends them to this side of ours, with this masking key if that is due.
    fn bytes(&self, side: Side, key: [u8; 4]) -> Vec<u8> {
        let masked = (side == Side::Server) != self.wrong_masking;
        let mask_bit = if masked { 0x80 } else { 0 };
        let mut bytes = vec![self.first];
        match (self.length, self.payload.len()) {
            (Length::Minimal, len @ 0..=125) => bytes.push(mask_bit | u8::try_from(len).expect("126 is a u8")),
            (Length::Minimal | Length::In16Bits, len @ 0..=0xffff) => {
                bytes.push(mask_bit | 126);
                bytes.extend(u16::try_from(len).expect("the pattern says so").to_be_bytes());
            }
            (Length::Minimal | Length::In16Bits, len) => {
                bytes.push(mask_bit | 127);
                bytes.extend((len as u64).to_be_bytes());
            }
            (Length::In64Bits(length), _) => {
                bytes.push(mask_bit | 127);
                bytes.extend(length.to_be_bytes());
            }
        }
        let plain_header = bytes.len();
        bytes.extend(masked.then_some(key).into_iter().flatten());
        let key = if masked { key } else { [0; 4] };
        bytes.extend(self.payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
        let unsent_payload = (plain_header + self.payload.len()).saturating_sub(self.sent);
        bytes.truncate(if self.sent < plain_header { self.sent } else { bytes.len() - unsent_payload });
        bytes
    }
}

/// The bytes of these frames as a peer sends them to this side of ours: each masked, if it is, with another key.
pub(crate) fn bytes(frames: &[Frame], side: Side) -> Vec<u8> {
    let keys = (0x37..=u8::MAX).cycle().map(|first| [first, 0xfa, 0x21, 0x3d]);
    frames.iter().zip(keys).flat_map(|(frame, key)| frame.bytes(side, key)).collect()
}

/// The frames as a server sends them, for the table.
pub(crate) fn shown(frames: &[Frame]) -> String {
    let shown = |frame: &Frame| {
        let masked = if frame.wrong_masking { Side::Server } else { Side::Client };
        hex(&frame.bytes(masked, [0x37, 0xfa, 0x21, 0x3d]))
    };
    match frames {
        [first, second, .., last] if frames.len() > 6 => {
            format!("{} | {} | ... {} frames ... | {}", shown(first), shown(second), frames.len() - 3, shown(last))
        }
        _ => frames.iter().map(shown).collect::<Vec<_>>().join(" | "),
    }
}

/// The first bytes in hexadecimal digits, and how many there are.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    match bytes.get(..SHOWN) {
        Some(start) if bytes.len() > SHOWN + 2 => format!("{} ... ({} bytes)", digits(start), bytes.len()),
        _ => digits(bytes),
    }
}

/// A frame that we sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Its first byte and its payload.
    Frame(u8, Vec<u8>),
    /// A Close frame, with its close code; the reason is the sender's choice.
    Close(Option<u16>),
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close(Some(code)) => write!(f, "sent Close {code}"),
            Self::Close(None) => f.write_str("sent Close without a code"),
            Self::Frame(first, payload) => {
                let name = match *first {
                    TEXT => "text",
                    BINARY => "binary",
                    PING => "Ping",
                    PONG => "Pong",
                    FIRST_TEXT => "first fragment of a text",
                    FIRST_BINARY => "first fragment of a binary message",
                    MIDDLE => "continuation",
                    LAST => "last continuation",
                    _ => return write!(f, "sent a frame that begins with {first:02x}"),
                };
                match payload.as_slice() {
                    [] => write!(f, "sent {name}, empty"),
                    payload => write!(f, "sent {name} {}", hex(payload)),
                }
            }
        }
    }
}

/// A Pong of ours.
pub(crate) fn pong(payload: impl AsRef<[u8]>) -> Sent {
    Sent::Frame(PONG, payload.as_ref().to_vec())
}

/// Any other frame of ours.
pub(crate) fn sent(first: u8, payload: impl AsRef<[u8]>) -> Sent {
    Sent::Frame(first, payload.as_ref().to_vec())
}

/// Takes what this side of ours sent apart into frames. The error says what is wrong with it.
pub(crate) fn parse(side: Side, bytes: &[u8]) -> Result<Vec<Sent>, String> {
    let (mut rest, mut frames, mut keys) = (bytes, Vec::new(), Vec::new());
    while !rest.is_empty() {
        let (first, key, payload) = parse_one(&mut rest).ok_or_else(|| format!("half a frame: {}", hex(bytes)))??;
        match (side, key) {
            (Side::Server, Some(_)) => return Err("a server masks".to_string()),
            (Side::Client, None) => return Err("a client does not mask".to_string()),
            (Side::Client, Some([0, 0, 0, 0])) => return Err("a masking key of zeros".to_string()),
            (Side::Client, Some(key)) if keys.contains(&key) => return Err("a masking key twice".to_string()),
            _ => keys.extend(key),
        }
        frames.push(match (first, payload.as_slice()) {
            (CLOSE, []) => Sent::Close(None),
            (CLOSE, [high, low, reason @ ..]) if std::str::from_utf8(reason).is_ok() => {
                Sent::Close(Some(u16::from_be_bytes([*high, *low])))
            }
            _ => Sent::Frame(first, payload),
        });
    }
    Ok(frames)
}

type Parsed = (u8, Option<[u8; 4]>, Vec<u8>);

/// Takes one frame from the front; `None` if it is not whole.
fn parse_one(bytes: &mut &[u8]) -> Option<Result<Parsed, String>> {
    let mut take = |len: usize| {
        let (taken, rest) = bytes.split_at_checked(len)?;
        *bytes = rest;
        Some(taken)
    };
    let [first, second] = take(2)?.try_into().ok()?;
    let (len, least): (u64, u64) = match second & 0x7f {
        126 => (u16::from_be_bytes(take(2)?.try_into().ok()?).into(), 126),
        127 => (u64::from_be_bytes(take(8)?.try_into().ok()?), 0x1_0000),
        len => (len.into(), 0),
    };
    if len < least {
        return Some(Err(format!("the length {len} is not written in the fewest bytes")));
    }
    if first & 0x08 != 0 && len > 125 {
        return Some(Err(format!("a control frame of {len} bytes")));
    }
    let key: Option<[u8; 4]> = if second & 0x80 == 0 { None } else { Some(take(4)?.try_into().ok()?) };
    let masked = take(usize::try_from(len).ok()?)?;
    let payload = masked.iter().zip(key.unwrap_or_default().iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    Some(Ok((first, key, payload)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 6455, section 5.7.
    #[test]
    fn frames_are_those_of_the_rfc() {
        let hello = [frame(TEXT, "Hello")];
        assert_eq!(bytes(&hello, Side::Client), b"\x81\x05Hello");
        assert_eq!(bytes(&hello, Side::Server), b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
        assert_eq!(bytes(&[frame(BINARY, [0; 256])], Side::Client)[..5], [0x82, 0x7e, 1, 0, 0]);
        assert_eq!(bytes(&[frame(BINARY, [0; 65_536])], Side::Client)[..11], [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    }

    #[test]
    fn wrong_frames_are_wrong() {
        assert_eq!(bytes(&[frame(TEXT, "a").in_16_bits()], Side::Client), b"\x81\x7e\x00\x01a");
        assert_eq!(bytes(&[frame(TEXT, "a").in_64_bits()], Side::Client), b"\x81\x7f\0\0\0\0\0\0\0\x01a");
        assert_eq!(bytes(&[frame(TEXT, "a").announcing(1 << 40)], Side::Client), b"\x81\x7f\0\0\x01\0\0\0\0\0a");
        assert_eq!(bytes(&[frame(TEXT, "a").masked_wrongly()], Side::Server), b"\x81\x01a");
        assert_eq!(bytes(&[frame(TEXT, "a").masked_wrongly()], Side::Client).len(), 7);
        for (cut, sent) in [(1, 1), (2, 6), (3, 7), (7, 11)] {
            assert_eq!(bytes(&[frame(TEXT, "Hello").cut(cut)], Side::Server).len(), sent);
            assert_eq!(bytes(&[frame(TEXT, "Hello").cut(cut)], Side::Client).len(), cut);
        }
    }

    #[test]
    fn what_we_send_is_judged() {
        assert_eq!(parse(Side::Server, b"\x8a\x01x\x88\x02\x03\xe8"), Ok(vec![pong("x"), Sent::Close(Some(1000))]));
        assert_eq!(parse(Side::Client, b"\x8a\x81\x01\0\0\0\x79"), Ok(vec![pong("x")]));
        for (side, wrong) in [
            (Side::Server, &b"\x8a\x81\x01\0\0\0\x79"[..]),
            (Side::Client, b"\x8a\x01x"),
            (Side::Client, b"\x8a\x81\0\0\0\0x"),
            (Side::Client, b"\x8a\x80\x01\0\0\0\x8a\x80\x01\0\0\0"),
            (Side::Server, b"\x8a\x02x"),
            (Side::Server, b"\x82\x7e\x00\x01x"),
            (Side::Server, &[&[0x89, 126, 0, 126], [0; 126].as_slice()].concat()),
        ] {
            assert!(parse(side, wrong).is_err(), "{wrong:02x?}");
        }
    }
}
