//! A client made of nothing but a TCP socket: bytes out, a response head or frames in, a deadline on every wait.
//!
//! It shares no code with the crates under test, so that a mistake in them cannot hide here as well.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};

/// How long any answer may take on a slow machine.
const LIMIT: Duration = Duration::from_secs(10);

/// The opening handshake, with the sample key of RFC 6455, section 1.3.
pub(crate) const UPGRADE: &str = "GET /chat HTTP/1.1\r\nHost: server.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// The answer to that key, given in the same section.
const ACCEPT: &str = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// How bytes go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    /// All in one write.
    Whole,
    /// One write for each byte.
    Bytes,
}

pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;
pub(crate) const FIN: u8 = 0x80;

/// A client frame: `first` is FIN, RSV and opcode; the payload is masked, its length minimally encoded.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut bytes = match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => vec![first, 0x80 | short],
        (_, Ok(medium)) => [&[first, 0x80 | 126][..], &medium.to_be_bytes()].concat(),
        _ => [&[first, 0x80 | 127][..], &(length as u64).to_be_bytes()].concat(),
    };
    bytes.extend(masked(payload));
    bytes
}

/// A masking key and `payload` masked with it.
pub(crate) fn masked(payload: &[u8]) -> Vec<u8> {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    KEY.into_iter().chain(payload.iter().zip(KEY.into_iter().cycle()).map(|(byte, key)| byte ^ key)).collect()
}

/// The first line of a head.
pub(crate) fn first_line(head: &str) -> &str {
    head.lines().next().unwrap_or_default()
}

/// The connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    writes: Writes,
    /// Received and not yet looked at.
    received: Vec<u8>,
}

impl Socket {
    /// Connects to `address`.
    pub(crate) fn connect(address: &str, writes: Writes) -> Result<Self> {
        let stream = TcpStream::connect(address).context("the server does not accept TCP connections")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        Ok(Self { stream, writes, received: Vec::new() })
    }

    /// Connects and completes the opening handshake.
    pub(crate) fn open(address: &str, writes: Writes) -> Result<Self> {
        let mut socket = Self::connect(address, writes)?;
        socket.send(UPGRADE.as_bytes())?;
        socket.opened()?;
        Ok(socket)
    }

    /// Receives the head that completes the opening handshake.
    pub(crate) fn opened(&mut self) -> Result<()> {
        let head = self.head()?;
        ensure!(head.starts_with("HTTP/1.1 101 "), "expected 101, got: {}", first_line(&head));
        let accepted = head.lines().any(|line| line.eq_ignore_ascii_case(ACCEPT));
        ensure!(accepted, "expected `{ACCEPT}`, got: {}", head.trim_end());
        Ok(())
    }

    /// Sends `bytes`. That the server has already ended the connection is no error, what it said before is still to be read.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        let sent = match self.writes {
            Writes::Whole => self.stream.write_all(bytes),
            Writes::Bytes => bytes.iter().try_for_each(|byte| self.stream.write_all(&[*byte])),
        };
        match sent {
            Err(error) if !is_end(&error) => Err(error).context("the server does not take what is sent"),
            _ => Ok(()),
        }
    }

    /// The TCP connection, for what goes beyond bytes out and frames in.
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Ends this direction of the connection.
    pub(crate) fn end_sending(&self) -> Result<()> {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }

    /// Receives the head of a response.
    pub(crate) fn head(&mut self) -> Result<String> {
        loop {
            if let Some(start) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                let rest = self.received.split_off(start + 4);
                let head = std::mem::replace(&mut self.received, rest);
                return String::from_utf8(head).context("the response's head is not text");
            }
            ensure!(self.receive("the head of a response")?, "the connection ended before the response's head did");
        }
    }

    /// Receives whatever comes until the connection ends, which must be within `limit` of each piece.
    pub(crate) fn rest(&mut self, limit: Duration) -> Result<String> {
        self.stream.set_read_timeout(Some(limit))?;
        while self.receive("the end of the connection")? {}
        Ok(String::from_utf8_lossy(&std::mem::take(&mut self.received)).into_owned())
    }

    /// Receives a frame: its first byte (FIN, RSV, opcode) and its payload.
    pub(crate) fn frame(&mut self) -> Result<(u8, Vec<u8>)> {
        let header = self.take(2, "a frame")?;
        let length = match header[1] {
            short @ 0..=125 => usize::from(short),
            126 => {
                self.take(2, "a frame's length")?.into_iter().fold(0, |length, byte| length << 8 | usize::from(byte))
            }
            127 => {
                self.take(8, "a frame's length")?.into_iter().fold(0, |length, byte| length << 8 | usize::from(byte))
            }
            _ => bail!("the server sent a masked frame"),
        };
        Ok((header[0], self.take(length, "a frame's payload")?))
    }

    /// Receives the beginning of a frame, which stays to be received as a whole, and requires that it is `header`.
    pub(crate) fn begins(&mut self, header: &[u8]) -> Result<()> {
        let begin = self.take(header.len(), "the beginning of a frame")?;
        ensure!(begin == header, "expected the frame header {header:02x?}, got {begin:02x?}");
        self.received.splice(..0, begin);
        Ok(())
    }

    /// Receives fragments up to the last: the message's opcode and payload.
    pub(crate) fn message(&mut self) -> Result<(u8, Vec<u8>)> {
        let (first, mut message) = self.frame()?;
        let mut last = first;
        while last & FIN == 0 {
            let (next, payload) = self.frame()?;
            ensure!(next & !FIN == CONTINUATION, "expected a continuation, got a frame that starts with {next:#04x}");
            message.extend(payload);
            last = next;
        }
        Ok((first & !FIN, message))
    }

    /// Sends a text in one frame and requires its echo.
    pub(crate) fn echo(&mut self, text: &str) -> Result<()> {
        self.send(&frame(FIN | TEXT, text.as_bytes()))?;
        let (opcode, payload) = self.message()?;
        ensure!((opcode, payload.as_slice()) == (TEXT, text.as_bytes()), "the echo of `{text}` differs: {payload:?}");
        Ok(())
    }

    /// Receives frames up to a close frame; its payload.
    pub(crate) fn close_frame(&mut self) -> Result<Vec<u8>> {
        loop {
            let (first, payload) = self.frame().context("a close frame was expected")?;
            if first == FIN | CLOSE {
                return Ok(payload);
            }
        }
    }

    /// Requires that the server ends the connection and sends nothing more.
    pub(crate) fn ended(&mut self) -> Result<()> {
        if self.received.is_empty() && !self.receive("the end of the connection")? {
            return Ok(());
        }
        bail!("the server went on after the last frame: {:02x?}", self.received)
    }

    fn take(&mut self, number: usize, what: &str) -> Result<Vec<u8>> {
        while self.received.len() < number {
            ensure!(self.receive(what)?, "the connection ended in place of {what}");
        }
        let rest = self.received.split_off(number);
        Ok(std::mem::replace(&mut self.received, rest))
    }

    /// Receives more bytes; `false` at the end of the connection.
    fn receive(&mut self, what: &str) -> Result<bool> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(number) => {
                self.received.extend(&buffer[..number]);
                Ok(true)
            }
            // With one write for each byte, the server may have closed while bytes were still coming in.
            Err(error) if self.writes == Writes::Bytes && is_end(&error) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                bail!("{what} did not come within {} s", LIMIT.as_secs())
            }
            Err(error) => Err(error).with_context(|| format!("in place of {what}")),
        }
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_of_the_rfc() {
        // RFC 6455, section 5.7: a single-frame masked text message, "Hello".
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert_eq!(frame(FIN | TEXT, b"Hello"), hello);
        assert_eq!(frame(FIN | BINARY, &[0; 126])[..4], [0x82, 0xfe, 0, 126]);
        assert_eq!(frame(FIN | BINARY, &[0; 65536])[..10], [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
