//! What several tests need: endpoints that are open, a peer's frames written by hand, and a reader that collects whole
//! messages from pieces of any size.
//!
//! The frames are built here and not by the crate, so that a mistake in the crate cannot hide itself.

// Each file in the folder above is a program of its own, and none needs everything.
#![allow(dead_code)]

pub(crate) mod machine;

use ws_core::{
    Error, MaskSource, Role, WebSocket, WebSocketClient, WebSocketCloseStatusCode, WebSocketReadResult,
    WebSocketReceiveMessageType, WebSocketSendMessageType, WebSocketServer,
};

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
pub(crate) const FIRST_TEXT: u8 = 0x01;
pub(crate) const FIRST_BINARY: u8 = 0x02;
pub(crate) const CONTINUATION: u8 = 0x00;
pub(crate) const LAST_CONTINUATION: u8 = 0x80;

/// What unwritten bytes of an output are filled with, so that they show.
pub(crate) const UNWRITTEN: u8 = 0xa5;

/// Masking keys that are different each time and the same in every run. How many were drawn is their state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) drawn: u32,
}

impl MaskSource for Keys {
    fn masking_key(&mut self) -> [u8; 4] {
        self.drawn += 1;
        self.drawn.wrapping_mul(0x9e37_79b9).to_be_bytes()
    }
}

pub(crate) type Client = WebSocketClient<Keys>;

/// A client whose connection is open.
pub(crate) fn client() -> Client {
    WebSocketClient::after_opening_handshake(Keys::default())
}

/// A server whose connection is open.
pub(crate) fn server() -> WebSocketServer {
    WebSocketServer::after_opening_handshake()
}

/// The payload of `len` bytes that counts up.
pub(crate) fn counting(len: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(len).collect()
}

/// One frame: `first` is FIN, reserved bits and opcode; the length is written in the fewest bytes.
pub(crate) fn frame(first: u8, key: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    let masked = if key.is_some() { 0x80 } else { 0 };
    match payload.len() {
        len @ 0..=125 => frame.push(masked | len as u8),
        len @ 126..=0xffff => {
            frame.push(masked | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(masked | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    match key {
        None => frame.extend(payload),
        Some(key) => {
            frame.extend(key);
            frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
        }
    }
    frame
}

/// A frame as a client sends it.
pub(crate) fn from_client(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, Some([0x37, 0xfa, 0x21, 0x3d]), payload)
}

/// A frame as a server sends it.
pub(crate) fn from_server(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, None, payload)
}

/// A whole message, Ping, Pong or Close that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) message_type: WebSocketReceiveMessageType,
    pub(crate) payload: Vec<u8>,
    pub(crate) close_status: Option<WebSocketCloseStatusCode>,
}

pub(crate) fn text(payload: &str) -> Message {
    message(WebSocketReceiveMessageType::Text, payload.as_bytes())
}

pub(crate) fn binary(payload: &[u8]) -> Message {
    message(WebSocketReceiveMessageType::Binary, payload)
}

pub(crate) fn message(message_type: WebSocketReceiveMessageType, payload: &[u8]) -> Message {
    Message { message_type, payload: payload.to_vec(), close_status: None }
}

pub(crate) fn close(message_type: WebSocketReceiveMessageType, code: u16, reason: &str) -> Message {
    let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
    Message { message_type, payload, close_status: Some(ws_core::frame::CloseCode::new(code).into()) }
}

/// Collects what an endpoint reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inbox {
    pub(crate) messages: Vec<Message>,
    /// What ended the reading.
    pub(crate) error: Option<Error>,
    /// The text or binary message that is not whole yet.
    pub(crate) unfinished_message: Vec<u8>,
    /// The Ping, Pong or Close that is not whole yet.
    pub(crate) unfinished_control: Vec<u8>,
}

impl Inbox {
    /// Lets `endpoint` read `bytes` in one go, and in outputs of plenty of space.
    pub(crate) fn read_whole<R: Role>(&mut self, endpoint: &mut WebSocket<R>, bytes: &[u8]) {
        self.read(endpoint, bytes, bytes.len().max(1), bytes.len().max(1));
    }

    /// Lets `endpoint` read `bytes` in pieces of `from_len` bytes at most and in outputs of `to_len` bytes.
    pub(crate) fn read<R: Role>(&mut self, endpoint: &mut WebSocket<R>, bytes: &[u8], from_len: usize, to_len: usize) {
        let mut to = vec![UNWRITTEN; to_len];
        for piece in bytes.chunks(from_len) {
            if !self.read_piece(endpoint, piece, &mut to) {
                return;
            }
        }
    }

    /// Lets `endpoint` read all of `piece`; says whether there can be more to read.
    pub(crate) fn read_piece<R: Role>(&mut self, endpoint: &mut WebSocket<R>, piece: &[u8], to: &mut [u8]) -> bool {
        let mut from = piece;
        while !from.is_empty() && self.error.is_none() {
            to.fill(UNWRITTEN);
            let result = match endpoint.read(from, to) {
                Ok(result) => result,
                Err(error) => {
                    self.error = Some(error);
                    return false;
                }
            };
            assert!(result.num_bytes_from > 0 || result.num_bytes_to > 0, "no progress: {result:?}");
            assert!(to[result.num_bytes_to..].iter().all(|byte| *byte == UNWRITTEN), "{result:?}");
            from = &from[result.num_bytes_from..];
            self.take(result, &to[..result.num_bytes_to]);
        }
        self.error.is_none()
    }

    /// Adds what one read gave.
    pub(crate) fn take(&mut self, result: WebSocketReadResult, payload: &[u8]) {
        use WebSocketReceiveMessageType as Type;
        let unfinished = match result.message_type {
            Type::Incomplete => {
                assert_eq!((result.num_bytes_to, result.end_of_message), (0, false), "{result:?}");
                return;
            }
            Type::Text | Type::Binary => &mut self.unfinished_message,
            Type::Ping | Type::Pong | Type::CloseMustReply | Type::CloseCompleted => &mut self.unfinished_control,
        };
        unfinished.extend(payload);
        if result.end_of_message {
            let payload = std::mem::take(unfinished);
            let WebSocketReadResult { message_type, close_status, .. } = result;
            self.messages.push(Message { message_type, payload, close_status });
        } else {
            assert_eq!(result.close_status, None, "{result:?}");
        }
    }
}

/// What `endpoint` reads from `bytes` when they come whole.
pub(crate) fn read_whole<R: Role>(endpoint: &mut WebSocket<R>, bytes: &[u8]) -> Inbox {
    let mut inbox = Inbox::default();
    inbox.read_whole(endpoint, bytes);
    inbox
}

/// Lets `endpoint` write one frame whole.
pub(crate) fn write<R: Role>(
    endpoint: &mut WebSocket<R>,
    message_type: WebSocketSendMessageType,
    end_of_message: bool,
    payload: &[u8],
) -> Vec<u8> {
    let mut to = vec![UNWRITTEN; payload.len() + 14];
    let len = endpoint.write(message_type, end_of_message, payload, &mut to).unwrap();
    assert!(to[len..].iter().all(|byte| *byte == UNWRITTEN));
    to.truncate(len);
    to
}

/// Lets `endpoint` write one frame in outputs of `to_len` bytes.
pub(crate) fn write_in_parts<R: Role>(
    endpoint: &mut WebSocket<R>,
    message_type: WebSocketSendMessageType,
    end_of_message: bool,
    payload: &[u8],
    to_len: usize,
) -> Vec<u8> {
    let mut frame = Vec::new();
    let mut from = payload;
    let mut to = vec![UNWRITTEN; to_len];
    loop {
        to.fill(UNWRITTEN);
        let result = endpoint.write_partial(message_type, end_of_message, from, &mut to).unwrap();
        assert!(result.num_bytes_to > 0, "no progress: {result:?}");
        assert!(to[result.num_bytes_to..].iter().all(|byte| *byte == UNWRITTEN), "{result:?}");
        frame.extend(&to[..result.num_bytes_to]);
        from = &from[result.num_bytes_from..];
        if result.end_of_frame {
            assert!(from.is_empty());
            return frame;
        }
    }
}

/// Lets `endpoint` write a Close frame.
pub(crate) fn write_close<R: Role>(endpoint: &mut WebSocket<R>, code: u16, reason: &str) -> Vec<u8> {
    let mut to = vec![UNWRITTEN; reason.len() + 8];
    let status = ws_core::frame::CloseCode::new(code).into();
    let len = endpoint.close(status, Some(reason), &mut to).unwrap();
    assert!(to[len..].iter().all(|byte| *byte == UNWRITTEN));
    to.truncate(len);
    to
}
