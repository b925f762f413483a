//! Messages in messages may be nested to any depth, and the parser, and the drop of its result, would recurse
//! as deeply. So nested messages are hidden from it, and parsed separately, one level at a time.

use std::borrow::Cow;
use std::ops::Range;

/// How deeply messages may be nested for the parser.
const MANY: usize = 32;

/// The type of a hidden message: `message` with another first letter, so that each byte stays at its place.
const HIDDEN: &str = "xessage";

/// Whether an attachment's type is that of a hidden message.
pub(crate) fn is_hidden(kind: &str) -> bool {
    kind.eq_ignore_ascii_case(HIDDEN)
}

/// The text of a message, in which the parser sees no encoded messages (their contents can't be counted
/// here), and no messages at all if there are many.
pub(crate) fn tamed(text: &[u8]) -> Cow<'_, [u8]> {
    let fields = message_fields(text);
    let many = fields.len() > MANY;
    let mut tamed = Cow::Borrowed(text);
    for field in fields {
        if many || field.is_encoded {
            hide(&mut tamed.to_mut()[field.place]);
        }
    }
    tamed
}

/// A header field that may say that what follows is a message.
struct Field {
    place: Range<usize>,
    is_encoded: bool,
}

/// All such fields, in headers and in what looks like one.
fn message_fields(text: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    // Those of the header at hand begin here.
    let (mut first, mut is_encoded) = (0, false);
    let mut last = None;
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let place = start..start + line.len();
        start = place.end;
        let is_blank = matches!(line, b"\n" | b"\r\n");
        if is_blank {
            settle(&mut fields[first..], is_encoded);
            (first, is_encoded, last) = (fields.len(), false, None);
            continue;
        }
        let name =
            field_name(line).or(last.filter(|_| line.starts_with(b" ") || line.starts_with(b"\t")));
        match name {
            Some(Name::Type) if may_be_message(line) => fields.push(Field {
                place,
                is_encoded: false,
            }),
            Some(Name::Encoding) => is_encoded |= !is_plain(line),
            _ => {}
        }
        last = name;
    }
    settle(&mut fields[first..], is_encoded);
    fields
}

fn settle(fields: &mut [Field], is_encoded: bool) {
    for field in fields {
        field.is_encoded = is_encoded;
    }
}

#[derive(Debug, Clone, Copy)]
enum Name {
    Type,
    Encoding,
}

fn field_name(line: &[u8]) -> Option<Name> {
    let is = |name: &str| {
        let start = line.get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    };
    if is("content-type") {
        Some(Name::Type)
    } else if is("content-transfer-encoding") {
        Some(Name::Encoding)
    } else {
        None
    }
}

/// Whether a line of the encoding's field names one that leaves the content as it is.
fn is_plain(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    let value = line
        .split(|byte| *byte == b':')
        .next_back()
        .unwrap_or_default();
    matches!(value.trim_ascii(), b"7bit" | b"8bit" | b"binary" | b"")
}

/// The parts of a digest are also messages by default.
const WORDS: [&str; 2] = ["message", "digest"];

fn may_be_message(line: &[u8]) -> bool {
    WORDS.iter().any(|word| find(line, word).is_some())
}

fn hide(line: &mut [u8]) {
    for word in WORDS {
        while let Some(place) = find(line, word) {
            line[place] = b'x';
        }
    }
}

fn find(line: &[u8], word: &str) -> Option<usize> {
    let mut windows = line.windows(word.len());
    windows.position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tamed_text(text: &str) -> String {
        String::from_utf8(tamed(text.as_bytes()).into_owned()).expect("UTF-8")
    }

    #[test]
    fn an_ordinary_message_stays_as_it_is() {
        let text =
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nmessage\r\n";
        assert!(matches!(tamed(text.as_bytes()), Cow::Borrowed(_)));
        let text =
            "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nbWVzc2FnZQ==";
        assert!(matches!(tamed(text.as_bytes()), Cow::Borrowed(_)));
    }

    #[test]
    fn an_encoded_message_is_hidden() {
        for text in [
            "Content-Type: Message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nmessage",
            "content-transfer-encoding: Quoted-Printable\nContent-Type: message/rfc822\n\nmessage",
            "Content-Type:\r\n message/rfc822\r\nContent-Transfer-Encoding:\r\n base64\r\n\r\nmessage",
        ] {
            let tamed = tamed_text(text);
            assert!(
                tamed.contains("xessage/rfc822") && tamed.ends_with("\nmessage"),
                "{tamed}"
            );
        }
    }

    #[test]
    fn many_are_hidden_all() {
        let one = "Content-Type: message/rfc822\r\n\r\n";
        assert_eq!(tamed_text(&one.repeat(MANY)).matches("xessage").count(), 0);
        let tamed = tamed_text(&one.repeat(MANY + 1));
        assert_eq!(tamed.matches("xessage").count(), MANY + 1);
    }
}
