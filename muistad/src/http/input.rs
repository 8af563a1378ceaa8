//! What a request says: [`Json`] for its body, [`Params`] for its query, [`Path`] for its place. Each says in words what
//! cannot be read, and names the field.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use muista_core::error::Error;
use muista_core::input::{self, Object, Zone, deserialize_error, deserialize_error_of_text};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use utoipa::IntoParams;

use crate::http::app::App;
use crate::http::problem::Problem;

/// A JSON object as the body.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let body = body(request).await?;
        let body = body.ok_or_else(|| Error::invalid("body", "there is no body").hint("send a JSON object"))?;
        read(&body).map(|Object(value)| Self(value))
    }
}

/// A JSON object as the body, or nothing: no body, or `null`.
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned> FromRequest<App> for Maybe<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let Some(body) = body(request).await? else { return Ok(Self(None)) };
        read(&body).map(|value: Option<Object<T>>| Self(value.map(|Object(value)| value)))
    }
}

/// The body of a route that takes nothing but its path: an object without fields. One that has some asks for what would not
/// be done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFields {}

/// Returns the body, where there is one.
async fn body(request: Request) -> Result<Option<Bytes>, Problem> {
    let (parts, body) = request.into_parts();
    // `authorize` has read it already, and knows how long it may be.
    let body = axum::body::to_bytes(body, usize::MAX).await;
    let body = body.map_err(|_| Problem::malformed("the body broke off"))?;
    if body.is_empty() {
        return Ok(None);
    }
    if !is_json(&parts) {
        let detail = "the body is not declared as JSON; send Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", detail));
    }
    Ok(Some(body))
}

fn is_json(parts: &Parts) -> bool {
    let declared = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.eq_ignore_ascii_case("application/merge-patch+json")
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            // What is wrong with the first value matters only where all of it is JSON.
            serde_json::error::Category::Data if serde_json::from_slice::<IgnoredAny>(body).is_ok() => {
                deserialize_error(&field, &inner.to_string(), "body").into()
            }
            _ => Problem::malformed(format!("the body is no JSON: {inner}")),
        }
    })?;
    json.end().map_err(|error| Problem::malformed(format!("the body is no JSON: {error}")))?;
    Ok(value)
}

/// The parameters of the query. One that is not known is refused, since what it wants would not be done.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes());
        if pairs.clone().any(|(name, value)| name.contains('\u{FFFD}') || value.contains('\u{FFFD}')) {
            return Err(Problem::malformed("the query is not UTF-8"));
        }
        // What a script left empty would otherwise be as good as not asked for.
        if let Some((name, _)) = pairs.clone().find(|(_, value)| value.is_empty()) {
            let message = format!("the parameter {} has no value", name.escape_debug());
            return Err(Error::invalid(&name, message).hint("give it one, or leave it out").into());
        }
        // `tz` goes with every request, and is the call's.
        let others = query.split('&').filter(|pair| !pair.starts_with("tz=")).collect::<Vec<_>>().join("&");
        let read = serde_html_form::Deserializer::from_bytes(others.as_bytes());
        let given = |field: &str| pairs.filter(|(name, _)| name == field).last().map(|(_, value)| value);
        serde_path_to_error::deserialize(read).map(Self).map_err(|error| {
            // A parameter that may be given several times stands under its name alone.
            let path = error.path().to_string();
            let field = path.split('[').next().unwrap_or_default().to_owned();
            let message = error.into_inner().to_string();
            match given(&field) {
                Some(value) => deserialize_error_of_text(&field, &value, &message).into(),
                None => deserialize_error(&field, &message, "query").into(),
            }
        })
    }
}

/// For routes that take no parameters but `tz`.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoParams {}

/// The parameter that goes with every request whose dates are read, or answered, in a zone.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only stands in the document: the call reads it")]
pub(crate) struct InZone {
    /// The zone that dates are read and answered in. Left out: they are read in the account's, and answered in UTC.
    #[param(value_type = Option<Zone>, example = "Europe/Helsinki")]
    tz: Option<String>,
}

/// Which part of a list is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Maximum number of items.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(crate) limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(value_type = Option<String>, pattern = "^([0-9a-f]{2})+$")]
    pub(crate) cursor: Option<String>,
}

impl Paging {
    /// Returns how many items at most.
    ///
    /// # Errors
    /// `Invalid` for none, and for more than a page may hold.
    pub(crate) fn limit(&self) -> Result<u32, Error> {
        input::limit(self.limit)
    }
}

/// A part of the request's path, read as `T`. What cannot be read names nothing that is there.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: std::str::FromStr<Err = Error> + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let text = axum::extract::Path::<String>::from_request_parts(parts, app).await;
        let axum::extract::Path(text) = text.map_err(|_| Problem::malformed("the path is not UTF-8"))?;
        text.parse().map(Self).map_err(|error: Error| Error::not_found(error.message).into())
    }
}

/// Two parts of the request's path, read as `A` and `B`. What cannot be read names nothing that is there.
pub(crate) struct Paths<A, B>(pub(crate) A, pub(crate) B);

impl<A, B> FromRequestParts<App> for Paths<A, B>
where
    A: std::str::FromStr<Err = Error> + Send,
    B: std::str::FromStr<Err = Error> + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let texts = axum::extract::Path::<(String, String)>::from_request_parts(parts, app).await;
        let axum::extract::Path((one, other)) = texts.map_err(|_| Problem::malformed("the path is not UTF-8"))?;
        let nothing = |error: Error| Error::not_found(error.message);
        Ok(Self(one.parse().map_err(nothing)?, other.parse().map_err(nothing)?))
    }
}
