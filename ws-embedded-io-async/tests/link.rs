//! Our client and our server as tasks of tokio, over TCP: whole and in halves.

use std::io;

use embedded_io_adapters::tokio_1::FromTokio;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use ws_embedded_io_async::{
    Arrived, Buffers, Client, ClientRequest, CloseCode, Config, Decision, Error, MaskingKeyFn, Message, MessageKind,
    OriginAllowList, Reply, ReplySlot, Server, WebSocket, ws_core, ws_core::handshake::ResponseError,
};

const CONFIG: &Config = &Config::DEFAULT;

type Stream = FromTokio<TcpStream>;
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

async fn listen() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn accept(listener: TcpListener, buffers: Buffers<'static>) -> Option<WebSocket<'static, Stream, Server>> {
    let origins = OriginAllowList(&["http://device.local"]);
    let stream = listener.accept().await.unwrap().0;
    stream.set_nodelay(true).unwrap();
    let stream = FromTokio::new(stream);
    let accepted =
        WebSocket::accept(stream, memory(1024), buffers, CONFIG, |request, upgrade| match (request.path(), upgrade) {
            (_, Some(_)) if !origins.allows(request.origin()) => Decision::Reply(Reply::FORBIDDEN),
            ("/chat", Some(upgrade)) => {
                Decision::Accept { sub_protocol: upgrade.select_sub_protocol(&["echo"]), headers: &[] }
            }
            _ => Decision::Reply(Reply::NOT_FOUND),
        });
    accepted.await.unwrap()
}

async fn connect(
    address: std::net::SocketAddr,
    request: &ClientRequest<'_>,
    buffers: Buffers<'static>,
) -> Result<WebSocket<'static, Stream, Client<Keys>>, Error<io::Error>> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let stream = FromTokio::new(stream);
    let keys: Keys = MaskingKeyFn(|| [0x37, 0xfa, 0x21, 0x3d]);
    let connected = WebSocket::connect(stream, keys, request, memory(1024), buffers, CONFIG).await?;
    assert_eq!(connected.sub_protocol, Some("echo"));
    Ok(connected.websocket)
}

#[tokio::test]
async fn everything_that_is_sent_comes_back() {
    for (receive, transmit) in [(1, 20), (7, 131), (100, 512), (4096, 4096)] {
        let (listener, address) = listen().await;
        let server = tokio::spawn(async move {
            let mut websocket = accept(listener, buffers(receive, transmit)).await.unwrap();
            while let Some(mut incoming) = websocket.recv_chunk().await.unwrap() {
                let chunk = incoming.chunk;
                incoming.sender.fragment(chunk.kind, chunk.payload, chunk.last).await.unwrap();
            }
            assert_eq!(websocket.peer_close().unwrap().reason, "done");
        });
        let mut websocket = connect(address, &request(), buffers(70_000, transmit)).await.unwrap();
        for len in [0, 1, 125, 126, 127, 5000] {
            let text = "é".repeat(len / 2) + &"e".repeat(len % 2);
            websocket.send(Message::Text(&text)).await.unwrap();
            assert_eq!(websocket.recv().await.unwrap().unwrap().message, Message::Text(&text));
            websocket.send(Message::Binary(text.as_bytes())).await.unwrap();
            assert_eq!(websocket.recv().await.unwrap().unwrap().message, Message::Binary(text.as_bytes()));
        }
        websocket.close(CloseCode::new(4000), "done").await.unwrap();
        assert_eq!(websocket.peer_close().unwrap().code.get(), 4000);
        server.await.unwrap();
    }
}

#[tokio::test]
async fn refusal_reaches_the_client() {
    for (request, refusal) in [
        (ClientRequest::new("device.local", "/other"), 404),
        (ClientRequest { origin: Some("http://elsewhere.example"), ..request() }, 403),
    ] {
        let (listener, address) = listen().await;
        let server = tokio::spawn(async move { accept(listener, buffers(64, 64)).await.is_none() });
        let refused = connect(address, &request, buffers(64, 64)).await.err();
        let expected = ws_core::Error::Response(ResponseError::Refused { status: refusal });
        assert!(matches!(refused, Some(Error::WebSocket(error)) if error == expected));
        assert!(server.await.unwrap());
    }
}

/// `select!` drops the future that has lost; what had arrived of a message comes with the next call.
#[tokio::test]
async fn receiving_loses_to_a_timer_and_nothing_is_lost() {
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let mut websocket = accept(listener, buffers(1024, 64)).await.unwrap();
        let mut lost = 0;
        loop {
            tokio::select! {
                biased;
                () = tokio::task::yield_now(), if lost % 2 == 0 => lost += 1,
                received = websocket.recv() => match received.unwrap() {
                    Some(mut incoming) => {
                        lost += 1;
                        let message = incoming.message;
                        incoming.reply(message).await.unwrap();
                    }
                    None => return,
                },
            }
        }
    });
    let mut websocket = connect(address, &request(), buffers(1024, 20)).await.unwrap();
    for number in 0..50 {
        let text = format!("message {number} ").repeat(40);
        websocket.send(Message::Text(&text)).await.unwrap();
        assert_eq!(websocket.recv().await.unwrap().unwrap().message, Message::Text(&text));
    }
    websocket.close(CloseCode::NORMAL_CLOSURE, "").await.unwrap();
    server.await.unwrap();
}

/// What one task has for the other, which sends.
enum Outgoing {
    Message(MessageKind, Vec<u8>),
    Reply,
    End,
}

#[tokio::test]
async fn halves_work_in_two_tasks() {
    const MESSAGES: usize = 200;
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let slot: &ReplySlot = Box::leak(Box::new(ReplySlot::new()));
        let websocket = accept(listener, buffers(1024, 128)).await.unwrap();
        let (mut receiving, mut transmitting) = websocket.split(slot, |stream| {
            let (reader, writer) = stream.into_inner().into_split();
            (FromTokio::new(reader), FromTokio::new(writer))
        });
        let (queue, mut queued) = mpsc::channel(4);
        let receiver = tokio::spawn(async move {
            loop {
                let outgoing = match receiving.recv().await.unwrap() {
                    Arrived::Data(message) => Outgoing::Message(message.kind(), message.payload().to_vec()),
                    Arrived::ReplyDue => Outgoing::Reply,
                    Arrived::Closed => Outgoing::End,
                };
                let ends = matches!(outgoing, Outgoing::End);
                queue.send(outgoing).await.unwrap();
                if ends {
                    return;
                }
            }
        });
        let transmitter = tokio::spawn(async move {
            loop {
                match queued.recv().await.unwrap() {
                    Outgoing::Message(MessageKind::Text, text) => {
                        let text = std::str::from_utf8(&text).unwrap();
                        transmitting.send(Message::Text(text)).await.unwrap();
                    }
                    Outgoing::Message(MessageKind::Binary, bytes) => {
                        transmitting.send(Message::Binary(&bytes)).await.unwrap();
                    }
                    Outgoing::Reply | Outgoing::End if transmitting.reply().await.is_err() => return,
                    Outgoing::Reply => {}
                    Outgoing::End => return,
                }
            }
        });
        receiver.await.unwrap();
        transmitter.await.unwrap();
    });
    let slot = ReplySlot::new();
    let websocket = connect(address, &request(), buffers(1024, 512)).await.unwrap();
    let (mut receiving, mut transmitting) = websocket.split(&slot, |stream| {
        let (reader, writer) = stream.into_inner().into_split();
        (FromTokio::new(reader), FromTokio::new(writer))
    });
    let text = |number: usize| format!("message {number} ").repeat(1 + number % 30);
    let send = async {
        for number in 0..MESSAGES {
            transmitting.send(Message::Text(&text(number))).await.unwrap();
            transmitting.ping(b"still there?").await.unwrap();
        }
        transmitting
    };
    let receive = async {
        for number in 0..MESSAGES {
            let Arrived::Data(message) = receiving.recv().await.unwrap() else { panic!("it is not at its end") };
            assert_eq!(message, Message::Text(&text(number)));
        }
        receiving
    };
    let (mut transmitting, mut receiving) = tokio::join!(send, receive);
    transmitting.close(CloseCode::NORMAL_CLOSURE, "done").await.unwrap();
    assert_eq!(receiving.recv().await.unwrap(), Arrived::Closed);
    assert_eq!(receiving.peer_close().unwrap().reason, "done");
    server.await.unwrap();
}
