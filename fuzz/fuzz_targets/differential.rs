//! Our endpoint and tungstenite's, given the same bytes: the same messages in the same order, the same answers to Pings, the same
//! Close frame in answer, and a refusal with the same close code. Where they differ, and may, is `Difference`.
#![no_main]

use std::io::{self, Read, Write};

use fuzz::{
    UNWRITTEN,
    face::{Keys, Memory, Side},
    frames::Traffic,
    link::{Driven, Link, Portions},
    strict::{Frame, Header, Sent, frames, is_close_code},
};
use libfuzzer_sys::fuzz_target;
use tungstenite::{
    Error as TheirError, Message as TheirMessage, WebSocket as Theirs,
    protocol::{Role as TheirRole, WebSocketConfig},
};
use ws_core::{
    Client, Config, Connection, Delivery, Error, Event, Limits, MessageKind, Server, Violation,
    frame::{HeaderError, MAX_HEADER_LEN},
};

/// Long enough for the longest form of a length, in bytes.
const MAX_FRAME: usize = 70_000;
const MAX_MESSAGE: usize = 100_000;

const CONFIG: Config = Config {
    limits: Limits { message: MAX_MESSAGE as u64, frame: MAX_FRAME as u64, ..Limits::DEFAULT },
    delivery: Delivery::Chunks,
    ..Config::DEFAULT
};

// Input: whether we are the client, the portions in which bytes move, what the peer sends.
fuzz_target!(|input: (bool, Portions, Traffic)| {
    let (of_client, portions, traffic) = input;
    let bytes = traffic.bytes(!of_client, &mut false, usize::MAX);
    if of_client {
        compare::<Client<Keys>>(&bytes, portions, TheirRole::Client);
    } else {
        compare::<Server>(&bytes, portions, TheirRole::Server);
    }
});

/// What an endpoint made of the bytes.
#[derive(Debug, Default)]
struct Outcome {
    messages: Vec<(bool, Vec<u8>)>,
    pongs_received: Vec<Vec<u8>>,
    pongs_sent: Vec<Vec<u8>>,
    /// What it answered to the peer's Close frame.
    close_sent: Option<Vec<u8>>,
    /// The close code of its refusal, if it refused.
    refused: Option<u16>,
}

/// Where the two may differ.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    /// RFC 6455, section 5.2: "the minimal number of bytes MUST be used to encode the length". Tungstenite takes longer ones, and
    /// so control frames of which we know from the first two bytes that they are too long.
    LengthNotMinimal,
    /// Close code 1014 is in IANA's registry ("Bad Gateway"); tungstenite has only those up to 1013.
    BadGateway,
    /// Tungstenite looks at the length of a frame before it looks at the rest of its header: of two flaws it finds another one.
    LengthFirst,
    /// It looks at the reason of a Close frame before it looks at the code, we the other way round.
    ReasonFirst,
}

fn compare<R: Side>(bytes: &[u8], portions: Portions, role: TheirRole) {
    let (ours, read, violation) = ours::<R>(bytes, portions);
    // It looks at whole frames only, where the first wrong byte is enough for us: so it gets the rest of the frame.
    let filler = if violation.is_some() { filler(bytes, read) } else { Vec::new() };
    let bytes = [bytes, &filler].concat();
    let theirs = theirs::<R>(bytes.clone(), role);
    let difference = difference(&ours, &theirs, violation);
    if let Some(difference) = &difference {
        // That it is one is not for us to say.
        assert!(difference.is_in(&bytes, &ours), "{difference:?}: {violation:?} {ours:02x?}\n{theirs:02x?}");
    }
    if difference == Some(Difference::LengthNotMinimal) {
        // It goes on where we stop.
        assert!(theirs.messages.starts_with(&ours.messages), "{ours:02x?}\n{theirs:02x?}");
        assert!(theirs.pongs_sent.starts_with(&ours.pongs_sent), "{ours:02x?}\n{theirs:02x?}");
        return;
    }
    assert_eq!(ours.messages, theirs.messages, "{violation:?} {theirs:02x?}");
    assert_eq!(ours.pongs_received, theirs.pongs_received, "{violation:?}");
    assert_eq!(ours.pongs_sent, theirs.pongs_sent, "{violation:?}");
    if difference.is_none() {
        assert_eq!(ours.refused, theirs.refused, "{violation:?} {ours:02x?}\n{theirs:02x?}");
        assert_eq!(ours.close_sent, theirs.close_sent, "{violation:?}");
    }
}

/// How the two differ, by what they did.
fn difference(ours: &Outcome, theirs: &Outcome, violation: Option<Violation>) -> Option<Difference> {
    match violation {
        Some(Violation::Header(HeaderError::LengthNotMinimal | HeaderError::ControlFrameTooLong)) => {
            Some(Difference::LengthNotMinimal)
        }
        Some(_) if theirs.refused == Some(1009) && ours.refused == Some(1002) => Some(Difference::LengthFirst),
        Some(Violation::ClosePayload(_)) if theirs.refused == Some(1007) && ours.refused == Some(1002) => {
            Some(Difference::ReasonFirst)
        }
        None if ours.close_sent.as_ref().is_some_and(|close| close.starts_with(&1014_u16.to_be_bytes())) => {
            assert_eq!(theirs.refused, Some(1002));
            Some(Difference::BadGateway)
        }
        _ => None,
    }
}

impl Difference {
    /// Whether the frame at which we stopped, read without our code, is one at which the two may differ so.
    fn is_in(&self, bytes: &[u8], ours: &Outcome) -> bool {
        frames(bytes).iter().any(|frame| {
            let Frame { header, payload, .. } = frame;
            let is_reached =
                (frame.messages_before, frame.pongs_before) == (ours.messages.len(), ours.pongs_received.len());
            is_reached
                && match self {
                    Self::LengthNotMinimal => !header.is_minimal() || header.is_control() && header.payload_len > 125,
                    Self::LengthFirst => {
                        header.payload_len > MAX_FRAME as u64 || frame.message_len > MAX_MESSAGE as u64
                    }
                    Self::ReasonFirst => payload.split_first_chunk().is_some_and(|(code, reason)| {
                        let is_code = is_close_code(u16::from_be_bytes(*code));
                        header.opcode() == 8 && !is_code && std::str::from_utf8(reason).is_err()
                    }),
                    Self::BadGateway => header.opcode() == 8 && payload.starts_with(&1014_u16.to_be_bytes()),
                }
        })
    }
}

/// What we make of the bytes, how many of them we read, and what was wrong.
fn ours<R: Side>(bytes: &[u8], portions: Portions) -> (Outcome, usize, Option<Violation>) {
    let mut memory = Memory::new(512, 512);
    let mut connection: Connection<'_, R> = R::connection(memory.buffers(), &CONFIG);
    let mut link = Link { input: bytes.to_vec(), ended: true, portions, ..Link::default() };
    let mut outcome = Outcome::default();
    let mut violation = None;
    let mut message = Vec::new();
    loop {
        match link.drive(&mut connection) {
            Driven::Ready(Event::Chunk(info)) => {
                message.extend(connection.chunk());
                if info.last {
                    outcome.messages.push((info.kind == MessageKind::Text, std::mem::take(&mut message)));
                }
            }
            Driven::Ready(Event::Pong) => outcome.pongs_received.push(connection.control_payload().into()),
            Driven::Ready(Event::Closed) | Driven::Failed(Error::TransportEnded { .. }) => break,
            Driven::Failed(Error::Violation(error)) => {
                violation = Some(error);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    let sent = Sent::read(&link.output, R::MASKS);
    outcome.pongs_sent = sent.pongs;
    match (violation, sent.close) {
        (None, close) => outcome.close_sent = close,
        (Some(violation), close) => {
            let code = violation.close_code().get();
            assert_eq!(close.as_deref(), Some(&code.to_be_bytes()[..]));
            outcome.refused = Some(code);
        }
    }
    (outcome, link.read, violation)
}

/// What makes the frame whole of which the first `read` bytes are the end or have a part.
fn filler(bytes: &[u8], read: usize) -> Vec<u8> {
    let mut start = 0;
    loop {
        let rest = bytes[start..].iter().copied().chain([0; MAX_HEADER_LEN]);
        let header = Header::read(&rest.take(MAX_HEADER_LEN).collect::<Vec<u8>>()).expect("a whole header");
        let len = usize::try_from(header.payload_len).map_or(usize::MAX, |len| len.saturating_add(header.len));
        let missing = len.saturating_sub(bytes.len() - start);
        if missing > 0 || start + len >= read {
            return vec![0; missing.min(MAX_FRAME + MAX_HEADER_LEN)];
        }
        start += len;
    }
}

/// What tungstenite makes of the bytes.
fn theirs<R: Side>(bytes: Vec<u8>, role: TheirRole) -> Outcome {
    let mut config = WebSocketConfig::default();
    config.max_frame_size = Some(MAX_FRAME);
    config.max_message_size = Some(MAX_MESSAGE);
    config.read_buffer_size = 4096;
    let stream = Stream { input: io::Cursor::new(bytes), output: Vec::new() };
    let mut endpoint = Theirs::from_raw_socket(stream, role, Some(config));
    let mut outcome = Outcome::default();
    loop {
        match endpoint.read() {
            Ok(TheirMessage::Text(text)) => outcome.messages.push((true, text.as_bytes().into())),
            Ok(TheirMessage::Binary(bytes)) => outcome.messages.push((false, bytes.into())),
            Ok(TheirMessage::Pong(payload)) => outcome.pongs_received.push(payload.into()),
            Ok(TheirMessage::Ping(_)) => {}
            Ok(TheirMessage::Close(_)) => break,
            Ok(other) => panic!("{other:?}"),
            Err(TheirError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => break,
            Err(error) => {
                outcome.refused = Some(match error {
                    TheirError::Protocol(_) => 1002,
                    TheirError::Utf8(_) => 1007,
                    TheirError::Capacity(_) => 1009,
                    other => panic!("{other:?}"),
                });
                break;
            }
        }
    }
    // Its answers leave with the next call; after a Close frame a server's call says that it is closed.
    let _ = endpoint.flush();
    let sent = Sent::read(&endpoint.get_ref().output, R::MASKS);
    outcome.pongs_sent = sent.pongs;
    // It answers a close code that is none with 1002 and calls that no error.
    match sent.close {
        Some(close) if close == b"\x03\xeaProtocol violation" => outcome.refused = Some(1002),
        close => outcome.close_sent = close,
    }
    outcome
}

/// What tungstenite reads from and writes to.
struct Stream {
    input: io::Cursor<Vec<u8>>,
    output: Vec<u8>,
}

impl Read for Stream {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        to.fill(UNWRITTEN);
        self.input.read(to)
    }
}

impl Write for Stream {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.output.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
