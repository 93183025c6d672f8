//! Which web pages may open a WebSocket to this server (RFC 6455, section 10.2).
//!
//! Browsers let the script of any page connect to any host, also to a device that only the user's network can reach;
//! `Origin` is all that tells such a page from one's own. It says nothing about clients that are not browsers, which
//! can send what they like: to tell these apart is the work of credentials.

/// The origins whose pages may connect, each as browsers write it: `https://example.com` or `http://192.168.1.7:8080`,
/// with the port unless it is the scheme's default, and without a path or a `/` at the end.
///
/// ```
/// use ws_handshake::OriginAllowList;
///
/// let origins = OriginAllowList(&["http://device.local", "http://192.168.1.7:8080"]);
/// assert!(origins.allows(Some("http://device.local")));
/// assert!(!origins.allows(Some("https://evil.example")));
/// assert!(origins.allows(None)); // not a browser
/// assert!(!origins.allows_only_listed(None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OriginAllowList<'a>(pub &'a [&'a str]);

impl OriginAllowList<'_> {
    /// Whether a request with this `Origin` may connect: it is on the list, or there is none.
    ///
    /// Every browser sends `Origin` (RFC 6455, section 4.1, item 8), so that a request without one comes from a
    /// program, which this list cannot keep out anyway. Scheme and host are compared without regard to ASCII case. The
    /// origin `null`, that of a local file or a sandboxed frame, is allowed only if it is on the list.
    pub fn allows(&self, origin: Option<&str>) -> bool {
        origin.is_none() || self.allows_only_listed(origin)
    }

    /// Like [`allows`](Self::allows), but a request without an `Origin` is refused: only browsers connect here.
    pub fn allows_only_listed(&self, origin: Option<&str>) -> bool {
        origin.is_some_and(|origin| self.0.iter().any(|listed| listed.eq_ignore_ascii_case(origin)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_origin_is_the_same() {
        let origins = OriginAllowList(&["https://example.com", "http://192.168.1.7:8080"]);
        for (origin, allowed) in [
            ("https://example.com", true),
            ("HTTPS://Example.COM", true),
            ("http://192.168.1.7:8080", true),
            ("http://example.com", false),
            ("https://example.com:8443", false),
            ("https://example.com.evil.example", false),
            ("https://evil.example/https://example.com", false),
            ("https://sub.example.com", false),
            ("https://example.com https://evil.example", false),
            ("https://example.co", false),
            ("http://192.168.1.7", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(origins.allows(Some(origin)), allowed, "{origin}");
            assert_eq!(origins.allows_only_listed(Some(origin)), allowed, "{origin}");
        }
    }

    #[test]
    fn the_null_origin_is_allowed_only_by_name() {
        assert!(OriginAllowList(&["null"]).allows(Some("null")));
    }

    #[test]
    fn a_program_that_sends_no_origin_is_the_callers_choice() {
        for origins in [OriginAllowList(&[]), OriginAllowList(&["http://a"])] {
            assert!(origins.allows(None));
            assert!(!origins.allows_only_listed(None));
        }
    }
}
