//! The Ethernet controller of the Stellaris LM3S, as a device of smoltcp.
//!
//! Its queues are read and written word by word. The first word of a frame has a length in its lower half, and the frame
//! begins in the upper: so a buffer of words with the frame at its third byte is moved without looking at the bytes.

use cortex_m::{
    interrupt::InterruptNumber,
    peripheral::{NVIC, SCB},
};
use cortex_m_rt::exception;
use smoltcp::{
    phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken},
    time::Instant,
    wire::EthernetAddress,
};

/// The registers, in bytes from the controller's address.
mod register {
    /// Which interrupts were raised; writing a bit takes it back.
    pub(super) const RAISED: usize = 0x00;
    /// Which interrupts are passed on.
    pub(super) const MASK: usize = 0x04;
    pub(super) const RECEIVE_CONTROL: usize = 0x08;
    pub(super) const TRANSMIT_CONTROL: usize = 0x0c;
    pub(super) const DATA: usize = 0x10;
    pub(super) const ADDRESS_LOW: usize = 0x14;
    pub(super) const ADDRESS_HIGH: usize = 0x18;
    /// From how many words on a frame is sent before all of it is there.
    pub(super) const THRESHOLD: usize = 0x1c;
    /// How many frames have arrived.
    pub(super) const FRAMES: usize = 0x34;
    /// Whether a frame is being sent.
    pub(super) const TRANSMIT_REQUEST: usize = 0x38;
}

const CONTROLLER: usize = 0x4004_8000;
/// Which devices have a clock.
const CLOCK_GATES: *mut u32 = 0x400f_e108 as *mut u32;
const FRAME_ARRIVED: u32 = 1;

/// The longest frame without its checksum, in bytes.
const MAX_FRAME: usize = 1514;
/// The length in front of a frame and the checksum behind it, in bytes.
const LENGTH: usize = 2;
const CHECKSUM: usize = 4;
/// What the length of a frame to be sent does not count, in bytes.
const HEADER: usize = 14;

/// The words of one frame, as the queues have them.
type Words = [u32; (LENGTH + MAX_FRAME + CHECKSUM).div_ceil(4)];

/// The controller, with one frame in either direction.
pub struct Ethernet {
    receive: Words,
    transmit: Words,
    counters: Counters,
}

/// How many frames there were.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Received.
    pub received: u32,
    /// Sent.
    pub sent: u32,
    /// Received and longer or shorter than a frame may be.
    pub dropped: u32,
}

impl Ethernet {
    /// The controller as it is before it was [started](crate::network::start).
    #[expect(clippy::new_without_default, reason = "there is one controller")]
    pub const fn new() -> Self {
        let counters = Counters { received: 0, sent: 0, dropped: 0 };
        Self { receive: [0; _], transmit: [0; _], counters }
    }

    /// How many frames there were so far.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    pub(crate) fn start(&mut self, address: EthernetAddress) {
        let [a, b, c, d, e, f] = address.0;
        // SAFETY: this is the address of RCGC2; the bits are those of the controller's two parts.
        unsafe { CLOCK_GATES.write_volatile(CLOCK_GATES.read_volatile() | 1 << 28 | 1 << 30) };
        write(register::MASK, 0);
        write(register::RAISED, 0x7f);
        write(register::ADDRESS_LOW, u32::from_le_bytes([a, b, c, d]));
        write(register::ADDRESS_HIGH, u32::from_le_bytes([e, f, 0, 0]));
        // Never: a frame is sent when it is complete.
        write(register::THRESHOLD, 0x3f);
        // Full duplex, with checksum and padding, on.
        write(register::TRANSMIT_CONTROL, 0x0f);
        // Empty the queue; then on, without frames whose checksum is wrong.
        write(register::RECEIVE_CONTROL, 0x10);
        write(register::RECEIVE_CONTROL, 0x09);
        // SAFETY: nothing depends on the interrupt being off; what it does is below.
        unsafe { NVIC::unmask(Interrupt) };
    }

    /// Takes a frame out of the queue and returns its length in bytes.
    fn take_frame(&mut self) -> Option<usize> {
        while has_frame() {
            let first = read(register::DATA);
            let len = (first & 0xffff) as usize;
            let words = len.div_ceil(4);
            let frame = len.checked_sub(LENGTH + CHECKSUM).filter(|frame| (HEADER..=MAX_FRAME).contains(frame));
            let Some(frame) = frame else {
                (1..words).for_each(|_| _ = read(register::DATA));
                self.counters.dropped += 1;
                continue;
            };
            let (place, rest) = self.receive[..words].split_at_mut(1);
            place[0] = first;
            rest.fill_with(|| read(register::DATA));
            self.counters.received += 1;
            return Some(frame);
        }
        None
    }
}

impl Device for Ethernet {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sending<'_>)> {
        let len = self.take_frame()?;
        Some((Received(&self.receive, len), Sending(&mut self.transmit, &mut self.counters)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_>> {
        Some(Sending(&mut self.transmit, &mut self.counters))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = MAX_FRAME;
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}

/// A frame that has arrived, and its length in bytes.
pub struct Received<'a>(&'a Words, usize);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        let Self(words, len) = self;
        // SAFETY: any word is four bytes.
        let (_, bytes, _) = unsafe { words.align_to() };
        look(&bytes[LENGTH..LENGTH + len])
    }
}

/// The place for a frame that is to be sent.
pub struct Sending<'a>(&'a mut Words, &'a mut Counters);

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        let Self(words, counters) = self;
        // SAFETY: any word is four bytes, and any four bytes are a word.
        let (_, bytes, _) = unsafe { words.align_to_mut() };
        let result = fill(&mut bytes[LENGTH..LENGTH + len]);
        let counted: u16 = len.saturating_sub(HEADER) as u16;
        bytes[..LENGTH].copy_from_slice(&counted.to_le_bytes());
        while read(register::TRANSMIT_REQUEST) & 1 != 0 {}
        for word in &words[..(LENGTH + len).div_ceil(4)] {
            write(register::DATA, *word);
        }
        write(register::TRANSMIT_REQUEST, 1);
        counters.sent += 1;
        result
    }
}

/// Whether a frame has arrived and was not taken.
pub(crate) fn has_frame() -> bool {
    read(register::FRAMES) & 0x3f != 0
}

/// Has the next frame that arrives raise the interrupt, once.
pub(crate) fn listen() {
    write(register::MASK, FRAME_ARRIVED);
}

fn read(register: usize) -> u32 {
    // SAFETY: the registers are words of the controller, of which the program has one.
    unsafe { ((CONTROLLER + register) as *const u32).read_volatile() }
}

fn write(register: usize, value: u32) {
    // SAFETY: as for reading; what is written is nowhere an address, so that it changes no memory.
    unsafe { ((CONTROLLER + register) as *mut u32).write_volatile(value) };
}

#[derive(Clone, Copy)]
struct Interrupt;

// SAFETY: 42 is the number of the Ethernet controller's interrupt on this chip.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        42
    }
}

/// The interrupt has done its work when it has ended a sleep: it is silenced until the next one.
// SAFETY: it is called for any interrupt or exception that has no handler, and touches the controller's registers only.
#[exception]
unsafe fn DefaultHandler(_: i16) {
    debug_assert!(matches!(SCB::vect_active(), cortex_m::peripheral::scb::VectActive::Interrupt { .. }));
    write(register::MASK, 0);
    write(register::RAISED, FRAME_ARRIVED);
}
