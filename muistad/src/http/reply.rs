//! What handlers answer with: JSON, in UTC or in the zone that was asked for; with an entity tag where it is a single
//! resource.

use std::fmt::Write as _;

use axum::body::Body;
use axum::response::Response;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use muista_core::error::Error;
use muista_core::model::line_in_zone;
use serde::Serialize;

use crate::http::call::Call;
use crate::http::middleware::etag;
use crate::http::problem::{Problem, Reply};

/// `200 OK` with a list or another thing that has no version.
pub(crate) fn ok(call: &Call, value: &impl Serialize) -> Reply {
    Ok(json(StatusCode::OK, text(call, value)?))
}

/// `200 OK` with a resource, or `304 Not Modified` where the client has it already.
pub(crate) fn one(call: &Call, value: &impl Serialize, version: i64) -> Reply {
    let text = text(call, value)?;
    let tag = etag::tag(call.service().epoch(), version, &text);
    let mut response = match &call.if_none_match {
        Some(known) if etag::matches(known, &tag) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        }
        _ => json(StatusCode::OK, text),
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// `200 OK` with a resource as a change has left it.
pub(crate) fn tagged(call: &Call, value: &impl Serialize, version: i64) -> Reply {
    let text = text(call, value)?;
    let tag = etag::tag(call.service().epoch(), version, &text);
    let mut response = json(StatusCode::OK, text);
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}

/// `201 Created` with a resource that was made at `place`.
pub(crate) fn created(call: &Call, value: &impl Serialize, version: i64, place: &str) -> Reply {
    let text = text(call, value)?;
    let tag = etag::tag(call.service().epoch(), version, &text);
    let mut response = json(StatusCode::CREATED, text);
    response.headers_mut().insert(ETAG, tag);
    response.headers_mut().insert(LOCATION, located(call, place)?);
    Ok(response)
}

/// A name as a part of a path: all but letters, digits and `-._~` escaped (RFC 3986 §2.1).
pub(crate) fn segment(name: &str) -> String {
    let mut segment = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}

/// `202 Accepted` with what was begun, which is at `place`.
pub(crate) fn accepted(call: &Call, value: &impl Serialize, place: &str) -> Reply {
    let mut response = json(StatusCode::ACCEPTED, text(call, value)?);
    response.headers_mut().insert(LOCATION, located(call, place)?);
    Ok(response)
}

/// A path of the daemon as the client reaches it.
fn located(call: &Call, place: &str) -> Result<HeaderValue, Problem> {
    let place = HeaderValue::from_str(&format!("{}{place}", call.base));
    Ok(place.map_err(|_| Error::internal("a resource has no place"))?)
}

/// `204 No Content`.
pub(crate) fn nothing() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The same response with sentences that the caller should be told, each a `Muista-Notice` header. What a header cannot
/// hold is escaped.
pub(crate) fn with_notices(mut response: Response, notices: &[String]) -> Response {
    for notice in notices {
        let ascii: String = notice.chars().flat_map(plain).collect();
        if let Ok(value) = HeaderValue::from_str(&ascii) {
            response.headers_mut().append(HeaderName::from_static("muista-notice"), value);
        }
    }
    response
}

/// A character as a header may hold it: visible ASCII, and the escape of any other.
fn plain(c: char) -> impl Iterator<Item = char> {
    let keep = c == ' ' || c.is_ascii_graphic();
    let escaped = (!keep).then(|| c.escape_default());
    keep.then_some(c).into_iter().chain(escaped.into_iter().flatten())
}

/// The JSON of `value`; its instants in the zone that was asked for.
pub(crate) fn text(call: &Call, value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    let written = match &call.zone {
        None => serde_json::to_vec(value),
        Some(zone) => line_in_zone(value, zone).map(String::into_bytes),
    };
    Ok(written.map_err(|e| Error::internal(format!("cannot write the answer: {e}")))?)
}

pub(crate) fn json(status: StatusCode, text: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
