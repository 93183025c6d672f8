//! Reading an HTTP head (RFC 9112): where it ends, whether it is well formed, and its header lines one by one.
//!
//! `httparse` decides what is well formed. Its table of headers lives on the stack while a head is parsed and is gone
//! afterwards: [`Headers`] finds the lines again in the bytes that were accepted, so that a parsed request or response
//! is a few words and borrows only the input. What the headers mean is left to others.

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

/// Parses the head at the front of `input` with one of the parsers of `httparse`; `Ok(None)` if its end is not there.
///
/// Where the input is cut changes nothing: for a part of a head the answer is `Ok(None)` or the error of the whole.
// Not inlined, so that the table of headers leaves the stack before the caller goes on.
#[inline(never)]
pub(crate) fn parse<'a, S>(
    input: &'a [u8],
    parser: impl FnOnce(&'a [u8], &mut [httparse::Header<'a>]) -> Result<Option<S>, httparse::Error>,
) -> Result<Option<Head<'a, S>>, HeadError> {
    let (head, bare_line_feed) = up_to_blank_line(input);
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    match parser(head, &mut headers).map_err(head_error)? {
        Some(start) => Ok(Some((start, HeaderLines::of(head), head.len()))),
        None if bare_line_feed => Err(HeadError::LineEnd),
        None => Ok(None),
    }
}

/// The bytes of `input` that belong to its first head, as far as they are there, and whether a bare line feed ends
/// them.
///
/// `httparse` takes a bare LF for the end of a line. Programs that disagree about this can be made to disagree about
/// where a message ends, so here the head is cut before the first one, and is never whole.
fn up_to_blank_line(input: &[u8]) -> (&[u8], bool) {
    let mut previous = 0;
    let mut started = false;
    let mut blank = true;
    for (at, byte) in input.iter().copied().enumerate() {
        match byte {
            b'\n' if previous != b'\r' => return (input.get(..at).unwrap_or_default(), true),
            b'\n' if blank && started => return (input.get(..=at).unwrap_or_default(), false),
            // RFC 9112, section 2.2: "a server that is expecting to receive and parse a request-line SHOULD ignore at
            // least one empty line (CRLF) received prior to the request-line."
            b'\n' => blank = true,
            b'\r' => {}
            _ => (started, blank) = (true, false),
        }
        previous = byte;
    }
    (input, false)
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
    /// What follows the start line of a whole head.
    fn of(head: &'a [u8]) -> Self {
        let start = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
        let start_line = head.get(start.unwrap_or_default()..).unwrap_or_default();
        Self(split_line(start_line).1)
    }

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
        self.named(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|found| found.trim_ascii().eq_ignore_ascii_case(element.as_bytes()))
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (line, rest) = split_line(self.lines.0);
        // The blank line at the end of the head has no colon, and it is the only such line.
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        self.lines = HeaderLines(rest);
        Some((core::str::from_utf8(name).ok()?, value.strip_prefix(b":")?.trim_ascii()))
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
        let (_, value) = self.headers.find(|(name, _)| name.eq_ignore_ascii_case(self.name))?;
        Some(value)
    }
}

/// A header that must be there once came several times, or not as text.
pub(crate) struct NotOnce;

/// The first line of `lines` without its line end, and the lines after it.
fn split_line(lines: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = lines.splitn(2, |byte| *byte == b'\n');
    let line = parts.next().unwrap_or_default();
    (line.strip_suffix(b"\r").unwrap_or(line), parts.next().unwrap_or_default())
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
        parse(input, |input, headers| Ok(httparse::Request::new(headers).parse(input)?.is_complete().then_some(())))
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
