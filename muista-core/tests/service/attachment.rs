//! Files of tasks: handed over, listed, read, deleted, brought back, and cleaned away.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use muista_core::clock::Clock;
use muista_core::error::{ErrorKind, Result};
use muista_core::model::*;
use muista_core::rpc::{Client, Hello, in_process};
use muista_core::service::Service;
use muista_core::service::engine::clean;
use muista_core::store::{Store, Workers};
use tempfile::TempDir;

use crate::world::*;

/// The largest file, in bytes.
const MAX: u32 = 3_000_000;

/// A client whose service keeps files in a folder.
struct Kept {
    service: Service,
    client: Client,
    folder: TempDir,
}

impl Kept {
    fn new(world: &World) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = world.clock.clone();
        let store = Store::open(&options(world.database.clone(), Workers::Embedded), &clock).unwrap();
        let service = Service::new(store, clock).with_settings(settings().with_attachments(folder.path(), MAX));
        let client = in_process(service.clone(), &Hello::new(Origin::Cli, Some(ZONE.to_owned()), None));
        Self { service, client, folder }
    }

    async fn attach(&self, task: &Task, name: &str, content: &[u8]) -> Result<Attachment> {
        let new = NewAttachment { task: task.id.into(), name: FileName::parse(name).unwrap(), media_type: None };
        self.client.begin_attachment(new).await?;
        for piece in content.chunks(Chunk::MAX) {
            self.client.continue_attachment(Chunk(piece.to_vec())).await?;
        }
        self.client.finish_attachment().await
    }

    async fn content(&self, id: Id) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let piece = self.client.read_attachment(id, content.len() as u64).await?.0;
            if piece.is_empty() {
                return Ok(content);
            }
            content.extend(piece);
        }
    }

    fn files(&self) -> Vec<String> {
        let folder = self.folder.path().join("attachments");
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// As if the file had been written when the tests' clock began.
    fn age(&self, name: &str, by: Duration) {
        let file = std::fs::File::options().write(true).open(self.folder.path().join("attachments").join(name));
        file.unwrap().set_modified(SystemTime::UNIX_EPOCH + by).unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

on_both! {
    async fn a_document_is_told_by_what_stands_at_its_end(world) {
        let kept = Kept::new(world);
        let task = world.add("Read the letter").await;
        // The directory of a compound file is in its last sector, the 4,000th.
        let mut file = vec![0; 512 * 4_001];
        file[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
        file[30] = 9;
        file[48..52].copy_from_slice(&3_999_u32.to_le_bytes());
        let root = 512 * 4_000;
        file[root + 66] = 5;
        file[root + 80..root + 96].copy_from_slice(&[6, 9, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
        let attachment = kept.attach(&task, "letter.doc", &file).await.unwrap();
        assert_eq!(attachment.media_type, "application/msword");
        let error = kept.attach(&task, "letter.doc", &file[..root]).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("mediaType"), "{error}");
    }

    async fn a_task_has_a_hundred_files_at_most(world) {
        let kept = Kept::new(world);
        let task = world.add("Collect").await;
        for number in 0..100 {
            kept.attach(&task, &format!("{number}.txt"), b"a").await.unwrap();
        }
        let error = kept.attach(&task, "more.txt", b"a").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Quota, "{error}");
        let all = kept.client.list_attachments(task.id.into()).await.unwrap();
        assert_eq!((all.len(), kept.files().len()), (100, 100));
        kept.client.delete_attachment(all[0].id).await.unwrap();
        kept.attach(&task, "more.txt", b"a").await.unwrap();
    }

    async fn a_file_is_kept_under_its_id_and_read_as_it_was(world) {
        let kept = Kept::new(world);
        let task = world.add("Pay the invoice").await;
        let content = "0123456789\n".repeat(200_000).into_bytes();
        let attachment = kept.attach(&task, "lasku ä.txt", &content).await.unwrap();
        assert_eq!((attachment.name.as_str(), attachment.media_type.as_str()), ("lasku ä.txt", "text/plain"));
        assert_eq!((attachment.task_id, attachment.size_bytes), (task.id, 2_200_000));
        assert_eq!(attachment.url, format!("/attachments/{}/content", attachment.id));
        assert_eq!(kept.content(attachment.id).await.unwrap(), content);
        assert_eq!(kept.client.list_attachments(task.id.into()).await.unwrap(), std::slice::from_ref(&attachment));
        assert_eq!(kept.client.get_attachment(attachment.id).await.unwrap(), attachment);
        assert_eq!(kept.files(), [attachment.id.to_string()]);
        let folder = kept.folder.path().join("attachments");
        assert_eq!((mode(&folder), mode(&folder.join(attachment.id.to_string()))), (0o700, 0o600));
    }

    async fn what_is_not_kept_leaves_nothing_behind(world) {
        let kept = Kept::new(world);
        let task = world.add("Pay").await;
        let field = |result: Result<Attachment>| result.unwrap_err().field;
        assert_eq!(field(kept.attach(&task, "a.html", b"<html><body>").await).as_deref(), Some("mediaType"));
        assert_eq!(field(kept.attach(&task, "a.txt", b"#!/bin/sh\n").await).as_deref(), Some("mediaType"));
        assert_eq!(field(kept.attach(&task, "a.txt", b"").await).as_deref(), Some("sizeBytes"));
        assert_eq!(field(kept.attach(&task, "a.txt", &[b'a'; MAX as usize + 1]).await).as_deref(), Some("sizeBytes"));
        assert_eq!(kept.client.finish_attachment().await.unwrap_err().kind, ErrorKind::Conflict);
        let gone = Task { id: Id::LOCAL_USER, ..task.clone() };
        assert_eq!(kept.attach(&gone, "a.txt", b"a").await.unwrap_err().kind, ErrorKind::NotFound);
        assert!(kept.files().is_empty(), "{:?}", kept.files());
        assert!(kept.attach(&task, "a.txt", &[b'a'; MAX as usize]).await.is_ok());
    }

    async fn deleting_is_undone(world) {
        let kept = Kept::new(world);
        let task = world.add("Pay").await;
        let attachment = kept.attach(&task, "a.txt", b"a").await.unwrap();
        let last = Undo { target: UndoTarget::Last };
        assert_eq!(kept.client.delete_attachment(attachment.id).await.unwrap(), attachment);
        assert_eq!(kept.client.get_attachment(attachment.id).await.unwrap_err().kind, ErrorKind::NotFound);
        kept.client.undo(last.clone()).await.unwrap();
        assert_eq!(kept.client.get_attachment(attachment.id).await.unwrap(), attachment);

        kept.client.delete_tasks(vec![task.id.into()]).await.unwrap();
        assert_eq!(kept.client.get_attachment(attachment.id).await.unwrap_err().kind, ErrorKind::NotFound);
        kept.client.undo(last.clone()).await.unwrap();
        assert_eq!(kept.content(attachment.id).await.unwrap(), b"a");

        let other = kept.attach(&task, "b.txt", b"b").await.unwrap();
        kept.client.undo(last).await.unwrap();
        assert_eq!(kept.client.get_attachment(other.id).await.unwrap_err().kind, ErrorKind::NotFound);
    }

    async fn a_file_without_an_attachment_goes_after_a_week(world) {
        let kept = Kept::new(world);
        let task = world.add("Pay").await;
        let attachment = kept.attach(&task, "a.txt", b"a").await.unwrap();
        let stays = kept.attach(&task, "b.txt", b"b").await.unwrap();
        for id in [attachment.id, stays.id] {
            kept.age(&id.to_string(), Duration::from_secs(1));
        }
        let stray = kept.folder.path().join("attachments").join(format!("{}.part", Id::LOCAL_USER));
        std::fs::write(&stray, "a").unwrap();
        kept.age(&format!("{}.part", Id::LOCAL_USER), Duration::from_secs(1));
        kept.client.delete_attachment(attachment.id).await.unwrap();
        world.at("2026-11-28T09:59:00Z");
        clean(&kept.service).await.unwrap();
        assert!(kept.files().contains(&attachment.id.to_string()), "undo may want it yet");
        world.at("2026-11-28T10:01:00Z");
        clean(&kept.service).await.unwrap();
        assert_eq!(kept.files(), [stays.id.to_string()]);
        let error = kept.client.undo(Undo { target: UndoTarget::Last }).await.unwrap_err();
        assert!(error.kind == ErrorKind::Conflict && error.message.contains("a.txt"), "{error}");
    }
}
