//! A client for the command line: connects, performs its actions in order, prints what it receives, closes.
//!
//! What is here: the command line and the way to the server. The actions are in `action`, performing them in `session`.

mod action;
mod session;
mod socket;

use std::{net::TcpStream, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Parser;
use embedded_io_adapters::std::FromStd;
use http::Uri;
use ws_embedded_io::{Buffers, ClientRequest, WebSocket};

use crate::{action::Action, session::Session, socket::Socket};

/// Connects to a WebSocket server, sends messages and prints what comes back.
#[derive(Parser)]
struct Arguments {
    /// Where the server is.
    #[arg(value_name = "ws://HOST[:PORT]/PATH")]
    url: Uri,
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
    /// Wait no longer than this many seconds for the server.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    timeout: u64,
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
    if arguments.url.scheme_str() != Some("ws") {
        bail!("the URL must begin with ws://, as ws://127.0.0.1:1337/chat; this client has no TLS");
    }
    let host = arguments.url.host().context("the URL names no host")?;
    let port = arguments.url.port_u16().unwrap_or(80);
    let path = arguments.url.path_and_query().map_or("/", |path| path.as_str());
    // A URL has an IPv6 address in brackets, a socket address without.
    let address = (host.trim_start_matches('[').trim_end_matches(']'), port);
    let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {host}:{port}"))?;
    let transport = FromStd::new(Socket::new(stream, Duration::from_secs(arguments.timeout))?);

    let sub_protocols: Vec<&str> = arguments.sub_protocols.iter().map(String::as_str).collect();
    let headers: Vec<(&str, &str)> = arguments.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let request = ClientRequest {
        port: Some(port),
        sub_protocols: &sub_protocols,
        origin: arguments.origin.as_deref(),
        headers: &headers,
        ..ClientRequest::new(address.0, path)
    };
    let (mut receive, mut transmit) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit };
    let mut refusal = None;
    let connected = WebSocket::connect_with(transport, rand::rng(), &request, buffers, |response, body| {
        if response.status() != 101 {
            let body = String::from_utf8_lossy(body).trim().to_owned();
            refusal = Some((format!("refused with {} {}", response.status(), response.reason()), body));
        }
    });
    let connected = match (connected, refusal) {
        (Ok(connected), _) => connected,
        (Err(_), Some((status, body))) if body.is_empty() => bail!("{status}"),
        (Err(_), Some((status, body))) => bail!("{status}\n{body}"),
        (Err(error), None) => return Err(error).context("cannot open the WebSocket"),
    };
    let sub_protocol =
        connected.sub_protocol.map_or("no sub-protocol".to_owned(), |name| format!("sub-protocol: {name}"));
    println!("connected to {} ({sub_protocol})", arguments.url);
    Session::new(connected.websocket).perform(&arguments.actions)
}

fn parse_header(header: &str) -> Result<(String, String), String> {
    let (name, value) = header.split_once(':').ok_or("a header has a name, a colon and a value")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
