//! What a peer's bytes mean, as the buffer-to-buffer face reads them in one piece, with the limits of a connection.

use ws_core::{Error, Limits, MessageKind, Role, Violation, WebSocket, WebSocketReceiveMessageType as Type};

use crate::{UNWRITTEN, strict::Header};

/// What a connection tells of, or should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Message(MessageKind, Vec<u8>),
    Pong(Vec<u8>),
}

/// What a peer's bytes mean.
#[derive(Clone, Debug, Default)]
pub struct Meaning {
    /// Messages and Pongs, in order.
    pub told: Vec<Told>,
    pub pings: Vec<Vec<u8>>,
    /// The payload of the peer's Close frame.
    pub close: Option<Vec<u8>>,
    pub violation: Option<Violation>,
    /// Whether the bytes end in a frame or between the frames of a message.
    pub is_inside: bool,
    /// The length of the longest message in bytes, as far as it was announced.
    pub longest: u64,
}

impl Meaning {
    /// What `endpoint`, which is open, makes of these bytes within these limits.
    pub fn of<R: Role + Clone>(endpoint: &WebSocket<R>, bytes: &[u8], limits: &Limits) -> Self {
        let exceeded = Exceeded::find(bytes, limits);
        let Some(exceeded) = exceeded else { return Self::read(endpoint.clone(), bytes) };
        let mut meaning = Self::read(endpoint.clone(), &bytes[..exceeded.start]);
        if meaning.close.is_none() && meaning.violation.is_none() {
            // What else is wrong with the header is found first, but not what is wrong with a text that ends there.
            let other = Self::read(endpoint.clone(), &bytes[..exceeded.header_end]).violation;
            let other = other.filter(|violation| *violation != Violation::TextNotUtf8);
            meaning.violation = other.or(Some(exceeded.violation));
        }
        meaning
    }

    fn read<R: Role>(mut endpoint: WebSocket<R>, bytes: &[u8]) -> Self {
        let mut meaning = Self { longest: longest(bytes), ..Self::default() };
        let mut to = vec![UNWRITTEN; bytes.len().max(1)];
        let (mut message, mut control) = (Vec::new(), Vec::new());
        let mut from = bytes;
        while !from.is_empty() {
            let result = match endpoint.read(from, &mut to) {
                Ok(result) => result,
                Err(Error::Violation(violation)) => {
                    meaning.violation = Some(violation);
                    return meaning;
                }
                Err(Error::Closed) => return meaning,
                Err(error) => panic!("{error:?}"),
            };
            assert!(result.num_bytes_from > 0, "no progress: {result:?}");
            from = &from[result.num_bytes_from..];
            let payload = &to[..result.num_bytes_to];
            let (kind, collected) = match result.message_type {
                Type::Incomplete => continue,
                Type::Text => (Some(MessageKind::Text), &mut message),
                Type::Binary => (Some(MessageKind::Binary), &mut message),
                _ => (None, &mut control),
            };
            collected.extend(payload);
            if !result.end_of_message {
                continue;
            }
            let payload = std::mem::take(collected);
            match (kind, result.message_type) {
                (Some(kind), _) => meaning.told.push(Told::Message(kind, payload)),
                (None, Type::Ping) => meaning.pings.push(payload),
                (None, Type::Pong) => meaning.told.push(Told::Pong(payload)),
                (None, _) => meaning.close = Some(payload),
            }
        }
        meaning.is_inside = ends_inside(bytes);
        meaning
    }
}

/// Where the peer first sends more than it may.
struct Exceeded {
    /// Where the frame begins.
    start: usize,
    header_end: usize,
    violation: Violation,
}

impl Exceeded {
    fn find(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let (mut message_len, mut fragments) = (0_u64, 0);
        for (header_end, header) in headers(bytes).filter(|(_, header)| !header.is_control()) {
            if header.opcode() != 0 {
                (message_len, fragments) = (0, 0);
            }
            message_len = message_len.saturating_add(header.payload_len);
            fragments += 1;
            let violation = if header.payload_len > limits.frame {
                Violation::FrameTooBig
            } else if message_len > limits.message {
                Violation::MessageTooBig
            } else if fragments > limits.fragments {
                Violation::TooManyFragments
            } else {
                continue;
            };
            return Some(Self { start: header_end - header.len, header_end, violation });
        }
        None
    }
}

/// The headers of the frames, each with where it ends.
fn headers(bytes: &[u8]) -> impl Iterator<Item = (usize, Header)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let header = Header::read(bytes.get(at..)?)?;
        let end = at + header.len;
        at = usize::try_from(header.payload_len).map_or(usize::MAX, |len| end.saturating_add(len));
        Some((end, header))
    })
}

fn longest(bytes: &[u8]) -> u64 {
    let (mut longest, mut message_len) = (0, 0_u64);
    for (_, header) in headers(bytes).filter(|(_, header)| !header.is_control()) {
        if header.opcode() != 0 {
            message_len = 0;
        }
        message_len = message_len.saturating_add(header.payload_len);
        longest = longest.max(message_len);
    }
    longest
}

/// Whether the bytes end inside a frame or between the frames of a message.
fn ends_inside(bytes: &[u8]) -> bool {
    let (mut end, mut is_open) = (Some(0), false);
    for (header_end, header) in headers(bytes) {
        end = usize::try_from(header.payload_len).ok().and_then(|len| header_end.checked_add(len));
        is_open = if header.is_control() { is_open } else { !header.fin() };
    }
    is_open || end != Some(bytes.len())
}
