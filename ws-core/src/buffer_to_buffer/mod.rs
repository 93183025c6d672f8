//! The buffer-to-buffer face: the caller moves all bytes and gives all answers; the machine remembers what is between
//! two calls. One file for each kind of call, and one for each type that they share.

mod client_handshake;
mod close_status_code;
mod http_header;
mod message_type;
mod offer;
mod result;
mod server_handshake;
mod websocket;

pub use client_handshake::OpeningHandshakeResult;
pub use close_status_code::WebSocketCloseStatusCode;
pub use http_header::{HttpHeader, OfferedSubProtocols, WebSocketContext, read_http_header};
pub use message_type::{WebSocketReceiveMessageType, WebSocketSendMessageType};
pub use result::{WebSocketReadResult, WebSocketWriteResult};
pub use websocket::{WebSocket, WebSocketClient, WebSocketServer};
