//! Dates as IMAP writes them, and as people do.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY: i64 = 24 * 60 * 60;

/// Seconds since 1970 as IMAP has them: `17-Jul-1996 02:44:25 +0000`.
pub(crate) fn internal_date(seconds: i64) -> String {
    // What has no four digits is no year there.
    let seconds = seconds.clamp(0, 253_402_300_799);
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hours, minutes, seconds) = (time / 3600, time / 60 % 60, time % 60);
    let month = MONTHS.get(month).unwrap_or(&"Jan");
    format!("{day:2}-{month}-{year:04} {hours:02}:{minutes:02}:{seconds:02} +0000")
}

/// The reverse; none of what is no date.
pub(crate) fn from_internal_date(text: &str) -> Option<i64> {
    let mut parts = text.split_whitespace();
    let (date, time, zone) = (parts.next()?, parts.next()?, parts.next()?);
    let mut date = date.split('-');
    let day = number(date.next()?)?;
    let month = date.next()?;
    let month = MONTHS
        .iter()
        .position(|one| one.eq_ignore_ascii_case(month))?;
    let year = number(date.next()?)?;
    let mut time = time.split(':').map(number);
    let seconds = time.next()?? * 3600 + time.next()?? * 60 + time.next()??;
    let (sign, zone) = match zone.strip_prefix('-') {
        Some(zone) => (-1, number(zone)?),
        None => (1, number(zone.strip_prefix('+').unwrap_or(zone))?),
    };
    let zone = sign * (zone / 100 * 60 + zone % 100) * 60;
    let is_sane = (1..=31).contains(&day) && (0..=DAY).contains(&seconds);
    is_sane.then(|| days(year, month, day) * DAY + seconds - zone)
}

/// A number of at most four digits.
fn number(text: &str) -> Option<i64> {
    let number = text.parse::<u16>().ok().filter(|number| *number <= 9999)?;
    Some(i64::from(number))
}

/// Days since 1970 of a date; months from 0.
fn days(year: i64, month: usize, day: i64) -> i64 {
    // Years that begin in March have their leap day at the end.
    let month = i64::try_from(month).unwrap_or_default();
    let (year, month) = if month < 2 {
        (year - 1, month + 10)
    } else {
        (year, month - 2)
    };
    let leap = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// The date of a day since 1970.
fn civil(day: i64) -> (i64, usize, i64) {
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 0, 1) <= day {
        year += 1;
    }
    let month = (0..12).rev().find(|month| days(year, *month, 1) <= day);
    let month = month.unwrap_or_default();
    (year, month, day - days(year, month, 1) + 1)
}

/// Seconds since 1970 of the beginning of a day: `2026-01-31`.
pub(crate) fn from_day(text: &str) -> Option<i64> {
    let mut parts = text.trim().splitn(3, '-');
    let (year, month, day) = (
        number(parts.next()?)?,
        parts.next()?,
        number(parts.next()?)?,
    );
    let month = month.parse::<usize>().ok()?.checked_sub(1)?;
    let date = days(year, month.min(11), day);
    // Only what is a day: there is no 31 February.
    (civil(date) == (year, month, day)).then_some(date * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_imap() {
        for (seconds, text) in [
            (0, " 1-Jan-1970 00:00:00 +0000"),
            (837_571_465, "17-Jul-1996 02:44:25 +0000"),
            (951_782_400, "29-Feb-2000 00:00:00 +0000"),
            (1_767_225_599, "31-Dec-2025 23:59:59 +0000"),
            (4_107_542_399, "28-Feb-2100 23:59:59 +0000"),
            (4_107_542_400, " 1-Mar-2100 00:00:00 +0000"),
            (253_402_300_799, "31-Dec-9999 23:59:59 +0000"),
        ] {
            assert_eq!(internal_date(seconds), text);
            assert_eq!(from_internal_date(text), Some(seconds), "{text}");
        }
        assert_eq!(
            from_internal_date("17-jul-1996 02:44:25 -0730"),
            Some(837_598_465)
        );
        assert_eq!(internal_date(-1), internal_date(0));
        assert_eq!(internal_date(i64::MAX), internal_date(253_402_300_799));
        for text in [
            "",
            "17-Jul-1996",
            "x-Jul-1996 02:44:25 +0000",
            "17-Jul-99999 02:44:25 +0000",
            "1-Jan-1970 99:00:00 +0000",
            "1-Jan-1970 00:00:00 +99999999999999999999",
        ] {
            assert_eq!(from_internal_date(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(from_day("1970-01-02"), Some(DAY));
        assert_eq!(from_day(" 2026-02-28 "), Some(1_772_236_800));
        for text in [
            "",
            "2026",
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "x-01-01",
            "999999999999-01-01",
            "2026-01-01-1",
        ] {
            assert_eq!(from_day(text), None, "{text}");
        }
    }
}
