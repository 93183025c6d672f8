//! What the tests share: fake transports, the two heads of an opening handshake, frames written and read by hand, and a
//! record of what a WebSocket has received.
#![allow(dead_code, reason = "every test file uses another part of it")]

pub(crate) mod pipe;
pub(crate) mod script;

use script::{Fault, Script};
use ws_embedded_io::{
    Buffers, Chunk, Client, ClientRequest, Decision, Error, Event, MaskingKeyFn, Message, MessageKind, Role, Server,
    WebSocket,
};

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

pub(crate) const ACCEPT: Decision<'static> = Decision::Accept { sub_protocol: None, headers: &[] };

pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CONTINUATION: u8 = 0x0;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;
/// The bit that ends a message.
pub(crate) const FIN: u8 = 0x80;

pub(crate) type Masks = MaskingKeyFn<Box<dyn FnMut() -> [u8; 4]>>;
pub(crate) type ServerSocket<'s> = WebSocket<'static, &'s mut Script, Server>;
pub(crate) type ClientSocket<'s> = WebSocket<'static, &'s mut Script, Client<Masks>>;
pub(crate) type ScriptError = Error<Fault>;

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

    /// A script of the head and these frames of the peer.
    pub(crate) fn script(self, frames: &[(u8, &[u8])]) -> Script {
        let frames = frames.iter().flat_map(|(first, payload)| self.peer_frame(*first, payload));
        Script::new(self.head().iter().copied().chain(frames))
    }
}

/// Runs `$body` once as a server and once as a client, with `$websocket` open over `$script`, whose record begins behind
/// the opening handshake.
#[macro_export]
macro_rules! on_side {
    ($side:expr, $script:expr, |$websocket:ident| $body:expr) => {
        match $side {
            $crate::support::Side::Server => {
                let mut $websocket = $crate::support::server(&mut $script, 1024, 512);
                $websocket.transport_mut().forget();
                $body
            }
            $crate::support::Side::Client => {
                let mut $websocket = $crate::support::client(&mut $script, 1024, 512);
                $websocket.transport_mut().forget();
                $body
            }
        }
    };
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

/// Buffers that last for ever and hold what no test expects.
pub(crate) fn buffers(receive: usize, transmit: usize) -> Buffers<'static> {
    let buffer = |len| Box::leak(vec![0xa5; len].into_boxed_slice());
    Buffers { receive: buffer(receive), transmit: buffer(transmit) }
}

pub(crate) fn server(script: &mut Script, receive: usize, transmit: usize) -> ServerSocket<'_> {
    WebSocket::accept(script, buffers(receive, transmit), |_, _| ACCEPT).unwrap().unwrap()
}

pub(crate) fn client(script: &mut Script, receive: usize, transmit: usize) -> ClientSocket<'_> {
    let request = ClientRequest::new("device.local", "/chat");
    WebSocket::connect(script, masks(), &request, buffers(receive, transmit)).unwrap().websocket
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

/// What a WebSocket has received, to be kept and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Closed(Option<(u16, String)>),
    Failed(ScriptError),
}

pub(crate) fn text(text: &str) -> Received {
    Received::Text(text.to_owned())
}

/// Receives with `recv` and a slice of `len` bytes until the connection ends. What fails with a time-out is repeated.
pub(crate) fn receive_messages<R: Role>(websocket: &mut WebSocket<'_, &mut Script, R>, len: usize) -> Vec<Received> {
    let mut buffer = vec![0xa5; len];
    let mut all = Vec::new();
    loop {
        let received = match websocket.recv(&mut buffer) {
            Ok(Event::Data(Message::Text(message))) => text(message),
            Ok(Event::Data(Message::Binary(message))) => Received::Binary(message.to_vec()),
            Ok(Event::Pong) => Received::Pong(websocket.pong_payload().to_vec()),
            Ok(Event::Closed) => closed(websocket),
            Err(Error::Transport(Fault::TimedOut)) => continue,
            Err(error) => Received::Failed(error),
        };
        let ended = matches!(received, Received::Closed(_) | Received::Failed(_));
        all.push(received);
        if ended {
            return all;
        }
    }
}

/// Like [`receive_messages`], with `recv_chunk`.
pub(crate) fn receive_chunks<R: Role>(websocket: &mut WebSocket<'_, &mut Script, R>, len: usize) -> Vec<Received> {
    let mut buffer = vec![0xa5; len];
    let mut message = Vec::new();
    let mut inside = None;
    let mut all = Vec::new();
    loop {
        let received = match websocket.recv_chunk(&mut buffer) {
            Ok(Event::Data(Chunk { kind, first, last, payload })) => {
                assert_eq!(first, inside.is_none(), "`first` is right");
                assert!(inside.is_none_or(|inside| inside == kind), "`kind` is that of the message");
                inside = (!last).then_some(kind);
                message.extend_from_slice(payload);
                if !last {
                    continue;
                }
                match (kind, std::mem::take(&mut message)) {
                    (MessageKind::Text, message) => Received::Text(String::from_utf8(message).unwrap()),
                    (MessageKind::Binary, message) => Received::Binary(message),
                }
            }
            Ok(Event::Pong) => Received::Pong(websocket.pong_payload().to_vec()),
            Ok(Event::Closed) => closed(websocket),
            Err(Error::Transport(Fault::TimedOut)) => continue,
            Err(error) => Received::Failed(error),
        };
        let ended = matches!(received, Received::Closed(_) | Received::Failed(_));
        all.push(received);
        if ended {
            return all;
        }
    }
}

fn closed<R: Role>(websocket: &WebSocket<'_, &mut Script, R>) -> Received {
    Received::Closed(websocket.peer_close().map(|close| (close.code.get(), close.reason.to_owned())))
}
