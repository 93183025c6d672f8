//! A Chromium (or Chrome) to drive.

use std::path::PathBuf;

use anyhow::Result;

use super::{Missing, apt_install, find_on_path};
use crate::command::Log;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The program: what the environment variable `CHROMIUM` names, else the first known name on the `PATH`, else Debian's package.
pub(crate) fn chromium(log: &Log) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        let install = format!("CHROMIUM={} names no file: correct or unset it", named.display());
        return Err(Missing::new("Chromium", install).into());
    }
    let find = || NAMES.iter().find_map(|name| find_on_path(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    apt_install(log, "Chromium", &["chromium"])?;
    Ok(find().ok_or_else(|| Missing::new("Chromium", "apt-get install chromium"))?)
}
