//! What the engine would have left behind, written by hand: messages that wait, and messages that failed.

use muista_core::model::{Channel, Id};
use muista_core::rpc::{Client, in_process_as};
use muista_core::service::{Caller, Service, Settings};
use muista_core::store::{Database, Store, Workers};

use crate::world::*;

impl World {
    /// An instant as the database's SQL writes it.
    pub(crate) fn moment_of(&self, at: &str) -> String {
        match self.database {
            Database::Sqlite(_) => instant(at).as_micros().to_string(),
            Database::Postgres(_) => format!("timestamptz '{at}'"),
        }
    }

    /// A message that waits to be delivered; of two, the one with the larger id is the newer.
    pub(crate) fn waiting(&self, id: Id, reminder: Option<Id>) {
        let of = reminder.map_or("NULL".to_owned(), |reminder| self.id(reminder));
        let at = self.moment_of(&format!("2026-11-21T09:{:02}:00Z", id.as_bytes()[15] % 60));
        let (id, user) = (self.id(id), self.id(Id::LOCAL_USER));
        self.sql(&format!(
            "INSERT INTO notifications (id, user_id, reminder_id, recipient, channel, next_attempt_at, created_at) \
             VALUES ({id}, {user}, {of}, 'old@example.org', 'email', {at}, {at})"
        ));
    }

    /// The same message, given up.
    pub(crate) fn failed(&self, id: Id) {
        self.sql(&format!(
            "UPDATE notifications SET status = 'FAILED', next_attempt_at = NULL, attempts = 4, \
             error_message = '550 no such mailbox' WHERE id = {}",
            self.id(id)
        ));
    }

    /// A client of a service that is configured to reach somebody on that channel.
    pub(crate) fn reached(&self, channel: Channel, recipient: &str) -> Client {
        let local = Caller::local(muista_core::model::Origin::Cli, Some(ZONE.to_owned()));
        self.reached_as(local, &[(channel, recipient)])
    }

    /// A caller's client of a service that is configured to reach the local account there.
    pub(crate) fn reached_as(&self, caller: Caller, recipients: &[(Channel, &str)]) -> Client {
        let recipients = recipients.iter().map(|(channel, recipient)| (*channel, (*recipient).to_owned())).collect();
        let settings = Settings { recipients, ..Settings::default() };
        let clock: std::sync::Arc<dyn muista_core::clock::Clock> = self.clock.clone();
        let store = Store::open(&options(self.database.clone(), Workers::Embedded), &clock).unwrap();
        in_process_as(Service::new(store, clock).with_settings(settings), caller)
    }
}
