//! An application that does whatever the fuzzer says with a connection, and remembers what was told and what it sent.

use arbitrary::Arbitrary;
use ws_core::{
    Config, Delivery, Duties, Error, Event, Limits, MessageKind, Misuse, Violation, WebSocketState, frame::CloseCode,
};

use crate::{
    face::Face,
    frames::{LONGEST, Traffic},
    link::{Driven, Link, Portions},
    meaning::Told,
    sending::{Outbox, Sending, close_code},
};

/// How a connection is made.
#[derive(Clone, Debug, Arbitrary)]
pub struct Choices {
    pub of_client: bool,
    receive_len: u8,
    transmit_len: u8,
    limits: [u8; 3],
    duties: [bool; 3],
    delivery: HowDelivered,
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum HowDelivered {
    Messages,
    Chunks,
    Announce,
}

/// What happens.
#[derive(Clone, Debug, Arbitrary)]
pub enum Happening {
    PeerSends(Traffic),
    PeerEnds,
    Portions(Portions),
    Breaks,
    /// Receives for at most so many steps; 0 stands for any number.
    Listen(u8),
    Deliver(DeliveryChoice),
    AnswerPing(u8),
    Flush(u8),
    Send(Sending),
    /// The closing handshake, for at most so many steps.
    Closing(u16, u8),
}

/// How messages are to be handed over from now on.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub struct DeliveryChoice(HowDelivered);

impl Choices {
    /// The lengths of the receive and the transmit buffer in bytes: any length, mostly short.
    pub fn lens(&self) -> (usize, usize) {
        let len = |choice: u8| match choice {
            250.. => usize::from(choice - 249) * 600,
            _ => usize::from(choice) + 1,
        };
        (len(self.receive_len), len(self.transmit_len))
    }

    pub fn config(&self) -> Config {
        let [message, frame, fragments] = self.limits;
        let limit = |choice: u8| if choice < 200 { u64::from(choice) } else { u64::MAX };
        let [pong, close_reply, fail] = self.duties.map(|is_off| !is_off);
        Config {
            limits: Limits {
                message: limit(message),
                frame: limit(frame),
                fragments: if fragments < 100 { u32::from(fragments) + 1 } else { u32::MAX },
            },
            duties: Duties { pong, close_reply, fail },
            delivery: self.delivery.into(),
        }
    }
}

impl From<HowDelivered> for Delivery {
    fn from(how: HowDelivered) -> Self {
        match how {
            HowDelivered::Messages => Self::Messages,
            HowDelivered::Chunks => Self::Chunks,
            HowDelivered::Announce => Self::Announce,
        }
    }
}

/// A connection in use.
pub struct Session<F> {
    pub(crate) face: F,
    pub(crate) link: Link,
    pub(crate) config: Config,
    pub(crate) receive_len: usize,
    pub(crate) outbox: Outbox,
    pub(crate) told: Vec<Told>,
    /// The Pings that were left to the application.
    pub(crate) pings: Vec<Vec<u8>>,
    /// The pieces of a message.
    chunks: Option<Vec<u8>>,
    /// How it ended, if it has.
    pub(crate) ended: Option<Ended>,
    /// Whether messages and Pings may have been dropped, in a closing handshake.
    pub(crate) drops: bool,
    /// Whether it ended while a frame of ours was half sent.
    pub(crate) ended_in_frame: bool,
    /// Whether the link broke, so that the connection is of no use.
    pub(crate) lost: bool,
    /// Whether a message was wanted whole at any time, so that it had to fit into the receive buffer.
    pub(crate) wanted_whole: bool,
    inside: bool,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Closed,
    Violated(Violation),
    Transport { clean: bool },
}

impl<'b, F: Face<'b>> Session<F> {
    pub fn new(face: F, config: Config, receive_len: usize) -> Self {
        let wanted_whole = config.delivery != Delivery::Chunks;
        Self {
            face,
            link: Link::default(),
            config,
            receive_len,
            outbox: Outbox::default(),
            told: Vec::new(),
            pings: Vec::new(),
            chunks: None,
            ended: None,
            drops: false,
            ended_in_frame: false,
            lost: false,
            wanted_whole,
            inside: false,
        }
    }

    /// The same with a link over which bytes have come already.
    pub fn over(self, link: Link) -> Self {
        Self { link, ..self }
    }

    /// Lets all of it happen, then whatever is left to do, and asserts that it went as it should.
    pub fn run(mut self, happenings: &[Happening], of_client: bool) -> Self {
        for happening in happenings {
            if self.lost {
                break;
            }
            self.happen(happening, of_client);
        }
        self.settle();
        self
    }

    fn happen(&mut self, happening: &Happening, of_client: bool) {
        match happening {
            Happening::PeerSends(_) if self.link.ended => {}
            Happening::PeerSends(traffic) => {
                self.link.input.extend(traffic.bytes(!of_client, &mut self.inside, LONGEST));
            }
            Happening::PeerEnds => self.link.ended = true,
            Happening::Portions(portions) => self.link.portions = *portions,
            Happening::Breaks => self.link.broken = true,
            Happening::Listen(steps) => self.listen(Some(*steps).filter(|steps| *steps > 0)),
            Happening::Deliver(DeliveryChoice(how)) => self.deliver((*how).into()),
            Happening::AnswerPing(steps) => {
                let driven = self.face.answer_ping(&mut self.link, Some(*steps));
                self.check_sent(driven);
            }
            Happening::Flush(steps) => {
                let driven = self.face.flush(&mut self.link, Some(*steps));
                self.check_sent(driven);
            }
            Happening::Closing(code, steps) => self.close(close_code(*code), Some(*steps).filter(|steps| *steps > 0)),
            Happening::Send(sending) => {
                let driven = self.outbox.send(&mut self.face, &mut self.link, sending);
                self.check_sent(driven);
            }
        }
    }

    /// Performs the closing handshake, in which messages and Pings are dropped.
    fn close(&mut self, code: CloseCode, max_steps: Option<u8>) {
        self.drops = true;
        self.note_frame();
        let driven = self.face.closing(&mut self.link, code, max_steps);
        let is_sent = driven == Driven::Ready(());
        self.outbox.closes.push((code.get().to_be_bytes().to_vec(), is_sent));
        match driven {
            // Halves have only begun.
            Driven::Ready(()) if F::IN_HALVES => {}
            Driven::Ready(()) => self.ended = self.ended.or(Some(Ended::Closed)),
            Driven::Waits | Driven::Dropped => {}
            Driven::Failed(Error::Misuse(_) | Error::BufferTooSmall { .. }) => {}
            Driven::Failed(error) => {
                self.recover(error);
            }
            Driven::Broken => self.lost = true,
        }
    }

    /// Behind half a frame of ours no Close frame can stand.
    fn note_frame(&mut self) {
        if self.ended.is_none() {
            self.ended_in_frame = self.face.sender().unfinished_frame().is_some();
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        self.wanted_whole |= delivery != Delivery::Chunks;
        self.face.deliver(delivery);
    }

    /// Whatever may be said about sending: it is the caller's mistake, or the transmit buffer is too short.
    pub(crate) fn check_sent(&mut self, driven: Driven<()>) {
        match driven {
            Driven::Ready(()) | Driven::Dropped => {}
            Driven::Failed(Error::Misuse(_) | Error::BufferTooSmall { .. }) => {}
            Driven::Broken => self.lost = true,
            other => panic!("sending: {other:?}"),
        }
    }

    /// Receives until there is nothing more to receive, or for so many steps.
    pub(crate) fn listen(&mut self, max_steps: Option<u8>) {
        // A loop that is left after few steps is entered a few times: between events nothing may be lost.
        for _ in 0..if max_steps.is_some() { 4 } else { usize::MAX } {
            if self.lost {
                return;
            }
            let before = self.face.state();
            self.note_frame();
            match self.face.listen(&mut self.link, max_steps) {
                Driven::Ready(event) => {
                    self.check_order(event, before);
                    self.hear(event);
                    if event == Event::Closed {
                        return;
                    }
                }
                Driven::Dropped => {}
                Driven::Waits => {
                    assert!(self.ended.is_none(), "it waits after {:?}", self.ended);
                    let is_flushed = F::IN_HALVES || self.link.broken || self.link.flushed == self.link.output.len();
                    assert!(is_flushed, "it waits with bytes that are not flushed");
                    return;
                }
                Driven::Broken => self.lost = true,
                Driven::Failed(error) => {
                    if !self.recover(error) {
                        return;
                    }
                }
            }
        }
    }

    /// After the end nothing is told; a whole connection that has said goodbye tells of no message.
    fn check_order(&self, event: Event, before: WebSocketState) {
        let is_message = matches!(event, Event::Message(_) | Event::Chunk(_) | Event::Announced(_));
        let said_goodbye = matches!(before, WebSocketState::CloseSent | WebSocketState::Closed);
        assert!(F::IN_HALVES || !(is_message && said_goodbye), "{event:?} in {before:?}");
        assert!(self.ended.is_none() || event == Event::Closed, "{event:?} after {:?}", self.ended);
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Announced(announced) => {
                assert!(announced.frame_len <= self.config.limits.frame);
                let delivery = if announced.frame_len % 2 == 0 { Delivery::Messages } else { Delivery::Chunks };
                self.deliver(delivery);
            }
            Event::Message(kind) => match self.face.message(kind) {
                Ok(message) => self.told.push(Told::Message(kind, message)),
                Err(violation) => {
                    self.ended = Some(Ended::Violated(violation));
                    let driven = self.face.flush(&mut self.link, None);
                    self.check_sent(driven);
                }
            },
            Event::Chunk(info) => {
                let piece = self.face.chunk();
                assert!(info.last || !piece.is_empty(), "an empty chunk");
                if self.drops {
                    // So may be the pieces before this one, and no message is whole any more.
                    return;
                }
                assert_eq!(info.first, self.chunks.is_none(), "{info:?} behind {:?}", self.chunks);
                let chunks = self.chunks.get_or_insert_default();
                chunks.extend(piece);
                if info.kind == MessageKind::Text
                    && let Err(error) = std::str::from_utf8(chunks)
                {
                    assert!(error.error_len().is_none() && !info.last, "a text that is none: {chunks:02x?}");
                }
                if info.last {
                    self.told.push(Told::Message(info.kind, self.chunks.take().unwrap_or_default()));
                }
            }
            Event::Ping => {
                assert!(!self.config.duties.pong);
                self.pings.push(self.face.control_payload());
            }
            Event::Pong => self.told.push(Told::Pong(self.face.control_payload())),
            Event::ReplyDue => {
                assert!(F::IN_HALVES);
                let driven = self.face.flush(&mut self.link, Some(3));
                self.check_sent(driven);
            }
            Event::Closed => {
                self.ended.get_or_insert(Ended::Closed);
            }
            other => panic!("{other:?}"),
        }
    }

    /// What the application does about an error; says whether it can go on.
    fn recover(&mut self, error: Error) -> bool {
        let ended = match error {
            Error::Misuse(Misuse::MessageHalfReceived) => {
                self.face.deliver(Delivery::Chunks);
                return true;
            }
            // Its own frame comes first.
            Error::Misuse(Misuse::FrameUnfinished { .. }) => return false,
            Error::Violation(violation) => Ended::Violated(violation),
            Error::TransportEnded { clean } => {
                assert!(self.link.ended && self.link.read == self.link.input.len(), "it has not ended");
                Ended::Transport { clean }
            }
            other => panic!("receiving: {other:?}"),
        };
        match self.ended {
            // It is told again, or that it is closed now.
            Some(before) => assert!(before == ended || matches!(before, Ended::Closed), "{ended:?} after {before:?}"),
            None => self.ended = Some(ended),
        }
        false
    }
}
