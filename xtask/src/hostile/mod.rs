//! `hostile`: attacks on the example servers over sockets.
//!
//! `attack.rs` lists the attacks and what must come of each; how they go is in the files that are named after what their clients do,
//! and `target.rs` has what several of them do. `siege.rs` tries them on one server, beside a well-behaved client (`watch.rs`), and
//! judges what the attack did to that and to the server. `table.rs` shows it.

mod attack;
mod closing;
mod crowds;
mod floods;
mod large;
mod shapes;
mod siege;
mod slow;
mod table;
mod target;
mod watch;

use anyhow::{Context as _, Result, ensure};

use self::{
    attack::{ATTACKS, Attack, Place},
    table::Table,
    target::Target,
};
use crate::{
    command::Log,
    load::{Kind, Usage, raise_limit},
    steps::examples,
    workspace::{self, shown},
};

/// The files that are needed, here and in the server: a crowd, and a few more.
const FILES: u64 = 1500;

/// The folder of the servers' logs, in xtask's own folder.
const LOGS: &str = "hostile";

/// What to attack, and how.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
pub(crate) struct Options {
    /// Attack only this server
    #[arg(long)]
    server: Option<Kind>,
    /// Try only the attacks whose name contains this; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
}

impl Options {
    fn choose(&self, attack: &Attack) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| attack.name.contains(name))
    }
}

/// Tries the attack called `name` on a server of another kind, which is at `address`: what it did.
pub(crate) fn attack(name: &str, address: &str) -> Result<String> {
    let attack =
        ATTACKS.iter().find(|attack| attack.name == name).with_context(|| format!("no attack is called {name}"))?;
    let target = Target { address: address.to_string(), max_connections: 1 };
    let done = (attack.run)(&target).with_context(|| format!("{name}: {}", attack.must))?;
    Ok(done.what)
}

pub(crate) fn run(log: &Log, options: &Options) -> Result<String> {
    let names: Vec<_> = ATTACKS.iter().map(|attack| attack.name).collect();
    ensure!(ATTACKS.iter().any(|attack| options.choose(attack)), "no attack has such a name: {}", names.join(", "));
    raise_limit(FILES)?;
    let [server, _] = examples::build(log)?;
    let logs = workspace::own_folder()?.join(LOGS);
    let (mut table, mut fallen) = (Table::default(), Vec::new());
    for kind in Kind::chosen(options.server) {
        for place in [Place::Roomy, Place::Tight] {
            let attacks = ATTACKS.iter().filter(|attack| attack.is_for(kind, place) && options.choose(attack));
            if let Err(why) = siege::lay(log, kind, place, attacks, &server.with_file_name(""), &logs, &mut table) {
                fallen.push(format!("{why:#}"));
            }
        }
    }
    ensure!(!fallen.is_empty() || !table.0.is_empty(), "no such attack is for this server");
    log.line(&table);
    fallen.iter().for_each(|why| log.line(format_args!("FAIL {why}")));
    let (failed, all) = (table.failed(), table.0.len());
    ensure!(fallen.is_empty(), "{} (and {failed} of {all} attacks went wrong)", fallen.join("; "));
    ensure!(failed == 0, "{failed} of {all} attacks went wrong (above); the servers' logs are in {}", shown(&logs));
    let kept = if Usage::of(std::process::id()).files.is_some() {
        "nothing kept"
    } else {
        "what was kept cannot be seen here"
    };
    Ok(format!("{all} attacks, no echo lost, {kept}"))
}
