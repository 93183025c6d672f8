//! Sends every message back while it arrives, whatever its length: a piece that did not leave yet stays in the receive buffer, so that
//! it costs no memory, and TCP lets the peer wait.
//!
//! A message that comes as one frame goes back as one, because some clients take no more than a few thousand fragments; one that
//! comes as fragments goes back as fragments, because nobody has said how long it will be.

use device::link::{Ended, Link};
use ws_core::{ChunkInfo, Connection, Delivery, Event, Server};

#[derive(Clone, Copy)]
pub(crate) struct Echo {
    /// What is to be sent.
    due: Due,
    /// Whether the message goes back as one frame, and how many bytes of the piece that frame has taken.
    frame: Option<usize>,
}

#[derive(Clone, Copy)]
enum Due {
    Nothing,
    /// The header of a frame, and the replies that were in its way.
    Frame(ws_core::Announced),
    Piece(ChunkInfo),
}

impl Echo {
    pub(crate) const fn new() -> Self {
        Self { due: Due::Nothing, frame: None }
    }

    pub(crate) fn hear(&mut self, event: Event, connection: &mut Connection<'static, Server>) {
        match event {
            Event::Announced(message) => {
                connection.deliver(Delivery::Chunks);
                if message.is_whole {
                    self.due = Due::Frame(message);
                }
            }
            Event::Chunk(piece) => {
                if piece.last {
                    connection.deliver(Delivery::Announce);
                }
                self.due = Due::Piece(piece);
            }
            _ => {}
        }
    }

    /// Sends what is to be sent; `false` if it could not leave yet.
    pub(crate) fn tell(
        &mut self,
        connection: &mut Connection<'static, Server>,
        link: &mut Link<'_, '_>,
    ) -> Result<bool, Ended> {
        let sent = match (self.due, self.frame) {
            (Due::Nothing, _) => Some(()),
            (Due::Frame(message), _) => {
                let flushed = link.drive(connection.sender().flush())?;
                if flushed.is_some() {
                    connection.sender().frame(message.kind, message.frame_len)?;
                    self.frame = Some(0);
                }
                flushed
            }
            (Due::Piece(piece), None) => {
                let received = connection.received_chunk(piece);
                let chunk = received.chunk;
                link.drive(received.sender.resume_fragment(chunk.kind, chunk.payload, chunk.last))?
            }
            (Due::Piece(piece), Some(taken)) => self.send_in_frame(piece, taken, connection, link)?,
        };
        if sent.is_some() {
            self.due = Due::Nothing;
        }
        Ok(sent.is_some())
    }

    fn send_in_frame(
        &mut self,
        piece: ChunkInfo,
        mut taken: usize,
        connection: &mut Connection<'static, Server>,
        link: &mut Link<'_, '_>,
    ) -> Result<Option<()>, Ended> {
        let received = connection.received_chunk(piece);
        let (payload, mut sender) = (received.chunk.payload, received.sender);
        let sent = match sender.reborrow().unfinished_frame() {
            Some(mut frame) => loop {
                match payload.get(taken..) {
                    Some(rest @ [_, ..]) => match link.drive(frame.put(rest))? {
                        Some(more) => taken += more,
                        None => break None,
                    },
                    _ if piece.last => break link.drive(frame.finish())?,
                    _ => break Some(()),
                }
            },
            // All of it is on its way.
            None => link.drive(sender.flush())?,
        };
        self.frame = match sent {
            Some(()) if piece.last => None,
            Some(()) => Some(0),
            None => Some(taken),
        };
        Ok(sent)
    }
}
