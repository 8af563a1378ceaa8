//! [`Asset`]: a text that is the same for everybody who asks. It is compressed once and kept both ways, so that an answer
//! takes neither time nor memory of its own.

use std::io::Write as _;

use axum::body::{Body, Bytes};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, VARY,
};
use hyper::{HeaderMap, StatusCode};

use crate::http::middleware::etag;

/// A text that is the same for everybody.
pub(super) struct Asset {
    media_type: &'static str,
    plain: Form,
    gzip: Option<Form>,
}

/// One way in which it is sent, with the entity tag of that (RFC 9110 §8.8.3.3).
struct Form {
    content: Bytes,
    tag: HeaderValue,
}

/// Marks an answer whose body is shared with all others: as long as it waits to be sent it takes no memory of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared;

impl Asset {
    /// A text, and the same compressed, where that is worth it.
    pub(super) fn new(media_type: &'static str, content: Bytes, gzip: Option<Bytes>) -> Self {
        let form = |content: Bytes| Form { tag: etag::tag(0, 0, &content), content };
        Self { media_type, plain: form(content), gzip: gzip.map(form) }
    }

    /// A text that is compressed now.
    pub(super) fn compress(media_type: &'static str, content: Bytes) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory does not fail; without it the text goes as it is.
        let packed = encoder.write_all(&content).and_then(|()| encoder.finish()).ok();
        Self::new(media_type, content, packed.map(Bytes::from))
    }

    /// The answer to a request with these headers: `200 OK`, or `304 Not Modified` where the client has it already.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let packed = self.gzip.as_ref().filter(|_| takes_gzip(headers));
        let form = packed.unwrap_or(&self.plain);
        let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let fresh = known.is_some_and(|known| etag::matches(known, &form.tag));
        let body = if fresh { Body::empty() } else { Body::from(Bytes::clone(&form.content)) };
        let mut response = Response::new(body);
        if fresh {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(ETAG, form.tag.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response.extensions_mut().insert(Shared);
        response
    }
}

/// Whether `Accept-Encoding` takes gzip (RFC 9110 §12.5.3): by its name, or by `*` where it is not named.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    let (mut named, mut any) = (None, None);
    for coding in lists.flat_map(|list| list.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let wanted = weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            named = Some(wanted);
        } else if name == "*" {
            any = Some(wanted);
        }
    }
    named.or(any).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn headers(pairs: &[(hyper::header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (accepted, takes) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("x-gzip", true),
            ("gzip;q=0, *", false),
            ("gzip; q=0.000", false),
            ("gzip;q=x", false),
            ("*;q=0", false),
            ("identity", false),
            ("br, deflate", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&headers(&[(ACCEPT_ENCODING, accepted)])), takes, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn each_form_has_a_tag_of_its_own() {
        let asset = Asset::compress("text/plain", Bytes::from("muista ".repeat(1000)));
        let (plain, packed) = (asset.answer(&HeaderMap::new()), asset.answer(&headers(&[(ACCEPT_ENCODING, "gzip")])));
        assert_eq!(
            (plain.headers().get(CONTENT_ENCODING), packed.headers()[CONTENT_ENCODING].as_bytes()),
            (None, &b"gzip"[..])
        );
        let (plain, packed) = (&plain.headers()[ETAG], &packed.headers()[ETAG]);
        assert_ne!(plain, packed);
        for (accepted, tag, status) in [("gzip", packed, 304), ("gzip", plain, 200), ("br", plain, 304)] {
            let request = headers(&[(ACCEPT_ENCODING, accepted), (IF_NONE_MATCH, tag.to_str().unwrap())]);
            assert_eq!(asset.answer(&request).status(), status, "{accepted} {tag:?}");
        }
    }
}
