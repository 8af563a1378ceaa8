//! Entity tags (RFC 9110 §8.8.3, §13.1): `"VERSION-HASH"`. The version is the resource's, so that `If-Match` finds out
//! whether it was changed; the hash is of the text that is sent, so that `If-None-Match` finds out whether that would be
//! the same.

use hyper::HeaderMap;
use hyper::header::{HeaderValue, IF_MATCH};
use muista_core::error::Error;

use super::problem::Problem;

/// The most entity tags that one request may be content with.
const MOST: usize = 16;
/// What stands between the tags of a list, which may have empty places.
const BETWEEN: [char; 3] = [' ', '\t', ','];

/// What `If-Match` wants, or one of the things that it is content with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Wanted {
    /// Nothing, or anything at all.
    #[default]
    Any,
    /// This version.
    Version(i64),
    /// None that there is.
    Never,
}

impl Wanted {
    /// Reads the header: all that it is content with, which is one thing as a rule.
    ///
    /// # Errors
    /// The problem 400 when it cannot be read, 422 when it is no list of entity tags, or of too many.
    pub(crate) fn all(headers: &HeaderMap) -> Result<Vec<Self>, Problem> {
        let mut wanted = Vec::new();
        for header in headers.get_all(IF_MATCH) {
            let header = header.to_str().map_err(|_| Problem::malformed("If-Match is not ASCII"))?;
            let read = if header.trim() == "*" { Some(vec![Self::Any]) } else { versions(header) };
            wanted.extend(read.ok_or_else(no_tags)?);
        }
        if wanted.len() > MOST {
            return Err(Error::invalid("If-Match", format!("If-Match holds more than {MOST} entity tags")).into());
        }
        wanted.dedup();
        if headers.contains_key(IF_MATCH) && wanted.is_empty() {
            return Err(no_tags().into());
        }
        Ok(wanted)
    }

    /// The version that a change wants, for a patch.
    pub(crate) fn version(self) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Version(version) => Some(version),
            // No resource has had it.
            Self::Never => Some(0),
        }
    }
}

/// What each entity tag of a list wants (RFC 9110 §8.8.3, §5.6.1); none where it is no such list.
fn versions(list: &str) -> Option<Vec<Wanted>> {
    let mut wanted = Vec::new();
    let mut rest = list.trim_start_matches(BETWEEN);
    while !rest.is_empty() {
        let weak = rest.strip_prefix("W/");
        let (tag, after) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        if tag.contains([' ', '\t']) {
            return None;
        }
        // Only a strong tag can match (§13.1.1).
        let version = tag.split('-').next().filter(|_| weak.is_none()).and_then(|version| version.parse().ok());
        wanted.push(version.map_or(Wanted::Never, Wanted::Version));
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start_matches(BETWEEN);
        }
    }
    Some(wanted)
}

fn no_tags() -> Error {
    Error::invalid("If-Match", "If-Match holds no entity tag")
        .hint("send the ETag of the last answer, quotation marks included")
}

/// The tag of a text that shows a version of a resource.
pub(crate) fn tag(version: i64, text: &[u8]) -> HeaderValue {
    let tag = format!("\"{version}-{:016x}\"", hash(text));
    // Digits, a dash and quotation marks.
    HeaderValue::from_str(&tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` names the tag.
pub(crate) fn matches(header: &str, tag: &HeaderValue) -> bool {
    let tag = tag.as_bytes();
    // The comparison is the weak one (§13.1.2).
    header.trim() == "*" || header.split(',').any(|one| one.trim().trim_start_matches("W/").as_bytes() == tag)
}

/// FNV-1a over words of eight bytes: fast, and nobody gains from making two texts collide.
fn hash(text: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for word in text.chunks(8) {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
        hash = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
    }
    hash ^ text.len() as u64
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn read(values: &[&[u8]]) -> Result<Vec<Wanted>, u16> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, HeaderValue::from_bytes(value).unwrap());
        }
        Wanted::all(&headers).map_err(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_tag_says_the_version_that_if_match_wants() {
        use Wanted::{Any, Never, Version};
        assert_eq!(read(&[tag(7, b"{}").as_bytes()]), Ok(vec![Version(7)]));
        assert_eq!(read(&[]), Ok(vec![]));
        for (header, wanted) in [
            ("*", vec![Any]),
            ("W/\"7-0\"", vec![Never]),
            ("\"x\"", vec![Never]),
            ("\"\"", vec![Never]),
            ("\"x\", \"7-0\"", vec![Never, Version(7)]),
            (" \"7-0\" ,,\"7-1\",\"8-a,b\", ", vec![Version(7), Version(8)]),
        ] {
            assert_eq!(read(&[header.as_bytes()]), Ok(wanted), "{header}");
        }
        assert_eq!(read(&[b"\"7-0\"", b"\"9-0\""]), Ok(vec![Version(7), Version(9)]));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for header in
            ["7", "", ",", "\"7", "7\"", "w/\"7\"", "\"7\" \"8\"", "\"7\", 8", "*, \"7\"", "\"7 8\"", "\"7\"x"]
        {
            assert_eq!(read(&[header.as_bytes()]), Err(422), "{header}");
        }
        let many: String = (0..17).map(|version| format!("\"{version}-0\",")).collect();
        assert_eq!(read(&[many.as_bytes()]), Err(422));
        assert_eq!(read(&[b"\"7-0\xe4\""]), Err(400));
    }

    #[test]
    fn if_none_match_wants_the_same_text() {
        let one = tag(1, b"{\"a\":1}");
        assert!(matches(&format!("\"x\", W/{}", one.to_str().unwrap()), &one));
        assert!(!matches(one.to_str().unwrap(), &tag(1, b"{\"a\":2}")));
    }
}
