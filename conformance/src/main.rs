//! The strictness table: every rule of RFC 6455 that an endpoint can check, what a peer does about it and what our endpoints do,
//! each row played in both roles, over both adapters and from slice to slice, in pieces and through buffers of several sizes.
//!
//! `rows/` has the table, by subject. What must happen is written there, never computed by the crates under test: close codes,
//! statuses and what is received by the RFC where it says them, and else (limits, timing, number of writes) as our documentation does.
//! Which error names a rule is up to the crates, and so is its text.
//!
//! `row.rs` says what a row is. Three kinds are data: a dialogue on an open connection (`dialogue.rs`), a request to our server
//! (`accepting.rs`) and a response to our client (`connecting.rs`). Attacks over sockets are left to other checks.

mod accepting;
mod call;
mod connecting;
#[cfg(test)]
mod coverage;
mod dialogue;
mod endpoint;
mod fragments;
mod frame;
mod head;
mod memory;
mod outcome;
mod poll;
mod row;
mod rows;
mod slices;
mod sources;
mod table;
mod wire;

use std::{
    io::{IsTerminal as _, stdout},
    process::ExitCode,
};

use clap::Parser;

use table::Judged;

/// What our WebSocket endpoints do when a peer breaks a rule of RFC 6455
#[derive(Debug, Parser)]
struct Arguments {
    /// Print the table for a document
    #[arg(long)]
    markdown: bool,
}

fn main() -> ExitCode {
    let Arguments { markdown } = Arguments::parse();
    let tables: Vec<Judged> = rows::themes().into_iter().map(Judged::new).collect();
    if markdown {
        print!("{}", table::markdown(&tables));
    } else {
        let colours = stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        print!("{}", table::terminal(&tables, colours));
    }
    if tables.iter().flat_map(Judged::failures).next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_passes() {
        let tables: Vec<Judged> = rows::themes().into_iter().map(Judged::new).collect();
        let failures: Vec<_> =
            tables.iter().flat_map(Judged::failures).map(|(row, failure)| (row.name(), failure)).collect();
        assert!(failures.is_empty(), "{failures:#?}");
    }
}
