//! [`Joined`]: a reader whose text has each character in the form of UTF-8. Taskwarrior writes a character beyond U+FFFF
//! that it got as a pair of JSON escapes in two pieces of three bytes (Unicode Technical Report 26, "CESU-8"), which is
//! not UTF-8 (RFC 3629, section 3). A piece without its other half is left as it is, for the reader to refuse.

use std::io::{self, Read};

/// How many bytes are read at a time.
const CHUNK: usize = 1 << 16;
/// How many bytes a pair takes.
const PAIR: usize = 6;

/// Joins pairs of surrogates in what `input` holds.
#[derive(Debug)]
pub(crate) struct Joined<R> {
    input: R,
    /// What is read into.
    chunk: Box<[u8]>,
    /// What was read and not joined yet; less than a pair between two reads.
    waiting: Vec<u8>,
    ready: Vec<u8>,
    /// How much of `ready` was handed on.
    given: usize,
}

impl<R: Read> Joined<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, chunk: vec![0; CHUNK].into(), waiting: Vec::new(), ready: Vec::new(), given: 0 }
    }

    /// Reads on; at the end of the input nothing is ready.
    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() {
            let read = self.input.read(&mut self.chunk)?;
            self.waiting.extend_from_slice(&self.chunk[..read]);
            self.join(read == 0);
            if read == 0 {
                break;
            }
        }
        Ok(())
    }

    fn join(&mut self, ended: bool) {
        let mut rest = self.waiting.as_slice();
        while let Some(place) = rest.iter().position(|byte| *byte == 0xED) {
            let (before, from) = rest.split_at(place);
            self.ready.extend_from_slice(before);
            rest = from;
            if rest.len() < PAIR && !ended {
                break;
            }
            let mut utf8 = [0; 4];
            let (piece, passed) = match joined(rest) {
                Some(character) => (character.encode_utf8(&mut utf8).as_bytes(), PAIR),
                None => (&rest[..1], 1),
            };
            self.ready.extend_from_slice(piece);
            rest = &rest[passed..];
        }
        if rest.first() != Some(&0xED) {
            self.ready.extend_from_slice(rest);
            rest = &[];
        }
        let kept = rest.len();
        self.waiting.drain(..self.waiting.len() - kept);
    }
}

/// Returns the character whose two halves `bytes` begin with.
fn joined(bytes: &[u8]) -> Option<char> {
    let half = |bytes: &[u8], first: u8| match *bytes {
        [0xED, high, low] if high & 0xF0 == first && low & 0xC0 == 0x80 => {
            Some(u32::from(high & 0x0F) << 6 | u32::from(low & 0x3F))
        }
        _ => None,
    };
    let high = half(bytes.get(..3)?, 0xA0)?;
    let low = half(bytes.get(3..PAIR)?, 0xB0)?;
    char::from_u32(0x1_0000 + (high << 10 | low))
}

impl<R: Read> Read for Joined<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.fill()?;
        }
        let count = (&self.ready[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// Gives one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let some = self.0.len().min(1);
            let mut one = &self.0[..some];
            self.0 = &self.0[some..];
            one.read(buffer)
        }
    }

    fn read(bytes: &[u8]) -> Vec<u8> {
        let (mut whole, mut slow) = (Vec::new(), Vec::new());
        Joined::new(bytes).read_to_end(&mut whole).unwrap();
        Joined::new(Slow(bytes)).read_to_end(&mut slow).unwrap();
        assert_eq!(whole, slow);
        whole
    }

    #[test]
    fn two_halves_are_one_character() {
        assert_eq!(read(b"a \xED\xA0\xB4\xED\xB4\x9E b"), "a \u{1D11E} b".as_bytes());
        assert_eq!(read(b"\xED\xA0\xBD\xED\xB8\x80\xED\xA0\xBD\xED\xB8\x81"), "\u{1F600}\u{1F601}".as_bytes());
    }

    #[test]
    fn everything_else_stays() {
        // Hangul begins with the same byte.
        for text in ["", "plain", "\u{D55C}\u{AE00} \u{D7A3}", "\u{1D11E}"] {
            assert_eq!(read(text.as_bytes()), text.as_bytes());
        }
        for half in [&b"\xED\xA0\xB4"[..], b"\xED\xB4\x9E\xED\xA0\xB4", b"x\xED", b"\xED\xA0\xB4\xED\xA0\xB4"] {
            assert_eq!(read(half), half);
        }
        let long = "\u{D55C}".repeat(CHUNK);
        assert_eq!(read(long.as_bytes()), long.as_bytes());
    }
}
