//! The two adapters are one text: `ws-embedded-io-async` has the files of `ws-embedded-io`, and their code differs in `async`, `.await`
//! and the names of [`NAMES`] alone. And every async function that users can call says what happens when its future is dropped.
//!
//! Compared is code, token by token: comments and documentation may differ, and what is compiled for tests alone is left out. What
//! rustfmt adds where a longer line is broken is no difference.

use std::collections::BTreeMap;

use super::{
    File, Tree, Violation,
    rust_tokens::{Code, Token},
};

const BLOCKING: &str = "ws-embedded-io/src/";
const ASYNC: &str = "ws-embedded-io-async/src/";

/// A name in the async adapter, and what it is called in the blocking one.
const NAMES: [(&str, &str); 5] = [
    ("AsyncFn", "Fn"),
    ("AsyncFnMut", "FnMut"),
    ("AsyncFnOnce", "FnOnce"),
    ("embedded_io_async", "embedded_io"),
    ("ws_embedded_io_async", "ws_embedded_io"),
];

/// `/// # Cancel safety`, as an attribute without white space.
const SECTION: &str = "doc=\"#Cancelsafety\"";

/// What ends whatever stands before an item.
const BEFORE_ITEM: [&str; 3] = ["{", "}", ";"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let [blocking, asynchronous] = [BLOCKING, ASYNC].map(|folder| sources(tree, folder));
    let missing = [(BLOCKING, &blocking), (ASYNC, &asynchronous)].into_iter().find(|(_, sources)| sources.is_empty());
    if let Some((folder, _)) = missing {
        let rule = "has no sources, and the adapters must mirror each other".to_string();
        return vec![Violation { path: folder.trim_end_matches('/').to_string(), line: 1, rule }];
    }
    let mut violations = Vec::new();
    for (name, file) in &blocking {
        violations.extend(match asynchronous.get(name) {
            Some(mirror) => difference(file, mirror),
            None => Some(file.violation(1, format!("has no mirror `{ASYNC}{name}`"))),
        });
    }
    let alone = asynchronous.iter().filter(|(name, _)| !blocking.contains_key(*name));
    violations.extend(alone.map(|(name, file)| file.violation(1, format!("has no mirror `{BLOCKING}{name}`"))));
    violations.extend(asynchronous.values().flat_map(|file| without_section(file)));
    violations
}

/// The Rust files in `folder`, by their paths in it.
fn sources<'t>(tree: &'t Tree, folder: &str) -> BTreeMap<&'t str, &'t File> {
    tree.with_extension("rs").filter_map(|file| Some((file.path.strip_prefix(folder)?, file))).collect()
}

/// The first place where the code differs in more than it may. (What is not Rust is reported elsewhere.)
fn difference(blocking: &File, asynchronous: &File) -> Option<Violation> {
    let theirs = unformatted(Code::parse(&blocking.text)?.tokens);
    let ours = unformatted(made_blocking(Code::parse(&asynchronous.text)?.tokens));
    let text = |tokens: &[Token], index: usize| tokens.get(index).map(|token| token.text.clone());
    let index = (0..theirs.len().max(ours.len())).find(|&index| text(&theirs, index) != text(&ours, index))?;
    // Of a file that ends too early, its last line.
    let line = |tokens: &[Token]| tokens.get(index).or(tokens.last()).map_or(1, |token| token.line);
    let shown = |file: &File, line: usize| file.text.lines().nth(line - 1).unwrap_or_default().trim().to_string();
    let (here, there) = (line(&ours), line(&theirs));
    let rule = format!(
        "`{}` differs in more than `async`, `.await` and names from {}:{there}: `{}`",
        shown(asynchronous, here),
        blocking.path,
        shown(blocking, there)
    );
    Some(asynchronous.violation(here, rule))
}

/// Without `async` and `.await`, and with the blocking adapter's names.
fn made_blocking(tokens: Vec<Token>) -> Vec<Token> {
    let mut blocking: Vec<Token> = Vec::new();
    for mut token in tokens {
        match token.text.as_str() {
            "async" => continue,
            "await" => {
                // The dot before it.
                blocking.pop();
                continue;
            }
            _ => {}
        }
        if let Some((_, name)) = NAMES.iter().find(|(name, _)| *name == token.text) {
            token.text = (*name).to_string();
        }
        blocking.push(token);
    }
    blocking
}

/// Without what rustfmt adds where a line is broken: braces around the expression that is an arm of a `match` or the body of a
/// closure, the semicolon after what leaves such a block, commas at the end of lists.
fn unformatted(mut tokens: Vec<Token>) -> Vec<Token> {
    for index in (0..tokens.len()).rev() {
        if starts_with(&tokens[index..], &[";", "}"]) && ends_with_leaving(&tokens[..index]) {
            tokens.remove(index);
        }
    }
    // From the end, so that what is inside a block has been seen to when its start is reached.
    for index in (0..tokens.len()).rev() {
        let is_arm = ends_with(&tokens[..index], &["=", ">"]);
        // Of a closure: elsewhere no brace follows a bar.
        if tokens[index].text == "{"
            && (is_arm || ends_with(&tokens[..index], &["|"]))
            && let Some(end) = end_of_expression(&tokens[index..]).map(|length| index + length)
        {
            if is_arm && !starts_with(&tokens[end + 1..], &[","]) {
                tokens[end].text = ",".to_string();
            } else {
                tokens.remove(end);
            }
            tokens.remove(index);
        }
    }
    for index in (0..tokens.len()).rev() {
        if [")", "]", "}", ">", "{"].iter().any(|end| starts_with(&tokens[index..], &[",", end])) {
            tokens.remove(index);
        }
    }
    tokens
}

/// Where the brace is closed that `tokens` start with; `None` if there are statements in it, which need it.
fn end_of_expression(tokens: &[Token]) -> Option<usize> {
    let end = end_of_group(tokens)?;
    let mut depths = depths(tokens.iter()).zip(tokens).take(end);
    (!depths.any(|(depth, token)| depth == 1 && token.text == ";")).then_some(end)
}

/// The index of the delimiter that closes the one which `tokens` start with.
fn end_of_group(tokens: &[Token]) -> Option<usize> {
    depths(tokens.iter()).position(|depth| depth == 0)
}

/// Is the last statement of `tokens` a `return`, `break` or `continue`?
fn ends_with_leaving(tokens: &[Token]) -> bool {
    let backwards = tokens.iter().rev();
    // In front of a delimiter that opens, seen from behind, the depth falls below 0.
    let statement = depths(backwards.clone()).zip(backwards).take_while(|(depth, _)| *depth < 1);
    let mut statement = statement.filter(|(depth, _)| *depth == 0).map(|(_, token)| token.text.as_str());
    statement.by_ref().take_while(|text| *text != ";").any(|text| ["return", "break", "continue"].contains(&text))
}

/// How deep inside groups one is behind each token: 1 in the outermost.
fn depths<'t>(tokens: impl Iterator<Item = &'t Token>) -> impl Iterator<Item = i32> {
    tokens.scan(0, |depth, token| {
        match token.text.as_str() {
            "(" | "[" | "{" => *depth += 1,
            ")" | "]" | "}" => *depth -= 1,
            _ => {}
        }
        Some(*depth)
    })
}

fn starts_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.text == *word)
}

fn ends_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len().checked_sub(words.len()).is_some_and(|start| starts_with(&tokens[start..], words))
}

/// The async functions that users can call, or must write (in a trait), and that do not document what dropping their futures does.
fn without_section(file: &File) -> Vec<Violation> {
    let Some(Code { tokens, docs, .. }) = Code::parse(&file.text) else { return Vec::new() };
    let mut violations = Vec::new();
    let mut end_of_trait = 0;
    for index in 0..tokens.len() {
        if starts_with(&tokens[index..], &["pub", "trait"]) {
            let start = tokens[index..].iter().position(|token| token.text == "{").map(|length| index + length);
            end_of_trait = start.and_then(|start| Some(start + end_of_group(&tokens[start..])?)).unwrap_or(0);
        }
        let is_public = ends_with(&tokens[..index], &["pub"]) || index < end_of_trait;
        if is_public && starts_with(&tokens[index..], &["async", "fn"]) {
            let line = tokens[index].line;
            let before = tokens[..index].iter().rev().find(|token| BEFORE_ITEM.contains(&token.text.as_str()));
            let own = before.map_or(0, |token| token.line)..line;
            if !docs.iter().any(|doc| own.contains(&doc.line) && doc.text == SECTION) {
                let name = tokens.get(index + 2).map_or("", |token| token.text.as_str());
                violations.push(file.violation(line, format!("`{name}` has no section `# Cancel safety`")));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    const SENT: &str = "//! Sends.\n\nuse embedded_io::Write;\n\n/// Sends.\npub fn send<W: Write>(to: &mut W) -> u8 {\n    \
                        to.write(b\"a\")?;\n    to.flush()\n}\n";
    const SENT_ASYNC: &str = "//! Sends, in its own time.\n\nuse embedded_io_async::Write;\n\n/// Sends.\n///\n/// # Cancel safety\n///\n\
                              /// Call again.\n#[must_use]\npub async fn send<W: Write>(to: &mut W) -> u8 {\n    // Why.\n    \
                              to.write(b\"a\").await?;\n    to.flush().await\n}\n";

    fn check_files(files: &[(&str, &str)]) -> Vec<String> {
        check(&fixture::tree(files)).iter().map(ToString::to_string).collect()
    }

    fn check_pair(blocking: &str, asynchronous: &str) -> Vec<String> {
        check_files(&[("ws-embedded-io/src/a.rs", blocking), ("ws-embedded-io-async/src/a.rs", asynchronous)])
    }

    #[test]
    fn same_sources_are_fine() {
        assert_eq!(check_pair("fn a() {}", "fn a() {}"), [""; 0]);
    }

    #[test]
    fn async_and_names_and_comments_may_differ() {
        // The attribute is in one of the two only to be seen: it is not documentation.
        assert_eq!(check_pair(&SENT.replace("pub fn", "#[must_use]\npub fn"), SENT_ASYNC), [""; 0]);
        assert_eq!(
            check_pair("fn a(b: impl FnMut()) { b() }", "async fn a(b: impl AsyncFnMut()) { b().await }"),
            [""; 0]
        );
        assert_eq!(check_pair("use ws_embedded_io::a;", "use ws_embedded_io_async::a;"), [""; 0]);
        let tests = "fn a() {}\n#[cfg(test)]\nmod tests {\n    pub async fn b() {}\n}\n";
        assert_eq!(check_pair("fn a() {}", tests), [""; 0]);
    }

    #[test]
    fn anything_else_is_shown_from_both() {
        assert_eq!(
            check_pair(SENT, SENT_ASYNC),
            ["ws-embedded-io-async/src/a.rs:10: `#[must_use]` differs in more than `async`, `.await` and names from \
              ws-embedded-io/src/a.rs:6: `pub fn send<W: Write>(to: &mut W) -> u8 {`"]
        );
        let different = [
            ("fn a() {}", "fn b() {}"),
            ("fn a() { b(1) }", "fn a() { b(2) }"),
            ("use embedded_io::Read;", "use embedded_io_async::Write;"),
            ("use embedded_io::Read;", "use embedded_nal_async::Read;"),
            ("fn a() {}", "fn a() {} fn b() {}"),
            ("fn a() {} fn b() {}", "fn a() {}"),
            ("fn a() { b(); c() }", "async fn a() { c().await; b() }"),
            ("fn a() { b(); }", "fn a() { b() }"),
            ("fn a() { b(|| { c; d }) }", "fn a() { b(|| { d }) }"),
            // Only one of the two has anything to take away.
            ("async fn a() {}", "async fn a() {}"),
            ("use embedded_io_async::Read;", "use embedded_io_async::Read;"),
        ];
        for (blocking, asynchronous) in different {
            let found = check_pair(blocking, asynchronous);
            let there = format!(" ws-embedded-io/src/a.rs:1: `{blocking}`");
            assert!(found.len() == 1 && found[0].ends_with(&there), "{blocking} | {asynchronous}: {found:?}");
        }
    }

    #[test]
    fn line_breaks_of_rustfmt_are_no_difference() {
        let same = [
            ("fn a() { b(c, d) }", "fn a() {\n    b(\n        c,\n        d,\n    )\n}"),
            ("fn a<B, C>() {}", "fn a<\n    B,\n    C,\n>() {}"),
            ("match a { b => c, d => e }", "match a {\n    b => {\n        c\n    }\n    d => e,\n}"),
            ("match a { b => c, d => e }", "match a {\n    b => c,\n    d => {\n        e\n    }\n}"),
            ("match a { b => return c, d => e }", "match a {\n    b => {\n        return c;\n    }\n    d => e,\n}"),
            (
                "match a { b => f(|c| c.d) }",
                "match a {\n    b => {\n        f(|c| {\n            c.d\n        })\n    }\n}",
            ),
            ("let Some(a) = b else { return c };", "let Some(a) = b else {\n    return c;\n};"),
        ];
        for (blocking, asynchronous) in same {
            assert_eq!(check_pair(blocking, asynchronous), [""; 0], "{asynchronous}");
        }
    }

    #[test]
    fn files_are_the_same() {
        let files = [
            ("ws-embedded-io/src/a.rs", ""),
            ("ws-embedded-io/src/b/c.rs", ""),
            ("ws-embedded-io/tests/x.rs", ""),
            ("ws-embedded-io-async/src/a.rs", ""),
            ("ws-embedded-io-async/src/d.rs", ""),
        ];
        assert_eq!(
            check_files(&files),
            [
                "ws-embedded-io/src/b/c.rs:1: has no mirror `ws-embedded-io-async/src/b/c.rs`",
                "ws-embedded-io-async/src/d.rs:1: has no mirror `ws-embedded-io/src/d.rs`"
            ]
        );
    }

    #[test]
    fn missing_adapter_is_no_reason_to_skip() {
        let rule = ":1: has no sources, and the adapters must mirror each other";
        assert_eq!(check_files(&files_of(BLOCKING)), [format!("ws-embedded-io-async/src{rule}")]);
        assert_eq!(check_files(&files_of(ASYNC)), [format!("ws-embedded-io/src{rule}")]);
        assert_eq!(check_files(&[]), [format!("ws-embedded-io/src{rule}")]);
    }

    fn files_of(folder: &'static str) -> [(&'static str, &'static str); 1] {
        [(if folder == BLOCKING { "ws-embedded-io/src/a.rs" } else { "ws-embedded-io-async/src/a.rs" }, "")]
    }

    #[test]
    fn cancel_safety_is_documented() {
        let missing = |asynchronous: &str| {
            let blocking = asynchronous.replace("async ", "");
            check_pair(&blocking, asynchronous)
        };
        let section = "    /// Receives.\n    ///\n    /// # Cancel safety\n    ///\n    /// Call again.\n";
        let method =
            |docs: &str, start: &str| format!("impl A {{\n{docs}    #[must_use]\n    {start} recv(&self) {{}}\n}}\n");
        assert_eq!(missing(&method(section, "pub async fn")), [""; 0]);
        let undocumented = ["ws-embedded-io-async/src/a.rs:4: `recv` has no section `# Cancel safety`"];
        assert_eq!(missing(&method("    /// # Cancel safety in short\n", "pub async fn")), undocumented);
        assert_eq!(missing(&method("    // # Cancel safety\n", "pub async fn")), undocumented);
        for private in ["async fn", "pub(crate) async fn", "pub fn"] {
            assert_eq!(missing(&method("", private)), [""; 0], "{private}");
        }
        // The section is another function's.
        let two = method(section, "pub async fn").replace("{}\n}", "{}\n    pub async fn send() {}\n}");
        assert_eq!(missing(&two), ["ws-embedded-io-async/src/a.rs:9: `send` has no section `# Cancel safety`"]);
        // What users write themselves.
        let in_trait =
            format!("pub trait A {{\n{section}    async fn a();\n    async fn b();\n}}\nasync fn c() {{}}\n");
        assert_eq!(missing(&in_trait), ["ws-embedded-io-async/src/a.rs:8: `b` has no section `# Cancel safety`"]);
        assert_eq!(missing(&in_trait.replace("pub ", "")), [""; 0]);
    }
}
