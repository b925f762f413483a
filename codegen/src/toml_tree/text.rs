//! Strings: no string in any file may contain invisible characters. Otherwise Outlook, doc comments and reviewers would
//! not show the same text.

use std::ops::Range;

use crate::diag::{Code, Diagnostic, Source, character, is_invisible};

use super::SINGLE_QUOTES;

/// The mistake in the string at `span`, called `name`, if there is one. Whoever reads the string decides about line
/// breaks and tabs.
pub(super) fn mistake(
    text: &str,
    span: &Range<usize>,
    name: &str,
    source: &Source,
) -> Option<Diagnostic> {
    let hidden = |c: &char| is_invisible(*c) && !matches!(c, '\n' | '\r' | '\t');
    let odd = text.chars().find(hidden)?;
    let place = place(odd, span, source);
    // `"C:\backup"`: nobody meant a backspace.
    let escaped = matches!(source.slice(place.clone()), "\\b" | "\\e" | "\\f");
    let message = format!(
        "`{name}` contains an invisible character: {}",
        character(odd)
    );
    let mistake = Diagnostic::new(Code::BadText, source, place, message);
    Some(mistake.help(if escaped {
        SINGLE_QUOTES
    } else {
        "take it out: it hides or reorders what people read"
    }))
}

/// Where in a string's source a character is: itself, or its escape. The whole string if neither is found.
fn place(odd: char, span: &Range<usize>, source: &Source) -> Range<usize> {
    let written = source.slice(span.clone());
    if let Some(at) = written.find(odd) {
        let start = span.start + at;
        return start..start + odd.len_utf8();
    }
    let escapes = written.match_indices('\\').find_map(|(at, _)| {
        let length = escape(&written[at + 1..], odd)?;
        Some(span.start + at..span.start + at + 1 + length)
    });
    escapes.unwrap_or_else(|| span.clone())
}

/// The length of the escape at the beginning of a text, after its backslash, if it means this character.
fn escape(text: &str, odd: char) -> Option<usize> {
    let digits = match text.chars().next()? {
        'u' => 4,
        'U' => 8,
        'x' => 2,
        'b' => return (odd == '\u{8}').then_some(1),
        'e' => return (odd == '\u{1B}').then_some(1),
        'f' => return (odd == '\u{C}').then_some(1),
        _ => return None,
    };
    let number = u32::from_str_radix(text.get(1..1 + digits)?, 16).ok()?;
    (number == u32::from(odd)).then_some(1 + digits)
}
