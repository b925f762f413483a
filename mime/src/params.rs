//! Fields with parameters: Content-Type and Content-Disposition (RFC 2045, 2183, 2231).

use std::borrow::Cow;

use crate::transfer::hex;
use crate::{charset, words};

/// A word, and parameters with small names in the order in which they came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Value {
    /// What stands before the first `;`, in small letters.
    pub(crate) word: String,
    params: Vec<(String, Vec<u8>)>,
}

/// More parameters than this are none.
const MOST: usize = 512;

impl Value {
    /// Takes a field apart.
    pub(crate) fn parse(value: &[u8]) -> Self {
        let line = words::unfolded(value);
        let mut pieces = pieces(&line).into_iter();
        let word = pieces.next().unwrap_or_default();
        let word = String::from_utf8_lossy(&word).trim().to_ascii_lowercase();
        let params = pieces.take(MOST).filter_map(|piece| {
            let place = piece.iter().position(|octet| *octet == b'=')?;
            let name = String::from_utf8_lossy(piece[..place].trim_ascii()).to_ascii_lowercase();
            (!name.is_empty()).then(|| (name, unquoted(&piece[place + 1..])))
        });
        Self {
            word,
            params: params.collect(),
        }
    }

    /// A type and subtype, `text/plain`; `None` if the word is no such thing.
    pub(crate) fn media_type(&self) -> Option<(&str, &str)> {
        let (kind, subtype) = self.word.split_once('/')?;
        let (kind, subtype) = (kind.trim(), subtype.trim());
        let is_token =
            |word: &str| !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_graphic());
        (is_token(kind) && is_token(subtype)).then_some((kind, subtype))
    }

    /// The octets of a parameter.
    pub(crate) fn octets(&self, name: &str) -> Option<&[u8]> {
        let found = self.params.iter().find(|(other, _)| other == name)?;
        Some(&found.1)
    }

    /// A parameter that is a word of ASCII: a charset, for example.
    pub(crate) fn token(&self, name: &str) -> Option<String> {
        // Some programs write even these as RFC 2231 says.
        let octets = self
            .octets(name)
            .map(|octets| String::from_utf8_lossy(octets).trim().to_owned());
        let octets = octets.or_else(|| self.extended(name, None));
        octets.filter(|token| !token.is_empty())
    }

    /// A parameter that people read: of `name*` and `name` the first is the true one.
    pub(crate) fn text(&self, name: &str, hint: Option<&str>) -> Option<String> {
        let text = self.extended(name, hint);
        text.or_else(|| Some(words::decode(self.octets(name)?, hint)))
    }

    /// A parameter in the form of RFC 2231: with a charset, in pieces, or both.
    fn extended(&self, name: &str, hint: Option<&str>) -> Option<String> {
        let mut pieces: Vec<(u32, bool, &[u8])> = Vec::new();
        for (other, value) in &self.params {
            let Some(rest) = other
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('*'))
            else {
                continue;
            };
            let (number, is_encoded) = match rest.strip_suffix('*') {
                Some(number) => (number, true),
                None => (rest, rest.is_empty()),
            };
            let number = if number.is_empty() {
                Some(0)
            } else {
                number.parse().ok()
            };
            pieces.extend(number.map(|number| (number, is_encoded, &**value)));
        }
        pieces.sort_by_key(|(number, ..)| *number);
        let (label, first) = match pieces.first()? {
            (_, true, value) => with_charset(value),
            (_, false, value) => (None, *value),
        };
        let mut octets = Vec::new();
        let mut last = None;
        for (place, (number, is_encoded, value)) in pieces.iter().enumerate() {
            // Twice the same piece is said once.
            if last.replace(*number) == Some(*number) {
                continue;
            }
            let value = if place == 0 { first } else { *value };
            octets.extend_from_slice(&if *is_encoded {
                percent_decoded(value)
            } else {
                Cow::Borrowed(value)
            });
        }
        Some(match label {
            Some(label) => charset::decode(Some(&label), &octets),
            // Some programs put encoded words into pieces.
            None => words::decode(&octets, hint),
        })
    }
}

/// `utf-8'de'text`: the charset, if it is named, and the text.
fn with_charset(value: &[u8]) -> (Option<String>, &[u8]) {
    let mut parts = value.splitn(3, |octet| *octet == b'\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(label), Some(_), Some(text)) => {
            let label = String::from_utf8_lossy(label).into_owned();
            ((!label.is_empty()).then_some(label), text)
        }
        _ => (None, value),
    }
}

fn percent_decoded(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'%') {
        return Cow::Borrowed(value);
    }
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, tail @ ..] = rest {
        rest = match rest {
            [b'%', high, low, tail @ ..] if hex(*high).is_some() && hex(*low).is_some() => {
                octets.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                tail
            }
            _ => {
                octets.push(*first);
                tail
            }
        };
    }
    Cow::Owned(octets)
}

/// The pieces between semicolons, without comments. Quotes stay.
fn pieces(line: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let (mut in_quotes, mut depth) = (false, 0_usize);
    let mut octets = line.iter().copied().peekable();
    // A quote that is never closed is a letter.
    let mut quotes_left = line.iter().filter(|octet| **octet == b'"').count();
    while let Some(octet) = octets.next() {
        let Some(piece) = pieces.last_mut() else {
            break;
        };
        quotes_left -= usize::from(octet == b'"');
        match octet {
            b'\\' if in_quotes || depth > 0 => {
                let next = octets.next();
                quotes_left -= usize::from(next == Some(b'"'));
                if depth == 0 {
                    piece.push(octet);
                    piece.extend(next);
                }
            }
            b'"' if depth == 0 => {
                in_quotes = !in_quotes && quotes_left > 0;
                piece.push(octet);
            }
            _ if in_quotes => piece.push(octet),
            b'(' if depth > 0 || is_comment_place(piece) => depth += 1,
            b')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b';' => pieces.push(Vec::new()),
            _ => piece.push(octet),
        }
    }
    pieces
}

/// Whether a bracket begins a comment: names of files have brackets, too, even where nobody has quoted them.
fn is_comment_place(piece: &[u8]) -> bool {
    let value = piece
        .iter()
        .position(|octet| *octet == b'=')
        .map(|place| &piece[place + 1..]);
    match value {
        Some(value) => {
            let value = value.trim_ascii();
            value.is_empty() || value.ends_with(b"\"")
        }
        None => true,
    }
}

/// A value without its quotes. Backslashes before other letters than `"` and `\` are kept: they are in paths of Windows.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let value = value.trim_ascii();
    let Some(inner) = value.strip_prefix(b"\"") else {
        return value.to_vec();
    };
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    loop {
        rest = match rest {
            [] => return text,
            // What follows a closing quote is no part of it, unless another quoted string does.
            [b'"', tail @ ..] => match tail.trim_ascii_start() {
                [b'"', next @ ..] => next,
                _ => return text,
            },
            [b'\\', letter @ (b'"' | b'\\'), tail @ ..] => {
                text.push(*letter);
                tail
            }
            [letter, tail @ ..] => {
                text.push(*letter);
                tail
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> Option<String> {
        Value::parse(value.as_bytes()).text("name", None)
    }

    #[test]
    fn types_are_read_as_they_are_written() {
        for (value, kind) in [
            ("text/plain", Some(("text", "plain"))),
            ("Text/HTML; charset=x", Some(("text", "html"))),
            (
                "text / plain (a comment; with more)",
                Some(("text", "plain")),
            ),
            ("text", None),
            ("text/", None),
            ("", None),
            ("two words/x", None),
        ] {
            assert_eq!(Value::parse(value.as_bytes()).media_type(), kind, "{value}");
        }
    }

    #[test]
    fn names_are_what_was_meant() {
        for (value, text) in [
            ("a/b; name=a.pdf", "a.pdf"),
            ("a/b; NAME = \"a b.pdf\" ; x=y", "a b.pdf"),
            ("a/b; name=a b (1).pdf; x=y", "a b (1).pdf"),
            ("a/b; name=a.pdf (a comment)", "a.pdf (a comment)"),
            ("a/b; name=\"a.pdf\" (a comment)", "a.pdf"),
            ("a/b; name=\"a;b\\\"c\"", "a;b\"c"),
            (r#"a/b; name="C:\temp\a.txt""#, r"C:\temp\a.txt"),
            ("a/b; name=\"never closed.pdf", "never closed.pdf"),
            (
                "a/b; name=\"=?utf-8?Q?=C3=96?=\r\n   =?utf-8?Q?.pdf?=\"",
                "Ö.pdf",
            ),
            ("a/b; name==?utf-8?Q?=C3=96.pdf?=", "Ö.pdf"),
            ("a/b; name=old.pdf; name*=utf-8''%C3%96.pdf", "Ö.pdf"),
            ("a/b; name*=gb2312''%BB%E1%D2%E9.pdf", "会议.pdf"),
            ("a/b; name*0*=utf-8''%C3; name*1*=%96; name*2=.pdf", "Ö.pdf"),
            ("a/b; name*1=b.pdf; name*0=a", "ab.pdf"),
            ("a/b; name*0=a; name*0=a; name*1=b", "ab"),
            ("a/b; name*=no-quotes%41", "no-quotesA"),
            ("a/b; name*=''a", "a"),
            ("a/b; name=Ö.pdf", "Ö.pdf"),
        ] {
            assert_eq!(name(value).as_deref(), Some(text), "{value}");
        }
        assert_eq!(name("a/b; name; =x"), None);
    }

    #[test]
    fn a_token_is_found_however_it_is_written() {
        for value in [
            "a/b; charset=utf-8",
            "a/b; charset=\"utf-8\"",
            "a/b; charset*=us-ascii'en'utf-8",
            "a/b;charset = utf-8 ;",
        ] {
            assert_eq!(
                Value::parse(value.as_bytes()).token("charset").as_deref(),
                Some("utf-8"),
                "{value}"
            );
        }
    }
}
