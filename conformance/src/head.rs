//! HTTP heads by hand: the peer's, right but for what a row changes in them, and ours as they were sent.

use std::fmt;

/// The nonce `the sample nonce` as a key, and its answer: the example of RFC 6455, section 1.3.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The longest changed line that the table shows, in bytes.
const SHOWN: usize = 60;

/// A head of the peer's.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    start: String,
    lines: Vec<Vec<u8>>,
    line_end: &'static str,
    /// What the row changed and added, for the table.
    changes: Vec<String>,
}

/// A request that our server accepts.
pub(crate) fn request() -> Head {
    let lines = [
        "Host: device.local",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ];
    Head::new("GET /chat HTTP/1.1", &lines)
}

/// A request for a page.
pub(crate) fn page_request() -> Head {
    Head::new("GET / HTTP/1.1", &["Host: device.local"])
}

/// A response that our client accepts.
pub(crate) fn response() -> Head {
    let lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="];
    Head::new("HTTP/1.1 101 Switching Protocols", &lines)
}

impl Head {
    fn new(start: &str, lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        Self { start: start.to_string(), lines, line_end: "\r\n", changes: Vec::new() }
    }

    /// With this start line.
    pub(crate) fn start(mut self, start: &str) -> Self {
        self.changes.push(start.to_string());
        self.start = start.to_string();
        self
    }

    /// Without the headers of this name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let before = self.lines.len();
        self.lines.retain(|line| !is_named(line, name));
        assert!(self.lines.len() < before, "there is no {name}");
        self
    }

    /// With this value of a header that is there already.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        let line = self.lines.iter_mut().find(|line| is_named(line, name)).expect("the header is there");
        *line = format!("{name}: {value}").into_bytes();
        self.changes.push(format!("{name}: {value}"));
        self
    }

    /// With one more line.
    pub(crate) fn line(mut self, line: impl AsRef<[u8]>) -> Self {
        self.changes.push(line.as_ref().escape_ascii().to_string());
        self.lines.push(line.as_ref().to_vec());
        self
    }

    /// With many more lines, of which the table shows none.
    pub(crate) fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines.into_iter().map(String::into_bytes));
        self
    }

    /// With this end of each line.
    pub(crate) fn line_end(self, line_end: &'static str) -> Self {
        Self { line_end, ..self }
    }

    /// All of it, with the empty line.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let lines = self.lines.iter().flat_map(|line| [line.as_slice(), self.line_end.as_bytes()]);
        let start = [self.start.as_bytes(), self.line_end.as_bytes()];
        start.into_iter().chain(lines).chain([self.line_end.as_bytes()]).flatten().copied().collect()
    }
}

impl fmt::Display for Head {
    /// What the row changed and added.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.changes.iter().map(|change| match change.get(..SHOWN) {
            Some(start) if change.len() > SHOWN + 8 => format!("{start}... ({} bytes)", change.len()),
            _ => change.clone(),
        });
        f.write_str(&shown.collect::<Vec<_>>().join(" | "))
    }
}

fn is_named(line: &[u8], name: &str) -> bool {
    line.split(|byte| *byte == b':').next().is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
}

/// A head that we sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SentHead {
    pub(crate) start: String,
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    /// What stands behind it.
    pub(crate) rest: Vec<u8>,
}

impl SentHead {
    /// Takes the head off the front of what was sent. The error says what is wrong with it.
    pub(crate) fn parse(sent: &[u8]) -> Result<Self, String> {
        let shown = || sent.escape_ascii().to_string();
        let end =
            sent.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(|| format!("no head: {}", shown()))?;
        let head = std::str::from_utf8(&sent[..end]).map_err(|_| format!("a head that is no text: {}", shown()))?;
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default().to_string();
        let headers = lines.map(|line| match line.split_once(": ") {
            Some((name, value)) if is_token(name) && !value.is_empty() => Ok((name.to_string(), value.to_string())),
            _ => Err(format!("a line that is no header: {line:?}")),
        });
        Ok(Self { start, headers: headers.collect::<Result<_, _>>()?, rest: sent[end + 4..].to_vec() })
    }

    /// The value of the only header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The number in a status line.
    pub(crate) fn status(&self) -> Option<u16> {
        self.start.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().ok()
    }
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_changed_where_they_are_told_to() {
        let head = request().without("host").set("Connection", "close").line("X: y");
        assert_eq!(
            String::from_utf8(head.bytes()).unwrap(),
            "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: close\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX: y\r\n\r\n"
        );
        assert_eq!(head.to_string(), "Connection: close | X: y");
    }

    #[test]
    fn sent_heads_are_judged() {
        let head = SentHead::parse(b"HTTP/1.1 400 Bad Request\r\nA: b\r\na: c\r\nD: e\r\n\r\nrest").unwrap();
        assert_eq!((head.status(), head.header("a"), head.header("d")), (Some(400), None, Some("e")));
        assert_eq!(head.rest, b"rest");
        for wrong in ["HTTP/1.1 400", "x\r\n: \r\n\r\n", "x\r\nOrigin: \r\n\r\n", "x\r\na : b\r\n\r\n"] {
            assert!(SentHead::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
