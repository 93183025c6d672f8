//! Heads of the opening handshake: cut anywhere, and put together from lines of which most are right.

use std::fmt::Debug;

use arbitrary::Arbitrary;

/// The head of a request, and whatever else the fuzzer finds.
#[derive(Clone, Debug, Arbitrary)]
pub struct RequestHead<'a> {
    first: RequestLine<'a>,
    /// Whether what an opening handshake must have comes first.
    is_handshake: bool,
    headers: Vec<Header<'a>>,
    is_cut: bool,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum RequestLine<'a> {
    Get,
    Head,
    Other(&'a [u8]),
}

/// The head of a response.
#[derive(Clone, Debug, Arbitrary)]
pub struct ResponseHead<'a> {
    /// Whether interim responses come first.
    interim: u8,
    first: StatusLine<'a>,
    is_handshake: bool,
    headers: Vec<Header<'a>>,
    is_cut: bool,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum StatusLine<'a> {
    SwitchingProtocols,
    Status(u8),
    Other(&'a [u8]),
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Header<'a> {
    Host,
    Upgrade,
    Connection,
    Key,
    Version(u8),
    SubProtocol { is_chat: bool },
    Extensions,
    Accept,
    ContentLength,
    Line(&'a str),
    Other(&'a [u8]),
}

impl RequestHead<'_> {
    /// The bytes of the head; behind it comes whatever the client sends next.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = match self.first {
            RequestLine::Get => b"GET /chat?room=1 HTTP/1.1\r\n".to_vec(),
            RequestLine::Head => b"HEAD / HTTP/1.1\r\n".to_vec(),
            RequestLine::Other(line) => line.to_vec(),
        };
        if self.is_handshake {
            for header in [Header::Host, Header::Upgrade, Header::Connection, Header::Key, Header::Version(13)] {
                header.write("", &mut bytes);
            }
        }
        self.headers.iter().for_each(|header| header.write("", &mut bytes));
        if !self.is_cut {
            bytes.extend(b"\r\n");
        }
        bytes
    }
}

impl ResponseHead<'_> {
    /// The bytes of the head, with the right `accept` where there is one.
    pub fn bytes(&self, accept: &str) -> Vec<u8> {
        let mut bytes = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(usize::from(self.interim % 4));
        match self.first {
            StatusLine::SwitchingProtocols => bytes.extend(b"HTTP/1.1 101 Switching Protocols\r\n"),
            StatusLine::Status(status) => {
                bytes.extend(format!("HTTP/1.1 {} \r\n", 100 + 2 * u16::from(status)).into_bytes());
            }
            StatusLine::Other(line) => bytes.extend(line),
        }
        if self.is_handshake {
            for header in [Header::Upgrade, Header::Connection, Header::Accept] {
                header.write(accept, &mut bytes);
            }
        }
        self.headers.iter().for_each(|header| header.write(accept, &mut bytes));
        if !self.is_cut {
            bytes.extend(b"\r\n");
        }
        bytes
    }
}

impl Header<'_> {
    fn write(&self, accept: &str, to: &mut Vec<u8>) {
        let line = match self {
            Self::Host => "Host: localhost:1337",
            Self::Upgrade => "Upgrade: websocket",
            Self::Connection => "Connection: keep-alive, Upgrade",
            Self::Key => "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            Self::Version(version) => &format!("Sec-WebSocket-Version: {version}"),
            Self::SubProtocol { is_chat: true } => "Sec-WebSocket-Protocol: chat",
            Self::SubProtocol { is_chat: false } => "Sec-WebSocket-Protocol: superchat",
            Self::Extensions => "Sec-WebSocket-Extensions: permessage-deflate",
            Self::Accept => &format!("Sec-WebSocket-Accept: {accept}"),
            Self::ContentLength => "Content-Length: 1",
            Self::Line(line) => line,
            Self::Other(bytes) => return to.extend(*bytes),
        };
        to.extend(line.as_bytes());
        to.extend(b"\r\n");
    }
}

/// Asserts that a head means the same whole and cut anywhere: every prefix is incomplete, or gives what the whole gives; the
/// head is exactly as long as it says; what follows it changes nothing.
///
/// `read` gives everything that can be read from the head at the front of its input, as text, and the length of the head.
pub fn head_is_the_same_however_cut<E: Debug + PartialEq>(
    input: &[u8],
    read: impl Fn(&[u8]) -> Result<Option<(String, usize)>, E>,
) {
    let whole = read(input);
    // The length of the shortest prefix that is not incomplete.
    let mut decided = None;
    for len in 0..=input.len() {
        let prefix = read(&input[..len]);
        if prefix != Ok(None) {
            decided.get_or_insert(len);
            assert_eq!(prefix, whole, "the first {len} bytes");
        } else {
            assert_eq!(decided, None, "decided and then incomplete with {len} bytes");
        }
    }
    if let Ok(Some((head, head_len))) = &whole {
        assert_eq!(decided, Some(*head_len), "{head}");
        assert!(input[..*head_len].ends_with(b"\r\n"));
    }
}
