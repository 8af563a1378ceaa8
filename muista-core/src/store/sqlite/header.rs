//! The beginning of a SQLite file, of its log and of the log's index, as they lie on the disk
//! (<https://www.sqlite.org/fileformat2.html>, <https://www.sqlite.org/walformat.html>): which state of the file it is,
//! whether a log that lies beside it can be of this file, and who wrote into it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The size of the file's header.
const HEADER: usize = 100;
/// The write version of a file that is in WAL mode.
const WAL: u8 = 2;
/// The size of the log's own header.
const LOG_HEADER: u64 = 32;
/// The size of the header of each page in the log.
const FRAME_HEADER: u64 = 24;

/// What the header of a SQLite file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether the file is in WAL mode.
    pub(super) wal: bool,
    /// Counts changes of the first page. It only grows, though not with each of them.
    changes: u32,
    /// The size of the database.
    pages: u32,
    page_size: u64,
}

impl Header {
    /// Reads the header from the disk, past what is in the log; none where it is no SQLite file, as an empty one.
    pub(super) fn read(file: &File) -> io::Result<Option<Self>> {
        let mut bytes = [0; HEADER];
        match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        if !bytes.starts_with(MAGIC) {
            return Ok(None);
        }
        // 65536 does not fit and is written as 1.
        let page_size = match u64::from(u16::from_be_bytes([bytes[16], bytes[17]])) {
            1 => 1 << 16,
            size => size,
        };
        let (changes, pages) = (number(&bytes[24..28]), number(&bytes[28..32]));
        Ok(Some(Self { wal: bytes[18] == WAL, changes, pages, page_size }))
    }

    /// Whether this can be a later state of the same file. Only VACUUM makes one smaller, and counts that.
    pub(super) fn follows(&self, earlier: &Self) -> bool {
        self.page_size == earlier.page_size && (self.changes, self.pages) >= (earlier.changes, earlier.pages)
    }

    /// Whether a log can be of the file with this header. The file must have been read before the log. A log that is older
    /// than the file, as after one of the two was copied alone, would undo what is in the file.
    pub(super) fn fits(&self, log: &File) -> io::Result<bool> {
        let length = log.metadata()?.len();
        let mut head = [0; 32];
        if length < LOG_HEADER + FRAME_HEADER || log.read_exact_at(&mut head, 0).is_err() {
            // SQLite takes nothing from it.
            return Ok(true);
        }
        let page_size = u64::from(number(&head[8..12]));
        if page_size != self.page_size {
            return Ok(false);
        }
        let salt = &head[16..24];
        let (mut at, mut changes, mut state) = (LOG_HEADER, self.changes, None);
        let mut frame = [0; 24];
        while at + FRAME_HEADER + page_size <= length {
            log.read_exact_at(&mut frame, at)?;
            // What was written before the log was begun anew stands behind its end.
            if &frame[8..16] != salt {
                break;
            }
            if number(&frame[..4]) == 1 {
                let mut counter = [0; 4];
                log.read_exact_at(&mut counter, at + FRAME_HEADER + 24)?;
                changes = number(&counter);
            }
            // The last page of a transaction tells how large the database is then.
            let pages = number(&frame[4..8]);
            if pages != 0 {
                state = Some(Self { changes, pages, ..*self });
            }
            at += FRAME_HEADER + page_size;
        }
        Ok(state.is_none_or(|state| state.follows(self)))
    }
}

/// What changes in the log's index with each part of the log that SQLite takes over into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    salt: [u8; 8],
    done: [u8; 4],
    begun: [u8; 4],
}

impl Progress {
    /// Reads it; none where there is no index.
    pub(super) fn read(index: &File) -> Option<Self> {
        let mut bytes = [0; 132];
        index.read_exact_at(&mut bytes, 0).ok()?;
        let mut progress = Self { salt: [0; 8], done: [0; 4], begun: [0; 4] };
        progress.salt.copy_from_slice(&bytes[32..40]);
        progress.done.copy_from_slice(&bytes[96..100]);
        progress.begun.copy_from_slice(&bytes[128..132]);
        Some(progress)
    }

    /// Whether a part is being taken over just now, or was when a process ended.
    pub(super) fn is_under_way(&self) -> bool {
        self.done != self.begun
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diesel::connection::SimpleConnection as _;
    use diesel::prelude::*;

    use super::*;

    #[test]
    fn a_log_that_is_older_than_the_file_does_not_fit() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut conn = SqliteConnection::establish(at("a.db").to_str().unwrap()).unwrap();
        conn.batch_execute("PRAGMA journal_mode = WAL; CREATE TABLE a (a)").unwrap();
        let header = || Header::read(&File::open(at("a.db")).unwrap()).unwrap().unwrap();
        assert!(header().wal);
        std::fs::copy(at("a.db-wal"), at("old-wal")).unwrap();
        let fits = |header: &Header, log: &str| header.fits(&File::open(at(log)).unwrap()).unwrap();
        assert!(fits(&header(), "a.db-wal") && fits(&header(), "old-wal"));

        let earlier = header();
        conn.batch_execute("CREATE TABLE b (b); PRAGMA wal_checkpoint(TRUNCATE); CREATE TABLE c (c)").unwrap();
        assert!(header().follows(&earlier) && !earlier.follows(&header()));
        assert!(fits(&header(), "a.db-wal"));
        assert!(!fits(&header(), "old-wal"), "it would take table b away");
        std::fs::write(at("empty"), "").unwrap();
        assert!(fits(&header(), "empty"));
        assert_eq!(Header::read(&File::open(at("empty")).unwrap()).unwrap(), None);
    }
}
