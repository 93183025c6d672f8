//! An async client on tokio: sends lines and prints what comes, whichever is there first; or sends back what comes.
//!
//! To look at: `talk` receives and waits for input at once, and drops the one future when the other is ready. As receiving
//! is cancel-safe, nothing is lost, in the middle of a message neither.

use std::{
    io::{self, BufRead as _},
    mem,
    process::{self, ExitCode},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Parser, value_parser};
use embedded_io_adapters::tokio_1::FromTokio;
use examples::{Address, buffer_len, close_in_words, printable, say};
use tokio::{
    net::TcpStream,
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{sleep, timeout},
};
use ws_embedded_io_async::{Buffers, Chunk, Client, ClientRequest, CloseCode, Config, MaskSource, Message, WebSocket};

type Open<'b, M> = WebSocket<'b, FromTokio<TcpStream>, Client<M>>;

/// Connects to a WebSocket server, sends lines as text messages and prints what comes.
#[derive(Parser)]
struct Arguments {
    /// Where the server is.
    #[arg(value_name = "ws://HOST[:PORT]/PATH")]
    url: Address,
    /// What to send; without any, the lines of standard input.
    #[arg(value_name = "LINE")]
    lines: Vec<String>,
    /// Close only after so many messages have come, and fail if they do not; without it, wait for one for each line.
    #[arg(long, value_name = "NUMBER")]
    expect: Option<usize>,
    /// Send back every message, while it arrives, until the server closes.
    #[arg(long, conflicts_with_all = ["lines", "expect"])]
    echo: bool,
    /// The receive buffer; a message that is not sent back must fit into it.
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES", value_parser = buffer_len)]
    rx: usize,
    /// The transmit buffer: the most bytes that leave in one write.
    #[arg(long, default_value_t = 4096, value_name = "BYTES", value_parser = buffer_len)]
    tx: usize,
    /// Wait no longer than this many seconds: for the connection and the opening handshake, to take a line or what is sent back, for
    /// the messages that are expected behind the last line, and for the closing handshake.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = value_parser!(u32).range(1..))]
    timeout: u32,
}

/// What there is to do.
enum Input {
    Line(String),
    /// There are no more lines.
    End,
    Interrupt,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let (sender, mut input) = unbounded_channel();
    await_interrupt(sender.clone())?;
    if !arguments.echo {
        read_lines(arguments.lines, sender);
    }
    let limit = Duration::from_secs(arguments.timeout.into());
    let (mut receive, mut transmit, mut control) = (vec![0; arguments.rx], vec![0; arguments.tx], [0; 125]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
    let mut websocket = timeout(limit, connect(&arguments.url, buffers)).await.context("no connection in time")??;
    say!("connected to {}", arguments.url);

    if arguments.echo {
        send_back(&mut websocket, &mut input, limit).await?;
    } else if talk(&mut websocket, &mut input, arguments.expect, limit).await? {
        close(&mut websocket, CloseCode::NORMAL_CLOSURE, limit).await?;
        say!("closed by us with 1000, peer answered {}", close_in_words(websocket.peer_close()));
        return Ok(());
    }
    say!("closed by peer with {}", close_in_words(websocket.peer_close()));
    Ok(())
}

async fn connect<'b>(address: &Address, buffers: Buffers<'b>) -> anyhow::Result<Open<'b, rand::rngs::ThreadRng>> {
    let Address { host, port, target, .. } = address;
    let stream = TcpStream::connect((host.as_str(), *port))
        .await
        .with_context(|| format!("cannot connect to {host} port {port}"))?;
    stream.set_nodelay(true)?;
    let request = ClientRequest { port: Some(*port), ..ClientRequest::new(host, target) };
    let mut head = [0; 4096];
    let transport = FromTokio::new(stream);
    let connecting = WebSocket::connect(transport, rand::rng(), &request, &mut head, buffers, &Config::DEFAULT);
    Ok(connecting.await.context("cannot open the WebSocket")?.websocket)
}

/// Sends and receives until there is nothing more to send and enough has come, when it is true, or until the server closes.
async fn talk<M: MaskSource>(
    websocket: &mut Open<'_, M>,
    input: &mut UnboundedReceiver<Input>,
    expected: Option<usize>,
    limit: Duration,
) -> anyhow::Result<bool> {
    let (mut has_ended, mut sent, mut received) = (false, 0, 0);
    while !has_ended || received < expected.unwrap_or(sent) {
        let next = select! {
            // Dropped when input is there first, perhaps in the middle of a message: the next `recv` goes on with it.
            incoming = websocket.recv() => match incoming? {
                Some(incoming) => {
                    print(incoming.message);
                    received += 1;
                    continue;
                }
                None => return Ok(false),
            },
            next = input.recv() => next,
            () = sleep(limit), if has_ended => match expected {
                Some(expected) => bail!("{expected} messages were expected, {received} came in time"),
                None => break,
            },
        };
        match next {
            // To send is dropped only for good: it would leave a message begun, which had to be completed with `resume`.
            Some(Input::Line(line)) => {
                let sending = websocket.send(Message::Text(&line));
                timeout(limit, sending).await.context("the server took no bytes in time")??;
                sent += 1;
            }
            Some(Input::Interrupt) => {
                close(websocket, CloseCode::GOING_AWAY, limit).await?;
                bail!("interrupted");
            }
            Some(Input::End) | None => has_ended = true,
        }
    }
    Ok(true)
}

/// Sends back what comes, in fragments that fit into the receive buffer, until the server closes.
async fn send_back<M: MaskSource>(
    websocket: &mut Open<'_, M>,
    interrupt: &mut UnboundedReceiver<Input>,
    limit: Duration,
) -> anyhow::Result<()> {
    loop {
        let received = select! {
            received = websocket.recv_chunk() => received?,
            _ = interrupt.recv() => break,
        };
        let Some(mut incoming) = received else { return Ok(()) };
        let Chunk { kind, last, payload, .. } = incoming.chunk;
        let sending = incoming.sender.fragment(kind, payload, last);
        timeout(limit, sending).await.context("the server took no bytes in time")??;
    }
    close(websocket, CloseCode::GOING_AWAY, limit).await?;
    bail!("interrupted")
}

async fn close<M: MaskSource>(websocket: &mut Open<'_, M>, code: CloseCode, limit: Duration) -> anyhow::Result<()> {
    let closing = websocket.close(code, "");
    timeout(limit, closing).await.context("the server did not close in time")??;
    Ok(())
}

fn print(message: Message<'_>) {
    match message {
        Message::Text(text) => say!("{}", printable(text)),
        Message::Binary(bytes) => say!("{} bytes", bytes.len()),
    }
}

/// Sends Ctrl-C.
fn await_interrupt(sender: UnboundedSender<Input>) -> Result<(), ctrlc::Error> {
    let mut was_asked = false;
    ctrlc::set_handler(move || {
        if mem::replace(&mut was_asked, true) || sender.send(Input::Interrupt).is_err() {
            // Asked twice: whatever the server does, the program ends. 128 + SIGINT, as shells count.
            process::exit(130);
        }
    })
}

/// Sends the lines, or without any those of standard input, from a thread that waits for them.
///
/// tokio's own standard input would keep the program from ending while a line is awaited.
fn read_lines(lines: Vec<String>, sender: UnboundedSender<Input>) {
    thread::spawn(move || {
        let mut typed = io::stdin().lock().lines().map_while(Result::ok);
        let mut given = lines.into_iter();
        let lines: &mut dyn Iterator<Item = String> = if given.len() > 0 { &mut given } else { &mut typed };
        lines.map(Input::Line).chain([Input::End]).try_for_each(|input| sender.send(input))
    });
}
