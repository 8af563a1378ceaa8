//! [`authorize`], which stands before each handler: finds out who calls, whether the credential is for this, whether there were too many
//! requests, and reads the body. A request that is refused is read to its end, within bounds, so that its answer arrives
//! and the next one on the connection is understood.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes};
use hyper::header::{AUTHORIZATION, EXPECT, HeaderName};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};
use muista_core::error::{Error, ErrorKind};
use muista_core::model::Origin;
use muista_core::service::{Caller, Credential, Idempotency, on_behalf_of};

use crate::http::app::App;
use crate::http::edge::activity::{Activity, AnonymousPermit};
use crate::http::edge::read_timeout;
use crate::http::json_rpc;
use crate::http::metrics::Route;
use crate::http::middleware::etag::Wanted;
use crate::http::middleware::rate_limit::Left;
use crate::http::middleware::request_context::{Form, RequestContext, Stage};
use crate::http::middleware::stack;
use crate::http::problem::Problem;
use crate::http::route_spec::{AuthPolicy, BodyKind};

/// The most bytes of a body.
pub(crate) const BODY_MAX: usize = 1 << 20;
/// The most bytes of a body that needs no token.
const ANONYMOUS_BODY_MAX: usize = 64 << 10;
/// The most bytes of a body that are read only to be thrown away.
const DISCARD_MAX: usize = 32 << 20;
/// How long that may take.
const DISCARD_TIME: Duration = Duration::from_secs(10);
/// How long a stranger who makes too many requests waits to be told.
const REFUSAL_PAUSE: Duration = Duration::from_millis(200);
/// The header of draft-ietf-httpapi-idempotency-key-header-06.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Authorizes the requests of one route, by what it wants.
#[derive(Clone)]
pub(crate) struct AuthLayer {
    pub(crate) app: App,
    pub(crate) policy: AuthPolicy,
    pub(crate) body_kind: BodyKind,
    /// What is counted of it.
    pub(crate) route: Arc<Route>,
}

/// Where a request comes from.
#[derive(Clone)]
pub(crate) struct Peer {
    /// The client's address, as far as it is known.
    pub(crate) address: IpAddr,
    /// Whether a proxy that is believed made the request for others.
    pub(crate) by_proxy: bool,
    /// The path below which the client reaches the daemon; empty where that is the root.
    pub(crate) base: Arc<str>,
    /// What its connection is doing.
    pub(crate) activity: Arc<Activity>,
}

/// Who makes a request, as far as that was found out.
struct Admitted {
    caller: Caller,
    left: Option<Left>,
    anonymous: Option<Arc<AnonymousPermit>>,
}

/// Lets a request through to its handler.
pub(crate) async fn authorize(State(layer): State<AuthLayer>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let context = parts.extensions.get::<Arc<RequestContext>>().cloned().unwrap_or_default();
    context.matched(&layer.route);
    match layer.body_kind {
        BodyKind::Message => context.is_told_as(Form::Envelope),
        BodyKind::Rpc => context.is_told_as(Form::JsonRpc),
        BodyKind::Json | BodyKind::Stream => {}
    }
    let Admitted { caller, left, anonymous } = match admit(&layer, &parts).await {
        Ok(admitted) => admitted,
        Err(problem) => return refuse(problem, Request::from_parts(parts, body)).await,
    };
    if caller.credential != Credential::Nothing {
        context.made_by(caller.user);
    }
    let (wanted, epoch) = match Wanted::of(&parts.headers, &layer.app.service).await {
        Ok(wanted) => wanted,
        Err(problem) => return refuse(problem, Request::from_parts(parts, body)).await,
    };
    let caller = Caller { epoch, ..caller };
    if layer.body_kind == BodyKind::Stream {
        context.reached(Stage::Uploading);
        let account = caller.user;
        parts.extensions.insert(caller);
        let work = next.run(Request::from_parts(parts, body));
        let mut response = on_behalf_of(account, deadline(layer.body_kind), work).await;
        tell(left, anonymous, &mut response);
        return response;
    }
    let (caller, bytes) = match read(&layer, &parts, body, caller, &context).await {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    let left = match layer.body_kind {
        BodyKind::Rpc => match turn(&layer.app, &caller, &bytes, &context).await {
            Ok(counted) => counted.or(left),
            Err(problem) => return problem.into_response(),
        },
        BodyKind::Json | BodyKind::Message | BodyKind::Stream => left,
    };
    let account = caller.user;
    parts.extensions.insert(caller);
    let work = attempt(parts, bytes, next, &wanted);
    let mut response = on_behalf_of(account, deadline(layer.body_kind), work).await;
    tell(left, anonymous, &mut response);
    response
}

/// Until when the answer to a request that takes this has to begin; nothing goes on for longer.
fn deadline(body_kind: BodyKind) -> Instant {
    let more = match body_kind {
        BodyKind::Stream => stack::UPLOAD_TIME,
        BodyKind::Rpc => stack::CALL_TIME,
        BodyKind::Json | BodyKind::Message => Duration::ZERO,
    };
    Instant::now() + stack::TIME + more
}

/// Tells how many requests are left. A stranger's place is taken until the answer is sent.
fn tell(left: Option<Left>, anonymous: Option<Arc<AnonymousPermit>>, response: &mut Response) {
    if let Some(left) = left {
        left.tell(response);
    }
    if let Some(anonymous) = anonymous {
        response.extensions_mut().insert(anonymous);
    }
}

/// Has the handler do it. Where `If-Match` is content with one of several versions, each is tried until one is the
/// resource's, so that it is compared in the transaction of the change.
async fn attempt(mut parts: Parts, bytes: Bytes, next: Next, wanted: &[Wanted]) -> Response {
    let Some((last, others)) = wanted.split_last() else {
        let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
        return if response.status() == StatusCode::PRECONDITION_FAILED { unconditional(response) } else { response };
    };
    for one in others {
        let mut again = parts.clone();
        again.extensions.insert(*one);
        let response = next.clone().run(Request::from_parts(again, Body::from(bytes.clone()))).await;
        if response.status() != StatusCode::PRECONDITION_FAILED {
            return response;
        }
    }
    parts.extensions.insert(*last);
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if response.status() == StatusCode::PRECONDITION_FAILED { explained(response, wanted) } else { response }
}

/// Says why none of the tags could match, where that is not since the thing was changed.
fn explained(mut response: Response, wanted: &[Wanted]) -> Response {
    let Some(detail) = Wanted::unfit(wanted) else { return response };
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    Problem { detail: detail.into(), ..problem }.into_response()
}

/// Makes a conflict of a failed precondition, where the body named the version that was changed meanwhile: then there
/// was no precondition that could fail (RFC 9110 §15.5.13).
fn unconditional(mut response: Response) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    Problem { status: StatusCode::CONFLICT, code: ErrorKind::Conflict.code(), ..problem }.into_response()
}

/// Reads the body, which may make the request the same as an earlier one.
async fn read(
    layer: &AuthLayer,
    parts: &Parts,
    body: Body,
    caller: Caller,
    context: &RequestContext,
) -> Result<(Caller, Bytes), Problem> {
    context.reached(Stage::Reading);
    let most = match layer.policy {
        AuthPolicy::Probe | AuthPolicy::Public | AuthPolicy::Anonymous => ANONYMOUS_BODY_MAX,
        AuthPolicy::Scope(_) | AuthPolicy::Credential => BODY_MAX,
    };
    let bytes = read_body(parts, body, most).await?;
    if layer.body_kind == BodyKind::Rpc {
        // A call may be several changes, each of which would be taken for the first one again.
        context.reached(Stage::Calling);
        return Ok((caller, bytes));
    }
    context.reached(Stage::Working);
    Ok((repeatable(parts, &bytes, caller)?, bytes))
}

/// Returns who calls, and how many requests are left.
async fn admit(layer: &AuthLayer, parts: &Parts) -> Result<Admitted, Problem> {
    let app = &layer.app;
    let Some(peer) = parts.extensions.get::<Peer>() else {
        return Err(Error::internal("a request has no peer").into());
    };
    // What needs no credential heeds none: a proxy may have left its own there.
    let scope = match layer.policy {
        AuthPolicy::Probe => return Ok(Admitted { caller: Caller::nobody(Origin::Rest), left: None, anonymous: None }),
        AuthPolicy::Anonymous => return admit_anonymous(peer, app.limits.of_anonymous(peer.address)).await,
        AuthPolicy::Public => return admit_anonymous(peer, app.limits.of_address(peer.address)).await,
        AuthPolicy::Scope(scope) => Some(scope),
        AuthPolicy::Credential => None,
    };
    let Some(token) = bearer(&parts.headers)? else {
        admit_anonymous(peer, app.limits.of_address(peer.address)).await?;
        let error = Error::unauthenticated("this needs a token").hint("send Authorization: Bearer TOKEN");
        return Err(error.into());
    };
    let caller = match app.auth.caller(token, Origin::Rest, None).await {
        Ok(caller) => caller,
        Err(error) => {
            // Guesses are counted by where they come from.
            admit_anonymous(peer, app.limits.of_address(peer.address)).await?;
            return Err(error.into());
        }
    };
    let left = match layer.body_kind {
        // Before it is known what is called, so that nobody has bodies read without end.
        BodyKind::Rpc => app.limits.of_lookup(&caller)?,
        BodyKind::Json | BodyKind::Message | BodyKind::Stream => app.limits.of_caller(&caller)?,
    };
    scope.map_or(Ok(()), |scope| caller.require(scope))?;
    Ok(Admitted { caller, left: Some(left), anonymous: None })
}

/// Admits who shows no token, where the limit of the address and that of the connection allow it. Who goes on beyond them
/// is told so with a delay, so that a flood of requests costs its sender time instead of the daemon.
async fn admit_anonymous(peer: &Peer, counted: Result<Left, Problem>) -> Result<Admitted, Problem> {
    // The connection of a proxy is many clients'.
    let permit = || (!peer.by_proxy).then(|| peer.activity.admit_anonymous()).transpose();
    match counted.and_then(|left| Ok((left, permit()?))) {
        Ok((left, anonymous)) => Ok(Admitted { caller: Caller::nobody(Origin::Rest), left: Some(left), anonymous }),
        Err(problem) => {
            tokio::time::sleep(REFUSAL_PAUSE).await;
            Err(problem)
        }
    }
}

/// Waits for the turn of a call that does something, and counts it. To connect and to ask what there is count for
/// nothing here: clients that connect anew for each call would use up their calls by that.
async fn turn(app: &App, caller: &Caller, body: &[u8], context: &RequestContext) -> Result<Option<Left>, Problem> {
    let call = json_rpc::Call::read(body);
    if let Some(id) = call.id {
        context.goes_by(&id);
    }
    if !call.works {
        return Ok(None);
    }
    app.limits.in_turn(caller).await.map(Some)
}

/// Returns the token of `Authorization: Bearer` (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(header) = headers.get(AUTHORIZATION) else { return Ok(None) };
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

/// Returns the caller with what makes a repeated request the same one, where it says so.
fn repeatable(parts: &Parts, body: &Bytes, caller: Caller) -> Result<Caller, Problem> {
    let Some(key) = parts.headers.get(IDEMPOTENCY_KEY).filter(|_| parts.method == Method::POST) else {
        return Ok(caller);
    };
    let place = parts.uri.path_and_query().map_or("", |place| place.as_str());
    let request = [parts.method.as_str().as_bytes(), place.as_bytes(), body];
    let idempotency = Idempotency::new(key.to_str().unwrap_or_default(), &request)?;
    Ok(Caller { idempotency: Some(Arc::new(idempotency)), ..caller })
}

/// Returns the whole body, of `most` bytes at most.
async fn read_body(parts: &Parts, mut body: Body, most: usize) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > most as u64 {
        // Who asks first need not send it at all.
        if !parts.headers.contains_key(EXPECT) {
            discard(body);
        }
        return Err(too_large(most));
    }
    match Limited::new(&mut body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            discard(body);
            Err(too_large(most))
        }
        Err(error) if read_timeout::is_silence(&*error) => Err(Problem::too_slow("the body did not go on in time")),
        Err(_) => Err(Problem::malformed("the body broke off")),
    }
}

/// Answers with `problem`, and throws the body away. Who asked first whether to send it need not.
pub(crate) async fn refuse(problem: Problem, request: Request) -> Response {
    if !request.headers().contains_key(EXPECT) {
        discard(request.into_body());
    }
    problem.into_response()
}

/// Reads what is left of a body, within bounds, while its request is answered already: whoever is still sending could not
/// read the answer otherwise, nor send the next request.
pub(crate) fn discard(body: Body) {
    if body.is_end_stream() {
        return;
    }
    let mut body = Limited::new(body, DISCARD_MAX);
    let rest = async move { while let Some(Ok(_)) = body.frame().await {} };
    let mut rest = Box::pin(tokio::time::timeout(DISCARD_TIME, rest));
    // Most have come already.
    if rest.as_mut().now_or_never().is_none() {
        tokio::spawn(rest);
    }
}

fn too_large(most: usize) -> Problem {
    let (size, unit) = if most < 1 << 20 { (most >> 10, "KiB") } else { (most >> 20, "MiB") };
    let detail = format!("the body has more than {most} bytes, which is {size} {unit}");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", detail)
}
