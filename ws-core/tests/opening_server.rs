//! A server's opening handshake as a machine: requests cut at every byte, in memory of every size, and every way to answer.

mod support {
    pub(crate) mod fake_link;
}

use support::fake_link::{DEFAULT, Link, Memory, UNWRITTEN};
use ws_core::handshake::{EncodeError, Reply, RequestError};
use ws_core::{Accepting, Answer, Connection, Error, Event, Message, MessageKind, Misuse, Server, Step};
use ws_core::{Machine, WebSocketState};

/// RFC 6455, section 1.2.
const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Origin: http://example.com\r\n\
    Sec-WebSocket-Protocol: chat, superchat\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";
const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Protocol: chat\r\n\r\n";
const PLAIN: &[u8] = b"GET /status HTTP/1.1\r\nHost: server.example.com\r\n\r\n";
const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n";
/// RFC 6455, section 5.7: a masked text message "Hello".
const HELLO: &[u8] = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";

/// Runs a test on a handshake with a head of so many bytes and a receive buffer of so many.
fn accepting<T>(head: usize, receive: usize, test: impl FnOnce(Accepting<'_, '_>) -> T) -> T {
    let mut head = vec![UNWRITTEN; head];
    let mut memory = Memory::new(receive, 64);
    test(Accepting::new(&mut head, memory.buffers(), &DEFAULT))
}

fn receive_hello(link: &mut Link, mut connection: Connection<'_, Server>) {
    assert_eq!(link.drive(&mut connection), Ok(Some(Event::Message(MessageKind::Text))));
    assert_eq!(connection.received(MessageKind::Text).message, Ok(Message::Text("Hello")));
}

#[test]
fn a_request_is_accepted_however_it_is_cut() {
    for longest in (1..=REQUEST.len()).chain([usize::MAX]) {
        for receive in [5, 6, 11, 64, 1024] {
            accepting(REQUEST.len(), receive, |mut accepting| {
                let mut link = Link::new(&[REQUEST, HELLO].concat());
                (link.longest_read, link.longest_write) = (longest, longest);
                assert_eq!(link.drive(&mut accepting), Ok(Some(())));
                let asked = accepting.asked().unwrap();
                assert_eq!((asked.request.path(), asked.request.origin()), ("/chat", Some("http://example.com")));
                let chosen = asked.upgrade.unwrap().select_sub_protocol(&["soap", "chat"]);
                assert_eq!(link.drive(accepting.accept(chosen, &[]).unwrap()), Ok(Some(Answer::Accepted)));
                assert_eq!((link.take(), link.flushes), (RESPONSE.to_vec(), 1));
                receive_hello(&mut link, accepting.into_connection().unwrap());
            });
        }
    }
}

#[test]
fn a_request_in_two_parts_is_accepted_wherever_it_is_cut() {
    for cut in 0..=REQUEST.len() {
        accepting(REQUEST.len(), 64, |mut accepting| {
            let (first, second) = REQUEST.split_at(cut);
            let mut link = Link::new(first);
            let whole = (cut == REQUEST.len()).then_some(());
            assert_eq!(link.drive(&mut accepting), Ok(whole), "{cut}");
            assert_eq!(accepting.asked().is_ok(), whole.is_some(), "{cut}");
            link.incoming.extend(second);
            assert_eq!(link.drive(&mut accepting), Ok(Some(())), "{cut}");
        });
    }
}

#[test]
fn the_first_frame_in_the_segment_of_the_request_is_not_lost() {
    for receive in [5, 6, 7, 11, 12, 64, 1024] {
        for behind in 0..=HELLO.len() {
            accepting(1024, receive, |mut accepting| {
                let mut link = Link::new(&[REQUEST, &HELLO[..behind]].concat());
                assert_eq!(link.drive(&mut accepting), Ok(Some(())));
                link.drive(accepting.accept(None, &[]).unwrap()).unwrap().unwrap();
                link.incoming.extend(&HELLO[behind..]);
                receive_hello(&mut link, accepting.into_connection().unwrap());
            });
        }
    }
}

/// A segment may hold more than the receive buffer does: so no more is read at once than fits.
#[test]
fn a_first_frame_larger_than_the_receive_buffer_is_not_lost() {
    let config = ws_core::Config { delivery: ws_core::Delivery::Chunks, ..DEFAULT };
    for receive in 1..=4 {
        let mut head = [UNWRITTEN; 1024];
        let mut memory = Memory::new(receive, 64);
        let mut accepting = Accepting::new(&mut head, memory.buffers(), &config);
        let mut link = Link::new(&[REQUEST, HELLO, HELLO].concat());
        assert_eq!(link.drive(&mut accepting), Ok(Some(())));
        link.drive(accepting.accept(None, &[]).unwrap()).unwrap().unwrap();
        let mut connection = accepting.into_connection().unwrap();
        let mut received = Vec::<u8>::new();
        while let Some(event) = link.drive(&mut connection).unwrap() {
            assert!(matches!(event, Event::Chunk(_)));
            received.extend(connection.chunk());
        }
        assert_eq!(received, b"HelloHello");
    }
}

#[test]
fn a_head_buffer_that_is_too_small_refuses_with_431() {
    let refusal = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for head in 0..REQUEST.len() + 2 {
        for longest in [1, usize::MAX] {
            accepting(head, 64, |mut accepting| {
                let mut link = Link::new(&[REQUEST, b"more"].concat());
                link.longest_write = longest;
                if head >= REQUEST.len() {
                    assert_eq!(link.drive(&mut accepting), Ok(Some(())));
                    return;
                }
                assert_eq!(link.drive(&mut accepting), Err(Error::HeadTooLarge), "{head}");
                // Where even the refusal does not fit, closing the transport says it.
                let expected = if head >= refusal.len() { &refusal[..] } else { b"" };
                assert_eq!(link.take(), expected, "{head}");
                assert_eq!(link.flushes, usize::from(!expected.is_empty()));
                assert_eq!(link.drive(&mut accepting), Err(Error::HeadTooLarge), "the same again");
                assert_eq!(accepting.into_connection().unwrap_err(), Misuse::NotOpen);
            });
        }
    }
}

#[test]
fn an_answer_that_does_not_fit_says_what_it_needs_and_leaves_the_request() {
    let headers = [("X-Long", "abcdefghijklmnopqrstuvwxyz0123456789".repeat(4))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let needed = RESPONSE.len() + "X-Long: \r\n".len() + headers[0].1.len();
    assert!(needed > REQUEST.len());
    for head in REQUEST.len()..needed + 2 {
        accepting(head, 64, |mut accepting| {
            let mut link = Link::new(&[REQUEST, HELLO].concat());
            link.drive(&mut accepting).unwrap().unwrap();
            match accepting.accept(Some("chat"), &headers) {
                Ok(replying) => {
                    assert!(head >= needed);
                    assert_eq!(link.drive(replying), Ok(Some(Answer::Accepted)));
                    assert_eq!(link.outgoing.len(), needed);
                }
                Err(error) => {
                    assert!(head < needed);
                    assert_eq!(error, Error::BufferTooSmall { needed });
                    assert_eq!(accepting.asked().unwrap().request.path(), "/chat");
                    let page = Reply::new(200).with_headers(&headers);
                    let page_needed = PAGE.len() + "X-Long: \r\n".len() + headers[0].1.len();
                    let error = accepting.reply(&page).map(|_| ()).err();
                    assert_eq!(error, (head < page_needed).then_some(Error::BufferTooSmall { needed: page_needed }));
                    if error.is_some() {
                        link.drive(accepting.accept(Some("chat"), &[]).unwrap()).unwrap().unwrap();
                        assert_eq!(link.take(), RESPONSE);
                        receive_hello(&mut link, accepting.into_connection().unwrap());
                    }
                }
            }
        });
    }
}

#[test]
fn a_sub_protocol_that_was_not_offered_is_not_accepted_and_the_request_still_is() {
    accepting(1024, 64, |mut accepting| {
        let mut link = Link::new(REQUEST);
        link.drive(&mut accepting).unwrap().unwrap();
        for not_offered in ["soap", "Chat", "", "chat, superchat"] {
            let error = accepting.accept(Some(not_offered), &[]).unwrap_err();
            assert!(matches!(error, Error::HandshakeInput(_)), "{not_offered}: {error:?}");
        }
        let injection = accepting.accept(None, &[("X", "a\r\nSet-Cookie: b")]).unwrap_err();
        assert!(matches!(injection, Error::HandshakeInput(_)), "{injection:?}");
        let no_status = accepting.reply(&Reply::new(101)).unwrap_err();
        assert_eq!(no_status, Error::HandshakeInput(EncodeError::InvalidStatus));
        assert_eq!(link.drive(accepting.accept(Some("chat"), &[]).unwrap()), Ok(Some(Answer::Accepted)));
        assert_eq!(link.take(), RESPONSE);
    });
}

#[test]
fn a_request_that_is_none_is_refused_with_its_status_and_told_of() {
    let no_version = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let cases: [(&[u8], &[u8]); 4] = [
        (b"GET  /chat HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n"),
        (b"GET /chat HTTP/1.1\r\nHost : a\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n"),
        (b"GET /chat HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 Bad Request\r\n"),
        (no_version, b"HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"),
    ];
    for (request, refusal) in cases {
        for (longest_read, longest_write) in [(1, 1), (7, 3), (usize::MAX, usize::MAX)] {
            accepting(1024, 64, |mut accepting| {
                let mut link = Link::new(request);
                (link.longest_read, link.longest_write) = (longest_read, longest_write);
                let error = link.drive(&mut accepting).unwrap_err();
                assert!(matches!(error, Error::Request(_)), "{error:?}");
                let expected = error.reply().unwrap();
                let mut out = [UNWRITTEN; 200];
                let len = expected.encode(&mut out).unwrap();
                assert_eq!(link.outgoing, out[..len]);
                assert!(link.outgoing.starts_with(refusal), "{}", String::from_utf8_lossy(&link.outgoing));
                assert_eq!(link.flushes, 1);
                assert_eq!(link.drive(&mut accepting), Err(error), "the same again");
                assert_eq!(link.outgoing.len(), len, "refused once");
                assert_eq!(accepting.asked().unwrap_err(), Misuse::NoRequestToAnswer.into());
            });
        }
    }
}

/// The loop may be left between any two steps of a refusal, too.
#[test]
fn a_refusal_goes_on_where_its_loop_was_left() {
    accepting(1024, 64, |mut accepting| {
        let mut link = Link::new(b"GET / HTTP/1.1\r\n\r\n");
        link.longest_write = 1;
        let error = loop {
            match link.drive_for(1, &mut accepting) {
                Ok(ready) => assert_eq!(ready, None),
                Err(error) => break error,
            }
        };
        assert_eq!(error, Error::Request(RequestError::Host));
        assert_eq!(link.take(), b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    });
}

#[test]
fn a_plain_request_is_answered_with_a_page() {
    for (longest, capacity) in [(1, 80), (3, 200), (usize::MAX, 1024)] {
        accepting(capacity, 64, |mut accepting| {
            let mut link = Link::new(PLAIN);
            link.longest_write = longest;
            link.drive(&mut accepting).unwrap().unwrap();
            let asked = accepting.asked().unwrap();
            assert!(asked.upgrade.is_none());
            assert_eq!(accepting.accept(None, &[]).unwrap_err(), Misuse::NoRequestToAnswer.into());
            let page = Reply::new(200).with_body(b"hello");
            assert_eq!(link.drive(accepting.reply(&page).unwrap()), Ok(Some(Answer::Replied)));
            assert_eq!(link.take(), [PAGE, b"hello"].concat());
            assert_eq!(link.flushes, 1);
            assert_eq!(accepting.accept(None, &[]).unwrap_err(), Misuse::NoRequestToAnswer.into());
            assert_eq!(accepting.into_connection().unwrap_err(), Misuse::NotOpen);
        });
    }
}

#[test]
fn a_body_longer_than_all_memory_is_sent_from_where_it_lies() {
    accepting(100, 1, |mut accepting| {
        let mut link = Link::new(PLAIN);
        link.drive(&mut accepting).unwrap().unwrap();
        let body = vec![b'x'; 1 << 20];
        assert_eq!(link.drive(accepting.reply(&Reply::new(404).with_body(&body)).unwrap()), Ok(Some(Answer::Replied)));
        let head = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n".as_bytes();
        assert!(link.take() == [head, &body].concat());
        assert_eq!((link.writes, link.flushes), (2, 1));
    });
}

#[test]
fn an_answer_without_a_body_has_none() {
    let head_request = [b"HEAD", &PLAIN[3..]].concat();
    let cases: [(&[u8], u16, &[u8]); 4] = [
        // RFC 9110, section 9.3.2: "The HEAD method is identical to GET except that the server MUST NOT send content in
        // the response."
        (&head_request, 200, PAGE),
        (PLAIN, 204, b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
        (PLAIN, 304, b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"),
        (PLAIN, 200, &[PAGE, b"hello"].concat()),
    ];
    for (request, status, expected) in cases {
        accepting(1024, 64, |mut accepting| {
            let mut link = Link::new(request);
            link.drive(&mut accepting).unwrap().unwrap();
            let reply = Reply::new(status).with_body(b"hello");
            assert_eq!(link.drive(accepting.reply(&reply).unwrap()), Ok(Some(Answer::Replied)));
            assert_eq!(link.take(), expected, "{status}");
        });
    }
}

#[test]
fn an_opening_handshake_may_be_refused_with_a_page() {
    accepting(1024, 64, |mut accepting| {
        let mut link = Link::new(REQUEST);
        link.drive(&mut accepting).unwrap().unwrap();
        assert!(accepting.asked().unwrap().upgrade.is_some());
        let reply = Reply::new(200).with_body(b"hello");
        assert_eq!(link.drive(accepting.reply(&reply).unwrap()), Ok(Some(Answer::Replied)));
        assert_eq!(link.take(), [PAGE, b"hello"].concat());
        assert_eq!(accepting.into_connection().unwrap_err(), Misuse::NotOpen);
    });
}

#[test]
fn an_answer_whose_machine_is_dropped_goes_on_from_any_byte() {
    let whole = [PAGE, b"hello"].concat();
    for longest in 1..=7 {
        for steps in 1..=3 {
            accepting(1024, 64, |mut accepting| {
                let mut link = Link::new(PLAIN);
                link.longest_write = longest;
                link.drive(&mut accepting).unwrap().unwrap();
                let reply = Reply::new(200).with_body(b"hello");
                let mut answer = link.drive_for(steps, accepting.reply(&reply).unwrap()).unwrap();
                while answer.is_none() {
                    answer = link.drive_for(steps, accepting.answering(b"hello")).unwrap();
                }
                assert_eq!((answer, link.take(), link.flushes), (Some(Answer::Replied), whole.clone(), 1));
            });
            accepting(1024, 64, |mut accepting| {
                let mut link = Link::new(REQUEST);
                link.longest_write = longest;
                link.drive(&mut accepting).unwrap().unwrap();
                let mut answer = link.drive_for(steps, accepting.accept(Some("chat"), &[]).unwrap()).unwrap();
                while answer.is_none() {
                    // What comes behind a 101 is frames: there is no body, whatever is said.
                    answer = link.drive_for(steps, accepting.answering(b"hello")).unwrap();
                }
                assert_eq!((answer, link.take(), link.flushes), (Some(Answer::Accepted), RESPONSE.to_vec(), 1));
            });
        }
    }
}

#[test]
fn the_connection_is_open_only_once_the_answer_is_flushed() {
    for steps in 0..=3 {
        accepting(1024, 64, |mut accepting| {
            let mut link = Link::new(REQUEST);
            link.longest_write = RESPONSE.len() - 1;
            link.drive(&mut accepting).unwrap().unwrap();
            assert_eq!(link.drive_for(steps, accepting.accept(Some("chat"), &[]).unwrap()), Ok(None));
            match accepting.into_connection() {
                Ok(connection) => assert_eq!((steps, connection.state()), (3, WebSocketState::Open)),
                Err(misuse) => assert!(steps < 3 && misuse == Misuse::NotOpen, "{steps}"),
            }
        });
    }
}

#[test]
fn calls_at_the_wrong_time_are_misuse_and_change_nothing() {
    accepting(1024, 64, |mut accepting| {
        let misuse = Error::Misuse(Misuse::NoRequestToAnswer);
        let mut link = Link::new(&REQUEST[..50]);
        for part in [&REQUEST[50..100], &REQUEST[100..]] {
            assert_eq!(link.drive(&mut accepting), Ok(None));
            assert_eq!(accepting.asked().unwrap_err(), misuse);
            assert_eq!(accepting.accept(None, &[]).unwrap_err(), misuse);
            assert_eq!(accepting.reply(&Reply::NOT_FOUND).unwrap_err(), misuse);
            assert_eq!(accepting.answering(b"hello").poll().unwrap_err(), misuse);
            link.incoming.extend(part);
        }
        assert_eq!(link.drive(&mut accepting), Ok(Some(())));
        assert_eq!(link.drive(&mut accepting), Ok(Some(())), "and once more");
        assert_eq!(accepting.answering(b"hello").poll().unwrap_err(), misuse);
        link.drive(accepting.accept(Some("chat"), &[]).unwrap()).unwrap().unwrap();
        assert_eq!(accepting.poll().unwrap_err(), misuse);
        assert_eq!(accepting.asked().unwrap_err(), misuse);
        assert_eq!(link.take(), RESPONSE);
    });
}

#[test]
fn the_end_of_the_stream_is_clean_only_before_the_first_byte() {
    for len in 0..=REQUEST.len() {
        accepting(1024, 64, |mut accepting| {
            let mut link = Link::ended(&REQUEST[..len]);
            let expected =
                if len == REQUEST.len() { Ok(Some(())) } else { Err(Error::TransportEnded { clean: len == 0 }) };
            assert_eq!(link.drive(&mut accepting), expected, "{len}");
            assert_eq!(link.drive(&mut accepting), expected, "the same again");
            assert!(link.take().is_empty());
        });
    }
}

#[test]
fn without_a_receive_buffer_there_is_an_error_and_no_empty_read() {
    accepting(1024, 0, |mut accepting| {
        assert!(matches!(accepting.poll(), Err(Error::BufferTooSmall { needed: 1 })));
    });
    accepting(0, 64, |mut accepting| assert!(matches!(accepting.poll(), Err(Error::HeadTooLarge))));
}

#[test]
fn what_it_says_is_the_same_until_something_is_done() {
    accepting(1024, 64, |mut accepting| {
        assert!(matches!(accepting.poll(), Ok(Step::Read(space)) if space.len() == 64));
        assert!(matches!(accepting.poll(), Ok(Step::Read(space)) if space.len() == 64));
        let mut link = Link::new(REQUEST);
        link.drive(&mut accepting).unwrap().unwrap();
        let mut replying = accepting.accept(Some("chat"), &[]).unwrap();
        for _ in 0..2 {
            assert!(matches!(replying.poll(), Ok(Step::Write(bytes)) if bytes == RESPONSE));
        }
        replying.written(RESPONSE.len());
        for _ in 0..2 {
            assert!(matches!(replying.poll(), Ok(Step::Flush)));
        }
        replying.flushed();
        for _ in 0..2 {
            assert!(matches!(replying.poll(), Ok(Step::Ready(Answer::Accepted))));
        }
    });
}

#[test]
fn one_memory_serves_one_connection_after_the_other() {
    let mut head = vec![UNWRITTEN; 512];
    let mut memory = Memory::new(64, 64);
    let (mut head, mut buffers) = (&mut head[..], memory.buffers());
    for (input, answer) in [
        (REQUEST, Answer::Accepted),
        (PLAIN, Answer::Replied),
        (&REQUEST[..20], Answer::Replied),
        (b"GET /\r\n\r\n", Answer::Replied),
        (REQUEST, Answer::Accepted),
    ] {
        let mut accepting = Accepting::new(head, buffers, &DEFAULT);
        let mut link = Link::new(&[input, HELLO].concat());
        let asked = link.drive(&mut accepting);
        if answer == Answer::Accepted {
            assert_eq!(link.drive(accepting.accept(None, &[]).unwrap()), Ok(Some(Answer::Accepted)));
        } else if asked == Ok(Some(())) {
            link.drive(accepting.reply(&Reply::NOT_FOUND).unwrap()).unwrap().unwrap();
        }
        let (mut connection, bytes) = accepting.into_parts();
        head = bytes;
        assert_eq!(head.len(), 512);
        if answer == Answer::Accepted {
            assert_eq!(link.drive(&mut connection), Ok(Some(Event::Message(MessageKind::Text))));
        } else {
            assert_eq!(connection.state(), WebSocketState::Closed);
            let sent = link.drive(connection.sender().send(Message::Text("no")));
            assert_eq!(sent, Err(Misuse::Closing.into()));
        }
        buffers = connection.into_buffers();
        assert_eq!((buffers.receive.len(), buffers.transmit.len()), (64, 64));
    }
}
