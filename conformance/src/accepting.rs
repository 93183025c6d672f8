//! A request to our server: what the application behind it decides, what is answered, and what is received behind the head. Played
//! over both adapters and from slice to slice, in pieces and with several buffers.

use std::{fmt, rc::Rc};

use ws_core::{
    Config, Error, WebSocketServer,
    handshake::{OriginAllowList, Reply, Request, RequestError, Upgrade},
    read_http_header,
};

use crate::{
    call::Call,
    dialogue::{BUFFERS, READS, make_calls, parse, shown_reads},
    endpoint::Stop,
    frame::Side,
    head::{ACCEPT, SentHead},
    memory::Memory,
    outcome::{Course, Outcome},
    poll::wait,
    slices::Slices,
    wire::{Then, Wire},
};

/// The memory for the heads, in bytes.
const HEAD: usize = 1024;
const SUB_PROTOCOLS: [&str; 2] = ["chat", "superchat"];
const ORIGINS: OriginAllowList<'static> = OriginAllowList(&["http://device.local"]);

/// What the application behind our server decides.
enum Decision {
    Accept(Option<&'static str>),
    Reply(Reply<'static>),
}

/// The application: a page at `/`, a WebSocket at `/chat` for its own page.
fn decide(request: &Request<'_>, upgrade: Option<&Upgrade<'_>>) -> Decision {
    match (request.path(), upgrade) {
        ("/", _) => Decision::Reply(Reply::new(200).with_body(b"a page")),
        ("/chat", Some(upgrade)) if ORIGINS.allows(request.origin()) => {
            Decision::Accept(upgrade.select_sub_protocol(&SUB_PROTOCOLS))
        }
        ("/chat", Some(_)) => Decision::Reply(Reply::FORBIDDEN),
        ("/chat", None) => Decision::Accept(None),
        _ => Decision::Reply(Reply::NOT_FOUND),
    }
}

/// A request, and what it comes to.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    /// What the client sends: the head, and what stands behind it.
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
    pub(crate) expected: Answer,
}

/// How our server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// With 101; with this sub-protocol, and what happens afterwards.
    Accepted(Option<String>, Course),
    /// With this status; with these headers among others, and the error that the application sees.
    Refused(u16, Vec<(String, String)>, Option<Error>),
    /// Not at all.
    Nothing(Error),
}

/// The request is accepted, and the connection is open.
pub(crate) fn accepted() -> Answer {
    Answer::Accepted(None, Course { outcomes: vec![Outcome::Open], sent: Vec::new() })
}

/// The request breaks a rule.
pub(crate) fn refused(status: u16, error: RequestError) -> Answer {
    Answer::Refused(status, Vec::new(), Some(error.into()))
}

/// The application replies.
pub(crate) fn replied(status: u16) -> Answer {
    Answer::Refused(status, Vec::new(), None)
}

impl Answer {
    /// With this sub-protocol.
    pub(crate) fn choosing(self, name: &str) -> Self {
        match self {
            Self::Accepted(_, course) => Self::Accepted(Some(name.to_string()), course),
            answer => answer,
        }
    }

    /// And this is what happens afterwards.
    pub(crate) fn followed_by(self, course: Course) -> Self {
        match self {
            Self::Accepted(sub_protocol, _) => Self::Accepted(sub_protocol, course),
            answer => answer,
        }
    }

    /// With this header.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        match self {
            Self::Refused(status, mut headers, error) => {
                headers.push((name.to_string(), value.to_string()));
                Self::Refused(status, headers, error)
            }
            answer => answer,
        }
    }

    /// What was answered, as far as `expected` cares: of other headers than those it names nothing is said.
    fn seen(sent: &[u8], result: Result<Vec<Outcome>, Option<Error>>, expected: &Self) -> Result<Self, String> {
        let error = match (&result, sent) {
            (Err(Some(error)), []) => return Ok(Self::Nothing(*error)),
            (Err(error), _) => *error,
            (Ok(_), _) => None,
        };
        let head = SentHead::parse(sent)?;
        let Ok(outcomes) = result else {
            check_reply(&head)?;
            let wanted = if let Self::Refused(_, headers, _) = expected { headers.as_slice() } else { &[] };
            let found = wanted.iter().filter_map(|(name, _)| Some((name.clone(), head.header(name)?.to_string())));
            return Ok(Self::Refused(head.status().ok_or("no status")?, found.collect(), error));
        };
        let sub_protocol = check_acceptance(&head)?;
        Ok(Self::Accepted(sub_protocol, Course { outcomes, sent: parse(Side::Server, &head.rest)? }))
    }
}

/// A 101 has the headers of RFC 6455, section 4.2.2, and no other. Returns the sub-protocol.
fn check_acceptance(head: &SentHead) -> Result<Option<String>, String> {
    let expected = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", ACCEPT)];
    let sub_protocol = head.header("Sec-WebSocket-Protocol");
    let has_all = expected.iter().all(|(name, value)| head.header(name) == Some(value));
    if head.status() != Some(101) || !has_all || head.headers.len() != 3 + usize::from(sub_protocol.is_some()) {
        return Err(format!("not a 101 as it should be: {head:?}"));
    }
    Ok(sub_protocol.map(str::to_string))
}

/// Another answer says how long it is, and that it is the last one (RFC 9112, sections 6.3 and 9.6).
fn check_reply(head: &SentHead) -> Result<(), String> {
    let options = head.header("Connection").unwrap_or_default().split(", ");
    let len = head.header("Content-Length").and_then(|len| len.parse().ok());
    if options.into_iter().any(|option| option == "close") && len == Some(head.rest.len()) {
        return Ok(());
    }
    Err(format!("not the last answer as it should be: {head:?}"))
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(sub_protocol, course) => {
                f.write_str("101")?;
                if let Some(name) = sub_protocol {
                    write!(f, " with Sec-WebSocket-Protocol: {name}")?;
                }
                if *course == (Course { outcomes: vec![Outcome::Open], sent: Vec::new() }) {
                    return Ok(());
                }
                write!(f, "; {course}")
            }
            Self::Refused(status, headers, error) => {
                write!(f, "{status}")?;
                for (name, value) in headers {
                    write!(f, " with {name}: {value}")?;
                }
                error.iter().try_for_each(|error| write!(f, "; error: {error}"))
            }
            Self::Nothing(error) => write!(f, "no answer; error: {error}"),
        }
    }
}

impl Asking {
    /// Plays the request in every way. The error has the first way that comes to something else than was expected, and what.
    pub(crate) fn play(&self) -> Result<Answer, (String, String)> {
        for (read_size, buffer) in READS.iter().flat_map(|read| BUFFERS.map(|buffer| (*read, buffer))) {
            for face in [Self::blocking, Self::with_async, Self::in_slices] {
                let Some((sent, result)) = face(self, read_size, buffer) else { continue };
                let way = || format!("{}, buffers of {buffer} bytes", shown_reads(read_size));
                let answer = Answer::seen(&sent, result, &self.expected).map_err(|wrong| (way(), wrong))?;
                if answer != self.expected {
                    return Err((way(), answer.to_string()));
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
        let mut received = 0_usize;
        let header = loop {
            received = self.bytes.len().min(received.saturating_add(read_size));
            match read_http_header(&self.bytes[..received]) {
                Err(Error::HttpHeaderIncomplete) if received < self.bytes.len() => {}
                result => break result,
            }
        };
        let mut output = vec![0xa5; HEAD];
        let mut reply = |reply: &Reply<'_>, error| {
            let len = reply.encode(&mut output).expect("there is space for the reply");
            (output[..len].to_vec(), Err(error))
        };
        let header = match header {
            Ok(header) => header,
            Err(error) => return Some(reply(&error.reply().expect("a request is refused"), Some(error))),
        };
        let upgrade = header.request.upgrade().expect("it was looked at already");
        let sub_protocol = match (decide(&header.request, upgrade.as_ref()), &header.websocket_context) {
            (Decision::Reply(decided), _) => return Some(reply(&decided, None)),
            (Decision::Accept(_), None) => return Some(reply(&Reply::UPGRADE_REQUIRED, None)),
            (Decision::Accept(sub_protocol), Some(_)) => sub_protocol,
        };
        let context = header.websocket_context.expect("the request is for a WebSocket");
        let offered = &context.sec_websocket_protocol_list;
        assert_eq!(offered.select(&SUB_PROTOCOLS), sub_protocol.filter(|name| offered.contains(name)));
        let mut server = WebSocketServer::new();
        let key = context.sec_websocket_key.as_str();
        let len = server.server_respond_to_opening_handshake(key, sub_protocol, &mut output);
        let mut sent = output[..len.expect("there is space for the response")].to_vec();
        let rest = Rc::from(&self.bytes[header.num_bytes_from..]);
        let mut slices = Slices::new(server, rest, read_size, buffer, self.then);
        let outcomes = wait(make_calls(&mut slices, &[Call::ReceiveAll], false, false));
        sent.extend(slices.output);
        Some((sent, Ok(outcomes)))
    }
}

/// What was sent, and how it went on if the request was accepted; else the error that the application saw, if it saw one.
type Played = (Vec<u8>, Result<Vec<Outcome>, Option<Error>>);

/// The adapters are one text but for `.await`.
macro_rules! play {
    ($name:ident, $adapter:ident $(, $await:tt)?) => {
        impl Asking {
            fn $name(&self, read_size: usize, buffer: usize) -> Option<Played> {
                let mut wire = self.wire(read_size);
                let mut memory = Memory::new(buffer, buffer);
                let buffers = memory.buffers();
                let mut head = [0xa5; HEAD];
                let decide = |request: &Request<'_>, upgrade: Option<&Upgrade<'_>>| match decide(request, upgrade) {
                    Decision::Accept(sub_protocol) => $adapter::Decision::Accept { sub_protocol, headers: &[] },
                    Decision::Reply(reply) => $adapter::Decision::Reply(reply),
                };
                let config = Config::DEFAULT;
                let result = wait(async {
                    let accepted = $adapter::WebSocket::accept(&mut wire, &mut head, buffers, &config, decide);
                    match accepted$(.$await)? {
                        Ok(Some(mut websocket)) => {
                            Ok(make_calls(&mut websocket, &[Call::ReceiveAll], false, false).await)
                        }
                        Ok(None) => Err(None),
                        Err(error) => match Stop::from(error) {
                            Stop::Failed(error) => Err(Some(error)),
                            stop => Ok(vec![stop.into()]),
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
