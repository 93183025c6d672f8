//! One connection, from the way to the server to the loss: with deadlines for both handshakes, and a keepalive in between.

use std::{
    fmt::Write as _,
    io,
    net::TcpStream,
    time::{Duration, Instant},
};

use embedded_io_adapters::std::FromStd;
use examples::{close_in_words, summary};
use rand::rngs::ThreadRng;
use ws_embedded_io::{
    Buffers, Client, ClientRequest, CloseCode, Config, Message, MessageKind, WebSocket, drive_until,
    time::{Deadline, Keepalive},
    ws_core::Connecting,
};

use crate::{Arguments, clock::Clock};

/// How long the server may take no byte of a reading.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the way to the server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The message that is answered with a reading at once.
const ASKED: Message<'_> = Message::Text("now");

type Error = ws_embedded_io::Error<io::Error>;
type Open<'b> = WebSocket<'b, FromStd<TcpStream>, Client<ThreadRng>>;

/// What outlives the single connection.
pub(crate) struct Link<'a> {
    arguments: &'a Arguments,
    /// How many readings were sent.
    readings: u32,
}

/// How a connection has ended.
pub(crate) enum End {
    /// The program is to end, and has said goodbye if it could.
    Stopped,
    /// By the server's Close frame, which says this.
    Closed(String),
    Lost(Error),
    /// Why there was none.
    NotOpened(String),
}

impl<'a> Link<'a> {
    pub(crate) const fn new(arguments: &'a Arguments) -> Self {
        Self { arguments, readings: 0 }
    }

    /// Makes a connection and keeps it for as long as it goes. Returns how it ended, and whether a message has come.
    pub(crate) fn keep(&mut self, clock: &mut Clock) -> (End, bool) {
        let (mut head, mut receive, mut transmit, mut control) = ([0; 1024], [0; 4096], [0; 256], [0; 125]);
        let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
        clock.clear_alarm();
        let stream = match self.arguments.url.connect(Instant::now() + CONNECT_TIMEOUT) {
            Ok(stream) => stream,
            Err(error) => return (End::NotOpened(error.to_string()), false),
        };
        let mut websocket = match self.open(clock, stream, &mut head, buffers) {
            Ok(websocket) => websocket,
            Err(error) if is_stopped(&error) => return (End::Stopped, false),
            Err(error) => return (End::NotOpened(error.to_string()), false),
        };
        println!("connected to {}", self.arguments.url);
        let mut has_held = false;
        let end = match self.converse(clock, &mut websocket, &mut has_held) {
            Ok(()) => End::Closed(close_in_words(websocket.peer_close())),
            Err(error) if is_stopped(&error) => {
                say_goodbye(clock, &mut websocket);
                End::Stopped
            }
            Err(error) => End::Lost(error),
        };
        (end, has_held)
    }

    fn open<'b>(
        &self,
        clock: &mut Clock,
        stream: TcpStream,
        head: &mut [u8],
        buffers: Buffers<'b>,
    ) -> Result<Open<'b>, Error> {
        let url = &self.arguments.url;
        stream.set_nodelay(true).map_err(Error::Write)?;
        let mut transport = FromStd::new(stream);
        let request = ClientRequest { port: Some(url.port), ..ClientRequest::new(&url.host, &url.target) };
        let mut connecting = Connecting::new(&request, rand::rng(), head, buffers, &Config::DEFAULT)?;
        let deadline = Deadline::after(clock.now(), Deadline::OPENING_HANDSHAKE);
        drive_until(&mut connecting, &mut transport, clock, deadline)?;
        Ok(WebSocket::new(transport, connecting.into_connection()?))
    }

    /// Sends readings and shows what comes, until the server closes.
    fn converse(&mut self, clock: &mut Clock, websocket: &mut Open<'_>, has_held: &mut bool) -> Result<(), Error> {
        let Arguments { every, idle, pong_timeout, .. } = *self.arguments;
        let mut keepalive = Keepalive::new(idle, pong_timeout, clock.now());
        clock.set_alarm(0);
        loop {
            match websocket.recv_alive(&mut keepalive, clock) {
                Ok(Some(incoming)) => {
                    *has_held = true;
                    let message = incoming.message;
                    println!("received {}", summary(message.kind(), message.payload()));
                    if message == ASKED {
                        self.send_reading(websocket)?;
                    }
                }
                Ok(None) => return Ok(()),
                Err(Error::Read(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.send_reading(websocket)?;
                    clock.set_alarm(every);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn send_reading(&mut self, websocket: &mut Open<'_>) -> Result<(), Error> {
        self.readings += 1;
        let (number, value) = (self.readings, measure(self.readings));
        websocket.transport_mut().inner_mut().set_write_timeout(Some(WRITE_TIMEOUT)).map_err(Error::Write)?;
        websocket.sender().send_with(MessageKind::Text, |message| {
            write!(message, "reading {number}: {value:.1}")?;
            Ok(())
        })?;
        println!("sent reading {number}: {value:.1}");
        Ok(())
    }
}

/// Closes, as far as that is possible within the time for it.
fn say_goodbye(clock: &mut Clock, websocket: &mut Open<'_>) {
    clock.clear_alarm();
    let deadline = Deadline::after(clock.now(), Deadline::CLOSING_HANDSHAKE);
    match websocket.close_until(CloseCode::GOING_AWAY, "the client ends", clock, deadline) {
        Ok(()) => println!("closed by us with 1001, peer answered {}", close_in_words(websocket.peer_close())),
        Err(error) => println!("the closing handshake failed: {error}"),
    }
}

fn is_stopped(error: &Error) -> bool {
    matches!(error, Error::Read(error) | Error::Write(error) if error.kind() == io::ErrorKind::Interrupted)
}

/// What a sensor might measure.
fn measure(number: u32) -> f64 {
    20.0 + 2.0 * (f64::from(number) / 10.0).sin()
}
