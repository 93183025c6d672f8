//! Close codes (RFC 6455, section 7.4, and the registry of section 11.7): their names and which of them may be in a
//! Close frame.

use core::fmt;

/// The reason for which a connection is closed, as a number.
///
/// The constants are those of the registry that RFC 6455, section 11.7, set up. Applications have 4000-4999 for
/// themselves, and 3000-3999 are registered with IANA by libraries and frameworks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL_CLOSURE: Self = Self(1000);
    /// 1001: the endpoint goes away: a server goes down, a browser leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: the endpoint cannot accept this type of data, say binary.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// 1005: stands for a Close frame without a close code; never in a Close frame.
    pub const NO_STATUS_RECEIVED: Self = Self(1005);
    /// 1006: stands for a connection that ended without a Close frame; never in a Close frame.
    pub const ABNORMAL_CLOSURE: Self = Self(1006);
    /// 1007: a message does not fit its type: a text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: a message violates the endpoint's policy; for want of a better code.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message is too big to process.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// 1010: the client needs an extension that the server did not negotiate.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// 1011: the server met an unexpected condition.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1012: the service restarts.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// 1013: the service is overloaded: try again later.
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// 1014: a gateway got an invalid response from the server behind it.
    pub const BAD_GATEWAY: Self = Self(1014);
    /// 1015: stands for a failed TLS handshake; never in a Close frame.
    pub const TLS_HANDSHAKE: Self = Self(1015);

    /// Returns the close code with this number, whether or not it may be in a Close frame.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        Self(code)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Whether the code may be in a Close frame: 1000-1003, 1007-1014 and 3000-4999.
    ///
    /// The same set may be sent and is accepted from the peer.
    #[must_use]
    pub const fn is_allowed_in_close_frame(self) -> bool {
        match self.0 {
            // Section 7.4.1, of 1005, 1006 and 1015 each: "is a reserved value and MUST NOT be set as a status code in
            // a Close control frame by an endpoint". 1004 and 1016-2999 have no meaning yet.
            1000..=1003 | 1007..=1014 => true,
            // Section 7.4.2: "Status codes in the range 0-999 are not used." 3000-3999 "are reserved for use by
            // libraries, frameworks, and applications", 4000-4999 "for private use".
            3000..=4999 => true,
            _ => false,
        }
    }

    /// Returns the code's name in the registry, or `None` for a code that has none there.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NORMAL_CLOSURE => "normal closure",
            Self::GOING_AWAY => "going away",
            Self::PROTOCOL_ERROR => "protocol error",
            Self::UNSUPPORTED_DATA => "unsupported data",
            Self::NO_STATUS_RECEIVED => "no status received",
            Self::ABNORMAL_CLOSURE => "abnormal closure",
            Self::INVALID_PAYLOAD => "invalid frame payload data",
            Self::POLICY_VIOLATION => "policy violation",
            Self::MESSAGE_TOO_BIG => "message too big",
            Self::MANDATORY_EXTENSION => "mandatory extension",
            Self::INTERNAL_ERROR => "internal error",
            Self::SERVICE_RESTART => "service restart",
            Self::TRY_AGAIN_LATER => "try again later",
            Self::BAD_GATEWAY => "bad gateway",
            Self::TLS_HANDSHAKE => "TLS handshake",
            _ => return None,
        })
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl fmt::Display for CloseCode {
    /// Writes the number: `1000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_allowed_or_not_as_section_7_4_says() {
        for number in 0..=u16::MAX {
            let allowed = match number {
                0..=999 => false,            // "are not used"
                1000..=1003 => true,         // defined
                1004 => false,               // "Reserved. The specific meaning might be defined in the future."
                1005 | 1006 | 1015 => false, // "MUST NOT be set as a status code in a Close control frame"
                1007..=1011 => true,         // defined
                1012..=1014 => true,         // registered with IANA after the RFC
                1016..=2999 => false,        // reserved for the protocol, not defined
                3000..=4999 => true,         // libraries and frameworks; private use
                5000.. => false,             // in no range
            };
            assert_eq!(CloseCode::new(number).is_allowed_in_close_frame(), allowed, "{number}");
        }
    }

    #[test]
    fn the_numbers_are_those_of_the_registry() {
        let registry = [
            (CloseCode::NORMAL_CLOSURE, 1000),
            (CloseCode::GOING_AWAY, 1001),
            (CloseCode::PROTOCOL_ERROR, 1002),
            (CloseCode::UNSUPPORTED_DATA, 1003),
            (CloseCode::NO_STATUS_RECEIVED, 1005),
            (CloseCode::ABNORMAL_CLOSURE, 1006),
            (CloseCode::INVALID_PAYLOAD, 1007),
            (CloseCode::POLICY_VIOLATION, 1008),
            (CloseCode::MESSAGE_TOO_BIG, 1009),
            (CloseCode::MANDATORY_EXTENSION, 1010),
            (CloseCode::INTERNAL_ERROR, 1011),
            (CloseCode::SERVICE_RESTART, 1012),
            (CloseCode::TRY_AGAIN_LATER, 1013),
            (CloseCode::BAD_GATEWAY, 1014),
            (CloseCode::TLS_HANDSHAKE, 1015),
        ];
        for (code, number) in registry {
            assert_eq!(code.get(), number);
            assert_eq!(CloseCode::from(number), code);
            assert_eq!(u16::from(code), number);
        }
        let named = (0..=u16::MAX).filter(|number| CloseCode::new(*number).name().is_some());
        assert!(named.eq(registry.map(|(_, number)| number)));
    }
}
