//! Attacks on one server, one after the other, and what each did to it: no echo of a well-behaved client may be lost or come late,
//! and the server must neither grow nor keep what it had for connections that are gone.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use super::{
    attack::{Attack, Done, Place},
    table::{Row, Table},
    target::{IDLE, TIMEOUT, Target},
    watch::{Echoes, Watch},
};
use crate::{
    command::Log,
    load::{Kind, LoadedServer, Usage},
};

/// What 99 of 100 echoes of the well-behaved client must not exceed: two cores have all of this to do.
const SLOWEST: Duration = Duration::from_millis(250);

/// What none of them may exceed: a server that does nothing for so long does nothing for anybody.
const LONGEST: Duration = Duration::from_secs(1);

/// How much memory each connection of an attack may cost while it is there, in KiB: its buffers, a thread's stack, and what
/// lies between.
const PER_CONNECTION: u64 = 96;

/// How much memory of each connection that is gone the server's allocator may keep, to use it again, in KiB.
const KEPT: u64 = 40;

/// How much more memory than that the server may hold during an attack and after it, in KiB.
const SLACK: u64 = 2048;

/// How much more memory the server may hold at most during a round of an attack than during the one before, in KiB. A thousand
/// connections that leave half a KiB each behind are found out.
const AGAIN: u64 = 512;

/// How long the server may take to let go of what it held for an attack.
const SETTLING: Duration = Duration::from_secs(8);

/// Between two looks whether it has.
const LOOK: Duration = Duration::from_millis(50);

/// Starts a server from the folder `programs`, tries `attacks` on it and adds a row for each to `table`.
pub(super) fn lay<'a>(
    log: &Log,
    kind: Kind,
    place: Place,
    attacks: impl Iterator<Item = &'a Attack>,
    programs: &Path,
    logs: &Path,
    table: &mut Table,
) -> Result<()> {
    let mut attacks = attacks.peekable();
    if attacks.peek().is_none() {
        return Ok(());
    }
    let (name, max_connections, buffers) = match place {
        Place::Tight => (format!("{}, tight", kind.program()), 16, &["--rx", "64", "--tx", "256"][..]),
        _ => (kind.program().to_string(), 1100, &[][..]),
    };
    let [max, timeout, idle] =
        [max_connections, TIMEOUT.as_millis() as usize, IDLE.as_millis() as usize].map(|n| n.to_string());
    let options = [&["--max-connections", &max, "--timeout", &timeout, "--idle", &idle][..], buffers].concat();
    let server = LoadedServer::start(kind, programs, &options, &logs.join(format!("{}.log", name.replace(", ", "-"))))?;
    let target = Target { address: server.address().to_string(), max_connections };
    let mut watch = Watch::start(&server)?;
    for (attack, round) in attacks.flat_map(|attack| (0..attack.rounds).map(move |round| (attack, round))) {
        let mut row = try_one(&name, &server, &target, &watch, attack)?;
        if let (true, Some(last)) = (round > 1, table.0.last()) {
            row.wrong.extend(grown_again(last.usage[1], row.usage[1]));
        }
        log.line(&row);
        if !row.wrong.is_empty() {
            // It may have lost its connection.
            drop(watch);
            watch = Watch::start(&server).with_context(|| format!("{name} after {}", attack.name))?;
        }
        table.0.push(row);
    }
    drop(watch);
    server.stop().with_context(|| format!("the end of {name}"))
}

fn try_one(name: &str, server: &LoadedServer, target: &Target, watch: &Watch, attack: &Attack) -> Result<Row> {
    watch.begin()?;
    let before = server.usage();
    let started = Instant::now();
    let done = (attack.run)(target);
    let took = started.elapsed();
    let (echoes, most) = watch.end()?;
    let mut wrong = Vec::new();
    let (what, held) = match done {
        Ok(Done { what, held }) => (what, held),
        Err(why) => {
            wrong.push(format!("{why:#}"));
            ("-".to_string(), Vec::new())
        }
    };
    let after = settled(server, before);
    drop(held);
    wrong.extend(judge(attack, &echoes, [before, most, after]));
    let Echoes { latencies, .. } = echoes;
    let (server, usage) = (name.to_string(), [before, most, after]);
    Ok(Row { server, name: attack.name, must: attack.must, what, wrong, took, latencies, usage })
}

/// What the server holds once it has let go of what it held for an attack, or after the time that it may take for that.
fn settled(server: &LoadedServer, before: Usage) -> Usage {
    let deadline = Instant::now() + SETTLING;
    loop {
        let now = server.usage();
        let is_settled = now.threads <= before.threads && now.files <= before.files;
        // Memory comes back last.
        thread::sleep(LOOK);
        if is_settled || Instant::now() >= deadline {
            return server.usage();
        }
    }
}

/// What is wrong with the echoes beside an attack and with what the server held before it, at most, and after it.
fn judge(attack: &Attack, echoes: &Echoes, [before, most, after]: [Usage; 3]) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(why) = &echoes.lost {
        wrong.push(format!("the well-behaved client lost an echo: {why}"));
    }
    let slow = echoes.latencies.quantile(0.99);
    if slow > SLOWEST {
        wrong.push(format!("the echoes took {} ms, more than {}", slow.as_millis(), SLOWEST.as_millis()));
    }
    let longest = echoes.latencies.quantile(1.0);
    if longest > LONGEST {
        wrong.push(format!("an echo took {} ms, more than {}", longest.as_millis(), LONGEST.as_millis()));
    }
    let grown = |usage: Usage| usage.memory.unwrap_or_default().saturating_sub(before.memory.unwrap_or_default());
    let [during, kept] = [PER_CONNECTION, KEPT].map(|each| attack.connections * each + SLACK);
    for (when, grown, most) in [("during", grown(most), during), ("after", grown(after), kept)] {
        if grown > most {
            wrong.push(format!("the server had grown by {grown} KiB {when} it, more than {most}"));
        }
    }
    for (what, before, after) in [("threads", before.threads, after.threads), ("files", before.files, after.files)] {
        if after > before {
            let [before, after] = [before, after].map(Option::unwrap_or_default);
            wrong.push(format!("{after} {what} after it, {before} before"));
        }
    }
    wrong
}

/// What is wrong if an attack that was tried before takes more memory than it did then.
fn grown_again(before: Usage, now: Usage) -> Option<String> {
    let grown = now.memory?.saturating_sub(before.memory?);
    (grown > AGAIN).then(|| format!("the server grew to {grown} KiB more than in the round before, more than {AGAIN}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Latencies;

    const BEFORE: Usage = Usage { memory: Some(5000), threads: Some(4), files: Some(7) };

    fn judge(usage: [Usage; 2], latency: u64, lost: Option<&str>) -> Vec<String> {
        let mut latencies = Latencies::new().unwrap();
        latencies.add(Duration::from_millis(latency));
        let [most, after] = usage;
        let attack = super::super::ATTACKS.iter().find(|attack| attack.connections == 1).unwrap();
        super::judge(attack, &Echoes { latencies, lost: lost.map(ToString::to_string) }, [BEFORE, most, after])
    }

    #[test]
    fn what_an_attack_may_do_is_fine() {
        let unknown = Usage::default();
        assert_eq!(judge([BEFORE, BEFORE], 3, None), [""; 0]);
        assert_eq!(judge([Usage { memory: Some(7000), ..BEFORE }, BEFORE], 249, None), [""; 0]);
        assert_eq!(judge([unknown, unknown], 3, None), [""; 0]);
        assert_eq!(grown_again(BEFORE, Usage { memory: Some(5512), ..BEFORE }), None);
    }

    #[test]
    fn what_an_attack_may_not_do_is_told() {
        let large = Usage { memory: Some(9000), ..BEFORE };
        assert_eq!(
            judge([large, large], 251, Some("gone")),
            [
                "the well-behaved client lost an echo: gone",
                "the echoes took 251 ms, more than 250",
                "the server had grown by 4000 KiB during it, more than 2144",
                "the server had grown by 4000 KiB after it, more than 2088",
            ]
        );
        let kept = Usage { threads: Some(5), files: Some(9), ..BEFORE };
        assert_eq!(judge([kept, kept], 3, None), ["5 threads after it, 4 before", "9 files after it, 7 before"]);
        assert!(grown_again(BEFORE, large).is_some());
        assert_eq!(judge([BEFORE, BEFORE], 1001, None).len(), 2);
    }
}
