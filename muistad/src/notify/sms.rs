//! Text messages, by Twilio's API or one of its shape: one form a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use muista_core::config::{Secret, SmsConfig};
use muista_core::error::{Error, Result};
use muista_core::model::Channel;
use serde::Deserialize;

use super::http::{self, Answer, Http};
use super::{Message, Outcome, Set, clip, missing};

/// The API takes no more characters.
const TEXT_MAX: usize = 1600;

/// The channel.
#[derive(Debug)]
pub(super) struct Sms {
    http: Http,
    uri: Uri,
    account: String,
    token: Secret,
    from: String,
}

/// What the API says of a message that it does not take.
#[derive(Debug, Deserialize)]
struct Problem {
    code: Option<u32>,
    message: String,
}

impl Sms {
    /// The channel as it is set up, or what is missing.
    ///
    /// # Errors
    /// `Invalid` when a setting cannot be used.
    pub(super) fn new(config: &SmsConfig, http: Http) -> Result<Set<Self>> {
        let Some(account) = &config.account else {
            return Ok(Err(missing(Channel::Sms, "sms.account")));
        };
        let Some(token) = &config.token else {
            return Ok(Err(missing(Channel::Sms, "sms.token")));
        };
        let Some(from) = config.from.clone() else {
            return Ok(Err(missing(Channel::Sms, "sms.from")));
        };
        if !account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Error::invalid("sms.account", format!("`{account}` is not a valid account identifier"))
                .hint("it has letters and digits alone, as in AC0123456789abcdef0123456789abcdef"));
        }
        let uri = http::uri("sms.url", &format!("{}/2010-04-01/Accounts/{account}/Messages.json", config.url))?;
        Ok(Ok(Self { http, uri, account: account.clone(), token: token.clone(), from }))
    }

    /// What proves the account, as its token reads now.
    fn authorization(&self) -> Result<HeaderValue> {
        let proof = STANDARD.encode(format!("{}:{}", self.account, self.token.reveal()?));
        secret_header("sms.token", &format!("Basic {proof}"))
    }

    pub(super) async fn send(&self, message: &Message) -> Outcome {
        if !is_number(&message.recipient) {
            return Outcome::failed(format!("“{}” is not a valid telephone number", super::said(&message.recipient)));
        }
        let text = match message.body.trim() {
            "" => clip(&message.title, TEXT_MAX),
            body => clip(&format!("{}\n{body}", message.title), TEXT_MAX),
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", &message.recipient)
            .append_pair("From", &self.from)
            .append_pair("Body", &text)
            .finish();
        let authorization = match self.authorization() {
            Ok(authorization) => authorization,
            Err(error) => return Outcome::down(error.message),
        };
        let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization)]);
        match self.http.post(&self.uri, headers, "application/x-www-form-urlencoded", message, form).await {
            Ok(answer) => answer.outcome(self.uri.host().unwrap_or_default(), problem(&answer)),
            Err(outcome) => outcome,
        }
    }
}

fn problem(answer: &Answer) -> Option<String> {
    let problem: Problem = serde_json::from_slice(&answer.body).ok()?;
    Some(match problem.code {
        Some(code) => format!("{} ({code})", problem.message),
        None => problem.message,
    })
}

/// A number by E.164, as the settings take it.
fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
    })
}

/// A header that no log shows.
///
/// # Errors
/// `Invalid` for the setting `name` when the value holds what no header may.
pub(super) fn secret_header(name: &str, value: &str) -> Result<HeaderValue> {
    let mut header = HeaderValue::from_str(value).map_err(|_| {
        Error::invalid(name, format!("{name} holds characters that cannot be sent")).hint("copy it again")
    })?;
    header.set_sensitive(true);
    Ok(header)
}
