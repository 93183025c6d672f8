//! What the numbers ought to be, beside what they are.

use std::fmt::Write as _;

use super::{Layer, measured::Measured};

/// A number to reach, on the target and with the optimization of which other libraries are known.
struct Goal {
    what: &'static str,
    at_most: f64,
    of: &'static [(Layer, &'static str)],
    number: fn(&Measured) -> f64,
}

const WITH_HANDSHAKE: &[(Layer, &str)] =
    &[(Layer::Slices, "client"), (Layer::Slices, "server"), (Layer::Blocking, "client"), (Layer::Blocking, "server")];

const GOALS: [Goal; 6] = [
    Goal {
        what: "flash with the handshake, in bytes",
        at_most: 9000.0,
        of: WITH_HANDSHAKE,
        number: |job| job.flash as f64,
    },
    Goal {
        what: "flash of frames only, in bytes",
        at_most: 4000.0,
        of: &[(Layer::Frames, "client-frames"), (Layer::Frames, "server-frames"), (Layer::Slices, "server-frames")],
        number: |job| job.flash as f64,
    },
    Goal {
        what: "stack with the handshake, in bytes",
        at_most: 700.0,
        of: WITH_HANDSHAKE,
        number: |job| job.stack as f64,
    },
    Goal {
        what: "instructions of a server's job, frames only",
        at_most: 2300.0,
        of: &[(Layer::Frames, "server-frames"), (Layer::Slices, "server-frames"), (Layer::Blocking, "server-frames")],
        number: |job| job.instructions as f64,
    },
    Goal {
        what: "instructions for a byte of a masked binary frame",
        at_most: 1.0,
        of: &[(Layer::Frames, "bulk-binary"), (Layer::Slices, "bulk-binary"), (Layer::Blocking, "bulk-binary")],
        number: |job| job.per_byte().unwrap_or(f64::NAN),
    },
    Goal {
        what: "instructions for a byte of a masked text of ASCII, validated",
        at_most: 2.0,
        of: &[(Layer::Frames, "bulk-text"), (Layer::Slices, "bulk-text"), (Layer::Blocking, "bulk-text")],
        number: |job| job.per_byte().unwrap_or(f64::NAN),
    },
];

/// A row for each goal and each of what it is a goal for; `all` are the numbers of one target with one optimization.
pub(super) fn table(all: &[&Measured]) -> String {
    let mut text = "| | of | goal | is | reached |\n|---|---|--:|--:|---|\n".to_string();
    for Goal { what, at_most, of, number } in &GOALS {
        for (layer, script) in *of {
            let Some(job) = all.iter().find(|job| (job.layer, job.script.as_str()) == (*layer, *script)) else {
                continue;
            };
            let is = (number(job) * 100.0).round() / 100.0;
            let reached = if is <= *at_most { "yes" } else { "no" };
            // Writing to a string does not fail.
            let _ = writeln!(text, "| {what} | {} {script} | {at_most} | {is} | {reached} |", layer.word());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::Optimization;

    #[test]
    fn a_goal_is_reached_up_to_its_number() {
        let job = |instructions| Measured {
            target: "x".into(),
            optimization: Optimization::S,
            layer: Layer::Frames,
            script: "server-frames".into(),
            flash: 4000,
            ram: 0,
            stack: 0,
            instructions,
            copying: 0,
        };
        let table = |instructions| table(&[&job(instructions)]);
        assert!(table(2300).contains("| frames server-frames | 2300 | 2300 | yes |"), "{}", table(2300));
        assert!(table(2301).contains("| frames server-frames | 2300 | 2301 | no |"), "{}", table(2301));
        assert!(table(0).contains("| frames server-frames | 4000 | 4000 | yes |"));
    }
}
