//! `muista logout`: commands go to this machine again.

use muista_core::error::Error;
use muista_core::model::ApiKeyRef;
use muista_core::rpc::Proof;
use serde_json::json;

use crate::client;
use crate::context::CommandContext;
use crate::credentials::{self, Credentials};
use crate::error::Result;

/// Use this machine's data again
///
/// Forgets what `muista login` stored. The key that login by password made is revoked there, if the daemon can be
/// reached; a key that was given stays good.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista logout")]
pub(crate) struct Args {}

pub(crate) async fn run(app: &CommandContext, _: &Args) -> Result<()> {
    // What cannot be read can be removed all the same.
    let stored = credentials::load(app.sources());
    let unreadable = stored.is_err();
    let stored = stored.ok().flatten();
    let revoked = match &stored {
        Some(stored) => revoke(app, stored).await,
        None => false,
    };
    credentials::remove(app.sources())?;
    let out = app.out()?;
    if !out.is_table() {
        let address = stored.map(|stored| stored.address.to_string());
        return out.document(&json!({ "address": address, "revoked": revoked }));
    }
    match stored {
        Some(stored) => out.say(&format!("Logged out of {}", stored.address)),
        None if unreadable => out.say("Logged out; the credentials could not be read."),
        None => out.say("You were not logged in."),
    }
}

/// Revokes the key that login made; says whether that was done.
async fn revoke(app: &CommandContext, stored: &Credentials) -> bool {
    let Some(key) = stored.key else {
        app.note("The token itself stays good where it was made: `muista token revoke` there ends it.");
        return false;
    };
    let Ok(context) = app.context() else {
        return false;
    };
    let zone = &context.zone;
    let revoked = async {
        let token = Proof::Token(stored.token.clone());
        let client = client::dial_with_proof(&stored.address, stored.ca.as_deref(), token, zone).await?;
        client.revoke_api_key(ApiKeyRef::Id(key), None).await?;
        Ok::<(), Error>(())
    };
    match revoked.await {
        Ok(()) => true,
        Err(_) => {
            app.note(&format!(
                "The key could not be revoked at {}: `muista token revoke {key}` there.",
                stored.address
            ));
            false
        }
    }
}
