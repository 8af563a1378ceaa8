//! The queries of tasks and of what belongs to them, and of the record of changes.

queries! {
    keys {
        fn renew() -> Renewed;
        fn count_tags() -> usize;
    }
    task {
        fn reserve_numbers(count: usize) -> Vec<i64>;
        fn insert_new(row: &TaskRow) -> i64;
        fn insert(rows: &[TaskRow]) -> usize;
        fn update(row: &TaskRow) -> usize;
        fn delete(ids: &[Id]) -> usize;
        fn by_ids(ids: &[Id]) -> Vec<FoundTask>;
        fn lock(ids: &[Id]) -> Vec<Id>;
        fn ids_of_numbers(numbers: &[i64]) -> Vec<(i64, Id)>;
        fn ids_of_prefix(scope: &VisibleScope, prefix: &IdPrefix, most: usize) -> Vec<Id>;
        fn places(ids: &[Id]) -> Vec<(Id, Id, Option<Id>)>;
        fn parents(ids: &[Id]) -> Vec<(Id, Option<Id>)>;
        fn children(parents: &[Id]) -> Vec<(Id, Id, Option<Id>)>;
        fn list(filter: &ListFilter, keyset: &Keyset) -> Vec<FoundTask>;
        fn lead(filter: &ListFilter) -> Lead;
        fn plan(filter: &ListFilter, keyset: &Keyset) -> String;
        fn count(filter: &ListFilter, most: Option<i64>) -> i64;
        fn rank(filter: &ListFilter, after: i64, limit: i64) -> Vec<RankRow>;
        fn open_among(ids: &[Id]) -> Vec<Id>;
        fn in_project(project: Id) -> Vec<Id>;
        fn owned_in(owner: Id, project: Id) -> i64;
    }
    ranking {
        fn by_due(owner: Id, now: ReadAt, weight: i16, after: (Instant, i64), limit: i64) -> Vec<RankRow>;
        fn by_age(owner: Id, now: ReadAt, after: (Instant, i64), limit: i64) -> Vec<RankRow>;
        fn among(owner: Id, now: ReadAt, ids: &[Id]) -> Vec<RankRow>;
    }
    marks {
        fn blocked(tasks: &[Id]) -> Vec<Id>;
        fn with_parts(tasks: &[Id]) -> Vec<Id>;
        fn with_reminders(tasks: &[Id]) -> Vec<Id>;
        fn with_comments(tasks: &[Id]) -> Vec<Id>;
        fn with_attachments(tasks: &[Id]) -> Vec<Id>;
    }
    short_id {
        fn reminders(short: &ShortId) -> Vec<(Id, Id)>;
        fn comments(short: &ShortId) -> Vec<(Id, Id)>;
        fn attachments(short: &ShortId) -> Vec<(Id, Id)>;
        fn notifications(user: Id, short: &ShortId) -> Vec<Id>;
        fn runs(owner: Option<Id>, short: &ShortId) -> Vec<Id>;
        fn devices(user: Id, short: &ShortId) -> Vec<Id>;
        fn changes(user: Id, short: &ShortId) -> Vec<Id>;
    }
    time_entry {
        fn of_tasks(tasks: &[Id]) -> Vec<TimeEntryRow>;
        fn running(user: Id) -> Vec<TimeEntryRow>;
        fn between(user: Id, from: Instant, until: Instant, limit: i64) -> Vec<TimeEntryRow>;
        fn by_id(id: Id) -> Option<TimeEntryRow>;
        fn insert(row: &TimeEntryRow) -> usize;
        fn update(row: &TimeEntryRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    tag {
        fn list(owner: Id) -> Vec<(TagRow, i64, i64)>;
        fn find(owner: Id, keys: &[String]) -> Vec<TagRow>;
        fn insert(rows: &[TagRow]) -> usize;
        fn rename(id: Id, name: &str, key: &str) -> usize;
        fn delete(id: Id) -> usize;
        fn tasks(id: Id) -> Vec<Id>;
        fn of_tasks(tasks: &[Id]) -> Vec<(Id, String)>;
        fn attach(pairs: &[(Id, Id)]) -> usize;
        fn detach_all(tasks: &[Id]) -> usize;
    }
    dependency {
        fn of_tasks(tasks: &[Id]) -> Vec<(Id, Id)>;
        fn of_open(scope: &VisibleScope) -> Vec<(Id, Id)>;
        fn dependents(tasks: &[Id]) -> Vec<Id>;
        fn insert(pairs: &[(Id, Id)]) -> usize;
        fn delete_all(tasks: &[Id]) -> usize;
    }
    project {
        fn list(scope: &VisibleScope) -> Vec<(ProjectRow, i64, i64)>;
        fn counts(id: Id) -> (i64, i64);
        fn shared(user: Id, key: &str) -> Vec<ProjectRow>;
        fn below(scope: &VisibleScope, key: &str) -> Vec<ProjectRow>;
        fn find(owner: Id, keys: &[String]) -> Vec<ProjectRow>;
        fn by_id(id: Id) -> Option<ProjectRow>;
        fn lock(id: Id) -> Option<Id>;
        fn insert(rows: &[ProjectRow]) -> usize;
        fn update(row: &ProjectRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    member {
        fn of_user(user: Id) -> Vec<(Id, String)>;
        fn of_project(project: Id) -> Vec<(MemberRow, String, Option<String>)>;
        fn lock(project: Id, user: Id) -> Option<MemberRow>;
        fn insert(row: &MemberRow) -> usize;
        fn set_role(id: Id, role: ProjectRole, now: Instant) -> usize;
        fn delete(id: Id) -> usize;
    }
    comment {
        fn of_tasks(tasks: &[Id]) -> Vec<CommentRow>;
        fn sizes(tasks: &[Id]) -> Vec<(Id, i64)>;
        fn page(task: Id, after: Option<(Instant, Id)>, limit: i64) -> Vec<CommentRow>;
        fn by_id(id: Id) -> Option<CommentRow>;
        fn insert(rows: &[CommentRow]) -> usize;
        fn delete(id: Id) -> usize;
    }
    attachment {
        fn of_tasks(tasks: &[Id]) -> Vec<AttachmentRow>;
        fn by_id(id: Id) -> Option<AttachmentRow>;
        fn existing(ids: &[Id]) -> Vec<Id>;
        fn insert(row: &AttachmentRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    series {
        fn insert(row: &SeriesRow) -> usize;
        fn update(row: &SeriesRow) -> usize;
        fn delete(ids: &[Id]) -> usize;
        fn by_id(id: Id) -> Option<SeriesRow>;
        fn ends(ids: &[Id]) -> Vec<(Id, Instant)>;
        fn of_owner(owner: Id) -> Vec<SeriesRow>;
        fn lock(ids: &[Id]) -> Vec<SeriesRow>;
        fn last_numbers(ids: &[Id]) -> Vec<(Id, i64)>;
        fn occurrences(id: Id, from: i64) -> Vec<Id>;
    }
    audit {
        fn insert(rows: &[NewAuditRow]) -> usize;
        fn list(of: &AuditOf, narrowed: &AuditFilter, limit: i64) -> Vec<AuditRow>;
        fn actors(user: Id) -> Vec<String>;
        fn outline(change: Id) -> Vec<AuditOutline>;
        fn other_actor(change: Id, actor: &str) -> Option<String>;
        fn of_change(change: Id, from: i64, to: i64) -> Vec<AuditRow>;
        fn last_of_record(record: Id) -> Option<Instant>;
        fn last(user: Id, actor: &str, before: i64) -> Option<(i64, Id)>;
        fn undone_by(change: Id) -> Vec<Id>;
        fn undone_by_each(changes: &[Id]) -> Vec<(Id, Id)>;
        fn first_since(since: Instant) -> Option<i64>;
        fn of_actor(user: Id, actor: &str, since: Instant, from: Option<i64>) -> Vec<(i64, Id)>;
        fn undos(user: Id, from: i64) -> Vec<(Id, Id)>;
        fn first_of_change(change: Id) -> Option<i64>;
    }
    event {
        fn latest() -> EventCursor;
        fn last_transaction() -> i64;
        fn after(scope: &VisibleScope, after: EventCursor, limit: i64) -> (Vec<(EventCursor, AuditRow)>, EventCursor);
    }
    template {
        fn list(owner: Id) -> Vec<TemplateRow>;
        fn named(owner: Id, key: &str) -> Option<TemplateRow>;
        fn by_id(id: Id) -> Option<TemplateRow>;
        fn insert(row: &TemplateRow) -> usize;
        fn update(row: &TemplateRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    field {
        fn list(owner: Id) -> Vec<FieldRow>;
        fn lock(owner: Id) -> Vec<FieldRow>;
        fn counts(owner: Id) -> Vec<(Id, i64)>;
        fn insert(row: &FieldRow) -> usize;
        fn update(row: &FieldRow) -> usize;
        fn delete(id: Id) -> usize;
        fn tasks(field: Id) -> Vec<Id>;
        fn values(field: Id) -> Vec<String>;
        fn respell(field: Id, value: &str, to: &str, key: &str) -> usize;
        fn of_tasks(tasks: &[Id]) -> Vec<NamedValueRow>;
        fn sort_keys(tasks: &[Id], name_key: &str) -> Vec<(Id, String)>;
        fn put(rows: &[FieldValueRow]) -> usize;
        fn forget(tasks: &[Id]) -> usize;
        fn forget_of(field: Id, tasks: &[Id]) -> usize;
    }
    view {
        fn list(owner: Id) -> Vec<ViewRow>;
        fn lock(owner: Id) -> Vec<ViewRow>;
        fn insert(row: &ViewRow) -> usize;
        fn update(row: &ViewRow) -> usize;
        fn delete(id: Id) -> usize;
    }
}
