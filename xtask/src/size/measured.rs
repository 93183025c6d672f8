//! The numbers: each job of each layer, on one target with one optimization, against the program without a WebSocket.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::{
    Layer, Optimization, Programs,
    elf::{self, Memory},
    emulate, verify,
};
use crate::command::Log;

/// The jobs as the programs are called; `ws-frame` alone has no handshake.
const JOBS: [&str; 5] = ["client", "server", "client-frames", "server-frames", "bulk"];
const WITHOUT_HANDSHAKE: &[&str] = &["client-frames", "server-frames", "bulk"];

/// How many bytes the program without a WebSocket reads into, which is not the transport's.
const BASELINE_BUFFER: u64 = 1024;
/// The payload of the frame of the job `bulk`, in bytes.
pub(super) const BULK_LEN: u64 = 16 * 1024;

/// What one job costs with one script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) target: String,
    pub(super) optimization: Optimization,
    pub(super) layer: Layer,
    pub(super) script: String,
    /// In bytes, more than without a WebSocket.
    pub(super) flash: u64,
    /// The job's statics, in bytes.
    pub(super) ram: u64,
    /// In bytes.
    pub(super) stack: u64,
    pub(super) instructions: u64,
    /// Of which the transport's copy has so many; known of the job `bulk`.
    pub(super) copying: u64,
}

impl Measured {
    /// Of the job `bulk`: instructions for a byte, without the transport's copy.
    pub(super) fn per_byte(&self) -> Option<f64> {
        let is_bulk = self.script.starts_with("bulk");
        is_bulk.then(|| self.instructions.saturating_sub(self.copying) as f64 / BULK_LEN as f64)
    }
}

/// Runs the jobs of `layers`.
pub(super) fn measure(
    log: &Log,
    programs: &Programs,
    target: &str,
    optimization: Optimization,
    layers: &[Layer],
) -> Result<Vec<Measured>> {
    let mut all = Vec::new();
    for layer in layers {
        let jobs = if *layer == Layer::Frames { WITHOUT_HANDSHAKE } else { &JOBS };
        for job in jobs {
            let name = format!("{}-{job}", layer.word());
            let [path, baseline] =
                [&name, &format!("baseline-{job}")].map(|name| programs.path(target, optimization, name));
            let (memory, without) = (elf::memory(&path)?, elf::memory(&baseline)?);
            let copying = emulate::run(log, target, &baseline)?;
            for (report, copying) in emulate::run(log, target, &path)?.into_iter().zip(copying) {
                verify::output(&report.script, &report.output).with_context(|| format!("{name} on {target}"))?;
                all.push(Measured {
                    target: target.to_string(),
                    optimization,
                    layer: *layer,
                    flash: memory.flash.saturating_sub(without.flash),
                    ram: statics(memory, without),
                    stack: report.stack,
                    instructions: report.all_instructions(),
                    copying: if *job == "bulk" { copying.all_instructions() } else { 0 },
                    script: report.script,
                });
            }
        }
    }
    Ok(all)
}

fn statics(memory: Memory, without: Memory) -> u64 {
    (memory.ram + BASELINE_BUFFER).saturating_sub(without.ram)
}

/// For the terminal.
pub(super) fn table(all: &[Measured]) -> String {
    let mut table = format!(
        "{:14} {:15} {:>7} {:>6} {:>6} {:>13} {:>9}\n",
        "layer", "script", "flash", "RAM", "stack", "instructions", "per byte"
    );
    for measured in all {
        let Measured { layer, script, flash, ram, stack, instructions, .. } = measured;
        let per_byte = measured.per_byte().map_or_else(String::new, |number| format!("{number:.2}"));
        let layer = layer.word();
        // Writing to a string does not fail.
        let _ =
            writeln!(table, "{layer:14} {script:15} {flash:>7} {ram:>6} {stack:>6} {instructions:>13} {per_byte:>9}");
    }
    table
}
