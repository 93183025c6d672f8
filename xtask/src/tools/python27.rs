//! Python 2.7 with packages, in a virtual environment under `target/xtask`: what was never carried over to Python 3 runs in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{Missing, apt_install, find_on_path, folder_for, install::PIP};
use crate::{
    command::{Log, ask},
    workspace::shown,
};

/// What makes the environment: the last versions that know Python 2.7.
const VIRTUALENV: &str = "virtualenv==20.15.1";
const SEEDS: [&str; 6] = ["--pip", "20.3.4", "--setuptools", "44.0.0", "--wheel", "0.37.1"];

/// Prints the interpreter's path if packages are built for its like: `CPython` 2.7 with four bytes for each character, and with pip.
const PROBE: &str = "import pip, platform, sys
assert sys.version_info[:2] == (2, 7) and sys.maxunicode == 0x10ffff and platform.python_implementation() == 'CPython'
print(sys.executable)";

/// Prints where the header that extension modules include is.
const HEADER: &str = "import os, sysconfig; print(os.path.join(sysconfig.get_path('include'), 'Python.h'))";

/// A Python 2.7 that works: one of pyenv's, or the one on the `PATH`.
pub(crate) fn python27() -> Option<PathBuf> {
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let pyenv = pyenv.or_else(|| Some(std::env::home_dir()?.join(".pyenv")));
    // What is on the PATH may be a shim of pyenv's, which answers with an error if no such version is chosen.
    let found = pyenv.into_iter().flat_map(|root| installed(&root)).chain(find_on_path("python2.7"));
    found.into_iter().find_map(|python| ask(Command::new(python).args(["-c", PROBE]))).map(PathBuf::from)
}

/// The folder of the programs of a virtual environment of `python` that has the packages of the `requirements` file: all of them,
/// those that others of them need too. It is made once and reused for as long as that file is the same.
pub(crate) fn python27_venv(log: &Log, python: &Path, requirements: &Path) -> Result<PathBuf> {
    let folder = folder_for("venv27", &[requirements])?;
    let environment = folder.join("environment");
    let (programs, complete) = (environment.join("bin"), folder.join("complete"));
    if complete.exists() && ask(Command::new(programs.join("python")).args(["-c", PROBE])).is_some() {
        return Ok(programs);
    }
    prepare_to_compile(log, python)?;
    let install = format!("let pip reach its registry, then `pip install -r {}` works", shown(requirements));
    let pip = |command: &mut Command| {
        // That this Python and its pip are old is known.
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_NO_PYTHON_VERSION_WARNING", "1");
        PIP.run(log, command, Missing::new("a Python package", &install))
    };
    let maker = folder.join("virtualenv");
    pip(Command::new(python)
        .args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
        .arg(&maker)
        .arg(VIRTUALENV))?;
    let make = ["-m", "virtualenv", "--quiet", "--clear", "--download"];
    pip(Command::new(python).env("PYTHONPATH", &maker).args(make).args(SEEDS).arg(&environment))?;
    // Building in isolation would fetch whatever version of a build tool is the newest.
    let from_file = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--requirement"];
    pip(Command::new(programs.join("python")).args(from_file).arg(requirements))?;
    fs::write(complete, "")?;
    Ok(programs)
}

/// The interpreters of version 2.7 that pyenv has installed below `root`, the newest first.
fn installed(root: &Path) -> Vec<PathBuf> {
    let versions = fs::read_dir(root.join("versions")).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_27 = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("2.7"));
    let mut versions: Vec<PathBuf> = versions.filter(is_27).map(|version| version.join("bin/python")).collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions
}

/// Some packages are sources in C.
fn prepare_to_compile(log: &Log, python: &Path) -> Result<()> {
    if find_on_path("gcc").is_none() {
        apt_install(log, "A C compiler", &["build-essential"])?;
    }
    let header = ask(Command::new(python).args(["-c", HEADER])).context("Python 2.7 does not know its own folders")?;
    if !Path::new(&header).exists() {
        return Err(
            Missing::new(format!("Python.h of {}", python.display()), "install the package python2.7-dev").into()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn versions_of_pyenv_are_found_the_newest_first() {
        let root = workspace::own_folder().unwrap().join("test-pyenv");
        for version in ["2.7.17", "2.7.18", "3.12.1", "pypy2.7"] {
            fs::create_dir_all(root.join("versions").join(version)).unwrap();
        }
        let found = installed(&root);
        fs::remove_dir_all(&root).unwrap();
        let expected = ["2.7.18", "2.7.17"].map(|version| root.join("versions").join(version).join("bin/python"));
        assert_eq!(found, expected);
        assert!(installed(&root).is_empty());
    }
}
