//! Text as tables compare it.

/// Text without regard to the case of its letters.
pub(super) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Text without the marks above and below its letters, those of Western Europe.
pub(super) fn without_marks(text: &str) -> String {
    text.chars().map(base).collect()
}

fn base(letter: char) -> char {
    match letter {
        'À'..='Å' => 'A',
        'à'..='å' => 'a',
        'Ç' => 'C',
        'ç' => 'c',
        'È'..='Ë' => 'E',
        'è'..='ë' => 'e',
        'Ì'..='Ï' => 'I',
        'ì'..='ï' => 'i',
        'Ñ' => 'N',
        'ñ' => 'n',
        'Ò'..='Ö' | 'Ø' => 'O',
        'ò'..='ö' | 'ø' => 'o',
        'Ù'..='Ü' => 'U',
        'ù'..='ü' => 'u',
        'Ý' => 'Y',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_marks_can_be_left_out() {
        assert_eq!(folded("GRÖSSE"), "grösse");
        assert_eq!(without_marks("Crème Brûlée"), "Creme Brulee");
    }
}
