//! An echo server over TLS: `rustls` below the blocking adapter, with a certificate that is made when the program starts.
//!
//! What is here: the command line. The certificate is made in `authority`, TLS is in `tls`, what happens on a connection in
//! `connection`.

mod authority;
mod connection;
mod tls;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Parser;
use examples::{Log, Shutdown, serve};

use crate::{authority::Authority, connection::Connection};

/// How many connections there may be at once.
const MAX_CONNECTIONS: usize = 64;

/// Echoes WebSocket messages over TLS (wss:) at every path.
#[derive(Parser)]
struct Arguments {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:1337", value_name = "HOST:PORT")]
    listen: String,
    /// Write the certificate of the authority to this file, in PEM; clients trust the server if they are given it.
    #[arg(long, value_name = "FILE")]
    ca_out: PathBuf,
    /// A name or an IP address of the server, for its certificate; may be given several times.
    #[arg(long = "name", default_values = ["localhost", "127.0.0.1", "::1"], value_name = "NAME")]
    names: Vec<String>,
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
    let authority = Authority::new()?;
    let config = tls::config(authority.certify(arguments.names)?)?;
    let path = &arguments.ca_out;
    fs::write(path, authority.pem()).with_context(|| format!("cannot write to {}", path.display()))?;

    let (shutdown, log) = (Shutdown::default(), Log::start());
    let stop = shutdown.clone();
    serve("wss", &arguments.listen, MAX_CONNECTIONS, &shutdown, &log, move |number, stream| {
        Connection { number, log, shutdown: &stop }.serve(stream, &config);
    })
}
