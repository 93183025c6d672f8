//! How much memory a connection takes, as the README says, without the caller's buffers. What it takes on a microcontroller, an
//! assertion in the sources holds it to.

use ws_core::{
    Accepting, Client, Connection, MaskingKeyFn, ReceiveHalf, ReplySlot, Server, TransmitHalf, WebSocketServer,
};

/// A source of masking keys that needs no memory, as hardware has it.
type HardwareRandom = MaskingKeyFn<fn() -> [u8; 4]>;

#[cfg(target_pointer_width = "64")]
#[test]
fn machines_are_as_small_as_the_readme_says() {
    let client = size_of::<Connection<'_, Client<HardwareRandom>>>() - size_of::<HardwareRandom>();
    for (size, readme) in [
        (size_of::<Connection<'_, Server>>(), 224),
        (client, 224),
        (size_of::<ReceiveHalf<'_, '_, Server>>(), 256),
        (size_of::<TransmitHalf<'_, '_, Server>>(), 136),
        (size_of::<ReplySlot>(), 136),
        (size_of::<Accepting<'_, '_>>(), 312),
    ] {
        assert!(size <= readme, "{size}, not {readme}");
    }
}

/// Without pointers, it is the same on every target.
#[test]
fn endpoint_from_slice_to_slice_is_as_small_as_the_readme_says() {
    assert!(size_of::<WebSocketServer>() <= 88);
}
