//! The head of a response means the same whole and cut anywhere.
#![no_main]

use fuzz::heads::head_is_the_same_however_cut;
use libfuzzer_sys::fuzz_target;
use ws_handshake::{Offer, Response, ResponseError, accept_for};

fuzz_target!(|input: &[u8]| head_is_the_same_however_cut(input, read));

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
