//! The table of what arrived.

use crate::width;

/// A message, as a line shows it.
pub(crate) struct Line {
    pub(crate) flags: String,
    pub(crate) date: String,
    pub(crate) from: String,
    pub(crate) subject: String,
}

const FLAGS: usize = 5;
const DATE: usize = 12;
const FROM: usize = 22;

/// The messages, one a line, under a heading. A line is no longer than `limit`, if there is one.
pub(crate) fn of(messages: &[Line], limit: Option<usize>) -> String {
    let mut table = line("Flags", "Date", "From", "Subject", limit);
    for Line {
        flags,
        date,
        from,
        subject,
    } in messages
    {
        table += &line(flags, &short_date(date), &short_name(from), subject, limit);
    }
    table
}

fn line(flags: &str, date: &str, from: &str, subject: &str, limit: Option<usize>) -> String {
    let columns = [(flags, FLAGS), (date, DATE), (from, FROM)]
        .map(|(text, columns)| width::fit(text, columns));
    let start = format!("   {}", columns.map(|column| column + "  ").concat());
    let left = limit.map_or(usize::MAX, |limit| limit.saturating_sub(width::of(&start)));
    format!("{}\n", (start + &width::cut(subject, left)).trim_end())
}

/// `6 Mar 09:12` from `Fri, 06 Mar 2026 09:12:44 +0100`; a date in another form stays whole.
fn short_date(date: &str) -> String {
    let words: Vec<&str> = date
        .split_once(',')
        .map_or(date, |(_, rest)| rest)
        .split_whitespace()
        .collect();
    match words[..] {
        [day, month, _, time, ..] if time.len() >= 5 && time.is_ascii() => {
            format!("{:>2} {month} {}", day.trim_start_matches('0'), &time[..5])
        }
        _ => date.to_owned(),
    }
}

/// `Ada Example` from `"Ada Example" <ada@example.com>`; the address if there is no name.
fn short_name(from: &str) -> String {
    match from.split_once('<') {
        Some((name, _)) if !name.trim().is_empty() => name.trim().trim_matches('"').to_owned(),
        Some((_, address)) => address.trim_end_matches('>').to_owned(),
        None => from.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(flags: &str, date: &str, from: &str, subject: &str) -> Line {
        let [flags, date, from, subject] = [flags, date, from, subject].map(str::to_owned);
        Line {
            flags,
            date,
            from,
            subject,
        }
    }

    #[test]
    fn columns_stand_below_each_other_whatever_is_in_them() {
        let messages = [
            arrived(
                "FS",
                "Fri, 06 Mar 2026 09:12:44 +0100",
                "Ada Example <ada@example.com>",
                "Lunch on Friday?",
            ),
            arrived(
                "",
                "Tue, 10 Mar 2026 11:45:21 +0900",
                "見本花子 <hanako@example.jp>",
                "来週の会議について",
            ),
            arrived(
                "",
                "yesterday",
                "\"Office Supplies, Example Ltd.\" <billing@example.com>",
                "",
            ),
        ];
        let expected = "
   Flags  Date          From                    Subject
   FS      6 Mar 09:12  Ada Example             Lunch on Friday?
          10 Mar 11:45  見本花子                来週の会議について
          yesterday     Office Supplies, Exam…
";
        assert_eq!(of(&messages, None), expected.trim_start_matches('\n'));
        let narrow = of(&messages, Some(58));
        assert!(narrow.lines().all(|line| width::of(line) <= 58), "{narrow}");
        assert!(narrow.contains("Lunch on …"), "{narrow}");
    }

    #[test]
    fn names_are_short() {
        assert_eq!(short_name("<a@example.org>"), "a@example.org");
        assert_eq!(short_name("a@example.org"), "a@example.org");
        assert_eq!(short_name("A <a@example.org>"), "A");
    }
}
