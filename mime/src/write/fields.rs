//! Fields of a header, as they are written: folded, 7 bits wide, and never more than one from one value.

use std::fmt::Write;

use mail_builder::encoders::base64::base64_encode_mime;

use crate::fields::Fields;
use crate::mail::Who;
use crate::work::Work;

/// A line is no longer than this, if it can be helped (RFC 5322, 2.1.1).
const WIDTH: usize = 76;
/// So many octets of UTF-8 make an encoded word that fits beside any name.
const WORD: usize = 42;

/// What other members of a message say, or what would not be true any more.
const NOT_KEPT: [&str; 22] = [
    "apparently-to",
    "arc-authentication-results",
    "arc-message-signature",
    "arc-seal",
    "bcc",
    "cc",
    "content-length",
    "date",
    "dkim-signature",
    "domainkey-signature",
    "from",
    "importance",
    "in-reply-to",
    "message-id",
    "mime-version",
    "priority",
    "references",
    "sender",
    "subject",
    "to",
    "x-msmail-priority",
    "x-priority",
];

/// A header that is being written.
#[derive(Default)]
pub(super) struct Header {
    text: String,
}

impl Header {
    pub(super) fn into_octets(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// A field of pieces, between which the line may be broken.
    fn field(&mut self, name: &str, pieces: impl IntoIterator<Item = String>) {
        self.text.push_str(name);
        self.text.push(':');
        let mut column = name.len() + 1;
        for piece in pieces {
            // The first piece stays beside the name, where readers expect it.
            if column + 1 + piece.len() > WIDTH && column > name.len() + 1 {
                self.text.push_str("\r\n");
                column = 0;
            }
            self.text.push(' ');
            self.text.push_str(&piece);
            column += 1 + piece.len();
        }
        self.text.push_str("\r\n");
    }

    /// A field of plain words.
    pub(super) fn words(&mut self, name: &str, words: &str) {
        self.field(name, words.split(' ').map(str::to_owned));
    }

    /// A field of text; none if that is empty.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        let text = line(text);
        if text.is_empty() {
            return;
        }
        let is_plain = is_printable(&text) && !text.contains("=?") && text.split(' ').all(is_short);
        if is_plain {
            self.words(name, &text);
        } else {
            self.field(name, encoded_words(&text));
        }
    }

    /// A field with people; none if there are none.
    pub(super) fn people(&mut self, name: &str, people: &[&Who]) {
        let mut pieces = Vec::new();
        for who in people {
            let start = pieces.len();
            let (name, address) = (line(&who.name), address(&who.address));
            if !name.is_empty() && name != address {
                pieces.extend(phrase(&name));
            }
            // `<>` is no address: a name without one is written alone.
            if !address.is_empty() {
                pieces.push(if pieces.len() == start {
                    address
                } else {
                    format!("<{address}>")
                });
            }
            if let Some(last) = pieces.last_mut().filter(|_| people.len() > 1) {
                last.push(',');
            }
        }
        if let Some(last) = pieces.last_mut().filter(|last| last.ends_with(',')) {
            last.pop();
        }
        if !pieces.is_empty() {
            self.field(name, pieces);
        }
    }

    /// A field of identifiers; none if there are none.
    pub(super) fn ids(&mut self, name: &str, ids: &str) {
        let apart = |letter: char| {
            letter.is_whitespace() || letter.is_control() || matches!(letter, '<' | '>' | ',')
        };
        let ids: Vec<String> = ids
            .split(apart)
            .filter(|id| !id.is_empty())
            .map(|id| format!("<{id}>"))
            .collect();
        if !ids.is_empty() {
            self.field(name, ids);
        }
    }

    pub(super) fn content_id(&mut self, id: &str) {
        self.ids("Content-ID", id);
    }

    /// A field with a value and parameters.
    pub(super) fn with_parameters(&mut self, name: &str, value: &str, parameters: &[String]) {
        let mut pieces = vec![value.to_owned()];
        for parameter in parameters {
            if let Some(last) = pieces.last_mut() {
                last.push(';');
            }
            pieces.push(parameter.clone());
        }
        self.field(name, pieces);
    }

    /// Fields of the header that a message came with, as they came.
    pub(super) fn others(&mut self, headers: &str) {
        let fields = Fields::read(headers.as_bytes(), &Work::default());
        for (name, value) in fields.iter() {
            let (Ok(name), Ok(value)) = (std::str::from_utf8(name), std::str::from_utf8(value))
            else {
                continue;
            };
            let lower = name.to_ascii_lowercase();
            if NOT_KEPT.contains(&&*lower) || lower.starts_with("content-") {
                continue;
            }
            self.text.push_str(name);
            self.text.push(':');
            for line in value.lines() {
                let line = line.replace(|letter: char| letter.is_control() && letter != '\t', " ");
                self.text.push_str(line.trim_end());
                self.text.push_str("\r\n");
            }
        }
    }
}

/// A text that stays within its line of the header, whatever was in it.
pub(super) fn line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

fn is_printable(text: &str) -> bool {
    let is_blank_twice = text.contains("  ");
    !is_blank_twice
        && text
            .bytes()
            .all(|octet| octet == b' ' || octet.is_ascii_graphic())
}

/// Longer words are no words of a line.
fn is_short(word: &str) -> bool {
    word.len() <= 900
}

/// A text as encoded words of whole characters.
fn encoded_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(WORD);
        let (now, later) = rest.split_at(end);
        words.push(format!("=?utf-8?B?{}?=", base64(now)));
        rest = later;
    }
    words
}

fn base64(text: &str) -> String {
    let mut encoded = Vec::new();
    let is_written = base64_encode_mime(text.as_bytes(), &mut encoded, true);
    debug_assert!(is_written.is_ok(), "memory takes everything");
    String::from_utf8(encoded).unwrap_or_default()
}

/// A name before an address.
fn phrase(name: &str) -> Vec<String> {
    let is_atom =
        |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~ ".contains(letter);
    if !is_printable(name) || name.contains("=?") || !name.split(' ').all(is_short) {
        return encoded_words(name);
    }
    if name.chars().all(is_atom) {
        return name.split(' ').map(str::to_owned).collect();
    }
    vec![quoted(name)]
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

/// An address that can't end its brackets. Spaces are kept only where they are quoted.
fn address(address: &str) -> String {
    let mut clean = String::new();
    let mut is_quoted = false;
    let mut letters = address.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if is_quoted => {
                clean.push(letter);
                clean.extend(letters.next().filter(|next| !next.is_control()));
            }
            '"' => {
                is_quoted = !is_quoted;
                clean.push(letter);
            }
            letter if letter.is_control() => {}
            '<' | '>' | ',' | ';' | ' ' | '(' | ')' if !is_quoted => {}
            letter if letter.is_whitespace() && !is_quoted => {}
            letter => clean.push(letter),
        }
    }
    if is_quoted {
        clean.retain(|letter| letter != '"');
    }
    clean
}

/// A parameter as programs before RFC 2231 read it: quoted, and as an encoded word where it is not ASCII.
pub(super) fn parameter(name: &str, value: &str) -> String {
    if is_printable(value) && !value.contains("=?") {
        return format!("{name}={}", quoted(value));
    }
    let words = encoded_words(value);
    format!("{name}=\"{}\"", words.join("\r\n "))
}

/// The parameters that say the name of a file, by RFC 2231 where it is not ASCII.
pub(super) fn file_name(name: &str) -> Vec<String> {
    if name.is_empty() {
        return Vec::new();
    }
    if is_printable(name) && !name.contains("=?") && is_short(name) {
        return vec![parameter("filename", name)];
    }
    let mut pieces = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.floor_char_boundary(16));
        let mut piece = format!("filename*{}*=", pieces.len());
        if pieces.is_empty() {
            piece.push_str("utf-8''");
        }
        for octet in now.bytes() {
            if octet.is_ascii_alphanumeric() || b".-_".contains(&octet) {
                piece.push(char::from(octet));
            } else {
                let is_written = write!(piece, "%{octet:02X}");
                debug_assert!(is_written.is_ok(), "a string takes everything");
            }
        }
        pieces.push(piece);
        rest = later;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Header)) -> String {
        let mut header = Header::default();
        write(&mut header);
        header.text
    }

    #[test]
    fn nobody_writes_a_line_of_the_header_by_a_value() {
        let evil = "Hello\r\nBcc: all@example.org";
        let who = Who::new(evil, evil);
        for text in [
            written(|header| header.text("Subject", evil)),
            written(|header| header.people("To", &[&who])),
            written(|header| header.ids("References", evil)),
            written(|header| {
                header.with_parameters("Content-Disposition", "attachment", &file_name(&line(evil)))
            }),
        ] {
            assert!(
                text.lines().skip(1).all(|line| line.starts_with(' ')),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_without_an_address_is_written_alone() {
        let foo = Who::new("foo", "");
        assert_eq!(
            written(|header| header.people("From", &[&foo])),
            "From: foo\r\n"
        );
        let foo = Who::new("foo, bar", "");
        assert_eq!(
            written(|header| header.people("From", &[&foo])),
            "From: \"foo, bar\"\r\n"
        );
        assert_eq!(
            written(|header| header.people("From", &[&Who::default()])),
            ""
        );
    }

    #[test]
    fn addresses_are_written_as_they_are_read() {
        let people = [
            Who::new("Ann", "ann@example.org"),
            Who::new("a@b", "a@b"),
            Who::new("", "\"A B\"@c"),
        ];
        let text = written(|header| header.people("To", &people.iter().collect::<Vec<_>>()));
        assert_eq!(text, "To: Ann <ann@example.org>, a@b, \"A B\"@c\r\n");
    }

    #[test]
    fn fields_of_the_old_header_are_kept() {
        let old = "Received: by a\r\n\tfor b\r\nSubject: old\r\nX-A: 1\r\nContent-Type: text/plain\r\nDKIM-Signature: x\r\n";
        assert_eq!(
            written(|header| header.others(old)),
            "Received: by a\r\n\tfor b\r\nX-A: 1\r\n"
        );
    }

    #[test]
    fn lines_are_short() {
        let text = written(|header| header.text("Subject", &"Größe ".repeat(100)));
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
        let text = written(|header| header.text("Subject", &"word ".repeat(100)));
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
    }
}
