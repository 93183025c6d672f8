//! Certificates for as long as the program runs: an authority, and what it says about the server.
//!
//! They are two, because a client trusts an authority and asks it about a server; a certificate that is both is refused by
//! many. Nothing is kept: the keys are gone with the program.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};

/// Who certifies the server.
pub(crate) struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its private key.
pub(crate) struct Identity {
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = named("WebSocket example authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        Ok(Self { certificate: params.self_signed(&key)?, issuer: Issuer::new(params, key) })
    }

    /// What a client has to know, in PEM.
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Certifies a server with these names and IP addresses.
    pub(crate) fn certify(&self, names: Vec<String>) -> Result<Identity, Error> {
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = named("WebSocket example server");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Strict clients, such as those of Python, look for it.
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        Ok(Identity { certificate: params.signed_by(&key, &self.issuer)?, key })
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}
