//! TLS below the WebSocket: what `embedded-tls` needs to know, and its end of the stream as `embedded-io` wants it.

use std::time::SystemTime;

use embedded_io::{ErrorType, Read, Write};
use embedded_tls::{
    Aes128GcmSha256, Certificate, CryptoProvider, CryptoRngCore, TlsError, TlsVerifier, webpki::CertVerifier,
};
use rand_core_06::OsRng;

/// The longest TLS record must fit into it.
pub(crate) const READ_BUFFER: usize = 16_640;
/// What is written leaves in records of at most this length, of which 128 bytes are not payload.
pub(crate) const WRITE_BUFFER: usize = 4096;
/// The server's certificate must fit into it.
const CERTIFICATE: usize = 4096;

type Verifier<'c> = CertVerifier<'c, Aes128GcmSha256, SystemTime, CERTIFICATE>;

/// Random numbers, and the verification of the server's certificate: by `webpki`, with the one authority that is trusted.
pub(crate) struct Provider<'c> {
    random: OsRng,
    verifier: Verifier<'c>,
}

impl<'c> Provider<'c> {
    /// `ca` is the authority's certificate, in DER.
    pub(crate) fn new(ca: &'c [u8]) -> Self {
        Self { random: OsRng, verifier: Verifier::new(Certificate::X509(ca)) }
    }
}

impl CryptoProvider for Provider<'_> {
    type CipherSuite = Aes128GcmSha256;
    /// That of a certificate of ours, and there is none.
    type Signature = &'static [u8];

    fn rng(&mut self) -> impl CryptoRngCore {
        &mut self.random
    }

    // Without this method every certificate would be good enough.
    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Self::CipherSuite>, TlsError> {
        Ok(&mut self.verifier)
    }
}

/// A stream that ends with `Ok(0)`, as `embedded-io` has it, where `embedded-tls` has an error once and another one from then
/// on. An end of the TCP connection without the end of TLS stays an error: something was cut off.
pub(crate) struct CleanEnd<T> {
    tls: T,
    has_ended: bool,
}

impl<T> CleanEnd<T> {
    pub(crate) fn new(tls: T) -> Self {
        Self { tls, has_ended: false }
    }

    pub(crate) fn into_inner(self) -> T {
        self.tls
    }
}

impl<T: ErrorType> ErrorType for CleanEnd<T> {
    type Error = T::Error;
}

impl<T: Read<Error = TlsError>> Read for CleanEnd<T> {
    fn read(&mut self, space: &mut [u8]) -> Result<usize, TlsError> {
        if self.has_ended {
            return Ok(0);
        }
        match self.tls.read(space) {
            Err(TlsError::ConnectionClosed) => {
                self.has_ended = true;
                Ok(0)
            }
            result => result,
        }
    }
}

impl<T: Write<Error = TlsError>> Write for CleanEnd<T> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, TlsError> {
        self.tls.write(bytes)
    }

    fn flush(&mut self) -> Result<(), TlsError> {
        self.tls.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `embedded-tls` says at the end of the stream.
    struct Ended(Vec<TlsError>);

    impl ErrorType for Ended {
        type Error = TlsError;
    }

    impl Read for Ended {
        fn read(&mut self, _space: &mut [u8]) -> Result<usize, TlsError> {
            Err(self.0.remove(0))
        }
    }

    #[test]
    fn the_end_of_tls_is_the_end_of_the_stream_and_lasts() {
        let mut stream = CleanEnd::new(Ended(vec![TlsError::ConnectionClosed, TlsError::MissingHandshake]));
        assert!(matches!(stream.read(&mut [0]), Ok(0)));
        assert!(matches!(stream.read(&mut [0]), Ok(0)));
    }

    #[test]
    fn an_end_without_the_end_of_tls_is_an_error() {
        let mut stream = CleanEnd::new(Ended(vec![TlsError::IoError]));
        assert!(matches!(stream.read(&mut [0]), Err(TlsError::IoError)));
    }
}
