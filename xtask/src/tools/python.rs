//! Python with packages, in a virtual environment under `target/xtask`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use super::{Missing, apt_install, folder_for, install::PIP};
use crate::{
    command::{Log, ask, run},
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
    if has_venv("python3") {
        make_venv(log, "python3", &folder)?;
    } else {
        // Another python3, earlier on the PATH, would not see Debian's package.
        apt_install(log, "Python 3 with venv", &["python3", "python3-venv"])?;
        make_venv(log, "/usr/bin/python3", &folder)?;
    }
    let install = format!("let pip reach its registry, then `pip install -r {}` works", shown(requirements));
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
    PIP.run(log, &mut pip, Missing::new("a Python package", install))?;
    fs::write(complete, "")?;
    Ok(python)
}

/// Debian splits what makes virtual environments from the interpreter.
fn has_venv(python: &str) -> bool {
    ask(Command::new(python).args(["-c", "import ensurepip, venv"])).is_some()
}

fn make_venv(log: &Log, python: &str, folder: &Path) -> Result<()> {
    run(log, Command::new(python).args(["-m", "venv", "--clear"]).arg(folder))
}
