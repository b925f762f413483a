//! Other people's texts, ready to show: what is invisible, or changes what is seen, is spelled out.

use std::borrow::Cow;

/// Longer quotations are cut in the middle: a message says what is wrong with a text; it isn't the text.
const LONGEST: usize = 320;

/// How much of the beginning and of the end of a cut text is kept.
const KEPT: usize = 150;

/// Whether a character has no look of its own: a control character, or one that hides, joins or reorders others.
/// Line breaks and tabs are control characters too.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}'
            | '\u{FEFF}' | '\u{FFA0}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// A character by its number, and by its name if people may know it: `U+202E, RIGHT-TO-LEFT OVERRIDE`.
pub fn character(c: char) -> String {
    let number = format!("U+{:04X}", u32::from(c));
    match name(c) {
        Some(name) => format!("{number}, {name}"),
        None => number,
    }
}

fn name(c: char) -> Option<&'static str> {
    Some(match c {
        '\0' => "NULL",
        '\u{7}' => "BELL",
        '\u{8}' => "BACKSPACE",
        '\t' => "TAB",
        '\n' => "LINE FEED",
        '\u{C}' => "FORM FEED",
        '\r' => "CARRIAGE RETURN",
        '\u{1B}' => "ESCAPE",
        '\u{7F}' => "DELETE",
        '\u{AD}' => "SOFT HYPHEN",
        '\u{61C}' => "ARABIC LETTER MARK",
        '\u{200B}' => "ZERO WIDTH SPACE",
        '\u{200C}' => "ZERO WIDTH NON-JOINER",
        '\u{200D}' => "ZERO WIDTH JOINER",
        '\u{200E}' => "LEFT-TO-RIGHT MARK",
        '\u{200F}' => "RIGHT-TO-LEFT MARK",
        '\u{2028}' => "LINE SEPARATOR",
        '\u{2029}' => "PARAGRAPH SEPARATOR",
        '\u{202A}' => "LEFT-TO-RIGHT EMBEDDING",
        '\u{202B}' => "RIGHT-TO-LEFT EMBEDDING",
        '\u{202C}' => "POP DIRECTIONAL FORMATTING",
        '\u{202D}' => "LEFT-TO-RIGHT OVERRIDE",
        '\u{202E}' => "RIGHT-TO-LEFT OVERRIDE",
        '\u{2060}' => "WORD JOINER",
        '\u{2066}' => "LEFT-TO-RIGHT ISOLATE",
        '\u{2067}' => "RIGHT-TO-LEFT ISOLATE",
        '\u{2068}' => "FIRST STRONG ISOLATE",
        '\u{2069}' => "POP DIRECTIONAL ISOLATE",
        '\u{FEFF}' => "ZERO WIDTH NO-BREAK SPACE",
        _ => return None,
    })
}

/// Adds a character as it can be shown.
pub(super) fn push(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if is_invisible(c) => out.push_str(&format!("<U+{:04X}>", u32::from(c))),
        c => out.push(c),
    }
}

/// A text on one line, with everything in it visible. Very long ones are cut in the middle.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut add = |part: &str| part.chars().for_each(|c| push(&mut out, c));
    if text.len() <= LONGEST {
        add(text);
    } else {
        add(&text[..text.floor_char_boundary(KEPT)]);
        add(" … ");
        add(&text[text.ceil_char_boundary(text.len() - KEPT)..]);
    }
    Cow::Owned(out)
}

/// A sentence for a terminal: invisible characters are spelled out, line breaks stay, and nothing is cut.
pub fn printable(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            c => push(&mut out, c),
        }
    }
    out
}

/// What [`visible`] does, for a text whose line breaks are ours and stay.
pub(super) fn visible_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(visible).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{character, printable, visible};

    #[test]
    fn what_hides_or_reorders_is_spelt_out() {
        assert_eq!(visible("Büro 日本 ❤️"), "Büro 日本 ❤️");
        assert_eq!(
            visible("a\u{202E}b\u{1B}[31m\n\t\u{9B}"),
            "a<U+202E>b<U+001B>[31m\\n\\t<U+009B>"
        );
        assert_eq!(printable("a\u{1B}\nb\r"), "a<U+001B>\nb\\r");
        assert_eq!(character('\u{202E}'), "U+202E, RIGHT-TO-LEFT OVERRIDE");
        assert_eq!(character('\u{E0041}'), "U+E0041");
    }

    #[test]
    fn long_texts_are_cut_and_keep_both_ends() {
        let long = format!("first {} last", "é".repeat(1_000_000));
        let shown = visible(&long);
        assert!(shown.starts_with("first é") && shown.ends_with("é last") && shown.contains(" … "));
        assert!(shown.len() < 400, "{}", shown.len());
    }
}
