//! Backups of either database: what is in one comes back in both kinds, whole or not at all, and only where it may.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::ExposeSecret as _;
use muista_core::clock::Clock;
use muista_core::config::BackupConfig;
use muista_core::error::{ErrorKind, Result};
use muista_core::format::archive::{self, Head, Identities, Record, Table, Writer};
use muista_core::model::*;
use muista_core::rpc::{Client, Hello, in_process};
use muista_core::service::backup::{self, Move, Restore, Restored, move_all, restore};
use muista_core::service::{Caller, Credential, Service};
use muista_core::store::{Database, Store, Workers};
use tempfile::TempDir;

use crate::world::*;

/// A service with a folder for its files and its backups.
pub(crate) struct Place {
    pub(crate) service: Service,
    pub(crate) client: Client,
    pub(crate) folder: PathBuf,
    _temporary: Option<TempDir>,
}

impl Place {
    pub(crate) fn new(world: &World, change: impl FnOnce(&mut BackupConfig)) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let place = Self::at(world, world.database.clone(), temporary.path(), change);
        Self { _temporary: Some(temporary), ..place }
    }

    fn at(world: &World, database: Database, folder: &Path, change: impl FnOnce(&mut BackupConfig)) -> Self {
        let clock: Arc<dyn Clock> = world.clock.clone();
        let store = Store::open(&options(database, Workers::Embedded), &clock).unwrap();
        let mut settings = settings().with_attachments(folder, 1 << 20);
        settings.backup.folder = folder.join("backups");
        change(&mut settings.backup);
        let service = Service::new(store, clock).with_settings(settings);
        let client = in_process(service.clone(), &Hello::new(Origin::Cli, Some(ZONE.to_owned()), None));
        Self { service, client, folder: folder.to_owned(), _temporary: None }
    }

    async fn fill(&self) -> Task {
        let client = &self.client;
        let task = client.add_task(task("Water the plants")).await.unwrap().value;
        let mut other = NewTask::titled(Title::parse("Buy \"milk\" & ünï\u{2009}code").unwrap());
        other.tags = tags(&["home"]);
        client.add_task(other).await.unwrap();
        client.add_comment(task.id.into(), text("in the morning")).await.unwrap();
        let new = NewAttachment { task: task.id.into(), name: FileName::parse("a.txt").unwrap(), media_type: None };
        client.begin_attachment(new).await.unwrap();
        client.continue_attachment(Chunk(b"all that is in it".to_vec())).await.unwrap();
        client.finish_attachment().await.unwrap();
        task
    }

    pub(crate) async fn back_up(&self) -> Result<Backup> {
        self.client.back_up(NewBackup::default()).await
    }

    async fn everything(&self) -> Vec<String> {
        let page = self.client.export(TaskFilter::default(), None).await.unwrap();
        page.items.iter().map(|task| serde_json::to_string(task).unwrap()).collect()
    }
}

fn task(title: &str) -> NewTask {
    NewTask::titled(Title::parse(title).unwrap())
}

fn asked(database: &Database, data_dir: &Path, file: &str) -> Restore {
    Restore {
        options: options(database.clone(), Workers::Embedded),
        data_dir: data_dir.to_owned(),
        file: file.into(),
        identities: Identities::default(),
        replace: false,
        backups: data_dir.join("backups"),
        recipients: Vec::new(),
    }
}

/// Restores away from the runtime's thread, as a command does.
async fn restored(world: &World, asked: Restore) -> Result<Restored> {
    let clock: Arc<dyn Clock> = world.clock.clone();
    tokio::task::spawn_blocking(move || restore(&asked, &clock)).await.unwrap()
}

on_both! {
    async fn everything_comes_back_in_either_kind_of_database(world) {
        let place = Place::new(world, |_| {});
        let watered = place.fill().await;
        let made = place.back_up().await.unwrap();
        assert_eq!((made.tasks, made.attachments, made.encrypted), (2, 1, false));
        let drill = place.client.drill_backup(None, None).await.unwrap();
        assert_eq!((drill.faults, drill.tasks, drill.attachments), (Vec::new(), 2, 1));
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let (database, _folder) = fresh(kind);
            let data_dir = tempfile::tempdir().unwrap();
            let done = restored(world, asked(&database, data_dir.path(), &made.file)).await.unwrap();
            assert_eq!((done.tasks, done.attachments, done.kept), (2, 1, None), "{kind:?}");
            let there = Place::at(world, database.clone(), data_dir.path(), |_| {});
            assert_eq!(there.everything().await, place.everything().await, "{kind:?}");
            let file = there.client.list_attachments(watered.id.into()).await.unwrap();
            assert_eq!(there.client.read_attachment(file[0].id, 0).await.unwrap().0, b"all that is in it");
            // Numbers and the record of changes go on.
            assert_eq!(there.client.add_task(task("next")).await.unwrap().value.number, 3);
            assert!(there.client.undo(Undo { target: UndoTarget::Last }).await.is_ok());
            assert_ne!(there.service.look_up_epoch().await.unwrap(), 0);
            // What came back is as good as what it came from.
            there.back_up().await.unwrap();
            assert_eq!(there.client.drill_backup(None, None).await.unwrap().faults, Vec::<String>::new());
            there.service.close();
        }
    }

    async fn what_is_there_is_replaced_only_where_that_is_said(world) {
        let place = Place::new(world, |_| {});
        place.fill().await;
        let made = place.back_up().await.unwrap();
        let (database, folder) = fresh(Kind::Sqlite);
        let data_dir = folder.unwrap();
        let there = Place::at(world, database.clone(), data_dir.path(), |_| {});
        there.client.add_task(task("mine")).await.unwrap();
        there.service.close();

        let refused = restored(world, asked(&database, data_dir.path(), &made.file)).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Conflict);
        assert!(refused.hint.unwrap().contains("--yes"));
        let mut torn = std::fs::read(&made.file).unwrap();
        torn.truncate(torn.len() / 2);
        let half = data_dir.path().join("half.muista");
        std::fs::write(&half, torn).unwrap();
        let yes = |file: &str| Restore { replace: true, ..asked(&database, data_dir.path(), file) };
        assert_eq!(restored(world, yes(half.to_str().unwrap())).await.unwrap_err().kind, ErrorKind::Internal);
        let there = Place::at(world, database.clone(), data_dir.path(), |_| {});
        assert_eq!(there.everything().await.len(), 1, "as it was");
        there.service.close();

        let done = restored(world, yes(&made.file)).await.unwrap();
        let kept = Database::Sqlite(done.kept.unwrap().into());
        let there = Place::at(world, database.clone(), data_dir.path(), |_| {});
        assert_eq!(there.everything().await.len(), 2);
        assert_eq!(Place::at(world, kept, data_dir.path(), |_| {}).everything().await.len(), 1);
    }

    // On a server the schema may be another program's too.
    async fn another_programs_tables_are_left_alone(world) {
        let place = Place::new(world, |_| {});
        place.fill().await;
        let made = place.back_up().await.unwrap();
        let (database, _folder) = fresh(Kind::Postgres);
        let data_dir = tempfile::tempdir().unwrap();
        Place::at(world, database.clone(), data_dir.path(), |_| {}).service.close();
        raw(&database, "CREATE TABLE greenhouse (plot INT, picture MONEY); INSERT INTO greenhouse VALUES (1, 2)");
        let done = restored(world, Restore { replace: true, ..asked(&database, data_dir.path(), &made.file) }).await;
        assert_eq!(done.unwrap().tasks, 2);
        raw(&database, "DO $$ BEGIN ASSERT (SELECT count(*) FROM greenhouse) = 1; END $$");
        let there = Place::at(world, database, data_dir.path(), |_| {});
        // Its columns may be of kinds that a backup cannot keep.
        there.back_up().await.unwrap();
        assert_eq!(there.client.drill_backup(None, None).await.unwrap().faults, Vec::<String>::new());
        there.service.close();
    }

    async fn a_later_schema_is_refused_in_words(world) {
        let place = Place::new(world, |_| {});
        let path = place.folder.join("later.muista");
        let head = Head {
            program: "9.0.0".to_owned(),
            schema_version: 99,
            created_at: instant(NOON),
            database: "sqlite".to_owned(),
            sequences: Default::default(),
        };
        Writer::new(std::fs::File::create(&path).unwrap(), &[], head).unwrap().finish().unwrap();
        let (database, _folder) = fresh(Kind::Sqlite);
        let error = restored(world, asked(&database, &place.folder, path.to_str().unwrap())).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("made by muista 9.0.0 and has schema 99"), "{error}");
    }

    async fn a_drill_finds_a_flipped_byte_and_a_missing_attachment(world) {
        let place = Place::new(world, |_| {});
        place.fill().await;
        let made = place.back_up().await.unwrap();
        let drill = async |file: &Path| {
            let file = file.to_str().unwrap().to_owned();
            place.client.drill_backup(Some(file), None).await.unwrap().faults
        };
        let mut flipped = std::fs::read(&made.file).unwrap();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        let path = place.folder.join("flipped.muista");
        std::fs::write(&path, flipped).unwrap();
        assert_eq!(drill(&path).await.len(), 1);

        let path = place.folder.join("without.muista");
        without_files(Path::new(&made.file), &path);
        let faults = drill(&path).await;
        assert!(faults.len() == 1 && faults[0].contains("the file of the attachment"), "{faults:?}");
    }

    async fn one_task_comes_back_with_what_belongs_to_it_and_undo_takes_it_away(world) {
        let place = Place::new(world, |_| {});
        let watered = place.fill().await;
        let before = place.client.get_task(watered.id.into()).await.unwrap();
        let made = place.back_up().await.unwrap();
        let bring = async || place.client.restore_task(made.file.clone(), None, TaskRef::Number(1)).await;
        assert_eq!(kind(bring().await), ErrorKind::Conflict);
        place.client.delete_tasks(vec![watered.id.into()]).await.unwrap();
        assert_eq!(bring().await.unwrap().value.number, 1);
        let after = place.client.get_task(watered.id.into()).await.unwrap();
        assert_eq!((&after.comments, &after.attachments), (&before.comments, &before.attachments));
        assert_eq!(after.task.title, before.task.title);
        assert_eq!(place.client.read_attachment(after.attachments[0].id, 0).await.unwrap().0, b"all that is in it");
        place.client.undo(Undo { target: UndoTarget::Last }).await.unwrap();
        assert_eq!(kind(place.client.get_task(watered.id.into()).await), ErrorKind::NotFound);
        let missing = place.client.restore_task(made.file.clone(), None, TaskRef::Number(9)).await;
        assert_eq!(kind(missing), ErrorKind::NotFound);
    }

    async fn an_encrypted_backup_is_checked_and_restored_with_its_key(world) {
        let identity = age::x25519::Identity::generate();
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.txt");
        std::fs::write(&key, identity.to_string().expose_secret()).unwrap();
        let recipient = identity.to_public().to_string();
        let place = Place::new(world, |settings| settings.recipients = vec![recipient.parse().unwrap()]);
        place.fill().await;
        let made = place.back_up().await.unwrap();
        assert!(made.encrypted && made.file.ends_with(".muista.age"), "{made:?}");
        assert!(std::fs::read(&made.file).unwrap().starts_with(b"age-encryption.org/v1"));
        let (database, _folder) = fresh(Kind::Sqlite);
        let locked = restored(world, asked(&database, &place.folder, &made.file)).await.unwrap_err();
        assert!(locked.hint.unwrap().contains("--identity"), "{}", locked.message);
        assert!(place.client.drill_backup(None, None).await.is_err());
        let drill = place.client.drill_backup(None, Some(key.to_str().unwrap().to_owned())).await.unwrap();
        assert_eq!(drill.faults, Vec::<String>::new());
        let identities = Identities::read(&key).unwrap();
        let open = Restore { identities, ..asked(&database, &place.folder, &made.file) };
        assert_eq!(restored(world, open).await.unwrap().tasks, 2);
    }

    async fn only_an_admin_backs_up_and_only_here_into_any_folder(world) {
        let place = Place::new(world, |_| {});
        let anywhere = NewBackup { to: Some(place.folder.join("x").display().to_string()), ..NewBackup::default() };
        let user = Caller { role: Role::User, ..Caller::local(Origin::Rest, None) };
        let refused = backup::create(&place.service, &user, anywhere.clone()).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Forbidden);
        let some = Caller { scopes: Scopes::of(Role::User), ..Caller::local(Origin::Rest, None) };
        assert_eq!(backup::list(&place.service, &some, None).await.unwrap_err().kind, ErrorKind::Forbidden);
        let far = Caller { credential: Credential::Password, ..Caller::local(Origin::Cli, None) };
        let refused = backup::create(&place.service, &far, anywhere.clone()).await.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("to"));
        assert!(backup::create(&place.service, &far, NewBackup::default()).await.is_ok());
        assert!(place.client.back_up(anywhere).await.unwrap().file.contains("/x/muista-"));
    }

    async fn everything_moves_into_an_empty_database(world) {
        let place = Place::new(world, |_| {});
        place.fill().await;
        let before = place.everything().await;
        place.service.close();
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let (database, _folder) = fresh(kind);
            let clock: Arc<dyn Clock> = world.clock.clone();
            let asked = Move {
                from: options(world.database.clone(), Workers::Embedded),
                to: options(database.clone(), Workers::Embedded),
                data_dir: place.folder.clone(),
            };
            if let (Database::Postgres(_), Database::Postgres(_)) = (&world.database, &database) {
                // The world's own connection is one that works on it.
                continue;
            }
            let moved = tokio::task::spawn_blocking(move || {
                let first = move_all(&asked, &clock);
                (first, move_all(&asked, &clock).unwrap_err().kind)
            });
            let (moved, again) = moved.await.unwrap();
            match moved {
                Ok(moved) => assert_eq!((moved.tasks, again), (2, ErrorKind::Conflict)),
                Err(error) => assert!(error.message.contains("connections of Muista"), "{error}"),
            }
            let there = Place::at(world, database, &place.folder, |_| {});
            assert!(there.everything().await == before || matches!(world.database, Database::Postgres(_)));
        }
    }
}

/// Copies an archive without its files.
fn without_files(from: &Path, to: &Path) {
    let mut reader = archive::open(from, &Identities::default()).unwrap();
    let mut writer = Writer::new(std::fs::File::create(to).unwrap(), &[], reader.head().clone()).unwrap();
    let mut columns = 0;
    loop {
        match reader.advance().unwrap().unwrap() {
            Record::Table(table) => {
                columns = table.columns.len();
                writer.table(&Table { ..table }).unwrap();
            }
            Record::Rows(count, bytes) => {
                let mut values = archive::Values::of(bytes);
                for _ in 0..count {
                    let mut row = Vec::new();
                    values.by_ref().take(columns).for_each(|value| value.write(&mut row));
                    writer.row(&row).unwrap();
                }
            }
            Record::File(_) | Record::Data(_) => {}
            Record::End(_) => break,
        }
    }
    writer.finish().unwrap();
}
