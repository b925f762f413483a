//! A subject in its two parts: "RE: " and what the conversation is about.

/// The most characters in a prefix, before the colon.
const LONGEST: usize = 3;

/// The prefix of a subject, its colon and space included: one to three characters that are not digits.
/// Empty if it has none.
pub(super) fn prefix(subject: &str) -> &str {
    let Some((before, _)) = subject.split_once(": ") else {
        return "";
    };
    let length = before.chars().count();
    let is_prefix = (1..=LONGEST).contains(&length)
        && !before
            .chars()
            .any(|one| one.is_ascii_digit() || one.is_whitespace());
    if is_prefix {
        &subject[..before.len() + 2]
    } else {
        ""
    }
}

/// A subject without its prefix, which may be known.
pub(super) fn normalized<'s>(subject: &'s str, known_prefix: Option<&str>) -> &'s str {
    let known = known_prefix.and_then(|prefix| subject.strip_prefix(prefix));
    known.unwrap_or_else(|| &subject[prefix(subject).len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_short_and_without_digits() {
        assert_eq!(prefix("RE: Lunch"), "RE: ");
        assert_eq!(prefix("AW: Fwd: Lunch"), "AW: ");
        assert_eq!(prefix("Lunch: today"), "");
        assert_eq!(prefix("A 1: x"), "");
        assert_eq!(prefix("42: x"), "");
        assert_eq!(prefix(": x"), "");
        assert_eq!(prefix("Größe"), "");
        assert_eq!(normalized("RE: Lunch", None), "Lunch");
        assert_eq!(normalized("[list] Lunch", Some("[list] ")), "Lunch");
        assert_eq!(normalized("Lunch", Some("RE: ")), "Lunch");
    }
}
