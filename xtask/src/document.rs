//! Documents of which commands write a part: `docs/conformance.md` and its like, between two comments that name the part.

use std::{fs, ops::Range, path::Path};

use anyhow::{Context as _, Result, ensure};

use crate::workspace::shown;

/// A part of a document: what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`, which are lines of their own.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    path: &'a Path,
    name: &'a str,
}

impl<'a> Part<'a> {
    /// The part called `name` of the document at `path`.
    pub(crate) const fn new(path: &'a Path, name: &'a str) -> Self {
        Self { path, name }
    }

    /// What it says now, without blank lines around it; an error if the document has no such part.
    pub(crate) fn read(&self) -> Result<String> {
        let text = self.document()?;
        let place = self.place(&text)?;
        Ok(text[place].trim().to_string())
    }

    /// Lets it say `text`.
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        let mut document = self.document()?;
        let place = self.place(&document)?;
        document.replace_range(place, &format!("\n{}\n\n", text.trim()));
        fs::write(self.path, document).with_context(|| format!("cannot write {}", shown(self.path)))
    }

    fn document(&self) -> Result<String> {
        fs::read_to_string(self.path).with_context(|| format!("cannot read {}", shown(self.path)))
    }

    fn place(&self, document: &str) -> Result<Range<usize>> {
        let [begin, end] = ["begin", "end"].map(|edge| format!("<!-- {edge} {} -->\n", self.name));
        let missing =
            || format!("{} has no part `{}`: {} ... {}", shown(self.path), self.name, begin.trim(), end.trim());
        let from = document.find(&begin).with_context(missing)? + begin.len();
        let to = document.find(&end).with_context(missing)?;
        ensure!(from <= to, missing());
        Ok(from..to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let path = workspace::own_folder().unwrap().join("test-document.md");
        fs::write(&path, "# a\n\n<!-- begin b -->\nold\n<!-- end b -->\n\nc\n").unwrap();
        let part = Part::new(&path, "b");
        assert_eq!(part.read().unwrap(), "old");
        part.write("new\nlines\n").unwrap();
        assert_eq!(part.read().unwrap(), "new\nlines");
        let document = fs::read_to_string(&path).unwrap();
        assert_eq!(document, "# a\n\n<!-- begin b -->\n\nnew\nlines\n\n<!-- end b -->\n\nc\n");
        let error = Part::new(&path, "d").write("x").unwrap_err();
        assert!(error.to_string().contains("has no part `d`"), "{error}");
        fs::remove_file(path).unwrap();
    }
}
