//! A message of 80 MiB that a peer sends in fragments of 2 MiB, made up while it is read, against a limit of 64 MiB.

use ws_core::{Config, Connection, Role};

use crate::{
    dialogue::keys,
    endpoint::{Endpoint, Piece},
    frame::{FIRST_BINARY, LAST, MIDDLE, Sent, Side, parse},
    memory::Memory,
    outcome::Outcome,
    poll::wait,
    wire::Silence,
};

const FRAGMENT: usize = 2 << 20;
const FRAGMENTS: usize = 40;
/// The masked form of zeros, all bytes of which are the same.
const MASKED_ZERO: u8 = 0x5a;

/// The transport from which the message is read.
pub(crate) struct EightyMebibytes {
    side: Side,
    /// What is left of the header that is being sent.
    header: Vec<u8>,
    /// How many bytes of payload are left of the fragment.
    payload: usize,
    fragments: usize,
    output: Vec<u8>,
}

impl EightyMebibytes {
    /// Receives the message in pieces, in both roles and over both adapters; what came of it.
    pub(crate) fn receive() -> String {
        // The limit is the default one: 64 MiB.
        let config = Config::DEFAULT;
        let mut memory = Memory::new(4096, 64);
        let courses = [
            over_blocking(Side::Server, Connection::server(memory.buffers(), &config)),
            over_async(Side::Server, Connection::server(memory.buffers(), &config)),
            over_blocking(Side::Client, Connection::client(keys(), memory.buffers(), &config)),
            over_async(Side::Client, Connection::client(keys(), memory.buffers(), &config)),
        ];
        assert!(courses.iter().all(|course| *course == courses[0]), "they differ: {courses:?}");
        courses[0].clone()
    }

    fn new(side: Side) -> Self {
        Self { side, header: Vec::new(), payload: 0, fragments: 0, output: Vec::new() }
    }

    fn read_now(&mut self, space: &mut [u8]) -> Result<usize, Silence> {
        if self.header.is_empty() && self.payload == 0 {
            let first = match self.fragments {
                0 => FIRST_BINARY,
                fragments if fragments + 1 == FRAGMENTS => LAST,
                fragments if fragments < FRAGMENTS => MIDDLE,
                _ => return Err(Silence),
            };
            let mask_bit = if self.side == Side::Server { 0x80 } else { 0 };
            self.header = vec![first, mask_bit | 127];
            self.header.extend((FRAGMENT as u64).to_be_bytes());
            self.header.extend(vec![MASKED_ZERO; if self.side == Side::Server { 4 } else { 0 }]);
            self.payload = FRAGMENT;
            self.fragments += 1;
        }
        if !self.header.is_empty() {
            let len = space.len().min(self.header.len());
            space[..len].copy_from_slice(&self.header[..len]);
            self.header.drain(..len);
            return Ok(len);
        }
        let len = space.len().min(self.payload);
        space[..len].fill(if self.side == Side::Server { MASKED_ZERO } else { 0 });
        self.payload -= len;
        Ok(len)
    }

    fn shown(&self, received: usize, end: &Outcome) -> String {
        let sent = parse(self.side, &self.output).unwrap_or_default();
        let sent: Vec<String> = sent.iter().map(Sent::to_string).collect();
        format!("received {received} bytes; {}; {end}", sent.join("; "))
    }
}

impl embedded_io::ErrorType for EightyMebibytes {
    type Error = Silence;
}

impl embedded_io::Read for EightyMebibytes {
    fn read(&mut self, space: &mut [u8]) -> Result<usize, Silence> {
        self.read_now(space)
    }
}

impl embedded_io::Write for EightyMebibytes {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Silence> {
        self.output.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Silence> {
        Ok(())
    }
}

impl embedded_io_async::Read for EightyMebibytes {
    async fn read(&mut self, space: &mut [u8]) -> Result<usize, Silence> {
        self.read_now(space)
    }
}

impl embedded_io_async::Write for EightyMebibytes {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Silence> {
        self.output.extend(bytes);
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Silence> {
        Ok(())
    }
}

fn over_blocking<R: Role>(side: Side, connection: Connection<'_, R>) -> String {
    let mut websocket = ws_embedded_io::WebSocket::new(EightyMebibytes::new(side), connection);
    let (received, end) = wait(receive_all(&mut websocket));
    websocket.into_transport().shown(received, &end)
}

fn over_async<R: Role>(side: Side, connection: Connection<'_, R>) -> String {
    let mut websocket = ws_embedded_io_async::WebSocket::new(EightyMebibytes::new(side), connection);
    let (received, end) = wait(receive_all(&mut websocket));
    websocket.into_transport().shown(received, &end)
}

/// How many bytes of zeros were received, and what came then.
async fn receive_all<E: Endpoint>(endpoint: &mut E) -> (usize, Outcome) {
    let mut received = 0;
    loop {
        match endpoint.receive(false).await {
            Ok(Some(Piece { payload, .. })) => {
                assert!(payload.iter().all(|byte| *byte == 0), "the payload is another one");
                received += payload.len();
            }
            Ok(None) => return (received, Outcome::Closed(endpoint.peer_close())),
            Err(stop) => return (received, stop.into()),
        }
    }
}
