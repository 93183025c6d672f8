//! The connection of `ws-core`, over `ws-embedded-io-async`: as over the blocking adapter, but each job is a future.

use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use ws_embedded_io_async::{
    Buffers, Client, ClientRequest, CloseCode, Config, Decision, Delivery, MaskingKeyFn, Message, Server, WebSocket,
    ws_core::{Connection, ControlBuffer},
};

use crate::{
    Aligned, Result,
    script::{KEY, TEXT},
    transport::Transport,
};

type Keys = MaskingKeyFn<fn() -> [u8; 4]>;
const KEYS: Keys = MaskingKeyFn(|| KEY);

static CONFIG: Config = Config::DEFAULT;
static CHUNKS: Config = Config { delivery: Delivery::Chunks, ..Config::DEFAULT };

static mut RECEIVE: Aligned<1024> = Aligned([0; _]);
static mut TRANSMIT: Aligned<256> = Aligned([0; _]);
static mut CONTROL: ControlBuffer = [0; 125];
static mut HEAD: Aligned<768> = Aligned([0; _]);

fn buffers() -> Buffers<'static> {
    // SAFETY: there is one thread, and each job takes them once.
    unsafe {
        Buffers {
            receive: &mut (*(&raw mut RECEIVE)).0,
            transmit: &mut (*(&raw mut TRANSMIT)).0,
            control: &mut *(&raw mut CONTROL),
        }
    }
}

fn head() -> &'static mut [u8] {
    // SAFETY: as for the buffers.
    unsafe { &mut (*(&raw mut HEAD)).0 }
}

fn text() -> Message<'static> {
    Message::Text(core::str::from_utf8(&TEXT).unwrap_or_default())
}

pub fn client(transport: &mut Transport) -> Result {
    wait(async_client(transport))
}

async fn async_client(transport: &mut Transport) -> Result {
    let request = ClientRequest::new("server.example.com", "/chat");
    let connected =
        WebSocket::connect(transport, KEYS, &request, head(), buffers(), &CONFIG).await.map_err(|_| 1_u32)?;
    let mut websocket = connected.websocket;
    websocket.transport_mut().lap();
    say_and_hear(websocket).await
}

pub fn client_frames(transport: &mut Transport) -> Result {
    wait(async_client_frames(transport))
}

async fn async_client_frames(transport: &mut Transport) -> Result {
    let websocket = WebSocket::new(transport, Connection::client(KEYS, buffers(), &CONFIG));
    say_and_hear(websocket).await
}

pub fn server(transport: &mut Transport) -> Result {
    wait(async_server(transport))
}

async fn async_server(transport: &mut Transport) -> Result {
    let accept = Decision::Accept { sub_protocol: None, headers: &[] };
    let accepted = WebSocket::accept(transport, head(), buffers(), &CONFIG, |_, _| accept).await.map_err(|_| 5_u32)?;
    let mut websocket = accepted.ok_or(6_u32)?;
    websocket.transport_mut().lap();
    hear_and_echo(websocket).await
}

pub fn server_frames(transport: &mut Transport) -> Result {
    wait(async_server_frames(transport))
}

async fn async_server_frames(transport: &mut Transport) -> Result {
    let websocket = WebSocket::new(transport, Connection::server(buffers(), &CONFIG));
    hear_and_echo(websocket).await
}

pub fn bulk(transport: &mut Transport) -> Result {
    wait(async_bulk(transport))
}

async fn async_bulk(transport: &mut Transport) -> Result {
    let mut websocket = WebSocket::new(transport, Connection::server(buffers(), &CHUNKS));
    let mut received = 0;
    loop {
        let incoming = websocket.recv_chunk().await.map_err(|_| 7_u32)?.ok_or(8_u32)?;
        received += incoming.chunk.payload.len();
        if incoming.chunk.last {
            break;
        }
    }
    websocket.transport_mut().lap();
    if received == 16 * 1024 { Ok(()) } else { Err(9) }
}

async fn say_and_hear(mut websocket: WebSocket<'_, &mut Transport, Client<Keys>>) -> Result {
    websocket.send(text()).await.map_err(|_| 2_u32)?;
    websocket.transport_mut().lap();
    websocket.recv().await.map_err(|_| 3_u32)?.ok_or(3_u32)?;
    websocket.transport_mut().lap();
    websocket.close(CloseCode::NORMAL_CLOSURE, "").await.map_err(|_| 4_u32)?;
    websocket.transport_mut().lap();
    Ok(())
}

async fn hear_and_echo(mut websocket: WebSocket<'_, &mut Transport, Server>) -> Result {
    while let Some(mut incoming) = websocket.recv().await.map_err(|_| 10_u32)? {
        let message = incoming.message;
        incoming.reply(message).await.map_err(|_| 11_u32)?;
        websocket.transport_mut().lap();
    }
    websocket.transport_mut().lap();
    Ok(())
}

/// The transport is never pending, and so the first look at the future is the last; an executor that sleeps is not of interest here.
fn wait(future: impl Future<Output = Result>) -> Result {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return result;
        }
    }
}
