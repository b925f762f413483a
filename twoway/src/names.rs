//! Folder names that come from a server.

/// Local names have at most so many characters.
const LONGEST: usize = 200;

/// A name that is good on the local side, whatever the server calls the folder: it stays one name, in its place
/// (TWOWAY-17).
pub(crate) fn safe(name: &str) -> String {
    // TWOWAY-17
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = name
        .chars()
        .take(LONGEST)
        .map(|c| if is_bad(c) { '_' } else { c })
        .collect();
    let clean = clean.trim();
    if clean.trim_matches('.').is_empty() {
        return format!("_{}", clean.replace('.', "_"));
    }
    clean.to_owned()
}

/// Whether two names are one on the local side, where case does not count.
pub(crate) fn are_same(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

fn fold(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The name, or the first of `name (2)`, `name (3)` and so on, that is not taken (TWOWAY-16).
pub(crate) fn unique<'a>(name: &str, taken: impl Iterator<Item = &'a str>) -> String {
    // TWOWAY-16
    let taken: std::collections::HashSet<String> = taken.map(fold).collect();
    let numbered = (2_u32..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(&fold(name)))
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twoway_17_a_name_never_leaves_its_place() {
        for (name, is_safe) in [
            ("Inbox", "Inbox"),
            ("../../etc", ".._.._etc"),
            ("..", "___"),
            (".", "__"),
            ("", "_"),
            ("   ", "_"),
            ("a\0b", "a_b"),
            ("C:\\x", "C:_x"),
            ("Größe & Co", "Größe & Co"),
            ("a\u{202e}b", "a_b"),
        ] {
            assert_eq!(safe(name), is_safe, "{name:?}");
        }
        assert_eq!(safe(&"x".repeat(10_000)).chars().count(), LONGEST);
    }

    #[test]
    fn twoway_16_names_that_would_be_one_get_different_ones() {
        assert_eq!(unique("foo", ["bar"].into_iter()), "foo");
        assert_eq!(unique("foo", ["Foo"].into_iter()), "foo (2)");
        assert_eq!(unique("foo", ["Foo", "FOO (2)"].into_iter()), "foo (3)");
    }
}
