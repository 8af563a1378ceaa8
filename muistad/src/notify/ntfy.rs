//! Push messages by an ntfy server, published as JSON: so titles may hold any character.

use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use muista_core::config::{NtfyConfig, Secret};
use muista_core::error::Result;
use muista_core::model::Channel;
use serde::{Deserialize, Serialize};

use super::http::{self, Answer, Http};
use super::sms::secret_header;
use super::{Message, Outcome, Set, clip, missing};

/// A server makes a file of more bytes than this (ntfy's `message-size-limit`).
const TEXT_MAX: usize = 4096;
/// A character has 4 bytes at most in UTF-8.
const CHARACTER_MAX: usize = 4;

/// The channel.
#[derive(Debug)]
pub(super) struct Ntfy {
    http: Http,
    uri: Uri,
    topic: String,
    token: Option<Secret>,
}

#[derive(Serialize)]
struct Publish<'a> {
    topic: &'a str,
    title: &'a str,
    message: &'a str,
}

/// What the server says of a message that it does not take.
#[derive(Debug, Deserialize)]
struct Problem {
    error: String,
}

impl Ntfy {
    /// The channel as it is set up, or what is missing.
    ///
    /// # Errors
    /// `Invalid` when a setting cannot be used.
    pub(super) fn new(config: &NtfyConfig, http: Http) -> Result<Set<Self>> {
        let Some(topic) = &config.topic else {
            return Ok(Err(missing(Channel::Ntfy, "ntfy.url")));
        };
        let uri = http::uri("ntfy.url", &topic.server)?;
        Ok(Ok(Self { http, uri, topic: topic.name.clone(), token: config.token.clone() }))
    }

    /// What proves that messages may be pushed there, as the token reads now.
    fn authorization(&self) -> Result<Option<HeaderValue>> {
        let bearer = |token: &Secret| secret_header("ntfy.token", &format!("Bearer {}", token.reveal()?));
        self.token.as_ref().map(bearer).transpose()
    }

    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let text = match message.body.trim() {
            "" => &message.title,
            body => body,
        };
        let text = if text.len() > TEXT_MAX { clip(text, TEXT_MAX / CHARACTER_MAX) } else { text.to_owned() };
        let publish = Publish { topic: &self.topic, title: &message.title, message: &text };
        let body = match serde_json::to_vec(&publish) {
            Ok(body) => body,
            Err(error) => return Outcome::failed(format!("the message cannot be written: {error}")),
        };
        let authorization = match self.authorization() {
            Ok(authorization) => authorization,
            Err(error) => return Outcome::down(error.message),
        };
        let headers = authorization.into_iter().map(|value| (AUTHORIZATION, value)).collect::<HeaderMap>();
        match self.http.post(&self.uri, headers, "application/json", message, body).await {
            Ok(answer) => answer.outcome(self.uri.host().unwrap_or_default(), problem(&answer)),
            Err(outcome) => outcome,
        }
    }
}

fn problem(answer: &Answer) -> Option<String> {
    serde_json::from_slice::<Problem>(&answer.body).ok().map(|problem| problem.error)
}
