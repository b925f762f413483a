//! People's texts as doc comments: prose about settings and interfaces, never Rust that `cargo test --doc` would run.
//!
//! Markdown stays as it is, except for rustdoc's additions: code in it is text, and only text between fences that begin
//! at the margin is code. So we and rustdoc agree on what a fence is.

use std::borrow::Cow;

/// A text that is safe for rustdoc.
pub(crate) fn prose(text: &str) -> String {
    let mut out = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        match fence {
            Some(open) if closes(line, open) => {
                fence = None;
                out.push(open.to_owned());
            }
            Some(_) => out.push(line.to_owned()),
            None => match fence_of(line.trim_start()) {
                Some(open) => {
                    fence = Some(open);
                    // Without a language, rustdoc takes it for Rust.
                    out.push(format!("{open}text"));
                }
                None => out.push(plain(line)),
            },
        }
    }
    out.join("\n")
}

/// The fence that a line begins with: three or more of a kind.
fn fence_of(line: &str) -> Option<&str> {
    let first = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = line.trim_start_matches(first);
    let fence = &line[..line.len() - rest.len()];
    // After a fence of backticks there are no more backticks in its line: otherwise it is inline code.
    (fence.len() >= 3 && !(first == '`' && rest.contains('`'))).then_some(fence)
}

fn closes(line: &str, open: &str) -> bool {
    let line = line.trim();
    line.starts_with(open) && fence_of(line) == Some(line)
}

/// A line that is not code. A line indented by four would be, also after the mark of a list or a quotation.
fn plain(line: &str) -> String {
    let text = line.trim_start();
    let indent = (line.len() - text.len()).min(3);
    let words: Vec<Cow<'_, str>> = text.split_ascii_whitespace().map(no_fence).collect();
    escape(&format!("{}{}", " ".repeat(indent), words.join(" ")))
}

/// A fence in a list or a quotation doesn't count.
fn no_fence(word: &str) -> Cow<'_, str> {
    match fence_of(word) {
        Some(_) => Cow::Owned(format!("\\{word}")),
        None => Cow::Borrowed(word),
    }
}

/// Keeps text from being taken for HTML, and makes addresses links. Inline code is left alone.
fn escape(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    let last = parts.len() - 1;
    let escaped = parts.iter().enumerate().map(|(number, part)| {
        // It is between two marks, so it is an odd piece that is not the last.
        let is_code = number % 2 == 1 && number != last;
        if is_code {
            (*part).to_owned()
        } else {
            escape_text(part)
        }
    });
    escaped.collect::<Vec<_>>().join("`")
}

fn escape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', 'h']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let (piece, length) = piece(found, out.chars().last());
        out.push_str(&piece);
        rest = &found[length..];
    }
    out + rest
}

/// The replacement for the `<` or the address at the beginning of a text, and the length of what it replaces.
fn piece(text: &str, before: Option<char>) -> (String, usize) {
    if let Some(inside) = text.strip_prefix('<') {
        let link = address(inside);
        return match inside[link.len()..].starts_with('>') && !link.is_empty() {
            true => (format!("<{link}>"), link.len() + 2),
            false => ("\\<".to_owned(), 1),
        };
    }
    match address(text) {
        "" => (text[..1].to_owned(), 1),
        // It is a link already.
        link if matches!(before, Some('(' | '[' | '"')) => (link.to_owned(), link.len()),
        link => (format!("<{link}>"), link.len()),
    }
}

/// The address that a text begins with; empty if it begins with none.
fn address(text: &str) -> &str {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return "";
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '`' | '"'));
    let whole = &text[..end.unwrap_or(text.len())];
    // The end of a sentence or a closing bracket is not part of the address.
    whole.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '*', '_'])
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn code_is_text() {
        for (text, expected) in [
            (
                "Such as:\n\n```\nhost = x\n```\n",
                "Such as:\n\n```text\nhost = x\n```",
            ),
            ("```rust\nf()\n```", "```text\nf()\n```"),
            ("  ~~~~\n~~~\n~~~~", "~~~~text\n~~~\n~~~~"),
            ("```\nnever closed", "```text\nnever closed"),
            ("So:\n\n    f();\n\tg();", "So:\n\n   f();\n g();"),
            ("-     f()\n>     g()", "- f()\n> g()"),
            ("- ```\n> ~~~rust", "- \\```\n> \\~~~rust"),
            ("A ```word``` is one.", "A ```word``` is one."),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
    }

    #[test]
    fn what_looks_like_html_is_not() {
        for (text, expected) in [
            ("For <another>.", "For \\<another>."),
            ("`Vec<u8>` and Vec<u8>", "`Vec<u8>` and Vec\\<u8>"),
            ("An odd ` and <b>", "An odd ` and \\<b>"),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_links() {
        for (text, expected) in [
            (
                "See https://contoso.com/do.",
                "See <https://contoso.com/do>.",
            ),
            (
                "See <https://contoso.com/do>.",
                "See <https://contoso.com/do>.",
            ),
            (
                "See [this](https://contoso.com).",
                "See [this](https://contoso.com).",
            ),
            ("The host, with http in it.", "The host, with http in it."),
            ("", ""),
        ] {
            assert_eq!(prose(text), expected, "{text}");
        }
    }
}
