//! Webhooks: the payload as JSON, signed, so that the receiver can tell who sent it and when. Only public addresses are
//! reached, and those that `webhook.allow` names.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::Uri;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use muista_core::config::{Secret, WebhookConfig};
use muista_core::error::Result;
use muista_core::model::Channel;
use sha2::Sha256;

use super::guard::Guard;
use super::http::{self, Http};
use super::{Message, Outcome, Set, missing};

const TIMESTAMP: HeaderName = HeaderName::from_static("x-muista-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-muista-signature");

/// The channel.
#[derive(Debug)]
pub(super) struct Webhook {
    http: Http,
    uri: Uri,
    secret: Option<Secret>,
}

impl Webhook {
    /// The channel as it is set up, or what is missing.
    ///
    /// # Errors
    /// `Invalid` when a setting cannot be used.
    pub(super) fn new(config: &WebhookConfig) -> Result<Set<Self>> {
        let Some(url) = &config.url else {
            return Ok(Err(missing(Channel::Webhook, "webhook.url")));
        };
        let uri = http::uri("webhook.url", url)?;
        let http = Http::new(Some(Guard::new(config.allow.clone())))?;
        Ok(Ok(Self { http, uri, secret: config.secret.clone() }))
    }

    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let body = message.payload.to_string();
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut headers = HeaderMap::from_iter([(TIMESTAMP, HeaderValue::from(timestamp))]);
        match self.secret.as_ref().map(Secret::reveal).transpose() {
            Ok(secret) => headers.extend(
                secret.and_then(|secret| signature(&secret, timestamp, &body)).map(|signature| (SIGNATURE, signature)),
            ),
            // Never unsigned where a signature is asked for.
            Err(error) => return Outcome::down(error.message),
        }
        match self.http.post(&self.uri, headers, "application/json", message, body).await {
            // What a stranger's server says may repeat what it was sent.
            Ok(answer) => answer.outcome(self.uri.host().unwrap_or_default(), None),
            Err(outcome) => outcome,
        }
    }
}

/// `v1=` and the HMAC-SHA256 of `TIMESTAMP.BODY` in hexadecimal digits.
fn signature(secret: &str, timestamp: u64, body: &str) -> Option<HeaderValue> {
    // A key may have any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{timestamp}.{body}").as_bytes());
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("v1={digits}")).ok()
}
