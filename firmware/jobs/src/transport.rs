//! The transport of every job: a script to read from, memory to write to, and marks in the count of instructions.

use core::convert::Infallible;

use crate::{measure::counter, script::Script};

/// As many marks as a job with the most phases needs.
const MAX_LAPS: usize = 16;

pub struct Transport {
    script: &'static [&'static [u8]],
    /// How much of the script's first piece was read.
    read: usize,
    longest_read: usize,
    output: [u8; 1024],
    written: usize,
    laps: [u32; MAX_LAPS],
    laps_done: usize,
}

impl Transport {
    pub(crate) const fn new() -> Self {
        Self { script: &[], read: 0, longest_read: 0, output: [0; _], written: 0, laps: [0; _], laps_done: 0 }
    }

    pub(crate) fn load(&mut self, script: &'static Script) {
        self.script = script.pieces;
        self.longest_read = script.longest_read;
        (self.read, self.written, self.laps_done) = (0, 0, 0);
    }

    /// A phase of the job ends here.
    #[inline(never)]
    pub fn lap(&mut self) {
        if let Some(lap) = self.laps.get_mut(self.laps_done) {
            *lap = counter();
            self.laps_done += 1;
        }
    }

    pub(crate) fn laps(&self) -> &[u32] {
        self.laps.get(..self.laps_done).unwrap_or_default()
    }

    pub(crate) fn output(&self) -> &[u8] {
        self.output.get(..self.written).unwrap_or_default()
    }

    /// Reads the rest of a piece, or as much as a read may have; 0 at the end of the script.
    #[inline(never)]
    pub fn read(&mut self, to: &mut [u8]) -> usize {
        while let [piece, later @ ..] = self.script {
            let rest = piece.get(self.read..).unwrap_or_default();
            let len = rest.len().min(to.len()).min(self.longest_read);
            if let (Some(to), Some(from), 1..) = (to.get_mut(..len), rest.get(..len), rest.len()) {
                to.copy_from_slice(from);
                self.read += len;
                return len;
            }
            (self.script, self.read) = (later, 0);
        }
        0
    }

    /// Keeps what there is room for; all of it is taken.
    #[inline(never)]
    pub fn write(&mut self, from: &[u8]) -> usize {
        let space = self.output.get_mut(self.written..).unwrap_or_default();
        let len = from.len().min(space.len());
        if let (Some(to), Some(from)) = (space.get_mut(..len), from.get(..len)) {
            to.copy_from_slice(from);
            self.written += len;
        }
        from.len()
    }
}

impl embedded_io::ErrorType for Transport {
    type Error = Infallible;
}

impl embedded_io::Read for Transport {
    fn read(&mut self, to: &mut [u8]) -> Result<usize, Infallible> {
        Ok(Self::read(self, to))
    }
}

impl embedded_io::Write for Transport {
    fn write(&mut self, from: &[u8]) -> Result<usize, Infallible> {
        Ok(Self::write(self, from))
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl embedded_io_async::Read for Transport {
    async fn read(&mut self, to: &mut [u8]) -> Result<usize, Infallible> {
        Ok(Self::read(self, to))
    }
}

impl embedded_io_async::Write for Transport {
    async fn write(&mut self, from: &[u8]) -> Result<usize, Infallible> {
        Ok(Self::write(self, from))
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
