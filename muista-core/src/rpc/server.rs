//! [`Server`]: what answers the calls of one connection. It holds who the caller is and the import and the file that are
//! being gathered; everything else is the service's. Which use case answers which call stands in `calls`.

use std::sync::Arc;

use crate::error::Result;
use crate::model::{Attachment, Chunk, Id, ImportBatch, ImportSummary, NewAttachment, User, UserPatch, UserRef};
use crate::service::account::user;
use crate::service::{Caller, ImportStage, Service, UploadStage, attachment, import};

/// Answers the calls of one connection.
#[derive(Clone)]
pub struct Server {
    pub(super) service: Service,
    pub(super) caller: Arc<Caller>,
    import: Arc<ImportStage>,
    upload: Arc<UploadStage>,
}

impl Server {
    /// Makes a server for `caller`.
    #[must_use]
    pub fn new(service: Service, caller: Caller) -> Self {
        Self { service, caller: Arc::new(caller), import: Arc::default(), upload: Arc::default() }
    }

    /// Returns whose connection it is.
    pub(super) fn account(&self) -> Id {
        self.caller.user
    }

    pub(super) async fn begin_attachment(&self, attachment: NewAttachment) -> Result<()> {
        self.upload.put(attachment::begin(&self.service, &self.caller, attachment).await?);
        Ok(())
    }

    pub(super) async fn continue_attachment(&self, piece: Chunk) -> Result<()> {
        self.upload.put(self.upload.take()?.push(piece.0).await?);
        Ok(())
    }

    pub(super) async fn finish_attachment(&self) -> Result<Attachment> {
        self.upload.take()?.finish(&self.service, &self.caller).await
    }

    pub(super) async fn edit_user(&self, user: Option<UserRef>, patch: UserPatch) -> Result<User> {
        match user {
            Some(user) => user::edit(&self.service, &self.caller, user, patch).await,
            None => user::edit_me(&self.service, &self.caller, patch).await,
        }
    }

    pub(super) async fn import(&self, batch: ImportBatch) -> Result<ImportSummary> {
        import::import(&self.service, &self.caller, &self.import, batch).await
    }
}
