//! The numbers in `docs/size.md`.

use std::{collections::BTreeMap, fmt::Write as _};

use anyhow::Result;

use super::{Layer, Optimization, Programs, chart, crates, goals, measured::Measured, peers::PEERS, programs::TARGETS};
use crate::{date::today, document::Part, workspace};

const DOCUMENT: &str = "docs/size.md";
const NAME: &str = "size";

/// The target and optimization of which the peers are known.
const COMPARED: (&str, Optimization) = ("thumbv7m-none-eabi", Optimization::S);

/// Writes the tables and the chart.
pub(super) fn write(programs: &Programs, all: &[Measured]) -> Result<()> {
    chart::write(&rows(all))?;
    let (target, optimization) = COMPARED;
    let of_target: Vec<&Measured> =
        all.iter().filter(|job| job.target == target && job.optimization == optimization).collect();
    let text = format!(
        "Measured on {} with {}: `cargo xtask size --update`.\n\n\
         ## What was wanted\n\n{}\n## Beside other libraries\n\n{}\n\
         ## Where the flash goes\n\n{CRATES}\n\n{}\n## All numbers\n\n{}",
        today(),
        programs.compiler(),
        goals::table(&of_target),
        compared(all),
        crates::table(programs, target, optimization)?,
        everything(all)
    );
    Part::new(&workspace::root().join(DOCUMENT), NAME).write(&text)
}

const CRATES: &str = "Bytes of code in the programs, by crate (Cortex-M3, opt-level s). A function that was inlined counts to where it was \
    inlined; `jobs` has the application and the transport, `others` the copying of memory.";

/// One row beside those of the peers: the name, and flash, stack and instructions of the jobs.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) jobs: BTreeMap<&'static str, [u64; 3]>,
    pub(super) per_byte: Option<[f64; 2]>,
}

const JOBS: [&str; 4] = ["client", "server", "client-frames", "server-frames"];

fn rows(all: &[Measured]) -> Vec<Row> {
    let (target, optimization) = COMPARED;
    let ours = |layer: Layer, name: &str| {
        let of = |script: &str| {
            all.iter().find(|measured| {
                (measured.target.as_str(), measured.optimization, measured.layer, measured.script.as_str())
                    == (target, optimization, layer, script)
            })
        };
        let jobs = JOBS.into_iter().filter_map(|job| {
            let Measured { flash, stack, instructions, .. } = of(job)?;
            Some((job, [*flash, *stack, *instructions]))
        });
        let per_byte = ["bulk-binary", "bulk-text"].map(|script| of(script).and_then(Measured::per_byte));
        let per_byte = per_byte[0].zip(per_byte[1]).map(|(binary, text)| [binary, text]);
        Row { name: name.to_string(), jobs: jobs.collect(), per_byte }
    };
    let theirs = PEERS.iter().map(|peer| Row {
        name: peer.name.to_string() + if peer.validates { "" } else { " (text is not validated)" },
        jobs: JOBS
            .into_iter()
            .zip([peer.client, peer.server, peer.client_frames, peer.server_frames])
            .filter_map(|(job, numbers)| Some((job, numbers?)))
            .collect(),
        per_byte: Some(peer.per_byte),
    });
    [
        ours(Layer::Frames, "`ws-frame`"),
        ours(Layer::Slices, "`ws-core`, from slice to slice"),
        ours(Layer::Blocking, "`ws-core`'s connection, `ws-embedded-io`"),
        ours(Layer::Asynchronous, "`ws-core`'s connection, `ws-embedded-io-async`"),
    ]
    .into_iter()
    .chain(theirs)
    .collect()
}

/// Ours and theirs: what each table shows is flash, stack or instructions of the four jobs.
fn compared(all: &[Measured]) -> String {
    let rows = rows(all);
    let mut text = String::new();
    for (at, what) in ["Flash added, in bytes", "Stack, in bytes", "Instructions"].into_iter().enumerate() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{what} (Cortex-M3, opt-level s):\n\n| | {} |\n|---|--:|--:|--:|--:|", JOBS.join(" | "));
        for row in &rows {
            let number = |job: &&str| row.jobs.get(*job).map_or("–".to_string(), |numbers| numbers[at].to_string());
            let numbers = JOBS.iter().map(number).collect::<Vec<_>>().join(" | ");
            let _ = writeln!(text, "| {} | {numbers} |", row.name);
        }
        text.push('\n');
    }
    text.push_str("Instructions for each byte of a masked frame of 16 KiB that arrives in pieces of 1 KiB, without the transport's copy:\n\n");
    text.push_str("| | binary | ASCII text |\n|---|--:|--:|\n");
    for row in &rows {
        if let Some([binary, ascii]) = row.per_byte {
            let _ = writeln!(text, "| {} | {binary:.2} | {ascii:.2} |", row.name);
        }
    }
    text
}

/// All that was measured of ours.
fn everything(all: &[Measured]) -> String {
    let mut text = String::new();
    for target in TARGETS {
        for optimization in [Optimization::S, Optimization::Z] {
            let of = |measured: &&Measured| measured.target == target && measured.optimization == optimization;
            let _ = writeln!(
                text,
                "`{target}`, opt-level {}:\n\n| layer | job | flash | static RAM | stack | instructions |\n|---|---|--:|--:|--:|--:|",
                optimization.word()
            );
            for measured in all.iter().filter(of) {
                let Measured { layer, script, flash, ram, stack, instructions, .. } = measured;
                let _ = writeln!(text, "| {} | {script} | {flash} | {ram} | {stack} | {instructions} |", layer.word());
            }
            text.push('\n');
        }
    }
    text
}
