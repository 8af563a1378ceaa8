//! Pages of things that may be large: as many as were asked for, or fewer where those would be too much for one answer.

use crate::error::Result;

/// The most things in one page.
const MOST: u32 = 200;
/// As many as a page has where nothing is said.
const USUAL: u32 = 50;
/// How many are read at a time.
const STEP: usize = 50;
/// The bytes from which on nothing more is read. What [`STEP`] may hold besides still fits into a frame of the RPC.
const BYTES: usize = 8 << 20;

/// How many things a page has at most; 0 says nothing.
pub(super) fn limit(asked: u32) -> usize {
    let limit = if asked == 0 { USUAL } else { asked.min(MOST) };
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Reads a page of `limit` things at most, and says whether there are more. `read` reads so many from behind one on,
/// `size` says how large one is.
pub(super) fn gather<T>(
    limit: usize,
    mut read: impl FnMut(Option<&T>, i64) -> Result<Vec<T>>,
    size: impl Fn(&T) -> usize,
) -> Result<(Vec<T>, bool)> {
    let (mut items, mut bytes) = (Vec::new(), 0);
    while items.len() < limit && bytes < BYTES {
        let wanted = STEP.min(limit - items.len());
        let mut some = read(items.last(), i64::try_from(wanted).unwrap_or(i64::MAX) + 1)?;
        let more = some.len() > wanted;
        some.truncate(wanted);
        bytes += some.iter().map(&size).sum::<usize>();
        items.append(&mut some);
        if !more {
            return Ok((items, false));
        }
    }
    Ok((items, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers below `all`, each of which is so many bytes.
    fn page(all: i64, asked: u32, each: usize) -> (usize, bool) {
        let read = |after: Option<&i64>, most: i64| {
            let from = after.map_or(0, |after| after + 1);
            Ok((from..all.min(from + most)).collect())
        };
        let (items, more) = gather(limit(asked), read, |_| each).unwrap_or_default();
        assert!(items.iter().copied().eq(0..items.len() as i64), "{items:?}");
        (items.len(), more)
    }

    #[test]
    fn a_page_has_what_was_asked_for_and_no_more_than_fits() {
        assert_eq!(page(300, 0, 1), (50, true));
        assert_eq!(page(300, 120, 1), (120, true));
        assert_eq!(page(300, 1_000, 1), (200, true));
        assert_eq!(page(120, 120, 1), (120, false));
        assert_eq!(page(0, 0, 1), (0, false));
        // 100 arguments of 4 KiB each.
        assert_eq!(page(300, 200, 100 * 4096), (50, true));
        assert_eq!(page(300, 200, 100 * 1024), (100, true));
    }
}
