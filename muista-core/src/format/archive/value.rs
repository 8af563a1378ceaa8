//! [`Value`]: one value of a row, the same from both databases, and how rows of them are written.
//!
//! Ids are 16 bytes, instants microseconds since the epoch in UTC, days and JSON documents texts, truth 0 or 1. A value
//! is a tag of one byte and what follows from it; whole numbers and lengths are variable-length integers of seven bits a
//! byte, the lowest first, whole numbers folded (0, -1, 1, -2, …) before.

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number, an instant, or truth.
    Integer(i64),
    /// Text, a day, or a JSON document.
    Text(&'a str),
    /// Bytes, or an id.
    Bytes(&'a [u8]),
    /// A fraction.
    Real(f64),
}

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;
const REAL: u8 = 4;

impl Value<'_> {
    /// Writes it behind what `out` holds.
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(NULL),
            Self::Integer(number) => {
                out.push(INTEGER);
                length(out, number.wrapping_shl(1).cast_unsigned() ^ (number >> 63).cast_unsigned());
            }
            Self::Text(text) => sized(out, TEXT, text.as_bytes()),
            Self::Bytes(bytes) => sized(out, BYTES, bytes),
            Self::Real(number) => {
                out.push(REAL);
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
}

fn sized(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    length(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn length(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number as u8) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The values that some bytes hold, one after the other; none behind what cannot be read.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    rest: &'a [u8],
}

impl<'a> Values<'a> {
    /// The values of `bytes`.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Returns what has not been read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn length(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let count = usize::try_from(self.length()?).ok()?;
        self.take(count)
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        match *self.take(1)?.first()? {
            NULL => Some(Value::Null),
            INTEGER => {
                let folded = self.length()?;
                Some(Value::Integer((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed()))
            }
            TEXT => std::str::from_utf8(self.sized()?).ok().map(Value::Text),
            BYTES => self.sized().map(Value::Bytes),
            REAL => Some(Value::Real(f64::from_le_bytes(self.take(8)?.try_into().ok()?))),
            _ => None,
        }
    }
}
