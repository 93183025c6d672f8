//! The device, and who is watching it: commands come in, and what they change reaches every browser.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    mailbox::{Mail, Mailbox},
    protocol::{Command, State},
    sensors::Sensors,
};

pub(crate) struct Hub {
    device: Mutex<Device>,
}

struct Device {
    state: State,
    sensors: Sensors,
    viewers: Vec<Arc<Mailbox>>,
}

/// A browser that is watching, until it is dropped.
pub(crate) struct Viewer<'h> {
    hub: &'h Hub,
    pub(crate) mailbox: Arc<Mailbox>,
}

impl Hub {
    pub(crate) fn new() -> Self {
        let state = State { led: false, rate: 20, name: "sensor-1".to_owned(), viewers: 0 };
        Self { device: Mutex::new(Device { state, sensors: Sensors::start(), viewers: Vec::new() }) }
    }

    /// Lets one more browser watch.
    pub(crate) fn join(&self) -> Viewer<'_> {
        let mailbox = Arc::<Mailbox>::default();
        let mut device = self.lock();
        device.viewers.push(Arc::clone(&mailbox));
        device.tell_state();
        Viewer { hub: self, mailbox }
    }

    pub(crate) fn obey(&self, command: Command) {
        let mut device = self.lock();
        match command {
            Command::Led(led) => device.state.led = led,
            Command::Rate(rate) => device.state.rate = rate,
            Command::Name(name) => device.state.name = name,
            Command::Reset => device.sensors = Sensors::start(),
        }
        device.tell_state();
    }

    /// Measures once, and returns how many times a second to do so.
    pub(crate) fn measure(&self) -> u32 {
        let device = self.lock();
        let sample = device.sensors.measure();
        device.tell(|mail| mail.sample = Some(sample));
        device.state.rate
    }

    fn lock(&self) -> MutexGuard<'_, Device> {
        // Nothing is half done when a thread has panicked.
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device {
    fn tell(&self, put: impl Fn(&mut Mail)) {
        for mailbox in &self.viewers {
            mailbox.put(&put);
        }
    }

    fn tell_state(&mut self) {
        self.state.viewers = self.viewers.len();
        self.tell(|mail| mail.state = Some(self.state.clone()));
    }
}

impl Drop for Viewer<'_> {
    fn drop(&mut self) {
        let mut device = self.hub.lock();
        device.viewers.retain(|mailbox| !Arc::ptr_eq(mailbox, &self.mailbox));
        device.tell_state();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The state that was told last.
    fn state(viewer: &Viewer<'_>) -> State {
        viewer.mailbox.take().state.unwrap()
    }

    #[test]
    fn every_viewer_is_told_of_every_change_and_of_the_others() {
        let hub = Hub::new();
        let first = hub.join();
        let at_first = State { led: false, rate: 20, name: "sensor-1".to_owned(), viewers: 1 };
        assert_eq!(state(&first), at_first);
        let second = hub.join();
        for viewer in [&first, &second] {
            assert_eq!(state(viewer), State { viewers: 2, ..at_first.clone() });
        }
        hub.obey(Command::Led(true));
        for viewer in [&first, &second] {
            assert_eq!(state(viewer), State { viewers: 2, led: true, ..at_first.clone() });
        }
        drop(second);
        assert_eq!(state(&first), State { led: true, ..at_first });
    }

    #[test]
    fn a_viewer_that_looks_at_nothing_holds_nobody_up() {
        let hub = Hub::new();
        let (slow, quick) = (hub.join(), hub.join());
        hub.obey(Command::Rate(7));
        for _ in 0..1000 {
            assert_eq!(hub.measure(), 7);
            assert!(quick.mailbox.take().sample.is_some());
        }
        assert!(slow.mailbox.take().sample.is_some());
    }
}
