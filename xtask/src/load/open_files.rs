//! The limit of open files, of which each connection is one at either end.

use anyhow::{Context as _, Result, ensure};

/// Raises the limit of this process, and of those that it starts, so that each may have `number` open files.
pub(crate) fn raise_limit(number: u64) -> Result<()> {
    let limit = rlimit::increase_nofile_limit(number).context("cannot ask for more open files")?;
    ensure!(limit >= number, "{number} open files are needed and {limit} are allowed: type `ulimit -n {number}` first");
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_cannot_be_had_is_an_error_that_says_what_to_type() {
        super::raise_limit(1).unwrap();
        let error = super::raise_limit(u64::MAX).unwrap_err().to_string();
        assert!(error.contains(&format!("ulimit -n {}", u64::MAX)), "{error}");
    }
}
