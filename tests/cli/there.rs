//! The other machine that the tests of `remote` log in to: another home with its daemon, an account of kim's, and a
//! certificate of a test's own authority.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use test_common::sandbox::{Daemon, Sandbox};

use crate::support::{Ran, home, muista, run_with_input};

/// The password of kim.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// An authority that signs certificates.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Writes a certificate for `localhost` and its key into `folder`.
    pub(crate) fn certify(&self, folder: &Path) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
        fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
        fs::write(folder.join("ca.pem"), &self.pem).unwrap();
    }
}

/// The other machine, where kim has an account.
pub(crate) struct There {
    pub(crate) home: Sandbox,
    pub(crate) daemon: Daemon,
}

impl There {
    pub(crate) fn new(home: Sandbox) -> Self {
        let path = home.path().to_owned();
        Authority::new().certify(&path);
        let home = home
            .with_env("MUISTA_RPC_LISTEN", "127.0.0.1:0")
            .with_env("MUISTA_TLS_CERT", path.join("cert.pem"))
            .with_env("MUISTA_TLS_KEY", path.join("key.pem"));
        Self::start(home)
    }

    /// One that is spoken to in clear text.
    pub(crate) fn in_clear() -> Self {
        Self::start(home().with_env("MUISTA_RPC_LISTEN", "127.0.0.1:0"))
    }

    pub(crate) fn start(home: Sandbox) -> Self {
        let daemon = home.daemon([""; 0]);
        let there = Self { home, daemon };
        let add = ["user", "add", "kim", "--email", "kim@example.org", "--password-stdin", "--quiet"];
        run_with_input(there.home.muista().args(add), &format!("{PASSWORD}\n")).ok();
        there
    }

    pub(crate) fn address(&self) -> String {
        format!("localhost:{}", self.daemon.rpc().port())
    }

    pub(crate) fn ca(&self) -> PathBuf {
        self.home.path().join("ca.pem")
    }

    /// A key of kim's.
    pub(crate) fn key(&self, args: &[&str]) -> String {
        let create = ["token", "create", "--user", "kim", "--quiet", "--name"];
        muista(&self.home, create.iter().chain(args)).ok().trim().to_owned()
    }

    /// `muista login` here with these arguments, which reads `input`.
    pub(crate) fn login(&self, here: &Sandbox, args: &[&str], input: &str) -> Ran {
        let mut command = here.muista();
        command.args(["login", &self.address(), "--ca"]).arg(self.ca()).args(args);
        run_with_input(&mut command, input)
    }

    /// A home that has logged in with a key.
    pub(crate) fn visitor(&self) -> Sandbox {
        let here = home();
        self.login(&here, &["--token-stdin"], &self.key(&["visitor"])).ok();
        here
    }
}
