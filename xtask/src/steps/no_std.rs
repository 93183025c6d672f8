//! `no-std`: every library crate is built for microcontrollers, with no feature and with all, and must link nothing but `core`.
//!
//! Finding a toolchain that can do that is `tools::bare_metal`'s business.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::{
    command::{self, Log, ask},
    tools::{BareMetal, bare_metal},
    workspace,
};

/// ARMv7-M (Cortex-M3), ARMv6-M (Cortex-M0, no atomic compare-and-swap), RISC-V without atomics.
const TARGETS: [&str; 3] = ["thumbv7m-none-eabi", "thumbv6m-none-eabi", "riscv32imc-unknown-none-elf"];

pub(crate) fn run(log: &Log) -> Result<String> {
    let toolchain = bare_metal(log, &TARGETS)?;
    // Another compiler than the host's may be at work here: its output does not mix with the host's.
    let folder = workspace::own_folder()?.join("no-std");
    for features in ["--no-default-features", "--all-features"] {
        let mut build = toolchain.cargo();
        build.arg("build").arg(features).arg("--target-dir").arg(&folder);
        for target in TARGETS {
            build.args(["--target", target]);
        }
        for library in workspace::libraries()? {
            build.args(["--package", &library.name]);
        }
        command::run(log, &mut build)?;
        for target in TARGETS {
            for library in workspace::libraries()? {
                let name = format!("lib{}.rlib", library.name.replace('-', "_"));
                only_core(&toolchain, &folder.join(target).join("debug").join(name))?;
            }
        }
    }
    Ok(format!("{} targets, {}", TARGETS.len(), toolchain.name()))
}

/// Fails if the library, or anything it depends on, links `alloc` or `std`.
fn only_core(toolchain: &BareMetal, library: &Path) -> Result<()> {
    let shown = workspace::shown(library);
    let listing = ask(toolchain.rustc().arg("-Zls=root").arg(library))
        .with_context(|| format!("`rustc -Zls=root {shown}` failed"))?;
    let linked = dependencies(&listing);
    // Without this, a change in rustc's output would look like success.
    ensure!(linked.contains(&"core"), "`rustc -Zls=root {shown}` does not list `core`");
    for heap in ["alloc", "std"] {
        ensure!(!linked.contains(&heap), "{shown} links `{heap}`");
    }
    Ok(())
}

/// The crate names in lines such as `1 core-120cbae4e86ec454 hash ...` below `=External Dependencies=`.
fn dependencies(listing: &str) -> Vec<&str> {
    let lines = listing.lines().skip_while(|line| !line.starts_with("=External Dependencies=")).skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let name = line.split(' ').nth(1)?;
            Some(name.rsplit_once('-').map_or(name, |(name, _)| name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linked_crates_are_read() {
        let listing = "Crate info:\nname x-1\n=External Dependencies=\n1 core-12ab hash 41 host_hash None kind Unconditional public\n\
                       2 alloc-a6 hash a6 host_hash None kind Unconditional private\n\n\n3 std-1 hash\n";
        assert_eq!(dependencies(listing), ["core", "alloc"]);
        assert!(dependencies("Crate info:").is_empty());
    }
}
