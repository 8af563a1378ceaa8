//! The guard before each handler: finds out who calls, whether the credential is for this, whether there were too many
//! requests, and reads the body. A request that is refused is read to its end, within bounds, so that the next one on the
//! connection is understood.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes};
use hyper::header::{AUTHORIZATION, HeaderName};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use muista_core::error::Error;
use muista_core::model::Origin;
use muista_core::service::{Caller, Idempotency};

use super::app::App;
use super::limit::Left;
use super::problem::Problem;
use super::route::{Need, Takes};

/// The most bytes of a body.
pub(crate) const BODY_MAX: usize = 1 << 20;
/// The header of draft-ietf-httpapi-idempotency-key-header-06.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What a route wants.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) app: App,
    pub(crate) need: Need,
    pub(crate) takes: Takes,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Lets a request through to its handler.
pub(crate) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (caller, left) = match admit(&guard, &parts).await {
        Ok(admitted) => admitted,
        Err(problem) => return refuse(problem, body).await,
    };
    let body = match guard.takes {
        Takes::Stream => body,
        Takes::Json => match whole(body).await {
            Ok(bytes) => {
                let caller = match repeatable(&parts, &bytes, caller) {
                    Ok(caller) => caller,
                    Err(problem) => return problem.into_response(),
                };
                parts.extensions.insert(caller);
                let mut response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
                left.tell(&mut response);
                return response;
            }
            Err(problem) => return problem.into_response(),
        },
    };
    parts.extensions.insert(caller);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    left.tell(&mut response);
    response
}

/// Who calls, and how many requests are left.
async fn admit(guard: &Guard, parts: &Parts) -> Result<(Caller, Left), Problem> {
    let app = &guard.app;
    let address = parts.extensions.get::<Peer>().map_or(IpAddr::from([0; 4]), |peer| peer.0);
    let token = bearer(parts)?;
    let (scope, token) = match (guard.need, token) {
        (Need::Nothing, _) => return Ok((Caller::nobody(Origin::Rest), app.limits.of_address(address)?)),
        (Need::Stranger, _) => return Ok((Caller::nobody(Origin::Rest), app.limits.of_stranger(address)?)),
        (_, None) => {
            app.limits.of_address(address)?;
            let error = Error::unauthenticated("this needs a token").hint("send Authorization: Bearer TOKEN");
            return Err(error.into());
        }
        (Need::Caller, Some(token)) => (None, token),
        (Need::Scope(scope), Some(token)) => (Some(scope), token),
    };
    let caller = match app.auth.caller(token, Origin::Rest, None).await {
        Ok(caller) => caller,
        Err(error) => {
            // Guesses are counted by where they come from.
            app.limits.of_address(address)?;
            return Err(error.into());
        }
    };
    let left = app.limits.of_caller(&caller)?;
    if let Some(scope) = scope {
        caller.require(scope)?;
    }
    Ok((caller, left))
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1).
fn bearer(parts: &Parts) -> Result<Option<&str>, Problem> {
    let Some(header) = parts.headers.get(AUTHORIZATION) else { return Ok(None) };
    let token = header.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let wrong = || Error::unauthenticated("the Authorization header holds no bearer token");
    token
        .filter(|token| !token.is_empty())
        .map(Some)
        .ok_or_else(|| wrong().hint("send Authorization: Bearer TOKEN").into())
}

/// The caller with what makes a repeated request the same one, where it says so.
fn repeatable(parts: &Parts, body: &Bytes, caller: Caller) -> Result<Caller, Problem> {
    let Some(key) = parts.headers.get(IDEMPOTENCY_KEY).filter(|_| parts.method == Method::POST) else {
        return Ok(caller);
    };
    let place = parts.uri.path_and_query().map_or("", |place| place.as_str());
    let request = [parts.method.as_str().as_bytes(), place.as_bytes(), body];
    let idempotency = Idempotency::new(key.to_str().unwrap_or_default(), &request)?;
    Ok(Caller { idempotency: Some(Arc::new(idempotency)), ..caller })
}

/// The whole body.
async fn whole(body: Body) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > BODY_MAX as u64 {
        return Err(too_large());
    }
    match Limited::new(body, BODY_MAX).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::malformed("the body broke off")),
    }
}

/// Answers with `problem` after the body has been read, and thrown away, so far as one may be long.
pub(crate) async fn refuse(problem: Problem, body: Body) -> Response {
    let mut body = Limited::new(body, BODY_MAX);
    while let Some(Ok(_)) = body.frame().await {}
    problem.into_response()
}

fn too_large() -> Problem {
    let detail = format!("the body has more than {BODY_MAX} bytes, which is 1 MiB");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", detail)
}
