//! Words that no tracked file may contain: notes to oneself, paths of one machine, hosts of package registries.

use super::{Tree, Violation};

/// This file names what it forbids.
const THIS_FILE: &str = "xtask/src/tidy/words.rs";

const NOTES: [&str; 3] = ["TODO", "FIXME", "XXX"];
/// Folders of a machine; only where they start a path.
const FOLDERS: [&str; 6] = ["/work/", "/tmp/", "/root/", "/home/", "/Users/", "/mnt/"];
/// Where packages come from is for a user's configuration to say. (`https://crates.io` and the like, as a link, is fine.)
const HOSTS: [&str; 9] = [
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "pypi.org/simple",
    "files.pythonhosted.org",
    "index.crates.io",
    "static.crates.io",
    "static.rust-lang.org",
    "deb.debian.org",
    "\"resolved\":",
];
/// What cargo writes for the public registry.
const CARGO_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let files = tree.files.iter().filter(|file| file.path != THIS_FILE);
    let found = files.flat_map(|file| {
        file.lines()
            .flat_map(move |(number, line)| forbidden(line).into_iter().map(move |rule| file.violation(number, rule)))
    });
    found.collect()
}

fn forbidden(line: &str) -> Vec<String> {
    let mut rules = Vec::new();
    rules.extend(
        NOTES.iter().find(|note| has_word(line, note)).map(|note| format!("`{note}`: do it, or open an issue")),
    );
    let folder = FOLDERS.iter().find(|folder| starts_path(line, folder));
    rules.extend(folder.map(|folder| format!("`{folder}` is a path of one machine")));
    let host = HOSTS.iter().find(|host| line.contains(**host));
    let other_registry = (line.contains("\"registry+") && !line.contains(CARGO_REGISTRY)).then_some(&"registry+");
    rules.extend(host.or(other_registry).map(|host| format!("`{host}` names a package registry")));
    rules
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

fn starts_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = &line[..start];
        before.is_empty()
            || before.ends_with([' ', '\t', '"', '\'', '`', '(', '<', '=', ':', ',', '['])
            || before.ends_with("file://")
    })
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn forbidden_words_are_caught() {
        for bad in [
            "// TODO: later",
            "(FIXME)",
            "XXX",
            "cd /work/project",
            "`/tmp/x`",
            "path = \"/root/x\"",
            "file:///home/someone/x",
            "npm --registry https://registry.npmjs.org",
            "\"resolved\": \"https://mirror.example/ws.tgz\",",
            "source = \"registry+https://mirror.example/index\"",
        ] {
            let tree = fixture::tree(&[("a.txt", &format!("fine\n{bad}\n"))]);
            assert_eq!(fixture::places(check(&tree)), ["a.txt:2"], "{bad}");
        }
    }

    #[test]
    fn similar_words_are_fine() {
        for fine in [
            "AUTODOC TODOS XXXL",
            "the folder target/tmp/x, https://example.org/work/x",
            "https://crates.io/crates/ws-core",
            "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
        ] {
            assert_eq!(check(&fixture::tree(&[("a.txt", fine)])), [], "{fine}");
        }
        assert_eq!(check(&fixture::tree(&[(THIS_FILE, "TODO")])), []);
    }
}
