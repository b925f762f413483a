//! `X-Unsent: 1` in the header of a file of mail: Outlook opens it as a draft.

const FIELD: &str = "X-Unsent";

/// Whether a header says that its message is a draft.
pub(crate) fn is_set(header: &str) -> bool {
    header.lines().any(|line| value(line) == Some("1"))
}

/// A header that says whether its message is a draft, and otherwise what it has said before.
pub(crate) fn with(header: &str, unsent: bool) -> String {
    let lines = header.split_inclusive('\n');
    let mut other: String = lines.filter(|line| value(line).is_none()).collect();
    if unsent {
        if !other.is_empty() && !other.ends_with('\n') {
            other.push_str("\r\n");
        }
        other.push_str("X-Unsent: 1\r\n");
    }
    other
}

/// What the field has, if this line is it.
fn value(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    name.trim_end()
        .eq_ignore_ascii_case(FIELD)
        .then(|| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_says_so_in_a_field_of_its_own() {
        assert!(is_set("From: a@b\r\nx-unsent : 1 \r\nTo: c@d\r\n"));
        for header in [
            "",
            "X-Unsent: 0",
            "Subject: X-Unsent: 1",
            " X-Unsent: 1",
            "X-Unsent-Not: 1",
        ] {
            assert!(!is_set(header), "{header}");
        }
    }

    #[test]
    fn it_is_set_once_and_taken_back() {
        let header = "A: b\r\n c\r\nX-UNSENT: 1\r\nD: e";
        assert_eq!(with(header, true), "A: b\r\n c\r\nD: e\r\nX-Unsent: 1\r\n");
        assert_eq!(with(header, false), "A: b\r\n c\r\nD: e");
        assert_eq!(with("", true), "X-Unsent: 1\r\n");
    }
}
