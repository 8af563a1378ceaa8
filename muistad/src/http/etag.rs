//! Entity tags (RFC 9110 §8.8.3, §13.1): `"VERSION-HASH"`. The version is the resource's, so that `If-Match` finds out
//! whether it was changed; the hash is of the text that is sent, so that `If-None-Match` finds out whether that would be
//! the same.

use hyper::header::HeaderValue;
use muista_core::error::{Error, Result};

/// What `If-Match` wants.
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
    /// Reads the header.
    ///
    /// # Errors
    /// `Invalid` when it is no list of entity tags.
    pub(crate) fn read(header: Option<&str>) -> Result<Self> {
        let Some(header) = header.map(str::trim) else { return Ok(Self::Any) };
        if header == "*" {
            return Ok(Self::Any);
        }
        let tags: Vec<&str> = header.split(',').map(str::trim).collect();
        if tags.iter().any(|tag| !tag.trim_start_matches("W/").starts_with('"') || !tag.ends_with('"') || tag.len() < 2)
        {
            return Err(Error::invalid("If-Match", "If-Match holds no entity tag")
                .hint("send the ETag of the last answer, quotation marks included"));
        }
        // Only a strong tag can match (§13.1.1), and of several all say the same version or they are of other resources.
        let version = tags.iter().find_map(|tag| tag.strip_prefix('"')?.split(['-', '"']).next()?.parse().ok());
        Ok(version.map_or(Self::Never, Self::Version))
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

    #[test]
    fn a_tag_says_the_version_that_if_match_wants() {
        let tag = tag(7, b"{}");
        assert_eq!(Wanted::read(Some(tag.to_str().unwrap())).unwrap(), Wanted::Version(7));
        assert_eq!(Wanted::read(Some("*")).unwrap(), Wanted::Any);
        assert_eq!(Wanted::read(Some("W/\"7-0\"")).unwrap(), Wanted::Never);
        assert_eq!(Wanted::read(Some("\"x\"")).unwrap(), Wanted::Never);
        assert!(Wanted::read(Some("7")).is_err());
    }

    #[test]
    fn if_none_match_wants_the_same_text() {
        let one = tag(1, b"{\"a\":1}");
        assert!(matches(&format!("\"x\", W/{}", one.to_str().unwrap()), &one));
        assert!(!matches(one.to_str().unwrap(), &tag(1, b"{\"a\":2}")));
    }
}
