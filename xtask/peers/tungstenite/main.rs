//! Rust `tungstenite` as a peer of the interop step: `tungstenite-peer server`, `tungstenite-peer client ws://HOST:PORT CASE`.
//!
//! Both say on standard error what went wrong and exit with 1. Deadlines are the caller's.

mod client;
mod server;

use std::process::ExitCode;

use tungstenite::{
    Message,
    protocol::{
        WebSocketConfig,
        frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["server"] => server::run(),
        ["client", url, case] => client::run(url, case),
        _ => Err("usage: tungstenite-peer server | client ws://HOST:PORT CASE".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// No limit on messages or frames.
fn unlimited() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(None).max_frame_size(None)
}

/// One fragment of a text message.
fn fragment(text: &str, is_first: bool, is_final: bool) -> Message {
    let opcode = OpCode::Data(if is_first { Data::Text } else { Data::Continue });
    Message::Frame(Frame::message(text.as_bytes().to_vec(), opcode, is_final))
}
