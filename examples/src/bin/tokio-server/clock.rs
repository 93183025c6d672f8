//! Time for a connection: tokio's clock, and reading and writing that end at a deadline.

use std::time::Duration;

use embedded_io_async::{Read, Write};
use tokio::time::{Instant, timeout};
use ws_embedded_io_async::{Timed, time::until};

/// Counts milliseconds from its making, and wraps with the 32 bits of them.
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn milliseconds(&self) -> u32 {
        // The low bits of a larger counter are what a clock that wraps has.
        self.start.elapsed().as_millis() as u32
    }

    fn left(&self, deadline: u32) -> Duration {
        Duration::from_millis(until(deadline, self.milliseconds()).into())
    }
}

/// A future of tokio's TCP that is dropped has read or written nothing, so that a time-out loses nothing.
impl<T: Read + Write> Timed<T> for Clock {
    fn now(&mut self) -> u32 {
        self.milliseconds()
    }

    async fn read(&mut self, transport: &mut T, space: &mut [u8], deadline: u32) -> Result<Option<usize>, T::Error> {
        timeout(self.left(deadline), transport.read(space)).await.ok().transpose()
    }

    async fn write(&mut self, transport: &mut T, bytes: &[u8], deadline: u32) -> Result<Option<usize>, T::Error> {
        timeout(self.left(deadline), transport.write(bytes)).await.ok().transpose()
    }
}
