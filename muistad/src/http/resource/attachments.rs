//! `/tasks/{taskId}/attachments` and `/attachments`. A file is the body itself, in and out, and is never held in memory as a
//! whole.

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPECT, HeaderName, HeaderValue,
};
use hyper::{HeaderMap, StatusCode};
use muista_core::error::{Error, Result};
use muista_core::model::{Attachment, FileName, NewAttachment, RecordKind, RecordRef, TaskRef};
use muista_core::service::attachment::{self, Upload};
use muista_core::service::{Caller, Idempotency};
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::http::call::Call;
use crate::http::input::{NoParams, Paging, Params, Path};
use crate::http::middleware::auth::{IDEMPOTENCY_KEY, discard};
use crate::http::middleware::etag;
use crate::http::page;
use crate::http::problem::{Problem, Reply};
use crate::http::reply;

/// The version of every attachment: none is ever changed.
const VERSION: i64 = 1;
/// How many bytes of a file are read at a time.
const PIECE: usize = 64 << 10;

/// Lists a task's attachments
///
/// The oldest first.
#[utoipa::path(get, path = "/tasks/{taskId}/attachments", tag = "attachments", params(
    ("taskId" = inline(TaskRef), Path, description = "The task's number or id", example = "7"), Paging,
), responses((status = 200, description = "A page of its attachments", body = page::Items<Attachment>)))]
pub(crate) async fn list(call: Call, Path(task): Path<TaskRef>, Params(paging): Params<Paging>) -> Reply {
    let items = attachment::list(call.service(), &call.caller, task).await?;
    let items: Vec<_> = items.into_iter().map(|one| reached(&call, one)).collect();
    let place = |one: &Attachment| format!("{:020}{}", one.created_at.as_micros(), one.id);
    reply::ok(&call, &page::of(items, &paging, place)?)
}

/// How a file is called.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Named {
    /// The file's name, without a folder.
    #[param(inline, example = "prices.txt")]
    name: FileName,
}

/// A file of plain text, as the document has it: not empty.
struct TextFile;

impl PartialSchema for TextFile {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).into()
    }
}

impl ToSchema for TextFile {}

/// Attaches a file
///
/// The body is the file itself, as `curl --data-binary @invoice.pdf` sends it, of 25 MiB at most where nothing else is
/// configured. What it is, is found out from its content; `Content-Type` may say so, but must be right then. Pictures,
/// PDF, plain text, office documents, sound, films and zip files are taken.
#[utoipa::path(post, path = "/tasks/{taskId}/attachments", tag = "attachments", params(
    ("taskId" = inline(TaskRef), Path, description = "The task's number or id", example = "7"), Named,
), request_body(description = "The file", content(
    (TextFile = "text/plain", example = "12 tins of tuna: 23.40"), (Vec<u8> = "application/octet-stream"),
)), responses(
    (status = 201, description = "The attachment", body = Attachment, headers(
        ("Location" = String, description = "The attachment's path"), ("ETag" = String, description = "Its entity tag"),
    )),
))]
pub(crate) async fn add(
    call: Call,
    headers: HeaderMap,
    Path(task): Path<TaskRef>,
    Params(named): Params<Named>,
    body: Body,
) -> Reply {
    let place = format!("/tasks/{task}/attachments?name={}", named.name);
    let (most, size) = (call.service().attachment_max(), body.size_hint().lower());
    if size > most {
        let detail = format!("the file has {size} bytes; {most} are the most");
        let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE", detail);
        return Ok(turned_away(problem, &headers, body));
    }
    let declared = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let new = NewAttachment { task, name: named.name, media_type: declared };
    let upload = match attachment::begin(call.service(), &call.caller, new).await {
        Ok(upload) => upload,
        Err(error) => return Ok(turned_away(error.into(), &headers, body)),
    };
    let upload = receive(upload, body).await?;
    let caller = repeatable(&call, &headers, &place, &upload)?;
    let attachment = upload.finish(call.service(), &caller).await.map_err(problem)?;
    let place = format!("/attachments/{}", attachment.id);
    reply::created(&call, &reached(&call, attachment), VERSION, &place)
}

/// Returns the attachment with the address of its content as the client reaches it.
fn reached(call: &Call, attachment: Attachment) -> Attachment {
    Attachment { url: format!("{}{}", call.base, attachment.url), ..attachment }
}

/// Answers with `problem`. Who asked first whether to send the file need not.
fn turned_away(problem: Problem, headers: &HeaderMap, body: Body) -> Response {
    if !headers.contains_key(EXPECT) {
        discard(body);
    }
    problem.into_response()
}

/// Takes in the body as it comes. Of one that is too large, some more is read, so that its sender reads the answer.
async fn receive(mut upload: Upload, mut body: Body) -> Result<Upload, Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::malformed("the body broke off"))?;
        let Ok(bytes) = frame.into_data() else { continue };
        upload = match upload.push(bytes).await {
            Ok(upload) => upload,
            Err(error) => {
                discard(body);
                return Err(problem(error));
            }
        };
    }
    Ok(upload)
}

/// Returns the caller whose request is done once; what makes it the same request is the hash of the file, not the file.
fn repeatable(call: &Call, headers: &HeaderMap, place: &str, upload: &Upload) -> Result<Caller> {
    let caller = call.caller.clone();
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(caller) };
    let request: [&[u8]; 3] = [b"POST", place.as_bytes(), &upload.sha256()];
    let idempotency = Idempotency::new(key.to_str().unwrap_or_default(), &request)?;
    Ok(Caller { idempotency: Some(Arc::new(idempotency)), ..caller })
}

/// Gives what is wrong with a file the statuses of its own.
fn problem(error: Error) -> Problem {
    let (status, code) = match error.field.as_deref() {
        Some("mediaType") => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
        Some("sizeBytes") if !error.message.contains("empty") => (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"),
        _ => return error.into(),
    };
    Problem { status, code, ..error.into() }
}

/// Shows an attachment
///
/// Its name, size and kind; its content is at `url`.
#[utoipa::path(get, path = "/attachments/{attachmentId}", tag = "attachments", params(
    ("attachmentId" = inline(RecordRef), Path, description = "The attachment's id, its beginning, or its short id"),
), responses(
    (status = 200, description = "The attachment", body = Attachment, headers(
        ("ETag" = String, description = "Its entity tag"),
    )),
))]
pub(crate) async fn get(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Attachment, named).await?;
    let attachment = attachment::get(call.service(), &call.caller, id).await?;
    reply::one(&call, &reached(&call, attachment), VERSION)
}

/// Reads an attachment's content
///
/// The file, to be saved under its name.
#[utoipa::path(get, path = "/attachments/{attachmentId}/content", tag = "attachments", params(
    ("attachmentId" = inline(RecordRef), Path, description = "The attachment's id, its beginning, or its short id"),
), responses(
    (status = 200, description = "The file", body = Vec<u8>, content_type = "*/*", headers(
        ("Content-Disposition" = String, description = "The file's name (RFC 6266)"),
        ("ETag" = String, description = "The entity tag of the content"),
    )),
))]
pub(crate) async fn content(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Attachment, named).await?;
    let (attachment, file) = attachment::open(call.service(), &call.caller, id).await?;
    let tag = format!("\"{}\"", attachment.sha256.as_deref().unwrap_or_default());
    let tag = HeaderValue::from_str(&tag).map_err(|_| Error::internal("a hash is no entity tag"))?;
    let known = call.if_none_match.as_deref().is_some_and(|known| etag::matches(known, &tag));
    let mut response = match known {
        true => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        }
        false => full_content(&attachment, file)?,
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn full_content(attachment: &Attachment, file: File) -> Result<Response, Problem> {
    let mut response = Response::new(Body::from_stream(pieces(file)));
    let headers = response.headers_mut();
    let put = |headers: &mut HeaderMap, name: HeaderName, value: &str| {
        let value = HeaderValue::from_str(value).map_err(|_| Error::internal(format!("{name} cannot be sent")))?;
        headers.insert(name, value);
        Ok::<(), Error>(())
    };
    put(headers, CONTENT_TYPE, &content_type(&attachment.media_type))?;
    put(headers, CONTENT_DISPOSITION, &disposition(&attachment.name))?;
    headers.insert(CONTENT_LENGTH, HeaderValue::from(attachment.size_bytes));
    Ok(response)
}

fn content_type(media_type: &str) -> String {
    match media_type.starts_with("text/") {
        true => format!("{media_type}; charset=utf-8"),
        false => media_type.to_owned(),
    }
}

/// `Content-Disposition` with the name in ASCII, and as it is (RFC 6266 §4.3, RFC 8187 §3.2).
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\%".contains(c) { c } else { '_' }).collect();
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
    let encoded: String = name
        .bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// Returns the file, piece by piece.
fn pieces(file: File) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    futures::stream::try_unfold(file, async |mut file| {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}

/// Deletes an attachment
///
/// Whoever attached it may, and whoever may change the task. Undo brings it back within a week.
#[utoipa::path(delete, path = "/attachments/{attachmentId}", tag = "attachments", params(
    ("attachmentId" = inline(RecordRef), Path, description = "The attachment's id, its beginning, or its short id"),
), responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Attachment, named).await?;
    call.matches(VERSION)?;
    attachment::delete(call.service(), &call.caller, id).await?;
    Ok(reply::nothing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_travels_as_it_is() {
        assert_eq!(disposition("a b.pdf"), "attachment; filename=\"a_b.pdf\"; filename*=UTF-8''a%20b.pdf");
        assert_eq!(
            disposition("ä\"%.txt"),
            "attachment; filename=\"____.txt\"; filename*=UTF-8''%C3%A4%22%25.txt".replace("____", "___")
        );
    }
}
