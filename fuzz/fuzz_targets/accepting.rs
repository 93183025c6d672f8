//! A server's opening handshake over a link that cuts anywhere, with memory of any length: the request is the one that the whole
//! bytes have; it is accepted, answered or refused in a head that can be read; the frames behind it are not lost.
#![no_main]

use arbitrary::Arbitrary;
use fuzz::{
    UNWRITTEN,
    face::Memory,
    frames::{LONGEST, Traffic},
    heads::RequestHead,
    link::{Driven, Link, Portions},
    session::Session,
};
use libfuzzer_sys::fuzz_target;
use ws_core::{
    Accepting, Answer, Config, Delivery, Error, WebSocketServer,
    handshake::{Reply, Request, Response},
};

const CONFIG: Config = Config { delivery: Delivery::Chunks, ..Config::DEFAULT };

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    head_len: u16,
    receive_len: u8,
    portions: Portions,
    /// Whether an opening handshake is refused all the same.
    refuses: bool,
    head: RequestHead<'a>,
    behind: Traffic,
}

fuzz_target!(|input: Input| {
    let receive_len = usize::from(input.receive_len) + 1;
    let mut memory = Memory::new(receive_len, 64);
    let mut head = vec![UNWRITTEN; usize::from(input.head_len % 2000)];
    let head_capacity = head.len();
    let bytes = [input.head.bytes(), input.behind.bytes(true, &mut false, LONGEST)].concat();
    let mut link = Link { input: bytes.clone(), ended: true, portions: input.portions, ..Link::default() };
    let mut accepting = Accepting::new(&mut head, memory.buffers(), &CONFIG);

    // What fits into the memory for it, read whole.
    let within = &bytes[..bytes.len().min(head_capacity)];
    let request = Request::parse(within);
    match link.drive(&mut accepting) {
        Driven::Ready(()) => {}
        Driven::Failed(Error::Request(error)) => {
            let expected = request.and_then(|request| request.expect("a request").0.upgrade());
            assert_eq!(expected.err(), Some(error));
            return check_refusal(&link.output, &error.reply(), head_capacity);
        }
        Driven::Failed(Error::HeadTooLarge) => {
            assert!(matches!(request, Ok(None)) && within.len() == head_capacity, "{request:?}");
            return check_refusal(&link.output, &Reply::HEAD_TOO_LARGE, head_capacity);
        }
        Driven::Failed(Error::TransportEnded { clean }) => {
            assert!(matches!(request, Ok(None)) && link.read == bytes.len(), "{request:?}");
            return assert_eq!(clean, bytes.is_empty());
        }
        other => panic!("{other:?}"),
    }
    let (request, head_len) = request.unwrap().unwrap();
    let asked = accepting.asked().unwrap();
    assert_eq!(format!("{:?}", asked.request), format!("{request:?}"));
    let Some(upgrade) = asked.upgrade.filter(|_| !input.refuses) else {
        let body = b"a page";
        let reply = Reply::new(200).with_body(body);
        let is_head = request.method() == "HEAD";
        match accepting.reply(&reply).map(|mut replying| link.drive(&mut replying)) {
            Err(error) => check_needed(error, head_capacity),
            Ok(driven) => {
                assert_eq!(driven, Driven::Ready(Answer::Replied));
                let (response, len) = Response::parse(&link.output).unwrap().unwrap();
                assert_eq!((response.status(), &link.output[len..]), (200, if is_head { b"" } else { &body[..] }));
            }
        }
        return assert!(accepting.into_connection().is_err());
    };
    let (key, chosen) = (*upgrade.key(), upgrade.select_sub_protocol(&["superchat", "chat"]));
    let driven = match accepting.accept(chosen, &[("Server", "fuzz")]) {
        Err(error) => return check_needed(error, head_capacity),
        Ok(mut answer) => link.drive(&mut answer),
    };
    assert_eq!(driven, Driven::Ready(Answer::Accepted));
    let (response, len) = Response::parse(&link.output).unwrap().unwrap();
    assert_eq!(len, link.output.len());
    let agreement = response.verify_upgrade(key.as_str(), &[]).unwrap();
    assert_eq!(agreement.sub_protocol, chosen);

    let behind = Link { input: bytes[head_len..].to_vec(), read: link.read - head_len, output: Vec::new(), ..link };
    let connection = accepting.into_connection().unwrap();
    let session = Session::new(connection, CONFIG, receive_len).over(Link { flushed: 0, ..behind });
    session.run(&[], false).judge(&WebSocketServer::after_opening_handshake());
});

/// A refusal that fits was sent.
fn check_refusal(output: &[u8], reply: &Reply<'_>, head_capacity: usize) {
    let mut expected = [UNWRITTEN; 500];
    let len = reply.encode(&mut expected).unwrap();
    assert_eq!(output, if len <= head_capacity { &expected[..len] } else { b"" });
}

/// What failed is that there is too little memory for the answer.
fn check_needed(error: Error, head_capacity: usize) {
    let is_more = matches!(error, Error::BufferTooSmall { needed } if needed > head_capacity);
    assert!(is_more, "{error:?} with {head_capacity}");
}
