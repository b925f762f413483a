//! Dates of all ages (RFC 5322, 822, 850, asctime, ISO 8601), with what people and programs make of them.

use mapi_provider_abi::view::FileTime;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Zones that are named, in minutes. Unknown ones, and the military letters, count as UTC (RFC 5322, 4.3).
const ZONES: [(&str, i64); 24] = [
    ("adt", -180),
    ("akdt", -480),
    ("akst", -540),
    ("ast", -240),
    ("bst", 60),
    ("cdt", -300),
    ("cest", 120),
    ("cet", 60),
    ("cst", -360),
    ("edt", -240),
    ("eest", 180),
    ("eet", 120),
    ("est", -300),
    ("hst", -600),
    ("jst", 540),
    ("kst", 540),
    ("mdt", -360),
    ("mest", 120),
    ("met", 60),
    ("msk", 180),
    ("mst", -420),
    ("pdt", -420),
    ("pst", -480),
    ("west", 60),
];

const DAYS_TO_1970: i64 = 134_774;
const TICKS_A_SECOND: i64 = 10_000_000;
/// A date is no longer than this.
const LONGEST: usize = 256;

/// The time that a field says; `None` if nobody could tell.
pub(crate) fn parse(value: &str) -> Option<FileTime> {
    let text: String = without_comments(value).chars().take(LONGEST).collect();
    let mut found = Found::default();
    for word in text.split(|letter: char| letter.is_whitespace() || letter == ',') {
        found.read(word);
    }
    found.time()
}

fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    let outside = value.chars().filter(|letter| {
        match letter {
            '(' => depth += 1,
            ')' if depth > 0 => {
                depth -= 1;
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    outside.collect()
}

/// What the words of a date have told.
#[derive(Default)]
struct Found {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    clock: Option<(i64, i64, i64)>,
    zone: Option<i64>,
}

impl Found {
    fn read(&mut self, word: &str) {
        let word = word.trim_matches(['.', ';']);
        let lower = word.to_ascii_lowercase();
        if word.is_empty() || DAYS.iter().any(|day| lower.starts_with(day)) && !lower.contains('-')
        {
            return;
        }
        if let Some(month) = month(&lower) {
            self.month.get_or_insert(month);
        } else if self.clock.is_some() && matches!(lower.as_str(), "am" | "pm") {
            self.half(&lower);
        } else if self.clock.is_none() && word.contains(':') && !word.contains('-') {
            self.read_clock(&lower);
        } else if self.read_date(&lower) {
        } else if let Some(zone) = zone(&lower).filter(|_| self.clock.is_some()) {
            // `GMT+0100`, and `+0100 CET`: what is a number counts.
            self.zone.get_or_insert(zone);
        } else if let Ok(number) = word.parse::<i64>() {
            self.read_number(number, word.len());
        } else if self.clock.is_none() && lower.matches('.').count() == 2 {
            self.read_clock(&lower.replace('.', ":"));
        }
    }

    fn read_number(&mut self, number: i64, digits: usize) {
        if self.day.is_none() && digits <= 2 && (1..=31).contains(&number) {
            self.day = Some(number);
        } else if self.year.is_none() && digits >= 2 {
            self.year = Some(full_year(number, digits));
        }
    }

    /// `08:12`, `08:12:00`, `08:12:00.123`, `08:12:00Z`, `08:12:00+01:00`, `8:12pm`.
    fn read_clock(&mut self, word: &str) {
        let end = word.find(|letter: char| !(letter.is_ascii_digit() || letter == ':'));
        let (clock, rest) = word.split_at(end.unwrap_or(word.len()));
        let mut numbers = clock.split(':').map(|number| number.parse::<i64>().ok());
        let (Some(hour), Some(Some(minute))) = (numbers.next().flatten(), numbers.next()) else {
            return;
        };
        let second = numbers.next().flatten().unwrap_or(0);
        if !(0..=24).contains(&hour) || !(0..=59).contains(&minute) || !(0..=60).contains(&second) {
            return;
        }
        self.clock = Some((hour, minute, second.min(59)));
        let fraction = rest.starts_with('.');
        let rest = rest.trim_start_matches(|letter: char| {
            fraction && (letter == '.' || letter.is_ascii_digit())
        });
        match rest {
            "" => {}
            "am" | "pm" => self.half(rest),
            rest => self.zone = zone(rest),
        }
    }

    fn half(&mut self, half: &str) {
        if let Some((hour @ 1..=12, ..)) = &mut self.clock {
            *hour = *hour % 12 + if half == "pm" { 12 } else { 0 };
        }
    }

    /// `2026-03-03`, `2026-03-03t08:12:00z`, `3-mar-2026`, `03/mar/26`.
    fn read_date(&mut self, word: &str) -> bool {
        let (date, clock) = match word.split_once('t') {
            Some((date, clock)) if clock.starts_with(|letter: char| letter.is_ascii_digit()) => {
                (date, Some(clock))
            }
            _ => (word, None),
        };
        let parts: Vec<&str> = date.split(['-', '/']).collect();
        let [first, middle, last] = parts[..] else {
            return false;
        };
        let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() <= 4);
        match (
            number(first),
            month(middle).or(number(middle)),
            number(last),
        ) {
            (Some(year), Some(month), Some(day)) if first.len() == 4 => {
                (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
            }
            (Some(day), Some(month), Some(year)) if number(middle).is_none() || last.len() == 4 => {
                let year = full_year(year, last.len());
                (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
            }
            _ => return false,
        }
        if let Some(clock) = clock {
            self.read_clock(clock);
        }
        true
    }

    fn time(&self) -> Option<FileTime> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let (hour, minute, second) = self.clock.unwrap_or_default();
        let in_range = (1601..=9999).contains(&year) && (1..=12).contains(&month);
        if !in_range || !(1..=days_in(year, month)).contains(&day) {
            return None;
        }
        let days = days_since_1970(year, month, day) + DAYS_TO_1970;
        let seconds = ((days * 24 + hour) * 60 + minute - self.zone.unwrap_or(0)) * 60 + second;
        let ticks = u64::try_from(seconds.checked_mul(TICKS_A_SECOND)?).ok()?;
        Some(FileTime::from_ticks(ticks))
    }
}

/// Years of two and three digits (RFC 5322, 4.3).
fn full_year(year: i64, digits: usize) -> i64 {
    match (digits, year) {
        (..=2, 0..=49) => 2000 + year,
        (..=3, 0..=999) => 1900 + year,
        _ => year,
    }
}

fn month(word: &str) -> Option<i64> {
    let word = word.trim_end_matches('.');
    let is_word = word.len() >= 3 && word.bytes().all(|letter| letter.is_ascii_lowercase());
    let place = MONTHS.iter().position(|month| word.starts_with(month));
    place.filter(|_| is_word).map(|place| place as i64 + 1)
}

/// Minutes east of Greenwich.
fn zone(word: &str) -> Option<i64> {
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == word) {
        return Some(*minutes);
    }
    let number = word.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let (sign, digits) = match number.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let value: i64 = digits.parse().ok()?;
    let minutes = match digits.len() {
        1 | 2 => value * 60,
        3 | 4 => value / 100 * 60 + value % 100,
        _ => return None,
    };
    // No place is further away than this.
    (minutes <= 24 * 60).then_some(sign * minutes)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a date of the Gregorian calendar; years begin in March here, so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A time as fields have it, in UTC: `Tue, 3 Mar 2026 08:12:00 +0000`.
pub(crate) fn format(time: FileTime) -> String {
    let seconds = (time.ticks() / TICKS_A_SECOND.unsigned_abs()).cast_signed();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let weekday = DAYS[days.rem_euclid(7) as usize];
    // 1601-01-01 was a Monday; the civil date by the same era arithmetic, backwards.
    let from_march = days - DAYS_TO_1970 + 719_468;
    let era = from_march.div_euclid(146_097);
    let of_era = from_march.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let month = MONTHS[(month - 1) as usize];
    format!(
        "{}, {day} {} {year:04} {:02}:{:02}:{:02} +0000",
        capital(weekday),
        capital(month),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_ascii_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(value: &str) -> Option<String> {
        parse(value).map(format)
    }

    #[test]
    fn dates_of_all_ages_are_read() {
        let plain = "Tue, 3 Mar 2026 08:12:00 +0000";
        for (value, time) in [
            ("Tue, 3 Mar 2026 08:12:00 +0000", plain),
            ("3 Mar 2026 08:12:00", plain),
            ("Tue, 3 Mar 2026 09:12:00 +0100 (CET)", plain),
            ("Tue,3 Mar 2026 09:12 +0100", plain),
            ("Tue, 03 Mar 2026 08:12:00 GMT", plain),
            ("Tue, 03 Mar 2026 08:12:00 Z", plain),
            ("Tue, 03 Mar 2026 08:12:00 UT", plain),
            ("Tue, 3 Mar 26 02:12 CST", plain),
            ("Tue, 3 Mar 2026 02:12:00 -600", plain),
            ("Tue, 3 Mar 2026 02:12:00 -06:00", plain),
            ("Tue, 3 Mar 2026 09:12:00 GMT+0100", plain),
            ("Tue Mar  3 08:12:00 2026", plain),
            ("Tue Mar  3 09:12:00 CET 2026", plain),
            ("Tuesday, 03-Mar-26 08:12:00 GMT", plain),
            ("2026-03-03T08:12:00Z", plain),
            ("2026-03-03 09:12:00.123+01:00", plain),
            ("Tue, 3 March 2026 8:12:00 AM", plain),
            ("Tue, 3 Mar 2026 08.12.00 +0000", plain),
            ("3 Mar (the third (day)) 2026 08:12:00 +0000", plain),
            ("Tue, 3 Mar 2026 08:12:00 XYZ", plain),
            ("Tue, 3 Mar 2026 08:12:00 \"GMT\"", plain),
            ("Tue, 3 Mar 126 08:12:00 +0000", plain),
            (
                "Mon, 1 Jan 1900 00:00:00 +0000",
                "Mon, 1 Jan 1900 00:00:00 +0000",
            ),
            (
                "Thu, 29 Feb 2024 23:59:60 +0000",
                "Thu, 29 Feb 2024 23:59:59 +0000",
            ),
            ("1 Jan 99 0:00 PST", "Fri, 1 Jan 1999 08:00:00 +0000"),
            ("3 Mar 2026", "Tue, 3 Mar 2026 00:00:00 +0000"),
            ("Tue, 3 Mar 2026 8:12 PM", "Tue, 3 Mar 2026 20:12:00 +0000"),
        ] {
            assert_eq!(said(value).as_deref(), Some(time), "{value}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            "",
            "the day before",
            "31 Feb 2026 00:00:00",
            "3 Mar",
            "1 Jan 1500 00:00",
            "99999999999999999999",
            "2026",
        ] {
            assert_eq!(said(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn times_come_back(seconds in 0..265_000_000_000_u64) {
            let time = FileTime::from_ticks(seconds * TICKS_A_SECOND.unsigned_abs());
            prop_assert_eq!(parse(&format(time)), Some(time));
        }

        #[test]
        fn nothing_panics(value in "\\PC{0,60}", digits in "[-+:. /0-9a-z]{0,60}") {
            let _ = (parse(&value), parse(&digits));
        }
    }

    #[test]
    fn any_number_of_ticks_has_a_date() {
        for ticks in [0, 1, u64::MAX, u64::MAX / 2] {
            assert!(!format(FileTime::from_ticks(ticks)).is_empty());
        }
    }
}
