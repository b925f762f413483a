//! How wide text is on a terminal.

use unicode_width::UnicodeWidthChar;

/// The number of columns that a text takes.
pub(crate) fn of(text: &str) -> usize {
    text.chars().map(of_char).sum()
}

/// The text in exactly that many columns: filled with spaces, or cut.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let mut fitted = cut(text, columns);
    fitted.extend(std::iter::repeat_n(
        ' ',
        columns.saturating_sub(of(&fitted)),
    ));
    fitted
}

/// The text in at most that many columns; a cut text ends with `…`.
pub(crate) fn cut(text: &str, columns: usize) -> String {
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

/// East Asian characters and pictures take two columns, accents that join a letter none. What makes a picture of a
/// letter, U+FE0F, takes one here: where terminals differ the text is narrower than we say, and never wider.
fn of_char(letter: char) -> usize {
    match letter {
        '\u{FE0F}' => 1,
        letter => letter.width().unwrap_or_default(),
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
        assert_eq!(of("⌚🦀"), 4);
        assert_eq!(of("☎\u{FE0F}"), 2);
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
