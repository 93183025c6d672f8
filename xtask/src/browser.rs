//! `browser`: a headless Chromium opens the example server's page and drives it; `xtask/peers/browser/drive.mjs` says how.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};

use crate::{
    command::{Log, run_within},
    interop::ExampleServer,
    steps::examples,
    tools::{chromium, npm_install},
    workspace,
};

/// How long it may take on a slow machine, the browser's start included. Each wait of the script is shorter.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn run(log: &Log) -> Result<String> {
    let [server, _] = examples::build(log)?;
    let folder = npm_install(log, &workspace::root().join("xtask/peers/browser"))?;
    let chromium = chromium(log)?;
    let screenshot = workspace::target()?.join("browser/page.png");
    if screenshot.exists() {
        fs::remove_file(&screenshot).with_context(|| format!("cannot remove {}", screenshot.display()))?;
    }

    let server = ExampleServer::start(log, &server, &[])?;
    let mut drive = Command::new("node");
    drive.arg(folder.join("drive.mjs")).arg(&server.address).args([&chromium, &screenshot]);
    run_within(log, LIMIT, &mut drive)?;
    server.stop(log)?;

    let size = fs::metadata(&screenshot).map_or(0, |file| file.len());
    ensure!(size > 0, "the browser left no screenshot at {}", screenshot.display());
    Ok(format!("screenshot in {}", screenshot.strip_prefix(workspace::root()).unwrap_or(&screenshot).display()))
}
