//! Relative links in the Markdown files lead to files and headings that exist.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{File, Tree, Violation};

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.with_extension("md") {
        for (event, range) in Parser::new_ext(&file.text, Options::ENABLE_TABLES).into_offset_iter() {
            let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event else {
                continue;
            };
            if let Some(why) = broken(tree, file, &dest_url) {
                violations
                    .push(file.violation(line_of(&file.text, range.start), format!("the link `{dest_url}` {why}")));
            }
        }
    }
    violations
}

/// The number of the line that the byte at `offset` is on.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

fn broken(tree: &Tree, file: &File, link: &str) -> Option<String> {
    // Other places on the web, and Rust paths in crate documentation, which rustdoc checks.
    if link.contains("://") || link.starts_with("mailto:") || link.contains("::") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target =
        if path.is_empty() { file.path.clone() } else { resolve(&file.path, path).unwrap_or("..".to_string()) };
    if !tree.contains(&target) {
        return Some("leads to no file of the repository".to_string());
    }
    let heading_exists = |anchor: &str| tree.get(&target).is_some_and(|target| anchors(&target.text).contains(anchor));
    match anchor {
        Some(anchor) if target.ends_with(".md") && !heading_exists(anchor) => {
            Some(format!("leads to no heading of {target}"))
        }
        _ => None,
    }
}

/// `link`, written in the file `from`, as a path from the root; `None` if it leads out of the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = if link.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The anchors that code hosts make of headings: lower case, spaces to hyphens, no punctuation, repetitions numbered.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let anchor = anchor(&heading.take().unwrap_or_default());
                let numbered = (1..).map(|number| format!("{anchor}-{number}"));
                let free = std::iter::once(anchor.clone()).chain(numbered).find(|anchor| !anchors.contains(anchor));
                anchors.extend(free);
            }
            _ => {}
        }
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
    kept.flat_map(char::to_lowercase).map(|character| if character == ' ' { '-' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn broken_links_are_caught() {
        let tree = fixture::tree(&[
            ("README.md", "# What it is\n[a](a/b.md)\n[gone](a/c.md)\n[out](../x)\n![picture](gone.png)\n"),
            (
                "a/b.md",
                "[up](../README.md#what-it-is) [folder](../a) [web](https://example.org/x) [rust](crate::Mask)\n\n\
                 [no heading](../README.md#what) [here](#b)\n\n[ref]\n\n[ref]: gone.md\n\n`[code](gone.md)`\n",
            ),
        ]);
        assert_eq!(
            fixture::places(check(&tree)),
            ["README.md:3", "README.md:4", "README.md:5", "a/b.md:3", "a/b.md:3", "a/b.md:5"]
        );
    }

    #[test]
    fn anchors_are_those_of_code_hosts() {
        let text = "# One `cargo xtask` away!\n\n## Ein & zwei\n\n## Same\n\n## Same\n\n```sh\n# no heading\n```\n";
        assert_eq!(Vec::from_iter(anchors(text)), ["ein--zwei", "one-cargo-xtask-away", "same", "same-1"]);
    }
}
