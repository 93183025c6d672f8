//! What the errors say to people: who did what, and which section of the RFC has the rule. And that values which are equal are
//! shown and hashed alike.

use std::{
    collections::hash_map::DefaultHasher,
    error::Error as _,
    hash::{Hash, Hasher as _},
};

use ws_core::{
    Error, Full, MessageKind, Misuse, Violation, WebSocketCloseStatusCode,
    frame::{CloseCode, ClosePayloadError, HeaderError},
};

/// Who broke the rule, what it is about, where it is.
const VIOLATIONS: [(Violation, &str, &str, &str); 12] = [
    (Violation::Header(HeaderError::ReservedOpcode), "the peer", "reserved opcode", "5.2"),
    (Violation::Header(HeaderError::ControlFrameTooLong), "the peer", "more than 125 bytes", "5.5"),
    (Violation::NotMasked, "the client", "not masked", "5.1"),
    (Violation::Masked, "the server", "masked frame", "5.1"),
    (Violation::UnexpectedContinuation, "the peer", "continued a message", "5.4"),
    (Violation::MessageInterrupted(MessageKind::Text), "the peer", "unfinished text message", "5.4"),
    (Violation::MessageInterrupted(MessageKind::Binary), "the peer", "unfinished binary message", "5.4"),
    (Violation::TextNotUtf8, "the peer", "not UTF-8", "8.1"),
    (Violation::ClosePayload(ClosePayloadError::Truncated), "the peer", "half a close code", "5.5.1"),
    (Violation::MessageTooBig, "the peer", "message that is too long", "10.4"),
    (Violation::FrameTooBig, "the peer", "frame that is too long", "10.4"),
    (Violation::TooManyFragments, "the peer", "too many fragments", "10.4"),
];

#[test]
fn a_violation_names_the_rule_and_who_broke_it() {
    for (violation, who, about, section) in VIOLATIONS {
        let message = violation.to_string();
        assert!(message.starts_with(who) && message.contains(about), "{message}");
        assert!(message.ends_with(&format!(" (RFC 6455, section {section})")), "{message}");
        assert_eq!(violation.section(), section);
        assert_eq!(Error::from(violation).to_string(), message);
        assert!(violation.source().is_none());
    }
}

#[test]
fn a_misuse_says_what_may_not_be_done() {
    let misuses = [
        (Misuse::NotOpen, "not complete"),
        (Misuse::Closing, "after Close (RFC 6455, section 5.5.1)"),
        (Misuse::Failed, "only Close may be sent (RFC 6455, section 7.1.7)"),
        (Misuse::MessageUnfinished(MessageKind::Text), "a text message is unfinished"),
        (Misuse::MessageUnfinished(MessageKind::Binary), "a binary message is unfinished"),
        (Misuse::FrameUnfinished { remaining: 7 }, "7 bytes of its payload"),
        (Misuse::TextNotUtf8, "not UTF-8"),
        (Misuse::ControlFrame(HeaderError::ControlFrameTooLong), "cannot carry more than 125 bytes"),
        (Misuse::CloseCodeNotAllowed(CloseCode::new(1005)), "the close code 1005 may not be sent"),
        (Misuse::CloseReasonTooLong, "longer than 123 bytes"),
    ];
    for (misuse, about) in misuses {
        let message = misuse.to_string();
        assert!(message.contains(about) && !message.contains("the peer sent"), "{message}");
        assert_eq!(Error::from(misuse).to_string(), message);
    }
    assert_eq!(Full.to_string(), "the message does not fit into the transmit buffer");
}

#[test]
fn an_error_of_nobody_says_what_is_missing() {
    assert_eq!(Error::BufferTooSmall { needed: 9 }.to_string(), "the output buffer is too small: 9 bytes are needed");
    for (clean, about) in [(true, "without a closing handshake"), (false, "inside a message")] {
        let message = Error::TransportEnded { clean }.to_string();
        assert!(message.starts_with("the transport ended") && message.contains(about), "{message}");
    }
}

#[test]
fn a_close_status_code_is_hashed_as_its_number() {
    let hash = |code: WebSocketCloseStatusCode| {
        let mut hasher = DefaultHasher::new();
        code.hash(&mut hasher);
        hasher.finish()
    };
    for (named, number) in
        [(WebSocketCloseStatusCode::NormalClosure, 1000), (WebSocketCloseStatusCode::GoingAway, 1001)]
    {
        assert_eq!(hash(named), hash(WebSocketCloseStatusCode::Custom(number)));
        assert_ne!(hash(named), hash(WebSocketCloseStatusCode::Custom(number + 3000)));
    }
}
