//! What a peer may not send: a table of violations with the error, the close code and the section of RFC 6455, for both
//! roles. Each is found at its byte, wherever the bytes are cut, and leaves nothing but the Close frame to be sent.

mod support;

use support::{
    CLOSE, CONTINUATION, FIRST_BINARY, FIRST_TEXT, Inbox, LAST_CONTINUATION, PING, TEXT, UNWRITTEN, client, read_whole,
    server,
};
use ws_core::{
    Error, Misuse, Role, Violation, WebSocket, WebSocketReceiveMessageType as Receive,
    WebSocketSendMessageType as Send, WebSocketState,
    frame::{CloseCode, ClosePayloadError, HeaderError},
};

/// A violation. `bytes` ends with the byte that makes it one.
struct Case {
    name: String,
    bytes: Vec<u8>,
    violation: Violation,
    close_code: u16,
    section: &'static str,
}

/// The side that the cases play: what it sends is masked if it is a client.
#[derive(Clone, Copy)]
struct Peer {
    key: Option<[u8; 4]>,
}

const CLIENT: Peer = Peer { key: Some([0x37, 0xfa, 0x21, 0x3d]) };
const SERVER: Peer = Peer { key: None };

impl Peer {
    fn frame(self, first: u8, payload: &[u8]) -> Vec<u8> {
        support::frame(first, self.key, payload)
    }

    /// A header whose length is written as `short_len` and `extended_len`, as far as these go.
    fn header(self, first: u8, short_len: u8, extended_len: &[u8]) -> Vec<u8> {
        let masked = if self.key.is_some() { 0x80 } else { 0 };
        [&[first, masked | short_len], extended_len].concat()
    }

    /// A frame that announces ten bytes more than there are.
    fn unfinished(self, first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = self.frame(first, &[payload, &[0; 10]].concat());
        frame.truncate(frame.len() - 10);
        frame
    }

    /// A frame of at least a byte without its payload.
    fn without_payload(self, first: u8) -> Vec<u8> {
        self.unfinished(first, &[])
    }
}

fn all_cases(peer: Peer) -> Vec<Case> {
    [header_cases(peer), order_cases(peer), text_cases(peer), close_cases(peer)].into_iter().flatten().collect()
}

fn header_cases(peer: Peer) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>, error: HeaderError, section| {
        cases.push(Case { name, bytes, violation: Violation::Header(error), close_code: 1002, section });
    };
    for bits in [0x40, 0x20, 0x10, 0x70] {
        for first in [TEXT, FIRST_TEXT, CLOSE, PING] {
            add(format!("reserved bits {bits:#x} on {first:#x}"), vec![bits | first], HeaderError::ReservedBits, "5.2");
        }
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        for fin in [0, 0x80] {
            add(format!("opcode {opcode}"), vec![fin | opcode], HeaderError::ReservedOpcode, "5.2");
        }
    }
    for opcode in [8, 9, 10] {
        let fragmented = HeaderError::FragmentedControlFrame;
        add(format!("fragment of control frame {opcode}"), vec![opcode], fragmented, "5.5");
        for (announced, short_len) in [("16", 126), ("64", 127)] {
            let bytes = peer.header(0x80 | opcode, short_len, &[]);
            let name = format!("control frame {opcode} with a length in {announced} bits");
            add(name, bytes, HeaderError::ControlFrameTooLong, "5.5");
        }
    }
    for len in [0, 5, 125] {
        let bytes = peer.header(TEXT, 126, &[0, len]);
        add(format!("length {len} in 16 bits"), bytes, HeaderError::LengthNotMinimal, "5.2");
    }
    // Six zeros: what follows is at most 65535.
    add("length in 64 bits".into(), peer.header(TEXT, 127, &[0; 6]), HeaderError::LengthNotMinimal, "5.2");
    for top in [0x80, 0xff] {
        add(format!("top byte {top:#x}"), peer.header(TEXT, 127, &[top]), HeaderError::LengthTooLarge, "5.2");
    }
    cases
}

fn order_cases(peer: Peer) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>, violation, section| {
        cases.push(Case { name, bytes, violation, close_code: 1002, section });
    };
    let (other_direction, direction) =
        if peer.key.is_some() { (SERVER, Violation::NotMasked) } else { (CLIENT, Violation::Masked) };
    for first in [TEXT, FIRST_BINARY, PING, CLOSE] {
        add(format!("mask direction of {first:#x}"), other_direction.frame(first, &[]), direction, "5.1");
    }
    let fragment = peer.frame(FIRST_TEXT, b"a");
    let in_fragment = [fragment.clone(), other_direction.without_payload(LAST_CONTINUATION)].concat();
    add("mask direction of a continuation".into(), in_fragment, direction, "5.1");
    for first in [CONTINUATION, LAST_CONTINUATION] {
        for before in [vec![], peer.frame(TEXT, b"a"), peer.frame(PING, b"a"), {
            [fragment.clone(), peer.frame(LAST_CONTINUATION, b"b")].concat()
        }] {
            let name = format!("continuation {first:#x} after {before:02x?}");
            let bytes = [before, peer.frame(first, &[])].concat();
            add(name, bytes, Violation::UnexpectedContinuation, "5.4");
        }
    }
    for (begun, kind) in [(FIRST_TEXT, ws_core::MessageKind::Text), (FIRST_BINARY, ws_core::MessageKind::Binary)] {
        for second in [0x81, 0x82, 0x01, 0x02] {
            for between in [vec![], peer.frame(PING, b"ping"), peer.frame(CONTINUATION, b"more")] {
                let bytes = [peer.frame(begun, b"a"), between, peer.without_payload(second)].concat();
                let name = format!("{second:#x} inside of {kind}: {bytes:02x?}");
                add(name, bytes, Violation::MessageInterrupted(kind), "5.4");
            }
        }
    }
    cases
}

/// Bytes of which the last cannot be part of UTF-8 after those before it.
const IMPOSSIBLE: [&[u8]; 12] = [
    b"\xff",
    b"\x80",
    b"\xc0",
    b"\xf5",
    b"hello \xfe",
    b"\xc3\x28",
    b"\xe0\x9f",
    b"\xed\xa0",
    b"\xe2\x82\x28",
    b"\xf0\x8f",
    b"\xf4\x90",
    b"\xce\xba\xf0\x9f\x98\xc0",
];

/// Texts that end inside of a character.
const CUT_SHORT: [&[u8]; 5] = [b"\xc3", b"\xe2\x82", b"\xf0", b"\xf0\x9f\x98", b"hello \xe2"];

fn text_cases(peer: Peer) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, text: &[u8], frames: Vec<Vec<u8>>| {
        let (name, bytes) = (format!("{name}: {text:02x?}"), frames.concat());
        cases.push(Case { name, bytes, violation: Violation::TextNotUtf8, close_code: 1007, section: "8.1" });
    };
    for text in IMPOSSIBLE {
        add("in a frame, the rest of which never comes", text, vec![peer.unfinished(TEXT, text)]);
        add("in a first fragment", text, vec![peer.unfinished(FIRST_TEXT, text)]);
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            let frames = vec![peer.frame(FIRST_TEXT, first), peer.unfinished(CONTINUATION, second)];
            add(&format!("in a second fragment, cut at {cut}"), text, frames);
            let frames = vec![
                peer.frame(FIRST_TEXT, first),
                peer.frame(PING, b"\xff"),
                peer.frame(CONTINUATION, &[]),
                peer.unfinished(LAST_CONTINUATION, second),
            ];
            add(&format!("behind a Ping that is no text and an empty fragment, cut at {cut}"), text, frames);
        }
    }
    for text in CUT_SHORT {
        let (first, second) = text.split_at(text.len() - 1);
        add("text ends inside of a character", text, vec![peer.frame(TEXT, text)]);
        let frames = vec![peer.frame(FIRST_TEXT, first), peer.frame(LAST_CONTINUATION, second)];
        add("text in fragments ends inside of a character", text, frames);
        let frames = vec![peer.frame(FIRST_TEXT, text), peer.frame(LAST_CONTINUATION, &[])];
        add("text ends inside of a character with an empty fragment", text, frames);
    }
    cases
}

fn close_cases(peer: Peer) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, bytes, error, close_code, section| {
        cases.push(Case { name, bytes, violation: Violation::ClosePayload(error), close_code, section });
    };
    for byte in [0, 3, 0xff] {
        let bytes = peer.frame(CLOSE, &[byte]);
        add(format!("Close of one byte {byte}"), bytes, ClosePayloadError::Truncated, 1002, "5.5.1");
    }
    for code in [0_u16, 1, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535] {
        let error = ClosePayloadError::InvalidCode(CloseCode::new(code));
        let payload = code.to_be_bytes();
        add(format!("code {code}"), peer.frame(CLOSE, &payload), error, 1002, "7.4");
        add(format!("code {code}, unfinished"), peer.unfinished(CLOSE, &payload), error, 1002, "7.4");
    }
    for reason in IMPOSSIBLE {
        let bytes = peer.unfinished(CLOSE, &[&[0x03, 0xe8], reason].concat());
        add(format!("reason {reason:02x?}"), bytes, ClosePayloadError::ReasonNotUtf8, 1007, "5.5.1");
    }
    for reason in CUT_SHORT {
        let bytes = peer.frame(CLOSE, &[&[0x03, 0xe8], reason].concat());
        add(format!("reason {reason:02x?} is cut"), bytes, ClosePayloadError::ReasonNotUtf8, 1007, "5.5.1");
    }
    cases
}

/// What an endpoint can do with the violation that it has found: nothing but close.
fn only_close_is_left<R: Role>(mut endpoint: WebSocket<R>, Case { name, violation, close_code, section, .. }: &Case) {
    let error = Error::Violation(*violation);
    let code = CloseCode::new(*close_code);
    assert_eq!((violation.close_code(), error.close_code()), (code, Some(code)), "{name}");
    assert_eq!(violation.section(), *section, "{name}");
    assert!(error.to_string().contains(&format!("(RFC 6455, section {section})")), "{name}: {error}");
    assert_eq!(endpoint.state(), WebSocketState::Failed(*violation), "{name}");

    let mut to = [UNWRITTEN; 32];
    for more in [&b""[..], b"\x81\x00", b"\x88\x80\0\0\0\0"] {
        assert_eq!(endpoint.read(more, &mut to), Err(error), "{name}");
    }
    for message_type in [Send::Text, Send::Binary, Send::Ping, Send::Pong, Send::CloseReply] {
        assert_eq!(endpoint.write(message_type, true, &[], &mut to), Err(Misuse::Failed.into()), "{name}");
        let result = endpoint.write_partial(message_type, true, &[], &mut to);
        assert_eq!(result, Err(Misuse::Failed.into()), "{name}");
    }
    assert_eq!(to, [UNWRITTEN; 32], "{name}");
    let len = endpoint.close(code.into(), None, &mut to).unwrap();
    assert_eq!(len, if R::MASKS { 8 } else { 4 }, "{name}");
    assert_eq!(endpoint.state(), WebSocketState::Closed, "{name}");
    assert_eq!(endpoint.read(b"\x81\x00", &mut to), Err(Error::Closed), "{name}");
    assert_eq!(endpoint.close(code.into(), None, &mut to), Err(Misuse::Closing.into()), "{name}");
}

fn check<R: Role + Clone>(endpoint: &WebSocket<R>, case: &Case) {
    let error = Some(Error::Violation(case.violation));

    // Byte by byte: found at the last byte and not before.
    let mut receiver = endpoint.clone();
    let mut inbox = Inbox::default();
    let (last, before) = case.bytes.split_last().unwrap();
    inbox.read(&mut receiver, before, 1, 1);
    assert_eq!(inbox.error, None, "{}: too early", case.name);
    inbox.read(&mut receiver, &[*last], 1, 1);
    assert_eq!(inbox.error, error, "{}: {:02x?}", case.name, case.bytes);
    only_close_is_left(receiver, case);

    // In pieces of every size, and with more behind it: the same error after the same messages.
    let more = [case.bytes.as_slice(), &[0xff; 20]].concat();
    for bytes in [&case.bytes, &more] {
        for from_len in [1, 2, 3, 7, bytes.len()] {
            for to_len in (1..=20).chain([100]) {
                let mut receiver = endpoint.clone();
                let mut cut = Inbox::default();
                cut.read(&mut receiver, bytes, from_len, to_len);
                assert_eq!(cut.error, error, "{}: from {from_len}, to {to_len}", case.name);
                assert_eq!(cut.messages, inbox.messages, "{}: from {from_len}, to {to_len}", case.name);
                assert_eq!(receiver.state(), WebSocketState::Failed(case.violation), "{}", case.name);
            }
        }
    }
}

#[test]
fn server_finds_each_violation() {
    for case in all_cases(CLIENT) {
        check(&server(), &case);
    }
}

#[test]
fn client_finds_each_violation() {
    for case in all_cases(SERVER) {
        check(&client(), &case);
    }
}

/// A violation after our own Close frame: there is no second one.
#[test]
fn violation_after_close_was_sent() {
    for case in all_cases(SERVER) {
        let mut client = client();
        support::write_close(&mut client, 1000, "");
        let inbox = read_whole(&mut client, &case.bytes);
        assert_eq!(inbox.error, Some(Error::Violation(case.violation)), "{}", case.name);
        assert_eq!(client.state(), WebSocketState::Closed, "{}", case.name);
        assert_eq!(client.read(b"\x81\x00", &mut []), Err(Error::Closed), "{}", case.name);
        let status = CloseCode::new(case.close_code).into();
        assert_eq!(client.close(status, None, &mut [0; 32]), Err(Misuse::Closing.into()), "{}", case.name);
    }
}

/// RFC 6455, section 7.4: which codes may be in a Close frame, all 65536 of them.
#[test]
fn close_codes_that_may_be_received() {
    for number in 0..=u16::MAX {
        let allowed = matches!(number, 1000..=1003 | 1007..=1014 | 3000..=4999);
        let code = CloseCode::new(number);
        let (mut server, mut client) = (server(), client());
        let from_client = CLIENT.frame(CLOSE, &number.to_be_bytes());
        let from_server = SERVER.frame(CLOSE, &number.to_be_bytes());
        for result in [server.read(&from_client, &mut [0; 2]), client.read(&from_server, &mut [0; 2])] {
            if allowed {
                let result = result.unwrap();
                assert_eq!((result.message_type, result.end_of_message), (Receive::CloseMustReply, true));
                assert_eq!(result.close_status, Some(code.into()));
            } else {
                let violation = Violation::ClosePayload(ClosePayloadError::InvalidCode(code));
                assert_eq!(result, Err(Error::Violation(violation)));
            }
        }
    }
}

/// RFC 6455, section 5.5.1: "The Close frame MAY contain a body", so it may have none.
#[test]
fn close_without_a_code() {
    for state in [WebSocketState::CloseReceived, WebSocketState::Closed] {
        let mut server = server();
        if state == WebSocketState::Closed {
            support::write_close(&mut server, 1000, "");
        }
        let result = server.read(&CLIENT.frame(CLOSE, &[]), &mut []).unwrap();
        assert_eq!((result.end_of_message, result.close_status), (true, None));
        assert_eq!(server.state(), state);
    }
}

/// RFC 6455, section 1.4: what comes after Close is discarded, be it valid or not.
#[test]
fn nothing_is_read_after_close() {
    for more in [CLIENT.frame(TEXT, b"late"), CLIENT.frame(CLOSE, &[]), vec![0xff; 20], vec![0x81, 0x01, b'u']] {
        let mut server = server();
        let bytes = [CLIENT.frame(CLOSE, &[0x03, 0xe8]), more].concat();
        let inbox = read_whole(&mut server, &bytes);
        assert_eq!(inbox.messages, [support::close(Receive::CloseMustReply, 1000, "")]);
        assert_eq!(inbox.error, Some(Error::Closed));
        assert_eq!(server.state(), WebSocketState::CloseReceived);
        support::write(&mut server, Send::CloseReply, true, &[0x03, 0xe8]);
        assert_eq!(server.read(&bytes, &mut []), Err(Error::Closed));
        assert_eq!(server.state(), WebSocketState::Closed);
    }
}

/// What the rules above allow and a check that is too eager would refuse.
#[test]
fn what_looks_like_a_violation_and_is_none() {
    let bytes = [
        CLIENT.frame(PING, b"\xff\x80"),
        CLIENT.frame(support::PONG, b"unsolicited"),
        CLIENT.frame(support::BINARY, b"\xff"),
        CLIENT.frame(FIRST_BINARY, b"\xed"),
        CLIENT.frame(LAST_CONTINUATION, b"\xa0"),
        // The byte order mark, U+0000, noncharacters and the last character are characters like others.
        CLIENT.frame(TEXT, "\u{feff}\0\u{fffe}\u{ffff}\u{10ffff}".as_bytes()),
        CLIENT.frame(PING, &[0; 125]),
        // Lengths that need 16 and 64 bits.
        CLIENT.frame(support::BINARY, &[0; 126]),
        CLIENT.frame(support::BINARY, &[0; 65536]),
        // The key of zeros is a key.
        support::frame(TEXT, Some([0; 4]), b"plain"),
    ]
    .concat();
    let inbox = read_whole(&mut server(), &bytes);
    assert_eq!((inbox.error, inbox.messages.len()), (None, 9));
}
