//! `ws-core` from slice to slice: the application reads and writes, and gives all answers.

use ws_core::{
    MaskingKeyFn, WebSocketClient, WebSocketCloseStatusCode, WebSocketReceiveMessageType as Received,
    WebSocketSendMessageType as Send, WebSocketServer, read_http_header,
};

use crate::{
    Aligned, Result,
    script::{KEY, TEXT},
    transport::Transport,
};

type Keys = MaskingKeyFn<fn() -> [u8; 4]>;
const KEYS: Keys = MaskingKeyFn(|| KEY);

static mut INPUT: Aligned<1024> = Aligned([0; _]);
static mut OUTPUT: Aligned<512> = Aligned([0; _]);
static mut PAYLOAD: Aligned<1024> = Aligned([0; _]);

/// What an application that works from slice to slice has.
struct Memory {
    input: &'static mut [u8; 1024],
    output: &'static mut [u8; 512],
    payload: &'static mut [u8; 1024],
    /// What was read lies between these.
    start: usize,
    end: usize,
}

impl Memory {
    fn new() -> Self {
        // SAFETY: there is one thread, and each job takes it once.
        let (input, output, payload) =
            unsafe { (&mut (*(&raw mut INPUT)).0, &mut (*(&raw mut OUTPUT)).0, &mut (*(&raw mut PAYLOAD)).0) };
        Self { input, output, payload, start: 0, end: 0 }
    }

    /// Reads behind what was read.
    fn read(&mut self, transport: &mut Transport) -> Result {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        match transport.read(self.input.get_mut(self.end..).unwrap_or_default()) {
            0 => Err(1),
            len => {
                self.end += len;
                Ok(())
            }
        }
    }

    fn unread(&self) -> &[u8] {
        self.input.get(self.start..self.end).unwrap_or_default()
    }

    fn write(&self, transport: &mut Transport, len: usize) {
        transport.write(self.output.get(..len).unwrap_or_default());
    }
}

pub fn client(transport: &mut Transport) -> Result {
    let mut memory = Memory::new();
    let mut websocket = WebSocketClient::new(KEYS);
    let (len, key) = websocket
        .client_initiate_opening_handshake("/chat", "server.example.com", "80", None, None, memory.output)
        .map_err(|_| 2_u32)?;
    memory.write(transport, len);
    loop {
        memory.read(transport)?;
        match websocket.client_complete_opening_handshake(&key, memory.unread()) {
            Ok(opened) => {
                memory.start += opened.num_bytes_from;
                break;
            }
            Err(ws_core::Error::HttpHeaderIncomplete) => {}
            Err(_) => return Err(3),
        }
    }
    transport.lap();
    say_and_hear(websocket, memory, transport)
}

pub fn client_frames(transport: &mut Transport) -> Result {
    say_and_hear(WebSocketClient::after_opening_handshake(KEYS), Memory::new(), transport)
}

fn say_and_hear(mut websocket: WebSocketClient<Keys>, mut memory: Memory, transport: &mut Transport) -> Result {
    let len = websocket.write(Send::Text, true, &TEXT, memory.output).map_err(|_| 4_u32)?;
    memory.write(transport, len);
    transport.lap();
    loop {
        if memory.unread().is_empty() {
            memory.read(transport)?;
        }
        let Memory { input, payload, start, end, .. } = &mut memory;
        let read = websocket.read(input.get(*start..*end).unwrap_or_default(), &mut payload[..]).map_err(|_| 5_u32)?;
        memory.start += read.num_bytes_from;
        match read.message_type {
            Received::Text if read.end_of_message => {
                transport.lap();
                let len =
                    websocket.close(WebSocketCloseStatusCode::NormalClosure, None, memory.output).map_err(|_| 6_u32)?;
                memory.write(transport, len);
            }
            Received::CloseCompleted => break,
            _ => {}
        }
    }
    transport.lap();
    Ok(())
}

pub fn server(transport: &mut Transport) -> Result {
    let mut memory = Memory::new();
    let mut websocket = WebSocketServer::new();
    loop {
        memory.read(transport)?;
        match read_http_header(memory.unread()) {
            Ok(header) => {
                let (used, context) = (header.num_bytes_from, header.websocket_context.ok_or(7_u32)?);
                let len = websocket
                    .server_respond_to_opening_handshake(&context.sec_websocket_key, None, memory.output)
                    .map_err(|_| 8_u32)?;
                memory.start += used;
                memory.write(transport, len);
                break;
            }
            Err(ws_core::Error::HttpHeaderIncomplete) => {}
            Err(_) => return Err(9),
        }
    }
    transport.lap();
    hear_and_echo(websocket, memory, transport)
}

pub fn server_frames(transport: &mut Transport) -> Result {
    hear_and_echo(WebSocketServer::after_opening_handshake(), Memory::new(), transport)
}

fn hear_and_echo(mut websocket: WebSocketServer, mut memory: Memory, transport: &mut Transport) -> Result {
    loop {
        if memory.unread().is_empty() {
            memory.read(transport)?;
        }
        let Memory { input, payload, start, end, output } = &mut memory;
        let read = websocket.read(input.get(*start..*end).unwrap_or_default(), &mut payload[..]).map_err(|_| 5_u32)?;
        *start += read.num_bytes_from;
        let answer = match read.message_type {
            Received::Text => Send::Text,
            Received::Binary => Send::Binary,
            Received::Ping => Send::Pong,
            Received::CloseMustReply => Send::CloseReply,
            Received::CloseCompleted => break,
            _ => continue,
        };
        transport.lap();
        let payload = payload.get(..read.num_bytes_to).unwrap_or_default();
        let len = websocket.write(answer, read.end_of_message, payload, &mut output[..]).map_err(|_| 10_u32)?;
        memory.write(transport, len);
        transport.lap();
        if answer == Send::CloseReply {
            break;
        }
    }
    Ok(())
}

pub fn bulk(transport: &mut Transport) -> Result {
    let mut memory = Memory::new();
    let mut websocket = WebSocketServer::after_opening_handshake();
    let mut received = 0;
    loop {
        if memory.unread().is_empty() {
            memory.read(transport)?;
        }
        let Memory { input, payload, start, end, .. } = &mut memory;
        let read = websocket.read(input.get(*start..*end).unwrap_or_default(), &mut payload[..]).map_err(|_| 5_u32)?;
        *start += read.num_bytes_from;
        received += read.num_bytes_to;
        if read.end_of_message {
            break;
        }
    }
    transport.lap();
    if received == 16 * 1024 { Ok(()) } else { Err(11) }
}
