//! The documents know the repository: the README's crate table has the packages, the architecture's map the folders, the guide for
//! contributors the steps, no more and no less; and the README's test command is what continuous integration runs.

use std::collections::BTreeSet;

use super::{File, Tree, Violation, commands::commands};
use crate::{step::Step, workspace::Package};

const README: &str = "README.md";
const ARCHITECTURE: &str = "ARCHITECTURE.md";
const CONTRIBUTING: &str = "CONTRIBUTING.md";
const CI: &str = ".ci/run";
/// The heading of the architecture's map.
const MAP: &str = "## The map";
/// A skipped check is a failed one, also where the runner does not say that it is one.
const EXPORT: &str = "export CI=true";

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut open = |path: &str| {
        let file = tree.get(path);
        if file.is_none() {
            violations.push(Violation { path: path.to_string(), line: 1, rule: "is missing".to_string() });
        }
        file
    };
    let (readme, architecture, contributing, ci) = (open(README), open(ARCHITECTURE), open(CONTRIBUTING), open(CI));
    if let Some(readme) = readme {
        violations.extend(crate_table(readme, packages));
    }
    if let Some(architecture) = architecture {
        violations.extend(folder_map(architecture, tree));
    }
    violations.extend(contributing.and_then(step_table));
    if let (Some(readme), Some(ci)) = (readme, ci) {
        violations.extend(test_command(readme, ci));
    }
    violations
}

/// The README's table of crates has a row for each package, and no other.
fn crate_table(readme: &File, packages: &[Package]) -> Vec<Violation> {
    let Some(rows) = table(readme, "crate") else {
        return vec![readme.violation(1, "has no table with the heading `crate`")];
    };
    let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    differences(readme, "crate table", &rows, &names)
}

/// The architecture's map has a line for each top-level folder, and no other.
fn folder_map(architecture: &File, tree: &Tree) -> Vec<Violation> {
    let lines = architecture.lines().skip_while(|(_, line)| *line != MAP).skip_while(|(_, line)| *line != "```text");
    let lines = lines.skip(1).take_while(|(_, line)| *line != "```").filter(|(_, line)| !line.starts_with(' '));
    let entries: Vec<(usize, &str)> = lines
        .filter_map(|(number, line)| Some((number, line.split_whitespace().next()?.trim_end_matches('/'))))
        .collect();
    if entries.is_empty() {
        return vec![architecture.violation(1, format!("has no map: a block of text below `{MAP}`"))];
    }
    let folders: BTreeSet<&str> = tree.files.iter().filter_map(|file| Some(file.path.split_once('/')?.0)).collect();
    differences(architecture, "map", &entries, &Vec::from_iter(folders))
}

/// The guide's table of commands has the steps, in the order in which they run.
fn step_table(contributing: &File) -> Option<Violation> {
    let Some(rows) = table(contributing, "command") else {
        return Some(contributing.violation(1, "has no table with the heading `command`"));
    };
    let steps: Vec<String> = Step::all().iter().map(|step| format!("cargo xtask {}", step.name())).collect();
    let rows_and_steps = (0..rows.len().max(steps.len())).map(|index| (rows.get(index), steps.get(index)));
    let (row, step) =
        rows_and_steps.into_iter().find(|(row, step)| row.map(|row| row.1) != step.map(String::as_str))?;
    let line = row.or(rows.last()).map_or(1, |row| row.0);
    let expected = step.map_or("the end".to_string(), |step| format!("`{step}`"));
    Some(contributing.violation(line, format!("the table of steps has another row here than {expected}")))
}

/// Continuous integration runs one command, and the README shows it to people.
fn test_command(readme: &File, ci: &File) -> Option<Violation> {
    let is_preparation = |line: &str| {
        line.is_empty() || line == EXPORT || ["#", "set ", "cd "].iter().any(|start| line.starts_with(start))
    };
    if !ci.lines().any(|(_, line)| line == EXPORT) {
        return Some(ci.violation(1, format!("lacks `{EXPORT}`")));
    }
    let run: Vec<(usize, &str)> = ci.lines().filter(|(_, line)| !is_preparation(line.trim())).collect();
    let [(number, command)] = run.as_slice() else {
        return Some(ci.violation(1, "runs more or less than one command"));
    };
    let words: Vec<&str> = command.split_whitespace().collect();
    let shown = commands(&readme.text).iter().any(|(_, shown)| *shown == words);
    (!shown).then(|| ci.violation(*number, format!("runs `{command}`, which is not a command of {README}")))
}

/// The rows, with their lines and without the formatting of their first cells, of the first table whose first heading is `heading`.
fn table<'a>(file: &'a File, heading: &str) -> Option<Vec<(usize, &'a str)>> {
    let first_cell = |line: &'a str| Some(line.trim().strip_prefix('|')?.split('|').next()?.trim());
    let mut lines = file.lines().skip_while(|(_, line)| first_cell(line) != Some(heading));
    lines.next()?;
    // The line below the headings.
    let rows = lines.skip(1).map_while(|(number, line)| Some((number, first_cell(line)?)));
    // [`name`](link) or `name`
    Some(rows.map(|(number, cell)| (number, cell.split('`').nth(1).unwrap_or(cell))).collect())
}

/// What is in `entries`, with their lines, and not in `expected`, more than once, or not at all.
fn differences(file: &File, what: &str, entries: &[(usize, &str)], expected: &[&str]) -> Vec<Violation> {
    let mut seen = BTreeSet::new();
    let mut violations = Vec::new();
    for (line, entry) in entries {
        if !expected.contains(entry) {
            violations.push(file.violation(*line, format!("the {what} has `{entry}`, which does not exist")));
        } else if !seen.insert(*entry) {
            violations.push(file.violation(*line, format!("the {what} has `{entry}` twice")));
        }
    }
    let first = entries.first().map_or(1, |(line, _)| *line);
    let absent = expected.iter().filter(|name| !seen.contains(**name));
    violations.extend(absent.map(|name| file.violation(first, format!("the {what} lacks `{name}`"))));
    violations
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};
    use crate::workspace;

    const README_TEXT: &str = "A | ws-core | gone |\n\n| crate | for |\n| --- | --- |\n| [`ws-core`](ws-core) | x |\n| `xtask` | x |\n\n\
                               ```console\n$ cargo xtask test-all\n```\n";
    const ARCHITECTURE_TEXT: &str =
        "# ws-a, `.ci/`\n\n```text\ngone/\n```\n\n## The map\n\n```text\nws-a/   x\n        more\n.ci/    y\n```\n";
    const CI_TEXT: &str = "#!/bin/sh\n# Why.\nset -e\ncd x\nexport CI=true\n\ncargo xtask test-all\n";

    fn contributing() -> String {
        let row = |step: &Step| format!("| `cargo xtask {}` | x |\n", step.name());
        format!("| command | what |\n|---|---|\n{}\nmore\n", Step::all().iter().map(row).collect::<String>())
    }

    fn check(readme: &str, architecture: &str, contributing: &str, ci: &str) -> Vec<String> {
        let documents = [(README, readme), (ARCHITECTURE, architecture), (CONTRIBUTING, contributing), (CI, ci)];
        let tree = fixture::tree(&[&documents[..], &[("ws-a/src/lib.rs", "")]].concat());
        let packages = workspace::workspace().unwrap().packages.iter();
        let packages: Vec<_> =
            packages.filter(|package| ["ws-core", "xtask"].contains(&package.name.as_str())).cloned().collect();
        super::check(&tree, &packages).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn documents_that_know_everything_are_fine() {
        assert_eq!(check(README_TEXT, ARCHITECTURE_TEXT, &contributing(), CI_TEXT), [""; 0]);
    }

    #[test]
    fn crate_table_has_the_packages() {
        let check = |from: &str, to: &str| {
            assert!(README_TEXT.contains(from));
            check(&README_TEXT.replace(from, to), ARCHITECTURE_TEXT, &contributing(), CI_TEXT)
        };
        assert_eq!(check("| `xtask` | x |\n", ""), ["README.md:5: the crate table lacks `xtask`"]);
        assert_eq!(
            check("`xtask` |", "`gone` |"),
            [
                "README.md:6: the crate table has `gone`, which does not exist",
                "README.md:5: the crate table lacks `xtask`"
            ]
        );
        assert_eq!(
            check("`xtask` | x |\n", "`xtask` |\n| `xtask` |\n"),
            ["README.md:7: the crate table has `xtask` twice"]
        );
        assert_eq!(check("| crate |", "| it |"), ["README.md:1: has no table with the heading `crate`"]);
    }

    #[test]
    fn map_has_the_folders() {
        let check = |from: &str, to: &str| {
            assert!(ARCHITECTURE_TEXT.contains(from));
            check(README_TEXT, &ARCHITECTURE_TEXT.replace(from, to), &contributing(), CI_TEXT)
        };
        assert_eq!(check("ws-a/   x\n", ""), ["ARCHITECTURE.md:11: the map lacks `ws-a`"]);
        assert_eq!(check(".ci/    y\n", ""), ["ARCHITECTURE.md:10: the map lacks `.ci`"]);
        assert_eq!(
            check(".ci/    y\n", ".ci/    y\ngone/\n"),
            ["ARCHITECTURE.md:13: the map has `gone`, which does not exist"]
        );
        assert_eq!(
            check("## The map", "## Folders"),
            ["ARCHITECTURE.md:1: has no map: a block of text below `## The map`"]
        );
    }

    #[test]
    fn guide_has_the_steps_in_order() {
        let check = |contributing: &str| check(README_TEXT, ARCHITECTURE_TEXT, contributing, CI_TEXT);
        let good = contributing();
        let lint = "| `cargo xtask lint` | x |\n";
        assert_eq!(
            check(&good.replace(lint, "")),
            ["CONTRIBUTING.md:4: the table of steps has another row here than `cargo xtask lint`"]
        );
        assert_eq!(
            check(&good.replace("\nmore", &format!("{lint}more"))),
            ["CONTRIBUTING.md:22: the table of steps has another row here than the end"]
        );
        assert_eq!(
            check(&good.replace("| `cargo xtask tidy` | x |\n", "")),
            ["CONTRIBUTING.md:19: the table of steps has another row here than `cargo xtask tidy`"]
        );
        assert_eq!(check("text"), ["CONTRIBUTING.md:1: has no table with the heading `command`"]);
    }

    #[test]
    fn continuous_integration_runs_the_test_command() {
        let check = |ci: &str| check(README_TEXT, ARCHITECTURE_TEXT, &contributing(), ci);
        assert_eq!(
            check(&CI_TEXT.replace("test-all", "test")),
            [".ci/run:7: runs `cargo xtask test`, which is not a command of README.md"],
        );
        assert_eq!(check(&format!("{CI_TEXT}cargo bench\n")), [".ci/run:1: runs more or less than one command"]);
        assert_eq!(check(&CI_TEXT.replace("export CI=true\n", "")), [".ci/run:1: lacks `export CI=true`"]);
    }

    #[test]
    fn missing_documents_are_caught() {
        let missing: Vec<_> = super::check(&fixture::tree(&[]), &[]).iter().map(ToString::to_string).collect();
        let paths = [README, ARCHITECTURE, CONTRIBUTING, CI];
        assert_eq!(missing, paths.map(|path| format!("{path}:1: is missing")));
    }
}
