//! TLS towards PostgreSQL: rustls with the system's certificate authorities, or the one that the configuration names.

use std::io::BufReader;
use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Result};

/// A connector that verifies the server's certificate and name.
///
/// # Errors
/// `Invalid` when the file of the authority cannot be read, `Unavailable` when the system has none.
pub(super) fn connector(ca: Option<&Path>) -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => add_file(&mut roots, path)?,
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(Error::unavailable(
            "no certificate authority is known, so the database's certificate cannot be checked",
        )
        .hint("install ca-certificates, or set `database_ca` to the PEM file of the authority"));
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal(format!("TLS cannot be set up: {e}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    let bad = |why: String| {
        Error::invalid("database_ca", format!("{} cannot be used: {why}", path.display()))
            .hint("give the PEM file of the authority that signed the database's certificate")
    };
    let file = std::fs::File::open(path).map_err(|e| bad(e.to_string()))?;
    for certificate in CertificateDer::pem_reader_iter(BufReader::new(file)) {
        roots.add(certificate.map_err(|e| bad(format!("{e:?}")))?).map_err(|e| bad(e.to_string()))?;
    }
    if roots.is_empty() { Err(bad("it holds no certificate".to_owned())) } else { Ok(()) }
}
