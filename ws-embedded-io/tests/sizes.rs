//! The memory that the README promises, as a test: the struct itself, without the buffers that the caller gives.

mod support;

use std::{convert::Infallible, mem::size_of};

use embedded_io::{ErrorType, Read};
use support::script::Script;
use ws_embedded_io::{Client, MaskingKeyFn, Server, WebSocket};

/// A transport without state, such as a peripheral.
struct Nothing;

impl ErrorType for Nothing {
    type Error = Infallible;
}

impl Read for Nothing {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

#[test]
fn websocket_takes_no_more_than_the_readme_says() {
    type MaskingKey = fn() -> [u8; 4];
    let server = size_of::<WebSocket<'_, Nothing, Server>>();
    let client = size_of::<WebSocket<'_, Nothing, Client<MaskingKeyFn<MaskingKey>>>>();
    assert!(server <= 440, "{server}");
    assert!(client - size_of::<MaskingKey>() <= 440, "{client}");
    assert_eq!(size_of::<WebSocket<'_, &mut Script, Server>>(), server + size_of::<usize>());
}
