//! The picture in `docs/size.md`: a bar for the flash of each layer and of each peer, with and without the handshake.

use std::{fmt::Write as _, fs};

use anyhow::{Context as _, Result};

use super::part::Row;
use crate::workspace;

const FILE: &str = "docs/size.svg";

const WIDTH: u64 = 760;
const LABELS: u64 = 330;
const BAR: u64 = 14;
const ROW: u64 = 40;

/// Draws the server's flash: the wide bar with the handshake, the narrow one without.
pub(super) fn write(rows: &[Row]) -> Result<()> {
    fs::write(workspace::root().join(FILE), draw(rows)).with_context(|| format!("cannot write {FILE}"))
}

fn draw(rows: &[Row]) -> String {
    let flash = |row: &Row, job: &str| row.jobs.get(job).map_or(0, |numbers| numbers[0]);
    let most = rows.iter().map(|row| flash(row, "server")).max().unwrap_or(1).max(1);
    let height = ROW * rows.len() as u64 + 40;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"20\" font-size=\"14\">Flash of a server in bytes, Cortex-M3: with the handshake, and without</text>\n"
    );
    for (row, y) in rows.iter().zip((0..).map(|number| 34 + ROW * number)) {
        let is_ours = row.name.starts_with('`');
        let name = row.name.replace('`', "");
        let _ = writeln!(svg, "<text x=\"8\" y=\"{}\" fill=\"#222\">{name}</text>", y + 18);
        for (job, top, color) in [("server", y, "#7a8794"), ("server-frames", y + BAR + 2, "#b9c2cb")] {
            let bytes = flash(row, job);
            let color = match (is_ours, job) {
                (true, "server") => "#0b63c4",
                (true, _) => "#7db3ee",
                _ => color,
            };
            if bytes > 0 {
                let len = (bytes * (WIDTH - LABELS - 70) / most).max(1);
                let _ = writeln!(
                    svg,
                    "<rect x=\"{LABELS}\" y=\"{top}\" width=\"{len}\" height=\"{BAR}\" fill=\"{color}\"/>"
                );
                let _ =
                    writeln!(svg, "<text x=\"{}\" y=\"{}\" fill=\"#222\">{bytes}</text>", LABELS + len + 4, top + 11);
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_bar() {
        let rows = [
            Row {
                name: "`ours`".into(),
                jobs: [("server", [9000, 0, 0]), ("server-frames", [4000, 0, 0])].into(),
                per_byte: None,
            },
            Row { name: "theirs".into(), jobs: [("server-frames", [5000, 0, 0])].into(), per_byte: None },
        ];
        let svg = draw(&rows);
        assert_eq!((svg.matches("height=\"14\"").count(), svg.matches("<text").count()), (3, 6), "{svg}");
        assert!([">9000<", ">4000<", ">5000<", ">ours<"].iter().all(|text| svg.contains(text)), "{svg}");
    }
}
