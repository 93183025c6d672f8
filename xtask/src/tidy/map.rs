//! The documents know the repository: every package is in the README's crate table, every folder in the architecture's map, and
//! the README's test command is what continuous integration runs.

use std::collections::BTreeSet;

use super::{File, Tree, Violation, commands::commands};
use crate::workspace::Package;

const README: &str = "README.md";
const ARCHITECTURE: &str = "ARCHITECTURE.md";
const CI: &str = ".ci/run";

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut open = |path: &str| {
        let file = tree.get(path);
        if file.is_none() {
            violations.push(Violation { path: path.to_string(), line: 1, rule: "is missing".to_string() });
        }
        file
    };
    let (readme, architecture, ci) = (open(README), open(ARCHITECTURE), open(CI));
    if let Some(readme) = readme {
        violations.extend(crate_table(readme, packages));
    }
    if let Some(architecture) = architecture {
        violations.extend(folder_map(architecture, tree));
    }
    if let (Some(readme), Some(ci)) = (readme, ci) {
        violations.extend(test_command(readme, ci));
    }
    violations
}

/// Packages that no row of a table in the README names.
fn crate_table(readme: &File, packages: &[Package]) -> Vec<Violation> {
    let rows: Vec<&str> = readme.text.lines().filter(|line| line.trim_start().starts_with('|')).collect();
    let absent = packages.iter().filter(|package| !rows.iter().any(|row| names(row, &package.name)));
    absent.map(|package| readme.violation(1, format!("the crate table lacks `{}`", package.name))).collect()
}

/// Top-level folders that the architecture does not name.
fn folder_map(architecture: &File, tree: &Tree) -> Vec<Violation> {
    let folders: BTreeSet<&str> = tree.files.iter().filter_map(|file| Some(file.path.split_once('/')?.0)).collect();
    let absent = folders.into_iter().filter(|folder| !architecture.text.lines().any(|line| names(line, folder)));
    absent.map(|folder| architecture.violation(1, format!("the map lacks the folder `{folder}`"))).collect()
}

/// Continuous integration runs one command, and the README shows it to people.
fn test_command(readme: &File, ci: &File) -> Option<Violation> {
    let is_preparation =
        |line: &str| line.is_empty() || ["#", "set ", "cd "].iter().any(|start| line.starts_with(start));
    let run: Vec<(usize, &str)> = ci.lines().filter(|(_, line)| !is_preparation(line.trim())).collect();
    let [(number, command)] = run.as_slice() else {
        return Some(ci.violation(1, "runs more or less than one command"));
    };
    let words: Vec<&str> = command.split_whitespace().collect();
    let shown = commands(&readme.text).iter().any(|(_, shown)| *shown == words);
    (!shown).then(|| ci.violation(*number, format!("runs `{command}`, which is not a command of {README}")))
}

/// Does the line contain the name, not merely as a part of a longer one?
fn names(line: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == '-';
    line.match_indices(name)
        .any(|(start, _)| !line[..start].ends_with(is_part) && !line[start + name.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};
    use crate::workspace;

    fn check(readme: &str, architecture: &str, ci: &str) -> Vec<String> {
        let tree = fixture::tree(&[(README, readme), (ARCHITECTURE, architecture), (CI, ci), ("ws-a/src/lib.rs", "")]);
        let packages = &workspace::workspace().unwrap().packages;
        let packages: Vec<_> = packages.iter().filter(|package| package.name == "ws-core").cloned().collect();
        super::check(&tree, &packages).iter().map(ToString::to_string).collect()
    }

    const README_TEXT: &str =
        "| crate | for |\n| --- | --- |\n| [`ws-core`](ws-core) | x |\n\n```console\n$ cargo xtask test-all\n```\n";
    const CI_TEXT: &str = "#!/bin/sh\n# Why.\nset -e\ncd x\n\ncargo xtask test-all\n";

    #[test]
    fn documents_that_know_everything_are_fine() {
        assert_eq!(check(README_TEXT, "- `ws-a/`: x\n- `.ci`: y\n", CI_TEXT), [""; 0]);
    }

    #[test]
    fn gaps_are_caught() {
        let longer_name = README_TEXT.replace("ws-core", "ws-core-async");
        assert_eq!(check(&longer_name, "ws-a .ci", CI_TEXT), ["README.md:1: the crate table lacks `ws-core`"]);
        assert_eq!(check(README_TEXT, "ws-ab .ci", CI_TEXT), ["ARCHITECTURE.md:1: the map lacks the folder `ws-a`"]);
        assert_eq!(
            check(README_TEXT, "ws-a .ci", &CI_TEXT.replace("test-all", "test")),
            [".ci/run:6: runs `cargo xtask test`, which is not a command of README.md"],
        );
        let two = format!("{CI_TEXT}cargo bench\n");
        assert_eq!(check(README_TEXT, "ws-a .ci", &two), [".ci/run:1: runs more or less than one command"]);
        let missing: Vec<_> = super::check(&fixture::tree(&[]), &[]).iter().map(ToString::to_string).collect();
        assert_eq!(missing, ["README.md:1: is missing", "ARCHITECTURE.md:1: is missing", ".ci/run:1: is missing"]);
    }
}
