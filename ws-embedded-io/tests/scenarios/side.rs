//! The two sides of a connection, and their heads and frames, written and read by hand.

use ws_core::MaskingKeyFn;

use super::script::Script;

pub(crate) const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: device.local\r\n\
    Upgrade: websocket\r\n\
    Connection: keep-alive, Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

pub(crate) const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;
/// The bit that ends a message.
pub(crate) const FIN: u8 = 0x80;

pub(crate) type Masks = MaskingKeyFn<Box<dyn FnMut() -> [u8; 4]>>;

/// The side of the connection that is under test. The script plays the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

pub(crate) const SIDES: [Side; 2] = [Side::Server, Side::Client];

impl Side {
    /// The head that the peer sends.
    pub(crate) fn head(self) -> &'static [u8] {
        match self {
            Self::Server => REQUEST,
            Self::Client => RESPONSE,
        }
    }

    /// A frame as the peer sends it; `first` is its first byte.
    pub(crate) fn peer_frame(self, first: u8, payload: &[u8]) -> Vec<u8> {
        frame(first, (self == Self::Server).then_some([0x37, 0xfa, 0x21, 0x3d]), payload)
    }

    /// Frames as the peer sends them.
    pub(crate) fn peer_frames(self, frames: &[(u8, &[u8])]) -> Vec<u8> {
        frames.iter().flat_map(|(first, payload)| self.peer_frame(*first, payload)).collect()
    }

    /// A script of the head and these frames of the peer.
    pub(crate) fn script(self, frames: &[(u8, &[u8])]) -> Script {
        Script::new(self.head().iter().copied().chain(self.peer_frames(frames)))
    }

    /// The length of the header of our frame with so long a payload.
    pub(crate) fn header_len(self, payload_len: usize) -> usize {
        let masking_key = if self == Self::Client { 4 } else { 0 };
        masking_key
            + match payload_len {
                0..=125 => 2,
                126..=0xffff => 4,
                _ => 10,
            }
    }
}

/// Masking keys that make the key of the request that of RFC 6455, section 1.3, and then count.
pub(crate) fn masks() -> Masks {
    let mut count = 0_u8;
    MaskingKeyFn(Box::new(move || {
        count = count.wrapping_add(1);
        match count {
            1 => *b"the ",
            2 => *b"samp",
            3 => *b"le n",
            4 => *b"once",
            _ => [count, 0x5a, 0xc3, 0x0f],
        }
    }))
}

/// A frame, by hand: its first byte, its masking key and its payload, not yet masked.
pub(crate) fn frame(first: u8, masking_key: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let mask_bit = if masking_key.is_some() { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..=125 => frame.push(mask_bit | u8::try_from(len).unwrap()),
        len @ 126..=0xffff => {
            frame.push(mask_bit | 126);
            frame.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
        len => {
            frame.push(mask_bit | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    let key = masking_key.unwrap_or_default();
    frame.extend(masking_key.into_iter().flatten());
    frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ key[at % 4]));
    frame
}

/// A frame that was on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) first: u8,
    pub(crate) masking_key: Option<[u8; 4]>,
    pub(crate) payload: Vec<u8>,
}

/// Takes what was written apart into frames, by hand; all of it must be whole frames.
pub(crate) fn frames(mut bytes: &[u8]) -> Vec<Sent> {
    let mut take = |len: usize| {
        let (taken, rest) = bytes.split_at(len);
        bytes = rest;
        (taken.to_vec(), rest.is_empty())
    };
    let mut frames = Vec::new();
    while !take(0).1 {
        let head = take(2).0;
        let len = match head[1] & 0x7f {
            126 => u64::from(u16::from_be_bytes(take(2).0.try_into().unwrap())),
            127 => u64::from_be_bytes(take(8).0.try_into().unwrap()),
            len => u64::from(len),
        };
        let masking_key: Option<[u8; 4]> = (head[1] & 0x80 != 0).then(|| take(4).0.try_into().unwrap());
        let key = masking_key.unwrap_or_default();
        let masked = take(usize::try_from(len).unwrap()).0;
        let payload = masked.iter().enumerate().map(|(at, byte)| byte ^ key[at % 4]).collect();
        frames.push(Sent { first: head[0], masking_key, payload });
    }
    frames
}

/// Like [`frames`], without the masking keys.
pub(crate) fn unmasked(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    frames(bytes).into_iter().map(|sent| (sent.first, sent.payload)).collect()
}

/// The payload of a Close frame.
pub(crate) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}

/// Frames in the form that [`unmasked`] has.
pub(crate) fn owned(frames: &[(u8, &[u8])]) -> Vec<(u8, Vec<u8>)> {
    frames.iter().map(|(first, payload)| (*first, payload.to_vec())).collect()
}
