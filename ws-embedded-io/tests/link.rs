//! Our client and our server in two threads, over a pipe that is cut in many ways and buffers of many sizes.

mod support;

use std::thread;

use support::{
    ACCEPT, buffers, masks,
    pipe::{Pipe, pipe},
};
use ws_embedded_io::{
    Chunk, ClientRequest, CloseCode, Decision, Error, Event, Message, MessageKind, OriginAllowList, Reply, WebSocket,
    ws_core, ws_core::handshake::ResponseError,
};

/// Serves one connection: a page at `/`, an echo at `/chat` for pages of our own.
fn serve(transport: Pipe, receive: usize, transmit: usize, chunk: usize) {
    let origins = OriginAllowList(&["http://device.local"]);
    let websocket =
        WebSocket::accept(transport, buffers(receive, transmit), |request, upgrade| match (request.path(), upgrade) {
            (_, Some(_)) if !origins.allows(request.origin()) => Decision::Reply(Reply::FORBIDDEN),
            ("/chat", Some(upgrade)) => {
                Decision::Accept { sub_protocol: upgrade.select_sub_protocol(&["echo"]), headers: &[] }
            }
            _ => Decision::Reply(Reply::NOT_FOUND),
        });
    let Some(mut websocket) = websocket.unwrap() else { return };
    let mut buffer = vec![0xa5; chunk];
    while let Event::Data(chunk) = websocket.recv_chunk(&mut buffer).unwrap() {
        websocket.send_chunk(chunk).unwrap();
    }
}

fn request() -> ClientRequest<'static> {
    ClientRequest { sub_protocols: &["chat", "echo"], ..ClientRequest::new("device.local", "/chat") }
}

#[test]
fn everything_that_is_sent_comes_back() {
    for (read_size, receive, transmit, chunk) in
        [(1, 230, 300, 1), (2, 231, 200, 7), (17, 1024, 200, 100), (usize::MAX, 4096, 4096, 4096)]
    {
        let (ours, theirs) = pipe(read_size);
        let server = thread::spawn(move || serve(theirs, receive, transmit, chunk));
        let connected = WebSocket::connect(ours, masks(), &request(), buffers(receive, transmit.max(240))).unwrap();
        assert_eq!(connected.sub_protocol, Some("echo"));
        let mut websocket = connected.websocket;
        let mut buffer = vec![0xa5; 70_000];
        for len in [0, 1, 125, 126, 127, 5000, 65_535, 65_536] {
            let text = "é".repeat(len / 2) + &"e".repeat(len % 2);
            websocket.send(Message::Text(&text)).unwrap();
            assert_eq!(websocket.recv(&mut buffer), Ok(Event::Data(Message::Text(&text))));
            websocket.send(Message::Binary(text.as_bytes())).unwrap();
            assert_eq!(websocket.recv(&mut buffer), Ok(Event::Data(Message::Binary(text.as_bytes()))));
        }
        // A message in fragments, cut inside characters, with Pings between them.
        let text = "€".repeat(50);
        let pieces = text.as_bytes().chunks(7);
        let last = pieces.len() - 1;
        for (number, payload) in pieces.enumerate() {
            let (first, last) = (number == 0, number == last);
            websocket.send_chunk(Chunk { kind: MessageKind::Text, first, last, payload }).unwrap();
            websocket.ping(&[u8::try_from(number).unwrap()]).unwrap();
        }
        // The Pongs that came inside the message are told of once, with the last one's payload.
        assert_eq!(websocket.recv(&mut buffer), Ok(Event::Data(Message::Text(&text))));
        let mut pong = None;
        while pong != Some(last) {
            assert_eq!(websocket.recv(&mut buffer), Ok(Event::Pong));
            pong = Some(usize::from(websocket.pong_payload()[0]));
        }

        assert_eq!(websocket.close(CloseCode::new(4000), "done"), Ok(()));
        let close = websocket.peer_close().unwrap();
        assert_eq!((close.code.get(), close.reason), (4000, "done"));
        server.join().unwrap();
    }
}

#[test]
fn refusal_reaches_the_client() {
    for (request, refusal) in [
        (ClientRequest::new("device.local", "/other"), 404),
        (ClientRequest { origin: Some("http://elsewhere.example"), ..request() }, 403),
    ] {
        let (ours, theirs) = pipe(usize::MAX);
        let server = thread::spawn(move || serve(theirs, 1024, 512, 100));
        let mut seen = 0;
        let result = WebSocket::connect_with(ours, masks(), &request, buffers(1024, 512), |response, _| {
            seen = response.status();
        });
        let refused = ws_core::Error::Response(ResponseError::Refused { status: refusal });
        assert_eq!(result.map(|_| ()), Err(Error::WebSocket(refused)));
        assert_eq!(seen, refusal);
        server.join().unwrap();
    }
}

#[test]
fn server_closes_with_a_code() {
    let (ours, theirs) = pipe(1);
    let server = thread::spawn(move || {
        let mut websocket = WebSocket::accept(theirs, buffers(1024, 512), |_, _| ACCEPT).unwrap().unwrap();
        websocket.send(Message::Text("last words")).unwrap();
        websocket.close(CloseCode::GOING_AWAY, "the server ends").unwrap();
        assert_eq!(websocket.peer_close().unwrap().code, CloseCode::GOING_AWAY);
    });
    let mut websocket = WebSocket::connect(ours, masks(), &request(), buffers(1024, 512)).unwrap().websocket;
    let mut buffer = [0xa5; 16];
    assert_eq!(websocket.recv(&mut buffer), Ok(Event::Data(Message::Text("last words"))));
    assert_eq!(websocket.recv(&mut buffer), Ok(Event::Closed));
    assert_eq!(websocket.peer_close().unwrap().reason, "the server ends");
    server.join().unwrap();
}

#[test]
fn client_that_vanishes_ends_the_server() {
    let (ours, theirs) = pipe(usize::MAX);
    let server = thread::spawn(move || {
        let mut websocket = WebSocket::accept(theirs, buffers(1024, 512), |_, _| ACCEPT).unwrap().unwrap();
        assert_eq!(websocket.recv(&mut [0; 16]), Err(Error::TransportEnded));
    });
    let connected = WebSocket::connect(ours, masks(), &request(), buffers(1024, 512)).unwrap();
    drop(connected);
    server.join().unwrap();
}
