//! What a peer sends means the same whole, byte by byte and in pieces, for both roles: the same messages, the same error, the
//! same state.
#![no_main]

use fuzz::frames::{LONGEST, Traffic};
use libfuzzer_sys::fuzz_target;
use ws_core::{
    Error, MaskingKeyFn, Role, WebSocket, WebSocketClient, WebSocketCloseStatusCode as Status,
    WebSocketReceiveMessageType as Type, WebSocketServer, WebSocketState,
};

// Input: the lengths of the pieces and of the outputs, whether a Close frame was sent before, what the peer sends.
fuzz_target!(|input: (u8, u8, bool, Traffic)| {
    let (from_len, to_len, closing, traffic) = input;
    let pieces = (usize::from(from_len).max(1), usize::from(to_len).max(1));
    let [of_client, of_server] = [true, false].map(|of_client| traffic.bytes(of_client, &mut false, LONGEST));
    check(WebSocketServer::after_opening_handshake(), pieces, closing, &of_client);
    check(WebSocketClient::after_opening_handshake(MaskingKeyFn(|| [1, 2, 3, 4])), pieces, closing, &of_server);
});

fn check<R: Role + Clone>(mut endpoint: WebSocket<R>, pieces: (usize, usize), closing: bool, bytes: &[u8]) {
    if closing {
        endpoint.close(Status::NormalClosure, None, &mut [0; 8]).unwrap();
    }
    let whole = Received::new(endpoint.clone(), bytes, (bytes.len().max(1), bytes.len().max(1)));
    for pieces in [(1, 1), (1, 7), (7, 1), pieces] {
        let other = Received::new(endpoint.clone(), bytes, pieces);
        assert_eq!(other.messages, whole.messages, "{pieces:?}");
        assert_eq!((other.error, other.state), (whole.error, whole.state), "{pieces:?}");
        for (other, whole_unfinished) in other.unfinished.iter().zip(&whole.unfinished) {
            if whole.error.is_some() {
                // Small pieces give more of what precedes a violation, and never anything else.
                assert!(other.starts_with(whole_unfinished), "{pieces:?}");
            } else {
                assert_eq!(other, whole_unfinished, "{pieces:?}");
            }
        }
    }
}

/// What was received.
struct Received {
    messages: Vec<(Type, Vec<u8>, Option<Status>)>,
    /// The message, and the control frame, that is not whole.
    unfinished: [Vec<u8>; 2],
    error: Option<Error>,
    state: WebSocketState,
}

impl Received {
    /// What `endpoint` makes of the bytes in pieces of these lengths, with outputs of these lengths.
    fn new<R: Role>(mut endpoint: WebSocket<R>, bytes: &[u8], (from_len, to_len): (usize, usize)) -> Self {
        let (mut messages, mut unfinished, mut to) = (Vec::new(), [Vec::new(), Vec::new()], vec![0xa5; to_len]);
        let mut error = None;
        'pieces: for mut from in bytes.chunks(from_len) {
            while !from.is_empty() {
                let result = match endpoint.read(from, &mut to) {
                    Ok(result) => result,
                    Err(violation) => {
                        // It stays the error until Close is sent.
                        error = Some(violation);
                        if endpoint.state() != WebSocketState::Closed {
                            assert_eq!(endpoint.read(from, &mut to), Err(violation));
                        }
                        break 'pieces;
                    }
                };
                assert!(result.num_bytes_from > 0, "no progress: {result:?}");
                let [message, control] = &mut unfinished;
                let payload = match result.message_type {
                    Type::Text | Type::Binary => message,
                    _ => control,
                };
                payload.extend(&to[..result.num_bytes_to]);
                if result.end_of_message {
                    let payload = std::mem::take(payload);
                    if let Type::Text = result.message_type {
                        assert!(std::str::from_utf8(&payload).is_ok());
                    }
                    messages.push((result.message_type, payload, result.close_status));
                }
                from = &from[result.num_bytes_from..];
            }
        }
        Self { messages, unfinished, error, state: endpoint.state() }
    }
}
