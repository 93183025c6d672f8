//! The head of a request means the same whole and cut anywhere.
#![no_main]

use fuzz::heads::head_is_the_same_however_cut;
use libfuzzer_sys::fuzz_target;
use ws_handshake::{Request, RequestError};

fuzz_target!(|input: &[u8]| head_is_the_same_however_cut(input, read));

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
    let again = Request::parse_again(&input[..head_len]).expect("it was parsed");
    assert_eq!(format!("{again:?}"), format!("{request:?}"));
    assert!(again.headers().eq(request.headers()));
    if let Ok(upgrade) = request.upgrade() {
        assert_eq!(format!("{:?}", again.upgrade_again()), format!("{upgrade:?}"));
    }
    let text = format!("{target:?} {:?} {:?} {headers:?} {upgrade:?}", request.host(), request.origin());
    Ok(Some((text, head_len)))
}
