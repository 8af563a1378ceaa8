//! Notifications on the desktop of this machine's user, by the freedesktop Desktop Notifications Specification over
//! D-Bus. A machine without a desktop has nobody to show them to, so there they fail, in words.

use std::collections::HashMap;
use std::time::Duration;

use zbus::Variant;
use zbus::{Connection, connection};

use super::{Message, Outcome};

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// How long the desktop may take.
const TIME: Duration = Duration::from_secs(5);
/// The desktop decides how long the notification stays.
const EXPIRES_BY_ITSELF: i32 = -1;
/// It replaces no other.
const REPLACES_NONE: u32 = 0;

/// The channel.
#[derive(Debug)]
pub(super) struct Desktop {
    /// The bus's address; none: the session's.
    address: Option<String>,
}

impl Desktop {
    /// The desktop of the session that the daemon runs in.
    pub(super) fn of_session() -> Self {
        Self { address: None }
    }

    /// The desktop at another bus.
    #[cfg(test)]
    pub(super) fn at(address: &str) -> Self {
        Self { address: Some(address.to_owned()) }
    }

    pub(super) async fn send(&self, message: &Message) -> Outcome {
        match tokio::time::timeout(TIME, self.show(message)).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::retry(format!("the desktop did not answer within {} s", TIME.as_secs())),
        }
    }

    async fn show(&self, message: &Message) -> Outcome {
        let bus = match self.connect().await {
            Ok(bus) => bus,
            Err(error) => return Outcome::failed(format!("there is no desktop here: no D-Bus session ({error})")),
        };
        let markup = match capabilities(&bus).await {
            Ok(capabilities) => capabilities.iter().any(|capability| capability == "body-markup"),
            Err(error) => {
                return Outcome::failed(format!("there is no desktop here that shows notifications ({error})"));
            }
        };
        let body = if markup { super::render::escape(&message.body) } else { message.body.clone() };
        let hints = HashMap::from([("desktop-entry", Variant::from("muista"))]);
        let actions: &[&str] = &[];
        let notify =
            ("Muista", REPLACES_NONE, "", message.title.as_str(), body.as_str(), actions, hints, EXPIRES_BY_ITSELF);
        match bus.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &notify).await {
            Ok(_) => Outcome::Sent,
            Err(error) => Outcome::retry(format!("the desktop did not show it: {error}")),
        }
    }

    async fn connect(&self) -> zbus::Result<Connection> {
        match &self.address {
            Some(address) => connection::Builder::address(address.as_str()).build().await,
            None => Connection::session().await,
        }
    }
}

async fn capabilities(bus: &Connection) -> zbus::Result<Vec<String>> {
    bus.call_method(Some(SERVICE), PATH, Some(SERVICE), "GetCapabilities", &()).await?.body().deserialize()
}
