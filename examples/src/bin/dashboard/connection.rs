//! One connection: the page, or a browser that watches. That has two threads, each with a half of the WebSocket: one receives commands, the
//! other sends what is in the mailbox, and neither waits for the other.

use std::{fmt, io, net::TcpStream, thread};

use embedded_io_adapters::std::FromStd;
use examples::{Place, Socket, close_in_words, printable};
use ws_embedded_io::{
    Arrived, Buffers, CloseCode, Config, Decision, Message, MessageKind, Misuse, OriginAllowList, Reply, ReplySlot,
    Request, Server, Upgrade, WebSocket, ws_core,
};

use crate::{
    Dashboard,
    hub::Viewer,
    mailbox::{End, Mailbox},
    protocol::{Command, News},
};

const PAGE: &[u8] = include_bytes!("page.html");
const HTML: &[(&str, &str)] = &[("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")];
const TEXT: &[(&str, &str)] = &[("Content-Type", "text/plain; charset=utf-8")];

/// A request's head must fit into it.
const HEAD: usize = 4096;
/// The longest command.
const RECEIVE: usize = 512;
/// The longest news, with its frame header.
const TRANSMIT: usize = 1024;

type Error = ws_embedded_io::Error<io::Error>;

/// A connection and the place where it says what happens.
pub(crate) struct Connection<'d> {
    number: u64,
    dashboard: &'d Dashboard,
}

impl<'d> Connection<'d> {
    pub(crate) fn new(number: u64, dashboard: &'d Dashboard) -> Self {
        Self { number, dashboard }
    }

    /// Answers the request, and shows the device if that is what it asks for.
    pub(crate) fn serve(&self, stream: TcpStream) {
        let socket = match Socket::new(stream, &self.dashboard.shutdown) {
            Ok(socket) => socket,
            Err(error) => return self.log(format_args!("not served: {error}")),
        };
        let mut transport = FromStd::new(socket);
        if let Err(error) = self.answer(&mut transport)
            && !transport.inner_mut().is_unused()
        {
            self.log(format_args!("ended: {error}"));
        }
        transport.into_inner().finish();
    }

    fn answer(&self, transport: &mut FromStd<Socket>) -> Result<(), Error> {
        let (mut receive, mut transmit, mut control) = ([0; RECEIVE], [0; TRANSMIT], [0; 125]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
        let mut place = None;
        let accepted = WebSocket::accept(transport, &mut [0; HEAD], buffers, &Config::DEFAULT, |request, upgrade| {
            let decision = self.decide(request, upgrade, &mut place);
            let answer = match decision {
                Decision::Accept { .. } => 101,
                Decision::Reply(reply) => reply.status,
            };
            self.log(format_args!("{} {}: {answer}", printable(request.method()), printable(request.target())));
            decision
        });
        accepted?.map_or(Ok(()), |websocket| self.show(websocket))
    }

    fn decide(
        &self,
        request: &Request<'_>,
        upgrade: Option<&Upgrade<'_>>,
        place: &mut Option<Place>,
    ) -> Decision<'static> {
        let refused = |reply: Reply<'static>, why: &'static [u8]| reply.with_headers(TEXT).with_body(why);
        // Whoever can send commands must not be a page of somebody else's that this browser shows as well.
        let origin = format!("http://{}", request.host().unwrap_or_default());
        Decision::Reply(match (request.path(), upgrade) {
            ("/", None) => Reply::new(200).with_headers(HTML).with_body(PAGE),
            ("/telemetry", None) => refused(Reply::UPGRADE_REQUIRED, b"this is a WebSocket\n"),
            ("/telemetry", Some(_)) if !OriginAllowList(&[&origin]).allows(request.origin()) => {
                refused(Reply::FORBIDDEN, b"only this dashboard's own page may connect\n")
            }
            ("/telemetry", Some(_)) => {
                *place = self.dashboard.viewers.take();
                if place.is_some() {
                    return Decision::Accept { sub_protocol: None, headers: &[] };
                }
                refused(Reply::UNAVAILABLE, b"too many browsers are watching\n")
            }
            _ => refused(Reply::NOT_FOUND, b"the page is at /\n"),
        })
    }

    fn show(&self, mut websocket: WebSocket<'_, &mut FromStd<Socket>, Server>) -> Result<(), Error> {
        let socket = websocket.transport_mut().inner_mut();
        socket.open();
        let mut writer = FromStd::new(socket.for_writing().map_err(Error::Write)?);
        let slot = ReplySlot::new();
        let (mut receiving, transmitting) = websocket.split(&slot, |reader| (reader, &mut writer));
        let viewer = self.dashboard.hub.join();
        thread::scope(|scope| {
            scope.spawn(|| self.tell(transmitting, &viewer.mailbox));
            let heard = self.hear(&mut receiving, &viewer);
            viewer.mailbox.put(|mail| mail.end = Some(End::Closed));
            heard
        })
    }

    /// Receives commands, and leaves to the other thread what there is to send.
    fn hear(&self, receiving: &mut Receiving<'_>, viewer: &Viewer<'_>) -> Result<(), Error> {
        let mut is_leaving = false;
        loop {
            match receiving.recv() {
                Ok(Arrived::Data(message)) => match parse(message) {
                    Ok(command) => {
                        self.log(format_args!("{}", printable(&format!("{command:?}"))));
                        self.dashboard.hub.obey(command);
                    }
                    Err(complaint) => viewer.mailbox.put(|mail| mail.complaint = Some(complaint)),
                },
                Ok(Arrived::ReplyDue) => viewer.mailbox.put(|mail| mail.reply_due = true),
                Ok(Arrived::Closed) => {
                    self.log(format_args!("closed by peer with {}", close_in_words(receiving.peer_close())));
                    return Ok(());
                }
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::Interrupted => {
                    is_leaving = true;
                    receiving.transport_mut().inner_mut().begin_closing();
                    viewer.mailbox.put(|mail| mail.end = Some(End::Goodbye));
                }
                // A browser that is alive answers the Ping, and so it is silent no longer.
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::TimedOut && !is_leaving => {
                    if !receiving.transport_mut().inner_mut().take_heard() {
                        return Err(Error::Read(error));
                    }
                    viewer.mailbox.put(|mail| mail.ping_due = true);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends what comes into the mailbox, until the connection is closed or takes no more.
    fn tell(&self, mut transmitting: Transmitting<'_>, mailbox: &Mailbox) {
        if let Err(error) = tell(&mut transmitting, mailbox) {
            self.log(format_args!("cannot be told: {error}"));
            // The other thread has nothing to wait for.
            transmitting.transport_mut().inner_mut().abort();
        }
    }

    fn log(&self, what: impl fmt::Display) {
        self.dashboard.log.line(self.number, what);
    }
}

type Receiving<'a> = ws_embedded_io::ReceiveHalf<'a, 'a, &'a mut FromStd<Socket>, Server>;
type Transmitting<'a> = ws_embedded_io::TransmitHalf<'a, 'a, &'a mut FromStd<Socket>, Server>;

fn parse(message: Message<'_>) -> Result<Command, String> {
    match message {
        Message::Text(text) => Command::parse(text),
        Message::Binary(_) => Err("a command is a text message".to_owned()),
    }
}

fn tell(transmitting: &mut Transmitting<'_>, mailbox: &Mailbox) -> Result<(), Error> {
    loop {
        let mail = mailbox.take();
        transmitting.reply()?;
        let news = [mail.complaint.map(News::Error), mail.state.map(News::State), mail.sample.map(News::Sample)];
        for news in news.into_iter().flatten() {
            unless_closing(transmitting.sender().send_with(MessageKind::Text, |message| news.compose(message)))?;
        }
        if mail.ping_due {
            unless_closing(transmitting.ping(b""))?;
        }
        match mail.end {
            Some(End::Goodbye) => unless_closing(transmitting.close(CloseCode::GOING_AWAY, "the dashboard ends"))?,
            Some(End::Closed) => return transmitting.reply(),
            None => {}
        }
    }
}

/// Once either side has said goodbye, there is nothing more to tell.
fn unless_closing(sent: Result<(), Error>) -> Result<(), Error> {
    match sent {
        Err(Error::WebSocket(ws_core::Error::Misuse(Misuse::Closing))) => Ok(()),
        sent => sent,
    }
}
