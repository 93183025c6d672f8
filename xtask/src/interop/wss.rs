//! Our programs over TLS (wss:), with each other and with Python `websockets`: messages of every length that frames write in another way, clean ends, and
//! no connection where the certificate is not trusted.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use super::{
    ExampleServer, LIMIT, cases,
    example_server::signal,
    logs,
    our_client::server_log,
    peers::Peer,
    printed::Printed,
    table::{Outcome, Table},
    their_clients, try_each,
};
use crate::{command::Log, process::Process};

const SIZES: [&str; 7] =
    ["binary-0", "binary-1", "binary-125", "binary-126", "binary-65535", "binary-65536", "binary-1048576"];

/// The certificate is not that of an authority that the client trusts, or not for the name that it has asked for.
const NEGATIVE: [&str; 2] = [UNTRUSTED, WRONG_NAME];
const UNTRUSTED: &str = "untrusted";
const WRONG_NAME: &str = "wrong-name";

/// The server pings, and sends a text in fragments with a Ping between them, to a client that only reads and writes in turns.
const UNASKED: [(&str, &str, &str); 2] =
    [("ping-by-server", "/ping", "pong received"), ("fragments", "/fragments", "first second third")];

/// The server is asked to stop while a client waits.
const GOING_AWAY: &str = "going-away";

/// What the client's error says when it does not trust the server.
const REFUSED: &str = "InvalidCertificate";

/// The programs.
struct Programs {
    server: PathBuf,
    client: PathBuf,
}

/// Runs every conversation; our programs are in `folder`.
pub(super) fn run(peers: &[Peer], folder: &Path) -> Result<Table> {
    let programs = Programs { server: folder.join("wss-server"), client: folder.join("wss-client") };
    let mut table = Table::default();
    table.add("ours", "both (TLS)", programs.with_each_other()?);
    if let Some(peer) = peers.iter().find(|peer| peer.has_tls()) {
        table.add(peer.name, "client (TLS)", programs.our_server(peer)?);
        table.add(peer.name, "server (TLS)", programs.our_client(peer)?);
    }
    Ok(table)
}

impl Programs {
    fn with_each_other(&self) -> Result<Vec<Outcome>> {
        let folder = logs()?.join("tls");
        let log = Log::to_file(&folder.join("server.log"))?;
        let (server, ca) = self.start(&log, &folder.join("ca.pem"), &[])?;
        let (other, other_ca) = self.start(&log, &folder.join("other-ca.pem"), &["--name", "server.example"])?;
        let mut outcomes = try_each(SIZES.into_iter().chain(NEGATIVE), &folder, |case, path| match case {
            UNTRUSTED => self.refuse(&server.address, &other_ca, path),
            WRONG_NAME => self.refuse(&other.address, &other_ca, path),
            _ => self.converse(&server.address, "/", case, &ca, path),
        });
        let result = server.stop(&log).map_err(|why| (format!("{why:#}"), folder.join("server.log")));
        outcomes.push(Outcome { case: cases::STOP, result });
        Ok(outcomes)
    }

    /// Their client with our server. Their TLS library is told by its environment whom it trusts.
    fn our_server(&self, peer: &Peer) -> Result<Vec<Outcome>> {
        let folder = logs()?.join(format!("tls-{}-client", peer.name));
        let server_path = folder.join("server.log");
        let log = Log::to_file(&server_path)?;
        let (server, ca) = self.start(&log, &folder.join("ca.pem"), &[])?;
        let (other, other_ca) = self.start(&log, &folder.join("other-ca.pem"), &["--name", "server.example"])?;
        let trusting = |server: &ExampleServer, case: &str, ca: &Path| {
            let mut client = peer.client(&url(&server.address, ""), case);
            client.env("SSL_CERT_FILE", ca);
            client
        };
        let talking = ["text-65536", "fragments-with-ping", "ping", "close-by-client"];
        let positive = SIZES.into_iter().chain(talking);
        let mut outcomes = try_each(positive.chain(NEGATIVE).chain([GOING_AWAY]), &folder, |case, path| {
            let fails = Printed { lines: Vec::new(), error: Some("CERTIFICATE_VERIFY_FAILED") };
            match case {
                UNTRUSTED => fails.by(&mut trusting(&server, "ping", &other_ca), path),
                WRONG_NAME => fails.by(&mut trusting(&other, "ping", &other_ca), path),
                GOING_AWAY => {
                    let (log, server_log) = (Log::to_file(path)?, Log::to_file(&server_log(path))?);
                    let (server, ca) = self.start(&server_log, &path.with_extension("pem"), &[])?;
                    let client = Process::start(&log, &mut trusting(&server, GOING_AWAY, &ca))?;
                    let line = client.line(LIMIT)?;
                    ensure!(line == "open", "the client said `{line}`, not `open`");
                    signal(&server.process, "TERM")?;
                    Printed { lines: vec![format!("ok {GOING_AWAY}")], error: None }.to_end(&log, client, path)?;
                    server.ended(&server_log)
                }
                _ => their_clients::run_client(&mut trusting(&server, case, &ca), case, path),
            }
        });
        let result = server.stop(&log).map_err(|why| (format!("{why:#}"), server_path));
        outcomes.push(Outcome { case: cases::STOP, result });
        Ok(outcomes)
    }

    /// Our client with their server.
    fn our_client(&self, peer: &Peer) -> Result<Vec<Outcome>> {
        let folder = logs()?.join(format!("tls-{}-server", peer.name));
        let (ours, not_theirs) = self.start(&Log::to_file(&folder.join("ours.log"))?, &folder.join("ours.pem"), &[])?;
        let unasked = UNASKED.iter().map(|(case, ..)| *case);
        let outcomes = try_each(SIZES.into_iter().chain(unasked).chain([UNTRUSTED]), &folder, |case, path| {
            let ca = path.with_extension("pem");
            let server = Process::start(&Log::to_file(&server_log(path))?, peer.server().arg(&ca))?;
            let first = server.line(LIMIT)?;
            let port =
                first.strip_prefix("listening on ").with_context(|| format!("the server's first line is `{first}`"))?;
            let address = format!("127.0.0.1:{port}");
            match (case, UNASKED.iter().find(|unasked| unasked.0 == case)) {
                (UNTRUSTED, _) => return self.refuse(&address, &not_theirs, path),
                // What the server sends is what the client says, which takes it for the echo.
                (_, Some((_, target, text))) => {
                    let mut client = self.client(&address, target, &ca);
                    let lines = said(&url(&address, target), &format!("text, {} bytes", text.len()));
                    Printed { lines, error: None }.by(client.arg(text), path)?;
                }
                _ => self.converse(&address, "/echo", case, &ca, path)?,
            }
            let line = server.line(LIMIT).context("what the server received in the end")?;
            ensure!(line.trim_end() == "closed 1000", "the server said `{line}`, not `closed 1000`");
            Ok(())
        });
        drop(ours);
        Ok(outcomes)
    }

    /// Our server, and the certificate of its authority.
    fn start(&self, log: &Log, ca: &Path, options: &[&str]) -> Result<(ExampleServer, PathBuf)> {
        let path = ca.to_str().context("the path of the target folder is not UTF-8")?;
        let options = [&["--ca-out", path], options].concat();
        Ok((ExampleServer::start(log, &self.server, &options)?, ca.to_path_buf()))
    }

    fn client(&self, address: &str, target: &str, ca: &Path) -> Command {
        let mut client = Command::new(&self.client);
        client.arg(url(address, target)).arg("--ca").arg(ca);
        client
    }

    /// Sends the message that is called `binary-SIZE`.
    fn converse(&self, address: &str, target: &str, case: &str, ca: &Path, path: &Path) -> Result<()> {
        let size = case.trim_start_matches("binary-");
        let lines = said(&url(address, target), &format!("binary, {size} bytes"));
        Printed { lines, error: None }.by(self.client(address, target, ca).args(["--binary", size]), path)
    }

    /// The client must not trust the server.
    fn refuse(&self, address: &str, ca: &Path, path: &Path) -> Result<()> {
        Printed { lines: Vec::new(), error: Some(REFUSED) }.by(&mut self.client(address, "/", ca), path)
    }
}

/// What our client prints when one message came back.
fn said(url: &str, message: &str) -> Vec<String> {
    let closed = "closed by us with 1000, peer answered 1000".to_string();
    vec![format!("connected to {url}"), format!("echoed {message}"), closed]
}

/// The URL of a server at `127.0.0.1:PORT`, by the name that is in its certificate.
fn url(address: &str, target: &str) -> String {
    format!("wss://{}{target}", address.replace("127.0.0.1", "localhost"))
}
