//! The transport between a machine and its peer, which moves bytes in portions of any size, ends and breaks; and the loop that
//! drives a machine over it and asks of every step what the contract says.

use arbitrary::Arbitrary;
use ws_core::{Error, Machine, Step};

use crate::UNWRITTEN;

/// How many bytes the transport moves at once, at most; 0 stands for any number.
#[derive(Clone, Copy, Debug, Default, Arbitrary)]
pub struct Portions {
    pub read: u8,
    pub write: u8,
}

/// The transport.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// All that the peer has sent.
    pub input: Vec<u8>,
    /// How much of it was read.
    pub read: usize,
    /// Whether the peer has ended the stream behind it.
    pub ended: bool,
    /// All that was written.
    pub output: Vec<u8>,
    /// How much of it was flushed.
    pub flushed: usize,
    /// Whether writing fails.
    pub broken: bool,
    pub portions: Portions,
}

/// What came of driving a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driven<T> {
    Ready(T),
    /// It waits for bytes that the peer has not sent.
    Waits,
    /// It is dropped, because somebody else was faster.
    Dropped,
    Failed(Error),
    /// Writing failed, and that was the end.
    Broken,
}

impl Link {
    /// Drives a machine until it is ready.
    pub fn drive<M: Machine>(&mut self, machine: &mut M) -> Driven<M::Ready> {
        self.drive_for(machine, None)
    }

    /// Drives a machine until it is ready or, if that is less, for so many steps.
    pub fn drive_for<M: Machine>(&mut self, machine: &mut M, max_steps: Option<u8>) -> Driven<M::Ready> {
        let (mut steps, mut moved) = (0_usize, 0_usize);
        loop {
            if max_steps.is_some_and(|max| steps >= usize::from(max)) {
                return Driven::Dropped;
            }
            steps += 1;
            assert!(steps <= 8 + 3 * moved, "{steps} steps for {moved} bytes");
            moved += match machine.poll() {
                Ok(Step::Ready(ready)) => return Driven::Ready(ready),
                Err(error) => return Driven::Failed(error),
                Ok(Step::Write(bytes)) => {
                    assert!(!bytes.is_empty(), "an empty write");
                    let told = bytes.to_vec();
                    match machine.poll() {
                        // The other half of a connection may have left something that goes behind it.
                        Ok(Step::Write(again)) => assert!(again.starts_with(&told), "{told:02x?}, then {again:02x?}"),
                        other => panic!("polled again, with {told:02x?} to write: {:?}", other.map(|_| ())),
                    }
                    if self.broken {
                        if !machine.write_failed() {
                            return Driven::Broken;
                        }
                        continue;
                    }
                    let len = portion(self.portions.write, told.len());
                    self.output.extend(&told[..len]);
                    machine.written(len);
                    len
                }
                Ok(Step::Flush) => {
                    self.flushed = self.output.len();
                    machine.flushed();
                    0
                }
                Ok(Step::Read(space)) => {
                    assert!(!space.is_empty(), "an empty read");
                    let unread = &self.input[self.read..];
                    if unread.is_empty() && !self.ended {
                        return Driven::Waits;
                    }
                    space.fill(UNWRITTEN);
                    let len = portion(self.portions.read, space.len().min(unread.len()));
                    space[..len].copy_from_slice(&unread[..len]);
                    self.read += len;
                    machine.filled(len);
                    len
                }
            };
        }
    }
}

fn portion(longest: u8, len: usize) -> usize {
    if longest == 0 { len } else { len.min(usize::from(longest)) }
}
