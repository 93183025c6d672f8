//! Our client and our server in threads, over TCP: whole and in halves.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use embedded_io_adapters::std::FromStd;
use ws_embedded_io::{
    Arrived, Buffers, Client, ClientRequest, CloseCode, Config, Decision, Error, MaskingKeyFn, Message, MessageKind,
    OriginAllowList, Reply, ReplySlot, Server, WebSocket, ws_core, ws_core::handshake::ResponseError,
};

const CONFIG: &Config = &Config::DEFAULT;

type Stream = FromStd<TcpStream>;
type Keys = MaskingKeyFn<fn() -> [u8; 4]>;

fn memory(len: usize) -> &'static mut [u8] {
    Box::leak(vec![0xa5; len].into_boxed_slice())
}

fn buffers(receive: usize, transmit: usize) -> Buffers<'static> {
    let control = Box::leak(Box::new([0xa5; 125]));
    Buffers { receive: memory(receive), transmit: memory(transmit), control }
}

fn request() -> ClientRequest<'static> {
    ClientRequest { sub_protocols: &["chat", "echo"], ..ClientRequest::new("device.local", "/chat") }
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn accept(listener: &TcpListener, buffers: Buffers<'static>) -> Option<WebSocket<'static, Stream, Server>> {
    let origins = OriginAllowList(&["http://device.local"]);
    let stream = listener.accept().unwrap().0;
    stream.set_nodelay(true).unwrap();
    let stream = FromStd::new(stream);
    let accepted =
        WebSocket::accept(stream, memory(1024), buffers, CONFIG, |request, upgrade| match (request.path(), upgrade) {
            (_, Some(_)) if !origins.allows(request.origin()) => Decision::Reply(Reply::FORBIDDEN),
            ("/chat", Some(upgrade)) => {
                Decision::Accept { sub_protocol: upgrade.select_sub_protocol(&["echo"]), headers: &[] }
            }
            _ => Decision::Reply(Reply::NOT_FOUND),
        });
    accepted.unwrap()
}

fn connect(
    address: SocketAddr,
    request: &ClientRequest<'_>,
    buffers: Buffers<'static>,
) -> Result<WebSocket<'static, Stream, Client<Keys>>, Error<io::Error>> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let stream = FromStd::new(stream);
    let keys: Keys = MaskingKeyFn(|| [0x37, 0xfa, 0x21, 0x3d]);
    let connected = WebSocket::connect(stream, keys, request, memory(1024), buffers, CONFIG)?;
    assert_eq!(connected.sub_protocol, Some("echo"));
    Ok(connected.websocket)
}

#[test]
fn everything_that_is_sent_comes_back() {
    for (receive, transmit) in [(1, 20), (7, 131), (100, 512), (4096, 4096)] {
        let (listener, address) = listen();
        let server = thread::spawn(move || {
            let mut websocket = accept(&listener, buffers(receive, transmit)).unwrap();
            while let Some(mut incoming) = websocket.recv_chunk().unwrap() {
                let chunk = incoming.chunk;
                incoming.sender.fragment(chunk.kind, chunk.payload, chunk.last).unwrap();
            }
            assert_eq!(websocket.peer_close().unwrap().reason, "done");
        });
        let mut websocket = connect(address, &request(), buffers(70_000, transmit)).unwrap();
        for len in [0, 1, 125, 126, 127, 5000] {
            let text = "é".repeat(len / 2) + &"e".repeat(len % 2);
            websocket.send(Message::Text(&text)).unwrap();
            assert_eq!(websocket.recv().unwrap().unwrap().message, Message::Text(&text));
            websocket.send(Message::Binary(text.as_bytes())).unwrap();
            assert_eq!(websocket.recv().unwrap().unwrap().message, Message::Binary(text.as_bytes()));
        }
        websocket.close(CloseCode::new(4000), "done").unwrap();
        assert_eq!(websocket.peer_close().unwrap().code.get(), 4000);
        server.join().unwrap();
    }
}

#[test]
fn refusal_reaches_the_client() {
    for (request, refusal) in [
        (ClientRequest::new("device.local", "/other"), 404),
        (ClientRequest { origin: Some("http://elsewhere.example"), ..request() }, 403),
    ] {
        let (listener, address) = listen();
        let server = thread::spawn(move || assert!(accept(&listener, buffers(64, 64)).is_none()));
        let refused = connect(address, &request, buffers(64, 64)).err();
        let expected = ws_core::Error::Response(ResponseError::Refused { status: refusal });
        assert!(matches!(refused, Some(Error::WebSocket(error)) if error == expected));
        server.join().unwrap();
    }
}

#[test]
fn server_closes_with_a_code() {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let mut websocket = accept(&listener, buffers(64, 64)).unwrap();
        websocket.send(Message::Text("last words")).unwrap();
        websocket.close(CloseCode::GOING_AWAY, "the server ends").unwrap();
        assert_eq!(websocket.peer_close().unwrap().code, CloseCode::GOING_AWAY);
    });
    let mut websocket = connect(address, &request(), buffers(64, 64)).unwrap();
    assert_eq!(websocket.recv().unwrap().unwrap().message, Message::Text("last words"));
    assert!(websocket.recv().unwrap().is_none());
    assert_eq!(websocket.peer_close().unwrap().reason, "the server ends");
    server.join().unwrap();
}

#[test]
fn client_that_vanishes_ends_the_server() {
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let mut websocket = accept(&listener, buffers(64, 64)).unwrap();
        let ended = websocket.recv().err();
        assert!(matches!(ended, Some(Error::WebSocket(ws_core::Error::TransportEnded { clean: true }))));
    });
    drop(connect(address, &request(), buffers(64, 64)).unwrap());
    server.join().unwrap();
}

/// What one thread has for the other, which sends.
enum Outgoing {
    Message(MessageKind, Vec<u8>),
    Reply,
    End,
}

fn halves(stream: Stream) -> (Stream, Stream) {
    let stream = stream.into_inner();
    (FromStd::new(stream.try_clone().unwrap()), FromStd::new(stream))
}

#[test]
fn halves_work_in_two_threads() {
    const MESSAGES: usize = 200;
    let (listener, address) = listen();
    let server = thread::spawn(move || {
        let slot = ReplySlot::new();
        let (mut receiving, mut transmitting) = accept(&listener, buffers(1024, 128)).unwrap().split(&slot, halves);
        let (queue, queued) = mpsc::sync_channel(4);
        thread::scope(|threads| {
            threads.spawn(move || {
                loop {
                    let outgoing = match receiving.recv().unwrap() {
                        Arrived::Data(message) => Outgoing::Message(message.kind(), message.payload().to_vec()),
                        Arrived::ReplyDue => Outgoing::Reply,
                        Arrived::Closed => Outgoing::End,
                    };
                    let ends = matches!(outgoing, Outgoing::End);
                    queue.send(outgoing).unwrap();
                    if ends {
                        return;
                    }
                }
            });
            for outgoing in queued {
                match outgoing {
                    Outgoing::Message(MessageKind::Text, text) => {
                        transmitting.send(Message::Text(std::str::from_utf8(&text).unwrap())).unwrap();
                    }
                    Outgoing::Message(MessageKind::Binary, bytes) => {
                        transmitting.send(Message::Binary(&bytes)).unwrap();
                    }
                    // At the end, the peer may be gone.
                    Outgoing::End => drop(transmitting.reply()),
                    Outgoing::Reply => transmitting.reply().unwrap(),
                }
            }
        });
    });
    let slot = ReplySlot::new();
    let websocket = connect(address, &request(), buffers(1024, 512)).unwrap();
    let (mut receiving, mut transmitting) = websocket.split(&slot, halves);
    let text = |number: usize| format!("message {number} ").repeat(1 + number % 30);
    thread::scope(|threads| {
        let transmitter = threads.spawn(move || {
            for number in 0..MESSAGES {
                transmitting.send(Message::Text(&text(number))).unwrap();
                transmitting.ping(b"still there?").unwrap();
            }
            transmitting
        });
        for number in 0..MESSAGES {
            let Arrived::Data(message) = receiving.recv().unwrap() else { panic!("it is not at its end") };
            assert_eq!(message, Message::Text(&text(number)));
        }
        let mut transmitting = transmitter.join().unwrap();
        transmitting.close(CloseCode::NORMAL_CLOSURE, "done").unwrap();
        assert_eq!(receiving.recv().unwrap(), Arrived::Closed);
        assert_eq!(receiving.peer_close().unwrap().reason, "done");
    });
    server.join().unwrap();
}
