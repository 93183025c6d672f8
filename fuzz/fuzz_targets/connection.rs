//! A connection, whatever the peer sends and the application does, cut anywhere, with buffers of any length: what it tells of is
//! what the buffer-to-buffer face reads; what it sends is what the application and its duties gave, frame by frame as RFC 6455
//! has it; it ends once, always gets on, and loses nothing.
#![no_main]

use fuzz::{
    face::{Keys, Memory, Side},
    session::{Choices, Happening, Session},
};
use libfuzzer_sys::fuzz_target;
use ws_core::{WebSocket, WebSocketClient, WebSocketServer};

fuzz_target!(|input: (Choices, Vec<Happening>)| {
    let (choices, happenings) = input;
    if choices.of_client {
        run(&WebSocketClient::after_opening_handshake(Keys::default()), &choices, &happenings);
    } else {
        run(&WebSocketServer::after_opening_handshake(), &choices, &happenings);
    }
});

fn run<R: Side>(reference: &WebSocket<R>, choices: &Choices, happenings: &[Happening]) {
    let config = choices.config();
    let (receive_len, transmit_len) = choices.lens();
    let mut memory = Memory::new(receive_len, transmit_len);
    let connection = R::connection(memory.buffers(), &config);
    Session::new(connection, config, receive_len).run(happenings, choices.of_client).judge(reference);
}
