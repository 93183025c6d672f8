//! Each source file says what it is for in its first lines, and is short enough to be one idea.

use super::{File, Tree, Violation, rust_tokens::Code};

/// Lines of code (not of comments) that a file may have.
const MAX_CODE_LINES: usize = 350;
/// Lines of code that a file which is all tests, or a page that may load nothing, may have.
const MAX_LONG_LINES: usize = 600;

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.files.iter().flat_map(|file| [charter(file), length(file)]).flatten().collect()
}

/// Does the file start with its charter?
fn charter(file: &File) -> Option<Violation> {
    let starts: &[&str] = match file.extension() {
        // A crate's README is its documentation, and so its charter.
        "rs" => &["//! ", "#![doc = include_str!("],
        "py" => &["\"\"\"", "# "],
        "mjs" | "cjs" | "js" | "ts" => &["// ", "/* ", "/** "],
        "html" => &["<!-- ", "<!--\n"],
        "sh" => &["# "],
        // A script that only its first line tells from other files.
        "" if file.text.starts_with("#!/") => &["# "],
        _ => return None,
    };
    let mut text = file.text.as_str();
    // What must come before any comment.
    for first in ["#!/", "<!doctype html>", "<!DOCTYPE html>"] {
        if text.starts_with(first) {
            text = text.split_once('\n').map_or("", |(_, rest)| rest).trim_start_matches('\n');
        }
    }
    let has_charter = starts.iter().any(|start| text.starts_with(start));
    (!has_charter)
        .then(|| file.violation(1, "does not start with its charter: a comment that says what the file is for"))
}

/// Is the file over-long?
fn length(file: &File) -> Option<Violation> {
    let long = file.extension() == "html" || file.path.contains("/tests/") || file.path.ends_with("/tests.rs");
    let limit = if long { MAX_LONG_LINES } else { MAX_CODE_LINES };
    let lines = match file.extension() {
        "rs" => match Code::parse(&file.text) {
            Some(code) if long => code.lines.len() + code.test_lines.len(),
            Some(code) => code.lines.len(),
            None => return Some(file.violation(1, "is not Rust that can be read")),
        },
        "py" | "sh" => code_lines(file, "#"),
        "mjs" | "cjs" | "js" | "ts" => code_lines(file, "//"),
        "html" => code_lines(file, "<!--"),
        _ => return None,
    };
    (lines > limit).then(|| file.violation(1, format!("has {lines} lines of code, {limit} are allowed: split it")))
}

fn code_lines(file: &File, comment: &str) -> usize {
    let lines = file.text.lines().map(str::trim_start);
    lines.filter(|line| !line.is_empty() && !line.starts_with(comment)).count()
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn missing_charter_is_caught() {
        for (path, good, bad) in [
            ("a.rs", "//! Charter.\n", "// Comment.\n"),
            ("a.rs", "#![doc = include_str!(\"../README.md\")]\n", "\n//! Charter.\n"),
            ("a.py", "#!/usr/bin/env python3\n\"\"\"Charter.\"\"\"\n", "#!/usr/bin/env python3\nimport sys\n"),
            ("a.mjs", "// Charter.\n", "import x from 'y';\n"),
            ("a.cjs", "// Charter.\n", "const x = require('y');\n"),
            ("a.js", "/* Charter. */\n", "'use strict';\n"),
            ("a.ts", "#!/usr/bin/env node\n// Charter.\n", "#!/usr/bin/env node\nlet x: number;\n"),
            ("a.html", "<!doctype html>\n<!-- Charter. -->\n", "<!doctype html>\n<html></html>\n"),
            ("a.sh", "#!/bin/sh\n# Charter.\n", "#!/bin/sh\nset -e\n"),
            ("a/run", "#!/usr/bin/env bash\n# Charter.\n", "#!/usr/bin/env bash\nset -e\n"),
        ] {
            assert_eq!(check(&fixture::tree(&[(path, good)])), [], "{good}");
            assert_eq!(fixture::places(check(&fixture::tree(&[(path, bad)]))), [format!("{path}:1")], "{bad}");
        }
        assert_eq!(check(&fixture::tree(&[("a.json", "{}"), ("b.md", "text")])), []);
    }

    #[test]
    fn over_long_files_are_caught() {
        let file = |code: usize, tests: usize| {
            let body = |lines| "    // why\n\n    b();\n".repeat(lines);
            format!("//! Charter.\n\nfn a() {{\n{}}}\n#[cfg(test)]\nfn c() {{\n{}}}\n", body(code - 2), body(tests))
        };
        let check = |path, code, tests| check(&fixture::tree(&[(path, &file(code, tests))])).len();
        assert_eq!(check("ws-a/src/b.rs", MAX_CODE_LINES, 1000), 0);
        assert_eq!(check("ws-a/src/b.rs", MAX_CODE_LINES + 1, 0), 1);
        assert_eq!(check("ws-a/tests/b.rs", MAX_CODE_LINES + 1, 0), 0);
        assert_eq!(check("ws-a/tests/b.rs", MAX_LONG_LINES, 0), 1);
        assert_eq!(check("ws-a/src/tests.rs", MAX_CODE_LINES, MAX_CODE_LINES), 1);
        let script = format!("// Charter.\n{}", "a();\n".repeat(MAX_CODE_LINES + 1));
        assert_eq!(fixture::places(super::check(&fixture::tree(&[("a.mjs", &script)]))), ["a.mjs:1"]);
    }
}
