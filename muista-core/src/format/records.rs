//! JSON objects from a reader, one after the other, without holding the whole file: an array of them, or one a line,
//! where a comma may end a line. What the objects mean is the formats' work.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use serde::de::{Deserializer as _, Error as _, SeqAccess, Visitor};

use super::surrogates::Joined;
use crate::error::{Error, Result};

/// One object.
pub(crate) type Record = serde_json::Map<String, serde_json::Value>;

/// How many objects are handed over at a time.
const BATCH: usize = 128;
/// How many such lots are read ahead.
const AHEAD: usize = 2;

/// Gives each object of `input` to `take`, and returns whether control characters had to be taken out of texts. While one
/// is taken those behind it are read.
///
/// # Errors
/// `Invalid` when the input is empty, cut off or no JSON; and what `take` says.
pub(crate) fn each(input: impl Read + Send + 'static, mut take: impl FnMut(Record) -> Result<()>) -> Result<bool> {
    let (sender, lots) = sync_channel(AHEAD);
    let reader = thread::Builder::new().name("muista-read".to_owned()).spawn(move || {
        let mut lots = Lots { sender, lot: Vec::with_capacity(BATCH) };
        let read = read(input, &mut |record| lots.add(record));
        // What stands before a fault was read, and may be at fault itself.
        lots.send().and(read)
    });
    let reader = reader.map_err(|e| Error::unavailable(format!("cannot start a thread: {e}")))?;
    // Nobody waits for the end of what is not wanted any more: it may be a pipe's.
    lots.iter().flatten().try_for_each(&mut take)?;
    reader.join().unwrap_or_else(|_| Err(Error::internal("reading the file broke off")))
}

/// Objects on their way to who takes them.
struct Lots {
    sender: SyncSender<Vec<Record>>,
    lot: Vec<Record>,
}

impl Lots {
    fn add(&mut self, record: Record) -> Result<()> {
        self.lot.push(record);
        if self.lot.len() < BATCH { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<()> {
        let lot = std::mem::replace(&mut self.lot, Vec::with_capacity(BATCH));
        // Who takes no more has found a fault, and tells that.
        self.sender.send(lot).map_err(|_| Error::invalid("file", "the file is not read to its end"))
    }
}

/// Reads all objects.
fn read(input: impl Read, take: &mut dyn FnMut(Record) -> Result<()>) -> Result<bool> {
    let mut input = BufReader::with_capacity(1 << 16, Printable { input: Joined::new(input), replaced: false });
    match first_byte(&mut input)? {
        Some(b'[') => array(&mut input, take)?,
        Some(b'{') => lines(&mut input, take)?,
        Some(_) => {
            return Err(Error::invalid("file", "the file is not JSON: it begins with neither `[` nor `{`")
                .hint("give a file that `task export` or `muista export` wrote, in UTF-8"));
        }
        None => {
            return Err(Error::invalid("file", "the file is empty")
                .hint("an export without tasks is `[]`; the program that wrote the file may have failed"));
        }
    }
    Ok(input.get_ref().replaced)
}

/// Returns the first byte that is neither white space nor of a byte order mark; it is not consumed.
fn first_byte(input: &mut impl BufRead) -> Result<Option<u8>> {
    loop {
        let buffer = input.fill_buf().map_err(|e| unreadable(&e))?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let passed =
            buffer.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0xEF | 0xBB | 0xBF)).count();
        let first = buffer.get(passed).copied();
        input.consume(passed);
        if first.is_some() {
            return Ok(first);
        }
    }
}

fn array(input: impl Read, take: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
    let mut refused = None;
    let mut json = serde_json::Deserializer::from_reader(input);
    let read = json.deserialize_seq(Items { take, refused: &mut refused }).and_then(|()| json.end());
    match (refused, read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(not_json(&error, None)),
        (None, Ok(())) => Ok(()),
    }
}

/// Hands on the items of an array; what the taker refuses goes beside serde, which knows only its own errors.
struct Items<'a> {
    take: &'a mut dyn FnMut(Record) -> Result<()>,
    refused: &'a mut Option<Error>,
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(record) = items.next_element()? {
            if let Err(error) = (self.take)(record) {
                *self.refused = Some(error);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

fn lines(input: &mut impl BufRead, take: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(|e| unreadable(&e))? == 0 {
            break;
        }
        let text = line.trim_ascii();
        let text = text.strip_suffix(b",").unwrap_or(text);
        if !text.is_empty() {
            take(serde_json::from_slice(text).map_err(|e| not_json(&e, Some(number)))?)?;
        }
    }
    Ok(())
}

fn not_json(error: &serde_json::Error, line: Option<u64>) -> Error {
    use serde_json::error::Category;
    if error.io_error_kind().is_some() {
        return Error::invalid("file", format!("the file cannot be read: {error}"));
    }
    let (line, column) = (line.unwrap_or(error.line() as u64), error.column());
    if error.classify() == Category::Eof {
        return Error::invalid(
            "file",
            format!("the file is cut off: its JSON has no end at line {line}, column {column}"),
        )
        .hint("export it again; an array of objects is read, or one whole object a line");
    }
    let text = error.to_string();
    let why = text.split(" at line ").next().unwrap_or(&text);
    Error::invalid("file", format!("the file is no JSON that can be imported: {why} at line {line}, column {column}"))
        .hint("an array of objects is read, or one whole object a line, in UTF-8")
}

fn unreadable(error: &io::Error) -> Error {
    Error::invalid("file", format!("the file cannot be read: {error}"))
}

/// Puts spaces in place of control characters that JSON forbids. Taskwarrior writes some into its texts as they are.
struct Printable<R> {
    input: R,
    replaced: bool,
}

impl<R: Read> Read for Printable<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(out)?;
        for byte in &mut out[..count] {
            if *byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t') {
                *byte = b' ';
                self.replaced = true;
            }
        }
        Ok(count)
    }
}
