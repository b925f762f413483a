//! How wide text is on a terminal.

/// The number of columns that a text takes.
pub(super) fn of(text: &str) -> usize {
    text.chars().map(of_char).sum()
}

/// The text in exactly that many columns: filled with spaces, or cut.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let mut fitted = cut(text, columns);
    fitted.extend(std::iter::repeat_n(
        ' ',
        columns.saturating_sub(of(&fitted)),
    ));
    fitted
}

/// The text in at most that many columns; a cut text ends with `…`.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if of(text) <= columns {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |letter: &char| {
        used += of_char(*letter);
        used < columns
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// East Asian characters and pictures take two columns, accents that join a letter none.
fn of_char(letter: char) -> usize {
    match u32::from(letter) {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF => 2,
        0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{cut, fit, of};

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(of("Grüße"), 5);
        assert_eq!(of("見本花子"), 8);
        assert_eq!(of("e\u{301}"), 1);
    }

    #[test]
    fn text_fits_exactly() {
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(fit("abcde", 4), "abc…");
        assert_eq!(fit("見本花子", 8), "見本花子");
        assert_eq!(fit("見本花子", 6), "見本… ");
        for columns in 1..10 {
            assert_eq!(of(&fit("a見本花子b", columns)), columns);
        }
        assert_eq!(cut("abc", 3), "abc");
    }
}
