//! Bars: a number as a length, beside others of its kind.

use super::Screen;

/// The columns of a terminal that are left to what stands before a bar.
const BESIDE: u16 = 42;
/// The longest bar.
const LONGEST: u16 = 60;

/// Returns a bar for `count` where the longest stands for `most`; none where nobody sees it drawn, or there is no room.
pub(crate) fn bar(count: i64, most: i64, screen: &Screen) -> String {
    let room = screen.width.map_or(0, |width| width.saturating_sub(BESIDE).min(LONGEST));
    if room == 0 || most <= 0 || count <= 0 {
        return String::new();
    }
    // Rounded up, so that one is seen.
    let length = (count.saturating_mul(i64::from(room)) + most - 1) / most;
    "█".repeat(usize::try_from(length.min(i64::from(room))).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let on = |width| Screen { width, color: false };
        assert_eq!(bar(5, 10, &on(Some(62))), "█".repeat(10));
        assert_eq!(bar(1, 1000, &on(Some(62))), "█");
        for (count, most, width) in [(5, 10, None), (5, 10, Some(20)), (0, 10, Some(80)), (0, 0, Some(80))] {
            assert_eq!(bar(count, most, &on(width)), "");
        }
        assert_eq!(bar(9, 9, &on(Some(u16::MAX))).chars().count(), 60);
    }
}
