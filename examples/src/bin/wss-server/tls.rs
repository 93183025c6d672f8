//! TLS below the WebSocket: `rustls` over a socket whose reads and writes end in time.
//!
//! A read that ends so, in the middle of a TLS record too, loses nothing: rustls keeps what it has. So deadlines are as good here
//! as over plain TCP.

use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use examples::Socket;
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivateKeyDer};

use crate::authority::Identity;

/// A stream of plaintext, the bytes of the WebSocket.
pub(crate) type Stream = StreamOwned<ServerConnection, Transport>;

/// TLS 1.3 with this certificate, for every client.
pub(crate) fn config(identity: Identity) -> anyhow::Result<Arc<ServerConfig>> {
    let Identity { certificate, key } = identity;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(Arc::new(config))
}

/// The stream of a client. The TLS handshake is made with the first read.
pub(crate) fn accept(config: &Arc<ServerConfig>, socket: Socket) -> Result<Stream, rustls::Error> {
    Ok(StreamOwned::new(ServerConnection::new(Arc::clone(config))?, Transport(socket)))
}

/// Ends TLS, so that the client knows that nothing was cut off, and then the socket.
pub(crate) fn finish(mut stream: Stream) {
    stream.conn.send_close_notify();
    // If it fails, the client is gone, and there is nobody to tell.
    let _ = stream.flush();
    stream.sock.0.finish();
}

/// The socket, which says `Interrupted` when the program is to end. rustls takes that for a signal that passes, and would try
/// again for ever; `WouldBlock` it hands on.
pub(crate) struct Transport(pub(crate) Socket);

impl Read for Transport {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => io::Error::new(io::ErrorKind::WouldBlock, error),
            _ => error,
        })
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
