//! A message of 16 MiB that comes back through a connection of a few hundred bytes. The peer makes it up while it is read,
//! and looks at what comes back while it is written.

use std::convert::Infallible;

use ws_core::Connection;

use super::{
    driver::buffers,
    side::{CLOSE, FIN, TEXT, masks},
};
use crate::adapter::{Config, Role, WebSocket, io::ErrorType, wait};

const LEN: usize = 16 << 20;
const RECEIVE: usize = 64;
const TRANSMIT: usize = 256;
/// Characters of each length; the message ends behind one of them.
const PATTERN: &[u8] = "aé€😀".as_bytes();
const MASKING_KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// After so many bytes the masked pattern begins again.
const PERIOD: usize = 20;

/// The peer.
pub(crate) struct Flood {
    header: Vec<u8>,
    /// What the payload repeats, masked as the peer masks it, and further than the longest read.
    masked: Vec<u8>,
    close: Vec<u8>,
    sent: usize,
    /// What has come back of a frame's header.
    head: Vec<u8>,
    /// How many bytes of a frame's payload are still to come back, and with which masking key.
    rest: usize,
    masking_key: [u8; 4],
    /// How many bytes of the message have come back.
    back: usize,
    frames: usize,
    message_ended: bool,
    close_payload: Vec<u8>,
}

impl Flood {
    fn new(peer_masks: bool) -> Self {
        let mask_bit = if peer_masks { 0x80 } else { 0 };
        let key = if peer_masks { MASKING_KEY } else { [0; 4] };
        let mut header = vec![FIN | TEXT, mask_bit | 127];
        header.extend((LEN as u64).to_be_bytes());
        let mut close = vec![FIN | CLOSE, mask_bit | 2];
        if peer_masks {
            header.extend(key);
            close.extend(key);
        }
        close.extend([3 ^ key[0], 0xe8 ^ key[1]]);
        let masked = (0..PERIOD + RECEIVE).map(|at| PATTERN[at % PATTERN.len()] ^ key[at % 4]).collect();
        Self {
            header,
            masked,
            close,
            sent: 0,
            head: Vec::new(),
            rest: 0,
            masking_key: [0; 4],
            back: 0,
            frames: 0,
            message_ended: false,
            close_payload: Vec::new(),
        }
    }

    pub(crate) fn read_now(&mut self, space: &mut [u8]) -> usize {
        let payload = self.header.len();
        let close = payload + LEN;
        let from = match self.sent {
            sent if sent < payload => &self.header[sent..],
            sent if sent < close => {
                let at = sent - payload;
                let rest = LEN - at;
                let masked = &self.masked[at % PERIOD..];
                &masked[..masked.len().min(rest)]
            }
            sent => &self.close[sent - close..],
        };
        let len = from.len().min(space.len());
        space[..len].copy_from_slice(&from[..len]);
        self.sent += len;
        len
    }

    pub(crate) fn write_now(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while let [first, more @ ..] = rest {
            if self.rest == 0 {
                self.head.push(*first);
                self.take_head();
                rest = more;
            } else {
                let (payload, behind) = rest.split_at(self.rest.min(rest.len()));
                self.take_payload(payload);
                rest = behind;
            }
        }
        bytes.len()
    }

    /// Looks whether a frame's header is whole.
    fn take_head(&mut self) {
        let Some(len) = self.head.get(1) else { return };
        let (long, masking_key) = (2 * usize::from(len & 0x7f == 126), 4 * usize::from(len & 0x80 != 0));
        assert_ne!(len & 0x7f, 127, "no frame is longer than the transmit buffer");
        if self.head.len() < 2 + long + masking_key {
            return;
        }
        let fin = self.head[0] & FIN != 0;
        self.rest = match long {
            0 => usize::from(len & 0x7f),
            _ => usize::from(u16::from_be_bytes([self.head[2], self.head[3]])),
        };
        self.masking_key = self.head[2 + long..].first_chunk().copied().unwrap_or_default();
        match self.head[0] & 0xf {
            CLOSE => assert!(self.message_ended, "the Close frame comes behind the message"),
            opcode => {
                assert_eq!(opcode, if self.frames == 0 { TEXT } else { 0 });
                assert!(!self.message_ended);
                self.frames += 1;
                self.message_ended = fin;
            }
        }
        if self.head[0] & 0xf != CLOSE {
            self.head.clear();
        }
    }

    fn take_payload(&mut self, payload: &[u8]) {
        self.rest -= payload.len();
        if let [first, ..] = self.head[..]
            && first & 0xf == CLOSE
        {
            self.close_payload.extend_from_slice(payload);
            return;
        }
        let masked = payload.iter().zip(self.masking_key.iter().cycle());
        for (at, (byte, key)) in (self.back..).zip(masked) {
            assert_eq!(byte ^ key, PATTERN[at % PATTERN.len()], "the message comes back as it was");
        }
        self.back += payload.len();
        self.masking_key.rotate_left(payload.len() % 4);
    }
}

impl ErrorType for Flood {
    type Error = Infallible;
}

fn echo<R: Role>(connection: Connection<'static, R>, peer_masks: bool) {
    let mut websocket = WebSocket::new(Flood::new(peer_masks), connection);
    while let Some(mut incoming) = wait(websocket.recv_chunk()).unwrap() {
        let chunk = incoming.chunk;
        let mut writer = incoming.sender.writer(chunk.kind);
        wait(writer.write_all(chunk.payload)).unwrap();
        if chunk.last {
            wait(writer.finish()).unwrap();
        }
    }
    let flood = websocket.into_transport();
    assert_eq!((flood.back, flood.message_ended), (LEN, true));
    // As few frames as the buffer allows: behind its header, a fragment fills it.
    let header_len = if peer_masks { 4 } else { 8 };
    assert_eq!(flood.frames, LEN.div_ceil(TRANSMIT - header_len));
    let close: Vec<u8> = flood.close_payload.iter().zip(flood.masking_key).map(|(byte, key)| byte ^ key).collect();
    assert_eq!(close, [3, 0xe8]);
}

#[test]
fn sixteen_mebibytes_come_back_to_a_client() {
    echo(Connection::server(buffers(RECEIVE, TRANSMIT), &Config::DEFAULT), true);
}

#[test]
fn sixteen_mebibytes_come_back_to_a_server() {
    echo(Connection::client(masks(), buffers(RECEIVE, TRANSMIT), &Config::DEFAULT), false);
}
