//! Rust source as tokens with their lines, without comments and without what is only compiled for tests; the documentation apart.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A source file's code.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// Everything that is not below `#[cfg(test)]` or `#[test]`, in order.
    pub(super) tokens: Vec<Token>,
    /// The lines of documentation of the same items, as the attributes that the compiler makes of them, without white space.
    pub(super) docs: Vec<Token>,
    /// The attributes of the file itself (`#![...]`), without white space.
    pub(super) file_attributes: Vec<String>,
    /// Lines that have code on them: neither blank, nor only comment, nor for tests alone.
    pub(super) lines: BTreeSet<usize>,
    /// Lines as above, of what is for tests alone.
    pub(super) test_lines: BTreeSet<usize>,
    /// Modules declared as `#[cfg(test)] mod name;`.
    pub(super) test_modules: Vec<String>,
}

/// An identifier, a literal, a punctuation character or a delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

impl Code {
    /// `None` if `text` is not Rust.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut code = Self::default();
        code.walk(text.parse().ok()?);
        Some(code)
    }

    fn walk(&mut self, stream: TokenStream) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut rest = trees.as_slice();
        while let [tree, after @ ..] = rest {
            rest = match attribute(rest) {
                Some((group, after)) if is_for_tests(group) => self.skip_item(after),
                // Documentation, which the compiler sees as an attribute.
                Some((group, after)) if plain(group).starts_with("doc=\"") || plain(group).starts_with("doc=r") => {
                    self.docs.push(Token { text: plain(group), line: group.span().start().line });
                    after
                }
                Some((group, _)) if is_inner(rest) => {
                    self.file_attributes.push(plain(group));
                    self.push(tree);
                    after
                }
                _ => {
                    self.push(tree);
                    after
                }
            };
        }
    }

    fn push(&mut self, tree: &TokenTree) {
        if let TokenTree::Group(group) = tree {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            };
            self.token(open.to_string(), group.span_open());
            self.walk(group.stream());
            self.token(close.to_string(), group.span_close());
        } else {
            self.token(tree.to_string(), tree.span());
        }
    }

    fn token(&mut self, text: String, span: proc_macro2::Span) {
        self.lines.extend(span.start().line..=span.end().line);
        self.tokens.push(Token { text, line: span.start().line });
    }

    /// Passes over the item at the start of `trees`, up to its body or semicolon; what follows it.
    fn skip_item<'a>(&mut self, trees: &'a [TokenTree]) -> &'a [TokenTree] {
        if let [TokenTree::Ident(keyword), TokenTree::Ident(name), TokenTree::Punct(end), ..] = trees
            && keyword == "mod"
            && end.as_char() == ';'
        {
            self.test_modules.push(name.to_string());
        }
        let mut rest = trees;
        while let [tree, after @ ..] = rest {
            rest = after;
            let mut inside = Self::default();
            inside.push(tree);
            self.test_lines.append(&mut inside.lines);
            let ended = match tree {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() == ';',
                _ => false,
            };
            if ended {
                break;
            }
        }
        rest
    }
}

/// The `[...]` of an attribute at the start of `trees`, and what follows it.
fn attribute(trees: &[TokenTree]) -> Option<(&Group, &[TokenTree])> {
    let [TokenTree::Punct(hash), rest @ ..] = trees else { return None };
    let rest = match rest {
        [TokenTree::Punct(bang), rest @ ..] if bang.as_char() == '!' => rest,
        _ => rest,
    };
    match rest {
        [TokenTree::Group(group), rest @ ..] if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket => {
            Some((group, rest))
        }
        _ => None,
    }
}

fn is_inner(trees: &[TokenTree]) -> bool {
    matches!(trees, [_, TokenTree::Punct(bang), ..] if bang.as_char() == '!')
}

fn is_for_tests(attribute: &Group) -> bool {
    let attribute = plain(attribute);
    attribute == "test" || attribute == "cfg(test)" || attribute.starts_with("cfg(all(test,")
}

fn plain(group: &Group) -> String {
    let mut text = group.stream().to_string();
    text.retain(|character| !character.is_whitespace());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_left_out() {
        let text = "//! Charter std::x\n#![no_std]\n\n/// Doc std::y\nfn a() {\n    // unsafe\n    let b = \"unsafe\";\n}\n\n\
                    #[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod more {\n    fn c() {}\n}\nfn d() {}\n";
        let code = Code::parse(text).unwrap();
        let words: Vec<_> = code.tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(words.join(" "), "# ! [ no_std ] fn a ( ) { let b = \"unsafe\" ; } fn d ( ) { }");
        let docs: Vec<_> = code.docs.iter().map(|doc| (doc.line, doc.text.as_str())).collect();
        assert_eq!(docs, [(1, "doc=\"Charterstd::x\""), (4, "doc=\"Docstd::y\"")]);
        assert_eq!(code.file_attributes, ["no_std"]);
        assert_eq!(code.test_modules, ["tests"]);
        assert_eq!(Vec::from_iter(code.lines), [2, 5, 7, 8, 16]);
        assert_eq!(Vec::from_iter(code.test_lines), [11, 13, 14, 15]);
        assert!(Code::parse("fn (").is_none());
    }
}
