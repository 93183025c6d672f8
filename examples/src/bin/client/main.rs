//! A client for the command line: connects, performs its actions in order, prints what it receives, closes.
//!
//! What is here: the command line and the opening handshake. The actions are in `action`, performing them in `session`.

mod action;
mod session;
mod socket;

use std::{
    process::{self, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::{Parser, value_parser};
use embedded_io_adapters::std::FromStd;
use examples::{Address, buffer_len, printable, say};
use ws_embedded_io::{Buffers, ClientRequest, Config, WebSocket};

use crate::{action::Action, session::Session, socket::Socket};

/// Connects to a WebSocket server, sends messages and prints what comes back.
#[derive(Parser)]
struct Arguments {
    /// Where the server is.
    #[arg(value_name = "ws://HOST[:PORT]/PATH")]
    url: Address,
    /// What to do, in order.
    #[arg(default_value = "text=hello", long_help = action::HELP, value_name = "ACTION")]
    actions: Vec<Action>,
    /// Offer this sub-protocol; may be given several times.
    #[arg(long = "sub-protocol", value_name = "NAME")]
    sub_protocols: Vec<String>,
    /// Send this header, as 'Name: value'; may be given several times.
    #[arg(long = "header", value_name = "HEADER", value_parser = parse_header)]
    headers: Vec<(String, String)>,
    /// Say that the page of this origin connects.
    #[arg(long)]
    origin: Option<String>,
    /// Receive through a buffer of this many bytes; messages may be longer.
    #[arg(long, default_value_t = 16384, value_name = "BYTES", value_parser = buffer_len)]
    rx: usize,
    /// Send through a buffer of this many bytes; messages may be longer.
    #[arg(long, default_value_t = 16384, value_name = "BYTES", value_parser = buffer_len)]
    tx: usize,
    /// Wait no longer than this many seconds: for the connection and the opening handshake, for a pong, for the closing
    /// handshake, and for the next byte where a message or the server's close is awaited.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = value_parser!(u32).range(1..))]
    timeout: u32,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Address { host, port, target, .. } = &arguments.url;
    let timeout = Duration::from_secs(arguments.timeout.into());
    let deadline = Instant::now() + timeout;
    let stream = arguments.url.connect(deadline).with_context(|| format!("cannot connect to {host} port {port}"))?;
    let socket = Socket::new(stream, timeout, deadline)?;
    let interrupt = socket.interrupt();
    ctrlc::set_handler(move || {
        if !interrupt.request() {
            // Asked twice: whatever the server does, the program ends. 128 + SIGINT, as shells count.
            process::exit(130);
        }
    })?;

    let sub_protocols: Vec<&str> = arguments.sub_protocols.iter().map(String::as_str).collect();
    let headers: Vec<(&str, &str)> = arguments.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let request = ClientRequest {
        port: Some(*port),
        sub_protocols: &sub_protocols,
        origin: arguments.origin.as_deref(),
        headers: &headers,
        ..ClientRequest::new(host, target)
    };
    let (mut head, mut control) = (vec![0; 16 * 1024], [0; 125]);
    let (mut receive, mut transmit) = (vec![0; arguments.rx], vec![0; arguments.tx]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
    let (transport, config) = (FromStd::new(socket), &Config::DEFAULT);
    let mut refusal = None;
    let connected =
        WebSocket::connect_with(transport, rand::rng(), &request, &mut head, buffers, config, |response, body| {
            if response.status() != 101 {
                let body = String::from_utf8_lossy(body);
                let lines = [format!("refused with {} {}", response.status(), printable(response.reason()))];
                let lines = lines.into_iter().chain(body.trim().lines().map(printable));
                refusal = Some(lines.collect::<Vec<_>>().join("\n"));
            }
        });
    let connected = match (connected, refusal) {
        (Ok(connected), _) => connected,
        (Err(_), Some(refusal)) => bail!(refusal),
        (Err(error), None) => return Err(error).context("cannot open the WebSocket"),
    };
    let sub_protocol =
        connected.sub_protocol.map_or("no sub-protocol".to_owned(), |name| format!("sub-protocol: {name}"));
    say!("connected to {} ({sub_protocol})", arguments.url);
    Session::new(connected.websocket, arguments.rx, timeout).perform(&arguments.actions)
}

fn parse_header(header: &str) -> Result<(String, String), String> {
    let (name, value) = header.split_once(':').ok_or("a header has a name, a colon and a value")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
