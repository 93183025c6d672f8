//! What other libraries cost for the same jobs, measured in the same way on thumbv7m with opt-level s; with a hand-written program that
//! checks next to nothing, as the floor.

/// A library's numbers; `None` where it has no such thing.
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// Flash, stack and instructions of the client's and of the server's job with the handshake.
    pub(super) client: Option<[u64; 3]>,
    pub(super) server: Option<[u64; 3]>,
    /// The same without.
    pub(super) client_frames: Option<[u64; 3]>,
    pub(super) server_frames: Option<[u64; 3]>,
    /// Instructions for a byte of a masked frame, binary and ASCII text; the text is validated where it says so.
    pub(super) per_byte: [f64; 2],
    pub(super) validates: bool,
}

pub(super) const PEERS: [Peer; 4] = [
    Peer {
        name: "embedded-websocket 0.9.5",
        client: Some([11_140, 3176, 15_103]),
        server: Some([10_816, 2448, 14_639]),
        client_frames: Some([2380, 384, 2684]),
        server_frames: Some([2340, 348, 2617]),
        per_byte: [8.10, 8.10],
        validates: false,
    },
    Peer {
        name: "websocketz 0.2.0",
        client: Some([14_692, 2816, 18_558]),
        server: Some([14_316, 2608, 17_658]),
        client_frames: Some([5524, 568, 3311]),
        server_frames: Some([5256, 604, 2700]),
        per_byte: [1.43, 2.56],
        validates: true,
    },
    Peer {
        name: "edge-ws 0.8.0, edge-http 0.8.0",
        client: Some([20_612, 1568, 35_992]),
        server: Some([22_560, 1792, 35_781]),
        client_frames: Some([2448, 432, 4603]),
        server_frames: Some([2224, 416, 3502]),
        per_byte: [9.03, 9.03],
        validates: false,
    },
    Peer {
        name: "hand-written, as the floor",
        client: Some([3544, 436, 14_000]),
        server: Some([3128, 440, 14_340]),
        client_frames: Some([1348, 132, 2133]),
        server_frames: Some([1180, 132, 1728]),
        per_byte: [1.25, 2.38],
        validates: true,
    },
];
