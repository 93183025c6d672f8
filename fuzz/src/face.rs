//! A connection as a whole and in halves, for a session that need not know which.

use ws_core::{
    Buffers, Client, Config, Connection, Delivery, Error, Event, MaskSource, Message, MessageKind, Misuse, ReceiveHalf,
    Role, Sender, Server, TransmitHalf, Violation, WebSocketState, frame::CloseCode,
};

use crate::{
    UNWRITTEN,
    link::{Driven, Link},
};

/// Masking keys that are different each time and the same in every run.
#[derive(Clone, Debug, Default)]
pub struct Keys(u32);

impl MaskSource for Keys {
    fn masking_key(&mut self) -> [u8; 4] {
        self.0 += 1;
        self.0.wrapping_mul(0x9e37_79b9).to_be_bytes()
    }
}

/// A role whose connections can be made.
pub trait Side: Role + Clone + Sized {
    fn connection<'b>(buffers: Buffers<'b>, config: &'b Config) -> Connection<'b, Self>;
}

impl Side for Server {
    fn connection<'b>(buffers: Buffers<'b>, config: &'b Config) -> Connection<'b, Self> {
        Connection::server(buffers, config)
    }
}

impl Side for Client<Keys> {
    fn connection<'b>(buffers: Buffers<'b>, config: &'b Config) -> Connection<'b, Self> {
        Connection::client(Keys::default(), buffers, config)
    }
}

/// The memory of a connection.
pub struct Memory {
    receive: Vec<u8>,
    transmit: Vec<u8>,
    control: [u8; 125],
}

impl Memory {
    pub fn new(receive_len: usize, transmit_len: usize) -> Self {
        let of = |len| vec![UNWRITTEN; len];
        Self { receive: of(receive_len), transmit: of(transmit_len), control: [UNWRITTEN; 125] }
    }

    pub fn buffers(&mut self) -> Buffers<'_> {
        Buffers { receive: &mut self.receive, transmit: &mut self.transmit, control: &mut self.control }
    }
}

/// A connection that receives and sends.
pub trait Face<'b> {
    type Role: Role;

    /// Whether it is in halves: then each knows of the other only what it was told.
    const IN_HALVES: bool;

    fn listen(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<Event>;
    /// The message that an event told of; an error must be followed by a flush.
    fn message(&mut self, kind: MessageKind) -> Result<Vec<u8>, Violation>;
    fn chunk(&self) -> Vec<u8>;
    fn control_payload(&self) -> Vec<u8>;
    fn deliver(&mut self, delivery: Delivery);
    fn answer_ping(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<()>;
    fn flush(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<()>;
    fn sender(&mut self) -> Sender<'_, 'b, Self::Role>;
    /// Performs the closing handshake; halves only begin it.
    fn closing(&mut self, link: &mut Link, code: CloseCode, max_steps: Option<u8>) -> Driven<()>;
    fn state(&self) -> WebSocketState;
    /// What the peer's Close frame said.
    fn peer_close(&self) -> Option<(u16, String)>;
}

impl<'b, R: Role> Face<'b> for Connection<'b, R> {
    type Role = R;
    const IN_HALVES: bool = false;

    fn listen(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<Event> {
        link.drive_for(self, max_steps)
    }

    fn message(&mut self, kind: MessageKind) -> Result<Vec<u8>, Violation> {
        self.received(kind).message.map(|message| checked(kind, message))
    }

    fn chunk(&self) -> Vec<u8> {
        self.chunk().to_vec()
    }

    fn control_payload(&self) -> Vec<u8> {
        self.control_payload().to_vec()
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.deliver(delivery);
    }

    fn answer_ping(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<()> {
        link.drive_for(&mut self.sender().pong(), max_steps)
    }

    fn flush(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<()> {
        link.drive_for(&mut self.sender().flush(), max_steps)
    }

    fn sender(&mut self) -> Sender<'_, 'b, R> {
        self.sender()
    }

    fn closing(&mut self, link: &mut Link, code: CloseCode, max_steps: Option<u8>) -> Driven<()> {
        link.drive_for(&mut self.closing(code, ""), max_steps)
    }

    fn state(&self) -> WebSocketState {
        self.state()
    }

    fn peer_close(&self) -> Option<(u16, String)> {
        self.peer_close().map(|close| (close.code.get(), close.reason.to_string()))
    }
}

/// Both halves of a connection.
pub struct Halves<'b, 's, R> {
    receiving: ReceiveHalf<'b, 's, R>,
    transmitting: TransmitHalf<'b, 's, R>,
}

impl<'b, 's, R> Halves<'b, 's, R> {
    pub fn new((receiving, transmitting): (ReceiveHalf<'b, 's, R>, TransmitHalf<'b, 's, R>)) -> Self {
        Self { receiving, transmitting }
    }
}

impl<'b, R: Role> Face<'b> for Halves<'b, '_, R> {
    type Role = R;
    const IN_HALVES: bool = true;

    fn listen(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<Event> {
        link.drive_for(&mut self.receiving, max_steps)
    }

    fn message(&mut self, kind: MessageKind) -> Result<Vec<u8>, Violation> {
        self.receiving.received(kind).map(|message| checked(kind, message))
    }

    fn chunk(&self) -> Vec<u8> {
        self.receiving.chunk().to_vec()
    }

    fn control_payload(&self) -> Vec<u8> {
        self.receiving.control_payload().to_vec()
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.receiving.deliver(delivery);
    }

    fn answer_ping(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<()> {
        match self.receiving.answer_ping() {
            Ok(()) => self.flush(link, max_steps),
            Err(misuse @ (Misuse::NoPingToAnswer | Misuse::Failed | Misuse::Closing)) => {
                Driven::Failed(Error::Misuse(misuse))
            }
            Err(misuse) => panic!("{misuse:?}"),
        }
    }

    fn flush(&mut self, link: &mut Link, max_steps: Option<u8>) -> Driven<()> {
        link.drive_for(&mut self.transmitting.flush(), max_steps)
    }

    fn sender(&mut self) -> Sender<'_, 'b, R> {
        self.transmitting.sender()
    }

    fn closing(&mut self, link: &mut Link, code: CloseCode, max_steps: Option<u8>) -> Driven<()> {
        link.drive_for(&mut self.sender().close(code, ""), max_steps)
    }

    fn state(&self) -> WebSocketState {
        self.transmitting.state()
    }

    fn peer_close(&self) -> Option<(u16, String)> {
        self.receiving.peer_close().map(|close| (close.code.get(), close.reason.to_string()))
    }
}

fn checked(kind: MessageKind, message: Message<'_>) -> Vec<u8> {
    assert_eq!(message.kind(), kind);
    message.payload().to_vec()
}
