//! `browser`: a headless Chromium opens the pages of the examples and drives them; the scripts in `xtask/peers/browser`, one for each
//! program with a page, say how.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};

use crate::{
    command::{Log, run_within},
    interop::ExampleServer,
    steps::examples,
    tools::{chromium, npm_install},
    workspace,
};

/// How long a script may take on a slow machine, the browser's start included. Each wait in it is shorter.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn run(log: &Log) -> Result<String> {
    let [server, _] = examples::build(log)?;
    let dashboard = server.with_file_name("dashboard");
    let scripts = npm_install(log, &workspace::root().join("xtask/peers/browser"))?;
    let chromium = chromium(log)?;
    let screenshots = workspace::target()?.join("browser");
    for (name, program) in [("server", server), ("dashboard", dashboard)] {
        let (script, screenshot) =
            (scripts.join(name).with_extension("mjs"), screenshots.join(name).with_extension("png"));
        drive(log, &program, &script, &chromium, &screenshot).with_context(|| format!("the page of `{name}`"))?;
    }
    Ok(format!("screenshots in {}", workspace::shown(&screenshots)))
}

/// Starts `program` and lets `script` drive its page, which must leave a screenshot.
fn drive(log: &Log, program: &Path, script: &Path, chromium: &Path, screenshot: &Path) -> Result<()> {
    if screenshot.exists() {
        fs::remove_file(screenshot).with_context(|| format!("cannot remove {}", screenshot.display()))?;
    }
    let server = ExampleServer::start(log, program, &[])?;
    let mut drive = Command::new("node");
    drive.arg(script).arg(&server.address).args([chromium, screenshot]);
    run_within(log, LIMIT, &mut drive)?;
    server.stop(log)?;

    let size = fs::metadata(screenshot).map_or(0, |file| file.len());
    ensure!(size > 0, "the browser left no screenshot at {}", screenshot.display());
    Ok(())
}
