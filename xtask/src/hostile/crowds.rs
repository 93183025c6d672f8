//! Very many clients at once.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use super::{
    attack::Done,
    target::{CLOSING, IDLE, LATE, TIMEOUT, Target, require_time, time_to_end},
};
use crate::interop::socket::{Socket, UPGRADE};

/// How many they are.
pub(super) const SIZE: u64 = 1000;

/// Between two connections.
const PACE: Duration = Duration::from_millis(1);

/// What the last ones have at least, to be read to their end.
const LEAST: Duration = Duration::from_millis(100);

/// They connect and send no request.
pub(super) fn silent_sockets(target: &Target) -> Result<Done> {
    let held = connect_all(target)?;
    let started = Instant::now();
    all_end(&held, started)?;
    require_time(started.elapsed(), TIMEOUT)?;
    Ok(Done { what: format!("{SIZE} ended after {:.1} s", started.elapsed().as_secs_f32()), held })
}

/// They complete the opening handshake and answer no Ping.
pub(super) fn silent_websockets(target: &Target) -> Result<Done> {
    let held = (0..SIZE)
        .map(|number| target.open().with_context(|| format!("WebSocket {number}")))
        .collect::<Result<Vec<_>>>()?;
    let started = Instant::now();
    all_end(&held, started)?;
    require_time(started.elapsed(), 2 * IDLE)?;
    Ok(Done { what: format!("{SIZE} ended after {:.1} s", started.elapsed().as_secs_f32()), held })
}

/// They take every place that there is for connections without a request; a client that does send one waits no longer than those
/// may say nothing.
pub(super) fn crowded_out(target: &Target) -> Result<Done> {
    let held = connect_all(target)?;
    let started = Instant::now();
    let mut newcomer = loop {
        match target.open() {
            Ok(socket) => break socket,
            Err(why) => ensure!(started.elapsed() < TIMEOUT + LATE, "no newcomer was served: {why:#}"),
        }
    };
    let waited = started.elapsed();
    ensure!(waited < TIMEOUT + LATE, "the newcomer was served after {:.1} s only", waited.as_secs_f32());
    // All places were taken: nobody is served before somebody's time is over, of which connecting took a part.
    ensure!(waited > LEAST, "the newcomer was served at once: there were more places");
    newcomer.echo("at last")?;
    Ok(Done { what: format!("served after {:.1} s", waited.as_secs_f32()), held })
}

/// They take every place that there is for WebSockets, and more.
pub(super) fn refused(target: &Target) -> Result<Done> {
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    let mut held = Vec::new();
    for _ in 0..SIZE {
        let mut socket = target.connect()?;
        socket.send(UPGRADE.as_bytes())?;
        let answer = socket.head().map_or_else(|_| "ended".to_string(), |head| head[9..12].to_string());
        *answers.entry(answer).or_default() += 1;
        held.push(socket);
    }
    let count = |answer| answers.get(answer).copied().unwrap_or_default();
    // The well-behaved client has one of the places.
    ensure!(count("101") == target.max_connections - 1 && count("503") > 0, "the answers were {answers:?}");
    ensure!(count("ended") > 0, "nobody was turned away: {answers:?}");
    ensure!(count("101") + count("503") + count("ended") == held.len(), "the answers were {answers:?}");
    let what = answers.iter().map(|(answer, number)| format!("{number} x {answer}")).collect::<Vec<_>>().join(", ");
    Ok(Done { what, held })
}

/// Connects, but no faster than the server accepts: the operating system lets few wait for that, and drops what the others say.
fn connect_all(target: &Target) -> Result<Vec<Socket>> {
    let connect = |_| {
        thread::sleep(PACE);
        target.connect()
    };
    (0..SIZE).map(connect).collect()
}

fn all_end(sockets: &[Socket], started: Instant) -> Result<()> {
    let limit = TIMEOUT.max(2 * IDLE) + CLOSING + LATE;
    sockets.iter().try_for_each(|socket| {
        time_to_end(socket.stream(), limit.saturating_sub(started.elapsed()).max(LEAST)).map(drop)
    })
}
