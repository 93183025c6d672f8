//! Where bytes are cut never changes the outcome: random frames, valid and not, mean the same to a connection whatever the
//! buffers and the cuts, and the same as to the buffer-to-buffer face.

mod support;

use proptest::{collection::vec, prelude::*};
use support::{
    CLOSE, Inbox, Keys, PONG, frame,
    machine::{Link, Memory, OfClient, OfServer, Side, Told, joined, listen, told_violation},
};
use ws_core::{
    Config, Delivery, Error, Event, Limits, MessageKind, Role, Violation, WebSocket,
    WebSocketReceiveMessageType as Receive, WebSocketState,
};

/// What there is to see of a connection from outside.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    told: Vec<Told>,
    sent: Vec<u8>,
    state: WebSocketState,
}

/// What the buffer-to-buffer face makes of it, with the replies that are owed.
fn reference<S: Side>(endpoint: &mut WebSocket<S::Role>, bytes: &[u8]) -> Outcome {
    let mut inbox = Inbox::default();
    // After the peer's Close frame nothing is looked at.
    inbox.read_whole(endpoint, bytes);
    let (mut told, mut sent, mut keys) = (Vec::new(), Vec::new(), Keys::default());
    let mut send = |first: u8, payload: &[u8]| sent.extend(frame(first, S::key(&mut keys), payload));
    let mut state = WebSocketState::Open;
    for message in inbox.messages {
        match message.message_type {
            Receive::Text => told.push(Told::Message(MessageKind::Text, message.payload)),
            Receive::Binary => told.push(Told::Message(MessageKind::Binary, message.payload)),
            Receive::Ping => send(PONG, &message.payload),
            Receive::Pong => told.push(Told::Event(Event::Pong, message.payload)),
            Receive::CloseMustReply => {
                send(CLOSE, &message.payload);
                told.push(Told::Event(Event::Closed, vec![]));
                state = WebSocketState::Closed;
            }
            other => panic!("{other:?}"),
        }
    }
    match inbox.error {
        Some(Error::Violation(violation)) => {
            send(CLOSE, &violation.close_code().get().to_be_bytes());
            told.push(told_violation(violation));
            state = WebSocketState::Closed;
        }
        Some(Error::Closed) | None => {}
        Some(error) => panic!("{error:?}"),
    }
    Outcome { told, sent, state }
}

/// The same for a connection.
fn outcome<S: Side>(
    bytes: &[u8],
    config: &Config,
    receive_len: usize,
    transmit_len: usize,
    cuts: &[usize],
    write_len: usize,
) -> Outcome {
    let mut memory = Memory::new(receive_len, transmit_len);
    let mut connection = S::connection(&mut memory, config);
    let mut link = Link::cut(b"", usize::MAX, write_len);
    let mut told = Vec::new();
    let mut rest = bytes;
    for cut in cuts.iter().cycle() {
        let (piece, others) = rest.split_at((*cut).min(rest.len()));
        link.input.extend(piece);
        told.extend(listen(&mut connection, &mut link));
        rest = others;
        if rest.is_empty() || matches!(told.last(), Some(Told::Failed(_) | Told::Event(Event::Closed, _))) {
            break;
        }
    }
    // A text that was judged when it was taken has told the peer already; now the connection is told as well.
    if let Some(Told::Failed(_)) = told.last() {
        let _ = listen(&mut connection, &mut link);
    }
    Outcome { told: joined(told), sent: link.take_flushed(), state: connection.state() }
}

/// Frames, mostly in an order that is allowed.
fn frames() -> impl Strategy<Value = Vec<(u8, bool, Vec<u8>)>> {
    let first = prop_oneof![
        20 => prop::sample::select(vec![0x00_u8, 0x80, 0x01, 0x81, 0x02, 0x82, 0x89, 0x8a]),
        1 => Just(0x88),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        "\\PC{0,10}".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..20),
        vec(0..0x80_u8, 120..130),
        Just(b"\x03\xe8".to_vec()),
    ];
    vec((first, prop::bool::weighted(0.98), payload), 0..12)
}

/// Turns opcodes into ones that are allowed where they stand, for most of a script.
fn in_order(frames: &mut [(u8, bool, Vec<u8>)], until: usize) {
    let mut inside = false;
    for (first, ..) in frames.iter_mut().take(until) {
        if *first & 0x78 == 0 {
            let opcode = if inside { 0 } else { (*first & 0x03).clamp(1, 2) };
            *first = (*first & 0x80) | opcode;
            inside = *first & 0x80 == 0;
        }
    }
}

fn script<S: Side>(frames: &[(u8, bool, Vec<u8>)]) -> Vec<u8> {
    let masked = S::key(&mut Keys::default()).is_none();
    let bytes = |(first, right, payload): &(u8, bool, Vec<u8>)| {
        frame(*first, (masked == *right).then_some([1, 2, 3, 4]), payload)
    };
    frames.iter().flat_map(bytes).collect()
}

fn check<S: Side>(
    mut endpoint: WebSocket<S::Role>,
    bytes: &[u8],
    receive_len: usize,
    transmit_len: usize,
    cuts: &[usize],
    write_len: usize,
) -> Result<(), TestCaseError>
where
    S::Role: Role,
{
    let expected = reference::<S>(&mut endpoint, bytes);
    let limits = Limits { message: u64::MAX, frame: u64::MAX, ..Limits::DEFAULT };
    let chunks = Config { limits, delivery: Delivery::Chunks, ..Config::DEFAULT };
    prop_assert_eq!(&outcome::<S>(bytes, &chunks, receive_len, transmit_len, cuts, write_len), &expected);
    for receive_len in [receive_len, bytes.len() + 1] {
        let messages = Config { limits, ..Config::DEFAULT };
        let whole = outcome::<S>(bytes, &messages, receive_len, 64, &[usize::MAX], usize::MAX);
        prop_assert_eq!(&outcome::<S>(bytes, &messages, receive_len, transmit_len, cuts, write_len), &whole);
        // A message that does not fit makes a difference, and so does one that is only announced.
        if whole.told.last() != Some(&told_violation(Violation::MessageTooBig)) {
            prop_assert_eq!(&whole, &expected);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_connection_means_what_the_buffer_to_buffer_face_means(
        mut frames in frames(),
        until in 0..20_usize,
        receive_len in prop_oneof![1..=20_usize, 1..200_usize],
        transmit_len in prop_oneof![1..=20_usize, 1..200_usize],
        cuts in vec(1..60_usize, 1..10),
        write_len in 1..40_usize,
    ) {
        in_order(&mut frames, until);
        check::<OfServer>(support::server(), &script::<OfServer>(&frames), receive_len, transmit_len, &cuts, write_len)?;
        check::<OfClient>(support::client(), &script::<OfClient>(&frames), receive_len, transmit_len, &cuts, write_len)?;
    }

    #[test]
    fn random_bytes_are_survived(
        bytes in vec(any::<u8>(), 0..200),
        receive_len in 1..40_usize,
        transmit_len in 1..40_usize,
        cuts in vec(1..60_usize, 1..10),
    ) {
        check::<OfServer>(support::server(), &bytes, receive_len, transmit_len, &cuts, 7)?;
        check::<OfClient>(support::client(), &bytes, receive_len, transmit_len, &cuts, 7)?;
    }
}
