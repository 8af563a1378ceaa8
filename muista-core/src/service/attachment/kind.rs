//! What a file is, as its content shows, and which kinds are kept: pictures, sound, films, documents and plain text.
//! Nothing that a browser or a shell would run.

use crate::error::{Error, Result};
use crate::model::{FileName, clip};

/// A kind of file that is kept.
struct Kind {
    /// Its media type.
    media_type: &'static str,
    /// What else it is called, by the detector or by clients.
    aliases: &'static [&'static str],
    /// The endings of such files' names.
    extensions: &'static [&'static str],
}

const fn kind(media_type: &'static str, aliases: &'static [&'static str], extensions: &'static [&'static str]) -> Kind {
    Kind { media_type, aliases, extensions }
}

/// Those that are told by their first bytes.
const BINARY: &[Kind] = &[
    kind("image/jpeg", &["image/jpg"], &["jpg", "jpeg"]),
    kind("image/png", &[], &["png"]),
    kind("image/gif", &[], &["gif"]),
    kind("image/webp", &[], &["webp"]),
    kind("image/bmp", &[], &["bmp"]),
    kind("image/tiff", &[], &["tif", "tiff"]),
    kind("image/heif", &["image/heic"], &["heif", "heic"]),
    kind("image/avif", &[], &["avif"]),
    kind("image/jxl", &[], &["jxl"]),
    kind("application/pdf", &[], &["pdf"]),
    kind("application/zip", &["application/x-zip-compressed"], &["zip"]),
    kind("application/rtf", &["text/rtf"], &["rtf"]),
    kind("application/msword", &[], &["doc"]),
    kind("application/vnd.ms-excel", &[], &["xls"]),
    kind("application/vnd.ms-powerpoint", &[], &["ppt"]),
    kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &[], &["docx"]),
    kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &[], &["xlsx"]),
    kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", &[], &["pptx"]),
    kind("application/vnd.oasis.opendocument.text", &[], &["odt"]),
    kind("application/vnd.oasis.opendocument.spreadsheet", &[], &["ods"]),
    kind("application/vnd.oasis.opendocument.presentation", &[], &["odp"]),
    kind("audio/mpeg", &["audio/mp3"], &["mp3"]),
    kind("audio/mp4", &["audio/m4a", "audio/x-m4a"], &["m4a", "mp4"]),
    kind("audio/opus", &["audio/ogg"], &["opus", "ogg", "oga"]),
    kind("audio/ogg", &["application/ogg"], &["ogg", "oga"]),
    kind("audio/flac", &["audio/x-flac"], &["flac"]),
    kind("audio/wav", &["audio/x-wav", "audio/wave"], &["wav"]),
    kind("audio/aac", &[], &["aac"]),
    kind("video/mp4", &["video/x-m4v"], &["mp4", "m4v"]),
    kind("video/x-matroska", &[], &["mkv"]),
    kind("video/webm", &[], &["webm"]),
    kind("video/quicktime", &[], &["mov"]),
    kind("video/x-msvideo", &["video/avi"], &["avi"]),
    kind("video/mpeg", &[], &["mpg", "mpeg"]),
];

const PLAIN: &str = "text/plain";
/// Those that are text, told by the ending of their names.
const TEXT: &[Kind] = &[
    kind(PLAIN, &[], &["txt", "text", "log", ""]),
    kind("text/csv", &[], &["csv"]),
    kind("text/markdown", &["text/x-markdown"], &["md", "markdown"]),
    kind("application/json", &["text/json"], &["json"]),
];

/// The endings of what would be run when somebody opens it.
const RUN: &[&str] = &[
    "html",
    "htm",
    "xhtml",
    "shtml",
    "svg",
    "svgz",
    "xml",
    "xsl",
    "js",
    "mjs",
    "cjs",
    "hta",
    "sh",
    "bash",
    "zsh",
    "fish",
    "bat",
    "cmd",
    "ps1",
    "psm1",
    "vbs",
    "vbe",
    "wsf",
    "jse",
    "exe",
    "com",
    "dll",
    "scr",
    "msi",
    "msp",
    "pif",
    "cpl",
    "lnk",
    "url",
    "desktop",
    "app",
    "command",
    "jar",
    "apk",
    "ipa",
    "deb",
    "rpm",
    "dmg",
    "pkg",
    "iso",
    "reg",
    "docm",
    "dotm",
    "xlsm",
    "xltm",
    "pptm",
    "potm",
    "xht",
    "mht",
    "mhtml",
    "shtm",
    "stm",
    "xslt",
    "xsd",
    "rdf",
    "htc",
    "wsc",
    "wsh",
    "sct",
    "vb",
    "swf",
    "chm",
    "hlp",
    "inf",
    "application",
    "appref-ms",
    "gadget",
    "scpt",
    "terminal",
    "workflow",
    "webarchive",
    "maff",
    "php",
    "phtml",
    "asp",
    "aspx",
    "jsp",
    "cgi",
];

/// Text of whose kind nothing is known. Whoever opens it saves it.
const OTHER: Kind = kind("application/octet-stream", &[], &[]);

/// What clients say that do not know.
const UNSAID: &[&str] = &["", "application/octet-stream", "application/x-www-form-urlencoded", "binary/octet-stream"];

/// The first bytes of Microsoft's compound files ([MS-CFB] §2.2).
const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// How many bytes of a compound file say what it is.
pub(super) const ROOT: usize = 128;
/// What such files are by the class in their roots ([MS-CFB] §2.6.1).
const CLASSES: [([u8; 16], &str); 4] = [
    ([0x06, 0x09, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46], "application/msword"),
    ([0x10, 0x08, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46], "application/vnd.ms-excel"),
    ([0x20, 0x08, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46], "application/vnd.ms-excel"),
    (
        [0x10, 0x8D, 0x81, 0x64, 0x9B, 0x4F, 0xCF, 0x11, 0x86, 0xEA, 0x00, 0xAA, 0x00, 0xB9, 0x29, 0xE8],
        "application/vnd.ms-powerpoint",
    ),
];

/// Where the root of a compound file's directory is, which may be anywhere in it; none for other files.
pub(super) fn root_of(head: &[u8]) -> Option<u64> {
    if !head.starts_with(&COMPOUND) {
        return None;
    }
    let two = |at: usize| Some(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?));
    let four = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
    // Sectors are of 512 or 4,096 bytes, and the header is before the first. Anything else leads behind the file's end.
    let shift = two(30).filter(|shift| matches!(shift, 9 | 12));
    let place = || Some((u64::from(four(48)?) + 1) << shift?);
    Some(place().unwrap_or(u64::MAX >> 1))
}

/// What a compound file is whose root is `root`.
fn of_compound(root: &[u8]) -> &'static str {
    let class = root.get(80..96).filter(|_| root.get(66) == Some(&5));
    let known = CLASSES.iter().find(|(known, _)| class.is_some_and(|class| class == known));
    known.map_or("application/x-ole-storage", |(_, media_type)| media_type)
}

/// The media type of a file that begins with `head` and has this root, where it is a compound file; `text` says whether
/// all of it is plain text.
///
/// # Errors
/// `Invalid` for a kind that is not kept, or another one than its name or the client says.
pub(super) fn of(
    head: &[u8],
    root: Option<&[u8]>,
    text: bool,
    name: &FileName,
    declared: Option<&str>,
) -> Result<&'static str> {
    let extension = name.extension();
    if RUN.contains(&extension.as_str()) {
        return Err(refused(format!("files that end in .{extension} are not kept")));
    }
    let found = root.map(of_compound).or_else(|| infer::get(head).map(|found| found.mime_type()));
    let kind = match found {
        Some(found) => of_binary(found, &extension)?,
        None if text => of_text(&extension, declared),
        None => return Err(refused("what the file holds is not known".to_owned())),
    };
    agree(kind, &extension, declared)?;
    Ok(kind.media_type)
}

fn of_binary(found: &'static str, extension: &str) -> Result<&'static Kind> {
    // Office documents are zip files, not all of which begin in the same way.
    let office = |kind: &&Kind| found == "application/zip" && is_office(kind) && kind.extensions.contains(&extension);
    let known = |kind: &&Kind| kind.media_type == found || kind.aliases.contains(&found);
    let kind = BINARY.iter().find(office).or_else(|| BINARY.iter().find(known));
    kind.ok_or_else(|| refused(format!("files of the type {found} are not kept")))
}

fn is_office(kind: &Kind) -> bool {
    kind.media_type.contains("openxmlformats") || kind.media_type.contains("opendocument")
}

/// Texts look alike: the name says which it is, or else the client.
fn of_text(extension: &str, declared: Option<&str>) -> &'static Kind {
    let named = TEXT.iter().find(|kind| kind.extensions.contains(&extension) && !extension.is_empty());
    let said = declared.map(essence).unwrap_or_default();
    let said = || TEXT.iter().find(|kind| kind.media_type == said || kind.aliases.contains(&said.as_str()));
    let plain = || if TEXT[0].extensions.contains(&extension) { &TEXT[0] } else { &OTHER };
    named.or_else(said).unwrap_or_else(plain)
}

/// Refuses a file whose name, or whose client, says that it is of another kind.
fn agree(kind: &Kind, extension: &str, declared: Option<&str>) -> Result<()> {
    let of_other = |other: &&Kind| other.extensions.contains(&extension);
    let known = BINARY.iter().chain(TEXT).find(of_other);
    if known.is_some() && !extension.is_empty() && !kind.extensions.contains(&extension) {
        return Err(refused(format!("the file ends in .{extension}, but holds {}", kind.media_type)));
    }
    let said = declared.map(essence).unwrap_or_default();
    let text = |media_type: &str| TEXT.iter().any(|kind| kind.media_type == media_type);
    // Which kind of text it is matters to nobody.
    let same = said == kind.media_type || kind.aliases.contains(&said.as_str());
    let is_text = text(kind.media_type) || kind.media_type == OTHER.media_type;
    if same || UNSAID.contains(&said.as_str()) || (is_text && text(&said)) {
        return Ok(());
    }
    Err(refused(format!("the file is declared as {}, but holds {}", clip(&said).escape_debug(), kind.media_type)))
}

/// A media type without its parameters, in lower case.
fn essence(declared: &str) -> String {
    declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn refused(message: String) -> Error {
    Error::invalid("mediaType", message)
        .hint("attach a picture, a PDF, a text, a document, sound, a film, or a zip file of something else")
}

/// Finds out, piece by piece, whether something is plain text in UTF-8.
#[derive(Debug, Default)]
pub(super) struct Utf8 {
    /// The beginning of a character whose rest is to come.
    rest: Vec<u8>,
    bad: bool,
}

impl Utf8 {
    /// Looks at the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.bad {
            return;
        }
        let joined;
        let all = match self.rest.is_empty() {
            true => bytes,
            false => {
                joined = [self.rest.as_slice(), bytes].concat();
                joined.as_slice()
            }
        };
        let (good, rest) = match std::str::from_utf8(all) {
            Ok(text) => (text.as_bytes(), Vec::new()),
            Err(error) if error.error_len().is_none() => {
                let (good, rest) = all.split_at(error.valid_up_to());
                (good, rest.to_vec())
            }
            Err(_) => return self.bad = true,
        };
        self.bad = good.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C));
        self.rest = rest;
    }

    /// Whether all that came was text.
    pub(super) fn is_text(&self) -> bool {
        !self.bad && self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn kind_of(content: &[u8], name: &str, declared: &str) -> Result<&'static str> {
        let mut text = Utf8::default();
        content.chunks(3).for_each(|chunk| text.push(chunk));
        of(
            content,
            None,
            text.is_text(),
            &FileName::parse(name).unwrap(),
            Some(declared).filter(|said| !said.is_empty()),
        )
    }

    #[test]
    fn the_content_says_what_a_file_is() {
        for (content, name, declared, expected) in [
            (PNG, "a.png", "image/png", "image/png"),
            (PNG, "a", "", "image/png"),
            (PNG, "a.PNG", "application/octet-stream", "image/png"),
            (b"%PDF-1.7\n", "a.pdf", "application/pdf; x=y", "application/pdf"),
            ("häh\r\n\t".as_bytes(), "a.txt", "text/plain; charset=utf-8", "text/plain"),
            (b"a,b\n1,2\n", "a.csv", "text/plain", "text/csv"),
            (b"a,b\n1,2\n", "a", "text/csv", "text/csv"),
            (b"{}", "a.json", "", "application/json"),
            (b"# a", "README", "", "text/plain"),
            (b"fn main() {}", "main.rs", "", "application/octet-stream"),
            (b"fn main() {}", "main.rs", "text/plain", "text/plain"),
            (b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a.docx", "", BINARY[15].media_type),
        ] {
            assert_eq!(kind_of(content, name, declared).unwrap(), expected, "{name} {declared}");
        }
    }

    /// A compound file whose directory is in its sector 40, with a root of this kind and class.
    fn compound(kind: u8, class: [u8; 16]) -> (Vec<u8>, Vec<u8>) {
        let mut file = vec![0; 512 * 42];
        file[..8].copy_from_slice(&COMPOUND);
        (file[30], file[48]) = (9, 40);
        let place = usize::try_from(root_of(&file).unwrap()).unwrap();
        assert_eq!(place, 512 * 41);
        file[place + 66] = kind;
        file[place + 80..place + 96].copy_from_slice(&class);
        let root = file[place..place + ROOT].to_vec();
        (file, root)
    }

    #[test]
    fn old_office_documents_are_told_by_their_roots() {
        for ((class, media_type), name) in CLASSES.iter().zip(["a.doc", "a.xls", "a.xls", "a.ppt"]) {
            let (file, root) = compound(5, *class);
            let of = |name: &str, root: &[u8]| of(&file, Some(root), false, &FileName::parse(name).unwrap(), None);
            assert_eq!(of(name, &root).unwrap(), *media_type);
            of("a.pdf", &root).unwrap_err();
            // Cut off, no root, or the package of an installer.
            for other in [&root[..90], &compound(1, *class).1, &compound(5, [7; 16]).1, &[]] {
                of(name, other).unwrap_err();
            }
        }
        let (mut file, _) = compound(5, CLASSES[0].0);
        file[30] = 63;
        assert!(root_of(&file).unwrap() > 1 << 60, "it leads nowhere");
        assert!(root_of(&file[..40]).is_some() && root_of(PNG).is_none());
    }

    #[test]
    fn what_runs_or_pretends_is_refused() {
        for (content, name, declared) in [
            (b"<html><script>" as &[u8], "a.txt", ""),
            (b"<?xml version='1.0'?><svg/>", "a", ""),
            (b"#!/bin/sh\nrm -rf ~", "a", ""),
            (b"plain", "a.svg", ""),
            (b"plain", "a.HTML", ""),
            (b"plain", "a.xht", ""),
            (b"plain", "a.mht", ""),
            (b"plain", "a.html.", ""),
            (b"plain", "a.html . ", ""),
            (b"\x7fELF\x02\x01\x01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a", ""),
            (b"MZaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a.bin", ""),
            (b"\0\x01\x02\x03", "a", ""),
            (b"\xff\xfe\x00", "a.txt", ""),
            (PNG, "a.pdf", ""),
            (PNG, "a.txt", ""),
            (PNG, "a.png", "image/jpeg"),
            (b"plain", "a.png", ""),
            (b"plain", "a.txt", "image/png"),
            (b"plain", "a.txt", "text/html"),
        ] {
            let error = kind_of(content, name, declared).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("mediaType"), "{name} {declared}");
        }
    }
}
