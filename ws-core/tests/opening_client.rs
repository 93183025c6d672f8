//! A client's opening handshake as a machine: responses cut at every byte, in memory of every size, accepted, refused and
//! malformed.

mod support {
    pub(crate) mod fake_link;
}

use support::fake_link::{DEFAULT, Link, Memory, Stepped, UNWRITTEN};
use ws_core::handshake::{ClientRequest, EncodeError, ResponseError};
use ws_core::{
    Client, Config, Connecting, Connection, Delivery, Error, Event, Message, MessageKind, Misuse, Step, WebSocketState,
};
use ws_core::{Machine, MaskingKeyFn};

type Keys = MaskingKeyFn<fn() -> [u8; 4]>;

/// The key that four times these bytes give, and its answer, were computed with OpenSSL.
const KEYS: Keys = MaskingKeyFn(|| *b"abcd");
const OFFERS: ClientRequest<'_> =
    ClientRequest { sub_protocols: &["chat", "superchat"], ..ClientRequest::new("server.example.com", "/chat") };
const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: YWJjZGFiY2RhYmNkYWJjZA==\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Protocol: chat, superchat\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: dQbArINZcOgLpykJ5K3Dp7ho/R0=\r\n\
    Sec-WebSocket-Protocol: superchat\r\n\r\n";
/// RFC 6455, section 5.7: an unmasked text message "Hello".
const HELLO: &[u8] = b"\x81\x05Hello";

fn connecting<T>(head: usize, receive: usize, test: impl FnOnce(Connecting<'_, '_, '_, Keys>) -> T) -> T {
    let mut head = vec![UNWRITTEN; head];
    let mut memory = Memory::new(receive, 64);
    test(Connecting::new(&OFFERS, KEYS, &mut head, memory.buffers(), &DEFAULT).unwrap())
}

fn receive_hello(link: &mut Link, mut connection: Connection<'_, Client<Keys>>) {
    assert_eq!(link.drive(&mut connection), Ok(Some(Event::Message(MessageKind::Text))));
    assert_eq!(connection.received(MessageKind::Text).message, Ok(Message::Text("Hello")));
}

#[test]
fn a_connection_opens_however_the_bytes_are_cut() {
    for longest in (1..=RESPONSE.len()).chain([usize::MAX]) {
        for receive in [5, 6, 7, 64, 1024] {
            connecting(512, receive, |mut connecting| {
                let mut link = Link::new(&[RESPONSE, HELLO].concat());
                (link.longest_read, link.longest_write) = (longest, longest);
                assert_eq!(link.drive(&mut connecting), Ok(Some(())));
                assert_eq!((link.take(), link.flushes), (REQUEST.to_vec(), 1));
                assert_eq!(connecting.sub_protocol(), Some("superchat"));
                assert_eq!(connecting.response().unwrap().0.status(), 101);
                assert_eq!(link.drive(&mut connecting), Ok(Some(())), "and once more");
                receive_hello(&mut link, connecting.into_connection().unwrap());
            });
        }
    }
}

#[test]
fn a_response_in_two_parts_is_understood_wherever_it_is_cut() {
    for cut in 0..=RESPONSE.len() + HELLO.len() {
        connecting(512, 64, |mut connecting| {
            let whole = [RESPONSE, HELLO].concat();
            let (first, second) = whole.split_at(cut);
            let mut link = Link::new(first);
            let opens = cut >= RESPONSE.len();
            assert_eq!(link.drive(&mut connecting), Ok(opens.then_some(())), "{cut}");
            assert_eq!(connecting.response().is_some(), opens);
            link.incoming.extend(second);
            assert_eq!(link.drive(&mut connecting), Ok(Some(())), "{cut}");
            receive_hello(&mut link, connecting.into_connection().unwrap());
        });
    }
}

/// A segment may hold more than the receive buffer does: so no more is read at once than fits.
#[test]
fn frames_behind_the_response_are_not_lost_in_any_receive_buffer() {
    let config = Config { delivery: Delivery::Chunks, ..DEFAULT };
    for receive in 1..=16 {
        let mut head = [UNWRITTEN; 512];
        let mut memory = Memory::new(receive, 64);
        let mut connecting = Connecting::new(&OFFERS, KEYS, &mut head, memory.buffers(), &config).unwrap();
        let mut link = Link::new(&[RESPONSE, HELLO, HELLO].concat());
        assert_eq!(link.drive(&mut connecting), Ok(Some(())));
        let mut connection = connecting.into_connection().unwrap();
        let mut received = Vec::<u8>::new();
        while let Some(event) = link.drive(&mut connection).unwrap() {
            assert!(matches!(event, Event::Chunk(_)));
            received.extend(connection.chunk());
        }
        assert_eq!(received, b"HelloHello");
    }
}

#[test]
fn a_head_buffer_must_hold_the_request() {
    for len in 0..=REQUEST.len() {
        let mut head = vec![UNWRITTEN; len];
        let mut memory = Memory::new(64, 64);
        let error = Connecting::new(&OFFERS, KEYS, &mut head, memory.buffers(), &DEFAULT).err();
        let expected = (len < REQUEST.len()).then_some(Error::BufferTooSmall { needed: REQUEST.len() });
        assert_eq!(error, expected, "{len}");
    }
}

#[test]
fn a_head_buffer_must_hold_the_response() {
    let request = ClientRequest::new("a", "/");
    let long = ["HTTP/1.1 101 Switching Protocols\r\nX: ", &"x".repeat(300), "\r\n"].concat();
    let accepted = &RESPONSE[RESPONSE.iter().position(|byte| *byte == b'\n').unwrap() + 1..];
    let accepted = String::from_utf8(accepted.to_vec()).unwrap().replace("Sec-WebSocket-Protocol: superchat\r\n", "");
    let response = [long.as_bytes(), accepted.as_bytes()].concat();
    for len in response.len() - 20..response.len() + 3 {
        for longest in [1, 7, usize::MAX] {
            let mut head = vec![UNWRITTEN; len];
            let mut memory = Memory::new(64, 64);
            let mut connecting = Connecting::new(&request, KEYS, &mut head, memory.buffers(), &DEFAULT).unwrap();
            let mut link = Link::new(&[&response, HELLO].concat());
            link.longest_read = longest;
            if len < response.len() {
                assert_eq!(link.drive(&mut connecting), Err(Error::HeadTooLarge), "{len}");
                assert_eq!(link.drive(&mut connecting), Err(Error::HeadTooLarge), "the same again");
                assert!(connecting.response().is_none());
            } else {
                assert_eq!(link.drive(&mut connecting), Ok(Some(())), "{len}");
                receive_hello(&mut link, connecting.into_connection().unwrap());
            }
        }
    }
}

#[test]
fn interim_responses_are_passed_over() {
    let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    for longest in [1, 2, 3, 26, 27, usize::MAX] {
        connecting(512, 64, |mut connecting| {
            let mut link = Link::new(&[interim, RESPONSE, HELLO].concat());
            link.longest_read = longest;
            assert_eq!(link.drive(&mut connecting), Ok(Some(())));
            assert_eq!(connecting.response().unwrap().0.status(), 101);
            receive_hello(&mut link, connecting.into_connection().unwrap());
        });
    }
}

#[test]
fn a_refusal_can_be_looked_at() {
    let refusal = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 9\r\n\r\n";
    for behind in 0..=9 {
        for ends in [false, true] {
            connecting(512, 512, |mut connecting| {
                let mut link = Link::new(&[&refusal[..], &b"go away!\n"[..behind]].concat());
                link.ends = ends;
                let error = Error::Response(ResponseError::Refused { status: 401 });
                assert_eq!(link.drive(&mut connecting), Err(error));
                assert_eq!(link.drive(&mut connecting), Err(error), "the same again");
                let (response, body) = connecting.response().unwrap();
                assert_eq!((response.status(), response.reason()), (401, "Unauthorized"));
                assert_eq!(response.header("www-authenticate"), Some("Basic realm=\"a\""));
                assert_eq!(body, &b"go away!\n"[..behind]);
                assert_eq!(connecting.into_connection().unwrap_err(), Misuse::NotOpen);
            });
        }
    }
}

#[test]
fn a_wrong_response_does_not_open_anything() {
    let response = |from: &str, to: &str| {
        let response = String::from_utf8(RESPONSE.to_vec()).unwrap();
        assert!(response.contains(from));
        response.replacen(from, to, 1).into_bytes()
    };
    let cases = [
        (response("HTTP/1.1 101", "HTTP/1.1 1O1"), ResponseError::StatusLine, false),
        (response("HTTP/1.1 101", "HTTP/1.0 101"), ResponseError::HttpVersion, true),
        (response("Upgrade:", "Upgrade :"), ResponseError::HeaderName, false),
        (response("Upgrade: websocket", "Upgrade: h2c"), ResponseError::Upgrade, true),
        (response("Connection: Upgrade", "Connection: close"), ResponseError::Connection, true),
        (response("Accept: ", "Accept: A"), ResponseError::Accept, true),
        (response("superchat", "soap"), ResponseError::SubProtocolNotOffered, true),
        (response("Sec-WebSocket-Protocol: ", "Sec-WebSocket-Extensions: "), ResponseError::ExtensionNotOffered, true),
    ];
    for (response, expected, is_well_formed) in cases {
        for longest in [1, 5, usize::MAX] {
            connecting(512, 64, |mut connecting| {
                let mut link = Link::new(&response);
                link.longest_read = longest;
                assert_eq!(link.drive(&mut connecting), Err(Error::Response(expected)));
                assert_eq!(connecting.response().is_some(), is_well_formed, "{expected}");
                assert_eq!(connecting.sub_protocol(), None);
                assert_eq!(connecting.into_connection().unwrap_err(), Misuse::NotOpen, "{expected}");
            });
        }
    }
}

#[test]
fn the_end_of_the_stream_is_clean_only_before_the_first_byte() {
    for len in 0..=RESPONSE.len() {
        connecting(512, 64, |mut connecting| {
            let mut link = Link::ended(&RESPONSE[..len]);
            let expected =
                if len == RESPONSE.len() { Ok(Some(())) } else { Err(Error::TransportEnded { clean: len == 0 }) };
            assert_eq!(link.drive(&mut connecting), expected, "{len}");
            assert_eq!(link.drive(&mut connecting), expected, "the same again");
        });
    }
}

/// All progress is in the machine: each step has a loop of its own here.
#[test]
fn a_handshake_goes_on_wherever_its_loop_was_left() {
    for longest in [1, 2, 100, usize::MAX] {
        connecting(512, 64, |mut connecting| {
            let mut link = Link::new(RESPONSE);
            (link.longest_read, link.longest_write) = (longest, longest);
            let mut steps = 0;
            while link.drive_for(1, &mut connecting).unwrap().is_none() {
                steps += 1;
            }
            assert!(steps >= 3, "a write, a flush and a read");
            assert_eq!((link.take(), link.flushes), (REQUEST.to_vec(), 1));
            assert_eq!(connecting.into_connection().unwrap().state(), WebSocketState::Open);
        });
    }
}

#[test]
fn there_is_no_response_and_no_connection_before_it_came() {
    connecting(512, 64, |mut connecting| {
        let mut link = Link::new(b"");
        assert!(connecting.response().is_none(), "not our own request");
        link.longest_write = 50;
        while let Stepped::Moved = link.step(&mut connecting).unwrap() {
            assert!(connecting.response().is_none(), "not our own request");
        }
        assert_eq!(connecting.into_connection().unwrap_err(), Misuse::NotOpen);
    });
}

#[test]
fn what_it_says_is_the_same_until_something_is_done() {
    connecting(512, 64, |mut connecting| {
        for _ in 0..2 {
            assert!(matches!(connecting.poll(), Ok(Step::Write(bytes)) if bytes == REQUEST));
        }
        connecting.written(10);
        assert!(matches!(connecting.poll(), Ok(Step::Write(bytes)) if bytes == &REQUEST[10..]));
        connecting.written(REQUEST.len() - 10);
        for _ in 0..2 {
            assert!(matches!(connecting.poll(), Ok(Step::Flush)));
        }
        connecting.flushed();
        for _ in 0..2 {
            assert!(matches!(connecting.poll(), Ok(Step::Read(space)) if space.len() == 64));
        }
    });
}

#[test]
fn a_request_that_cannot_be_sent_is_refused_before_anything_is_sent() {
    let requests = [
        (
            ClientRequest { headers: &[("X", "a\r\nHost: b")], ..ClientRequest::new("a", "/") },
            Error::HandshakeInput(EncodeError::InvalidHeaderValue),
        ),
        (
            ClientRequest { extensions: Some("permessage-deflate"), ..ClientRequest::new("a", "/") },
            Error::Misuse(Misuse::Extension),
        ),
    ];
    for (request, expected) in requests {
        let mut head = [UNWRITTEN; 512];
        let mut memory = Memory::new(64, 64);
        let error = Connecting::new(&request, KEYS, &mut head, memory.buffers(), &DEFAULT).err();
        assert_eq!(error, Some(expected));
    }
}

#[test]
fn without_a_receive_buffer_there_is_an_error_and_no_empty_read() {
    connecting(512, 0, |mut connecting| {
        assert_eq!(Link::new(RESPONSE).drive(&mut connecting), Err(Error::BufferTooSmall { needed: 1 }));
    });
}

#[test]
fn one_memory_serves_one_connection_after_the_other() {
    let mut head = vec![UNWRITTEN; 512];
    let mut memory = Memory::new(64, 64);
    let (mut head, mut buffers) = (&mut head[..], memory.buffers());
    for (response, opens) in
        [(RESPONSE, true), (b"HTTP/1.1 404 Not Found\r\n\r\n", false), (b"HTTP", false), (RESPONSE, true)]
    {
        let mut connecting = Connecting::new(&OFFERS, KEYS, head, buffers, &DEFAULT).unwrap();
        let mut link = Link::new(response);
        assert_eq!(link.drive(&mut connecting) == Ok(Some(())), opens);
        let (connection, bytes) = connecting.into_parts();
        head = bytes;
        assert_eq!(head.len(), 512);
        assert_eq!(connection.state(), if opens { WebSocketState::Open } else { WebSocketState::Closed });
        buffers = connection.into_buffers();
        assert_eq!((buffers.receive.len(), buffers.transmit.len()), (64, 64));
    }
}
