//! The row of an attachment, from and to the noun.

use diesel::prelude::*;

use crate::model::{Attachment, Id};
use crate::store::schema::attachments;
use crate::time::Instant;

/// A row of `attachments`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments, treat_none_as_default_value = false)]
pub(crate) struct AttachmentRow {
    pub(crate) id: Id,
    pub(crate) task_id: Id,
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) created_at: Instant,
    pub(crate) user_id: Option<Id>,
    pub(crate) sha256: Option<Vec<u8>>,
}

impl From<AttachmentRow> for Attachment {
    fn from(row: AttachmentRow) -> Self {
        Self {
            url: format!("/attachments/{}/content", row.id),
            id: row.id,
            task_id: row.task_id,
            user_id: row.user_id,
            name: row.name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            sha256: row.sha256.map(|hash| hash.iter().map(|byte| format!("{byte:02x}")).collect()),
            created_at: row.created_at,
        }
    }
}

impl From<&Attachment> for AttachmentRow {
    fn from(attachment: &Attachment) -> Self {
        Self {
            // Files are named by their ids alone.
            url: format!("attachments/{}", attachment.id),
            id: attachment.id,
            task_id: attachment.task_id,
            user_id: attachment.user_id,
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            size_bytes: attachment.size_bytes,
            sha256: attachment.sha256.as_deref().map(bytes_of_hex),
            created_at: attachment.created_at,
        }
    }
}

/// The bytes of hexadecimal digits that were written by us.
fn bytes_of_hex(text: &str) -> Vec<u8> {
    let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    text.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |byte, c| byte * 16 + digit(c))).collect()
}
