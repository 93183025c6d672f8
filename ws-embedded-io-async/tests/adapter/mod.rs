//! The async adapter, as the scenarios see it. An I/O call is interrupted by a future that is pending once; whoever is impatient
//! drops the adapter's future then.

pub(crate) use embedded_io_async as io;
pub(crate) use ws_embedded_io_async::*;

use std::{
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker},
};

use crate::scenarios::{
    driver::{End, Patience},
    flood::Flood,
    script::{Fault, Script},
};

/// How often a future may be polled before it is taken to be pending for ever.
const POLLS: usize = 1_000_000_000;

/// Polls a future until it is ready, or drops it when it is not ready at once.
pub(crate) fn attempt<F: Future>(patience: Patience, future: F) -> Option<F::Output> {
    match patience {
        Patience::Patient => Some(wait(future)),
        Patience::Impatient => match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        },
    }
}

/// Polls a future until it is ready.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("the future is pending for ever");
}

/// A clock that goes on while it is waited for something.
pub(crate) struct Clock {
    pub(crate) now: u32,
}

impl Timed<&mut Script> for Clock {
    fn now(&mut self) -> u32 {
        self.now
    }

    async fn read(&mut self, script: &mut &mut Script, space: &mut [u8], until: u32) -> Result<Option<usize>, Fault> {
        interrupt(|| script.interruption()).await;
        if script.wait_to_read(&mut self.now, until) { script.read_now(space).map(Some) } else { Ok(None) }
    }

    async fn write(&mut self, script: &mut &mut Script, bytes: &[u8], until: u32) -> Result<Option<usize>, Fault> {
        interrupt(|| script.interruption()).await;
        if script.wait_to_write(&mut self.now, until) { script.write_now(bytes).map(Some) } else { Ok(None) }
    }

    async fn flush(&mut self, script: &mut &mut Script, until: u32) -> Result<Option<()>, Fault> {
        interrupt(|| script.interruption()).await;
        if script.wait_to_write(&mut self.now, until) { script.flush_now().map(Some) } else { Ok(None) }
    }
}

async fn interrupt(mut interruption: impl FnMut() -> bool) {
    poll_fn(|_| if interruption() { Poll::Pending } else { Poll::Ready(()) }).await;
}

impl io::Read for Script {
    async fn read(&mut self, space: &mut [u8]) -> Result<usize, Fault> {
        interrupt(|| self.interruption()).await;
        self.read_now(space)
    }
}

impl io::Write for Script {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        interrupt(|| self.interruption()).await;
        self.write_now(bytes)
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        interrupt(|| self.interruption()).await;
        self.flush_now()
    }
}

impl io::ErrorType for End<'_> {
    type Error = Fault;
}

impl io::Read for End<'_> {
    async fn read(&mut self, space: &mut [u8]) -> Result<usize, Fault> {
        interrupt(|| self.0.borrow_mut().interruption()).await;
        self.0.borrow_mut().read_now(space)
    }
}

impl io::Write for End<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        interrupt(|| self.0.borrow_mut().interruption()).await;
        self.0.borrow_mut().write_now(bytes)
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        interrupt(|| self.0.borrow_mut().interruption()).await;
        self.0.borrow_mut().flush_now()
    }
}

impl io::Read for Flood {
    async fn read(&mut self, space: &mut [u8]) -> Result<usize, Self::Error> {
        Ok(self.read_now(space))
    }
}

impl io::Write for Flood {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Ok(self.write_now(bytes))
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}
