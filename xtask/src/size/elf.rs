//! What is in a program: how much flash and RAM it takes, and its symbols.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use object::{File, Object as _, ObjectSection as _, ObjectSymbol as _};
use rustc_demangle::demangle;

use crate::workspace::shown;

/// How much memory a program takes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// Code, constants, and what statics begin with.
    pub(super) flash: u64,
    /// Statics.
    pub(super) ram: u64,
}

/// Looks into the program at `path`.
fn look<T>(path: &Path, at: impl FnOnce(&File<'_>) -> T) -> Result<T> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", shown(path)))?;
    let file = File::parse(&*bytes).with_context(|| format!("{} is no program", shown(path)))?;
    Ok(at(&file))
}

pub(super) fn memory(path: &Path) -> Result<Memory> {
    look(path, |file| {
        let len = |name| file.section_by_name(name).map_or(0, |section| section.size());
        let data = len(".data");
        Memory { flash: len(".text") + len(".rodata") + data, ram: data + len(".bss") }
    })
}

/// The names of all symbols, as one would write them in Rust.
pub(super) fn symbols(path: &Path) -> Result<Vec<String>> {
    look(path, |file| {
        file.symbols().filter_map(|symbol| symbol.name().ok()).map(|name| format!("{:#}", demangle(name))).collect()
    })
}

/// How many bytes of code there are of each crate, by the symbols: what was inlined counts to where it was inlined.
pub(super) fn code_by_crate(path: &Path) -> Result<BTreeMap<String, u64>> {
    look(path, |file| {
        let mut crates = BTreeMap::new();
        for symbol in file.symbols().filter(|symbol| symbol.size() > 0) {
            let is_code = symbol.kind() == object::SymbolKind::Text;
            if let (true, Ok(name)) = (is_code, symbol.name()) {
                *crates.entry(crate_of(&format!("{:#}", demangle(name)))).or_default() += symbol.size();
            }
        }
        crates
    })
}

/// The crate that a symbol is of: the first one that its path names, that of the type rather than that of the trait.
fn crate_of(symbol: &str) -> String {
    let path = symbol.trim_start_matches(['<', '&', '(']).trim_start_matches("mut ").trim_start_matches("dyn ");
    match path.split_once("::") {
        // `__rustc` has the panic handler.
        Some((first, _)) if !first.starts_with('_') && first.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
            first.replace('_', "-")
        }
        _ => "others".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_have_a_crate() {
        for (symbol, expected) in [
            ("ws_frame::header::FrameHeader::parse", "ws-frame"),
            ("<ws_core::engine::receive::Receiver>::end_frame", "ws-core"),
            ("<&mut core::iter::Any as core::ops::FnMut>::call_mut", "core"),
            ("<ws_handshake::head::Values as core::iter::Iterator>::next", "ws-handshake"),
            ("memcpy", "others"),
            ("__rustc::rust_begin_unwind", "others"),
            ("jobs_reset", "others"),
        ] {
            assert_eq!(crate_of(symbol), expected, "{symbol}");
        }
    }
}
