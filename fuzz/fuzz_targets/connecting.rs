//! A client's opening handshake over a link that cuts anywhere, with memory of any length: the request can be read; the response
//! is judged as the whole bytes are; the frames behind it are not lost.
#![no_main]

use arbitrary::Arbitrary;
use fuzz::{
    UNWRITTEN,
    face::{Keys, Memory},
    frames::{LONGEST, Traffic},
    heads::ResponseHead,
    link::{Driven, Link, Portions},
    session::Session,
};
use libfuzzer_sys::fuzz_target;
use ws_core::{
    Config, Connecting, Delivery, Error, WebSocketClient,
    handshake::{ClientRequest, Offer, Request, Response},
};

const CONFIG: Config = Config { delivery: Delivery::Chunks, ..Config::DEFAULT };

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    head_len: u16,
    receive_len: u8,
    portions: Portions,
    offers: bool,
    head: ResponseHead<'a>,
    behind: Traffic,
}

fuzz_target!(|input: Input| {
    let receive_len = usize::from(input.receive_len) + 1;
    let mut memory = Memory::new(receive_len, 64);
    let mut head = vec![UNWRITTEN; usize::from(input.head_len % 2000)];
    let head_capacity = head.len();
    let sub_protocols: &[&str] = if input.offers { &["chat"] } else { &[] };
    let request = ClientRequest { sub_protocols, ..ClientRequest::new("localhost", "/chat") };
    let mut connecting = match Connecting::new(&request, Keys::default(), &mut head, memory.buffers(), &CONFIG) {
        Ok(connecting) => connecting,
        Err(Error::BufferTooSmall { needed }) => return assert!(needed > head_capacity),
        Err(error) => panic!("{error:?}"),
    };

    let mut link = Link { portions: input.portions, ..Link::default() };
    assert_eq!(link.drive(&mut connecting), Driven::Waits);
    let output = std::mem::take(&mut link.output);
    assert_eq!(std::mem::take(&mut link.flushed), output.len());
    let (asked, len) = Request::parse(&output).unwrap().unwrap();
    assert_eq!((len, asked.path()), (output.len(), "/chat"));
    let key = *asked.upgrade().unwrap().unwrap().key();

    let bytes = [input.head.bytes(key.accept().as_str()), input.behind.bytes(false, &mut false, LONGEST)].concat();
    (link.input, link.ended) = (bytes.clone(), true);
    // What fits into the memory for it, read whole.
    let within = &bytes[..bytes.len().min(head_capacity)];
    let offer = Offer { sub_protocols, extensions: &[] };
    let response = Response::parse(within);
    let agreement = response.map(|response| {
        response.map(|(response, head_len)| response.verify(key.as_str(), &offer).map(|agreed| (agreed, head_len)))
    });
    let head_len = match (link.drive(&mut connecting), agreement) {
        (Driven::Ready(()), Ok(Some(Ok((agreement, head_len))))) => {
            assert_eq!(connecting.sub_protocol(), agreement.sub_protocol);
            head_len
        }
        (Driven::Failed(Error::Response(error)), Ok(Some(Err(expected)))) => {
            assert_eq!(error, expected);
            let (_, behind) = connecting.response().expect("a response that refuses");
            return assert!(within.windows(behind.len().max(1)).any(|window| window == behind) || behind.is_empty());
        }
        (Driven::Failed(Error::Response(error)), Err(expected)) => return assert_eq!(error, expected),
        (Driven::Failed(Error::HeadTooLarge), Ok(None)) => return assert_eq!(within.len(), head_capacity),
        (Driven::Failed(Error::TransportEnded { clean }), Ok(None)) => {
            assert_eq!(link.read, bytes.len());
            return assert_eq!(clean, bytes.is_empty());
        }
        other => panic!("{other:?}"),
    };

    let behind = Link { input: bytes[head_len..].to_vec(), read: link.read - head_len, ..link };
    let connection = connecting.into_connection().unwrap();
    let session = Session::new(connection, CONFIG, receive_len).over(behind);
    session.run(&[], true).judge(&WebSocketClient::after_opening_handshake(Keys::default()));
});
