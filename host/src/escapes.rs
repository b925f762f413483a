//! Escapes characters that have a meaning on a line, and back.

/// Characters, each with the letter that stands for it after a backslash.
pub(crate) struct Escapes(pub(crate) &'static [(char, char)]);

impl Escapes {
    /// Letters without those characters.
    pub(crate) fn escape(&self, letters: impl Iterator<Item = char>) -> String {
        let mut escaped = String::new();
        for letter in letters {
            let short = self.0.iter().find(|(character, _)| *character == letter);
            match short {
                Some((_, short)) => escaped.extend(['\\', *short]),
                None if letter == '\\' => escaped.push_str("\\\\"),
                None => escaped.push(letter),
            }
        }
        escaped
    }

    /// The text as it was.
    pub(crate) fn unescape(&self, text: &str) -> String {
        let mut letters = text.chars();
        let mut plain = String::with_capacity(text.len());
        while let Some(letter) = letters.next() {
            let after = (letter == '\\').then(|| letters.next()).flatten();
            let known = self.0.iter().find(|(_, short)| Some(*short) == after);
            plain.push(known.map_or(after.unwrap_or(letter), |(character, _)| *character));
        }
        plain
    }
}
