//! Text that a peer wrote, made fit for a terminal.

use ws_embedded_io::{ClosePayload, MessageKind};

/// How many characters of a message are shown.
const PREVIEW: usize = 60;

/// The text with its control characters escaped, as `\n` or `\u{1b}`, so that whoever wrote it can neither move the cursor
/// nor forge a line nor turn the direction of writing around.
///
/// ```
/// let reason = "bye\x1b[2J";
/// assert_eq!(examples::printable(reason), r"bye\u{1b}[2J");
/// ```
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// What a peer's Close frame said: the close code, and the reason if there is one.
pub fn close_in_words(close: Option<ClosePayload<'_>>) -> String {
    match close {
        None => "no status".to_owned(),
        Some(close) if close.reason.is_empty() => close.code.to_string(),
        Some(close) => format!("{}: {}", close.code, printable(close.reason)),
    }
}

/// A message's kind and length, and the beginning of a text.
pub fn summary(kind: MessageKind, payload: &[u8]) -> String {
    let mut summary = format!("{kind}, {} bytes", payload.len());
    if kind == MessageKind::Text && !payload.is_empty() {
        let preview: String = String::from_utf8_lossy(payload).chars().take(PREVIEW).collect();
        summary = format!("{summary}: {}", printable(&preview));
    }
    summary
}

fn is_unsafe(character: char) -> bool {
    // C0, DEL and C1; line and paragraph separators; and what Unicode calls Bidi_Control.
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use ws_embedded_io::CloseCode;

    #[test]
    fn only_what_a_terminal_obeys_is_escaped() {
        let table = [
            ("", ""),
            (r#"grüße 😀 \ " ' {}"#, r#"grüße 😀 \ " ' {}"#),
            ("a\r\n\tb\0", r"a\r\n\tb\u{0}"),
            ("\x1b[31mred\x7f", r"\u{1b}[31mred\u{7f}"),
            ("\u{80}\u{9b}2J\u{9f}\u{a0}", "\\u{80}\\u{9b}2J\\u{9f}\u{a0}"),
            ("\u{202e}cba\u{2066}\u{200f}\u{2028}", r"\u{202e}cba\u{2066}\u{200f}\u{2028}"),
        ];
        for (text, shown) in table {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn a_close_frame_is_told_in_words() {
        let close = |reason| Some(ClosePayload { code: CloseCode::new(4001), reason });
        assert_eq!(close_in_words(None), "no status");
        assert_eq!(close_in_words(close("")), "4001");
        assert_eq!(close_in_words(close("\u{202e}eyb")), r"4001: \u{202e}eyb");
    }

    #[test]
    fn what_a_peer_wrote_is_printable_and_short() {
        assert_eq!(summary(MessageKind::Text, b"\x1b[2J"), r"text, 4 bytes: \u{1b}[2J");
        assert_eq!(summary(MessageKind::Text, b""), "text, 0 bytes");
        assert_eq!(summary(MessageKind::Text, &[b'x'; 100]), format!("text, 100 bytes: {}", "x".repeat(60)));
        assert_eq!(summary(MessageKind::Binary, b"\x00"), "binary, 1 bytes");
    }
}
