//! Fields of a header, as they are written: folded, 7 bits wide, and never more than one from one value.

use std::fmt::Write;

use mail_builder::encoders::base64::base64_encode_mime;

use super::unedited::Unedited;
use crate::fields::Fields;
use crate::mail::Who;
use crate::work::Work;

/// A line is no longer than this, if it can be helped (RFC 5322, 2.1.1).
const WIDTH: usize = 76;
/// No line may be longer, its end not counted (RFC 5322, 2.1.1).
const LONGEST_LINE: usize = 998;
/// So many octets of UTF-8 make an encoded word that fits beside any name.
const WORD: usize = 42;

/// What would not be true any more, as are all fields about the content.
const NOT_TRUE: [&str; 7] = [
    "arc-authentication-results",
    "arc-message-signature",
    "arc-seal",
    "content-length",
    "dkim-signature",
    "domainkey-signature",
    "mime-version",
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

    /// A field of identifiers; none if there are none. What is longer than any line is no identifier.
    pub(super) fn ids(&mut self, name: &str, ids: &str) {
        let apart = |letter: char| {
            letter.is_whitespace() || letter.is_control() || matches!(letter, '<' | '>' | ',')
        };
        let ids: Vec<String> = ids
            .split(apart)
            .filter(|id| !id.is_empty() && is_short(id))
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

    /// Fields of the header that a message came with, as they came: those that no member says, and those that say what it
    /// says.
    pub(super) fn old(&mut self, headers: &str, unedited: &Unedited) {
        let fields = Fields::read(headers.as_bytes(), &Work::default());
        for (name, value) in fields.iter() {
            let (Ok(name), Ok(value)) = (std::str::from_utf8(name), std::str::from_utf8(value))
            else {
                continue;
            };
            let lower = name.to_ascii_lowercase();
            let is_true = !(NOT_TRUE.contains(&&*lower) || lower.starts_with("content-"));
            if !unedited.keeps(&lower).unwrap_or(is_true) {
                continue;
            }
            // No reader takes such a line for a field.
            if !is_short(name) {
                continue;
            }
            self.text.push_str(name);
            self.text.push(':');
            let mut column = name.len() + 1;
            let mut is_first = true;
            for line in value.split('\n') {
                let line = line.replace(|letter: char| letter.is_control() && letter != '\t', " ");
                let line = line.trim_ascii_end();
                // A line of blanks alone would end the header for most readers. Blanks that are not ASCII are letters here.
                if !line.is_empty() {
                    if !std::mem::take(&mut is_first) {
                        self.text.push_str("\r\n");
                        column = 0;
                    }
                    self.folded(line, column);
                }
            }
            self.text.push_str("\r\n");
        }
    }

    /// The rest of a line, from a column on; in several lines if it is too long. One that begins at the column 0 goes on
    /// with the field before it.
    fn folded(&mut self, line: &str, column: usize) {
        let mut rest = line;
        let mut room = LONGEST_LINE - column;
        if column == 0 && !rest.starts_with([' ', '\t']) {
            self.text.push(' ');
            room -= 1;
        }
        while rest.len() > room {
            let most = rest.floor_char_boundary(room);
            // At a blank that is neither before the first word of the line nor within the blanks before it.
            let first_word = rest.len() - rest.trim_ascii_start().len();
            let blank = rest[..most].rfind([' ', '\t']);
            let end = blank.filter(|place| *place > first_word).unwrap_or(most);
            let (now, later) = rest.split_at(end);
            let later = later.trim_ascii_start();
            // Blanks by the thousand are one.
            if !now.trim_ascii().is_empty() {
                self.text.push_str(now.trim_ascii_end());
                self.text.push_str("\r\n ");
            }
            (rest, room) = (later, LONGEST_LINE - 1);
        }
        self.text.push_str(rest);
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
    let text = match name.chars().all(is_atom) {
        true => name.to_owned(),
        false => quoted(name),
    };
    let mut words = text.split(' ');
    if !is_printable(name) || name.contains("=?") || !words.clone().all(is_short) {
        return encoded_words(name);
    }
    // A quoted text stays in one line if it fits into any.
    match text.starts_with('"') && text.len() < WIDTH / 2 {
        true => vec![text],
        false => words.by_ref().map(str::to_owned).collect(),
    }
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

/// An address that can't end its brackets, and names nobody else. Spaces, and what has a meaning in a list of addresses,
/// are kept only where they are quoted; quotes that are never closed quote nothing. What is longer than any line is none.
fn address(address: &str) -> String {
    let clean = match is_closed(address) {
        true => with_quotes(address),
        false => address.chars().filter(may_be_bare).collect(),
    };
    match is_short(&clean) {
        true => clean,
        false => String::new(),
    }
}

/// Whether a letter means nothing in a list of addresses: outside of quotes, no other can be in one.
fn may_be_bare(letter: &char) -> bool {
    !(letter.is_control() || letter.is_whitespace() || "\"\\<>,;()".contains(*letter))
}

/// Whether each quote of an address is closed.
fn is_closed(address: &str) -> bool {
    let mut is_quoted = false;
    let mut letters = address.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => drop(letters.next()),
            _ => {}
        }
    }
    !is_quoted
}

/// An address whose quotes are closed.
fn with_quotes(address: &str) -> String {
    let mut clean = String::new();
    let mut is_quoted = false;
    let mut letters = address.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                is_quoted = !is_quoted;
                clean.push(letter);
            }
            // Never alone: it would quote what follows, perhaps the closing quote.
            '\\' if is_quoted => {
                if let Some(next) = letters.next().filter(|next| !next.is_control()) {
                    clean.extend([letter, next]);
                }
            }
            letter if is_quoted && !letter.is_control() || may_be_bare(&letter) => {
                clean.push(letter);
            }
            _ => {}
        }
    }
    clean
}

/// A parameter as programs before RFC 2231 read it: quoted, and as an encoded word where it is not ASCII.
pub(super) fn parameter(name: &str, value: &str) -> String {
    let text = quoted(value);
    if is_printable(value) && !value.contains("=?") && is_short(&text) {
        return format!("{name}={text}");
    }
    let words = encoded_words(value);
    format!("{name}=\"{}\"", words.join("\r\n "))
}

/// The parameters that say the name of a file, by RFC 2231 where it is not ASCII.
pub(super) fn file_name(name: &str) -> Vec<String> {
    if name.is_empty() {
        return Vec::new();
    }
    if is_printable(name) && !name.contains("=?") && is_short(&quoted(name)) {
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
    use crate::mail::Mail;

    /// Fields of an old header, of a message that is all new.
    fn old(header: &mut Header, headers: &str) {
        let mail = Mail {
            headers: headers.to_owned(),
            subject: "new".to_owned(),
            ..Mail::default()
        };
        header.old(headers, &Unedited::of(&mail));
    }

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
            written(|header| self::old(header, old)),
            "Received: by a\r\n\tfor b\r\nX-A: 1\r\n"
        );
    }

    #[test]
    fn an_old_field_of_blanks_ends_no_header() {
        for (old, written_anew) in [
            ("X-Odd: one\r\n \r\n two\r\n", "X-Odd: one\r\n two\r\n"),
            (
                "X-Odd: one\r\n \u{3000}\r\n two\r\n",
                "X-Odd: one\r\n \u{3000}\r\n two\r\n",
            ),
            ("X-Odd:\r\n \u{85}\r\n two\r\n", "X-Odd: two\r\n"),
            ("X-Odd: \r\nX-Even:\r\n", "X-Odd:\r\nX-Even:\r\n"),
        ] {
            assert_eq!(written(|header| self::old(header, old)), written_anew);
        }
    }

    #[test]
    fn no_line_is_too_long_whatever_it_is_made_of() {
        let long = [
            "a".repeat(5000),
            "\"".repeat(900),
            "ä".repeat(5000),
            "a, b ".repeat(1000),
            format!("a{}b", " ".repeat(3000)),
            format!("{}b", "\u{3000}".repeat(3000)),
        ];
        for text in long {
            let who = Who::new(&*text, "ann@example.org");
            let other = Who::new("", &*text);
            let old = format!("X-A: {text}\r\n {text}\r\nX-B: c\r\n{text}: x\r\n");
            let header = written(|header| {
                self::old(header, &old);
                header.text("Subject", &text);
                header.people("To", &[&who, &other]);
                header.ids("References", &text);
                header.with_parameters("Content-Type", "a/b", &[parameter("name", &text)]);
                header.with_parameters("Content-Disposition", "inline", &file_name(&text));
            });
            for line in header.split("\r\n") {
                assert!(line.len() <= LONGEST_LINE, "{line}");
            }
            let fields = Fields::read(header.as_bytes(), &Work::default());
            assert_eq!(fields.header().len(), header.len());
            assert!(fields.first("X-B").is_some());
        }
    }

    #[test]
    fn an_address_names_nobody_else() {
        for (evil, clean) in [
            ("x\"@a>, <evil@b", "x@aevil@b"),
            ("\"a\\\r\"@x>, <evil@b", "\"a\"@xevil@b"),
            ("\\\"a>, <evil@b\"@x", "\"a>, <evil@b\"@x"),
            ("\"a\\", "a"),
            ("a@b (c), d@e", "a@bcd@e"),
        ] {
            assert_eq!(address(evil), clean, "{evil}");
        }
    }

    #[test]
    fn lines_are_short() {
        let text = written(|header| header.text("Subject", &"Größe ".repeat(100)));
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
        let text = written(|header| header.text("Subject", &"word ".repeat(100)));
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
    }
}
