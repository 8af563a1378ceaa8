//! The files of attachments out of a backup, kept apart until all of the backup was found whole.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use crate::error::{Error, Result};
use crate::model::Id;
use crate::service::attachment::Folder;

/// What is known of a file.
pub(super) type Known = (u64, Vec<u8>);

/// The files. Dropping it removes those that were not adopted.
pub(super) struct Staging {
    folder: PathBuf,
    /// The size and the SHA-256 of each.
    pub(super) files: BTreeMap<Id, Known>,
    open: Option<(Id, File, u64, Context)>,
}

impl Drop for Staging {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

impl Staging {
    /// Begins in a folder of its own; what an earlier one left there goes.
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        fs::remove_dir_all(folder).ok();
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| failed(folder, &e))?;
        Ok(Self { folder: folder.to_owned(), files: BTreeMap::new(), open: None })
    }

    pub(super) fn file(&mut self, id: Id) -> Result<()> {
        self.end()?;
        let path = self.folder.join(id.to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        self.open = Some((id, file.map_err(|e| failed(&self.folder, &e))?, 0, Context::new(&SHA256)));
        Ok(())
    }

    pub(super) fn data(&mut self, bytes: &[u8]) -> Result<()> {
        let Some((_, file, size, hash)) = &mut self.open else { return Ok(()) };
        file.write_all(bytes).map_err(|e| failed(&self.folder, &e))?;
        *size += bytes.len() as u64;
        hash.update(bytes);
        Ok(())
    }

    /// Ends the file that was begun last.
    pub(super) fn end(&mut self) -> Result<()> {
        if let Some((id, file, size, hash)) = self.open.take() {
            file.sync_all().map_err(|e| failed(&self.folder, &e))?;
            self.files.insert(id, (size, hash.finish().as_ref().to_vec()));
        }
        Ok(())
    }

    /// Puts some of the files among those of the attachments.
    pub(super) fn adopt_some(&self, into: &Folder, some: &HashSet<Id>) -> Result<()> {
        let some = self.files.keys().filter(|id| some.contains(id));
        into.adopt(some.map(|id| (*id, self.folder.join(id.to_string()))))
    }

    /// Puts the files among those of the attachments.
    pub(super) fn adopt(&self, into: &Folder) -> Result<()> {
        into.adopt(self.files.keys().map(|id| (*id, self.folder.join(id.to_string()))))
    }
}

fn failed(folder: &Path, error: &std::io::Error) -> Error {
    super::unwritable("the attachments of the backup", folder, error)
}
