//! Properties, on random input: any script of messages survives any cuts; arbitrary bytes never panic; the whole input means
//! what it means byte by byte.

mod support;

use proptest::{collection::vec, prelude::*};
use support::{Inbox, Keys, UNWRITTEN, client, server, write_in_parts};
use ws_core::{
    Role, WebSocket, WebSocketClient, WebSocketReceiveMessageType as Receive, WebSocketSendMessageType as Send,
    WebSocketState, read_http_header,
};

/// A message and into how many fragments it goes, or a control frame.
#[derive(Clone, Debug)]
enum Item {
    Text(String, usize),
    Binary(Vec<u8>, usize),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        ("\\PC{0,60}", 1..6_usize).prop_map(|(text, fragments)| Item::Text(text, fragments)),
        (vec(any::<u8>(), 0..300), 1..6_usize).prop_map(|(bytes, fragments)| Item::Binary(bytes, fragments)),
        vec(any::<u8>(), 0..=125).prop_map(Item::Ping),
        vec(any::<u8>(), 0..=125).prop_map(Item::Pong),
    ]
}

/// Frames, mostly those of a script with single bytes changed, so that they get far before they are refused.
fn almost_valid() -> impl Strategy<Value = Vec<u8>> {
    let frames = vec(
        (
            prop_oneof![9 => prop::sample::select(vec![0x00, 0x80, 0x01, 0x81, 0x02, 0x82, 0x88, 0x89, 0x8a]), 1 => any::<u8>()],
            prop_oneof![8 => Just(true), 1 => Just(false)],
            prop_oneof![vec(any::<u8>(), 0..20), "\\PC{0,10}".prop_map(String::into_bytes), vec(any::<u8>(), 120..130)],
        ),
        0..8,
    );
    (frames, any::<bool>()).prop_map(|(frames, mask)| {
        let frame = |(first, right, payload): (u8, bool, Vec<u8>)| {
            support::frame(first, (mask == right).then_some([1, 2, 3, 4]), &payload)
        };
        frames.into_iter().flat_map(frame).collect()
    })
}

/// Sends the script in outputs of `to_len` bytes; the frames of control items come between the fragments before them.
fn send<R: Role>(sender: &mut WebSocket<R>, script: &[Item], to_len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut pending: Option<(Send, Vec<Vec<u8>>)> = None;
    for item in script {
        let (message_type, payload, fragments) = match item {
            Item::Ping(payload) | Item::Pong(payload) => {
                let message_type = if let Item::Ping(_) = item { Send::Ping } else { Send::Pong };
                bytes.extend(write_in_parts(sender, message_type, true, payload, to_len));
                // One more fragment of the message that is under way, but not its last.
                if let Some((message_type, fragments)) = &mut pending
                    && fragments.len() > 1
                {
                    bytes.extend(write_in_parts(sender, *message_type, false, &fragments.remove(0), to_len));
                }
                continue;
            }
            Item::Text(text, fragments) => (Send::Text, text.as_bytes(), *fragments),
            Item::Binary(bytes, fragments) => (Send::Binary, bytes.as_slice(), *fragments),
        };
        bytes.extend(end_message(sender, pending.take(), to_len));
        let len = payload.len().div_ceil(fragments).max(1);
        let mut fragments: Vec<_> = payload.chunks(len).map(<[u8]>::to_vec).collect();
        fragments.push(Vec::new());
        bytes.extend(write_in_parts(sender, message_type, false, &fragments.remove(0), to_len));
        if fragments.is_empty() {
            fragments.push(Vec::new());
        }
        pending = Some((message_type, fragments));
    }
    bytes.extend(end_message(sender, pending, to_len));
    bytes
}

fn end_message<R: Role>(sender: &mut WebSocket<R>, pending: Option<(Send, Vec<Vec<u8>>)>, to_len: usize) -> Vec<u8> {
    let Some((message_type, fragments)) = pending else { return Vec::new() };
    let last = fragments.len() - 1;
    let frames = fragments.iter().enumerate();
    frames.flat_map(|(at, payload)| write_in_parts(sender, message_type, at == last, payload, to_len)).collect()
}

/// What was received: its type and its payload.
type Received = Vec<(Receive, Vec<u8>)>;

/// Messages in their order and control frames in theirs: the one may overtake the other.
fn expected(script: &[Item]) -> (Received, Received) {
    let of = |item: &Item| match item.clone() {
        Item::Text(text, _) => (Receive::Text, text.into_bytes()),
        Item::Binary(bytes, _) => (Receive::Binary, bytes),
        Item::Ping(bytes) => (Receive::Ping, bytes),
        Item::Pong(bytes) => (Receive::Pong, bytes),
    };
    script.iter().map(of).partition(|(kind, _)| matches!(kind, Receive::Text | Receive::Binary))
}

/// What is read in pieces of these lengths, one after the other and from the start again.
fn read_in_pieces<R: Role>(receiver: &mut WebSocket<R>, bytes: &[u8], lens: &[(usize, usize)]) -> Inbox {
    let mut inbox = Inbox::default();
    let mut rest = bytes;
    for (from_len, to_len) in lens.iter().cycle() {
        let (piece, others) = rest.split_at((*from_len).min(rest.len()));
        if !inbox.read_piece(receiver, piece, &mut vec![UNWRITTEN; *to_len]) || others.is_empty() {
            break;
        }
        rest = others;
    }
    inbox
}

/// Piece sizes.
fn cuts() -> impl Strategy<Value = Vec<(usize, usize)>> {
    vec((1..50_usize, 1..50_usize), 1..10)
}

fn survives<S: Role, R: Role>(
    sender: &mut WebSocket<S>,
    receiver: &mut WebSocket<R>,
    script: &[Item],
    to_len: usize,
    cuts: &[(usize, usize)],
) -> Result<(), TestCaseError> {
    let bytes = send(sender, script, to_len);
    let inbox = read_in_pieces(receiver, &bytes, cuts);
    prop_assert_eq!(inbox.error, None);
    let received = inbox.messages.into_iter().map(|message| (message.message_type, message.payload));
    let received: (Received, Received) =
        received.partition(|(kind, _)| matches!(kind, Receive::Text | Receive::Binary));
    prop_assert_eq!(received, expected(script));
    prop_assert_eq!(receiver.state(), WebSocketState::Open);
    Ok(())
}

/// Reads the bytes whole, byte by byte and in pieces: the same messages, error and state.
fn same_however_cut<R: Role + Clone>(
    receiver: &WebSocket<R>,
    bytes: &[u8],
    cuts: &[(usize, usize)],
) -> Result<(), TestCaseError> {
    let (mut at_once, mut bytewise, mut piecewise) = (receiver.clone(), receiver.clone(), receiver.clone());
    let mut whole = Inbox::default();
    whole.read_whole(&mut at_once, bytes);
    for (other, state) in [
        (read_in_pieces(&mut bytewise, bytes, &[(1, 1)]), bytewise.state()),
        (read_in_pieces(&mut piecewise, bytes, cuts), piecewise.state()),
    ] {
        prop_assert_eq!(&other.messages, &whole.messages);
        prop_assert_eq!(other.error, whole.error);
        prop_assert_eq!(state, at_once.state());
        if whole.error.is_none() {
            prop_assert_eq!(other.unfinished_message, whole.unfinished_message.clone());
            prop_assert_eq!(other.unfinished_control, whole.unfinished_control.clone());
        } else {
            // Small pieces give more of what precedes a violation, and never anything else.
            prop_assert!(other.unfinished_message.starts_with(&whole.unfinished_message));
            prop_assert!(other.unfinished_control.starts_with(&whole.unfinished_control));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn script_from_client_to_server(script in vec(item(), 0..10), to_len in 1..200_usize, cuts in cuts()) {
        survives(&mut client(), &mut server(), &script, to_len, &cuts)?;
    }

    #[test]
    fn script_from_server_to_client(script in vec(item(), 0..10), to_len in 1..200_usize, cuts in cuts()) {
        survives(&mut server(), &mut client(), &script, to_len, &cuts)?;
    }

    #[test]
    fn arbitrary_bytes_mean_the_same_however_cut(bytes in vec(any::<u8>(), 0..200), cuts in cuts()) {
        same_however_cut(&client(), &bytes, &cuts)?;
        same_however_cut(&server(), &bytes, &cuts)?;
    }

    #[test]
    fn almost_valid_bytes_mean_the_same_however_cut(bytes in almost_valid(), cuts in cuts()) {
        same_however_cut(&client(), &bytes, &cuts)?;
        same_however_cut(&server(), &bytes, &cuts)?;
    }

    /// What one endpoint lets its caller send, the other accepts, whatever the caller tries.
    #[test]
    fn what_may_be_sent_is_accepted(
        calls in vec((0..6_u8, any::<bool>(), vec(any::<u8>(), 0..140), 0..160_usize), 0..30),
    ) {
        let (mut client, mut server) = (client(), server());
        let mut inbox = Inbox::default();
        for (kind, end, payload, to_len) in calls {
            let message_type = match kind {
                0 => Send::Text,
                1 => Send::Binary,
                2 => Send::Ping,
                3 => Send::Pong,
                _ => Send::CloseReply,
            };
            let mut to = vec![UNWRITTEN; to_len];
            let result = match (kind, payload.as_slice()) {
                (5, [high, low, reason @ ..]) => {
                    let code = ws_core::frame::CloseCode::new(u16::from_be_bytes([*high, *low]));
                    client.close(code.into(), std::str::from_utf8(reason).ok(), &mut to)
                }
                (_, payload) => client.write(message_type, end, payload, &mut to),
            };
            match result {
                // The answer to a Ping may follow a Close frame, after which the peer looks at nothing.
                Ok(_) if kind == 3 && client.state() == WebSocketState::CloseSent => {}
                Ok(len) => inbox.read_whole(&mut server, &to[..len]),
                Err(_) => prop_assert!(to.iter().all(|byte| *byte == UNWRITTEN)),
            }
        }
        prop_assert_eq!(inbox.error, None);
    }

    #[test]
    fn heads_never_panic(head in "(GET|HTTP/1.1) \\PC{0,40}\r\n(\\PC{0,20}: ?\\PC{0,20}\r\n){0,5}\r\n", cut in 0..100_usize) {
        let _ = read_http_header(&head.as_bytes()[..cut.min(head.len())]);
        let mut client = WebSocketClient::new(Keys::default());
        let _ = client.client_complete_opening_handshake("dGhlIHNhbXBsZSBub25jZQ==", head.as_bytes());
    }
}
