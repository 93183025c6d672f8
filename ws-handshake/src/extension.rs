//! `Sec-WebSocket-Extensions`: the grammar of RFC 6455, section 9.1, which offers and answers share.
//!
//! It says what was offered or chosen; which extensions exist and what their parameters mean is left to whoever
//! implements one.

use crate::head::Values;
use crate::token::is_token_byte;

/// The extensions over all `Sec-WebSocket-Extensions` lines of a head, in their order, which is the order of
/// preference.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Extensions<'a> {
    values: Values<'a>,
    line: &'a [u8],
}

impl<'a> Extensions<'a> {
    pub(crate) fn new(values: Values<'a>) -> Self {
        Self { values, line: b"" }
    }

    /// The next extension, `Ok(None)` at the end, or `Err` where the list breaks the grammar.
    fn parse_next(&mut self) -> Result<Option<ExtensionOffer<'a>>, Malformed> {
        loop {
            // Empty elements of a list are skipped (RFC 9110, section 5.6.1.2).
            self.line = skip(self.line, b" \t,");
            if !self.line.is_empty() {
                let (extension, rest) = extension(self.line).ok_or(Malformed)?;
                self.line = rest;
                return Ok(Some(extension));
            }
            match self.values.next() {
                Some(line) => self.line = line,
                None => return Ok(None),
            }
        }
    }

    /// Whether the lines keep to the grammar, and hold an extension if there are any.
    pub(crate) fn is_well_formed(&self) -> bool {
        let mut list = self.clone();
        let mut any = false;
        loop {
            match list.parse_next() {
                Ok(Some(_)) => any = true,
                // RFC 6455, section 9.1: "extension-list = 1#extension".
                Ok(None) => return any || self.values.clone().next().is_none(),
                Err(Malformed) => return false,
            }
        }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = ExtensionOffer<'a>;

    fn next(&mut self) -> Option<ExtensionOffer<'a>> {
        self.parse_next().ok().flatten()
    }
}

/// One extension with its parameters: what a client offers, or what a server chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExtensionOffer<'a> {
    name: &'a str,
    parameters: &'a [u8],
}

impl<'a> ExtensionOffer<'a> {
    /// The extension's name, such as `permessage-deflate`.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The parameters in their order, each a name and, if it has one, its value.
    pub fn parameters(&self) -> Parameters<'a> {
        Parameters { text: self.parameters }
    }
}

/// The parameters of one extension: an iterator over names and values.
///
/// A quoted value comes without its quotes. A `\` inside of it stays as it was sent: such a value is equal to no token,
/// so that a comparison never takes it for something that it is not.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Parameters<'a> {
    text: &'a [u8],
}

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a str, Option<&'a str>);

    fn next(&mut self) -> Option<Self::Item> {
        let (parameter, rest) = parameter(skip(self.text, b" \t").strip_prefix(b";")?)?;
        self.text = rest;
        Some(parameter)
    }
}

/// Whether `value` may be sent as the value of one `Sec-WebSocket-Extensions` line.
pub(crate) fn is_extension_list(value: &[u8]) -> bool {
    let mut any = false;
    let mut rest = skip(value, b" \t,");
    while !rest.is_empty() {
        let Some((_, after)) = extension(rest) else { return false };
        any = true;
        rest = skip(after, b" \t,");
    }
    any
}

/// A list breaks the grammar of section 9.1.
struct Malformed;

/// RFC 6455, section 9.1: "extension = extension-token *( ";" extension-param )", up to a comma or the end.
fn extension(text: &[u8]) -> Option<(ExtensionOffer<'_>, &[u8])> {
    let (name, parameters) = token(text)?;
    let mut rest = skip(parameters, b" \t");
    while let Some(text) = rest.strip_prefix(b";") {
        rest = skip(parameter(text)?.1, b" \t");
    }
    if !matches!(rest.first(), None | Some(b',')) {
        return None;
    }
    let len = parameters.len().saturating_sub(rest.len());
    Some((ExtensionOffer { name, parameters: parameters.get(..len)? }, rest))
}

/// A parameter's name and value, and what stands behind them.
type Parameter<'a> = ((&'a str, Option<&'a str>), &'a [u8]);

/// RFC 6455, section 9.1: "extension-param = token [ "=" (token | quoted-string) ]", with white space between the
/// parts, which the grammar of RFC 2616 that it is written in implies.
fn parameter(text: &[u8]) -> Option<Parameter<'_>> {
    let (name, rest) = token(skip(text, b" \t"))?;
    let Some(value) = skip(rest, b" \t").strip_prefix(b"=") else {
        return Some(((name, None), rest));
    };
    let value = skip(value, b" \t");
    let (value, rest) = match value.strip_prefix(b"\"") {
        Some(quoted) => quoted_token(quoted)?,
        None => token(value)?,
    };
    Some(((name, Some(value)), rest))
}

/// The text of a quoted string, whose opening quote is gone, up to its closing quote.
///
/// RFC 6455, section 9.1: "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST
/// conform to the 'token' ABNF."
fn quoted_token(text: &[u8]) -> Option<(&str, &[u8])> {
    let end = text.iter().position(|byte| *byte == b'"')?;
    let (quoted, rest) = text.split_at_checked(end)?;
    let mut bytes = quoted.iter();
    while let Some(byte) = bytes.next() {
        let byte = if *byte == b'\\' { bytes.next()? } else { byte };
        if !is_token_byte(*byte) {
            return None;
        }
    }
    let quoted = core::str::from_utf8(quoted).ok().filter(|quoted| !quoted.is_empty())?;
    Some((quoted, rest.strip_prefix(b"\"")?))
}

/// The token at the front of `text`, and the rest.
fn token(text: &[u8]) -> Option<(&str, &[u8])> {
    let len = text.iter().position(|byte| !is_token_byte(*byte)).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(len)?;
    let token = core::str::from_utf8(token).ok().filter(|token| !token.is_empty())?;
    Some((token, rest))
}

/// `text` without the bytes at its front that are among `skipped`.
fn skip<'a>(text: &'a [u8], skipped: &[u8]) -> &'a [u8] {
    let start = text.iter().position(|byte| skipped.iter().all(|skipped| skipped != byte)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}
