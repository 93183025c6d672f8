//! What the sources of the library crates may not contain: `std`, `alloc`, `unsafe`, and calls that panic; and the attributes
//! at the top of each `lib.rs` that make the compiler and Clippy refuse what is not visible in single tokens.

use super::{
    File, Tree, Violation,
    rust_tokens::{Code, Token},
};

/// Without white space.
const ATTRIBUTES: [&str; 3] = [
    "no_std",
    "forbid(unsafe_code)",
    "cfg_attr(not(test),warn(clippy::unwrap_used,clippy::expect_used,clippy::panic,clippy::unreachable,\
     clippy::indexing_slicing,clippy::arithmetic_side_effects,clippy::cast_possible_truncation))",
];
const PANICKING_METHODS: [&str; 5] = ["unwrap", "unwrap_err", "unwrap_unchecked", "expect", "expect_err"];
const PANICKING_MACROS: [&str; 4] = ["panic", "unreachable", "todo", "unimplemented"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let sources: Vec<(&File, Code)> = tree
        .files
        .iter()
        .filter(|file| file.is_library_source())
        .filter_map(|file| Some((file, Code::parse(&file.text)?)))
        .collect();
    let test_modules: Vec<String> = sources.iter().flat_map(|(file, code)| test_modules(file, code)).collect();
    let mut violations = Vec::new();
    for (file, code) in sources {
        let is_test =
            |module: &String| file.path == format!("{module}.rs") || file.path.starts_with(&format!("{module}/"));
        if test_modules.iter().any(is_test) {
            continue;
        }
        if file.path.ends_with("/src/lib.rs") {
            for attribute in ATTRIBUTES {
                if !code.file_attributes.iter().any(|present| present.replace(",)", ")") == attribute) {
                    violations.push(file.violation(1, format!("lacks `#![{attribute}]`")));
                }
            }
        }
        let windows = (0..code.tokens.len()).map(|start| &code.tokens[start..]);
        violations.extend(windows.filter_map(|tokens| Some(file.violation(tokens.first()?.line, forbidden(tokens)?))));
    }
    violations
}

/// The paths, without `.rs`, of the modules that `file` declares for tests alone.
fn test_modules(file: &File, code: &Code) -> Vec<String> {
    let path = file.path.trim_end_matches(".rs");
    let folder = path.strip_suffix("/lib").or(path.strip_suffix("/mod")).unwrap_or(path);
    code.test_modules.iter().map(|name| format!("{folder}/{name}")).collect()
}

/// The rule that the first of `tokens` breaks.
fn forbidden(tokens: &[Token]) -> Option<String> {
    let words: Vec<&str> = tokens.iter().take(3).map(|token| token.text.as_str()).collect();
    match words.as_slice() {
        [name @ ("std" | "alloc"), ":", ":"] => Some(format!("no `{name}` in a library crate")),
        ["extern", "crate", ..] => Some("no `extern crate` in a library crate".to_string()),
        ["unsafe", ..] => Some("no `unsafe` in a library crate".to_string()),
        ["." | ":", name, ..] if PANICKING_METHODS.contains(name) => {
            Some(format!("no `{name}` in a library crate: it can panic"))
        }
        [name, "!", ..] if PANICKING_MACROS.contains(name) => Some(format!("no `{name}!` in a library crate")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    const LIB: &str = "#![no_std]\n#![forbid(unsafe_code)]\n#![cfg_attr(\n    not(test),\n    warn(\n        clippy::unwrap_used,\n\
                       clippy::expect_used, clippy::panic, clippy::unreachable, clippy::indexing_slicing,\n\
                       clippy::arithmetic_side_effects,\n        clippy::cast_possible_truncation\n    )\n)]\n";

    #[test]
    fn attributes_of_lib_rs_are_required() {
        let check = |text: &str| check(&fixture::tree(&[("ws-a/src/lib.rs", text)])).len();
        assert_eq!(check(LIB), 0);
        assert_eq!(check(&LIB.replace("#![no_std]", "// #![no_std]")), 1);
        assert_eq!(check(&LIB.replace("forbid", "deny")), 1);
        assert_eq!(check(&LIB.replace("clippy::panic, ", "")), 1);
        assert_eq!(check(""), 3);
    }

    #[test]
    fn each_forbidden_construct_is_caught() {
        for planted in [
            "use std::io;",
            "fn a() -> alloc::vec::Vec<u8> {}",
            "extern crate alloc;",
            "fn a() { unsafe { b() } }",
            "fn a() { b.unwrap() }",
            "fn a() { b.expect(\"c\") }",
            "fn a() { b.map(Option::unwrap) }",
            "fn a() { panic!(\"b\") }",
            "fn a() { unreachable!() }",
            "fn a() { todo!() }",
            "fn a() { unimplemented!() }",
        ] {
            let tree = fixture::tree(&[("ws-a/src/b.rs", &format!("//! Charter.\n\n{planted}\n"))]);
            assert_eq!(fixture::places(check(&tree)), ["ws-a/src/b.rs:3"], "{planted}");
            // The same in a test, in documentation, in a string and in a program is fine.
            let tests = format!("#[cfg(test)]\nmod tests {{ {planted} }}\n");
            let text = format!("const A: &str = {planted:?};");
            for (path, fine) in [
                ("ws-a/src/b.rs", tests.as_str()),
                ("ws-a/src/b.rs", &format!("//! {planted}\n/// {planted}\nfn a() {{}} // {planted}\n")),
                ("ws-a/src/b.rs", &text),
                ("ws-a/tests/b.rs", planted),
                ("examples/src/b.rs", planted),
            ] {
                assert_eq!(check(&fixture::tree(&[(path, fine)])), [], "{path}: {fine}");
            }
        }
    }

    #[test]
    fn similar_names_are_fine() {
        let fine = "#![no_std]\nfn a(b: Option<u8>) { b.unwrap_or(1); core::mem::drop(b); expect(b); x.alloc(); }";
        assert_eq!(check(&fixture::tree(&[("ws-a/src/b.rs", fine)])), []);
    }

    #[test]
    fn module_that_is_declared_for_tests_alone_is_a_test() {
        let panics = "fn a() { panic!() }";
        let tree = fixture::tree(&[
            ("ws-a/src/b.rs", "#[cfg(test)]\nmod c;\nmod d;"),
            ("ws-a/src/b/c.rs", panics),
            ("ws-a/src/b/c/e.rs", panics),
            ("ws-a/src/b/d.rs", panics),
            ("ws-a/src/f/mod.rs", "#[cfg(test)]\nmod g;"),
            ("ws-a/src/f/g.rs", panics),
        ]);
        assert_eq!(fixture::places(check(&tree)), ["ws-a/src/b/d.rs:1"]);
    }
}
