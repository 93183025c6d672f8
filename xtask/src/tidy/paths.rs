//! The files and folders that the repository's own documents name exist.

use std::path::Path;

use pulldown_cmark::{Event, Options, Parser};

use super::{Tree, Violation, links::line_of};

const DOCUMENTS: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];
/// What makes a word with a slash a path.
const EXTENSIONS: [&str; 12] = ["cjs", "html", "js", "json", "lock", "md", "mjs", "py", "rs", "sh", "toml", "ts"];
/// Made by builds.
const NOT_TRACKED: &str = "target/";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in DOCUMENTS.iter().filter_map(|path| tree.get(path)) {
        for (event, range) in Parser::new_ext(&file.text, Options::ENABLE_TABLES).into_offset_iter() {
            if let Event::Code(code) = event
                && is_path(tree, &code)
                && !exists(tree, &code)
            {
                violations.push(file.violation(line_of(&file.text, range.start), format!("there is no `{code}`")));
            }
        }
    }
    violations
}

/// Is it meant as a path of the repository?
fn is_path(tree: &Tree, code: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || "/._-".contains(character);
    if code.starts_with('/') || code.starts_with(NOT_TRACKED) || !code.chars().all(is_word) {
        return false;
    }
    let extension = Path::new(code).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_source = extension == "rs";
    let ends_like_one = code.ends_with('/') || EXTENSIONS.contains(&extension);
    is_source || (code.contains('/') && (ends_like_one || starts_at_root(tree, code)))
}

/// A path from the root, or its end: `src/mask.rs`, `mask.rs`.
fn exists(tree: &Tree, path: &str) -> bool {
    if starts_at_root(tree, path) {
        return tree.contains(path);
    }
    let end = format!("/{path}");
    let is_end = |file: &str| if path.ends_with('/') { file.contains(&end) } else { file.ends_with(&end) };
    tree.files.iter().any(|file| file.path == path || is_end(&file.path))
}

fn starts_at_root(tree: &Tree, path: &str) -> bool {
    path.split_once('/').is_some_and(|(folder, _)| !folder.is_empty() && tree.contains(folder))
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn paths_that_do_not_exist_are_caught() {
        let tree = |text: &str| {
            let sources = [("ws-a/src/engine/mask.rs", ""), ("ws-a/Cargo.toml", ""), (".ci/run", "")];
            fixture::tree(&[&[("ARCHITECTURE.md", text), ("other.md", "`gone.rs`")], &sources[..]].concat())
        };
        for fine in [
            "ws-a/src/engine/mask.rs",
            "ws-a/src/engine",
            "ws-a/",
            "engine/mask.rs",
            "engine/",
            "mask.rs",
            ".ci/run",
            "target/",
            "/chat",
            "/",
            "text/html",
            "embedded_io::{Read, Write}",
            "cargo x gone/y.rs",
            ".rs",
        ] {
            assert_eq!(check(&tree(&format!("A\n`{fine}`"))), [], "{fine}");
        }
        for gone in [
            "ws-a/src/mask.rs",
            "ws-a/src/gone",
            "ws-a/gone/",
            "ws-b/",
            "src/mask.rs",
            "ask.rs",
            "gone.rs",
            ".ci/gone",
            "gone/x.toml",
        ] {
            assert_eq!(fixture::places(check(&tree(&format!("A\n`{gone}`")))), ["ARCHITECTURE.md:2"], "{gone}");
        }
    }
}
