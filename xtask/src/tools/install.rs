//! Running an installer (apt-get, pip, npm, cargo), and telling a registry that cannot be reached, which is a tool that is missing, from
//! what is wrong with what we asked for, which is a failure.

use std::process::Command;

use anyhow::{Error, Result, anyhow};

use super::Missing;
use crate::command::{Log, run_and_hear, show};

/// A program that installs packages from a registry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Installer {
    /// What it writes when it cannot reach its registry, and only then.
    unreachable: &'static [&'static str],
    /// Of what it wrote, what says why it failed.
    reason: fn(&str) -> String,
}

pub(super) const APT: Installer = Installer {
    unreachable: &[
        "Temporary failure resolving",
        "Could not resolve",
        "Could not connect",
        "Cannot initiate the connection",
        "Connection timed out",
        "Network is unreachable",
    ],
    reason: last_line,
};

/// It tells of broken connections when it tries again; with a package that does not exist it fails at once.
pub(super) const PIP: Installer = Installer { unreachable: &["after connection broken by"], reason: last_line };

pub(super) const NPM: Installer = Installer {
    unreachable: &[
        "code EAI_AGAIN",
        "code ECONNREFUSED",
        "code ECONNRESET",
        "code EHOSTUNREACH",
        "code ENETUNREACH",
        "code ENOTFOUND",
        "code ERR_SOCKET_TIMEOUT",
        "code ETIMEDOUT",
    ],
    reason: first_npm_errors,
};

/// It says so each time before it tries again; with a package that does not exist it fails at once.
pub(super) const CARGO: Installer = Installer { unreachable: &["spurious network error"], reason: last_line };

impl Installer {
    /// Runs `command`. Its error is `missing` if the registry cannot be reached, else it says why the command failed.
    pub(super) fn run(self, log: &Log, command: &mut Command, missing: Missing) -> Result<()> {
        let (status, output) = run_and_hear(log, command)?;
        if status.success() { Ok(()) } else { Err(self.failure(&show(command), &output, missing)) }
    }

    /// Does the output of a command tell of a registry that cannot be reached?
    pub(super) fn is_unreachable(self, output: &str) -> bool {
        self.unreachable.iter().any(|sign| output.contains(sign))
    }

    fn failure(self, command: &str, output: &str, missing: Missing) -> Error {
        if self.is_unreachable(output) {
            missing.into()
        } else {
            anyhow!("{} (`{command}` failed)", (self.reason)(output))
        }
    }
}

fn last_line(output: &str) -> String {
    output.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it wrote nothing").to_string()
}

/// The code and the first sentence: npm goes on with help and with where its log is.
fn first_npm_errors(output: &str) -> String {
    let errors = output.lines().filter_map(|line| line.strip_prefix("npm error").or(line.strip_prefix("npm ERR!")));
    let errors: Vec<&str> = errors.map(str::trim).filter(|line| !line.is_empty()).take(2).collect();
    if errors.is_empty() { last_line(output) } else { errors.join(": ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error that such an output is.
    fn failure(installer: Installer, output: &str) -> Error {
        installer.failure("install", output, Missing::new("x", "y"))
    }

    #[test]
    fn mistakes_of_ours_are_failures() {
        for (installer, output, reason) in [
            (APT, "Reading package lists...\nE: Unable to locate package gone\n", "E: Unable to locate package gone"),
            (
                PIP,
                "ERROR: Could not find a version that satisfies the requirement websockets==99 (from versions: 1.0, 2.0)\n\
                 ERROR: No matching distribution found for websockets==99\n\n",
                "ERROR: No matching distribution found for websockets==99",
            ),
            (
                NPM,
                "npm warn old\nnpm error code EINTEGRITY\nnpm error Integrity checksum failed\nnpm error A complete log\n",
                "code EINTEGRITY: Integrity checksum failed",
            ),
            (
                NPM,
                "npm ERR! code EUSAGE\nnpm ERR! \nnpm ERR! `npm ci` needs a lock\nnpm ERR! aliases: ic\n",
                "code EUSAGE: `npm ci` needs a lock",
            ),
            (NPM, "sh: npm broke\n", "sh: npm broke"),
            (
                CARGO,
                "    Updating crates.io index\nerror: could not find `gone` in registry `crates-io` with version `=99.0.0`\n",
                "error: could not find `gone` in registry `crates-io` with version `=99.0.0`",
            ),
            (PIP, "", "it wrote nothing"),
        ] {
            let error = failure(installer, output);
            assert!(!error.is::<Missing>(), "{output}");
            assert_eq!(error.to_string(), format!("{reason} (`install` failed)"));
        }
    }

    #[test]
    fn registry_out_of_reach_is_a_missing_tool() {
        for (installer, output) in [
            (APT, "Err:1 http://mirror.example stable InRelease\n  Temporary failure resolving 'mirror.example'\n"),
            (
                PIP,
                "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError'\n\
                 ERROR: No matching distribution found for websockets==17.4\n",
            ),
            (NPM, "npm error code ENOTFOUND\nnpm error network request failed\n"),
            (NPM, "npm ERR! code EAI_AGAIN\n"),
            (
                CARGO,
                "warning: spurious network error (1 try remaining): [6] Could not resolve hostname\n\
                 error: download of config.json failed\n",
            ),
        ] {
            assert!(failure(installer, output).is::<Missing>(), "{output}");
        }
    }

    #[test]
    fn command_that_fails_says_why() {
        let run = |script: &str| {
            let path = crate::workspace::own_folder().unwrap().join("test-install.log");
            let log = Log::to_file(&path).unwrap();
            PIP.run(&log, Command::new("sh").args(["-c", script]), Missing::new("x", "y"))
        };
        assert!(run("true").is_ok());
        let error = run("echo before; echo the reason >&2; exit 1").unwrap_err();
        assert!(!error.is::<Missing>() && error.to_string().starts_with("the reason (`sh "), "{error}");
        assert!(run("echo after connection broken by x; exit 1").unwrap_err().is::<Missing>());
    }
}
