//! The header lines that decide about a request for a WebSocket, gathered in one pass over a head.
//!
//! What they must be is in `upgrade.rs`.

use crate::head::{Headers, holds};

/// What the header lines of a request say, as far as an upgrade depends on it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields<'a> {
    /// Whether `Upgrade` has `websocket` in its list.
    pub(crate) names_websocket: bool,
    /// Whether `Connection` has `Upgrade` in its list.
    pub(crate) connection_upgrade: bool,
    pub(crate) key: Field<'a>,
    pub(crate) version: Field<'a>,
    pub(crate) origin: Field<'a>,
    /// Whether bytes of a body follow the head. They would be taken for frames.
    pub(crate) announces_body: bool,
    pub(crate) has_sub_protocols: bool,
    pub(crate) has_extensions: bool,
}

#[derive(Clone, Copy)]
enum Name {
    Upgrade,
    Connection,
    Key,
    Version,
    Origin,
    TransferEncoding,
    ContentLength,
    Protocol,
    Extensions,
}

// A table, because a comparison in any case is many instructions: here they are in the program once.
const NAMES: [(&str, Name); 9] = [
    ("Upgrade", Name::Upgrade),
    ("Connection", Name::Connection),
    ("Sec-WebSocket-Key", Name::Key),
    ("Sec-WebSocket-Version", Name::Version),
    ("Origin", Name::Origin),
    ("Transfer-Encoding", Name::TransferEncoding),
    ("Content-Length", Name::ContentLength),
    ("Sec-WebSocket-Protocol", Name::Protocol),
    ("Sec-WebSocket-Extensions", Name::Extensions),
];

/// The value of a header that is to be there once.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    #[default]
    Missing,
    Once(&'a [u8]),
    Several,
}

impl<'a> Field<'a> {
    fn push(&mut self, value: &'a [u8]) {
        *self = if matches!(self, Self::Missing) { Self::Once(value) } else { Self::Several };
    }

    /// The value, if there is one and no other.
    pub(crate) fn once(self) -> Option<&'a [u8]> {
        if let Self::Once(value) = self { Some(value) } else { None }
    }

    /// Whether it is there more than once, or is not ASCII.
    pub(crate) fn is_unreadable(self) -> bool {
        match self {
            Self::Missing => false,
            Self::Once(value) => !value.is_ascii(),
            Self::Several => true,
        }
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn of(mut headers: Headers<'a>) -> Self {
        let mut fields = Self::default();
        while let Some((name, value)) = headers.next_line() {
            let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
            match known.map(|(_, name)| *name) {
                Some(Name::Upgrade) => fields.names_websocket |= holds(value, "websocket"),
                Some(Name::Connection) => fields.connection_upgrade |= holds(value, "Upgrade"),
                Some(Name::Key) => fields.key.push(value),
                Some(Name::Version) => fields.version.push(value),
                Some(Name::Origin) => fields.origin.push(value),
                Some(Name::TransferEncoding) => fields.announces_body = true,
                Some(Name::ContentLength) => {
                    fields.announces_body |= value.is_empty() || value.iter().any(|digit| *digit != b'0');
                }
                Some(Name::Protocol) => fields.has_sub_protocols = true,
                Some(Name::Extensions) => fields.has_extensions = true,
                None => {}
            }
        }
        fields
    }
}
