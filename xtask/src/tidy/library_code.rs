//! What the sources of the library crates may not contain: `std`, `alloc`, `unsafe`, calls that panic, and attributes that switch
//! lints off; and the attributes at the top of each `lib.rs` that make the compiler and Clippy refuse what is not visible in
//! single tokens.

use super::{
    File, Tree, Violation,
    rust_tokens::{Code, Token},
};

/// Without white space.
const ATTRIBUTES: [&str; 3] = [
    "no_std",
    "forbid(unsafe_code)",
    "cfg_attr(not(test),deny(clippy::unwrap_used,clippy::expect_used,clippy::panic,clippy::unreachable,\
     clippy::indexing_slicing,clippy::arithmetic_side_effects,clippy::cast_possible_truncation))",
];
const PANICKING_METHODS: [&str; 5] = ["unwrap", "unwrap_err", "unwrap_unchecked", "expect", "expect_err"];
const PANICKING_MACROS: [&str; 4] = ["panic", "unreachable", "todo", "unimplemented"];
/// Fine where the compiler runs them: right after [`COMPILED_CHECK`].
const ASSERTIONS: [&str; 6] =
    ["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"];
const COMPILED_CHECK: [&str; 6] = ["const", "_", ":", "(", ")", "="];
/// They panic when a length or a position is wrong, which no lint sees.
const SLICE_METHODS: [&str; 18] = [
    "split_at",
    "split_at_mut",
    "swap",
    "swap_with_slice",
    "chunks",
    "chunks_mut",
    "chunks_exact",
    "chunks_exact_mut",
    "rchunks",
    "rchunks_mut",
    "rchunks_exact",
    "rchunks_exact_mut",
    "windows",
    "rotate_left",
    "rotate_right",
    "copy_from_slice",
    "clone_from_slice",
    "copy_within",
];

/// A call of one of [`SLICE_METHODS`] that cannot panic.
struct Proven {
    path: &'static str,
    /// The call, as it stands on its line.
    call: &'static str,
}

const PROVEN: [Proven; 3] = [
    // Both were cut to the same length on the line before.
    Proven { path: "ws-core/src/engine/copy.rs", call: "to.copy_from_slice(from)" },
    // The range begins inside the slice, as the line before asks, and the rest is no longer than the slice.
    Proven { path: "ws-core/src/engine/copy.rs", call: "bytes.copy_within(gap.., 0)" },
    // It is an integer that is rotated, by any number of bits.
    Proven { path: "ws-frame/src/mask.rs", call: "u32::from_le_bytes(self.key).rotate_right(bits)" },
];

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
        let windows = (0..code.tokens.len()).map(|start| code.tokens.split_at(start));
        violations.extend(windows.filter_map(|(before, tokens)| {
            let line = tokens.first()?.line;
            Some(file.violation(line, forbidden(tokens).or_else(|| may_panic(file, before, tokens))?))
        }));
    }
    violations.extend(PROVEN.iter().filter_map(|proven| stale(tree, proven)));
    violations
}

/// An entry of [`PROVEN`] for a call that is no more.
fn stale(tree: &Tree, proven: &Proven) -> Option<Violation> {
    let file = tree.get(proven.path)?;
    let rule = format!("has no `{}`: remove it from `PROVEN` in xtask/src/tidy/library_code.rs", proven.call);
    (!file.text.contains(proven.call)).then(|| file.violation(1, rule))
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
        ["#", "[", ..] | ["#", "!", "["] => {
            let level = attribute(tokens).find(|words| ["allow", "expect"].contains(&words.0) && words.1 == "(")?.0;
            Some(format!("no `{level}(...)` in a library crate: lints are obeyed"))
        }
        _ => None,
    }
}

/// Pairs of neighbouring tokens in the attribute that `tokens` start with.
fn attribute(tokens: &[Token]) -> impl Iterator<Item = (&str, &str)> {
    let mut depth = 0_usize;
    let inside = tokens.windows(2).skip_while(|pair| pair[0].text != "[").take_while(move |pair| {
        match pair[0].text.as_str() {
            "[" => depth += 1,
            "]" => depth -= 1,
            _ => {}
        }
        depth > 0
    });
    inside.map(|pair| (pair[0].text.as_str(), pair[1].text.as_str()))
}

/// The rule that the assertion, or the call of a slice's method, at the start of `tokens` breaks.
fn may_panic(file: &File, before: &[Token], tokens: &[Token]) -> Option<String> {
    let words: Vec<&str> = tokens.iter().take(2).map(|token| token.text.as_str()).collect();
    match words.as_slice() {
        [name, "!"] if ASSERTIONS.contains(name) && !ends_with(before, &COMPILED_CHECK) => {
            Some(format!("no `{name}!` in a library crate, except as `const _: () = {name}!(...);`"))
        }
        ["." | ":", name] if SLICE_METHODS.contains(name) => {
            let line = file.text.lines().nth(tokens[1].line - 1).unwrap_or_default();
            let is_proven = PROVEN.iter().any(|proven| proven.path == file.path && line.contains(proven.call));
            // The function that swaps two values.
            let is_another = *name == "swap" && ends_with(before, &["mem", ":"]);
            (!is_proven && !is_another).then(|| {
                format!("no `{name}` in a library crate: it can panic (take what returns an `Option`, or see `PROVEN`)")
            })
        }
        _ => None,
    }
}

fn ends_with(tokens: &[Token], words: &[&str]) -> bool {
    let texts = tokens.iter().rev().map(|token| token.text.as_str());
    tokens.len() >= words.len() && texts.zip(words.iter().rev()).all(|(text, word)| text == *word)
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    const LIB: &str = "#![no_std]\n#![forbid(unsafe_code)]\n#![cfg_attr(\n    not(test),\n    deny(\n        clippy::unwrap_used,\n\
                       clippy::expect_used, clippy::panic, clippy::unreachable, clippy::indexing_slicing,\n\
                       clippy::arithmetic_side_effects,\n        clippy::cast_possible_truncation\n    )\n)]\n";

    #[test]
    fn attributes_of_lib_rs_are_required() {
        let check = |text: &str| check(&fixture::tree(&[("ws-a/src/lib.rs", text)])).len();
        assert_eq!(check(LIB), 0);
        assert_eq!(check(&LIB.replace("#![no_std]", "// #![no_std]")), 1);
        assert_eq!(check(&LIB.replace("forbid", "deny")), 1);
        assert_eq!(check(&LIB.replace("    deny(", "    warn(")), 1);
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
            "#[allow(clippy::unwrap_used)] fn a() {}",
            "fn a() { #[expect(clippy::indexing_slicing, reason = \"[]\")] b[0] }",
            "#![allow(clippy::panic)]",
            "#[cfg_attr(all(), allow(clippy::panic))] fn a() {}",
            "fn a() { assert!(b) }",
            "fn a() { assert_eq!(b, c) }",
            "fn a() { assert_ne!(b, c) }",
            "fn a() { core::debug_assert!(b) }",
            "const _: fn() = || assert!(b);",
            "const fn a() { assert!(b) }",
            "fn a() { b.split_at(c) }",
            "fn a() { b.split_at_mut(c) }",
            "fn a() { b.swap(0, c) }",
            "fn a() { <[u8]>::swap(b, 0, c) }",
            "fn a() { b.chunks(c) }",
            "fn a() { b.chunks_mut(c) }",
            "fn a() { b.chunks_exact(c) }",
            "fn a() { b.rotate_left(c) }",
            "fn a() { b.copy_from_slice(c) }",
            "fn a() { b.map(<[u8]>::copy_from_slice) }",
            "fn a() { b.copy_within(c, 0) }",
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
        let fine = "#![no_std]\nfn a(b: Option<u8>) { b.unwrap_or(1); core::mem::drop(b); expect(b); x.alloc(); }\n\
                    #[inline]\nfn c() { allow(d); mem::swap(e, f); g.split_at_checked(1); h.as_chunks(); }\n\
                    const _: () = assert!(size_of::<u8>() == 1);\n";
        assert_eq!(check(&fixture::tree(&[("ws-a/src/b.rs", fine)])), []);
    }

    #[test]
    fn proven_calls_are_fine_in_their_place_alone() {
        let call = "fn a() {\n    u32::from_le_bytes(self.key).rotate_right(bits);\n}\n";
        let mask = "ws-frame/src/mask.rs";
        assert_eq!(check(&fixture::tree(&[(mask, call)])), []);
        assert_eq!(fixture::places(check(&fixture::tree(&[("ws-frame/src/a.rs", call)]))), ["ws-frame/src/a.rs:2"]);
        let other = format!("{call}fn b() {{ bytes.rotate_right(bits) }}");
        assert_eq!(fixture::places(check(&fixture::tree(&[(mask, &other)]))), [format!("{mask}:4")]);
        assert_eq!(fixture::places(check(&fixture::tree(&[(mask, "fn a() {}")]))), [format!("{mask}:1")]);
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
