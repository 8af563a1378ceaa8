//! Entity tags (RFC 9110 §8.8.3, §13.1): `"VERSION-HASH"`, or `"VERSION.EPOCH-HASH"` where the database was restored once.
//! The version is the resource's, so that `If-Match` finds out whether it was changed; the epoch is the database's, so that
//! no tag from before a restore matches after it; the hash is of the text that is sent, so that `If-None-Match` finds out
//! whether that would be the same.
//!
//! A proxy that compresses an answer makes its tag a weak one, or adds `-gzip` to it. `If-Match` asks for the version, which
//! is the same in each form of an answer, so such a tag still matches.

use hyper::HeaderMap;
use hyper::header::{HeaderValue, IF_MATCH};
use muista_core::error::Error;
use muista_core::service::Service;

use crate::http::problem::Problem;

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
    /// A version from before the database was restored, or after.
    Elsewhen,
    /// None that there is.
    Never,
}

impl Wanted {
    /// Reads the header: all that it is content with, which is one thing as a rule, and the epoch in which that holds.
    ///
    /// # Errors
    /// The problem 400 when it cannot be read, 422 when it is no list of entity tags, or of too many; 503 when the database
    /// does not answer.
    pub(crate) async fn of(headers: &HeaderMap, service: &Service) -> Result<(Vec<Self>, Option<i64>), Problem> {
        let mut epoch = service.epoch();
        let mut wanted = Self::all(headers, epoch)?;
        if wanted.contains(&Self::Elsewhen) {
            // Another daemon may have heard of a restore before this one.
            epoch = service.look_up_epoch().await?;
            wanted = Self::all(headers, epoch)?;
        }
        let versioned = wanted.iter().any(|one| matches!(one, Self::Version(_)));
        Ok((wanted, versioned.then_some(epoch)))
    }

    fn all(headers: &HeaderMap, epoch: i64) -> Result<Vec<Self>, Problem> {
        let mut wanted = Vec::new();
        for header in headers.get_all(IF_MATCH) {
            let header = header.to_str().map_err(|_| Problem::malformed("If-Match is not ASCII"))?;
            let read = if header.trim() == "*" { Some(vec![Self::Any]) } else { versions(header, epoch) };
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

    /// Why none of these can be the version of anything, where that is so.
    pub(crate) fn unfit(wanted: &[Self]) -> Option<&'static str> {
        if wanted.contains(&Self::Elsewhen) && wanted.iter().all(|one| matches!(one, Self::Elsewhen | Self::Never)) {
            return Some(
                "If-Match holds an ETag from before the database was restored from a backup; look at the resource again",
            );
        }
        let none = !wanted.is_empty() && wanted.iter().all(|one| *one == Self::Never);
        none.then_some(
            "If-Match holds no ETag of this daemon's; send the one of the last answer, quotation marks included, and \
             look whether a proxy replaces it",
        )
    }

    /// The version that a change wants, for a patch.
    pub(crate) fn version(self) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Version(version) => Some(version),
            // No resource has had it.
            Self::Elsewhen | Self::Never => Some(0),
        }
    }
}

/// What each entity tag of a list wants (RFC 9110 §8.8.3, §5.6.1); none where it is no such list.
fn versions(list: &str, epoch: i64) -> Option<Vec<Wanted>> {
    let mut wanted = Vec::new();
    let mut rest = list.trim_start_matches(BETWEEN);
    while !rest.is_empty() {
        let strong = rest.strip_prefix("W/").unwrap_or(rest);
        let (tag, after) = strong.strip_prefix('"')?.split_once('"')?;
        if tag.contains([' ', '\t']) {
            return None;
        }
        wanted.push(version(tag, epoch));
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start_matches(BETWEEN);
        }
    }
    Some(wanted)
}

/// What one entity tag wants. Only strong ones are to match (§13.1.1); one that was weakened on the way is ours all the
/// same, and says which version it is of.
fn version(tag: &str, now: i64) -> Wanted {
    let Some((state, _)) = tag.split_once('-') else { return Wanted::Never };
    let (version, epoch) = state.split_once('.').unwrap_or((state, "0"));
    match (version.parse(), epoch.parse::<i64>()) {
        (Ok(version), Ok(epoch)) if epoch == now => Wanted::Version(version),
        (Ok(_), Ok(_)) => Wanted::Elsewhen,
        _ => Wanted::Never,
    }
}

fn no_tags() -> Error {
    Error::invalid("If-Match", "If-Match holds no entity tag")
        .hint("send the ETag of the last answer, quotation marks included")
}

/// The tag of a text that shows a version of a resource of the database in this epoch.
pub(crate) fn tag(epoch: i64, version: i64, text: &[u8]) -> HeaderValue {
    let hash = hash(text);
    let tag = match epoch {
        0 => format!("\"{version}-{hash:016x}\""),
        epoch => format!("\"{version}.{epoch}-{hash:016x}\""),
    };
    // Digits, a dash and quotation marks.
    HeaderValue::from_str(&tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` names the tag.
pub(crate) fn matches(header: &str, tag: &HeaderValue) -> bool {
    let tag = tag.as_bytes();
    // The comparison is the weak one (§13.1.2), and heeds no coding that a proxy has added to the tag.
    let same = |one: &str| {
        let one = one.trim().trim_start_matches("W/").as_bytes();
        one == tag || one.strip_suffix(b"-gzip\"").is_some_and(|one| tag.strip_suffix(b"\"") == Some(one))
    };
    header.trim() == "*" || header.split(',').any(same)
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
        Wanted::all(&headers, 0).map_err(|problem| problem.status.as_u16())
    }

    #[test]
    fn a_tag_says_the_version_that_if_match_wants() {
        use Wanted::{Any, Elsewhen, Never, Version};
        assert_eq!(read(&[tag(0, 7, b"{}").as_bytes()]), Ok(vec![Version(7)]));
        assert_eq!(read(&[]), Ok(vec![]));
        for (header, wanted) in [
            ("*", vec![Any]),
            ("W/\"7-0\"", vec![Version(7)]),
            ("\"7-0-gzip\"", vec![Version(7)]),
            ("\"7\"", vec![Never]),
            ("\"7.1-0\"", vec![Elsewhen]),
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
        let one = tag(0, 1, b"{\"a\":1}");
        assert!(matches(&format!("\"x\", W/{}", one.to_str().unwrap()), &one));
        assert!(!matches(one.to_str().unwrap(), &tag(0, 1, b"{\"a\":2}")));
    }

    #[test]
    fn a_tag_from_before_a_restore_is_told_apart() {
        let wanted = |epoch: i64, tag: HeaderValue| {
            Wanted::all(&HeaderMap::from_iter([(IF_MATCH, tag)]), epoch).map_err(|problem| problem.detail).unwrap()
        };
        assert_eq!(wanted(5, tag(5, 7, b"{}")), [Wanted::Version(7)]);
        for (epoch, from) in [(5, 0), (5, 4), (0, 5)] {
            let wanted = wanted(epoch, tag(from, 7, b"{}"));
            assert_eq!(wanted, [Wanted::Elsewhen]);
            assert!(Wanted::unfit(&wanted).unwrap().contains("restored"));
        }
        assert!(Wanted::unfit(&[Wanted::Never]).unwrap().contains("proxy"));
        assert_eq!(Wanted::unfit(&[Wanted::Never, Wanted::Version(7)]), None);
        assert_eq!(Wanted::unfit(&[Wanted::Any]), None);
    }

    #[test]
    fn a_coding_that_was_added_on_the_way_is_not_heeded() {
        let one = tag(0, 1, b"{}");
        let text = one.to_str().unwrap().trim_matches('"');
        assert!(matches(&format!("\"{text}-gzip\""), &one) && !matches(&format!("\"{text}-br\""), &one));
    }
}
