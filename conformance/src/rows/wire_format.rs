//! How our frames lie on the wire (RFC 6455, sections 5.2 and 5.7): the RFC's examples, lengths, and how many writes it takes.

use std::rc::Rc;

use ws_core::{
    Config, Connection, Error, MaskingKeyFn, Message, MessageKind, Role, WebSocketClient, WebSocketCloseStatusCode,
    WebSocketSendMessageType, WebSocketServer, WebSocketState,
};

use crate::{
    call::{Call, binary_fragment, ping, send_binary, send_text, text_fragment},
    dialogue::{keys, make_calls},
    frame::{BINARY, FIRST_TEXT, LAST, MIDDLE, PING, Sent, Side, TEXT, bytes, frame, hex, parse},
    memory::Memory,
    outcome::Outcome,
    poll::{insist, once, wait},
    row::{Row, Theme, row},
    slices::Slices,
    wire::{Then, Wire},
};

pub(crate) fn theme() -> Theme {
    let mut rows = examples();
    rows.extend(lengths());
    rows.extend(writes());
    rows.extend(changes_nothing());
    Theme { title: "Our frames on the wire", rows }
}

/// What the calls put on the wire, over both adapters and from slice to slice, with the masking key of the RFC's examples.
fn on_the_wire(side: Side, calls: &[Call], input: &[crate::frame::Frame]) -> Vec<u8> {
    let key = || MaskingKeyFn(|| [0x37, 0xfa, 0x21, 0x3d]);
    let input: Rc<[u8]> = bytes(input, side).into();
    let wire = || Wire::new(input.clone(), usize::MAX, Then::Silence);
    let config = Config::DEFAULT;
    let mut memory = Memory::new(256, 256);
    let mut outputs = match side {
        Side::Server => vec![
            over_blocking(Connection::server(memory.buffers(), &config), wire(), calls).output,
            over_async(Connection::server(memory.buffers(), &config), wire(), calls).output,
            in_slices(WebSocketServer::after_opening_handshake(), input, calls),
        ],
        Side::Client => vec![
            over_blocking(Connection::client(key(), memory.buffers(), &config), wire(), calls).output,
            over_async(Connection::client(key(), memory.buffers(), &config), wire(), calls).output,
            in_slices(WebSocketClient::after_opening_handshake(key()), input, calls),
        ],
    };
    assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]), "the adapters and the slices differ: {outputs:02x?}");
    outputs.swap_remove(0)
}

fn over_blocking<R: Role>(connection: Connection<'_, R>, wire: Wire, calls: &[Call]) -> Wire {
    let mut websocket = ws_embedded_io::WebSocket::new(wire, connection);
    check(&wait(make_calls(&mut websocket, calls, true, false)));
    websocket.into_transport()
}

fn over_async<R: Role>(connection: Connection<'_, R>, wire: Wire, calls: &[Call]) -> Wire {
    let mut websocket = ws_embedded_io_async::WebSocket::new(wire, connection);
    check(&wait(make_calls(&mut websocket, calls, true, false)));
    websocket.into_transport()
}

fn in_slices<R: Role>(websocket: ws_core::WebSocket<R>, input: Rc<[u8]>, calls: &[Call]) -> Vec<u8> {
    let mut slices = Slices::new(websocket, input, usize::MAX, 256, Then::Silence);
    check(&wait(make_calls(&mut slices, calls, true, false)));
    slices.output
}

fn check(outcomes: &[Outcome]) {
    let is_fine = |outcome: &Outcome| matches!(outcome, Outcome::Done | Outcome::Open);
    assert!(outcomes.iter().all(is_fine), "a call failed: {outcomes:?}");
}

fn examples() -> Vec<Row> {
    let example = |what| row("5.7", "the RFC's examples", what);
    vec![
        example("a server sends Hello")
            .does("81 05 48 65 6c 6c 6f", || hex(&on_the_wire(Side::Server, &[send_text("Hello")], &[]))),
        example("a client sends Hello")
            .does("81 85 37 fa 21 3d 7f 9f 4d 51 58", || hex(&on_the_wire(Side::Client, &[send_text("Hello")], &[]))),
        example("a server sends Hello in fragments").does("01 03 48 65 6c 80 02 6c 6f", || {
            hex(&on_the_wire(Side::Server, &[text_fragment("Hel", false), text_fragment("lo", true)], &[]))
        }),
        example("a server sends a Ping")
            .does("89 05 48 65 6c 6c 6f", || hex(&on_the_wire(Side::Server, &[ping("Hello")], &[]))),
        example("a client answers it with a Pong").does("8a 85 37 fa 21 3d 7f 9f 4d 51 58", || {
            hex(&on_the_wire(Side::Client, &[Call::Receive], &[frame(PING, "Hello")]))
        }),
        row("5.5.3", "a Pong inside a message is a Pong", "a server answers a Ping between two fragments of its own")
            .seen_in("EW-7, EW-D1")
            .does("01 01 61 8a 02 70 70 80 01 62", || {
                let calls = [text_fragment("a", false), Call::Receive, text_fragment("b", true)];
                hex(&on_the_wire(Side::Server, &calls, &[frame(PING, "pp")]))
            }),
        row("5.4", "a sender MAY create fragments of any size", "a client sends an empty fragment")
            .does("02 80 37 fa 21 3d 80 80 37 fa 21 3d", || {
                hex(&on_the_wire(Side::Client, &[binary_fragment("", false), binary_fragment("", true)], &[]))
            }),
    ]
}

/// The header of a binary message of so many bytes.
fn header(side: Side, len: usize) -> String {
    let frame = on_the_wire(side, &[send_binary(vec![7; len])], &[]);
    let masked = if side == Side::Client { 4 } else { 0 };
    hex(&frame[..frame.len() - len - masked])
}

fn lengths() -> Vec<Row> {
    let minimal = |what| row("5.2", "the minimal number of bytes MUST be used to encode the length", what);
    vec![
        minimal("a server sends 125 bytes").does("82 7d", || header(Side::Server, 125)),
        minimal("a server sends 126 bytes").does("82 7e 00 7e", || header(Side::Server, 126)),
        minimal("a server sends 256 bytes").does("82 7e 01 00", || header(Side::Server, 256)),
        minimal("a server sends 65535 bytes")
            .seen_in("EW-10, EW-D3, ESP, ARD")
            .does("82 7e ff ff", || header(Side::Server, 65_535)),
        minimal("a client sends 65535 bytes")
            .seen_in("EW-10, EW-D3, ARD")
            .does("82 fe ff ff", || header(Side::Client, 65_535)),
        minimal("a server sends 65536 bytes").does("82 7f 00 00 00 00 00 01 00 00", || header(Side::Server, 65_536)),
        minimal("a client sends 65536 bytes").does("82 ff 00 00 00 00 00 01 00 00", || header(Side::Client, 65_536)),
    ]
}

/// In how many writes a message leaves, of a client's connection with a transmit buffer of 256 bytes.
fn writes_of(calls: &[Call], input: &[crate::frame::Frame]) -> String {
    let wire = || Wire::new(bytes(input, Side::Client).into(), usize::MAX, Then::Silence);
    let config = Config::DEFAULT;
    let mut memory = Memory::new(256, 256);
    let blocking = over_blocking(Connection::client(keys(), memory.buffers(), &config), wire(), calls).writes;
    let with_async = over_async(Connection::client(keys(), memory.buffers(), &config), wire(), calls).writes;
    assert_eq!(blocking, with_async, "the adapters differ");
    format!("{blocking}, flushed")
}

fn writes() -> Vec<Row> {
    let few = |what| row("5.2", "a frame is a unit: where it fits, it leaves in one write, and is flushed", what);
    vec![
        few("writes of a message of 100 bytes, with 256 for the buffer").seen_in("EDGE-5, EDGE-E2, PICO, WSLAY").does(
            "1, flushed",
            || {
                // That it is flushed, the transport sees when it is read.
                writes_of(&[send_binary([7; 100]), Call::Receive], &[])
            },
        ),
        few("writes of a Pong")
            .seen_in("EDGE-E2, WSLAY")
            .does("1, flushed", || writes_of(&[Call::Receive], &[frame(PING, [7; 125])])),
        few("writes of a message of 1000 bytes, with 256 for the buffer")
            .seen_in("EDGE-5, EDGE-E2")
            .does("4, flushed", || writes_of(&[send_binary([7; 1000]), Call::Receive], &[])),
        row(
            "5.4",
            "a message of unknown size is sent in fragments",
            "we are to write 100 bytes in pieces of 10, with 32 for the buffer",
        )
        .seen_in("WZ, MG")
        .does("fragments of a text of 100 bytes", written_in_pieces),
        row(
            "5.2",
            "the payload follows its header: nothing comes in between",
            "a future that sends is dropped at each write, and the message resumed",
        )
        .seen_in("EW, WZ-7, EDGE, PICO")
        .does("a binary message of 1000 bytes, a text of 1000 bytes", dropped_and_resumed),
    ]
}

fn written_in_pieces() -> String {
    let calls: Vec<Call> = (0..10)
        .map(|_| Call::Write(MessageKind::Text, b"0123456789".to_vec()))
        .chain([Call::Finish(MessageKind::Text)])
        .collect();
    let config = Config::DEFAULT;
    let mut memory = Memory::new(32, 32);
    let buffers = memory.buffers();
    let wire = Wire::new(Rc::new([]), usize::MAX, Then::Silence);
    let output = over_blocking(Connection::client(keys(), buffers, &config), wire, &calls).output;
    let frames = match parse(Side::Client, &output) {
        Ok(frames) => frames,
        Err(wrong) => return wrong,
    };
    let (mut firsts, mut text) = (Vec::new(), Vec::<u8>::new());
    for frame in &frames {
        if let Sent::Frame(first, payload) = frame {
            firsts.push(*first);
            text.extend(payload);
        }
    }
    match firsts.as_slice() {
        [FIRST_TEXT, middle @ .., LAST] if middle.iter().all(|first| *first == MIDDLE) && !middle.is_empty() => {
            assert_eq!(text, b"0123456789".repeat(10), "the payload is another one");
            format!("fragments of a text of {} bytes", text.len())
        }
        _ => format!("{frames:?}"),
    }
}

/// Two messages over the async adapter, with a transmit buffer of 64 bytes: each future is dropped when it is pending.
fn dropped_and_resumed() -> String {
    let config = Config::DEFAULT;
    let mut memory = Memory::new(64, 64);
    let buffers = memory.buffers();
    let wire = Wire::new(Rc::new([]), usize::MAX, Then::Silence);
    let mut websocket = ws_embedded_io_async::WebSocket::new(wire, Connection::client(keys(), buffers, &config));
    let text = "x".repeat(1000);
    for message in [Message::Binary(&[7; 1000]), Message::Text(&text)] {
        let mut begun = once(websocket.send(message));
        if begun.is_none() {
            begun = Some(insist(|| once(websocket.sender().resume(message))));
        }
        if let Some(Err(error)) = begun {
            return error.to_string();
        }
    }
    let output = websocket.into_transport().output;
    match parse(Side::Client, &output).as_deref() {
        Ok([Sent::Frame(BINARY, first), Sent::Frame(TEXT, second)]) if second == text.as_bytes() => {
            format!("a binary message of {} bytes, a text of {} bytes", first.len(), second.len())
        }
        other => format!("{other:?}"),
    }
}

fn changes_nothing() -> Vec<Row> {
    let nothing = |what| row("6.1", "what was not sent has not happened", what);
    vec![
        nothing("a Close that does not fit into its slice").seen_in("EW-10, EW-D5").does(
            "error: the output buffer is too small: 11 bytes are needed; open; then a text is sent",
            || {
                let mut client = WebSocketClient::after_opening_handshake(keys());
                let mut space = [0xa5; 32];
                let code = WebSocketCloseStatusCode::NormalClosure;
                let closed = client.close(code, Some("bye"), &mut space[..10]);
                still_open(closed, client.state(), |space| {
                    client.write(WebSocketSendMessageType::Text, true, b"a", space)
                })
            },
        ),
        nothing("a text that does not fit into its slice").does(
            "error: the output buffer is too small: 7 bytes are needed; open; then a text is sent",
            || {
                let mut server = WebSocketServer::after_opening_handshake();
                let text = server.write(WebSocketSendMessageType::Text, false, b"Hello", &mut [0xa5; 6]);
                still_open(text, server.state(), |space| {
                    server.write(WebSocketSendMessageType::Text, true, b"a", space)
                })
            },
        ),
    ]
}

/// What a call that failed has left behind: the state, and how the next text goes out.
fn still_open(
    failed: Result<usize, Error>,
    state: WebSocketState,
    send: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
) -> String {
    let mut space = [0xa5; 32];
    let then = match send(&mut space) {
        Ok(_) if space[0] == TEXT => "a text is sent".to_string(),
        Ok(len) => hex(&space[..len]),
        Err(error) => error.to_string(),
    };
    let failed = failed.map_or_else(|error| format!("error: {error}"), |len| format!("{len} bytes"));
    let state = if state == WebSocketState::Open { "open".to_string() } else { format!("{state:?}") };
    format!("{failed}; {state}; then {then}")
}
