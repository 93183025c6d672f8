//! How much memory an endpoint takes, as the README says: it holds no payload, so that this is all, whatever the size of the
//! messages. There is no pointer in it, so that it is as large on a microcontroller as on a host.

use ws_core::{
    Error, MaskingKeyFn, WebSocketClient, WebSocketContext, WebSocketReadResult, WebSocketServer, WebSocketState,
    WebSocketWriteResult,
};

/// A source of masking keys that needs no memory, as hardware has it.
type HardwareRandom = MaskingKeyFn<fn() -> [u8; 4]>;

#[test]
fn endpoints_are_as_small_as_the_readme_says() {
    assert!(size_of::<WebSocketServer>() <= 112, "{}", size_of::<WebSocketServer>());
    let client = size_of::<WebSocketClient<HardwareRandom>>() - size_of::<HardwareRandom>();
    assert!(client <= 112, "{client}");
}

#[test]
fn results_are_small() {
    let word = size_of::<usize>();
    assert!(size_of::<WebSocketState>() <= 4, "{}", size_of::<WebSocketState>());
    assert!(size_of::<WebSocketReadResult>() <= 3 * word, "{}", size_of::<WebSocketReadResult>());
    assert!(size_of::<WebSocketWriteResult>() <= 3 * word, "{}", size_of::<WebSocketWriteResult>());
    assert!(size_of::<Error>() <= 3 * word, "{}", size_of::<Error>());
    assert!(size_of::<WebSocketContext>() <= 154, "{}", size_of::<WebSocketContext>());
}
