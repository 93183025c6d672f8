//! The server's side (RFC 6455, section 4.2): reads the request, shows it to the application, sends the answer.

use ws_handshake::{Acceptance, Reply, Request, Upgrade};

use super::head::HeadBuffer;
use crate::{Buffers, Config, Connection, Error, Machine, Misuse, Server, Step, WebSocketState};

/// A server's opening handshake, without I/O.
///
/// As a [`Machine`], it reads a request and is ready when it is whole. Look at it with [`asked`](Self::asked), and answer it with
/// [`accept`](Self::accept) or [`reply`](Self::reply).
///
/// ```
/// use ws_core::{Accepting, Buffers, Config, Machine, Step};
///
/// let (mut head, mut receive, mut transmit, mut control) = ([0; 512], [0; 64], [0; 256], [0; 125]);
/// let buffers = Buffers { receive: &mut receive, transmit: &mut transmit, control: &mut control };
/// let mut accepting = Accepting::new(&mut head, buffers, &Config::DEFAULT);
///
/// let request = b"GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
///     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// let mut unread = &request[..];
/// while let Step::Read(space) = accepting.poll()? {
///     let len = space.len().min(unread.len());
///     space[..len].copy_from_slice(&unread[..len]);
///     unread = &unread[len..];
///     accepting.filled(len);
/// }
/// assert_eq!(accepting.asked()?.request.path(), "/chat");
/// assert!(accepting.asked()?.upgrade.is_some());
/// let mut answer = accepting.accept(None, &[])?;
/// assert!(matches!(answer.poll()?, Step::Write(bytes) if bytes.starts_with(b"HTTP/1.1 101 ")));
/// # Ok::<(), ws_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Accepting<'h, 'b> {
    head: HeadBuffer<'h>,
    phase: Phase,
    connection: Connection<'b, Server>,
    /// Whether the answer to the request has a body.
    wants_body: bool,
    /// How many bytes of the body were written.
    body_sent: usize,
    flush_due: bool,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The request is on its way.
    Reading,
    /// The request is whole: a head of so many bytes, in which nothing is wrong.
    Asked(usize),
    /// This answer is on its way, or out.
    Answering(Answer),
    /// A refusal of a request that is no request is on its way, or out.
    Refusing(Error),
}

/// How a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Answer {
    /// The connection is open: [`Accepting::into_connection`] has it.
    Accepted,
    /// It is a plain HTTP response: close the transport.
    Replied,
}

/// What a client asks for.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Asked<'a> {
    /// The request.
    pub request: Request<'a>,
    /// What it offers if it is a valid opening handshake; `None` if it is a plain HTTP request.
    pub upgrade: Option<Upgrade<'a>>,
}

impl<'h, 'b> Accepting<'h, 'b> {
    /// Begins a handshake. `head` is the memory for the client's request and then for our response, and needed no longer
    /// than the handshake; 1024 bytes do for most browsers.
    #[must_use]
    pub const fn new(head: &'h mut [u8], buffers: Buffers<'b>, config: &'b Config) -> Self {
        let head = HeadBuffer::new(head, buffers.receive.len());
        let connection = Connection::open(Server, buffers, config);
        Self { head, phase: Phase::Reading, connection, wants_body: false, body_sent: 0, flush_due: false }
    }

    /// The request, once the machine was ready and until it is answered.
    ///
    /// # Errors
    ///
    /// [`Misuse::NoRequestToAnswer`] before and after.
    pub fn asked(&self) -> Result<Asked<'_>, Error> {
        let Phase::Asked(head_len) = self.phase else { return Err(Misuse::NoRequestToAnswer.into()) };
        let head = self.head.received().get(..head_len).unwrap_or_default();
        let request = Request::parse_again(head).ok_or(Misuse::NoRequestToAnswer)?;
        Ok(Asked { request, upgrade: request.upgrade_again() })
    }

    /// Opens the connection: returns a machine that sends the response.
    ///
    /// `sub_protocol` is one of those that the client offered, best found with
    /// [`Upgrade::select_sub_protocol`](crate::handshake::Upgrade::select_sub_protocol); `headers` are more headers, as names
    /// and values. If the machine is dropped, [`answering`](Self::answering) goes on.
    ///
    /// # Errors
    ///
    /// [`Error::HandshakeInput`] for a sub-protocol that was not offered and for headers that cannot be put into an HTTP head.
    /// [`Error::BufferTooSmall`] with the length that `head` needs. [`Error::Misuse`] if there is no request, or a plain one,
    /// which cannot be accepted. The request may still be answered then.
    pub fn accept(
        &mut self,
        sub_protocol: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Replying<'_, 'h, 'b, 'static>, Error> {
        let Phase::Asked(head_len) = self.phase else { return Err(Misuse::NoRequestToAnswer.into()) };
        let upgrade = self.asked()?.upgrade.ok_or(Misuse::NoRequestToAnswer)?;
        let key = *upgrade.accept(sub_protocol).map(|_| upgrade.key())?;
        let acceptance = Acceptance { sub_protocol, headers, ..Acceptance::new(key.as_str()) };
        // What is encoded takes the place of the request, and of what lies behind it.
        let needed = acceptance.encoded_len()?;
        if needed > self.head.capacity() {
            return Err(Error::BufferTooSmall { needed });
        }
        self.head.give_rest(head_len, &mut self.connection);
        self.head.put(|space| acceptance.encode(space))?;
        self.phase = Phase::Answering(Answer::Accepted);
        Ok(self.answering(&[]))
    }

    /// Answers with an HTTP response, a refusal or a page: returns a machine that sends it.
    ///
    /// If the machine is dropped, [`answering`](Self::answering) with the same body goes on.
    ///
    /// # Errors
    ///
    /// [`Error::HandshakeInput`] for a reply that cannot be put into an HTTP head. [`Error::BufferTooSmall`] with the length that
    /// `head` needs for its head. [`Error::Misuse`] if there is no request. The request may still be answered then.
    pub fn reply<'p>(&mut self, reply: &Reply<'p>) -> Result<Replying<'_, 'h, 'b, 'p>, Error> {
        let wants_body = self.asked()?.request.method() != "HEAD" && reply.may_have_body();
        self.put_reply(reply)?;
        self.wants_body = wants_body;
        self.phase = Phase::Answering(Answer::Replied);
        Ok(self.answering(reply.body))
    }

    /// Returns a machine that sends what is left of the answer; `body` is that of the [`reply`](Self::reply), all of it.
    pub const fn answering<'p>(&mut self, body: &'p [u8]) -> Replying<'_, 'h, 'b, 'p> {
        Replying { accepting: self, body }
    }

    /// Returns the connection, which is open once the answer came to [`Answer::Accepted`].
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOpen`] if it has not, or not yet.
    pub fn into_connection(self) -> Result<Connection<'b, Server>, Misuse> {
        if self.is_open() { Ok(self.connection) } else { Err(Misuse::NotOpen) }
    }

    /// Returns the connection and the memory of the head: for those who keep memory for one connection after the other.
    ///
    /// The connection is open once the answer came to [`Answer::Accepted`]; otherwise it is closed, and only its
    /// [buffers](Connection::into_buffers) are of use.
    #[must_use]
    pub fn into_parts(mut self) -> (Connection<'b, Server>, &'h mut [u8]) {
        if !self.is_open() {
            self.connection.outbound.state = WebSocketState::Closed;
        }
        (self.connection, self.head.into_bytes())
    }

    fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Answering(Answer::Accepted)) && self.due::<()>().is_none()
    }

    fn put_reply(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        let needed = reply.encode_head(&mut []).map_or_else(needed, Ok)?;
        if needed > self.head.capacity() {
            return Err(Error::BufferTooSmall { needed });
        }
        Ok(self.head.put(|space| reply.encode_head(space))?)
    }

    /// Looks at what arrived; `false` if the request is not whole.
    fn parse(&mut self) -> Result<bool, Error> {
        let Some((request, head_len)) = Request::parse(self.head.received())? else { return Ok(false) };
        request.upgrade()?;
        self.phase = Phase::Asked(head_len);
        Ok(true)
    }

    /// Tells the client why its request is none.
    fn refuse(&mut self, error: Error) {
        let reply = match error {
            Error::HeadTooLarge => Some(Reply::HEAD_TOO_LARGE),
            error => error.reply(),
        };
        if let Some(reply) = reply {
            // Without space for a refusal, closing the transport has to say it.
            let _ = self.put_reply(&reply);
        }
        self.phase = Phase::Refusing(error);
    }

    fn due<T>(&self) -> Option<Step<'_, T>> {
        match self.head.to_write() {
            [] if self.flush_due => Some(Step::Flush),
            [] => None,
            head => Some(Step::Write(head)),
        }
    }

    fn wrote(&mut self, len: usize) {
        self.flush_due |= len > 0;
        if self.head.to_write().is_empty() {
            self.body_sent = self.body_sent.saturating_add(len);
        } else {
            self.head.written(len);
        }
    }
}

/// The length that the head needs which did not fit into no space.
fn needed(error: ws_handshake::EncodeError) -> Result<usize, Error> {
    match Error::from(error) {
        Error::BufferTooSmall { needed } => Ok(needed),
        error => Err(error),
    }
}

impl Machine for Accepting<'_, '_> {
    type Ready = ();

    /// Reads a request.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a request that is malformed, and [`Error::HeadTooLarge`] for one that does not fit, after they
    /// were refused with their status. [`Error::TransportEnded`] if the stream ends before the request is whole.
    /// [`Error::Misuse`] once it was answered.
    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        if matches!(self.phase, Phase::Reading) {
            match self.parse().and_then(|whole| if whole { Ok(()) } else { self.head.space().map(|_| ()) }) {
                Ok(()) => {}
                Err(error @ (Error::Request(_) | Error::HeadTooLarge)) => self.refuse(error),
                Err(error) => return Err(error),
            }
        }
        match self.phase {
            Phase::Reading => self.head.space().map(Step::Read),
            Phase::Asked(_) => Ok(Step::Ready(())),
            Phase::Answering(_) => Err(Misuse::NoRequestToAnswer.into()),
            Phase::Refusing(error) => self.due().ok_or(error),
        }
    }

    fn filled(&mut self, len: usize) {
        self.head.filled(len);
    }

    fn written(&mut self, len: usize) {
        self.wrote(len);
    }

    fn flushed(&mut self) {
        self.flush_due = false;
    }
}

/// Sends the answer to a request: see [`Accepting::accept`] and [`Accepting::reply`].
#[derive(Debug)]
pub struct Replying<'a, 'h, 'b, 'p> {
    accepting: &'a mut Accepting<'h, 'b>,
    body: &'p [u8],
}

impl Machine for Replying<'_, '_, '_, '_> {
    type Ready = Answer;

    /// Sends the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the request was not answered.
    fn poll(&mut self) -> Result<Step<'_, Answer>, Error> {
        let Phase::Answering(answer) = self.accepting.phase else { return Err(Misuse::NoRequestToAnswer.into()) };
        let body = if self.accepting.wants_body { self.body.get(self.accepting.body_sent..) } else { None };
        match (self.accepting.head.to_write(), body) {
            ([], Some(body @ [_, ..])) => Ok(Step::Write(body)),
            _ => Ok(self.accepting.due().unwrap_or(Step::Ready(answer))),
        }
    }

    fn filled(&mut self, _len: usize) {}

    fn written(&mut self, len: usize) {
        self.accepting.wrote(len);
    }

    fn flushed(&mut self) {
        self.accepting.flushed();
    }
}

/// What the README says about microcontrollers is held to by whoever builds for one.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<Accepting<'_, '_>>() <= 208);
