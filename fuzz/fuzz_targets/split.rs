//! The same as `connection` for the two halves of one. They are used by turns; what threads may do is
//! for the tests of `ws-core`.
#![no_main]

use fuzz::{
    face::{Halves, Keys, Memory, Side},
    session::{Choices, Happening, Session},
};
use libfuzzer_sys::fuzz_target;
use ws_core::{ReplySlot, WebSocket, WebSocketClient, WebSocketServer};

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
    let slot = ReplySlot::new();
    let halves = Halves::new(R::connection(memory.buffers(), &config).split(&slot));
    Session::new(halves, config, receive_len).run(happenings, choices.of_client).judge(reference);
}
