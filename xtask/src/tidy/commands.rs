//! The cargo commands in the Markdown files name steps, programs and packages that exist.
//!
//! Whether a program has the options that it is given is known to the program: the step `examples` asks it.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag};

use super::{Tree, Violation, links::line_of};
use crate::{step::Step, workspace::Package};

/// The languages of code blocks that are commands for a shell.
const SHELLS: [&str; 4] = ["console", "sh", "bash", "shell"];

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension("md") {
        for (line, command) in commands(&file.text) {
            if let Some(why) = wrong(tree, packages, &command) {
                violations.push(file.violation(line, format!("`{}`: {why}", command.join(" "))));
            }
        }
    }
    violations
}

/// The commands in a Markdown text, as words, without variables in front of them; each with its line.
pub(super) fn commands(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut in_shell = false;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => in_shell = is_shell(&kind),
            Event::End(_) => in_shell = false,
            Event::Text(block) if in_shell => {
                let first = line_of(text, range.start);
                found.extend(
                    (first..)
                        .zip(block.lines())
                        .flat_map(|(number, line)| split(line).into_iter().map(move |command| (number, command))),
                );
            }
            Event::Code(code) if code.starts_with("cargo ") => {
                let line = line_of(text, range.start);
                found.extend(split(&code).into_iter().map(|command| (line, command)));
            }
            _ => {}
        }
    }
    found
}

fn is_shell(kind: &CodeBlockKind<'_>) -> bool {
    let CodeBlockKind::Fenced(CowStr::Borrowed(language)) = kind else { return false };
    SHELLS.contains(&language.split([' ', ',']).next().unwrap_or_default())
}

/// The commands on a line: `$ A=b cargo x && cargo y # why` are `cargo x` and `cargo y`.
fn split(line: &str) -> Vec<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let line = line.split_once(" #").map_or(line, |(command, _)| command);
    let commands = line.split("&&").map(|command| {
        let words = command.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with('-'));
        words.map(ToString::to_string).collect::<Vec<_>>()
    });
    commands.filter(|words| !words.is_empty()).collect()
}

/// Why the command cannot be run.
fn wrong(tree: &Tree, packages: &[Package], command: &[String]) -> Option<String> {
    let words: Vec<&str> = command.iter().map(String::as_str).filter(|word| !word.starts_with('+')).collect();
    let ["cargo", subcommand, arguments @ ..] = words.as_slice() else { return None };
    // What comes after is for the program.
    let arguments = arguments.split(|word| *word == "--").next().unwrap_or_default();
    let value_of = |names: &[&str]| {
        let position = arguments.iter().position(|word| names.contains(word))?;
        arguments.get(position + 1).copied().filter(|value| !is_placeholder(value))
    };
    if let Some(name) = value_of(&["-p", "--package"])
        && !packages.iter().any(|package| package.name == name)
    {
        return Some(format!("there is no package `{name}`"));
    }
    match (*subcommand, arguments) {
        ("xtask", [step, ..]) if !is_step(step) => Some(format!("there is no step `{step}`")),
        ("fuzz", ["run", target, ..]) if !is_placeholder(target) => {
            let source = format!("fuzz/fuzz_targets/{target}.rs");
            (!tree.contains(&source)).then(|| format!("there is no {source}"))
        }
        ("run", _) => {
            let name = value_of(&["--bin"])?;
            let exists = packages.iter().any(|package| package.binaries().any(|binary| binary == name));
            (!exists).then(|| format!("there is no binary `{name}`"))
        }
        _ => None,
    }
}

fn is_step(word: &str) -> bool {
    is_placeholder(word) || ["test-all", "--help"].contains(&word) || Step::all().iter().any(|step| step.name() == word)
}

/// `STEP`, `<step>`, `[STEP]`, `...`
fn is_placeholder(word: &str) -> bool {
    !word.contains(|character: char| character.is_lowercase()) || word.starts_with(['<', '['])
}

/// The options that the Markdown files give to the program called `binary`, and where: what stands after `cargo run --bin BINARY --`.
pub(super) fn options(tree: &Tree, binary: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in tree.with_extension("md") {
        for (line, command) in commands(&file.text) {
            let words: Vec<&str> = command.iter().map(String::as_str).filter(|word| !word.starts_with('+')).collect();
            let ["cargo", "run", arguments @ ..] = words.as_slice() else { continue };
            let Some(end) = arguments.iter().position(|word| *word == "--") else { continue };
            if arguments[..end].windows(2).any(|pair| pair == ["--bin", binary]) {
                let options = arguments[end + 1..].iter().filter(|word| word.starts_with('-'));
                let names = options.map(|option| option.split('=').next().unwrap_or_default().to_string());
                found.extend(names.map(|name| (format!("{}:{line}", file.path), name)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use crate::workspace;

    fn check(text: &str) -> Vec<String> {
        let tree = fixture::tree(&[("a.md", text), ("fuzz/fuzz_targets/header.rs", "//! Charter.")]);
        let violations = super::check(&tree, &workspace::workspace().unwrap().packages);
        violations.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn commands_that_exist_are_fine() {
        let text = "```console\n$ cargo xtask test-all\n$ CI=true cargo xtask no-std && cargo xtask fmt # why\noutput cargo\n```\n\n\
                    ```sh\ncargo run --bin server -- --allow-origin http://a.example --help\ncargo test -p ws-frame\n\
                    cargo +nightly fuzz run header\n```\n\nType `cargo xtask STEP`, `cargo run --bin client -- URL`.\n\n\
                    ```rust\n// cargo xtask gone\n```\n";
        assert_eq!(check(text), [""; 0]);
    }

    #[test]
    fn commands_that_do_not_exist_are_caught() {
        let text = "```console\n$ cargo xtask gone\n$ cargo run --bin gone\n```\n\nOr `cargo xtask also-gone`.\n\n```sh\n\
                    cargo fmt && cargo run --bin gone -- --x=1\ncargo test --package gone\ncargo fuzz run gone\n```\n";
        assert_eq!(
            check(text),
            [
                "a.md:2: `cargo xtask gone`: there is no step `gone`",
                "a.md:3: `cargo run --bin gone`: there is no binary `gone`",
                "a.md:6: `cargo xtask also-gone`: there is no step `also-gone`",
                "a.md:9: `cargo run --bin gone -- --x=1`: there is no binary `gone`",
                "a.md:10: `cargo test --package gone`: there is no package `gone`",
                "a.md:11: `cargo fuzz run gone`: there is no fuzz/fuzz_targets/gone.rs",
            ]
        );
    }

    #[test]
    fn options_are_found_for_each_program() {
        let text = "```console\n$ cargo run --quiet --bin server -- --listen a:1 --allow-origin=b -h\n\
                    $ cargo run --bin client -- ws://a text=-- --header 'c: d'\n$ cargo run --bin server --release\n```\n";
        let tree = fixture::tree(&[("a.md", text)]);
        let options = |binary| {
            let options = super::options(&tree, binary).into_iter();
            options.map(|(place, option)| format!("{place} {option}")).collect::<Vec<_>>()
        };
        assert_eq!(options("server"), ["a.md:2 --listen", "a.md:2 --allow-origin", "a.md:2 -h"]);
        assert_eq!(options("client"), ["a.md:3 --header"]);
    }
}
