//! The Autobahn test suite as a program: where it is, and how it is started.
//!
//! It is Python 2.7. Where there is none, the suite's own container image does; it is an older version with the same cases.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::{
    command::{Log, ask},
    process::Process,
    tools::{Missing, find_on_path, python27, python27_venv},
    workspace,
};

const REQUIREMENTS: &str = "xtask/peers/autobahn/requirements.txt";

/// The image, of version 0.8.2, by its contents: what a name stands for can change.
const IMAGE: &str =
    "crossbario/autobahn-testsuite@sha256:519915fb568b04c9383f70a1c405ae3ff44ab9e35835b085239c258b6fac3074";
const IMAGE_VERSION: &str = "0.8.2";

/// Where a container sees the folder of the reports.
const FOLDER_INSIDE: &str = "/autobahn";

/// What the suite is told to do. It is in a file in the folder where it writes its reports.
const SPEC: &str = "spec.json";

/// Which end of the connection the suite is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    FuzzingClient,
    FuzzingServer,
}

/// The suite, ready to be started.
#[derive(Debug)]
pub(super) struct Suite {
    place: Place,
    /// For people.
    pub(super) version: String,
}

#[derive(Debug)]
enum Place {
    /// The program in a virtual environment.
    Environment(PathBuf),
    /// In the image, with docker or podman.
    Container { engine: PathBuf },
}

/// The suite at work; ended when dropped.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) process: Process,
    /// What removes the container: to kill the engine's command leaves it running.
    remove: Option<Command>,
}

impl Suite {
    /// Finds the suite or installs it.
    pub(super) fn find(log: &Log) -> Result<Self> {
        if let Some(python) = python27() {
            let programs = python27_venv(log, &python, &workspace::root().join(REQUIREMENTS))?;
            let wstest = programs.join("wstest");
            let versions = ask(Command::new(&wstest).arg("--autobahnversion"));
            let versions = versions.with_context(|| format!("{} does not tell its version", wstest.display()))?;
            let version = versions.lines().find_map(|line| line.strip_prefix("AutobahnTestSuite "));
            let version = version.with_context(|| format!("unexpected version: {versions}"))?.to_string();
            return Ok(Self { place: Place::Environment(wstest), version });
        }
        // The programs may be there without the service, or without the right to use it.
        let works = |engine: &PathBuf| ask(Command::new(engine).arg("info")).is_some();
        let engine = ["docker", "podman"].into_iter().filter_map(find_on_path).find(works);
        let engine = engine.ok_or_else(|| {
            let install = "`pyenv install 2.7.18`, or a CPython 2.7 with pip as `python2.7` on the PATH; or start docker or podman, \
                           for the suite's container image";
            Missing::new("Python 2.7 (for the Autobahn test suite)", install)
        })?;
        Ok(Self { place: Place::Container { engine }, version: IMAGE_VERSION.to_string() })
    }

    /// Starts the suite with the rest of its `spec`; its reports and the spec will be in `folder`.
    pub(super) fn start(&self, log: &Log, mode: Mode, mut spec: Value, folder: &Path) -> Result<Running> {
        let folder_seen = match &self.place {
            Place::Environment(_) => folder,
            Place::Container { .. } => Path::new(FOLDER_INSIDE),
        };
        spec["outdir"] = json!(folder_seen);
        fs::create_dir_all(folder)?;
        fs::write(folder.join(SPEC), serde_json::to_string_pretty(&spec)?)?;
        let container = format!("autobahn-{}-{}", std::process::id(), folder.file_name().unwrap_or_default().display());
        let process = Process::start(log, &mut self.command(mode, folder, &container))?;
        let remove = match &self.place {
            Place::Environment(_) => None,
            Place::Container { engine } => {
                let mut remove = Command::new(engine);
                remove
                    .args(["rm", "--force", &container])
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null());
                Some(remove)
            }
        };
        Ok(Running { process, remove })
    }

    /// The command that starts the suite with the spec in `folder`; `container` is the name of the container, if it is in one.
    fn command(&self, mode: Mode, folder: &Path, container: &str) -> Command {
        let mut command = match &self.place {
            Place::Environment(wstest) => {
                let mut command = Command::new(wstest);
                // Else a line may come when the case is long over.
                command.env("PYTHONUNBUFFERED", "1");
                command.arg("--spec").arg(folder.join(SPEC));
                command
            }
            Place::Container { engine } => {
                let mut command = Command::new(engine);
                command.args(["run", "--rm", "--init", "--name", container, "--network", "host"]);
                command.args(["--env", "PYTHONUNBUFFERED=1", "--volume"]);
                command.arg(format!("{}:{FOLDER_INSIDE}", folder.display()));
                command.args([IMAGE, "wstest", "--spec", &format!("{FOLDER_INSIDE}/{SPEC}")]);
                command
            }
        };
        match mode {
            Mode::FuzzingClient => command.args(["--mode", "fuzzingclient"]),
            // It would serve a page for browsers too, at a fixed port.
            Mode::FuzzingServer => command.args(["--mode", "fuzzingserver", "--webport", "0"]),
        };
        command
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(remove) = &mut self.remove {
            // It fails if the container has ended by itself.
            let _ = remove.status();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::show;

    #[test]
    fn the_command_says_all_that_the_suite_must_know() {
        let suite = |place| Suite { place, version: String::new() };
        let folder = Path::new("/r/server-async-64");
        let installed = suite(Place::Environment("/e/wstest".into()));
        assert_eq!(
            show(&installed.command(Mode::FuzzingServer, folder, "name")),
            "PYTHONUNBUFFERED=1 /e/wstest --spec /r/server-async-64/spec.json --mode fuzzingserver --webport 0"
        );
        let container = suite(Place::Container { engine: "docker".into() });
        assert_eq!(
            show(&container.command(Mode::FuzzingClient, folder, "name")),
            format!(
                "docker run --rm --init --name name --network host --env PYTHONUNBUFFERED=1 --volume /r/server-async-64:/autobahn \
                 {IMAGE} wstest --spec /autobahn/spec.json --mode fuzzingclient"
            )
        );
    }
}
