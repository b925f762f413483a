//! Times, as programs and people read them; UTC.

use mapi_provider::view::FileTime;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A step is 100 ns.
const STEPS_A_SECOND: u64 = 10_000_000;

/// Days from the first of March of the year 0, where the calendar's rules begin, to 1601.
const DAYS_TO_1601: u64 = 584_694;

/// A time as ISO 8601 has it, `2026-03-06T08:12:44Z`. None for one after the year 9999, which that has no form for: MAPI
/// sets such times where it means that there is none.
pub(crate) fn iso(time: FileTime) -> Option<String> {
    let seconds = time.ticks() / STEPS_A_SECOND;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years from March to February, so that the day that some have more is the last one.
    let days = days + DAYS_TO_1601;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + next;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    (year <= 9_999)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// `6 Mar 2026 08:12` of what [`iso`] makes; all of a text that is something else.
pub(crate) fn words(iso: &str) -> String {
    let part = |from: usize, to: usize| iso.get(from..to);
    let number = |from, to| part(from, to)?.parse::<usize>().ok();
    let words = || {
        let month = MONTHS.get(number(5, 7)?.checked_sub(1)?)?;
        let (day, year, time) = (number(8, 10)?, part(0, 4)?, part(11, 16)?);
        Some(format!("{day} {month} {year} {time}"))
    };
    words().unwrap_or_else(|| iso.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn times_are_dates() {
        let date = |seconds| {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            iso(FileTime::try_from(time).expect("in range")).expect("before the year 10000")
        };
        for (seconds, expected, shown) in [
            (0, "1970-01-01T00:00:00Z", "1 Jan 1970 00:00"),
            (
                951_782_400 + 86_399,
                "2000-02-29T23:59:59Z",
                "29 Feb 2000 23:59",
            ),
            (
                951_782_400 + 86_400,
                "2000-03-01T00:00:00Z",
                "1 Mar 2000 00:00",
            ),
            (1_772_784_764, "2026-03-06T08:12:44Z", "6 Mar 2026 08:12"),
            (4_102_444_799, "2099-12-31T23:59:59Z", "31 Dec 2099 23:59"),
            (4_107_542_400, "2100-03-01T00:00:00Z", "1 Mar 2100 00:00"),
        ] {
            assert_eq!(date(seconds), expected);
            assert_eq!(words(expected), shown);
        }
    }

    #[test]
    fn the_first_time_that_there_is_and_the_last_that_has_a_form() {
        assert_eq!(
            iso(FileTime::from_ticks(0)).as_deref(),
            Some("1601-01-01T00:00:00Z")
        );
        let last = 2_650_467_743_999_999_999;
        assert_eq!(
            iso(FileTime::from_ticks(last)).as_deref(),
            Some("9999-12-31T23:59:59Z")
        );
        assert_eq!(iso(FileTime::from_ticks(last + 1)), None);
        assert_eq!(iso(FileTime::from_ticks(u64::MAX)), None);
    }

    #[test]
    fn what_is_no_date_stays_as_it_is() {
        for text in [
            "",
            "yesterday",
            "2026-13-06T08:12:44Z",
            "2026-00-06T08:12:44Z",
            "ééééé",
        ] {
            assert_eq!(words(text), text);
        }
    }
}
