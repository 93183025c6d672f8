//! Reading an HTTP head (RFC 9112): where it ends, whether it is well formed, and its header lines one by one.
//!
//! `httparse` decides what is well formed, line by line: a table of all headers would take half a KiB of stack.
//! [`Headers`] finds the lines again in the bytes that were accepted, so that a parsed request or response is a few words
//! and borrows only the input. What the headers mean is left to others.

use core::fmt;

/// How many header lines a head may have. Browsers send about 15.
pub const MAX_HEADERS: usize = 32;

/// What can be wrong with any head, whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    StartLine,
    HttpVersion,
    LineEnd,
    HeaderName,
    HeaderValue,
    TooManyHeaders,
}

/// A head that `httparse` accepted: the values of its start line as `S`, its header lines, its length in bytes.
pub(crate) type Head<'a, S> = (S, HeaderLines<'a>, usize);

/// Parses the head at the front of `input`; `Ok(None)` if its end is not there. `start_line` parses the start line, or as
/// much of it as is there, with one of the parsers of `httparse`.
///
/// Where the input is cut changes nothing: for a part of a head the answer is `Ok(None)` or the error of the whole.
pub(crate) fn parse<'a, S>(
    input: &'a [u8],
    start_line: impl FnOnce(&'a [u8]) -> Result<S, httparse::Error>,
) -> Result<Option<Head<'a, S>>, HeadError> {
    let (line, rest) = first_line(input);
    let start = start_line(line.bytes).map_err(head_error)?;
    let Some(len) = line.is_whole()?.then(|| parse_headers(rest)).transpose()?.flatten() else { return Ok(None) };
    let (headers, rest) = rest.split_at_checked(len).unwrap_or_default();
    Ok(Some((start, HeaderLines(headers), input.len().saturating_sub(rest.len()))))
}

/// The start line of a head that was accepted, with its end, and its header lines.
pub(crate) fn split_start_line(head: &[u8]) -> (&[u8], HeaderLines<'_>) {
    let (line, rest) = first_line(head);
    (line.bytes, HeaderLines(rest))
}

/// The first line that is not blank, and what follows it.
///
/// RFC 9112, section 2.2: "a server that is expecting to receive and parse a request-line SHOULD ignore at least one empty
/// line (CRLF) received prior to the request-line."
fn first_line(input: &[u8]) -> (Line<'_>, &[u8]) {
    let mut rest = input;
    loop {
        let line = take_line(&mut rest);
        if !line.is_blank() {
            return (line, rest);
        }
    }
}

/// The length in bytes of the header lines at the front of `input`, with the blank line behind them; `Ok(None)` if that
/// is not there.
fn parse_headers(input: &[u8]) -> Result<Option<usize>, HeadError> {
    let mut rest = input;
    for _ in 0..=MAX_HEADERS {
        let line = take_line(&mut rest);
        if line.is_blank() {
            return Ok(Some(input.len().saturating_sub(rest.len())));
        }
        // It waits for the blank line, which is not in these bytes, unless something is wrong.
        httparse::parse_headers(line.bytes, &mut [httparse::EMPTY_HEADER]).map_err(head_error)?;
        if !line.is_whole()? {
            return Ok(None);
        }
    }
    Err(HeadError::TooManyHeaders)
}

/// A line with its end, as far as it is there; without its end if that is a bare line feed.
struct Line<'a> {
    bytes: &'a [u8],
    has_bare_line_feed: bool,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        matches!(self.bytes, b"\r\n")
    }

    /// Whether its end is there.
    ///
    /// `httparse` takes a bare LF for the end of a line. Programs that disagree about this can be made to disagree about
    /// where a message ends, so here it is none.
    fn is_whole(&self) -> Result<bool, HeadError> {
        if self.has_bare_line_feed { Err(HeadError::LineEnd) } else { Ok(self.bytes.ends_with(b"\n")) }
    }
}

/// Takes the first line from `bytes`.
fn take_line<'a>(bytes: &mut &'a [u8]) -> Line<'a> {
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at.saturating_add(1));
    let (line, rest) = bytes.split_at_checked(end).unwrap_or_default();
    *bytes = rest;
    match line.strip_suffix(b"\n") {
        Some(content) if !content.ends_with(b"\r") => Line { bytes: content, has_bare_line_feed: true },
        _ => Line { bytes: line, has_bare_line_feed: false },
    }
}

fn head_error(error: httparse::Error) -> HeadError {
    match error {
        httparse::Error::Token | httparse::Error::Status => HeadError::StartLine,
        httparse::Error::Version => HeadError::HttpVersion,
        httparse::Error::NewLine => HeadError::LineEnd,
        httparse::Error::HeaderName => HeadError::HeaderName,
        httparse::Error::HeaderValue => HeadError::HeaderValue,
        httparse::Error::TooManyHeaders => HeadError::TooManyHeaders,
    }
}

/// The header lines of a head that `httparse` accepted, with the blank line behind them.
#[derive(Clone, Copy)]
pub(crate) struct HeaderLines<'a>(&'a [u8]);

impl<'a> HeaderLines<'a> {
    pub(crate) fn iter(self) -> Headers<'a> {
        Headers { lines: self }
    }
}

/// The names alone: the values of `Authorization` and `Cookie` are secrets, which do not belong into a log.
impl fmt::Debug for HeaderLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// The length alone, for the same reason and to keep the log short.
#[cfg(feature = "defmt")]
impl defmt::Format for HeaderLines<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=usize} bytes", self.0.len());
    }
}

/// The header lines of a head in their order: an iterator over names, in the case in which they came, and values,
/// without the white space around them.
///
/// A value is bytes because HTTP does not promise text; [`Request::header`](crate::Request::header) gives text.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Headers<'a> {
    lines: HeaderLines<'a>,
}

impl<'a> Headers<'a> {
    /// The values of all lines of the name `name`.
    pub(crate) fn named(self, name: &'static str) -> Values<'a> {
        Values { headers: self, name }
    }

    /// The value of the first line of the name `name`, if it is UTF-8.
    pub(crate) fn first(mut self, name: &str) -> Option<&'a str> {
        let (_, value) = self.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        core::str::from_utf8(value).ok()
    }

    /// The value of the only line of the name `name`; `Ok(None)` if there is none, `Err` if there are several or it is
    /// not visible ASCII with spaces.
    pub(crate) fn only(self, name: &'static str) -> Result<Option<&'a str>, NotOnce> {
        let mut values = self.named(name);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() || !value.is_ascii() {
            return Err(NotOnce);
        }
        core::str::from_utf8(value).map(Some).map_err(|_| NotOnce)
    }

    /// Whether a line of the name `name` has `element` in its comma-separated list, in any case.
    pub(crate) fn list_holds(self, name: &'static str, element: &str) -> bool {
        self.named(name).any(|value| holds(value, element))
    }

    /// The next line. Names stay bytes here: that they are text matters to the application only.
    pub(crate) fn next_line(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let (line, rest) = split_once(self.lines.0, b'\n')?;
        self.lines = HeaderLines(rest);
        // The blank line at the end of the head has no colon, and it is the only such line.
        let (name, value) = split_once(line, b':')?;
        Some((name, value.trim_ascii()))
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.next_line()?;
        Some((core::str::from_utf8(name).ok()?, value))
    }
}

/// The values of all lines of one name, in any case.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Values<'a> {
    headers: Headers<'a>,
    name: &'static str,
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let (name, value) = self.headers.next_line()?;
            if name.eq_ignore_ascii_case(self.name.as_bytes()) {
                return Some(value);
            }
        }
    }
}

/// The elements of the comma-separated list that the values of some lines make together, without the white space around
/// them. Empty ones are skipped (RFC 9110, section 5.6.1.2).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Elements<'a> {
    values: Values<'a>,
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(crate) fn new(values: Values<'a>) -> Self {
        Self { values, rest: b"" }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            if self.rest.is_empty() {
                self.rest = self.values.next()?;
            }
            let (element, rest) = split_once(self.rest, b',').unwrap_or((self.rest, b""));
            self.rest = rest;
            let element = element.trim_ascii();
            if !element.is_empty() {
                return Some(element);
            }
        }
    }
}

/// Whether `list`, with commas between its elements, has `element`, in any case.
pub(crate) fn holds(list: &[u8], element: &str) -> bool {
    let mut elements = list.split(|byte| *byte == b',');
    elements.any(|found| found.trim_ascii().eq_ignore_ascii_case(element.as_bytes()))
}

/// A header that must be there once came several times, or not as text.
pub(crate) struct NotOnce;

/// What is in front of the first `separator` and what is behind it; `None` if there is none.
fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = bytes.split_at_checked(bytes.iter().position(|byte| *byte == separator)?)?;
    Some((before, after.split_first()?.1))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use std::vec::Vec;

    /// Heads that are nearly well formed, so that a good part of them is accepted.
    fn head() -> impl Strategy<Value = Vec<u8>> {
        let line = "[A-Za-z-]{1,4}:[ \t]{0,2}[a-z:, \t\u{e9}]{0,6}[ \t]{0,2}|[A :\r\u{e9}]{0,3}";
        let end = prop_oneof![30 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r")];
        let lines = proptest::collection::vec((line, end), 0..5);
        ("(\r\n){0,2}", "GET /[a-z]{0,3} HTTP/1[.][01]\r\n", lines, "\r\n[a\r\n]{0,4}").prop_map(
            |(before, start, lines, after)| {
                let mut head = [before, start].concat();
                head.extend(lines.iter().flat_map(|(line, end)| [line.as_str(), end]));
                (head + &after).into_bytes()
            },
        )
    }

    fn parse_request(input: &[u8]) -> Result<Option<Head<'_, ()>>, HeadError> {
        parse(input, |line| httparse::Request::new(&mut []).parse(line).map(|_| ()))
    }

    proptest! {
        /// The headers that are found again are those that `httparse` saw, and so is the end of the head.
        #[test]
        fn the_lazy_scanner_agrees_with_httparse(input in head()) {
            if let Ok(Some(((), lines, len))) = parse_request(&input) {
                let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
                let mut request = httparse::Request::new(&mut headers);
                prop_assert_eq!(request.parse(&input), Ok(httparse::Status::Complete(len)));
                let headers = request.headers.iter().map(|header| (header.name, header.value));
                prop_assert!(lines.iter().eq(headers));
            }
        }

        /// Where the input is cut never changes the outcome.
        #[test]
        fn a_prefix_is_incomplete_or_has_the_outcome_of_the_whole(input in head()) {
            let outcome = |input| parse_request(input).map(|head| head.map(|(_, _, len)| len));
            let whole = outcome(&input);
            for len in 0..input.len() {
                let prefix = outcome(&input[..len]);
                prop_assert!(prefix == Ok(None) || prefix == whole, "{len}: {prefix:?}, {whole:?}");
            }
        }

        #[test]
        fn any_bytes_have_an_outcome(input in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse_request(&input);
        }
    }

    /// The property above is of use only if many of its heads are whole.
    #[test]
    fn enough_of_the_random_heads_are_well_formed() {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let accepted = (0..200)
            .filter(|_| {
                let input = head().new_tree(&mut runner).unwrap().current();
                matches!(parse_request(&input), Ok(Some(_)))
            })
            .count();
        assert!((20..180).contains(&accepted), "{accepted} of 200");
    }
}
