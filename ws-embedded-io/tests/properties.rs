//! Whatever bytes a peer sends, and wherever they are cut: the WebSocket comes to an end without a panic, and to the same one.

mod support;

use proptest::{collection::vec, prelude::*};
use support::{ACCEPT, FIN, Received, SIDES, Side, buffers, masks, receive_chunks, receive_messages, script::Script};
use ws_embedded_io::{ClientRequest, WebSocket};

/// The peer's bytes behind its head: frames of all kinds, sound or not, or noise.
fn peer(side: Side) -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![FIN | 1, FIN | 2, FIN | 9, FIN | 10, 1, 2, 0, FIN]),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![4 => "\\PC{0,60}".prop_map(String::into_bytes), 1 => vec(any::<u8>(), 0..200)];
    let frame = (first, payload).prop_map(move |(first, payload)| side.peer_frame(first, &payload));
    let bytes = prop_oneof![9 => frame, 1 => vec(any::<u8>(), 0..20)];
    vec(bytes, 0..12).prop_map(|bytes| bytes.concat())
}

fn receive(side: Side, bytes: &[u8], read_size: usize, chunk: Option<usize>) -> (Vec<Received>, Vec<u8>) {
    let mut script = Script::new(side.head().iter().chain(bytes).copied()).read_size(read_size);
    let received = on_side!(side, script, |websocket| match chunk {
        None => receive_messages(&mut websocket, bytes.len()),
        Some(chunk) => receive_chunks(&mut websocket, chunk),
    });
    (received, script.written())
}

proptest! {
    #[test]
    fn cuts_never_change_what_is_received_or_answered(
        (side, bytes) in prop::sample::select(&SIDES[..]).prop_flat_map(|side| (Just(side), peer(side))),
        read_size in 1_usize..40,
        chunk in 1_usize..40,
    ) {
        let whole = receive(side, &bytes, usize::MAX, None);
        prop_assert_eq!(&receive(side, &bytes, read_size, None), &whole);
        let in_chunks = receive(side, &bytes, usize::MAX, Some(bytes.len().max(1)));
        prop_assert_eq!(&receive(side, &bytes, read_size, Some(chunk)), &in_chunks);
        // But for when Pongs are told of, chunks and whole messages are the same.
        let but_pongs = |(mut received, written): (Vec<Received>, Vec<u8>)| {
            received.retain(|received| !matches!(received, Received::Pong(_)));
            (received, written)
        };
        prop_assert_eq!(but_pongs(in_chunks), but_pongs(whole));
    }

    #[test]
    fn noise_in_place_of_a_head_is_refused(
        side in prop::sample::select(&SIDES[..]),
        bytes in vec(any::<u8>(), 0..400),
    ) {
        let request = ClientRequest::new("device.local", "/");
        let mut script = Script::new(bytes);
        let buffers = buffers(300, 512);
        let refused = match side {
            Side::Server => !matches!(WebSocket::accept(&mut script, buffers, |_, _| ACCEPT), Ok(Some(_))),
            Side::Client => WebSocket::connect(&mut script, masks(), &request, buffers).is_err(),
        };
        prop_assert!(refused);
    }
}
