//! The sizes that the README's table gives. It gives them for 32-bit targets; the upper bounds here are for hosts, whose
//! pointers are wider.

use std::mem::size_of;

use ws_frame::{
    CloseCode, ClosePayload, ClosePayloadError, ClosePayloadValidator, EncodeError, FrameHeader, HeaderDecoder,
    HeaderError, Mask, Opcode, ReservedBits, Utf8Error, Utf8Validator,
};

#[test]
fn values_without_pointers_are_as_small_as_the_readme_says() {
    let sizes = [
        (size_of::<Opcode>(), 1),
        (size_of::<ReservedBits>(), 1),
        (size_of::<FrameHeader>(), 16),
        (size_of::<HeaderDecoder>(), 15),
        (size_of::<Mask>(), 4),
        (size_of::<Utf8Validator>(), 3),
        (size_of::<CloseCode>(), 2),
        (size_of::<ClosePayloadValidator>(), 8),
        (size_of::<HeaderError>(), 1),
        (size_of::<ClosePayloadError>(), 4),
        (size_of::<Utf8Error>(), 0),
    ];
    for (line, (size, readme)) in sizes.into_iter().enumerate() {
        assert!(size <= readme, "line {line}: {size} bytes, not {readme}");
    }
}

#[test]
fn values_with_pointers_are_as_small_as_the_readme_says() {
    let word = size_of::<usize>();
    // A string slice (two words) and the close code in a word of its own.
    assert!(size_of::<ClosePayload<'_>>() <= 3 * word);
    // The needed length (a word) and the discriminant in a word of its own.
    assert!(size_of::<EncodeError>() <= 2 * word);
}
