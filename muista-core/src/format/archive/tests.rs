#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Cursor;

use super::*;
use crate::error::Result;

fn head() -> Head {
    Head {
        program: "0.1.0".to_owned(),
        schema_version: 4,
        created_at: Instant::from_micros(1_795_250_000_000_000).unwrap(),
        database: "sqlite".to_owned(),
        sequences: BTreeMap::from([("tasks".to_owned(), 7)]),
    }
}

const VALUES: [Value<'_>; 9] = [
    Value::Null,
    Value::Integer(0),
    Value::Integer(-1),
    Value::Integer(i64::MIN),
    Value::Integer(i64::MAX),
    Value::Text("maitoa ja leipää"),
    Value::Text(""),
    Value::Bytes(&[0, 255, 10]),
    Value::Real(0.1),
];

fn file_id() -> Id {
    Id::from_bytes([7; 16])
}

/// An archive of a table of two rows and one file.
fn archive(recipients: &[Recipient]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), recipients, head()).unwrap();
    let columns = (0..VALUES.len()).map(|n| format!("c{n}")).collect();
    writer.table(&Table { name: "tasks".to_owned(), columns }).unwrap();
    let mut row = Vec::new();
    VALUES.iter().for_each(|value| value.write(&mut row));
    writer.row(&row).unwrap();
    writer.row(&row).unwrap();
    writer.file(file_id()).unwrap();
    writer.data(&vec![42; 3 * BLOCK]).unwrap();
    writer.finish().unwrap().0
}

fn read(bytes: Vec<u8>, identities: &Identities) -> Result<Manifest> {
    Reader::new(Cursor::new(bytes), "it", identities)?.verify(|| Ok(()))
}

#[test]
fn what_was_written_is_read_again() {
    let mut reader = Reader::new(Cursor::new(archive(&[])), "it", &Identities::default()).unwrap();
    assert_eq!(reader.head(), &head());
    let (mut rows, mut data) = (0, 0);
    loop {
        match reader.advance().unwrap().unwrap() {
            Record::Table(table) => assert_eq!((&*table.name, table.columns.len()), ("tasks", VALUES.len())),
            Record::Rows(count, bytes) => {
                rows += count;
                let mut values = Values::of(bytes);
                for expected in VALUES.iter().cycle().take(VALUES.len() * 2) {
                    assert_eq!(values.next().as_ref(), Some(expected));
                }
                assert!(values.next().is_none() && values.rest().is_empty());
            }
            Record::File(id) => assert_eq!(id, file_id()),
            Record::Data(bytes) => data += bytes.len(),
            Record::End(manifest) => {
                assert_eq!((manifest.rows_of("tasks"), manifest.files()), (2, 1));
                break;
            }
        }
    }
    assert_eq!((rows, data), (2, 3 * BLOCK));
    assert!(reader.advance().unwrap().is_none());
}

#[test]
fn no_byte_may_be_another_and_none_may_be_missing() {
    let whole = archive(&[]);
    let none = Identities::default();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        assert!(read(flipped, &none).is_err(), "byte {at} of {}", whole.len());
        assert!(read(whole[..at].to_vec(), &none).is_err(), "cut at {at}");
    }
    let more = [&whole[..], b"x"].concat();
    assert!(read(more, &none).is_err(), "something behind the end");
    assert!(read(whole, &none).is_ok());
}

#[test]
fn a_part_that_was_taken_out_is_named() {
    // All is as it was written, but for the file.
    let mut writer = Writer::new(Vec::new(), &[], head()).unwrap();
    writer.file(file_id()).unwrap();
    writer.data(b"text").unwrap();
    writer.finish().unwrap();
    let mut without = Writer::new(Vec::new(), &[], head()).unwrap();
    without.manifest.parts.push(Part {
        kind: Kind::File,
        name: file_id().to_string(),
        rows: 0,
        bytes: 4,
        sha256: "0".to_owned(),
    });
    let error = read(without.finish().unwrap().0, &Identities::default()).unwrap_err();
    assert!(error.message.contains(&format!("the attachment {} is missing", file_id())), "{error}");
}

#[test]
fn an_encrypted_archive_is_read_by_its_recipients_alone() {
    let (identities, recipient) = Identities::passing();
    let (others, _) = Identities::passing();
    let sealed = archive(&[recipient]);
    assert_eq!(read(sealed.clone(), &identities).unwrap().rows(), 2);
    assert!(read(sealed.clone(), &others).unwrap_err().message.contains("for another key"));
    assert!(read(sealed.clone(), &Identities::default()).unwrap_err().hint.unwrap().contains("--identity"));
    let mut flipped = sealed.clone();
    let last = flipped.len() - 20;
    flipped[last] ^= 1;
    assert!(read(flipped, &identities).unwrap_err().message.contains("damaged"));
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    let none = Identities::default();
    for foreign in [&b""[..], b"SQLite format 3\0", b"muista", &[0; 100]] {
        assert!(read(foreign.to_vec(), &none).unwrap_err().message.contains("is not a backup"), "{foreign:?}");
    }
    let later = read(b"muista-backup 2\nrest".to_vec(), &none).unwrap_err();
    assert!(later.message.contains("a later version"), "{later}");
    for wrong in ["", "age1", "AGE-SECRET-KEY-1QQQ"] {
        let refused = wrong.parse::<Recipient>().unwrap_err();
        assert!(refused.hint.unwrap().contains("age-keygen"), "{wrong}");
    }
}
