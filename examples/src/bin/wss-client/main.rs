//! A client over TLS: `embedded-tls`, which needs no operating system, below the blocking adapter.
//!
//! What is here: the command line and the opening handshakes of TLS and WebSocket. TLS is in `tls`; what is said, in
//! `conversation`.
//!
//! `embedded-tls` cannot be interrupted: a read, write or flush that ends before its time (a time-out of the socket, an async
//! future that is dropped) leaves a TLS record half read or half written, and the connection is lost. That the adapter is
//! cancel-safe does not help, as its transport is not. So there is one time-out here, and it ends the connection.

mod conversation;
mod tls;

use std::{
    net::Shutdown,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::{Parser, value_parser};
use embedded_io_adapters::std::FromStd;
use embedded_tls::blocking::{TlsConfig, TlsConnection, TlsContext};
use examples::Address;
use rand::rngs::StdRng;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use ws_embedded_io::{Buffers, ClientRequest, Config, ReplySlot, WebSocket};

use crate::{
    conversation::{Conversation, Sample},
    tls::{CleanEnd, Provider, READ_BUFFER, WRITE_BUFFER},
};

/// Messages of any length go through these.
const RECEIVE_BUFFER: usize = 4096;
const TRANSMIT_BUFFER: usize = 1024;

/// Connects to a WebSocket server over TLS (wss:), sends messages and compares their echo.
#[derive(Parser)]
struct Arguments {
    /// Where the server is.
    #[arg(value_name = "wss://HOST[:PORT]/PATH", value_parser = Address::secure)]
    url: Address,
    /// Text messages to send; `hello` if there is nothing else to send.
    #[arg(value_name = "TEXT")]
    texts: Vec<String>,
    /// Then send a binary message of this length; may be given several times.
    #[arg(long = "binary", value_name = "BYTES")]
    lengths: Vec<usize>,
    /// The certificate of the authority that vouches for the server, in PEM.
    #[arg(long, value_name = "FILE")]
    ca: PathBuf,
    /// Wait no longer than this many seconds: for the connection, for each part of the handshakes, for each echo, and for the
    /// closing handshake.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = value_parser!(u32).range(1..))]
    timeout: u32,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let path = &arguments.ca;
    let ca = CertificateDer::from_pem_file(path).with_context(|| format!("no certificate in {}", path.display()))?;
    let Address { host, port, target, .. } = &arguments.url;
    let limit = Duration::from_secs(arguments.timeout.into());
    let tcp = arguments.url.connect(Instant::now() + limit);
    let tcp = tcp.with_context(|| format!("cannot connect to {host} port {port}"))?;
    tcp.set_nodelay(true)?;
    tcp.set_read_timeout(Some(limit))?;
    tcp.set_write_timeout(Some(limit))?;

    let (mut read, mut write) = (vec![0; READ_BUFFER], vec![0; WRITE_BUFFER]);
    let mut tls = TlsConnection::new(FromStd::new(&tcp), &mut read, &mut write);
    let config = TlsConfig::new().with_server_name(host);
    tls.open(TlsContext::new(&config, Provider::new(&ca))).context("the TLS handshake failed")?;

    let (mut receive, mut transmit, mut control) = ([0; RECEIVE_BUFFER], [0; TRANSMIT_BUFFER], [0; 125]);
    let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
    let request = ClientRequest { port: Some(*port), secure: true, ..ClientRequest::new(host, target) };
    // Any generator would do, but the halves go to two threads, and the random numbers with them.
    let masks: StdRng = rand::make_rng();
    let transport = CleanEnd::new(&mut tls);
    let connected = WebSocket::connect(transport, masks, &request, &mut [0; 2048], buffers, &Config::DEFAULT)
        .context("cannot open the WebSocket")?;
    println!("connected to {}", arguments.url);

    let slot = ReplySlot::new();
    let (receiving, transmitting) = connected.websocket.split(&slot, |transport| {
        let (reader, writer) = transport.into_inner().split();
        (CleanEnd::new(reader), writer)
    });
    // From here on it is the conversation that waits; a silent server is no reason to lose the connection.
    tcp.set_read_timeout(None)?;
    let samples = Sample::all(arguments.texts, arguments.lengths);
    let said = Conversation::new(transmitting, limit).hold(receiving, &samples, || {
        // Ends the reading that would last for ever. If that fails, the connection has ended already.
        let _ = tcp.shutdown(Shutdown::Both);
    });
    if said.is_ok() {
        tls.close().map_err(|(_, error)| error).context("cannot end TLS")?;
    }
    said
}
