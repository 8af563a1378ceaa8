//! The use cases of accounts: listing, making and changing them, setting passwords, and taking an account out of use.
//! Logging in is `session`'s, keys are `api_key`'s.

mod password;
mod reserved;

pub use password::set_password;
pub(crate) use password::{guessed, write_password};

use super::{address, api_key, session};
use crate::error::{Error, Result};
use crate::model::{
    Change, Channel, Email, Entity, Id, NewUser, Page, Role, Scope, User, UserPage, UserPatch, UserQuery, UserRef,
    ZoneName, cursor,
};
use crate::service::audit::audited::{Audited, RecordScope};
use crate::service::engine::daemon;
use crate::service::tx::{Tx, engine_transaction, transaction};
use crate::service::{Caller, Credential, Service, Settings, Topic, notification};
use crate::store::rows::AccountRow;
use crate::store::{self, Conn, RollbackPolicy};

impl Audited for User {
    const ENTITY: Entity = Entity::User;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.id, project: None })
    }
}

/// One page of all accounts, by name.
///
/// # Errors
/// `Forbidden` without the scope, `Invalid` for a foreign cursor.
pub async fn list(service: &Service, caller: &Caller, query: UserQuery) -> Result<UserPage> {
    caller.require(Scope::UsersRead)?;
    let after = query.cursor.as_deref().map(cursor::read::<String>).transpose()?;
    let limit = match query.limit {
        0 => Page::MAX,
        limit => limit.min(Page::MAX),
    };
    let look = move |conn: &mut Conn| store::user::list(conn, after.as_deref(), i64::from(limit) + 1);
    let mut rows = service.store.read(look).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let items = rows.into_iter().map(AccountRow::into_user).collect::<Result<Vec<_>>>()?;
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write(&last.username)).transpose()?;
    Ok(UserPage { items, next_cursor })
}

/// The caller's own account.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn me(service: &Service, caller: &Caller) -> Result<User> {
    caller.require(Scope::AccountRead)?;
    let own = UserRef::Id(caller.user);
    service.store.read(move |conn| find(conn, &own)).await
}

/// An account.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`.
pub async fn get(service: &Service, caller: &Caller, user: UserRef) -> Result<User> {
    caller.require(Scope::UsersRead)?;
    service.store.read(move |conn| find(conn, &user)).await
}

/// Makes an account.
///
/// # Errors
/// `Forbidden` without the scope, `Conflict` when the name or the address is taken, `Invalid` for a password that is
/// guessed at once.
pub async fn add(service: &Service, caller: &Caller, new: NewUser) -> Result<User> {
    caller.require(Scope::UsersWrite)?;
    insert(service, caller, new).await
}

/// Makes an account for whoever asks, where that is configured. It is a person's, and has a password.
///
/// # Errors
/// `Forbidden` where it is not configured or another role is asked for, and those of [`add`].
pub async fn register(service: &Service, caller: &Caller, new: NewUser) -> Result<User> {
    if !service.settings().register {
        return Err(Error::forbidden("registration is disabled").hint("ask an admin for an account"));
    }
    if reserved::is(&new.username) {
        return Err(Error::conflict(format!("the name {} is reserved", &*new.username))
            .of_field("username")
            .hint("choose another name"));
    }
    if new.role.is_some_and(|role| role != Role::User) {
        return Err(Error::forbidden("only an admin gives roles").hint("leave role out"));
    }
    if new.password.is_none() {
        return Err(Error::invalid("password", "the password is missing").hint("choose one"));
    }
    insert(service, caller, new).await
}

async fn insert(service: &Service, caller: &Caller, new: NewUser) -> Result<User> {
    let hash = match new.password.clone() {
        Some(password) => {
            password.differs_from(&password::names(&new.username, new.email.as_deref(), new.name.as_deref()))?;
            Some(service.passwords.hash(password).await?)
        }
        None => None,
    };
    let settings = service.settings().clone();
    let work = move |tx: &mut Tx<'_>| {
        let mut user = User {
            id: Id::new(tx.now),
            username: new.username.into(),
            email: new.email.map(Into::into),
            name: new.name.map(Into::into),
            phone_number: new.phone_number.map(Into::into),
            role: new.role.unwrap_or(Role::User),
            timezone: new.timezone.map(Into::into),
            disabled_at: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
            email_confirmed_at: None,
            phone_confirmed_at: None,
        };
        let by_admin = tx.caller.scopes.has(Scope::UsersWrite).then_some(tx.now);
        user.email_confirmed_at = by_admin.filter(|_| user.email.is_some());
        user.phone_confirmed_at = by_admin.filter(|_| user.phone_number.is_some());
        if store::user::insert(tx.conn, &AccountRow::from(&user))? == 0 {
            return Err(taken(tx.conn, &user)?);
        }
        if by_admin.is_none() {
            for channel in [Channel::Email, Channel::Sms] {
                address::ask(tx, &settings, &user, channel)?;
            }
        }
        if let Some(hash) = hash {
            store::user::set_password(tx.conn, user.id, &hash)?;
        }
        if tx.caller.user == Id::NIL {
            tx.on_behalf_of(&user);
        }
        tx.created(&user)?;
        Ok(user)
    };
    Ok(transaction(service, caller, work).await?.0)
}

fn taken(conn: &mut Conn, user: &User) -> Result<Error> {
    let of_name = store::user::by_username(conn, &user.username)?;
    let what = match (&of_name, &user.email) {
        (None, Some(email)) => email,
        _ => &user.username,
    };
    Ok(Error::conflict(format!("there is an account {what} already")).hint("choose another name or address"))
}

/// Changes the caller's own account. To a new address mails are sent that set a new password, so it takes the password
/// there is.
///
/// # Errors
/// `Forbidden` without the scope, and for another address where there is no password and the caller has less than the
/// account; `Invalid` for another address without the password, `Unauthenticated` for a wrong one; `Conflict` when the
/// address is taken.
pub async fn edit_me(service: &Service, caller: &Caller, patch: UserPatch) -> Result<User> {
    caller.require(Scope::AccountWrite)?;
    if !patch.email.is_keep() && caller.credential != Credential::Local {
        password::prove_owner(service, caller, &patch).await?;
    }
    let settings = service.settings().clone();
    save(service, caller, UserRef::Id(caller.user), move |tx, user| apply(tx, &settings, user, patch)).await
}

/// Has the account `local` read dates in the zone that the configuration names, which is the user's own.
///
/// # Errors
/// `Unavailable` when the database does not answer.
pub async fn adopt_zone(service: &Service, zone: ZoneName) -> Result<()> {
    let local = UserRef::Id(Id::LOCAL_USER);
    let known = service.store.read(move |conn| find(conn, &local)).await?;
    if known.timezone.as_deref() == Some(&*zone) {
        return Ok(());
    }
    // What the configuration says is no change of anybody's, and so is not in the record of changes.
    let work = move |tx: &mut Tx<'_>| {
        let Some(row) = store::user::lock(tx.conn, Id::LOCAL_USER)? else { return Ok(()) };
        let mut user = row.into_user()?;
        (user.timezone, user.version, user.updated_at) = (Some(zone.into()), user.version + 1, tx.now);
        store::user::update(tx.conn, &AccountRow::from(&user))?;
        tx.publish(Topic::Accounts);
        Ok(())
    };
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await
}

/// Changes an account.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `Conflict` when the address is taken.
pub async fn edit(service: &Service, caller: &Caller, user: UserRef, patch: UserPatch) -> Result<User> {
    caller.require(Scope::UsersWrite)?;
    let settings = service.settings().clone();
    save(service, caller, user, move |tx, user| {
        let (role, disabled) = (patch.role, patch.disabled);
        apply(tx, &settings, user, patch)?;
        if let Some(role) = role {
            give_role(tx, user, role)?;
        }
        match disabled {
            Some(true) => take_out(tx, user),
            Some(false) => take_in(tx, user),
            None => Ok(()),
        }
    })
    .await
}

fn give_role(tx: &mut Tx<'_>, user: &mut User, role: Role) -> Result<()> {
    if user.role != role {
        spared(tx, user)?;
        if user.role == Role::Admin {
            api_key::end_made_for_others(tx, user.id)?;
        }
        user.role = role;
    }
    Ok(())
}

fn take_out(tx: &mut Tx<'_>, user: &mut User) -> Result<()> {
    if user.disabled_at.is_none() {
        spared(tx, user)?;
        user.disabled_at = Some(tx.now);
        session::end_all_of(tx, user.id, None)?;
        stop_runs(tx, user)?;
        api_key::end_made_for_others(tx, user.id)?;
    }
    Ok(())
}

/// Ends what runs for an account. What falls due from now on waits until it is in use again: the engine sees to that.
fn stop_runs(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    let (now, why) = (tx.now, format!("the account {} was disabled", user.username));
    store::run::cancel_waiting_of(tx.conn, user.id, now, &why)?;
    store::run::request_cancel_of(tx.conn, user.id, now, &why)?;
    tx.publish(Topic::Runs);
    Ok(())
}

/// Takes an account into use: its schedules go on from where they stood, by the policy for what they missed, and the
/// messages that were held are sent.
fn take_in(tx: &mut Tx<'_>, user: &mut User) -> Result<()> {
    if user.disabled_at.take().is_none() {
        return Ok(());
    }
    store::firing::unpark_reminders(tx.conn, user.id)?;
    store::job::unpark(tx.conn, user.id)?;
    [Topic::Schedules, Topic::Deliveries, Topic::Runs].into_iter().for_each(|work| tx.publish(work));
    Ok(())
}

fn apply(tx: &mut Tx<'_>, settings: &Settings, user: &mut User, patch: UserPatch) -> Result<()> {
    if patch.version.is_some_and(|version| version != user.version) {
        return Err(Error::precondition_failed(format!("the account {} was changed meanwhile", user.username))
            .hint("look at it, then make the change again"));
    }
    if let Change::Set(email) = &patch.email {
        free(tx, user.id, email)?;
    }
    let said = [
        (Channel::Email, patch.email.is_keep(), user.email.clone()),
        (Channel::Sms, patch.phone_number.is_keep(), user.phone_number.clone()),
    ];
    patch.email.apply(&mut user.email);
    patch.name.apply(&mut user.name);
    patch.phone_number.apply(&mut user.phone_number);
    for (channel, _, before) in said.into_iter().filter(|(_, stays, _)| !stays) {
        address::said(tx, settings, user, channel, before.as_deref())?;
    }
    patch.timezone.apply(&mut user.timezone);
    Ok(())
}

fn free(tx: &mut Tx<'_>, id: Id, email: &Email) -> Result<()> {
    match store::user::by_email(tx.conn, email)? {
        Some(other) if other.id != id => {
            Err(Error::conflict(format!("there is an account {email} already")).hint("choose another address"))
        }
        _ => Ok(()),
    }
}

/// Gives an account another role.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `Conflict` for the caller's own account and for `local`.
pub async fn set_role(service: &Service, caller: &Caller, user: UserRef, role: Role) -> Result<User> {
    caller.require(Scope::UsersWrite)?;
    save(service, caller, user, move |tx, user| give_role(tx, user, role)).await
}

/// Takes an account out of use: its sessions end, its keys and its password are refused, its runs are stopped, and nothing
/// fires for it or is sent to it.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `Conflict` for the caller's own account and for `local`.
pub async fn disable(service: &Service, caller: &Caller, user: UserRef) -> Result<User> {
    caller.require(Scope::UsersWrite)?;
    save(service, caller, user, take_out).await
}

/// Takes an account into use again, with its password, its keys and its schedules.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`.
pub async fn enable(service: &Service, caller: &Caller, user: UserRef) -> Result<User> {
    caller.require(Scope::UsersWrite)?;
    save(service, caller, user, take_in).await
}

/// Refuses what would lock everybody out.
fn spared(tx: &Tx<'_>, user: &User) -> Result<()> {
    if user.id == Id::LOCAL_USER {
        return Err(Error::conflict("local is the account of the user who runs the daemon, and cannot be changed")
            .hint("make another account for other people: `muista user add NAME`"));
    }
    if user.id == tx.caller.user {
        return Err(Error::conflict("this is your own account").hint("ask another admin"));
    }
    Ok(())
}

/// Changes an account as `edit` says, and records it.
pub(crate) async fn save(
    service: &Service,
    caller: &Caller,
    user: UserRef,
    edit: impl FnOnce(&mut Tx<'_>, &mut User) -> Result<()> + Clone + Send + 'static,
) -> Result<User> {
    let work = move |tx: &mut Tx<'_>| {
        let id = find(tx.conn, &user)?.id;
        save_in(tx, id, edit)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// The same within a change.
pub(crate) fn save_in(
    tx: &mut Tx<'_>,
    id: Id,
    edit: impl FnOnce(&mut Tx<'_>, &mut User) -> Result<()>,
) -> Result<User> {
    let row = store::user::lock(tx.conn, id)?;
    let before = row.ok_or_else(|| missing(&UserRef::Id(id)))?.into_user()?;
    let mut user = before.clone();
    edit(tx, &mut user)?;
    if user == before {
        return Ok(user);
    }
    user.version = before.version + 1;
    user.updated_at = tx.now;
    store::user::update(tx.conn, &AccountRow::from(&user))?;
    tx.updated(&before, &user)?;
    if user.id != Id::LOCAL_USER && user.disabled_at.is_none() && address::reached(&user) != address::reached(&before) {
        notification::send_held(tx, user.id)?;
    }
    tx.publish(Topic::Accounts);
    Ok(user)
}

/// The account that is meant.
pub(crate) fn find(conn: &mut Conn, user: &UserRef) -> Result<User> {
    let row = match user {
        UserRef::Id(id) => store::user::by_id(conn, *id)?,
        UserRef::Name(name) => store::user::by_username(conn, name)?,
        UserRef::Email(email) => store::user::by_email(conn, email)?,
    };
    row.ok_or_else(|| missing(user))?.into_user()
}

fn missing(user: &UserRef) -> Error {
    Error::not_found(format!("account {user}")).hint("`muista user ls` shows what there is")
}
