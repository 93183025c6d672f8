//! What the table must have rows for: the probes that libraries for hosts were compared with, and the faults that were seen in
//! libraries of this kind.

use std::collections::BTreeSet;

use crate::{row::Row, rows, sources::SOURCES};

/// The probes, by their names.
const PROBES: [&str; 41] = [
    "RSV1 set",
    "RSV2 set",
    "RSV3 set",
    "reserved opcode 3",
    "reserved opcode 11",
    "unmasked client frame",
    "fragmented ping",
    "ping of 126 bytes",
    "pong of 126 bytes",
    "close of 126 bytes",
    "length 5 in 16 bits",
    "length 5 in 64 bits",
    "64-bit length, top bit set",
    "length 2^40 (over any limit)",
    "80 MiB in 2 MiB fragments",
    "continuation out of the blue",
    "text inside a fragmented message",
    "first fragment inside a fragmented message",
    "invalid UTF-8 (ff)",
    "surrogate (ed a0 80)",
    "text ends inside a code point",
    "fragmented text ends inside a code point",
    "fail-fast: bad UTF-8 in a first fragment, rest never comes",
    "fail-fast: bad UTF-8 in a frame, rest never comes",
    "close with a 1-byte payload",
    "close code 999",
    "close code 1004",
    "close code 1005",
    "close code 1006",
    "close code 1015",
    "close code 1016",
    "close code 2999",
    "close code 5000",
    "close reason not UTF-8",
    "code point split over fragments",
    "empty fragments",
    "empty message",
    "ping inside a fragmented message",
    "one byte per read",
    "7 bytes per read, non-final fragment split",
    "message of 65535 bytes",
];

/// The faults that have a name.
const FAULTS: [&str; 86] = [
    "EW-1", "EW-2", "EW-3", "EW-4", "EW-5", "EW-6", "EW-7", "EW-8", "EW-9", "EW-10", "EW-11", "EW-12", "EW-13",
    "EW-A1", "EW-A2", "EW-A3", "EW-A4", "EW-A5", "EW-B1", "EW-B2", "EW-B3", "EW-C1", "EW-C2", "EW-C3", "EW-C4",
    "EW-C5", "EW-C6", "EW-D1", "EW-D2", "EW-D3", "EW-D4", "EW-D5", "EW-D6", "EW-EA1", "EW-F1", "EW-F2", "WZ-1", "WZ-2",
    "WZ-3", "WZ-4", "WZ-5", "WZ-6", "WZ-7", "WZ-W1", "WZ-W2", "WZ-W3", "WZ-W4", "WZ-W5", "WZ-W6", "WZ-W7", "WZ-W8",
    "WZ-W9", "WZ-W10", "WZ-W11", "EDGE-1", "EDGE-2", "EDGE-3", "EDGE-4", "EDGE-5", "EDGE-6", "EDGE-7", "EDGE-E1",
    "EDGE-E2", "EDGE-E3", "EDGE-E4", "EDGE-E5", "EDGE-E6", "EDGE-E7", "EDGE-E8", "PICO-P1", "PICO-P2", "PICO-P3",
    "PICO-P4", "PICO-P5", "PICO-P6", "PICO-P7", "PICO-P8", "PICO-P9", "PICO-P10", "REQ-R1", "WSF-S2", "WSF-S3",
    "WSF-S4", "WSF-S5", "WSF-S6", "SANS-S1",
];

/// What libraries do not do, or do in another way, and the row that would show it.
const BEHAVIOURS: [(&str, &str); 74] = [
    ("fragments longer than most buffers", "EW WZ EDGE PICO WSF MG ARD"),
    ("one byte per read", "EW ESP ARD"),
    ("fragments, and then a message in one frame", "EDGE SANS"),
    ("ping inside a fragmented message", "PICO"),
    ("a message that is longer than the buffer for it as a whole", "EW PICO"),
    ("RSV1 set", "EW PICO SANS LWS ESP MG ARD"),
    ("reserved opcode 3", "PICO SANS"),
    ("ping of 126 bytes", "EW EDGE PICO SANS ESP MG ARD"),
    ("fragmented ping", "EW EDGE PICO SANS ESP MG ARD"),
    ("unmasked client frame", "EW EDGE PICO WSF SANS MG ARD"),
    ("a masked server frame", "EW EDGE WSF SANS ESP MG ARD"),
    ("length 5 in 16 bits", "EW WZ EDGE PICO WSF SANS LWS ESP MG ARD"),
    ("64-bit length, top bit set", "EW WZ EDGE WSF SANS ESP MG ARD"),
    ("a length of 2^32 + 5 bytes", "EW LWS ESP ARD"),
    ("continuation out of the blue", "SANS"),
    ("text inside a fragmented message", "EW SANS"),
    ("first fragment inside a fragmented message", "EW WZ SANS"),
    ("invalid UTF-8 (ff)", "EDGE SANS LWS ESP MG ARD"),
    ("fail-fast: bad UTF-8 in a frame, rest never comes", "EW WZ EDGE PICO WSF SANS"),
    ("close reason not UTF-8", "EW EDGE SANS"),
    ("a reason of two characters of two bytes, in pieces", "WSLAY"),
    ("a reason that is not UTF-8, in pieces", "WSLAY"),
    ("close with a 1-byte payload", "EW EDGE PICO SANS WSLAY LWS ESP MG ARD"),
    ("close code 1005", "EW EDGE PICO WSF SANS ESP MG ARD"),
    ("close code 1012", "WSLAY LWS"),
    ("close code 1014", "WZ WSLAY LWS"),
    ("an empty Ping", "EDGE PICO WSF SANS"),
    ("a Ping in which there are zeros", "ARD"),
    ("a message, and a Close", "EDGE PICO WSF SANS"),
    ("a Close with a reason", "EW WZ"),
    ("a reserved opcode, and a Close", "EW WZ EDGE PICO WSF SANS"),
    ("a peer that is silent, with 20 s to a Ping and 10 s to its Pong", "EW WZ EDGE PICO WSF SANS WSLAY MG"),
    ("we send frames of 0 to 70000 bytes: each has a key of its own, and none is zero", "EDGE WSF ARD WSLAY"),
    ("a server sends 65535 bytes", "EW ESP ARD"),
    ("we are to send a Ping of 126 bytes", "EW WZ EDGE PICO SANS"),
    ("we are to write 100 bytes in pieces of 10, with 32 for the buffer", "WZ MG"),
    ("we are to send a message of 5000 bytes, longer than most buffers", "EW WZ WSF"),
    ("writes of a message of 100 bytes, with 256 for the buffer", "EDGE PICO WSLAY"),
    ("we are to send a text after our Close", "EDGE WSF SANS"),
    ("a Ping of the peer's between our Close and a text that we are to send", "WZ"),
    ("a Ping of the peer's inside a half-sent frame of ours", "EW WZ EDGE PICO WSF SANS"),
    ("a Ping, a Close, and two halves of a connection", "WZ"),
    ("futures that receive are dropped whenever they wait, inside a header of 4 bytes and its payload", "EW EDGE PICO"),
    ("futures that receive are dropped whenever they wait, also to write a Pong", "WZ"),
    ("a future that sends is dropped at each write, and the message resumed", "EW WZ EDGE PICO"),
    ("11 bytes that announce 2 GiB", "WSLAY ARD"),
    ("we are to ask for a WebSocket", "WZ"),
    ("we are to ask at port 8080", "REQ MG"),
    ("we are to ask without an Origin", "EW EDGE"),
    ("we are to offer two sub-protocols", "EDGE"),
    ("we are to ask with credentials", "EDGE"),
    ("no Sec-WebSocket-Accept", "EW MG"),
    ("no Upgrade", "EW WSF MG"),
    ("a list of options, in another case", "WZ EDGE"),
    ("a sub-protocol that was not offered", "EW WZ EDGE WSF"),
    ("an extension that was not offered", "EW WZ EDGE WSF"),
    ("the whole offer", "MG ARD"),
    ("a refusal that asks for credentials", "EW"),
    ("a redirect", "EW WZ EDGE WSF"),
    ("a response in pieces", "EW"),
    ("a frame in the same read as the response", "EW REQ ESP"),
    ("a response of 32 headers", "WSF"),
    ("no Connection", "EW WZ PICO"),
    ("a list, as Firefox sends it", "EDGE ARD"),
    ("the key x", "WZ EDGE PICO"),
    ("a key of 25 characters", "EW EDGE PICO"),
    ("five sub-protocols", "EW WZ"),
    ("two sub-protocols, the preferred one first", "MG ARD"),
    ("a sub-protocol that is only the beginning of ours", "ESP"),
    ("an Origin that the application does not allow", "EW"),
    ("a path where nothing is", "WZ"),
    ("no version", "EW WZ EDGE PICO"),
    ("we are to accept", "EDGE"),
    ("a request for a page", "WZ"),
];

fn every_row() -> Vec<Row> {
    rows::themes().into_iter().flat_map(|theme| theme.rows).collect()
}

fn tags(row: &Row) -> impl Iterator<Item = &'static str> {
    row.seen_in.split(", ").filter(|tag| !tag.is_empty())
}

/// Which library a tag is of.
fn letters(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

#[test]
fn every_probe_is_a_row() {
    let rows = every_row();
    let mut found: Vec<&str> = rows.iter().filter(|row| row.is_probe).map(|row| row.what).collect();
    let mut wanted = PROBES.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn every_fault_has_a_row() {
    let rows = every_row();
    let found: BTreeSet<&str> = rows.iter().flat_map(tags).collect();
    let without: Vec<&&str> = FAULTS.iter().filter(|fault| !found.contains(*fault)).collect();
    assert!(without.is_empty(), "without a row: {without:?}");
    let unknown = |tag: &&&str| tag.contains('-') && !FAULTS.contains(*tag);
    let unknown: Vec<&&str> = found.iter().filter(unknown).collect();
    assert!(unknown.is_empty(), "not in the list: {unknown:?}");
}

#[test]
fn every_behaviour_has_a_row() {
    let rows = every_row();
    for (what, libraries) in BEHAVIOURS {
        let found: Vec<&str> = rows.iter().filter(|row| row.what == what).flat_map(tags).map(letters).collect();
        let without: Vec<&str> = libraries.split(' ').filter(|library| !found.contains(library)).collect();
        assert!(without.is_empty(), "{what}: {without:?}");
    }
    let known = |tag: &&str| SOURCES.iter().any(|(library, _)| letters(tag) == *library);
    let unknown: Vec<&str> = rows.iter().flat_map(tags).filter(|tag| !known(tag)).collect();
    assert!(unknown.is_empty(), "not in the legend: {unknown:?}");
}

#[test]
fn every_row_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    let twice: Vec<String> = every_row().iter().map(Row::name).filter(|name| !names.insert(name.clone())).collect();
    assert!(twice.is_empty(), "twice: {twice:?}");
}
