//! [`RequestContext`]: what is found out about a request on its way in, for those who count and log it when it comes out.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use muista_core::model::Id;

use crate::http::metrics::Route;

/// What is found out about a request.
#[derive(Debug, Default)]
pub(crate) struct RequestContext {
    route: OnceLock<Arc<Route>>,
    user: OnceLock<Id>,
    stage: AtomicU8,
    form: AtomicU8,
    message_id: OnceLock<Box<str>>,
}

/// In which form the client is told what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A problem document (RFC 9457).
    Problem,
    /// The envelope of an agent's messages.
    Envelope,
    /// An error of JSON-RPC 2.0.
    JsonRpc,
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Muista works on it.
    Working,
    /// Its body is being read, before anything is done.
    Reading,
    /// Its handler reads the body as it comes.
    Uploading,
    /// Muista works on a call, which may wait for the end of what it began.
    Calling,
}

impl RequestContext {
    /// It matched a route.
    pub(crate) fn matched(&self, route: &Arc<Route>) {
        // A request matches once.
        let _ = self.route.set(Arc::clone(route));
    }

    /// It is a user's.
    pub(crate) fn made_by(&self, user: Id) {
        let _ = self.user.set(user);
    }

    /// It has come as far as this.
    pub(crate) fn reached(&self, stage: Stage) {
        self.stage.store(stage as u8, Relaxed);
    }

    /// What goes wrong with it is told in this form.
    pub(crate) fn is_told_as(&self, form: Form) {
        self.form.store(form as u8, Relaxed);
    }

    /// In which form what goes wrong with it is told.
    pub(crate) fn form(&self) -> Form {
        match self.form.load(Relaxed) {
            1 => Form::Envelope,
            2 => Form::JsonRpc,
            _ => Form::Problem,
        }
    }

    /// The message goes by this, a call by this as JSON.
    pub(crate) fn goes_by(&self, id: &str) {
        // A request holds one message.
        let _ = self.message_id.set(id.into());
    }

    /// Returns what the message goes by, where that is known.
    pub(crate) fn message_id(&self) -> Option<&str> {
        self.message_id.get().map(|id| &**id)
    }

    /// Returns the route that it matched, if any.
    pub(crate) fn route(&self) -> Option<&Route> {
        self.route.get().map(|route| &**route)
    }

    /// Returns whose it is, where that is known.
    pub(crate) fn user(&self) -> Option<Id> {
        self.user.get().copied()
    }

    /// Returns how far it has come.
    pub(crate) fn stage(&self) -> Stage {
        match self.stage.load(Relaxed) {
            1 => Stage::Reading,
            2 => Stage::Uploading,
            3 => Stage::Calling,
            _ => Stage::Working,
        }
    }
}
