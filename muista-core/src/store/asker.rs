//! Who asks the store for something, and until when an answer is wanted. A way in says so for all that a request does
//! ([`on_behalf_of`]); work that nobody says it of is nobody's, and has its turn like an account's.

use std::time::{Duration, Instant};

use crate::model::Id;

/// Whose work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Party {
    /// The engine's, which goes before all others: what falls due is not late because somebody reads.
    Engine,
    /// An account's.
    Account(Id),
    /// Nobody's in particular: finding out who comes in, and upkeep.
    Nobody,
}

/// Who asks, and until when an answer is wanted.
#[derive(Debug, Clone, Copy)]
struct Asker {
    party: Party,
    deadline: Instant,
}

tokio::task_local! {
    static ASKER: Asker;
}

/// Runs `work`, a request of this account's that is to be answered until then: what it reads and writes has the account's
/// turn, and ends at the deadline.
pub async fn on_behalf_of<F: Future>(account: Id, deadline: Instant, work: F) -> F::Output {
    // A request of somebody who is not known is nobody's.
    let party = if account == Id::NIL { Party::Nobody } else { Party::Account(account) };
    ASKER.scope(Asker { party, deadline }, work).await
}

/// Whose request this is.
pub(crate) fn party() -> Party {
    ASKER.try_with(|asker| asker.party).unwrap_or(Party::Nobody)
}

/// Until when an answer is wanted; so long from now at most.
pub(super) fn deadline(most: Duration) -> Instant {
    let latest = Instant::now() + most;
    ASKER.try_with(|asker| asker.deadline.min(latest)).unwrap_or(latest)
}
