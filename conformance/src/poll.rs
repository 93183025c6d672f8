//! The smallest executor: it polls, and gives up a future that is pending for ever.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// How often a future may be polled before it counts as pending for ever.
const MOST_POLLS: usize = 100_000_000;

/// Polls a future until it is ready.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..MOST_POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("a future is pending for ever");
}

/// Polls a future once and drops it.
pub(crate) fn once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Makes a future again and again, polls each once and drops it, until one is ready.
pub(crate) fn insist<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    (0..MOST_POLLS).find_map(|_| attempt()).expect("a future that is dropped and made again comes to an end")
}
