//! Tokens and comma-separated lists of them (RFC 9110, section 5.6), the grammar of sub-protocols.

use crate::head::{Elements, Values};

/// Whether `text` is a token: at least one character, and none of the separators of HTTP.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| is_token_byte(*byte))
}

/// Whether `byte` may be part of a token.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

/// A list of tokens over all header lines of one name: an iterator over the tokens in their order.
///
/// RFC 6455, section 11.3.4: "The |Sec-WebSocket-Protocol| header field MAY appear multiple times in an HTTP request
/// (which is logically the same as a single |Sec-WebSocket-Protocol| header field that contains all values)."
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TokenList<'a> {
    elements: Elements<'a>,
}

impl<'a> TokenList<'a> {
    pub(crate) fn new(values: Values<'a>) -> Self {
        Self { elements: Elements::new(values) }
    }
}

impl<'a> Iterator for TokenList<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        core::str::from_utf8(self.elements.next()?).ok()
    }
}
