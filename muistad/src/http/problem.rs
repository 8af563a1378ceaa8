//! Problem documents (RFC 9457): the one table that turns an error's kind into an HTTP status. The document is written
//! by the middleware stack, which knows the request's id.

use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use muista_core::error::{Error, ErrorKind, Trouble};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::middleware::rate_limit::Left;

/// What a handler answers.
pub(crate) type Reply = Result<Response, Problem>;

/// Why a request was not done.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The stable code.
    pub(crate) code: &'static str,
    /// What of the daemon is the matter, where that is why.
    pub(crate) reason: Option<Reason>,
    /// What is wrong, in words.
    pub(crate) detail: Box<str>,
    /// The fields that are wrong.
    pub(crate) errors: Box<[FieldError]>,
    /// After how many seconds it may be tried again.
    pub(crate) retry_after: Option<u32>,
    /// The setting that raises the limit, where that is the problem.
    pub(crate) limit: Option<Box<str>>,
    /// How many requests are left, where that is the problem.
    pub(crate) left: Option<Left>,
    /// The methods that there are.
    pub(crate) allow: Option<&'static str>,
    /// What is behind it, for the log alone: it may name hosts and paths.
    pub(crate) cause: Option<Box<str>>,
}

/// What of the daemon is the matter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reason {
    /// It is about to stop.
    Stopping,
    /// A duty of its engine does not look around any more.
    SchedulerHangs,
    /// A duty of its engine fails again and again.
    SchedulerFails,
    /// Its database can do nothing, or write nothing.
    Database(Trouble),
}

impl Reason {
    /// Returns the stable word.
    fn code(self) -> &'static str {
        match self {
            Self::Stopping => "STOPPING",
            Self::SchedulerHangs => "SCHEDULER_HANGS",
            Self::SchedulerFails => "SCHEDULER_FAILS",
            Self::Database(trouble) => trouble.code(),
        }
    }
}

/// A field that is wrong, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field's name, in camelCase; what stands within another after a dot.
    pub(crate) field: String,
    /// What is wrong with it, and what would be right.
    pub(crate) message: String,
}

/// The document: why a request was not done (RFC 9457 §3.1).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem, example = json!({
    "type": "about:blank", "title": "Not Found", "status": 404, "code": "NOT_FOUND",
    "detail": "there is no task 7", "errors": [], "requestId": "0199c0de-0000-7000-8000-000000000007"
}))]
pub(crate) struct Document<'a> {
    /// `about:blank`: the status says what kind of problem it is.
    r#type: &'static str,
    /// The status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// The kind of problem, a stable word: `NOT_FOUND`, `INVALID` …
    code: &'a str,
    /// What of the daemon is the matter, a stable word: `DISK_FULL`, `DATABASE_READ_ONLY` …
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// Of `QUOTA`: the setting that raises the limit, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'a str>,
    /// What is wrong, and the remedy.
    detail: &'a str,
    /// The fields that are wrong.
    errors: &'a [FieldError],
    /// The request's id, which stands in the log too.
    request_id: &'a str,
}

impl Problem {
    /// Makes a problem of the request itself rather than of what it asks for.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            reason: None,
            detail: Into::<String>::into(detail).into_boxed_str(),
            errors: Box::default(),
            retry_after: None,
            limit: None,
            left: None,
            allow: None,
            cause: None,
        }
    }

    /// Says what of the daemon is the matter.
    pub(crate) fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Makes a problem of what was sent too slowly.
    pub(crate) fn too_slow(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "TOO_SLOW", detail)
    }

    /// Makes a problem of what cannot be read: no JSON, no UTF-8.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MALFORMED", detail)
    }

    /// Returns the document as JSON.
    pub(crate) fn document(&self, request_id: &str) -> Vec<u8> {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let (status, code, detail, errors) = (self.status.as_u16(), self.code, &*self.detail, &*self.errors);
        let reason = self.reason.map(Reason::code);
        let limit = self.limit.as_deref();
        let document =
            Document { r#type: "about:blank", title, status, code, reason, limit, detail, errors, request_id };
        // Texts and numbers alone, which always can be written.
        serde_json::to_vec(&document).unwrap_or_default()
    }
}

/// Returns the status of an error's kind.
fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden | ErrorKind::Quota => StatusCode::FORBIDDEN,
        ErrorKind::RateLimited | ErrorKind::DailyLimit => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = error.kind.code();
        let (message, retry_after, cause) = match error.kind {
            ErrorKind::Internal => ("the request failed inside Muista".to_owned(), None, Some(error.message.into())),
            ErrorKind::Unavailable => {
                let matter = error.trouble.map_or("the database does not answer", Trouble::sentence);
                (format!("{matter}; try again in a moment"), Some(1), Some(error.message.into()))
            }
            _ => (error.message, error.retry_after, None),
        };
        let detail = match &error.hint {
            Some(hint) if cause.is_none() => format!("{message}; {hint}"),
            _ => message.clone(),
        };
        let errors = error.field.map(|field| FieldError { field, message }).into_iter().collect();
        let reason = error.trouble.map(Reason::Database);
        let limit = error.limit.map(String::into_boxed_str);
        Self { errors, reason, limit, retry_after, cause, ..Self::new(status(error.kind), code, detail) }
    }
}

impl IntoResponse for Problem {
    /// Returns a response without a body, which the middleware stack writes.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"muista\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(left) = self.left {
            left.tell(&mut response);
        }
        let headers = response.headers_mut();
        if let Some(methods) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(methods));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_inside_is_not_told() {
        let problem = Problem::from(Error::internal("no such table: tasks at /var/lib/muista"));
        assert!(!problem.detail.contains("/var"), "{}", problem.detail);
        let problem = Problem::from(Error::unavailable("cannot connect to postgres://db.internal"));
        assert_eq!((problem.status.as_u16(), problem.retry_after), (503, Some(1)));
        assert!(!problem.detail.contains("db.internal"), "{}", problem.detail);
    }

    #[test]
    fn a_wrong_field_is_named_with_its_remedy() {
        let problem = Problem::from(Error::invalid("title", "the title is empty").hint("write one"));
        assert_eq!((problem.status.as_u16(), &*problem.detail), (422, "the title is empty; write one"));
        assert_eq!(problem.errors[0].field, "title");
    }
}
