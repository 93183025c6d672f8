//! The target of a request, cut into its parts (RFC 9112, section 3.2).

/// A target in origin form (`/path?query`), in absolute form (`http://host/path?query`) or in one of the others, which are
/// a path alone here (`*`, and `host:port` for CONNECT).
pub(crate) struct Target<'a> {
    /// Scheme and authority of the absolute form.
    uri: Option<(&'a str, &'a str)>,
    path_and_query: &'a str,
}

impl<'a> Target<'a> {
    pub(crate) fn new(target: &'a str) -> Self {
        // A target of another form has no scheme in front of its first colon: the path of the origin form begins with `/`.
        let absolute = cut(target, b":").filter(|(scheme, _)| cut(scheme, b"/?").is_none());
        let absolute = absolute.and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("://")?)));
        let Some((scheme, rest)) = absolute else { return Self { uri: None, path_and_query: target } };
        let (authority, path_and_query) = cut(rest, b"/?#").unwrap_or((rest, ""));
        Self { uri: Some((scheme, authority)), path_and_query }
    }

    /// The host and port of the absolute form.
    pub(crate) fn authority(&self) -> Option<&'a str> {
        self.uri.map(|(_, authority)| authority)
    }

    /// What is in front of the first `?`.
    pub(crate) fn path(&self) -> &'a str {
        match cut(self.path_and_query, b"?").map_or(self.path_and_query, |(path, _)| path) {
            "" => "/",
            path => path,
        }
    }

    /// What follows the first `?`.
    pub(crate) fn query(&self) -> Option<&'a str> {
        cut(self.path_and_query, b"?")?.1.strip_prefix('?')
    }

    /// Whether a WebSocket can be there.
    ///
    /// RFC 6455, section 4.2.1, item 1: "a "Request-URI" \[RFC2616\] that should be interpreted as a /resource name/ defined in
    /// Section 3 (or an absolute HTTP/HTTPS URI containing the /resource name/)".
    pub(crate) fn is_resource_name(&self) -> bool {
        let is_in_form = match self.uri {
            Some((scheme, _)) => scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"),
            None => self.path_and_query.starts_with('/'),
        };
        // Section 3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used on these
        // URIs."
        is_in_form && cut(self.path_and_query, b"#").is_none()
    }
}

/// What is in front of the first of these ASCII characters, and it with what follows it; `None` if there is none of them.
///
/// The searches of `str` decode characters, or look for words: a kilobyte of code where one byte after the other will do.
fn cut<'a>(text: &'a str, characters: &[u8]) -> Option<(&'a str, &'a str)> {
    text.split_at_checked(text.bytes().position(|byte| characters.contains(&byte))?)
}
