//! Text that somebody else wrote, on its way to a screen, a log or a report.
//!
//! A provider chooses names of folders, texts of errors and printed lines; anybody may have named a file. A terminal
//! obeys some characters, and others change the order of their neighbours: shown unchanged, such a text could clear the
//! screen or look like one of our lines. [`Untrusted`] is the gate: it can be shown in one way only, on one line and
//! with such characters spelled out.

use std::fmt::{self, Write};

/// A text that somebody else wrote. It is shown on one line, and what a terminal would obey is spelled out: `\n`,
/// `\u{1b}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Untrusted(String);

impl Untrusted {
    /// The unchanged text: to compare, or to pass to a program. It is not for a screen.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The text, cut to that many letters; an ellipsis replaces the rest.
    #[must_use]
    pub fn cut(mut self, letters: usize) -> Self {
        if let Some((end, _)) = self.0.char_indices().nth(letters) {
            self.0.truncate(end);
            self.0.push('…');
        }
        self
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Windows ends its error texts with a line break, which says nothing.
        for letter in self.0.trim_end_matches(['\r', '\n']).chars() {
            if is_harmful(letter) {
                write!(f, "{}", letter.escape_default())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

/// Whether a terminal would obey the character, or show its neighbours in another order, or not at all. Among them are
/// line breaks and tabs.
pub fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Marks, embeddings, overrides and isolates of the direction of writing.
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Invisible characters: zero-width spaces, deprecated formats, annotations, tags.
            | '\u{200B}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A text of several lines, with line breaks unchanged and everything else that is [harmful](is_harmful) spelled out.
/// It is the last gate for sentences that have gone through [`Untrusted`] in their parts, or should have.
pub fn shown_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\t' => shown.push(letter),
            letter if is_harmful(letter) => shown.extend(letter.escape_default()),
            letter => shown.push(letter),
        }
    }
    shown
}

/// A JSON text with the same meaning that does a terminal no harm. JSON itself only has to escape a few control
/// characters.
pub fn shown_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for letter in json.chars() {
        // A line break between values is JSON's own; within a string it would not be JSON.
        if letter == '\n' || !is_harmful(letter) {
            shown.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing to a string can't fail.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Untrusted::from(text).to_string()
    }

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        assert_eq!(shown("a\u{1B}[2Jb"), r"a\u{1b}[2Jb");
        assert_eq!(shown("\u{9B}2J\u{7F}\0"), r"\u{9b}2J\u{7f}\u{0}");
        assert_eq!(shown("exe\u{202E}txt.\u{2066}"), r"exe\u{202e}txt.\u{2066}");
        assert_eq!(shown("a\u{2028}b\tc"), r"a\u{2028}b\tc");
        assert_eq!(shown("\u{E0041}\u{FEFF}"), r"\u{e0041}\u{feff}");
    }

    #[test]
    fn a_text_is_one_line() {
        assert_eq!(shown("no\nSYNC-16   pass"), r"no\nSYNC-16   pass");
        assert_eq!(shown("denied.\r\n"), "denied.");
    }

    #[test]
    fn what_people_write_stays() {
        for text in ["Grüße, 日本 🦀 👩\u{200D}🚀 ‘x’", r"C:\new\mail", "مرحبا"]
        {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(Untrusted::from("üüü").cut(2), "üü…".into());
        assert_eq!(Untrusted::from("üü").cut(2), "üü".into());
    }

    #[test]
    fn sentences_keep_their_lines_and_json_its_meaning() {
        assert_eq!(shown_lines("a\n\u{1B}b"), "a\n\\u{1b}b");
        assert_eq!(
            shown_json("[\n\"\u{9B}\u{202E}\u{E0041}ü\"]"),
            "[\n\"\\u009b\\u202e\\udb40\\udc41ü\"]"
        );
    }
}
