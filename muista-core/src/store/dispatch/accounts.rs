//! The queries of accounts, and of what lets somebody in.

queries! {
    agent_daily_count {
        fn add(user: Id, day: Date, tasks: i32) -> i32;
        fn take_back(user: Id, day: Date) -> usize;
        fn delete_old(day: Date) -> usize;
    }
    idempotency {
        fn claim(scope: Id, key_hash: &[u8], now: Instant) -> Option<IdempotencyRow>;
        fn keep(row: &IdempotencyRow) -> usize;
        fn delete_expired(now: Instant, limit: i64) -> usize;
    }
    device {
        fn list(user: Id, after: Option<(Instant, Id)>, limit: i64) -> Vec<DeviceRow>;
        fn by_id(user: Id, id: Id) -> Option<DeviceRow>;
        fn lock(user: Id, id: Id) -> Option<DeviceRow>;
        fn lock_named(user: Id, device_id: &str) -> Option<DeviceRow>;
        fn insert(row: &DeviceRow) -> usize;
        fn update(row: &DeviceRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    usage {
        fn add(user: Id, more: Weight) -> Weight;
        fn of(user: Id) -> Option<Weight>;
        fn largest(limit: i64) -> Vec<(String, Weight)>;
        fn beyond(least: Weight, limit: i64) -> Vec<(String, Weight)>;
        fn counted(user: Id) -> Weight;
    }
    address_confirmation {
        fn insert(row: &ConfirmationRow) -> usize;
        fn sent(user: Id, address: &str, after: Instant) -> (i64, Option<Instant>);
        fn find(user: Id, hash: &[u8], now: Instant) -> Option<ConfirmationRow>;
        fn use_up(user: Id, channel: &str, now: Instant) -> usize;
        fn delete_expired(before: Instant) -> usize;
    }
    user {
        fn list(after: Option<&str>, limit: i64) -> Vec<AccountRow>;
        fn by_id(id: Id) -> Option<AccountRow>;
        fn by_username(username: &str) -> Option<AccountRow>;
        fn by_email(email: &str) -> Option<AccountRow>;
        fn lock(id: Id) -> Option<AccountRow>;
        fn password(id: Id) -> Option<String>;
        fn insert(row: &AccountRow) -> usize;
        fn update(row: &AccountRow) -> usize;
        fn set_password(id: Id, hash: &str) -> usize;
    }
    api_key {
        fn by_hash(hash: &[u8]) -> Option<(ApiKeyRow, AccountRow)>;
        fn list(user: Id) -> Vec<ApiKeyRow>;
        fn lock(id: Id) -> Option<ApiKeyRow>;
        fn insert(row: &ApiKeyRow) -> usize;
        fn revoke(id: Id, now: Instant) -> usize;
        fn touch(id: Id, now: Instant, before: Instant) -> usize;
        fn made_with(id: Id) -> Vec<ApiKeyRow>;
        fn made_for_others(user: Id) -> Vec<ApiKeyRow>;
    }
    login_failure {
        fn find(name: &str) -> Option<(i64, Option<Instant>)>;
        fn count(name: &str, now: Instant) -> i64;
        fn lock_until(name: &str, until: Instant) -> usize;
        fn forget(name: &str) -> usize;
        fn delete_old(before: Instant) -> usize;
    }
    session {
        fn by_hash(hash: &[u8]) -> Option<RefreshTokenRow>;
        fn insert(row: &RefreshTokenRow) -> usize;
        fn mark_used(id: Id, now: Instant) -> usize;
        fn list(user: Id, now: Instant) -> Vec<RefreshTokenRow>;
        fn living(session: Id, now: Instant) -> Option<(RefreshTokenRow, AccountRow)>;
        fn revoke(session: Id, now: Instant) -> usize;
        fn delete_expired(before: Instant, limit: i64) -> usize;
    }
    password_reset {
        fn insert(hash: &[u8], user: Id, now: Instant, until: Instant) -> usize;
        fn recent(user: Id, after: Instant) -> i64;
        fn find(hash: &[u8], now: Instant) -> Option<Id>;
        fn use_up(user: Id, now: Instant) -> usize;
        fn delete_expired(before: Instant) -> usize;
    }
    signing_key {
        fn current() -> Option<SigningKeyRow>;
        fn believed(now: Instant) -> Vec<SigningKeyRow>;
        fn claim() -> ();
        fn insert(row: &SigningKeyRow) -> usize;
        fn retire(now: Instant, until: Instant) -> usize;
        fn delete_expired(before: Instant) -> usize;
    }
}
