//! What is done over an open WebSocket: messages are echoed (`echo.rs`), or somebody watches the device and tells it what to do.

use device::{
    link::{Ended, Link},
    thing::Thing,
    watch::{Shared, Watch},
};
use ws_core::{Connection, Event, Server};

use crate::echo::Echo;

#[derive(Clone, Copy)]
pub(crate) enum Service {
    Echo(Echo),
    Watch(Watch),
}

impl Service {
    /// Goes on as far as possible without waiting; `Ok(true)` when the connection is closed.
    pub(crate) fn turn(
        &mut self,
        connection: &mut Connection<'static, Server>,
        link: &mut Link<'_, '_>,
        thing: &mut Thing,
        shared: &Shared,
    ) -> Result<bool, Ended> {
        loop {
            let is_blocked = match self {
                Self::Echo(echo) => !echo.tell(connection, link)?,
                Self::Watch(watch) => !watch.tell(connection, link, thing, shared)?,
            };
            if is_blocked {
                return Ok(false);
            }
            match (link.drive(&mut *connection)?, &mut *self) {
                (None, _) => return Ok(false),
                (Some(Event::Closed), _) => return Ok(true),
                (Some(event), Self::Echo(echo)) => echo.hear(event, connection),
                (Some(Event::Chunk(info)), Self::Watch(watch)) => watch.hear(connection.chunk(), info, thing),
                _ => {}
            }
        }
    }
}
