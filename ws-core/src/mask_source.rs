//! Where a client's masking keys come from: any `rand_core` generator, or a closure that gives four bytes.

use core::fmt;

/// Gives masking keys to a client.
///
/// RFC 6455, section 5.3: "The masking key needs to be unpredictable; thus, the masking key MUST be derived from a
/// strong source of entropy, and the masking key for a given frame MUST NOT make it simple for a server/proxy to predict
/// the masking key for a subsequent frame."
///
/// With the feature `rand_core` (on by default) every infallible `rand_core` generator is one. Without it, or for a
/// generator of another kind, see [`MaskingKeyFn`].
pub trait MaskSource {
    /// Returns the next four unpredictable bytes.
    fn masking_key(&mut self) -> [u8; 4];
}

#[cfg(feature = "rand_core")]
impl<R: rand_core::Rng> MaskSource for R {
    fn masking_key(&mut self) -> [u8; 4] {
        self.next_u32().to_ne_bytes()
    }
}

/// A closure that gives four unpredictable bytes, as a [`MaskSource`].
///
/// ```
/// let hardware_random = || [0x37, 0xfa, 0x21, 0x3d]; // reads a register that is different each time
/// let client = ws_core::WebSocketClient::with_masking_keys(hardware_random);
/// ```
#[derive(Clone, Copy)]
pub struct MaskingKeyFn<F>(
    /// The closure.
    pub F,
);

impl<F: FnMut() -> [u8; 4]> MaskSource for MaskingKeyFn<F> {
    fn masking_key(&mut self) -> [u8; 4] {
        (self.0)()
    }
}

impl<F> fmt::Debug for MaskingKeyFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MaskingKeyFn")
    }
}

#[cfg(feature = "defmt")]
impl<F> defmt::Format for MaskingKeyFn<F> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "MaskingKeyFn");
    }
}
