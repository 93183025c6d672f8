//! Runs a job in an emulator that counts instructions exactly, and reads what it reports.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    command::Log,
    process::Process,
    tools::{qemu_arm, qemu_riscv},
};

const LIMIT: Duration = Duration::from_secs(60);

/// What a job reports of one script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) script: String,
    /// Bytes, the call of the job included.
    pub(super) stack: u64,
    /// Of each phase, without the marks between them.
    pub(super) instructions: Vec<u64>,
    /// What the job wrote.
    pub(super) output: Vec<u8>,
}

impl Report {
    pub(super) fn all_instructions(&self) -> u64 {
        self.instructions.iter().sum()
    }
}

/// How instructions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counter {
    /// The system timer, 24 bits that count down. One instruction takes 128 ns of the emulated time, and a tick 80 ns.
    Ticks,
    /// 32 bits that count up by one.
    Instructions,
}

/// Runs the program at `path`, which is for `target`.
pub(super) fn run(log: &Log, target: &str, path: &Path) -> Result<Vec<Report>> {
    let is_arm = target.starts_with("thumb");
    let (qemu, machine, counter): (_, &[&str], _) = if is_arm {
        (qemu_arm(log)?, &["-machine", "lm3s6965evb", "-icount", "shift=7,sleep=off,align=off"], Counter::Ticks)
    } else {
        let machine = ["-machine", "virt", "-bios", "none", "-icount", "shift=0,sleep=off,align=off"].as_slice();
        (qemu_riscv(log)?, machine, Counter::Instructions)
    };
    let mut command = Command::new(qemu);
    command.args(machine).args(["-display", "none", "-serial", "none", "-monitor", "none"]);
    command.args(["-chardev", "file,id=console,path=/dev/stdout"]);
    command.args(["-semihosting-config", "enable=on,target=native,chardev=console"]);
    let mut process = Process::start_silently(log, command.arg("-kernel").arg(path))?;
    let status = process.wait(log, LIMIT)?;
    let lines: Vec<String> = process.rest().collect();
    ensure!(status.success(), "the job ended with {status}: {}", lines.join(" "));
    parse(&lines, counter)
}

fn parse(lines: &[String], counter: Counter) -> Result<Vec<Report>> {
    let mut reports = Vec::new();
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "script" {
            reports.push(Report { script: rest.to_string(), ..Report::default() });
            continue;
        }
        let report = reports.last_mut().with_context(|| format!("a report begins with `{line}`"))?;
        match word {
            "result" => ensure!(hex(rest)? == 0, "the job failed at {rest}, with the script {}", report.script),
            "stack" => report.stack = hex(rest)?,
            "laps" => report.instructions = phases(&rest.split(' ').map(hex).collect::<Result<Vec<_>>>()?, counter)?,
            "output" => report.output = bytes(rest)?,
            _ => bail!("the job reported `{line}`"),
        }
    }
    ensure!(!reports.is_empty(), "the job reported nothing");
    Ok(reports)
}

/// The instructions between the marks: the first two have nothing between them, and say what a mark costs. The last phase is the return
/// from the job.
fn phases(laps: &[u64], counter: Counter) -> Result<Vec<u64>> {
    let between = |pair: &[u64]| match counter {
        Counter::Ticks => pair[0].wrapping_sub(pair[1]) & 0x00ff_ffff,
        Counter::Instructions => pair[1].wrapping_sub(pair[0]) & 0xffff_ffff,
    };
    let mut between = laps.windows(2).map(between);
    let mark = between.next().context("the job made no marks")?;
    let instructions = |count: u64| match counter {
        // 80 to 128, rounded.
        Counter::Ticks => (count.saturating_sub(mark) * 5 + 4) / 8,
        Counter::Instructions => count.saturating_sub(mark),
    };
    Ok(between.map(instructions).collect())
}

fn hex(digits: &str) -> Result<u64> {
    u64::from_str_radix(digits, 16).with_context(|| format!("`{digits}` is no number"))
}

fn bytes(digits: &str) -> Result<Vec<u8>> {
    (0..digits.len() / 2).map(|i| Ok(hex(&digits[2 * i..2 * i + 2])? as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read() {
        let lines = "script a\nresult 00000000\nstack 00000100\nlaps 00001000 00000ff0 00000fd0 00000000\noutput 8102ff\n\
                     script b\nresult 00000000\nstack 00000008\nlaps 1 2\noutput ";
        let lines: Vec<String> = lines.lines().map(ToString::to_string).collect();
        let [first, second] = <[Report; 2]>::try_from(parse(&lines, Counter::Ticks).unwrap()).unwrap();
        assert_eq!((first.script.as_str(), first.stack, first.output), ("a", 256, vec![0x81, 2, 0xff]));
        // A mark takes 16 ticks: 32 - 16 of them are 10 instructions.
        assert_eq!(first.instructions, [10, (0xfd0 - 16) * 5 / 8]);
        assert_eq!((second.stack, second.output.len()), (8, 0));
        let up = phases(&[5, 9, 23], Counter::Instructions).unwrap();
        assert_eq!(up, [10]);
    }

    #[test]
    fn a_job_that_failed_is_an_error() {
        let parse = |text: &str| parse(&text.lines().map(ToString::to_string).collect::<Vec<_>>(), Counter::Ticks);
        assert!(parse("script a\nresult 00000003").unwrap_err().to_string().contains("failed at 00000003"));
        assert!(parse("").is_err() && parse("stack 1").is_err() && parse("script a\nlaps 1").is_err());
    }
}
