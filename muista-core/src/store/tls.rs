//! TLS towards PostgreSQL: whoever the system trusts, or the authority that the configuration names.

use std::path::Path;

use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Result;
use crate::tls::{Peer, client_config};

/// A connector that verifies the server's certificate and name.
///
/// # Errors
/// `Invalid` when the file of the authority cannot be read, `Unavailable` when the system has none.
pub(super) fn connector(ca: Option<&Path>) -> Result<MakeRustlsConnect> {
    let database = Peer { setting: "database_ca", name: "the database" };
    Ok(MakeRustlsConnect::new(client_config(ca, database)?))
}
