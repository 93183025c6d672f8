//! The libraries in which a fault was seen that a row is about, by the letters that the table has for each.

/// Letters, and the library with the version that was looked at.
pub(crate) const SOURCES: [(&str, &str); 12] = [
    ("ARD", "the Arduino libraries Links2004/arduinoWebSockets `175e80f` and gilmaimon/ArduinoWebsockets `26eecea`"),
    ("EDGE", "edge-ws 0.8.0 and edge-http 0.8.0 of edge-net"),
    ("ESP", "esp_websocket_client 1.8.0 of esp-protocols, and ESP-IDF's WebSocket transport and server as of 2021"),
    ("EW", "embedded-websocket 0.9.5"),
    ("LWS", "libwebsockets `1e967537a`"),
    ("MG", "mongoose `282ae0d9`"),
    ("PICO", "picoserve 0.20.1"),
    ("REQ", "reqwless 0.14.1"),
    ("SANS", "websocket-sans-io 0.1.0, which leaves most checks to its user"),
    ("WSF", "ws-framer 0.4.0"),
    ("WSLAY", "wslay 1.1.1"),
    ("WZ", "websocketz 0.2.0"),
];

/// How the rows are played, and what the table's column of libraries means, for a document.
pub(crate) fn legend() -> String {
    let list: String = SOURCES.iter().map(|(letters, library)| format!("- {letters}: {library}\n")).collect();
    format!(
        "A row about frames is played in both roles, unless only one can be meant; over the blocking adapter, over the async one, over \
         the async one with each future that receives dropped whenever it is pending, and from slice to slice; read and taken at once, 7 bytes \
         and 1 byte at a time; with buffers of 1, 64 and 4096 bytes for messages in pieces, and with one that is long enough for \
         messages as a whole. A row about heads is played in pieces and over both adapters and from slice to slice too. A row has \
         passed if it came to the same each time, and to what is written in it: close codes, statuses and what is received by the \
         RFC where it says them; limits, timing and the number of writes by our own documentation. Which error names a broken rule, \
         and in which words, is our choice. Frames are shown as a server sends \
         them; what a client sends is masked.\n\n\
         \"Seen in\" names the libraries in which a fault was seen, by reading or by running them, that the row is about. What \
         follows the letters tells the faults of one library apart. A \"probe\" is one of those by which libraries for hosts were \
         compared.\n\n{list}"
    )
}
