//! Python with packages, in a virtual environment under `target/xtask`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use super::{Missing, apt_install, find_on_path, folder_for};
use crate::{
    command::{Log, run},
    workspace::shown,
};

/// The Python interpreter of a virtual environment that has the packages of the `requirements` file. The environment is made
/// once and reused for as long as that file is the same.
pub(crate) fn python_venv(log: &Log, requirements: &Path) -> Result<PathBuf> {
    let folder = folder_for("venv", &[requirements])?;
    let python = folder.join("bin/python");
    let complete = folder.join("complete");
    if complete.exists() && python.exists() {
        return Ok(python);
    }
    if make_venv(log, "python3", &folder).is_err() {
        // Debian splits `venv` from the interpreter; another python3 earlier on the PATH would not see the package.
        apt_install(log, "Python 3 with venv", &["python3", "python3-venv"])?;
        make_venv(log, "/usr/bin/python3", &folder)?;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(log, Command::new(&python).args(pip).arg(requirements)).map_err(|_| {
        let install = format!("let pip reach its registry, then `pip install -r {}` works", shown(requirements));
        Missing::new("a Python package", install)
    })?;
    fs::write(complete, "")?;
    Ok(python)
}

fn make_venv(log: &Log, python: &str, folder: &Path) -> Result<()> {
    if !python.contains('/') && find_on_path(python).is_none() {
        anyhow::bail!("no {python}");
    }
    run(log, Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))
}
