//! The daemon's certificate and private key, as rustls wants them, and whether a listener may do without. HTTP and the
//! commands of other machines both use it; which protocols are spoken within TLS is theirs to say.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use muista_core::config::ServerConfig as Settings;
use muista_core::error::{Error, Result};
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// TLS with the certificate and key of the settings, for the protocols `alpn` in order of preference; none where the
/// settings name neither.
///
/// # Errors
/// `Invalid`, naming the setting and its file, when only one of the two is set, a file cannot be used, or the key does
/// not belong to the certificate.
pub(crate) fn server_config(settings: &Settings, alpn: &[&[u8]]) -> Result<Option<Arc<ServerConfig>>> {
    let (certificate, key) = match (&settings.tls_cert, &settings.tls_key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(_), None) => return Err(half("tls.key", "tls.cert")),
        (None, Some(_)) => return Err(half("tls.cert", "tls.key")),
    };
    let chain = chain(certificate)?;
    let private = private_key(key)?;
    // The provider is named, since one that the process has by default may be set by nobody, or twice.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal(format!("TLS cannot be set up: {e}")))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|e| unfit(certificate, key, &e))?;
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Some(Arc::new(config)))
}

/// Refuses a listener in clear text that other machines can reach, unless the settings say that it may be.
///
/// # Errors
/// `Invalid`, with `key`, the setting of the address, as its field.
pub(crate) fn refuse_clear_text(settings: &Settings, key: &str, address: SocketAddr) -> Result<()> {
    if address.ip().is_loopback() || settings.insecure || settings.tls_cert.is_some() {
        return Ok(());
    }
    let message = format!("{key} {address} can be reached from other machines, in clear text");
    Err(Error::invalid(key, message).hint(
        "set tls.cert and tls.key, choose a loopback address as in 127.0.0.1, or set insecure = true where a proxy \
         or a private network does the encrypting",
    ))
}

/// The certificates of the file, the daemon's own first.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let hint = "give the PEM file of the certificate, with the intermediate ones behind it";
    let bad = |why: &str| refused("tls.cert", path, why, hint);
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| bad(&words(&e)))?;
    let chain = certificates.collect::<Result<Vec<_>, _>>().map_err(|e| bad(&words(&e)))?;
    if chain.is_empty() { Err(bad("it holds no certificate")) } else { Ok(chain) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_file(path).map_err(|e| {
        let why = match e {
            pem::Error::NoItemsFound => "it holds no private key".to_owned(),
            e => words(&e),
        };
        let hint = "give the PEM file of the certificate's private key, without a password, readable for the daemon";
        refused("tls.key", path, &why, hint)
    })
}

/// What is wrong with a PEM file, without anything that stands in it.
fn words(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::Base64Decode(_) => "it holds text that is no Base64".to_owned(),
        pem::Error::MissingSectionEnd { .. } => "it ends in the midst of a section".to_owned(),
        _ => "it is no PEM file".to_owned(),
    }
}

fn half(missing: &str, set: &str) -> Error {
    Error::invalid(missing, format!("{set} is set without {missing}"))
        .hint("set both at once, as in `muista config set tls.cert FILE tls.key FILE`, or neither")
}

fn refused(setting: &str, path: &Path, why: &str, hint: &str) -> Error {
    Error::invalid(setting, format!("{setting}: {} cannot be used: {why}", path.display())).hint(hint)
}

/// The two files can be read but do not make a server together.
fn unfit(certificate: &Path, key: &Path, error: &rustls::Error) -> Error {
    let (certificate, shown) = (certificate.display(), key.display());
    match error {
        rustls::Error::InconsistentKeys(_) => {
            let message = format!("tls.key: {shown} is not the key of the certificate in {certificate}");
            Error::invalid("tls.key", message).hint("give the key that the certificate was made with")
        }
        rustls::Error::InvalidCertificate(_) => {
            let message = format!("tls.cert: {certificate} holds a certificate that cannot be read");
            Error::invalid("tls.cert", message).hint("look at it with `openssl x509 -in FILE -text`")
        }
        error => Error::invalid("tls.key", format!("tls.key: {shown} cannot be used: {error}"))
            .hint("give an RSA, ECDSA (P-256, P-384) or Ed25519 key"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use std::path::PathBuf;

    use muista_core::config::{Config, Flags, Sources};
    use muista_core::error::ErrorKind;

    use super::*;

    /// Files to be named in settings.
    struct Files(tempfile::TempDir);

    impl Files {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn write(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        }

        /// A certificate and its key, as PEM files.
        fn pair(&self, name: &str) -> (PathBuf, PathBuf) {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            let certificate = self.write(&format!("{name}.crt"), &made.cert.pem());
            (certificate, self.write(&format!("{name}.key"), &made.signing_key.serialize_pem()))
        }

        /// The settings with these variables.
        fn settings(&self, variables: &[(&str, &Path)]) -> Settings {
            let home = ("HOME".into(), self.0.path().into());
            let variables = variables.iter().map(|(name, value)| (name.into(), value.as_os_str().to_owned()));
            let sources = Sources::new(Flags::default(), variables.chain([home]), "/".into());
            Config::load(&sources).unwrap().server
        }

        fn load(&self, certificate: &Path, key: &Path) -> Result<Option<Arc<ServerConfig>>> {
            let settings = self.settings(&[("MUISTA_TLS_CERT", certificate), ("MUISTA_TLS_KEY", key)]);
            server_config(&settings, &[b"h2", b"http/1.1"])
        }
    }

    #[track_caller]
    fn refusal(outcome: Result<Option<Arc<ServerConfig>>>, setting: &str, words: &[&str]) {
        let Err(error) = outcome else { panic!("it was taken") };
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some(setting)), "{error}");
        for word in words {
            assert!(error.message.contains(word), "no {word:?} in {error}");
        }
        assert!(error.hint.is_some(), "{error}");
    }

    #[test]
    fn a_certificate_and_its_key_are_a_server() {
        let files = Files::new();
        let (certificate, key) = files.pair("a");
        let config = files.load(&certificate, &key).unwrap().unwrap();
        assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
        assert!(server_config(&files.settings(&[]), &[]).unwrap().is_none());
    }

    #[test]
    fn one_without_the_other_is_refused() {
        let files = Files::new();
        let (certificate, key) = files.pair("a");
        let lone = |name, path: &Path| server_config(&files.settings(&[(name, path)]), &[]);
        refusal(lone("MUISTA_TLS_CERT", &certificate), "tls.key", &["tls.cert", "tls.key"]);
        refusal(lone("MUISTA_TLS_KEY", &key), "tls.cert", &["tls.cert", "tls.key"]);
    }

    #[test]
    fn a_file_that_is_of_no_use_is_named() {
        let files = Files::new();
        let (certificate, key) = files.pair("a");
        let (_, other) = files.pair("b");
        let text = files.write("notes.txt", "no PEM at all");
        let nowhere = files.0.path().join("nowhere.pem");
        let cut = files.write("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
        let hollow = files.write("hollow.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        refusal(files.load(&nowhere, &key), "tls.cert", &["nowhere.pem", "No such file"]);
        refusal(files.load(&text, &key), "tls.cert", &["notes.txt", "no certificate"]);
        refusal(files.load(&cut, &key), "tls.cert", &["cut.pem", "midst"]);
        refusal(files.load(&hollow, &key), "tls.cert", &["hollow.pem", "cannot be read"]);
        refusal(files.load(&certificate, &nowhere), "tls.key", &["nowhere.pem", "No such file"]);
        refusal(files.load(&certificate, &text), "tls.key", &["notes.txt", "no private key"]);
        refusal(files.load(&certificate, &certificate), "tls.key", &["a.crt", "no private key"]);
        refusal(files.load(&certificate, &other), "tls.key", &["b.key", "a.crt", "is not the key"]);
    }

    #[test]
    fn clear_text_stays_on_this_machine() {
        let files = Files::new();
        let plain = files.settings(&[]);
        for address in ["127.0.0.1:7333", "127.8.8.8:1", "[::1]:0"] {
            refuse_clear_text(&plain, "rpc.listen", address.parse().unwrap()).unwrap();
        }
        let secure = files.settings(&[("MUISTA_TLS_CERT", Path::new("/a"))]);
        let careless = files.settings(&[("MUISTA_INSECURE", Path::new("true"))]);
        for address in ["0.0.0.0:7333", "[::]:7333", "192.168.1.2:80", "[2001:db8::1]:80"] {
            let address = address.parse().unwrap();
            let error = refuse_clear_text(&plain, "rpc.listen", address).unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("rpc.listen")));
            assert!(error.message.contains(&address.to_string()), "{error}");
            refuse_clear_text(&secure, "rpc.listen", address).unwrap();
            refuse_clear_text(&careless, "rpc.listen", address).unwrap();
        }
    }
}
