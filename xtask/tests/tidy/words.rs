//! Rust source as a flat list of words, so that a check sees code and neither comments nor strings.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::source::File;

/// The words of a file: identifiers, single punctuation characters, brackets; a literal is `"`.
pub(crate) fn of(file: &File) -> Vec<String> {
    let tokens = TokenStream::from_str(file.text());
    let tokens = tokens.unwrap_or_else(|error| panic!("{} is not Rust: {error}", file.path));
    let mut words = Vec::new();
    flatten(tokens, &mut words);
    words
}

fn flatten(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => flatten_group(&group, words),
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            TokenTree::Punct(punct) => words.push(punct.as_char().to_string()),
            TokenTree::Literal(_) => words.push("\"".to_owned()),
        }
    }
}

fn flatten_group(group: &Group, words: &mut Vec<String>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    };
    words.push(open.to_owned());
    flatten(group.stream(), words);
    words.push(close.to_owned());
}

/// The position of the bracket that closes the one at `open`.
fn closing(words: &[String], open: usize) -> usize {
    let mut depth = 0_usize;
    for (position, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return position;
        }
    }
    words.len()
}

/// Whether the words at `position` are these.
pub(crate) fn at(words: &[String], position: usize, wanted: &[&str]) -> bool {
    let found = words.get(position..position + wanted.len());
    found.is_some_and(|found| {
        found
            .iter()
            .zip(wanted)
            .all(|(found, wanted)| found == wanted)
    })
}

/// The words inside the bracket at `open`, or none if there is no bracket.
pub(crate) fn inside(words: &[String], open: usize) -> &[String] {
    match words.get(open).map(String::as_str) {
        Some("(" | "[" | "{") => &words[open + 1..closing(words, open)],
        _ => &[],
    }
}

/// The words without quoted code: what is inside `quote!` and the like.
pub(crate) fn without_quoted(words: &[String]) -> Vec<String> {
    without(words, |position| {
        let quotes = [
            "quote",
            "quote_spanned",
            "parse_quote",
            "parse_quote_spanned",
        ];
        quotes
            .iter()
            .any(|quote| at(words, position, &[quote, "!"]))
            .then_some(position + 2)
    })
}

/// The words without the modules under `#[cfg(test)]`.
pub(crate) fn without_tests(words: &[String]) -> Vec<String> {
    without(words, |position| {
        at(
            words,
            position,
            &["#", "[", "cfg", "(", "test", ")", "]", "mod"],
        )
        .then_some(position + 9)
    })
}

/// Leaves out each group whose beginning and opening bracket `starts` finds.
fn without(words: &[String], starts: impl Fn(usize) -> Option<usize>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut position = 0;
    while position < words.len() {
        match starts(position).filter(|open| !inside(words, *open).is_empty()) {
            Some(open) => position = closing(words, open) + 1,
            None => {
                kept.push(words[position].clone());
                position += 1;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        of(&File {
            path: "test.rs".to_owned(),
            bytes: text.into(),
        })
    }

    #[test]
    fn comments_and_strings_are_no_words() {
        assert_eq!(
            words("// unsafe\nlet x = \"unsafe\";"),
            ["let", "x", "=", "\"", ";"]
        );
    }

    #[test]
    fn quoted_code_and_test_modules_are_left_out() {
        assert_eq!(
            without_quoted(&words("a quote! { unsafe { b } } c")),
            ["a", "c"]
        );
        assert_eq!(
            without_tests(&words("a #[cfg(test)] mod tests { b } c")),
            ["a", "c"]
        );
        assert_eq!(
            without_tests(&words("#[cfg(test)] mod tests; c"))
                .last()
                .expect("kept"),
            "c"
        );
    }
}
