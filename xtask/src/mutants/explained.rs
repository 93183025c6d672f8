//! The mutants that no test can notice, with the reasons: what the table in `docs/mutants.md` says.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// How many mutants of each name are explained. A name is a file and a change, without lines and columns, and so may stand
/// for several mutants.
pub(super) type Explained = BTreeMap<String, usize>;

/// Reads the tables whose first column is called `mutant`: name, number of mutants with that name, reason.
pub(super) fn read(document: &str) -> Result<Explained> {
    let mut explained = Explained::new();
    for row in
        tables(document).into_iter().filter(|table| table[0][0] == "mutant").flat_map(|table| table.into_iter().skip(1))
    {
        let [name, count, reason] = row.as_slice() else {
            anyhow::bail!("a row of the table of mutants has {} cells, not 3: {row:?}", row.len())
        };
        let count =
            count.parse().with_context(|| format!("`{name}` is explained `{count}` times, which is no number"))?;
        ensure!(count > 0 && !reason.is_empty(), "`{name}` needs a number and a reason");
        ensure!(explained.insert(name.clone(), count).is_none(), "`{name}` is explained twice");
    }
    Ok(explained)
}

/// The tables of a Markdown text: rows of cells, the first of which are the headings; none is empty.
fn tables(document: &str) -> Vec<Vec<Vec<String>>> {
    let mut tables = Vec::new();
    let (mut table, mut row, mut cell) = (Vec::new(), Vec::new(), None::<String>);
    for event in Parser::new_ext(document, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::Text(text) | Event::Code(text) => cell.iter_mut().for_each(|cell| cell.push_str(&text)),
            Event::SoftBreak => cell.iter_mut().for_each(|cell| cell.push(' ')),
            Event::End(TagEnd::TableCell) => row.extend(cell.take()),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => table.push(std::mem::take(&mut row)),
            Event::End(TagEnd::Table) => tables.push(std::mem::take(&mut table)),
            _ => {}
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::workspace;

    const HEAD: &str = "| mutant | number | why |\n|---|---|---|\n";

    #[test]
    fn names_and_numbers_are_read_and_other_tables_are_not() {
        let rows = "| `a.rs: replace \\| with ^ in f` | 2 | *disjoint* bits |\n| `a.rs: replace - with +` | 1 | b |\n";
        let text = format!("# a\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n{HEAD}{rows}\nmore\n");
        let expected = [("a.rs: replace | with ^ in f".to_string(), 2), ("a.rs: replace - with +".to_string(), 1)];
        assert_eq!(read(&text).unwrap(), Explained::from(expected));
    }

    #[test]
    fn rows_that_explain_nothing_are_errors() {
        for (rows, why) in [
            ("| `a` | 1 | |\n", "needs a number and a reason"),
            ("| `a` | 0 | why |\n", "needs a number and a reason"),
            ("| `a` | why | |\n", "which is no number"),
            ("| `a` | 1 | why |\n| `a` | 1 | why |\n", "explained twice"),
        ] {
            let error = read(&format!("{HEAD}{rows}")).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn the_document_can_be_read_and_names_files_that_exist() {
        let document = fs::read_to_string(workspace::root().join(super::super::DOCUMENT)).unwrap();
        for name in read(&document).unwrap().keys() {
            let (file, change) = name.split_once(": ").unwrap();
            assert!(workspace::root().join(file).is_file() && !change.is_empty(), "{name}");
        }
    }
}
