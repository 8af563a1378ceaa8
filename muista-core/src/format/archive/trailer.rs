//! The SHA-256 of all bytes before it that ends an archive: zstd's own checksum says nothing of the headers of its frames.

use std::io::{self, Read, Write};

use ring::digest::{Context, SHA256, SHA256_OUTPUT_LEN};

/// Hashes what is written through it.
pub(super) struct Hashing<W> {
    out: W,
    hash: Context,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, hash: Context::new(&SHA256) }
    }

    /// Writes the trailer.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(self.hash.finish().as_ref())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// How many bytes are read at once.
const PIECE: usize = 1 << 16;

/// Reads what stands before a trailer; the end is an error where the trailer does not fit.
pub(super) struct Trailed<R> {
    input: R,
    hash: Context,
    /// What was read and not handed out. The last bytes of it may be the trailer.
    held: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Trailed<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, hash: Context::new(&SHA256), held: Vec::new(), given: 0, ended: false }
    }

    /// Reads until something can be handed out, or the end.
    fn fill(&mut self) -> io::Result<()> {
        while !self.ended && self.held.len() - self.given <= SHA256_OUTPUT_LEN {
            self.held.drain(..self.given);
            self.given = 0;
            let before = self.held.len();
            self.held.resize(before + PIECE, 0);
            let read = self.input.read(self.held.get_mut(before..).unwrap_or_default());
            self.held.truncate(before + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => {
                    self.ended = true;
                    if self.held.len() < SHA256_OUTPUT_LEN {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    if self.hash.clone().finish().as_ref() != self.held {
                        return Err(io::Error::new(io::ErrorKind::InvalidData, "its last bytes are not its SHA-256"));
                    }
                }
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Trailed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let ready = (self.held.len() - self.given).saturating_sub(SHA256_OUTPUT_LEN);
        let count = ready.min(out.len());
        let from = self.held.get(self.given..self.given + count).unwrap_or_default();
        out.get_mut(..count).unwrap_or_default().copy_from_slice(from);
        self.hash.update(from);
        self.given += count;
        Ok(count)
    }
}
