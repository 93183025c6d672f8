//! `tidy`: the architecture's rules that a program can check. One file per group of rules, each a function from the [`Tree`] to
//! violations; this file collects the tracked files and reports.

mod commands;
mod files;
mod layers;
mod library_code;
mod licenses;
mod links;
mod map;
mod mirror;
mod paths;
mod rust_tokens;
mod words;

use std::{collections::BTreeSet, fmt, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use crate::{
    command::{Log, ask},
    workspace,
};

/// The files of the repository.
#[derive(Debug, Default)]
struct Tree {
    files: Vec<File>,
}

/// A text file: its path from the repository's root, with `/`, and its contents.
#[derive(Debug)]
struct File {
    path: String,
    text: String,
}

/// A broken rule, printed as `file:line: rule`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    rule: String,
}

pub(crate) fn run(log: &Log) -> Result<String> {
    let tree = Tree::tracked()?;
    let packages = &workspace::workspace()?.packages;
    let mut violations = Vec::new();
    violations.extend(layers::check(&tree, packages));
    violations.extend(library_code::check(&tree));
    violations.extend(files::check(&tree));
    violations.extend(links::check(&tree));
    violations.extend(commands::check(&tree, packages));
    violations.extend(words::check(&tree));
    violations.extend(map::check(&tree, packages));
    violations.extend(mirror::check(&tree));
    violations.extend(paths::check(&tree));
    violations.extend(licenses::check(&tree, packages));
    violations.sort();
    for violation in &violations {
        log.line(violation);
    }
    match violations.as_slice() {
        [] => Ok(format!("{} files", tree.files.len())),
        [first, ..] => bail!("{} violations of the rules, the first: {first}", violations.len()),
    }
}

/// The options that the documents give to the program called `binary`, each after its place (`file:line`).
pub(crate) fn documented_options(binary: &str) -> Result<Vec<(String, String)>> {
    Ok(commands::options(&Tree::tracked()?, binary))
}

impl Tree {
    /// What git tracks, or would track if it were added.
    fn tracked() -> Result<Self> {
        let root = workspace::root();
        // The owner of a checkout is often not the user that runs CI, and listing files is harmless.
        let mut git = Command::new("git");
        git.args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listing = ask(git.current_dir(root)).context("`git ls-files` failed: tidy needs a git checkout")?;
        let paths: BTreeSet<&str> = listing.split('\0').filter(|path| !path.is_empty()).collect();
        let mut files = Vec::new();
        for path in paths {
            // Deleted files are still listed.
            let Ok(bytes) = fs::read(root.join(path)) else { continue };
            // What is not UTF-8 is a picture or the like: its path counts, its contents have no rules.
            files.push(File { path: path.to_string(), text: String::from_utf8(bytes).unwrap_or_default() });
        }
        Ok(Self { files })
    }

    fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Is there a file or a folder at `path`? The empty path is the root.
    fn contains(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty() || self.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
    }

    /// The files whose names end in `.extension`.
    fn with_extension(&self, extension: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.extension() == extension)
    }
}

impl File {
    fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
    }

    /// Is it part of the sources (not the tests) of a library crate?
    fn is_library_source(&self) -> bool {
        self.path.starts_with("ws-") && self.path.contains("/src/") && self.extension() == "rs"
    }

    /// Lines with their numbers, from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    fn violation(&self, line: usize, rule: impl Into<String>) -> Violation {
        Violation { path: self.path.clone(), line, rule: rule.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// What the tests of the rules share.
#[cfg(test)]
mod fixture {
    use super::*;

    /// A tree with these paths and texts.
    pub(super) fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() });
        Tree { files: files.collect() }
    }

    /// Where the violations are, as `path:line`.
    pub(super) fn places(violations: impl IntoIterator<Item = Violation>) -> Vec<String> {
        violations.into_iter().map(|violation| format!("{}:{}", violation.path, violation.line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_found() {
        let tree = fixture::tree(&[("a/b/c.rs", ""), ("d.md", "")]);
        assert!(["", "a", "a/", "a/b", "a/b/c.rs", "d.md"].iter().all(|path| tree.contains(path)));
        assert!(!["b", "a/b/c", "d"].iter().any(|path| tree.contains(path)));
    }

    #[test]
    fn violation_is_shown_with_its_place() {
        let tree = fixture::tree(&[("a.rs", "")]);
        assert_eq!(tree.files[0].violation(3, "why").to_string(), "a.rs:3: why");
    }
}
