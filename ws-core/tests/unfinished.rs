//! What an endpoint says of a message that it has begun to send and not ended, from slice to slice.

mod support;

use support::{Keys, UNWRITTEN, client, server};
use ws_core::{MessageKind, Role, WebSocket, WebSocketClient, WebSocketSendMessageType as Type};

/// The frames that are written, whether each is the last of its message, and what is unfinished behind it.
///
/// Section 5.4: "Control frames MAY be injected in the middle of a fragmented message."
const FRAMES: [(Type, bool, Option<MessageKind>); 13] = [
    (Type::Text, true, None),
    (Type::Text, false, Some(MessageKind::Text)),
    (Type::Ping, true, Some(MessageKind::Text)),
    (Type::Text, false, Some(MessageKind::Text)),
    (Type::Pong, true, Some(MessageKind::Text)),
    (Type::Text, true, None),
    (Type::Ping, true, None),
    (Type::Binary, true, None),
    (Type::Binary, false, Some(MessageKind::Binary)),
    (Type::Binary, false, Some(MessageKind::Binary)),
    (Type::Pong, true, Some(MessageKind::Binary)),
    (Type::Binary, true, None),
    (Type::Text, false, Some(MessageKind::Text)),
];

#[test]
fn the_unfinished_message_is_known_between_frames() {
    fn check<R: Role>(mut endpoint: WebSocket<R>) {
        assert_eq!(endpoint.unfinished_message(), None);
        for (at, (message_type, end, unfinished)) in FRAMES.into_iter().enumerate() {
            endpoint.write(message_type, end, b"payload", &mut [UNWRITTEN; 21]).unwrap();
            assert_eq!(endpoint.unfinished_message(), unfinished, "frame {at}");
        }
    }
    check(server());
    check(client());
}

/// A frame counts from its first byte on, and one that did not begin does not.
#[test]
fn the_unfinished_message_is_known_inside_frames() {
    for (at, (message_type, end, unfinished)) in FRAMES.into_iter().enumerate() {
        let mut endpoint = client();
        for (message_type, end, _) in FRAMES.into_iter().take(at) {
            endpoint.write(message_type, end, b"payload", &mut [UNWRITTEN; 21]).unwrap();
        }
        let before = endpoint.unfinished_message();
        assert!(!endpoint.write_partial(message_type, end, b"payload", &mut []).unwrap().end_of_frame);
        assert_eq!(endpoint.unfinished_message(), before, "frame {at}");
        assert!(!endpoint.write_partial(message_type, end, b"payload", &mut [UNWRITTEN]).unwrap().end_of_frame);
        assert_eq!(endpoint.unfinished_message(), unfinished, "frame {at}");
    }
}

#[test]
fn nothing_is_unfinished_before_the_opening_handshake() {
    let mut endpoint = WebSocketClient::new(Keys::default());
    endpoint.write(Type::Text, false, b"", &mut [UNWRITTEN; 14]).unwrap_err();
    assert_eq!(endpoint.unfinished_message(), None);
}
