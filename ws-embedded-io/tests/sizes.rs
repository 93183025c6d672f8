//! The memory that the README promises, as a test: the structs themselves, without the buffers that the caller gives.

use std::mem::size_of;

use ws_embedded_io::{Client, Connection, MaskingKeyFn, Message, ReplySlot, Server, WebSocket};

type MaskingKey = fn() -> [u8; 4];

#[test]
fn websocket_takes_no_more_than_the_readme_says() {
    let server = size_of::<WebSocket<'_, (), Server>>();
    let client = size_of::<WebSocket<'_, (), Client<MaskingKeyFn<MaskingKey>>>>();
    assert!(server <= 224, "{server}");
    assert!(client - size_of::<MaskingKey>() <= 224, "{client}");
    // It is the connection and the transport, and nothing else.
    assert_eq!(server, size_of::<Connection<'_, Server>>());
    assert!(size_of::<ReplySlot>() <= 136, "{}", size_of::<ReplySlot>());
    assert!(size_of::<Message<'_>>() <= 3 * size_of::<usize>());
}
