//! The closing handshake (RFC 6455, section 7) as a machine: our Close frame, then the peer's.

use ws_frame::ClosePayload;

use super::{
    control_frames::Blocked,
    event::Event,
    machine::{Machine, Step},
    open::{Connection, Next},
    outbound::Due,
};
use crate::{Error, Misuse, Role, WebSocketState};

/// Performs the closing handshake: see [`Connection::closing`].
#[derive(Debug)]
pub struct Closing<'a, 'b, R> {
    connection: &'a mut Connection<'b, R>,
    payload: ClosePayload<'a>,
}

impl<'a, 'b, R> Closing<'a, 'b, R> {
    pub(super) const fn new(connection: &'a mut Connection<'b, R>, payload: ClosePayload<'a>) -> Self {
        Self { connection, payload }
    }
}

impl<R: Role> Closing<'_, '_, R> {
    /// Sends our Close frame, unless the closing handshake has begun, and says what is to be done before.
    fn begin(&mut self) -> Result<Option<Due>, Error> {
        let outbound = &mut self.connection.outbound;
        while is_unsaid(outbound.state) {
            match outbound.place_control() {
                Err(Blocked::Full) => return Ok(Some(Due::Write)),
                Err(Blocked::HalfSent { remaining }) => return Err(Misuse::FrameUnfinished { remaining }.into()),
                // What was placed was the Close frame of a machine that was dropped, or the reply to the peer's.
                Ok(()) if !is_unsaid(outbound.state) => {}
                Ok(()) => match outbound.put_close(self.payload) {
                    Ok(true) => {}
                    Ok(false) => return Ok(Some(Due::Write)),
                    // The rest of the control frame that is arriving in its place comes first.
                    Err(Error::BufferTooSmall { .. }) if outbound.control.is_arriving() => return Ok(None),
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(None)
    }
}

/// Whether our Close frame is to be sent.
const fn is_unsaid(state: WebSocketState) -> bool {
    matches!(state, WebSocketState::Open | WebSocketState::CloseReceived)
}

impl<R: Role> Machine for Closing<'_, '_, R> {
    type Ready = ();

    fn poll(&mut self) -> Result<Step<'_, ()>, Error> {
        loop {
            if let Some(due) = self.begin()? {
                return Ok(self.connection.outbound.step(due));
            }
            match self.connection.next()? {
                Next::Ready(Event::Closed) => return Ok(Step::Ready(())),
                // What else there is comes too late to be of interest; but the place that our Close frame waits for may be
                // free for a moment.
                Next::Ready(_) | Next::Again => {}
                Next::Due(due) => return Ok(self.connection.outbound.step(due)),
                Next::Read => return Ok(Step::Read(self.connection.inbound.space()?)),
            }
        }
    }

    fn filled(&mut self, len: usize) {
        self.connection.filled(len);
    }

    fn written(&mut self, len: usize) {
        self.connection.written(len);
    }

    fn flushed(&mut self) {
        self.connection.flushed();
    }

    fn write_failed(&mut self) -> bool {
        self.connection.write_failed()
    }
}
