//! Tools that steps need beyond Rust: found, or installed where that is possible without asking (a venv or npm packages under
//! `target/xtask`, apt when root on Debian), or reported as [`Missing`] with what to install.

mod apt;
mod bare_metal;
mod browser;
mod cargo;
mod fuzzing;
mod install;
mod node;
mod python;
mod python27;
mod qemu;

use std::{
    error::Error,
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::workspace;

pub(crate) use apt::{apt_install, root_on_debian};
pub(crate) use bare_metal::{BareMetal, bare_metal};
pub(crate) use browser::chromium;
pub(crate) use cargo::cargo_install;
pub(crate) use fuzzing::Fuzzing;
pub(crate) use node::npm_install;
pub(crate) use python::python_venv;
pub(crate) use python27::{python27, python27_venv};
pub(crate) use qemu::{qemu_arm, qemu_riscv};

/// A tool that is not there and cannot be installed from here. A step that ends with this error is skipped; what is wrong with
/// the packages that we ask for is no such error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    what: String,
    install: String,
}

impl Missing {
    /// `what` is missing; `install` are the exact words to type (or to do) to have it.
    pub(crate) fn new(what: impl Into<String>, install: impl Into<String>) -> Self {
        Self { what: what.into(), install: install.into() }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is missing: {}", self.what, self.install)
    }
}

impl Error for Missing {}

/// The file that would run if `program` were typed.
pub(crate) fn find_on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// `target/xtask/NAME-HASH`, where the hash is of the contents of `files`: a place that is right as long as they are.
fn folder_for(name: &str, files: &[&Path]) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut hasher);
    }
    Ok(workspace::own_folder()?.join(format!("{name}-{:016x}", hasher.finish())))
}
