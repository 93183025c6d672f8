//! What several targets assert.

use std::fmt::Debug;

/// Asserts that a head means the same whole and cut anywhere: every prefix is incomplete, or gives what the whole gives; the
/// head is exactly as long as it says; what follows it changes nothing.
///
/// `read` gives everything that can be read from the head at the front of its input, as text, and the length of the head.
pub fn head_is_the_same_however_cut<E: Debug + PartialEq>(
    input: &[u8],
    read: impl Fn(&[u8]) -> Result<Option<(String, usize)>, E>,
) {
    let whole = read(input);
    // The length of the shortest prefix that is not incomplete.
    let mut decided = None;
    for len in 0..=input.len() {
        let prefix = read(&input[..len]);
        if prefix != Ok(None) {
            decided.get_or_insert(len);
            assert_eq!(prefix, whole, "the first {len} bytes");
        } else {
            assert_eq!(decided, None, "decided and then incomplete with {len} bytes");
        }
    }
    if let Ok(Some((head, head_len))) = &whole {
        assert_eq!(decided, Some(*head_len), "{head}");
        assert!(input[..*head_len].ends_with(b"\r\n"));
    }
}
