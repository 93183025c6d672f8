//! A fake link for machines: what the peer has sent, in pieces of any size, and what was written to it.
//!
//! It asks of every step what the contract says: never empty, and never endlessly many.

use std::collections::VecDeque;

use ws_core::{
    Buffers, Config, Connection, ControlBuffer, Error, Event, Machine, Message, MessageKind, Role, Server, Step,
    Violation,
};

use super::{Keys, UNWRITTEN, frame, from_client, from_server};

/// More steps than any dialogue here takes.
const MAX_STEPS: usize = 10_000_000;

/// The memory of a connection, filled so that unwritten bytes show.
pub(crate) struct Memory {
    receive: Vec<u8>,
    transmit: Vec<u8>,
    control: ControlBuffer,
}

impl Memory {
    pub(crate) fn new(receive_len: usize, transmit_len: usize) -> Self {
        let control = [UNWRITTEN; 125];
        Self { receive: vec![UNWRITTEN; receive_len], transmit: vec![UNWRITTEN; transmit_len], control }
    }

    pub(crate) fn buffers(&mut self) -> Buffers<'_> {
        Buffers { receive: &mut self.receive, transmit: &mut self.transmit, control: &mut self.control }
    }

    pub(crate) fn server<'b>(&'b mut self, config: &'b Config) -> Connection<'b, Server> {
        Connection::server(self.buffers(), config)
    }

    pub(crate) fn client<'b>(&'b mut self, config: &'b Config) -> Connection<'b, ws_core::Client<Keys>> {
        Connection::client(Keys::default(), self.buffers(), config)
    }
}

/// One side of a connection, for tests that are the same for both.
pub(crate) trait Side {
    type Role: Role;

    fn connection<'b>(memory: &'b mut Memory, config: &'b Config) -> Connection<'b, Self::Role>;

    /// A frame that the peer sends.
    fn from_peer(first: u8, payload: &[u8]) -> Vec<u8>;

    /// The masking key of the next frame that this side sends.
    fn key(keys: &mut Keys) -> Option<[u8; 4]>;

    /// Frames that the peer sends.
    fn all_from_peer(frames: &[(u8, &[u8])]) -> Vec<u8> {
        frames.iter().flat_map(|(first, payload)| Self::from_peer(*first, payload)).collect()
    }

    /// The frames that this side sends, if these are all it has sent.
    fn sent(frames: &[(u8, &[u8])]) -> Vec<u8> {
        let mut keys = Keys::default();
        frames.iter().flat_map(|(first, payload)| frame(*first, Self::key(&mut keys), payload)).collect()
    }
}

pub(crate) struct OfServer;
pub(crate) struct OfClient;

impl Side for OfServer {
    type Role = Server;

    fn connection<'b>(memory: &'b mut Memory, config: &'b Config) -> Connection<'b, Server> {
        memory.server(config)
    }

    fn from_peer(first: u8, payload: &[u8]) -> Vec<u8> {
        from_client(first, payload)
    }

    fn key(_keys: &mut Keys) -> Option<[u8; 4]> {
        None
    }
}

impl Side for OfClient {
    type Role = ws_core::Client<Keys>;

    fn connection<'b>(memory: &'b mut Memory, config: &'b Config) -> Connection<'b, Self::Role> {
        memory.client(config)
    }

    fn from_peer(first: u8, payload: &[u8]) -> Vec<u8> {
        from_server(first, payload)
    }

    fn key(keys: &mut Keys) -> Option<[u8; 4]> {
        Some(ws_core::MaskSource::masking_key(keys))
    }
}

/// The link to a peer that is played by the test.
pub(crate) struct Link {
    /// What the peer has sent and was not read yet.
    pub(crate) input: VecDeque<u8>,
    /// Whether nothing comes behind it.
    pub(crate) ended: bool,
    /// What was written.
    pub(crate) output: Vec<u8>,
    /// The lengths of the writes.
    pub(crate) writes: Vec<usize>,
    /// How much was written when the last flush was done.
    pub(crate) flushed: usize,
    /// The most bytes that one read gives, and that one write takes.
    pub(crate) read_len: usize,
    pub(crate) write_len: usize,
    /// Whether writing fails.
    pub(crate) broken: bool,
}

impl Link {
    pub(crate) fn new(input: &[u8]) -> Self {
        Self::cut(input, usize::MAX, usize::MAX)
    }

    /// A link that moves so many bytes at a time.
    pub(crate) fn cut(input: &[u8], read_len: usize, write_len: usize) -> Self {
        Self {
            input: input.iter().copied().collect(),
            ended: false,
            output: Vec::new(),
            writes: Vec::new(),
            flushed: 0,
            read_len,
            write_len,
            broken: false,
        }
    }

    /// A link whose peer has hung up behind `input`.
    pub(crate) fn ended(input: &[u8]) -> Self {
        Self { ended: true, ..Self::new(input) }
    }

    /// Drives a machine until it is ready; `None` if it waits for bytes that the peer has not sent.
    pub(crate) fn drive<M: Machine>(&mut self, machine: M) -> Result<Option<M::Ready>, Error> {
        self.drive_for(machine, MAX_STEPS).map(|driven| driven.expect("too many steps"))
    }

    /// Drives a machine that needs nothing from the peer until it is ready.
    pub(crate) fn finish<M: Machine>(&mut self, machine: M) -> Result<M::Ready, Error> {
        self.drive(machine).map(|ready| ready.expect("the machine wants to read"))
    }

    /// As [`drive`](Self::drive), and drops the machine after so many steps; `None` if it was not ready by then.
    pub(crate) fn drive_for<M: Machine>(
        &mut self,
        mut machine: M,
        max_steps: usize,
    ) -> Result<Option<Option<M::Ready>>, Error> {
        for _ in 0..max_steps {
            match machine.poll()? {
                Step::Write(bytes) => {
                    assert!(!bytes.is_empty(), "an empty write");
                    if self.broken {
                        assert!(machine.write_failed(), "writing failed, and that was the end");
                        continue;
                    }
                    let len = bytes.len().min(self.write_len);
                    self.output.extend(&bytes[..len]);
                    self.writes.push(len);
                    machine.written(len);
                }
                Step::Flush => {
                    self.flushed = self.output.len();
                    machine.flushed();
                }
                Step::Read(space) => {
                    assert!(!space.is_empty(), "an empty read");
                    if self.input.is_empty() && !self.ended {
                        return Ok(Some(None));
                    }
                    space.fill(UNWRITTEN);
                    let len = space.len().min(self.read_len).min(self.input.len());
                    space.iter_mut().zip(self.input.drain(..len)).for_each(|(to, from)| *to = from);
                    machine.filled(len);
                }
                Step::Ready(ready) => return Ok(Some(Some(ready))),
            }
        }
        Ok(None)
    }

    /// Takes what was written, and expects that it was flushed.
    pub(crate) fn take_flushed(&mut self) -> Vec<u8> {
        assert_eq!(self.flushed, self.output.len(), "not flushed");
        self.flushed = 0;
        std::mem::take(&mut self.output)
    }
}

/// What a connection has told of, with its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Message(MessageKind, Vec<u8>),
    Event(Event, Vec<u8>),
    Failed(Error),
}

pub(crate) fn told_text(text: &str) -> Told {
    Told::Message(MessageKind::Text, text.into())
}

pub(crate) fn told_binary(bytes: &[u8]) -> Told {
    Told::Message(MessageKind::Binary, bytes.into())
}

pub(crate) fn told_violation(violation: Violation) -> Told {
    Told::Failed(violation.into())
}

/// Lets a connection receive what the peer has sent, to the end or until it is closed or fails.
pub(crate) fn listen<R: Role>(connection: &mut Connection<'_, R>, link: &mut Link) -> Vec<Told> {
    let mut all = Vec::new();
    while let Some(told) = listen_once(connection, link) {
        let ends = matches!(told, Told::Event(Event::Closed, _) | Told::Failed(_));
        all.push(told);
        if ends {
            break;
        }
    }
    all
}

/// Lets a connection receive until there is something to tell of.
pub(crate) fn listen_once<R: Role>(connection: &mut Connection<'_, R>, link: &mut Link) -> Option<Told> {
    let event = match link.drive(&mut *connection) {
        Ok(None) => return None,
        Ok(Some(event)) => event,
        Err(error) => return Some(Told::Failed(error)),
    };
    Some(match event {
        Event::Message(kind) => {
            let received = connection.received(kind);
            match received.message {
                Ok(message) => {
                    assert_eq!(message.kind(), kind);
                    Told::Message(kind, message.payload().into())
                }
                Err(violation) => {
                    link.finish(received.sender.flush()).unwrap();
                    told_violation(violation)
                }
            }
        }
        Event::Chunk(_) => Told::Event(event, connection.chunk().into()),
        Event::Ping | Event::Pong => Told::Event(event, connection.control_payload().into()),
        _ => Told::Event(event, Vec::new()),
    })
}

/// Joins chunks to messages; a message that does not end is left out.
pub(crate) fn joined(all: Vec<Told>) -> Vec<Told> {
    let mut message = Vec::new();
    let join = |told| match told {
        Told::Event(Event::Chunk(info), payload) => {
            assert_eq!(info.first, message.is_empty(), "{info:?} behind {message:?}");
            assert!(info.last || !payload.is_empty(), "an empty chunk");
            message.extend(payload);
            info.last.then(|| Told::Message(info.kind, std::mem::take(&mut message)))
        }
        told => Some(told),
    };
    all.into_iter().filter_map(join).collect()
}

/// Sends a message whole.
pub(crate) fn send<R: Role>(connection: &mut Connection<'_, R>, message: Message<'_>) -> Result<Vec<u8>, Error> {
    let mut link = Link::new(b"");
    link.finish(connection.sender().send(message))?;
    Ok(link.take_flushed())
}
