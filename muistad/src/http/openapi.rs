//! The OpenAPI document: what stands above the operations.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use super::problem::Document;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Muista", description = "Todos, reminders and script jobs.", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    components(schemas(Document<'_>))
)]
struct Head;

/// The document without its operations.
pub(crate) fn head() -> OpenApi {
    let mut document = Head::openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key (`muista token create`), or the access token of `POST /auth/login`."));
    document
        .components
        .get_or_insert_with(Default::default)
        .add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    document
}
