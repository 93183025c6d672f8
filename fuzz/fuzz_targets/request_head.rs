//! The head of a request means the same whole and cut anywhere: every prefix is incomplete, or breaks the rule that the whole
//! breaks; the head is exactly as long as it says; what follows it changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ws_handshake::{Request, RequestError};

fuzz_target!(|input: &[u8]| {
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
    if let Ok(Some((request, head_len))) = &whole {
        assert_eq!(decided, Some(*head_len), "{request}");
        assert!(input[..*head_len].ends_with(b"\r\n"));
    }
});

/// Everything that can be read from the head at the front of `input`, as text, and the length of the head.
fn read(input: &[u8]) -> Result<Option<(String, usize)>, RequestError> {
    let Some((request, head_len)) = Request::parse(input)? else { return Ok(None) };
    let headers: Vec<_> = request.headers().collect();
    let target = (request.method(), request.target(), request.path(), request.query());
    let upgrade = request.upgrade().map(|upgrade| {
        upgrade.map(|upgrade| {
            let sub_protocols: Vec<_> = upgrade.sub_protocols().collect();
            let extensions: Vec<_> = upgrade.extensions().map(|extension| format!("{extension:?}")).collect();
            (*upgrade.key(), upgrade.key().accept(), sub_protocols, extensions)
        })
    });
    if let Err(error) = &upgrade {
        assert!((400..=599).contains(&error.status()));
    }
    let text = format!("{target:?} {:?} {:?} {headers:?} {upgrade:?}", request.host(), request.origin());
    Ok(Some((text, head_len)))
}
