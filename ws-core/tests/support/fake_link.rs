//! A link that is bytes in memory: what the peer has sent, what was written, and how much of either moves at once. It is
//! driven in steps, so that a test can leave a machine after any of them.

// Each file in the folder above is a program of its own, and none needs everything.
#![allow(dead_code)]

use std::collections::VecDeque;

use ws_core::{Buffers, Config, ControlBuffer, Error, Machine, Step};

/// What unwritten memory is filled with, so that it shows.
pub(crate) const UNWRITTEN: u8 = 0xa5;

/// How many steps a machine may take before it is taken to run for ever.
const STEPS: usize = 1_000_000;

/// One side of a link.
#[derive(Debug)]
pub(crate) struct Link {
    /// What the peer has sent and was not read yet.
    pub(crate) incoming: VecDeque<u8>,
    /// What was written.
    pub(crate) outgoing: Vec<u8>,
    /// Whether the stream ends behind `incoming`.
    pub(crate) ends: bool,
    pub(crate) longest_read: usize,
    pub(crate) longest_write: usize,
    /// How many writes and flushes there were.
    pub(crate) writes: usize,
    pub(crate) flushes: usize,
    /// How many machines were left in the middle.
    pub(crate) left: usize,
}

impl Link {
    pub(crate) fn new(incoming: &[u8]) -> Self {
        Self {
            incoming: incoming.iter().copied().collect(),
            outgoing: Vec::new(),
            ends: false,
            longest_read: usize::MAX,
            longest_write: usize::MAX,
            writes: 0,
            flushes: 0,
            left: 0,
        }
    }

    /// The same link, whose stream ends behind what the peer has sent.
    pub(crate) fn ended(incoming: &[u8]) -> Self {
        Self { ends: true, ..Self::new(incoming) }
    }

    /// What was written since the last time.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outgoing)
    }

    /// Drives a machine until it is ready, or needs bytes that have not come: then there is `None`.
    pub(crate) fn drive<M: Machine>(&mut self, mut machine: M) -> Result<Option<M::Ready>, Error> {
        for _ in 0..STEPS {
            match self.step(&mut machine)? {
                Stepped::Moved => {}
                Stepped::Ready(ready) => return Ok(Some(ready)),
                Stepped::Starved => return Ok(None),
            }
        }
        panic!("the machine goes on for ever");
    }

    /// As [`drive`](Self::drive), but leaves the machine after so many steps that moved bytes or flushed.
    pub(crate) fn drive_for<M: Machine>(&mut self, steps: usize, mut machine: M) -> Result<Option<M::Ready>, Error> {
        for _ in 0..steps {
            match self.step(&mut machine)? {
                Stepped::Moved => {}
                Stepped::Ready(ready) => return Ok(Some(ready)),
                Stepped::Starved => return Ok(None),
            }
        }
        self.left += 1;
        Ok(None)
    }

    /// Does what the machine says, once.
    pub(crate) fn step<M: Machine>(&mut self, machine: &mut M) -> Result<Stepped<M::Ready>, Error> {
        Ok(match machine.poll()? {
            Step::Write(bytes) => {
                let len = bytes.len().min(self.longest_write);
                assert!(len > 0, "an empty write");
                self.outgoing.extend(&bytes[..len]);
                self.writes += 1;
                machine.written(len);
                Stepped::Moved
            }
            Step::Flush => {
                self.flushes += 1;
                machine.flushed();
                Stepped::Moved
            }
            Step::Read(space) => {
                assert!(!space.is_empty(), "an empty read");
                let len = space.len().min(self.longest_read).min(self.incoming.len());
                if len == 0 && !self.ends {
                    return Ok(Stepped::Starved);
                }
                for (place, byte) in space.iter_mut().zip(self.incoming.drain(..len)) {
                    *place = byte;
                }
                machine.filled(len);
                Stepped::Moved
            }
            Step::Ready(ready) => Stepped::Ready(ready),
        })
    }
}

/// What came of one step.
pub(crate) enum Stepped<T> {
    /// Bytes went one way or the other, or it was flushed.
    Moved,
    Ready(T),
    /// The machine wants to read, and there is nothing.
    Starved,
}

/// The memory of a connection.
pub(crate) struct Memory {
    receive: Vec<u8>,
    transmit: Vec<u8>,
    control: ControlBuffer,
}

impl Memory {
    pub(crate) fn new(receive: usize, transmit: usize) -> Self {
        Self { receive: vec![UNWRITTEN; receive], transmit: vec![UNWRITTEN; transmit], control: [UNWRITTEN; 125] }
    }

    pub(crate) fn buffers(&mut self) -> Buffers<'_> {
        Buffers { receive: &mut self.receive, transmit: &mut self.transmit, control: &mut self.control }
    }
}

/// The choices that most tests take.
pub(crate) static DEFAULT: Config = Config::DEFAULT;
