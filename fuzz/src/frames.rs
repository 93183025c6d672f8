//! Input that is frames, mostly valid ones in a valid order: random bytes rarely are. Each may have one flaw.

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

/// The most bytes that a peer sends at once to a small buffer: more take time and are no news.
pub const LONGEST: usize = 3000;

/// What a peer sends.
#[derive(Clone, Debug, Arbitrary)]
pub struct Traffic(Vec<Piece>);

#[derive(Clone, Debug, Arbitrary)]
enum Piece {
    Frame(Frame),
    Bytes(Payload),
}

/// A frame, with at most one flaw.
#[derive(Clone, Debug, Arbitrary)]
struct Frame {
    kind: Kind,
    fin: bool,
    key: [u8; 4],
    payload: Payload,
    flaw: Flaw,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Kind {
    /// A text, or what goes on with the message that was begun.
    Text,
    /// The same for a binary message.
    Binary,
    Ping,
    Pong,
    Close,
}

/// The payload of a frame or of a message.
#[derive(Clone)]
pub struct Payload(pub Vec<u8>);

#[derive(Clone, Copy, Debug)]
enum Flaw {
    None,
    /// The first byte is this, whatever comes before.
    First(u8),
    /// Masked where it must not be, or the other way round.
    Mask,
    /// The length is written in this many bytes more than the first.
    LengthBytes(usize),
    /// Another length is announced.
    Length(u64),
}

impl Traffic {
    /// The first `longest` bytes, as a client sends them or as a server does. `inside` says whether a message was begun and not
    /// ended.
    pub fn bytes(&self, of_client: bool, inside: &mut bool, longest: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Frame(frame) => frame.write(of_client, inside, &mut bytes),
                Piece::Bytes(payload) => bytes.extend(&payload.0),
            }
        }
        bytes.truncate(longest);
        bytes
    }
}

impl Frame {
    fn write(&self, of_client: bool, inside: &mut bool, to: &mut Vec<u8>) {
        let is_control = matches!(self.kind, Kind::Ping | Kind::Pong | Kind::Close);
        let opcode = match self.kind {
            Kind::Ping => 9,
            Kind::Pong => 10,
            Kind::Close => 8,
            _ if *inside => 0,
            Kind::Text => 1,
            Kind::Binary => 2,
        };
        let fin = self.fin || is_control;
        if !is_control {
            *inside = !fin;
        }
        let mut payload = self.payload.0.clone();
        if is_control {
            payload.truncate(125);
        }
        if let (Kind::Close, [first, second, ..]) = (self.kind, payload.as_mut_slice()) {
            // Most pairs of bytes are no close code.
            *first = 3 + (*first & 0x0f);
            *second = if *first == 3 { 0xe8 | (*second & 0x07) } else { *second };
        }
        let first = match self.flaw {
            Flaw::First(first) => first,
            _ => (u8::from(fin) << 7) | opcode,
        };
        let announced = match self.flaw {
            Flaw::Length(len) => len,
            _ => payload.len() as u64,
        };
        let len_bytes = match (self.flaw, announced) {
            (Flaw::LengthBytes(count), _) => count,
            (_, 0..=125) => 0,
            (_, 126..=0xffff) => 2,
            _ => 8,
        };
        let masked = of_client != matches!(self.flaw, Flaw::Mask);
        let mask_bit = u8::from(masked) << 7;
        to.push(first);
        match len_bytes {
            0 => to.push(mask_bit | (announced as u8 & 0x7f)),
            2 => to.push(mask_bit | 126),
            _ => to.push(mask_bit | 127),
        }
        to.extend(&announced.to_be_bytes()[8 - len_bytes..]);
        if masked {
            to.extend(self.key);
            payload.iter_mut().zip(self.key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        }
        to.extend(payload);
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, {:02x?}", self.0.len(), &self.0[..self.0.len().min(16)])
    }
}

impl<'a> Arbitrary<'a> for Payload {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let choice: u8 = u.arbitrary()?;
        Ok(Self(match choice {
            // Lengths at which something changes.
            0xf0.. => {
                let lens = [125, 126, 127, 255, 256, 1023, 0xffff, 0x1_0000];
                let len = lens[usize::from(choice) % lens.len()];
                vec![u.arbitrary::<u8>()?; len]
            }
            0x80.. => text(u, usize::from(choice & 0x3f))?.into_bytes(),
            len => u.bytes(usize::from(len).min(u.len()))?.to_vec(),
        }))
    }
}

/// A text of so many bytes or a few more.
fn text(u: &mut Unstructured<'_>, len: usize) -> Result<String> {
    let mut text = String::new();
    while text.len() < len && !u.is_empty() {
        // The first and last characters of each length.
        let characters = ['\0', '\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{d7ff}', '\u{e000}', '\u{10ffff}'];
        text.push(match u.arbitrary::<u8>()? {
            byte @ ..0x80 => char::from(byte),
            byte => characters[usize::from(byte) % characters.len()],
        });
    }
    Ok(text)
}

impl<'a> Arbitrary<'a> for Flaw {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.arbitrary::<u8>()? {
            1 => Self::First(u.arbitrary()?),
            2 => Self::Mask,
            3 => Self::LengthBytes(2),
            4 => Self::LengthBytes(8),
            5 => Self::Length(u.arbitrary()?),
            6 => Self::Length(u64::from(u.arbitrary::<u8>()?)),
            _ => Self::None,
        })
    }
}
