//! What to do about a file that is not TOML: the mistakes that people make, in their words.

use std::ops::Range;

use crate::diag::{Code, Diagnostic, Errors, Source};

/// Reports what the parser found: only the first mistake of each line, because the parser goes on in the middle
/// of it.
pub(super) fn report<'m>(
    mistakes: impl Iterator<Item = (Option<Range<usize>>, &'m str)>,
    source: &Source,
    errors: &Errors,
) {
    let end = source.text().len();
    let placed = mistakes.map(|(span, message)| (span.unwrap_or(end..end), message));
    let mut placed: Vec<(Range<usize>, &str)> = placed.collect();
    placed.sort_by_key(|(span, _)| span.start);
    let mut last = 0;
    for (span, message) in placed {
        let line = source.line(span.start);
        if line == last {
            continue;
        }
        last = line;
        let help = help(source, &span, message);
        let mistake = Diagnostic::new(Code::TomlSyntax, source, span, message);
        errors.push(mistake.help(help));
    }
}

/// Said about a backslash in double quotes, wherever it does harm.
pub const SINGLE_QUOTES: &str = "in double quotes a `\\` begins an escape: write a path of Windows' in single quotes, \
                                 such as `'C:\\Contoso\\mail.nst'`";

fn help(source: &Source, span: &Range<usize>, message: &str) -> String {
    let here = source.slice(span.clone());
    let rest = source.slice(span.start..source.text().len().min(span.start + 8));
    let is = |part: &str| message.contains(part);
    if is("escape") || is("unicode") {
        SINGLE_QUOTES.into()
    } else if is("duplicate key") {
        "leave one out: a key or a `[table]` may occur once; tables that may occur several times are written `[[like this]]`".into()
    } else if here.starts_with(['“', '”', '„', '‘', '’', '«', '»']) {
        "write straight quotes: `\"…\"`".into()
    } else if is("string values must be quoted") && here.starts_with(|c: char| c.is_ascii_digit()) {
        "put a text in quotes, and write a number as `26113` or `0x6601`".into()
    } else if is("string values must be quoted") {
        format!("put it in quotes: `\"{here}\"`")
    } else if is("invalid boolean") {
        format!("write `{}`, in lowercase", here.to_ascii_lowercase())
    } else if is("invalid unquoted key") && rest.starts_with(':') {
        "write `=` between a key and its value".into()
    } else if is("expected newline")
        && (rest.starts_with("//") || rest.starts_with("--") || rest.starts_with("/*"))
    {
        "a comment begins with `#`".into()
    } else if is("expected newline") && rest.starts_with([';', ',']) {
        format!("leave the `{}` out: a value ends with its line", &rest[..1])
    } else if is("invalid basic string") || is("invalid literal string") {
        "a text ends with the quote that it began with, on the same line".into()
    } else if is("recur") {
        "nothing in such a file is nested that deeply".into()
    } else {
        "the file must be TOML: see https://toml.io".into()
    }
}
