//! The head of a response means the same whole and cut anywhere: every prefix is incomplete, or breaks the rule that the whole
//! breaks; the head is exactly as long as it says; what follows it changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ws_handshake::{Offer, Response, ResponseError, accept_for};

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
    if let Ok(Some((response, head_len))) = &whole {
        assert_eq!(decided, Some(*head_len), "{response}");
        assert!(input[..*head_len].ends_with(b"\r\n"));
    }
});

/// Everything that can be read from the head at the front of `input`, as text, and the length of the head.
fn read(input: &[u8]) -> Result<Option<(String, usize)>, ResponseError> {
    let Some((response, head_len)) = Response::parse(input)? else { return Ok(None) };
    let headers: Vec<_> = response.headers().collect();
    let offer = Offer { sub_protocols: &["chat"], extensions: &["permessage-deflate"] };
    let agreement = response.verify(KEY, &offer).map(|agreement| {
        let accept = accept_for(KEY);
        assert_eq!(response.status(), 101);
        assert_eq!(response.header("Sec-WebSocket-Accept"), Some(accept.as_str()));
        let extensions: Vec<_> = agreement.extensions().map(|extension| format!("{extension:?}")).collect();
        (agreement.sub_protocol, extensions)
    });
    let text = format!("{} {:?} {headers:?} {agreement:?}", response.status(), response.reason());
    Ok(Some((text, head_len)))
}

/// The key of RFC 6455, section 1.3; the dictionary has its answer.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
