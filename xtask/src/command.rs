//! Running other programs: where their output goes, and an error that says which command failed.
//!
//! What is installed where is `tools`' business; what the commands mean is the steps'.

use std::{
    fmt::Display,
    fs::{self, File, OpenOptions},
    io::{BufRead as _, BufReader, IsTerminal as _, Read, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

use crate::{process::Process, workspace};

/// Where a step's output goes: to the terminal (one step) or to a file (`test-all`).
#[derive(Debug)]
pub(crate) struct Log {
    file: Option<(PathBuf, File)>,
}

impl Log {
    /// Output is streamed to standard output and standard error.
    pub(crate) const fn terminal() -> Self {
        Self { file: None }
    }

    /// Output is written to a new file at `path`.
    pub(crate) fn to_file(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
        // Appending, because several processes write to it at once.
        let file = OpenOptions::new().append(true).open(path)?;
        Ok(Self { file: Some((path.to_path_buf(), file)) })
    }

    /// May output have colours?
    pub(crate) fn is_terminal(&self) -> bool {
        self.file.is_none() && std::io::stdout().is_terminal()
    }

    /// Writes a line for people.
    pub(crate) fn line(&self, line: impl Display) {
        // Output that cannot be written (a closed pipe) must not stop a step.
        let _ = match &self.file {
            None => writeln!(std::io::stdout(), "{line}"),
            Some((_, file)) => writeln!(&mut &*file, "{line}"),
        };
    }

    /// Where a child's standard output or standard error goes.
    pub(crate) fn stdio(&self) -> Result<Stdio> {
        Ok(match &self.file {
            None => Stdio::inherit(),
            Some((path, file)) => file.try_clone().with_context(|| format!("cannot share {}", path.display()))?.into(),
        })
    }
}

/// A `cargo` command (the one that runs this program) in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(workspace::root());
    command
}

/// Runs `command` to its end, output to `log`; not succeeding is an error that names the command.
pub(crate) fn run(log: &Log, command: &mut Command) -> Result<()> {
    log.line(format_args!("$ {}", show(command)));
    let status = command
        .stdin(Stdio::null())
        .stdout(log.stdio()?)
        .stderr(log.stdio()?)
        .status()
        .with_context(|| format!("cannot start `{}`", show(command)))?;
    check(command, status)
}

/// Like [`run`], and killed with an error after `limit`.
pub(crate) fn run_within(log: &Log, limit: Duration, command: &mut Command) -> Result<()> {
    let mut process = Process::start(log, command)?;
    let status = process.wait(log, limit)?;
    process.rest().for_each(|line| log.line(line));
    check(command, status)
}

/// Like [`run`], and returns what the command wrote to standard output (which the log gets as well, as it comes).
pub(crate) fn capture(log: &Log, command: &mut Command) -> Result<String> {
    log.line(format_args!("$ {}", show(command)));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log.stdio()?)
        .spawn()
        .with_context(|| format!("cannot start `{}`", show(command)))?;
    let text = child.stdout.take().map(|output| copy_lines(log, output)).transpose()?.unwrap_or_default();
    check(command, child.wait()?)?;
    Ok(text)
}

/// Like [`run`], and returns how the command ended, with all that it wrote (which the log gets as well, as it comes).
pub(crate) fn run_and_hear(log: &Log, command: &mut Command) -> Result<(ExitStatus, String)> {
    log.line(format_args!("$ {}", show(command)));
    let (output, input) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(input.try_clone()?)
        .stderr(input)
        .spawn()
        .with_context(|| format!("cannot start `{}`", show(command)))?;
    // The pipe ends when nobody can write to it: `command` must not hold on to it.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let text = copy_lines(log, output)?;
    Ok((child.wait()?, text))
}

/// What a silent question answers: standard output, trimmed, or `None` if the program is missing or fails.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// Does this build run on a continuous-integration machine (`CI=true`)?
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// The command as a person would type it in the workspace's root.
pub(crate) fn show(command: &Command) -> String {
    let program = command.get_program();
    let program =
        if std::env::var_os("CARGO").is_some_and(|cargo| cargo == program) { "cargo".as_ref() } else { program };
    let mut words: Vec<String> = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), quote(&value?.to_string_lossy()))))
        .collect();
    words.push(program.to_string_lossy().into_owned());
    words.extend(command.get_args().map(|argument| quote(&argument.to_string_lossy())));
    words.join(" ")
}

fn quote(word: &str) -> String {
    if word.is_empty() || word.contains([' ', '"', '$', '\'', ';', '&']) {
        format!("'{word}'")
    } else {
        word.to_string()
    }
}

/// Writes each line of `output` to the log when it comes; all of them.
fn copy_lines(log: &Log, output: impl Read) -> Result<String> {
    let mut text = String::new();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        log.line(&line);
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "`{}` failed ({status})", show(command));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `write` wrote to a log file.
    fn logged(name: &str, write: impl FnOnce(&Log)) -> String {
        let path = workspace::own_folder().unwrap().join(format!("test-{name}.log"));
        write(&Log::to_file(&path).unwrap());
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_file(path).unwrap();
        text
    }

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn output_of_a_command_that_hangs_is_logged() {
        let text = logged("hangs", |log| {
            let limit = Duration::from_secs(1);
            let error = run_within(log, limit, &mut shell("echo before it hangs; exec tail -f /dev/null")).unwrap_err();
            assert!(error.to_string().ends_with("did not end within 1 s"), "{error}");
        });
        assert!(text.lines().any(|line| line == "before it hangs"), "{text}");
    }

    #[test]
    fn both_outputs_are_heard_and_logged() {
        let text = logged("hear", |log| {
            let (status, heard) = run_and_hear(log, &mut shell("echo one; echo two >&2; exit 3")).unwrap();
            assert_eq!((status.code(), heard.as_str()), (Some(3), "one\ntwo\n"));
        });
        assert!(text.ends_with("\none\ntwo\n"), "{text}");
    }
}
