//! A response to our client: what it comes to, and what is received behind the head. Played over both adapters and from slice to
//! slice, in pieces and with several buffers.

use std::{fmt, rc::Rc};

use ws_core::{
    Config, Error, WebSocketClient,
    handshake::{ClientRequest, ResponseError},
};

use crate::{
    call::Call,
    dialogue::{BUFFERS, READS, keys, make_calls, parse, shown_reads},
    endpoint::Stop,
    frame::Side,
    head::{KEY, SentHead},
    memory::Memory,
    outcome::{Course, Outcome},
    poll::wait,
    slices::Slices,
    wire::{Then, Wire},
};

/// The memory for the heads, in bytes.
const HEAD: usize = 1024;
/// What the client asks for.
const REQUEST: ClientRequest<'static> =
    ClientRequest { sub_protocols: &["chat", "superchat"], ..ClientRequest::new("device.local", "/chat") };

/// A response, and what it comes to.
#[derive(Clone, Debug)]
pub(crate) struct Answering {
    /// What the server sends: the head, and what stands behind it.
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
    pub(crate) expected: Connected,
}

/// What the client comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Connected {
    /// The connection is open; with this sub-protocol, and what happens afterwards.
    Open(Option<String>, Course),
    /// There is no connection, and nothing was sent but the request.
    Failed(Error),
}

/// The connection is open.
pub(crate) fn connected() -> Connected {
    Connected::Open(None, Course { outcomes: vec![Outcome::Open], sent: Vec::new() })
}

/// The response breaks a rule, or refuses.
pub(crate) fn no_connection(error: ResponseError) -> Connected {
    Connected::Failed(error.into())
}

impl Connected {
    /// With this sub-protocol.
    pub(crate) fn with(self, sub_protocol: &str) -> Self {
        match self {
            Self::Open(_, course) => Self::Open(Some(sub_protocol.to_string()), course),
            Self::Failed(_) => self,
        }
    }

    /// And this is what happens afterwards.
    pub(crate) fn followed_by(self, course: Course) -> Self {
        match self {
            Self::Open(sub_protocol, _) => Self::Open(sub_protocol, course),
            Self::Failed(_) => self,
        }
    }

    fn seen(sent: &[u8], result: Result<(Option<String>, Vec<Outcome>), Error>) -> Result<Self, String> {
        let head = SentHead::parse(sent)?;
        if head.header("Sec-WebSocket-Key") != Some(KEY) {
            return Err(format!("not the request as it should be: {head:?}"));
        }
        let frames = parse(Side::Client, &head.rest)?;
        match result {
            Ok((sub_protocol, outcomes)) => Ok(Self::Open(sub_protocol, Course { outcomes, sent: frames })),
            Err(error) if frames.is_empty() => Ok(Self::Failed(error)),
            Err(error) => Err(format!("{error}, and yet sent {frames:?}")),
        }
    }
}

impl fmt::Display for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(sub_protocol, course) => {
                f.write_str("connected")?;
                if let Some(name) = sub_protocol {
                    write!(f, " with the sub-protocol {name}")?;
                }
                if *course == (Course { outcomes: vec![Outcome::Open], sent: Vec::new() }) {
                    return Ok(());
                }
                write!(f, "; {course}")
            }
            Self::Failed(error) => write!(f, "no connection; error: {error}"),
        }
    }
}

impl Answering {
    /// Plays the response in every way. The error has the first way that comes to something else than was expected, and what.
    pub(crate) fn play(&self) -> Result<Connected, (String, String)> {
        for (read_size, buffer) in READS.iter().flat_map(|read| BUFFERS.map(|buffer| (*read, buffer))) {
            for face in [Self::blocking, Self::with_async, Self::in_slices] {
                let Some((sent, result)) = face(self, read_size, buffer) else { continue };
                let way = || format!("{}, buffers of {buffer} bytes", shown_reads(read_size));
                let connected = Connected::seen(&sent, result).map_err(|wrong| (way(), wrong))?;
                if connected != self.expected {
                    return Err((way(), connected.to_string()));
                }
            }
        }
        Ok(self.expected.clone())
    }

    fn wire(&self, read_size: usize) -> Wire {
        Wire::new(Rc::from(self.bytes.as_slice()), read_size, self.then)
    }

    /// From slice to slice. It is for the caller to know that the transport has ended, or that its memory is full.
    fn in_slices(&self, read_size: usize, buffer: usize) -> Option<Played> {
        if self.then == Then::End || self.bytes.len() > HEAD {
            return None;
        }
        let mut output = vec![0xa5; HEAD];
        let mut client = WebSocketClient::new(keys());
        let request = client.client_initiate_opening_handshake(
            REQUEST.path,
            REQUEST.host,
            "80",
            Some(REQUEST.sub_protocols),
            None,
            &mut output,
        );
        let (len, key) = request.expect("the request is sound");
        output.truncate(len);
        let mut received = 0_usize;
        let result = loop {
            received = self.bytes.len().min(received.saturating_add(read_size));
            match client.client_complete_opening_handshake(key.as_str(), &self.bytes[..received]) {
                Err(Error::HttpHeaderIncomplete) if received < self.bytes.len() => {}
                result => break result,
            }
        };
        let handshake = match result {
            Ok(handshake) => handshake,
            Err(error) => return Some((output, Err(error))),
        };
        let sub_protocol = handshake.sub_protocol.map(str::to_string);
        let rest = Rc::from(&self.bytes[handshake.num_bytes_from..]);
        let mut slices = Slices::new(client, rest, read_size, buffer, self.then);
        let outcomes = wait(make_calls(&mut slices, &[Call::ReceiveAll], false, false));
        output.extend(slices.output);
        Some((output, Ok((sub_protocol, outcomes))))
    }
}

/// What was sent; and the sub-protocol and how it went on, or why there is no connection.
type Played = (Vec<u8>, Result<(Option<String>, Vec<Outcome>), Error>);

/// The adapters are one text but for `.await`.
macro_rules! play {
    ($name:ident, $adapter:ident $(, $await:tt)?) => {
        impl Answering {
            fn $name(&self, read_size: usize, buffer: usize) -> Option<Played> {
                let mut wire = self.wire(read_size);
                let mut memory = Memory::new(buffer, buffer);
                let buffers = memory.buffers();
                let mut head = [0xa5; HEAD];
                let config = Config::DEFAULT;
                let result = wait(async {
                    let websocket =
                        $adapter::WebSocket::connect(&mut wire, keys(), &REQUEST, &mut head, buffers, &config);
                    match websocket$(.$await)? {
                        Ok($adapter::Connected { mut websocket, sub_protocol }) => {
                            let outcomes = make_calls(&mut websocket, &[Call::ReceiveAll], false, false).await;
                            Ok((sub_protocol.map(str::to_string), outcomes))
                        }
                        Err(error) => match Stop::from(error) {
                            Stop::Failed(error) => Err(error),
                            stop => Ok((None, vec![stop.into()])),
                        },
                    }
                });
                Some((wire.output, result))
            }
        }
    };
}

play!(blocking, ws_embedded_io);
play!(with_async, ws_embedded_io_async, await);
