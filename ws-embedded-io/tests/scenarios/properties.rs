//! Whatever bytes a peer sends, and wherever they are cut: the WebSocket comes to an end without a panic, and to the same one.

use proptest::{collection::vec, prelude::*};

use super::{
    dialogue::{Call, Dialogue, Outcome},
    driver::{ACCEPT, buffers, memory, play},
    script::Script,
    side::{FIN, SIDES, Side, masks},
};
use crate::adapter::{ClientRequest, Config, Limits, WebSocket, wait};

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

fn receive(side: Side, bytes: &[u8], read_size: usize, call: Call<'_>, receive: usize) -> (Vec<Outcome>, Vec<u8>) {
    let script = Script::new(side.head().iter().chain(bytes).copied()).read_size(read_size);
    // What noise announces may be of any length: it is refused in chunks as it is where it must fit into the buffer.
    let limits = Limits { message: bytes.len() as u64 + 1, ..Limits::DEFAULT };
    let calls = [call];
    let config = Config { limits, ..Config::DEFAULT };
    let record = play(&Dialogue { receive, config, ..Dialogue::new(side, script, &calls) });
    (record.outcomes, record.script.written())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cuts_never_change_what_is_received_or_answered(
        (side, bytes) in prop::sample::select(&SIDES[..]).prop_flat_map(|side| (Just(side), peer(side))),
        read_size in 1_usize..40,
        chunk in 1_usize..40,
    ) {
        let space = bytes.len() + 1;
        let whole = receive(side, &bytes, usize::MAX, Call::RecvAll, space);
        prop_assert_eq!(&receive(side, &bytes, read_size, Call::RecvAll, space), &whole);
        prop_assert_eq!(&receive(side, &bytes, read_size, Call::RecvAllChunks, chunk), &whole);
    }

    #[test]
    fn noise_in_place_of_a_head_is_refused(
        side in prop::sample::select(&SIDES[..]),
        bytes in vec(any::<u8>(), 0..400),
    ) {
        let request = ClientRequest::new("device.local", "/");
        let mut script = Script::new(bytes);
        let (head, buffers, config) = (memory(300), buffers(300, 512), &Config::DEFAULT);
        let refused = match side {
            Side::Server => !matches!(wait(WebSocket::accept(&mut script, head, buffers, config, |_, _| ACCEPT)), Ok(Some(_))),
            Side::Client => wait(WebSocket::connect(&mut script, masks(), &request, head, buffers, config)).is_err(),
        };
        prop_assert!(refused);
    }
}
