//! Somebody watches the device, and tells it what to do: samples and the state leave as they are due, commands arrive.

use core::fmt::Write as _;

use board::Counters;
use ws_core::{ChunkInfo, Composer, Connection, MessageKind, Role, time};

use crate::{
    link::{Ended, Link},
    thing::{Complaint, Thing},
};

/// What all connections know.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// In milliseconds.
    pub now: u32,
    /// The frames of the network.
    pub counters: Counters,
    /// How many watch.
    pub viewers: usize,
}

/// What somebody who watches has to be told.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// When the next sample is due; `None` before the first.
    next: Option<u32>,
    /// The version of the state that was told, and how many watched then.
    told: Option<(u32, usize)>,
    complaint: Option<Complaint>,
}

impl Watch {
    /// Somebody to whom nothing was told yet.
    #[expect(clippy::new_without_default, reason = "there is no watcher by default")]
    pub const fn new() -> Self {
        Self { next: None, told: None, complaint: None }
    }

    /// A command is a text in one piece: none is so long that it would not be.
    pub fn hear(&mut self, command: &[u8], info: ChunkInfo, thing: &mut Thing) {
        let is_whole = info.kind == MessageKind::Text && info.first && info.last;
        let command = core::str::from_utf8(command).ok().filter(|_| is_whole);
        let obeyed = command.map_or(Err(Complaint::Unknown), |command| thing.obey(command));
        self.complaint = obeyed.err();
    }

    /// Tells what there is to tell; `false` if it could not leave yet. A peer that reads slowly misses samples, and costs no
    /// memory.
    ///
    /// # Errors
    ///
    /// [`Ended`] if the peer can be told nothing any more.
    pub fn tell<R: Role>(
        &mut self,
        connection: &mut Connection<'static, R>,
        link: &mut Link<'_, '_>,
        thing: &mut Thing,
        shared: &Shared,
    ) -> Result<bool, Ended> {
        if let Some(complaint) = self.complaint {
            let compose = |to: &mut Composer<'_>| Ok(write!(to, r#"{{"error":"{complaint}"}}"#)?);
            if link.drive(connection.sender().compose(MessageKind::Text, compose))?.is_none() {
                return Ok(false);
            }
            self.complaint = None;
        }
        let state = (thing.version(), shared.viewers);
        if self.told != Some(state) {
            let compose = |to: &mut Composer<'_>| Ok(thing.write_state(to, shared.viewers)?);
            if link.drive(connection.sender().compose(MessageKind::Text, compose))?.is_none() {
                return Ok(false);
            }
            self.told = Some(state);
        }
        if self.next.is_none_or(|next| time::is_due(next, shared.now)) {
            let interval = thing.interval();
            let compose = |to: &mut Composer<'_>| Ok(thing.write_sample(to, shared.counters)?);
            if link.drive(connection.sender().compose(MessageKind::Text, compose))?.is_none() {
                return Ok(false);
            }
            // By the clock, so that the rate is the one that was set; but what was missed is not made up for.
            let next = time::after(self.next.unwrap_or(shared.now), interval);
            self.next = Some(if time::is_due(next, shared.now) { time::after(shared.now, interval) } else { next });
        }
        Ok(true)
    }
}
