//! Waiting for whatever comes first: the server, a deadline, the time for the next reading, Ctrl-C.
//!
//! For the adapter it is the clock, and the reads and writes with deadlines. A read that ends because of the last two takes nothing, so that
//! receiving goes on later.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use embedded_io_adapters::std::FromStd;
use ws_embedded_io::{
    Timed,
    time::{after, is_due, until},
};

/// How often a read or write that waits looks whether Ctrl-C was pressed, in milliseconds.
const POLL_INTERVAL: u32 = 50;

pub(crate) struct Clock {
    started: Instant,
    stop: Receiver<()>,
    alarm: Option<u32>,
}

/// Ctrl-C was pressed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

impl Clock {
    pub(crate) fn start(stop: Receiver<()>) -> Self {
        Self { started: Instant::now(), stop, alarm: None }
    }

    /// The time in milliseconds. It wraps after 49 days.
    pub(crate) fn now(&self) -> u32 {
        self.started.elapsed().as_millis() as u32
    }

    /// Lets a read end with `WouldBlock` in so many milliseconds, and from then on.
    pub(crate) fn set_alarm(&mut self, milliseconds: u32) {
        self.alarm = Some(after(self.now(), milliseconds));
    }

    /// Lets reads go on whatever the time is.
    pub(crate) fn clear_alarm(&mut self) {
        self.alarm = None;
    }

    /// Waits for so many milliseconds.
    pub(crate) fn wait(&self, milliseconds: u32) -> Result<(), Stopped> {
        match self.stop.recv_timeout(Duration::from_millis(milliseconds.into())) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Stopped),
        }
    }

    /// How long to wait for something that has time for so many milliseconds, before looking again; `Interrupted`, once, after Ctrl-C.
    fn slice(&self, milliseconds: u32) -> io::Result<Option<Duration>> {
        if self.stop.try_recv().is_ok() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "stopped by Ctrl-C"));
        }
        // A socket knows no time-out of 0. What has come by the deadline is looked at after it, too.
        Ok(Some(Duration::from_millis(milliseconds.clamp(1, POLL_INTERVAL).into())))
    }
}

impl Timed<FromStd<TcpStream>> for Clock {
    fn now(&mut self) -> u32 {
        Self::now(self)
    }

    fn read(&mut self, transport: &mut FromStd<TcpStream>, space: &mut [u8], end: u32) -> io::Result<Option<usize>> {
        let stream = transport.inner_mut();
        loop {
            let now = self.now();
            let time = match self.alarm {
                Some(alarm) if is_due(alarm, now) => {
                    return Err(io::Error::new(io::ErrorKind::WouldBlock, "the time has come"));
                }
                Some(alarm) => until(alarm, now).min(until(end, now)),
                None => until(end, now),
            };
            stream.set_read_timeout(self.slice(time)?)?;
            match stream.read(space) {
                Err(error) if !has_passed(&error) => return Err(error),
                Err(_) if is_due(end, self.now()) => return Ok(None),
                Err(_) => {}
                Ok(len) => return Ok(Some(len)),
            }
        }
    }

    fn write(&mut self, transport: &mut FromStd<TcpStream>, bytes: &[u8], end: u32) -> io::Result<Option<usize>> {
        let stream = transport.inner_mut();
        loop {
            let time = until(end, self.now());
            stream.set_write_timeout(self.slice(time)?)?;
            match stream.write(bytes) {
                Err(error) if !has_passed(&error) => return Err(error),
                Err(_) if is_due(end, self.now()) => return Ok(None),
                Err(_) => {}
                Ok(len) => return Ok(Some(len)),
            }
        }
    }
}

fn has_passed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, sync::mpsc};

    #[test]
    fn a_read_ends_with_what_comes_first() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut transport = FromStd::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let (mut peer, _) = listener.accept().unwrap();
        let (stop, is_stopped) = mpsc::channel();
        let mut clock = Clock::start(is_stopped);
        let mut read =
            |clock: &mut Clock, until| clock.read(&mut transport, &mut [0; 1], until).map_err(|error| error.kind());

        let now = clock.now();
        assert_eq!(read(&mut clock, now), Ok(None));
        peer.write_all(b"abc").unwrap();
        assert_eq!(read(&mut clock, after(now, 20_000)), Ok(Some(1)));
        clock.set_alarm(0);
        assert_eq!(read(&mut clock, after(now, 20_000)), Err(io::ErrorKind::WouldBlock));
        clock.set_alarm(20_000);
        stop.send(()).unwrap();
        assert_eq!(read(&mut clock, after(now, 20_000)), Err(io::ErrorKind::Interrupted));
        // There is time to say goodbye, and nothing was lost.
        assert_eq!(read(&mut clock, after(now, 20_000)), Ok(Some(1)));
        assert_eq!(clock.wait(0), Ok(()));
        stop.send(()).unwrap();
        assert_eq!(clock.wait(20_000), Err(Stopped));
    }
}
