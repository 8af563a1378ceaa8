//! [`Call`]: what a handler gets of a request besides its own parameters: the app, who calls, and the headers that bear
//! on many handlers.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use hyper::Method;
use hyper::header::IF_NONE_MATCH;
use hyper::http::request::Parts;
use jiff::tz::TimeZone;
use muista_core::error::{Error, Result};
use muista_core::model::{Id, RecordKind, RecordRef};
use muista_core::service::{Caller, Service, short_id};
use muista_core::time::{self, Context};

use crate::http::app::App;
use crate::http::middleware::auth::Peer;
use crate::http::middleware::etag::Wanted;
use crate::http::problem::Problem;

/// A request of a caller who is known and may make it.
pub(crate) struct Call {
    pub(crate) app: App,
    /// Where the request comes from.
    pub(crate) address: IpAddr,
    /// The path below which the client reaches the daemon; empty where that is the root.
    pub(crate) base: Arc<str>,
    /// Who calls.
    pub(crate) caller: Caller,
    /// The zone that `tz=` asks for, in which answers are then given too.
    pub(crate) zone: Option<TimeZone>,
    /// What `If-None-Match` says; nothing where that is no matter of whether to send what is known (RFC 9110 §13.1.2).
    pub(crate) if_none_match: Option<String>,
    /// The version that `If-Match` wants.
    pub(crate) if_match: Wanted,
}

impl Call {
    /// The use cases.
    pub(crate) fn service(&self) -> &Service {
        &self.app.service
    }

    /// Returns the id of a record that is named by it or by a part of it.
    ///
    /// # Errors
    /// `NotFound` where nothing goes by that, `Conflict` where several do.
    pub(crate) async fn id(&self, kind: RecordKind, named: RecordRef) -> Result<Id> {
        short_id::resolve(self.service(), &self.caller, kind, named).await
    }

    /// Checks that `If-Match` wants what there is, which has this version. For what the database keeps no version of.
    ///
    /// # Errors
    /// `PreconditionFailed` when it wants another.
    pub(crate) fn matches(&self, version: i64) -> Result<()> {
        match self.if_match.version() {
            Some(wanted) if wanted != version => {
                Err(Error::precondition_failed("it was changed meanwhile").hint("look at it again"))
            }
            _ => Ok(()),
        }
    }

    /// What dates of the request are read against.
    ///
    /// # Errors
    /// `Invalid` when the account's zone does not exist any more.
    pub(crate) fn context(&self) -> Result<Context> {
        self.app.context(&self.caller, self.zone.as_ref())
    }
}

impl FromRequestParts<App> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = parts.extensions.remove::<Caller>();
        let caller = caller.ok_or_else(|| Error::internal("a route has no guard"))?;
        Ok(Self {
            app: app.clone(),
            address: parts.extensions.get::<Peer>().map_or(IpAddr::from([0; 4]), |peer| peer.address),
            base: parts.extensions.get::<Peer>().map(|peer| Arc::clone(&peer.base)).unwrap_or_default(),
            caller,
            zone: zone(parts.uri.query())?,
            if_none_match: known(parts),
            if_match: parts.extensions.get::<Wanted>().copied().unwrap_or_default(),
        })
    }
}

/// What `If-None-Match` says. Only what looks may be answered with 304.
fn known(parts: &Parts) -> Option<String> {
    let looks = matches!(parts.method, Method::GET | Method::HEAD);
    let said = parts.headers.get(IF_NONE_MATCH).filter(|_| looks)?;
    said.to_str().ok().map(str::to_owned)
}

/// The zone that `tz=` names.
fn zone(query: Option<&str>) -> Result<Option<TimeZone>, Problem> {
    // The last one counts, and most requests have none.
    let Some(query) = query.filter(|query| query.contains("tz=")) else { return Ok(None) };
    let named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "tz").last();
    let read = |name: &str| {
        time::zone(name).map_err(|error| muista_core::error::Error::invalid("tz", error.message).hint(error.hint))
    };
    Ok(named.map(|(_, name)| read(&name)).transpose()?)
}
