//! The client: holds the dialogue, and requires each word of it.

use anyhow::{Context as _, bail, ensure};
use embassy_futures::select::{Either, select};
use embassy_net::{Stack, tcp, tcp::TcpSocket};
use embassy_time::{Duration, Instant, Timer};
use embedded_io_async::{Read, Write};
use rand::rngs::ThreadRng;
use ws_embedded_io_async::{
    Buffers, Chunk, Client, ClientRequest, CloseCode, Config, Event, Message, Timed, WebSocket,
    time::{Deadline, Keepalive, until},
};

use crate::{DEVICE, PORT};

/// After so many milliseconds of silence the device is sent a Ping: shorter than the time between two of its readings.
const IDLE: u32 = 30;
/// How many milliseconds the device has to answer.
const PONG_LIMIT: u32 = 10_000;

type Open<'b, 't, 's> = WebSocket<'b, &'t mut TcpSocket<'s>, Client<ThreadRng>>;

/// The dialogue.
pub(crate) async fn talk(stack: Stack<'static>) -> anyhow::Result<()> {
    let (mut receive, mut transmit) = ([0; 1024], [0; 1024]);
    let mut socket = TcpSocket::new(stack, &mut receive, &mut transmit);
    socket.set_nagle_enabled(false);
    while socket.connect((DEVICE, PORT)).await.is_err() {
        // The device does not listen yet.
        Timer::after_millis(5).await;
    }

    let request = ClientRequest::new("192.168.7.1", "/commands");
    let (mut head, mut receive, mut transmit, mut control) = ([0; 512], [0; 64], [0; 64], [0; 125]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
    let connecting = WebSocket::connect(&mut socket, rand::rng(), &request, &mut head, buffers, &Config::DEFAULT);
    let mut websocket = connecting.await.context("cannot open the WebSocket")?.websocket;
    println!("client: connected");

    say(&mut websocket, "led on").await?;
    hear(&mut websocket, "led is on").await?;
    ping(&mut websocket).await?;
    say(&mut websocket, "report").await?;
    for left in (1..=3).rev() {
        hear(&mut websocket, &format!(r#"{{"left":{left},"temperature":21.5}}"#)).await?;
    }
    say(&mut websocket, "log").await?;
    hear_log(&mut websocket).await?;

    let deadline = Deadline::after(milliseconds(), Deadline::CLOSING_HANDSHAKE);
    websocket.close_until(CloseCode::NORMAL_CLOSURE, "", &mut Clock, deadline).await.context("cannot close")?;
    println!("client: closed");
    // The device ends the TCP connection: RFC 6455, section 7.1.1.
    socket.close();
    let rest = socket.read(&mut [0]).await;
    ensure!(rest == Ok(0), "the connection ended with {rest:?}");
    Ok(())
}

async fn say(websocket: &mut Open<'_, '_, '_>, text: &str) -> anyhow::Result<()> {
    println!("client: says {text}");
    websocket.send(Message::Text(text)).await.context("cannot send")
}

async fn hear(websocket: &mut Open<'_, '_, '_>, expected: &str) -> anyhow::Result<()> {
    let mut keepalive = Keepalive::new(IDLE, PONG_LIMIT, milliseconds());
    let incoming = websocket.recv_alive(&mut keepalive, &mut Clock).await.context("cannot receive")?;
    let message = incoming.context("closed by the device")?.message;
    ensure!(message == Message::Text(expected), "the device said {message:?}, not {expected}");
    println!("client: heard {expected}");
    Ok(())
}

async fn ping(websocket: &mut Open<'_, '_, '_>) -> anyhow::Result<()> {
    websocket.ping(b"are you there?").await.context("cannot send")?;
    loop {
        match websocket.next_event().await.context("cannot receive")? {
            Event::Pong if websocket.connection_mut().control_payload() == b"are you there?" => break,
            // Of a Ping that the keepalive has sent.
            Event::Pong => {}
            event => bail!("{event:?} in place of a Pong"),
        }
    }
    println!("client: heard a pong");
    Ok(())
}

/// Receives a message that is far longer than the receive buffer, as it comes.
async fn hear_log(websocket: &mut Open<'_, '_, '_>) -> anyhow::Result<()> {
    let mut keepalive = Keepalive::new(IDLE, PONG_LIMIT, milliseconds());
    let (mut len, mut lines) = (0, 0);
    loop {
        let incoming = websocket.recv_chunk_alive(&mut keepalive, &mut Clock).await.context("cannot receive")?;
        let Chunk { payload, last, .. } = incoming.context("closed by the device")?.chunk;
        len += payload.len();
        lines += payload.iter().filter(|byte| **byte == b'\n').count();
        if last {
            println!("client: heard a log of {lines} lines, {len} bytes");
            return Ok(());
        }
    }
}

/// Embassy's clock, and reading and writing that end at a deadline. What ends so has read or written nothing.
struct Clock;

impl<T: Read<Error = tcp::Error> + Write> Timed<T> for Clock {
    fn now(&mut self) -> u32 {
        milliseconds()
    }

    async fn read(&mut self, transport: &mut T, space: &mut [u8], deadline: u32) -> Result<Option<usize>, T::Error> {
        match select(transport.read(space), timer(deadline)).await {
            Either::First(result) => result.map(Some),
            Either::Second(()) => Ok(None),
        }
    }

    async fn write(&mut self, transport: &mut T, bytes: &[u8], deadline: u32) -> Result<Option<usize>, T::Error> {
        match select(transport.write(bytes), timer(deadline)).await {
            Either::First(result) => result.map(Some),
            Either::Second(()) => Ok(None),
        }
    }
}

/// The low 32 bits of the clock: it wraps after 49 days.
fn milliseconds() -> u32 {
    Instant::now().as_millis() as u32
}

fn timer(deadline: u32) -> Timer {
    Timer::after(Duration::from_millis(until(deadline, milliseconds()).into()))
}
