//! TLS towards servers, by rustls with ring: whom to trust, and when a certificate ends. What is sent within it, and the
//! daemon's own certificate, are elsewhere.

use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme, StreamOwned};
use x509_cert::der::Decode as _;

use crate::error::{Error, Result};
use crate::time::Instant;

/// Whose certificate is to be checked, for the words of an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// The setting that names its authority.
    pub(crate) setting: &'static str,
    /// Who it is, as in `the database`.
    pub(crate) name: &'static str,
}

/// A client that verifies the certificate and the name of `peer` by the authority in the file `ca`, or by those of the
/// system.
///
/// # Errors
/// `Invalid` when the file of the authority cannot be read, `Unavailable` when the system has none.
pub(crate) fn client_config(ca: Option<&Path>, peer: Peer) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => add_file(&mut roots, path, peer)?,
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        let message =
            format!("no certificate authority is known, so the certificate of {} cannot be checked", peer.name);
        return Err(Error::unavailable(message)
            .hint(format!("install ca-certificates, or set `{}` to the PEM file of the authority", peer.setting)));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal(format!("TLS cannot be set up: {e}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn add_file(roots: &mut RootCertStore, path: &Path, peer: Peer) -> Result<()> {
    let bad = |why: String| {
        Error::invalid(peer.setting, format!("{} cannot be used: {why}", path.display()))
            .hint(format!("give the PEM file of the authority that signed the certificate of {}", peer.name))
    };
    let file = CertificateDer::pem_file_iter(path).map_err(|e| bad(e.to_string()))?;
    for certificate in file {
        roots.add(certificate.map_err(|e| bad(e.to_string()))?).map_err(|e| bad(e.to_string()))?;
    }
    if roots.is_empty() { Err(bad("it holds no certificate".to_owned())) } else { Ok(()) }
}

/// TLS over `stream`, to a server on this machine that shows the first certificate in the PEM file at `path`: whoever
/// signed that, and whatever names it is for.
///
/// # Errors
/// `Invalid` when the file cannot be read or holds none.
pub fn to_own(path: &Path, stream: TcpStream) -> Result<impl Read + Write> {
    let ip = stream.peer_addr().map_or(IpAddr::from([127, 0, 0, 1]), |address| address.ip());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let own = Own { certificate: first(path)?, provider: Arc::clone(&provider) };
    let failed = |e: rustls::Error| Error::internal(format!("TLS cannot be set up: {e}"));
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(failed)?;
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(own)).with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::from(ip)).map_err(failed)?;
    Ok(StreamOwned::new(connection, stream))
}

/// Believes the server that shows this certificate, and no other.
#[derive(Debug)]
struct Own {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Own {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        if *shown == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(rustls::Error::General("it shows another certificate than the file holds".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn first(path: &Path) -> Result<CertificateDer<'static>> {
    CertificateDer::from_pem_file(path).map_err(|e| bad(path, &e))
}

fn bad(path: &Path, why: &dyn fmt::Display) -> Error {
    Error::invalid("tls.cert", format!("{} cannot be used: {why}", path.display()))
        .hint("give the PEM file of the certificate")
}

/// When the first certificate in the PEM file at `path` ends.
///
/// # Errors
/// `Invalid` when the file cannot be read or holds none.
pub fn certificate_end(path: &Path) -> Result<Instant> {
    let certificate = x509_cert::Certificate::from_der(&first(path)?).map_err(|e| bad(path, &e))?;
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    let micros = i64::try_from(end.as_micros()).ok().and_then(Instant::from_micros);
    micros.ok_or_else(|| bad(path, &"its end is out of reach"))
}
