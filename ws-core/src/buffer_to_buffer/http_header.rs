//! The head of an HTTP request as a server sees it before it answers: a plain request, or an opening handshake.

use ws_handshake::{Request, WebSocketKey};

use crate::Error;

/// How many bytes the names of the offered sub-protocols can have in all, with one byte between two.
const MAX_NAMES_LEN: usize = 128;

/// The head of an HTTP request.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HttpHeader<'a> {
    /// The length of the head in bytes. What follows it in the input, often the first frame, is not part of it: give it
    /// to [`read`](crate::WebSocket::read) later.
    pub num_bytes_from: usize,
    /// The path, as `"/chat"`; without the query.
    pub path: &'a str,
    /// What the answer to an opening handshake needs; `None` for a plain HTTP request.
    pub websocket_context: Option<WebSocketContext>,
    /// Method, query, `Origin` and every other header.
    pub request: Request<'a>,
}

/// What a server must know of an opening handshake to answer it. It borrows nothing, so that the answer can be written
/// over the request.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WebSocketContext {
    /// The key that [`server_respond_to_opening_handshake`](crate::WebSocket::server_respond_to_opening_handshake)
    /// derives its answer from.
    pub sec_websocket_key: WebSocketKey,
    /// The sub-protocols that the client offered, the one it prefers first.
    pub sec_websocket_protocol_list: OfferedSubProtocols,
}

/// The sub-protocols that a client offered, the one it prefers first, as far as they fit into 128 bytes.
///
/// Some clients put a token of hundreds of bytes among them, because a browser can send no other header. What does not fit
/// is left out, and [`is_complete`](Self::is_complete) says so; [`HttpHeader::request`] has all of them.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OfferedSubProtocols {
    /// The names, with a comma between two: no name contains one.
    names: heapless::String<MAX_NAMES_LEN, u8>,
    /// Whether a name was left out.
    is_cut: bool,
}

impl OfferedSubProtocols {
    /// The names, the one that the client prefers first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.split(',').filter(|name| !name.is_empty())
    }

    /// Whether the client offered this sub-protocol. Names are compared by case.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|offered| offered == name)
    }

    /// Returns the first of the client's sub-protocols that is also in `supported`.
    #[must_use]
    pub fn select<'s>(&self, supported: &[&'s str]) -> Option<&'s str> {
        self.iter().find_map(|offered| supported.iter().find(|supported| **supported == offered).copied())
    }

    /// Whether all that the client offered is here.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        !self.is_cut
    }

    fn push(&mut self, name: &str) {
        let separator = if self.names.is_empty() { "" } else { "," };
        let room = self.names.capacity().saturating_sub(self.names.len());
        let fits = separator.len().saturating_add(name.len()) <= room;
        // With room for both, neither can fail.
        let is_held = fits && self.names.push_str(separator).and_then(|()| self.names.push_str(name)).is_ok();
        self.is_cut |= !is_held;
    }
}

/// Reads the head of an HTTP request, which `from` begins with.
///
/// A plain HTTP request is no error: its [`websocket_context`](HttpHeader::websocket_context) is `None`, so that one port
/// can serve a page and WebSockets.
///
/// # Errors
///
/// [`Error::HttpHeaderIncomplete`] until the empty line that ends the head is in `from`; if the caller's buffer is full by
/// then, answer with [`Reply::HEAD_TOO_LARGE`](crate::handshake::Reply::HEAD_TOO_LARGE). [`Error::Request`] for a
/// malformed head or opening handshake: answer with [`Error::reply`] and close the connection.
///
/// ```
/// let request = b"GET /chat?room=1 HTTP/1.1\r\n\
///     Host: localhost:1337\r\n\
///     Upgrade: websocket\r\n\
///     Connection: keep-alive, Upgrade\r\n\
///     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
///     Sec-WebSocket-Version: 13\r\n\r\n";
/// let header = ws_core::read_http_header(request)?;
/// assert_eq!(header.path, "/chat");
/// let context = header.websocket_context.expect("an opening handshake");
/// assert_eq!(context.sec_websocket_key.as_str(), "dGhlIHNhbXBsZSBub25jZQ==");
/// # Ok::<(), ws_core::Error>(())
/// ```
pub fn read_http_header(from: &[u8]) -> Result<HttpHeader<'_>, Error> {
    let (request, num_bytes_from) = Request::parse(from)?.ok_or(Error::HttpHeaderIncomplete)?;
    let websocket_context = match request.upgrade()? {
        None => None,
        Some(upgrade) => {
            let mut sec_websocket_protocol_list = OfferedSubProtocols::default();
            for name in upgrade.sub_protocols() {
                sec_websocket_protocol_list.push(name);
            }
            Some(WebSocketContext { sec_websocket_key: *upgrade.key(), sec_websocket_protocol_list })
        }
    };
    Ok(HttpHeader { num_bytes_from, path: request.path(), websocket_context, request })
}
