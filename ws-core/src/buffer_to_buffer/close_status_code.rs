//! The close code as an enum, for code that matches on it by name. The numbers' meaning is [`CloseCode`]'s.

use core::hash::{Hash, Hasher};

use ws_frame::CloseCode;

/// Why a connection is closed (RFC 6455, section 7.4), by name.
///
/// Converts to and from [`CloseCode`], which says which codes may be in a Close frame. Two values are equal if their
/// numbers are: `Custom(1000)` is `NormalClosure`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WebSocketCloseStatusCode {
    /// 1000: the purpose of the connection is fulfilled.
    NormalClosure,
    /// 1001: the endpoint goes away.
    GoingAway,
    /// 1002: the peer broke the protocol.
    ProtocolError,
    /// 1003: the endpoint cannot accept this type of data.
    UnsupportedData,
    /// 1007: a text that is not UTF-8.
    InvalidPayloadData,
    /// 1008: a message violates the endpoint's policy.
    PolicyViolation,
    /// 1009: a message is too big to process.
    MessageTooBig,
    /// 1010: the client needs an extension that the server did not negotiate.
    MandatoryExtension,
    /// 1011: the server met an unexpected condition.
    InternalError,
    /// 1012: the service restarts.
    ServiceRestart,
    /// 1013: the service is overloaded.
    TryAgainLater,
    /// 1014: a gateway got an invalid response.
    BadGateway,
    /// Any other code: 3000-4999 are for libraries and applications.
    Custom(u16),
}

impl From<CloseCode> for WebSocketCloseStatusCode {
    fn from(code: CloseCode) -> Self {
        match code {
            CloseCode::NORMAL_CLOSURE => Self::NormalClosure,
            CloseCode::GOING_AWAY => Self::GoingAway,
            CloseCode::PROTOCOL_ERROR => Self::ProtocolError,
            CloseCode::UNSUPPORTED_DATA => Self::UnsupportedData,
            CloseCode::INVALID_PAYLOAD => Self::InvalidPayloadData,
            CloseCode::POLICY_VIOLATION => Self::PolicyViolation,
            CloseCode::MESSAGE_TOO_BIG => Self::MessageTooBig,
            CloseCode::MANDATORY_EXTENSION => Self::MandatoryExtension,
            CloseCode::INTERNAL_ERROR => Self::InternalError,
            CloseCode::SERVICE_RESTART => Self::ServiceRestart,
            CloseCode::TRY_AGAIN_LATER => Self::TryAgainLater,
            CloseCode::BAD_GATEWAY => Self::BadGateway,
            code => Self::Custom(code.get()),
        }
    }
}

impl From<WebSocketCloseStatusCode> for CloseCode {
    fn from(code: WebSocketCloseStatusCode) -> Self {
        match code {
            WebSocketCloseStatusCode::NormalClosure => Self::NORMAL_CLOSURE,
            WebSocketCloseStatusCode::GoingAway => Self::GOING_AWAY,
            WebSocketCloseStatusCode::ProtocolError => Self::PROTOCOL_ERROR,
            WebSocketCloseStatusCode::UnsupportedData => Self::UNSUPPORTED_DATA,
            WebSocketCloseStatusCode::InvalidPayloadData => Self::INVALID_PAYLOAD,
            WebSocketCloseStatusCode::PolicyViolation => Self::POLICY_VIOLATION,
            WebSocketCloseStatusCode::MessageTooBig => Self::MESSAGE_TOO_BIG,
            WebSocketCloseStatusCode::MandatoryExtension => Self::MANDATORY_EXTENSION,
            WebSocketCloseStatusCode::InternalError => Self::INTERNAL_ERROR,
            WebSocketCloseStatusCode::ServiceRestart => Self::SERVICE_RESTART,
            WebSocketCloseStatusCode::TryAgainLater => Self::TRY_AGAIN_LATER,
            WebSocketCloseStatusCode::BadGateway => Self::BAD_GATEWAY,
            WebSocketCloseStatusCode::Custom(code) => Self::new(code),
        }
    }
}

impl PartialEq for WebSocketCloseStatusCode {
    fn eq(&self, other: &Self) -> bool {
        CloseCode::from(*self) == CloseCode::from(*other)
    }
}

impl Eq for WebSocketCloseStatusCode {}

impl Hash for WebSocketCloseStatusCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        CloseCode::from(*self).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::{CloseCode, WebSocketCloseStatusCode};

    #[test]
    fn a_number_is_equal_to_its_name() {
        assert_eq!(WebSocketCloseStatusCode::Custom(1000), WebSocketCloseStatusCode::NormalClosure);
        assert_ne!(WebSocketCloseStatusCode::Custom(1001), WebSocketCloseStatusCode::NormalClosure);
        assert_ne!(WebSocketCloseStatusCode::Custom(4000), WebSocketCloseStatusCode::Custom(4001));
    }

    #[test]
    fn every_number_survives_the_enum() {
        for number in 0..=u16::MAX {
            let code = CloseCode::new(number);
            assert_eq!(CloseCode::from(WebSocketCloseStatusCode::from(code)), code);
        }
    }

    #[test]
    fn every_name_is_the_number_of_the_registry() {
        let names = [
            (1000, WebSocketCloseStatusCode::NormalClosure),
            (1001, WebSocketCloseStatusCode::GoingAway),
            (1002, WebSocketCloseStatusCode::ProtocolError),
            (1003, WebSocketCloseStatusCode::UnsupportedData),
            (1007, WebSocketCloseStatusCode::InvalidPayloadData),
            (1008, WebSocketCloseStatusCode::PolicyViolation),
            (1009, WebSocketCloseStatusCode::MessageTooBig),
            (1010, WebSocketCloseStatusCode::MandatoryExtension),
            (1011, WebSocketCloseStatusCode::InternalError),
            (1012, WebSocketCloseStatusCode::ServiceRestart),
            (1013, WebSocketCloseStatusCode::TryAgainLater),
            (1014, WebSocketCloseStatusCode::BadGateway),
            (4000, WebSocketCloseStatusCode::Custom(4000)),
        ];
        for (number, name) in names {
            assert_eq!(WebSocketCloseStatusCode::from(CloseCode::new(number)), name);
            assert_eq!(CloseCode::from(name).get(), number);
        }
    }
}
