//! What cargo knows about this workspace: folders, packages, features, dependencies, binaries. Asked once per process.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::command;

/// The part of `cargo metadata` that the steps read.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    target_directory: PathBuf,
    /// The members of the workspace, in the order of `Cargo.toml`.
    pub(crate) packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// An entry of a `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]` table.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None`, `dev` or `build`.
    pub(crate) kind: Option<String>,
}

/// A library, binary, example or test of a package.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
}

impl Package {
    /// The package's folder, relative to the workspace's root.
    pub(crate) fn folder(&self) -> &Path {
        let folder = self.manifest_path.parent().unwrap_or(&self.manifest_path);
        folder.strip_prefix(root()).unwrap_or(folder)
    }

    /// Is it one of the crates that the project publishes: `no_std` libraries, all named `ws-...`?
    pub(crate) fn is_library(&self) -> bool {
        self.name.starts_with("ws-")
    }

    /// The names of its binaries.
    pub(crate) fn binaries(&self) -> impl Iterator<Item = &str> {
        self.targets
            .iter()
            .filter(|target| target.kind.iter().any(|kind| kind == "bin"))
            .map(|target| target.name.as_str())
    }
}

/// The workspace, as `cargo metadata` tells it.
pub(crate) fn workspace() -> Result<&'static Workspace> {
    static WORKSPACE: OnceLock<Workspace> = OnceLock::new();
    if let Some(workspace) = WORKSPACE.get() {
        return Ok(workspace);
    }
    let json = command::ask(&mut command::cargo(&["metadata", "--no-deps", "--format-version=1"]))
        .context("`cargo metadata` failed: run it to see why")?;
    let read = serde_json::from_str(&json).context("`cargo metadata` wrote something unexpected")?;
    Ok(WORKSPACE.get_or_init(|| read))
}

/// The library crates, in the order of `Cargo.toml`.
pub(crate) fn libraries() -> Result<Vec<&'static Package>> {
    Ok(workspace()?.packages.iter().filter(|package| package.is_library()).collect())
}

/// The workspace's root folder.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // What cargo says now comes first: two checkouts that share a target folder may share this program.
        let now =
            std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).filter(|package| package.ends_with("xtask"));
        let package = now.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        package.parent().map_or_else(|| package.clone(), Path::to_path_buf)
    })
}

/// A path as a person in the workspace's root would type it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Cargo's target folder (`target`, unless `CARGO_TARGET_DIR` or a configuration says otherwise).
pub(crate) fn target() -> Result<&'static Path> {
    Ok(&workspace()?.target_directory)
}

/// The folder for what xtask itself makes: logs, installed packages, scratch space.
pub(crate) fn own_folder() -> Result<PathBuf> {
    Ok(target()?.join("xtask"))
}
