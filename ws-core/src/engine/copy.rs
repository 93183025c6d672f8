//! Moving payload from one slice to another, masked or not, as far as both reach, and within a slice.

use ws_frame::Mask;

/// Copies as many bytes as both slices have, through the mask if there is one, and returns how many.
pub(crate) fn copy_payload(mask: Option<&mut Mask>, from: &[u8], to: &mut [u8]) -> usize {
    match mask {
        Some(mask) => mask.copy(from, to),
        None => copy(from, to),
    }
}

/// Copies as many bytes as both slices have, and returns how many.
pub(crate) fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let len = from.len().min(to.len());
    if let (Some(from), Some(to)) = (from.get(..len), to.get_mut(..len)) {
        to.copy_from_slice(from);
    }
    len
}

/// Moves what lies behind the first `gap` bytes to the start.
pub(crate) fn move_down(bytes: &mut [u8], gap: usize) {
    if gap <= bytes.len() {
        bytes.copy_within(gap.., 0);
    }
}
