//! A payload that is masked in pieces, in place and while it is copied, is masked as RFC 6455, section 5.3, defines it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ws_frame::Mask;

// Input: the masking key, the lengths of the pieces (used over and over), the payload.
fuzz_target!(|input: ([u8; 4], &[u8], &[u8])| {
    let (key, lengths, payload) = input;
    let expected: Vec<u8> = payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();

    let mut in_place = payload.to_vec();
    let mut copied = vec![0xa5; payload.len()];
    let (mut mask, mut copying_mask) = (Mask::new(key), Mask::new(key));
    let mut lengths = lengths.iter().cycle();
    let mut start = 0;
    while start < payload.len() {
        let len = lengths.next().map_or(1, |len| usize::from(*len)).clamp(1, payload.len() - start);
        let end = start + len;
        mask.apply(&mut in_place[start..end]);
        assert_eq!(copying_mask.copy(&payload[start..end], &mut copied[start..]), len);
        assert_eq!(mask, copying_mask);
        start = end;
    }
    assert_eq!(in_place, expected);
    assert_eq!(copied, expected);

    Mask::new(key).apply(&mut in_place);
    assert_eq!(in_place, payload);
});
