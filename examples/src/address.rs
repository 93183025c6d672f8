//! Where the server is: a `ws:` or `wss:` URL taken apart, and the way there.

use std::{
    fmt, io,
    net::{TcpStream, ToSocketAddrs as _},
    str::FromStr,
    time::Instant,
};

use http::Uri;

/// What a `ws:` URL says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: String,
    /// The name or IP address of the server, an IPv6 address without brackets.
    pub host: String,
    /// 80 if the URL names none.
    pub port: u16,
    /// The path and the query.
    pub target: String,
}

impl Address {
    /// Tries all IP addresses that the host has, one after the other, until `deadline`.
    ///
    /// # Errors
    ///
    /// The last address's, or `TimedOut`.
    pub fn connect(&self, deadline: Instant) -> io::Result<TcpStream> {
        let mut result = Err(io::Error::new(io::ErrorKind::NotFound, "the host has no IP address"));
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            let time = deadline.saturating_duration_since(Instant::now());
            if time.is_zero() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no connection in time"));
            }
            result = TcpStream::connect_timeout(&address, time);
            if result.is_ok() {
                break;
            }
        }
        result
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        Self::parse(url, "ws", 80)
    }
}

impl Address {
    /// As [`from_str`](FromStr::from_str), for a client that speaks TLS: what a `wss:` URL says.
    ///
    /// # Errors
    ///
    /// What is wrong with the URL.
    pub fn secure(url: &str) -> Result<Self, String> {
        Self::parse(url, "wss", 443)
    }

    fn parse(url: &str, scheme: &str, default_port: u16) -> Result<Self, String> {
        // RFC 6455, section 3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used
        // on these URIs."
        if url.contains('#') {
            return Err("a WebSocket URL has no fragment (#...); a # in a path is %23".to_owned());
        }
        let uri: Uri =
            url.parse().map_err(|error| format!("{error}; say {scheme}://localhost:1337/chat, for example"))?;
        match uri.scheme_str() {
            Some(given) if given.eq_ignore_ascii_case(scheme) => {}
            Some(given) if given.eq_ignore_ascii_case("wss") => {
                return Err("this client has no TLS; wss-client has".to_owned());
            }
            _ => return Err(format!("it must begin with {scheme}://, as {scheme}://localhost:1337/chat")),
        }
        let authority = uri.authority().ok_or("it names no host")?;
        if authority.as_str().contains('@') {
            return Err("this client knows no user names and passwords; try --header 'Authorization: ...'".to_owned());
        }
        let host = authority.host();
        let port = match authority.as_str().get(host.len()..).unwrap_or_default() {
            "" | ":" => default_port,
            port => port.trim_start_matches(':').parse().map_err(|_| format!("{port} is not a port"))?,
        };
        // RFC 6455, section 3: the resource name is "/" if the path component is empty, the path component, "?" if the
        // query component is non-empty, the query component.
        let target = match uri.query() {
            Some(query) => format!("{}?{query}", uri.path()),
            None => uri.path().to_owned(),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err("it names no host".to_owned());
        }
        Ok(Self { url: url.to_owned(), host, port, target })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let table = [
            ("ws://127.0.0.1:1337/chat", "127.0.0.1", 1337, "/chat"),
            ("ws://localhost", "localhost", 80, "/"),
            ("WS://localhost:/", "localhost", 80, "/"),
            ("ws://localhost:1337?x=1", "localhost", 1337, "/?x=1"),
            ("ws://localhost?x", "localhost", 80, "/?x"),
            ("ws://[::1]:1337/a?b=/c?d", "::1", 1337, "/a?b=/c?d"),
            ("ws://localhost/%23@", "localhost", 80, "/%23@"),
        ];
        for (url, host, port, target) in table {
            let address: Address = url.parse().unwrap();
            assert_eq!((address.host.as_str(), address.port, address.target.as_str()), (host, port, target), "{url}");
            assert_eq!(address.to_string(), url);
        }
    }

    #[test]
    fn secure_urls_have_their_own_port() {
        let address = Address::secure("wss://localhost/chat").unwrap();
        assert_eq!((address.host.as_str(), address.port, address.target.as_str()), ("localhost", 443, "/chat"));
        assert!(Address::secure("ws://localhost/").unwrap_err().contains("begin with wss://"));
    }

    #[test]
    fn other_urls_are_refused_with_the_reason() {
        let table = [
            ("ws://localhost/#a", "fragment"),
            ("ws://localhost#", "fragment"),
            ("ws://user@localhost/", "user names"),
            ("ws://user:word@localhost/", "user names"),
            ("wss://localhost/", "no TLS"),
            ("http://localhost/", "begin with ws://"),
            ("127.0.0.1:1337", "begin with ws://"),
            ("/chat", "begin with ws://"),
            ("ws://localhost:99999/", "is not a port"),
            ("ws:///chat", "for example"),
            ("", "for example"),
        ];
        for (url, reason) in table {
            let error = url.parse::<Address>().unwrap_err();
            assert!(error.contains(reason), "{url}: {error}");
        }
    }
}
