//! What the errors say to people: who did what, and which section of the RFC has the rule.

use ws_frame::{CloseCode, ClosePayloadError, EncodeError, HeaderError, Utf8Error};

#[test]
fn each_error_names_the_rule_and_who_broke_it() {
    use HeaderError::*;
    // The error, what it is about, where the rule is.
    let of_peer: [(&dyn std::error::Error, &str, &str); 9] = [
        (&ReservedBits, "reserved bit", "5.2"),
        (&ReservedOpcode, "reserved opcode", "5.2"),
        (&FragmentedControlFrame, "fragmented control frame", "5.5"),
        (&ControlFrameTooLong, "more than 125 bytes", "5.5"),
        (&LengthNotMinimal, "fewest bytes", "5.2"),
        (&LengthTooLarge, "2^63", "5.2"),
        (&ClosePayloadError::Truncated, "half a close code", "5.5.1"),
        (&ClosePayloadError::InvalidCode(CloseCode::new(1004)), "close code 1004", "7.4"),
        (&ClosePayloadError::ReasonNotUtf8, "not UTF-8", "5.5.1"),
    ];
    let of_caller: [(&dyn std::error::Error, &str, &str); 6] = [
        (&EncodeError::Header(FragmentedControlFrame), "cannot be fragmented", "5.5"),
        (&EncodeError::Header(ControlFrameTooLong), "more than 125 bytes", "5.5"),
        (&EncodeError::Header(LengthTooLarge), "2^63", "5.2"),
        (&EncodeError::Header(ReservedBits), "frame header", "5.2"),
        (&EncodeError::CloseCodeNotAllowed(CloseCode::new(999)), "close code 999", "7.4"),
        (&EncodeError::CloseReasonTooLong, "longer than 123 bytes", "5.5"),
    ];
    for (errors, is_peer) in [(&of_peer[..], true), (&of_caller[..], false)] {
        for (error, about, section) in errors {
            let message = error.to_string();
            assert_eq!(message.starts_with("the peer "), is_peer, "{message}");
            assert!(message.contains(about), "{message}");
            assert!(message.contains(&format!("section {section})")) || message.ends_with(section), "{message}");
        }
    }
}

#[test]
fn errors_of_nobody_say_what_is_wrong() {
    assert_eq!(Utf8Error.to_string(), "the text is not UTF-8 (RFC 6455, section 8.1)");
    let error = EncodeError::BufferTooSmall { needed: 14 };
    assert_eq!(error.to_string(), "the output buffer is too small: 14 bytes are needed");
}

#[test]
fn a_close_code_is_shown_as_its_number() {
    for (code, shown) in [(CloseCode::NORMAL_CLOSURE, "1000"), (CloseCode::new(0), "0"), (CloseCode::new(4999), "4999")]
    {
        assert_eq!(code.to_string(), shown);
        assert_eq!(format!("{code:>6}"), format!("{shown:>6}"));
    }
}
