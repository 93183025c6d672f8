//! The blocking adapter, as the scenarios see it. An I/O call is interrupted by a time-out, which does not pass by itself.

pub(crate) use embedded_io as io;
pub(crate) use ws_embedded_io::*;

use crate::scenarios::{
    driver::{End, Patience},
    flood::Flood,
    script::{Fault, Script},
};

/// Gives an outcome, unless the call is to be made again.
pub(crate) fn attempt<T>(patience: Patience, result: Result<T, Error<Fault>>) -> Option<Result<T, Error<Fault>>> {
    let has_timed_out = matches!(result, Err(Error::Read(Fault::TimedOut) | Error::Write(Fault::TimedOut)));
    (patience == Patience::Patient || !has_timed_out).then_some(result)
}

/// Waits for what is ready when it is called.
pub(crate) fn wait<T>(result: T) -> T {
    result
}

/// A clock that goes on while it is waited for something.
pub(crate) struct Clock {
    pub(crate) now: u32,
}

impl Timed<&mut Script> for Clock {
    fn now(&mut self) -> u32 {
        self.now
    }

    fn read(&mut self, script: &mut &mut Script, space: &mut [u8], until: u32) -> Result<Option<usize>, Fault> {
        if script.wait_to_read(&mut self.now, until) { io::Read::read(script, space).map(Some) } else { Ok(None) }
    }

    fn write(&mut self, script: &mut &mut Script, bytes: &[u8], until: u32) -> Result<Option<usize>, Fault> {
        if script.wait_to_write(&mut self.now, until) { io::Write::write(script, bytes).map(Some) } else { Ok(None) }
    }

    fn flush(&mut self, script: &mut &mut Script, until: u32) -> Result<Option<()>, Fault> {
        if script.wait_to_write(&mut self.now, until) { io::Write::flush(script).map(Some) } else { Ok(None) }
    }
}

fn interrupt(script: &mut Script) -> Result<(), Fault> {
    if script.interrupts && script.interruption() { Err(Fault::TimedOut) } else { Ok(()) }
}

impl io::Read for Script {
    fn read(&mut self, space: &mut [u8]) -> Result<usize, Fault> {
        interrupt(self)?;
        self.read_now(space)
    }
}

impl io::Write for Script {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        interrupt(self)?;
        self.write_now(bytes)
    }

    fn flush(&mut self) -> Result<(), Fault> {
        interrupt(self)?;
        self.flush_now()
    }
}

impl io::ErrorType for End<'_> {
    type Error = Fault;
}

impl io::Read for End<'_> {
    fn read(&mut self, space: &mut [u8]) -> Result<usize, Fault> {
        io::Read::read(*self.0.borrow_mut(), space)
    }
}

impl io::Write for End<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        io::Write::write(*self.0.borrow_mut(), bytes)
    }

    fn flush(&mut self) -> Result<(), Fault> {
        io::Write::flush(*self.0.borrow_mut())
    }
}

impl io::Read for Flood {
    fn read(&mut self, space: &mut [u8]) -> Result<usize, Self::Error> {
        Ok(self.read_now(space))
    }
}

impl io::Write for Flood {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Ok(self.write_now(bytes))
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
