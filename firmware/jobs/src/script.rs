//! What the peer says in each job, piece by piece as TCP might deliver it.

/// What a job reads.
pub struct Script {
    /// For the report.
    pub name: &'static str,
    pub(crate) pieces: &'static [&'static [u8]],
    /// The longest read, in bytes.
    pub(crate) longest_read: usize,
}

/// The masking key of every masked frame. A client's nonce is four times the same, so that the answer to it is known.
pub const KEY: [u8; 4] = *b"abcd";

/// The text that a client sends, and that a server echoes.
pub static TEXT: [u8; TEXT_LEN] = text();
const TEXT_LEN: usize = 125;
const BULK_LEN: usize = 16 * 1024;

/// To a client: the response, a text, the answer to its Close frame.
pub static CLIENT: Script =
    Script { name: "client", pieces: &[RESPONSE, &TEXT_FROM_SERVER, CLOSE_FROM_SERVER], longest_read: usize::MAX };
/// To a server: the shortest request that is one, a text, a Close frame.
pub static SERVER: Script =
    Script { name: "server", pieces: &[REQUEST, &TEXT_FROM_CLIENT, &CLOSE_FROM_CLIENT], longest_read: usize::MAX };
/// The same with the request of a browser.
pub static SERVER_BROWSER: Script = Script {
    name: "server-browser",
    pieces: &[REQUEST_OF_BROWSER, &TEXT_FROM_CLIENT, &CLOSE_FROM_CLIENT],
    longest_read: usize::MAX,
};
/// To a client that is connected.
pub static CLIENT_FRAMES: Script =
    Script { name: "client-frames", pieces: &[&TEXT_FROM_SERVER, CLOSE_FROM_SERVER], longest_read: usize::MAX };
/// To a server that is connected.
pub static SERVER_FRAMES: Script =
    Script { name: "server-frames", pieces: &[&TEXT_FROM_CLIENT, &CLOSE_FROM_CLIENT], longest_read: usize::MAX };
/// To a server that is connected: 16 KiB in one masked frame, in reads of 1 KiB.
pub static BULK_BINARY: Script = Script { name: "bulk-binary", pieces: &[&BINARY_FRAME.0], longest_read: 1024 };
/// The same as ASCII text.
pub static BULK_TEXT: Script = Script { name: "bulk-text", pieces: &[&TEXT_FRAME.0], longest_read: 1024 };

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

const REQUEST_OF_BROWSER: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: 192.168.1.50\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\n\
    Origin: http://192.168.1.50\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate\r\n\
    Accept-Language: en-US,en;q=0.9\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

/// The answer to the key that [`KEY`] makes.
const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: dQbArINZcOgLpykJ5K3Dp7ho/R0=\r\n\r\n";

static TEXT_FROM_SERVER: [u8; 2 + TEXT_LEN] = concatenated(&[0x81, TEXT_LEN as u8], &text());
static TEXT_FROM_CLIENT: [u8; 6 + TEXT_LEN] =
    concatenated(&[0x81, 0x80 | TEXT_LEN as u8, KEY[0], KEY[1], KEY[2], KEY[3]], &masked(text()));
/// Normal closure.
const CLOSE_FROM_SERVER: &[u8] = b"\x88\x02\x03\xe8";
static CLOSE_FROM_CLIENT: [u8; 8] = concatenated(&[0x88, 0x82, KEY[0], KEY[1], KEY[2], KEY[3]], &masked([0x03, 0xe8]));

/// The payload lies at a multiple of four bytes.
#[repr(align(4))]
struct Aligned<const LEN: usize>([u8; LEN]);

static BINARY_FRAME: Aligned<{ 8 + BULK_LEN }> = Aligned(bulk(0x82, 0x80));
static TEXT_FRAME: Aligned<{ 8 + BULK_LEN }> = Aligned(bulk(0x81, 0x00));

const fn text() -> [u8; TEXT_LEN] {
    let mut text = [0; TEXT_LEN];
    let mut i = 0;
    while i < TEXT_LEN {
        text[i] = b'a' + (i % 26) as u8;
        i += 1;
    }
    text
}

/// A masked frame of 16 KiB; each byte of the payload has the `high` bits, and others that differ.
const fn bulk(first: u8, high: u8) -> [u8; 8 + BULK_LEN] {
    let mut payload = [0; BULK_LEN];
    let mut i = 0;
    while i < BULK_LEN {
        payload[i] = high | 0x20 | (i % 31) as u8;
        i += 1;
    }
    let header = [first, 0x80 | 126, (BULK_LEN >> 8) as u8, BULK_LEN as u8, KEY[0], KEY[1], KEY[2], KEY[3]];
    concatenated(&header, &masked(payload))
}

const fn masked<const LEN: usize>(mut payload: [u8; LEN]) -> [u8; LEN] {
    let mut i = 0;
    while i < LEN {
        payload[i] ^= KEY[i % 4];
        i += 1;
    }
    payload
}

const fn concatenated<const LEN: usize>(front: &[u8], back: &[u8]) -> [u8; LEN] {
    let mut all = [0; LEN];
    let mut i = 0;
    while i < LEN {
        all[i] = if i < front.len() { front[i] } else { back[i - front.len()] };
        i += 1;
    }
    all
}
