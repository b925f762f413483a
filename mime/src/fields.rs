//! The header of a message or part as fields.

use std::ops::Range;

use crate::words;
use crate::work::Work;

/// The fields at the beginning of some octets, in order.
#[derive(Debug)]
pub(crate) struct Fields<'o> {
    octets: &'o [u8],
    fields: Vec<Field>,
    /// Where the header ends, without the empty line.
    end: usize,
    /// Where the body begins.
    body: usize,
}

#[derive(Debug)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

impl<'o> Fields<'o> {
    /// Reads fields until an empty line, or until a line that is none: then the text begins there at once.
    pub(crate) fn read(octets: &'o [u8], work: &Work) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        let (mut end, mut start) = (0, 0);
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            work.count(line.len());
            let place = start..start + line.len();
            start = place.end;
            let blank = line.trim_ascii_end().is_empty();
            if blank && !is_fold_of_spaces(line, &octets[place.end..]) {
                return Self {
                    octets,
                    fields,
                    end,
                    body: place.end,
                };
            }
            match (fields.last_mut(), name_length(line)) {
                (Some(last), _) if matches!(line, [b' ' | b'\t', ..]) => last.value.end = place.end,
                (_, Some(length)) => {
                    let name = line[..length].trim_ascii_end().len();
                    fields.push(Field {
                        name: place.start..place.start + name,
                        value: place.start + length + 1..place.end,
                    });
                }
                // What mailboxes in one file begin their messages with.
                (_, None) if is_envelope(line) => {}
                (_, None) => {
                    return Self {
                        octets,
                        fields,
                        end,
                        body: place.start,
                    };
                }
            }
            end = place.end;
        }
        Self {
            octets,
            fields,
            end,
            body: octets.len(),
        }
    }

    /// The header as it came.
    pub(crate) fn header(&self) -> &'o [u8] {
        &self.octets[..self.end]
    }

    /// Where the body begins.
    pub(crate) fn body(&self) -> usize {
        self.body
    }

    /// Names and values, folded as they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'o [u8], &'o [u8])> {
        let octets = self.octets;
        let fields = self.fields.iter();
        fields.map(move |field| (&octets[field.name.clone()], &octets[field.value.clone()]))
    }

    /// The values of all fields with a name.
    pub(crate) fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'o [u8]> + use<'n, 'o> {
        let fields = self.iter();
        fields.filter_map(move |(other, value)| {
            other.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
        })
    }

    /// The value of the first field with a name that isn't empty: of those that may be there only once, it counts.
    pub(crate) fn first(&self, name: &str) -> Option<&'o [u8]> {
        self.all(name).find(|value| !value.trim_ascii().is_empty())
    }

    /// The value of the first field with a name as a text.
    pub(crate) fn text(&self, name: &str, hint: Option<&str>) -> Option<String> {
        Some(words::text(self.first(name)?, hint))
    }
}

/// Where the fields begin: copied spools and broken gateways put empty lines before them.
pub(crate) fn start(octets: &[u8]) -> usize {
    let mut place = match octets {
        [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    };
    for line in octets[place..].split_inclusive(|octet| *octet == b'\n') {
        if line.trim_ascii().is_empty() {
            place += line.len();
        } else if name_length(line).is_some() || is_envelope(line) {
            return place;
        } else {
            break;
        }
    }
    0
}

/// Where a line's colon is, if what stands before it is a name.
fn name_length(line: &[u8]) -> Option<usize> {
    let length = line.iter().position(|octet| *octet == b':')?;
    let name = line[..length].trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then_some(length)
}

/// `From ann@example.org Tue Mar  3 08:12:00 2026`, perhaps quoted.
fn is_envelope(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

/// Whether a line of only spaces is part of a folded field: what follows it goes on with that.
fn is_fold_of_spaces(line: &[u8], after: &[u8]) -> bool {
    matches!(line, [b' ' | b'\t', ..]) && matches!(after, [b' ' | b'\t', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(String, String)>, String) {
        let fields = Fields::read(text.as_bytes(), &Work::default());
        let pairs = fields.iter().map(|(name, value)| {
            let value = words::text(value, None);
            (String::from_utf8_lossy(name).into_owned(), value)
        });
        (pairs.collect(), text[fields.body()..].to_owned())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_header_ends_at_the_first_empty_line() {
        let (fields, body) = read("A: b\r\nC : d\r\n\te\r\n\r\nText\r\n\r\n");
        assert_eq!(fields, [pair("A", "b"), pair("C", "d\te")]);
        assert_eq!(body, "Text\r\n\r\n");
        assert_eq!(read("A: b\n\nText").1, "Text");
        assert_eq!(read("A: b").1, "");
        assert_eq!(
            read("A: b\n \n c\n\nd"),
            (vec![pair("A", "b  c")], "d".to_owned())
        );
    }

    #[test]
    fn a_line_that_is_no_field_is_text() {
        assert_eq!(
            read("A: b\nthis follows at once\n"),
            (vec![pair("A", "b")], "this follows at once\n".to_owned())
        );
        assert_eq!(read("no header").1, "no header");
        assert_eq!(
            read("From a@b Tue\nA: b\n\nc"),
            (vec![pair("A", "b")], "c".to_owned())
        );
    }

    #[test]
    fn empty_lines_before_a_header_are_skipped() {
        assert_eq!(start(b" \nA: b"), 2);
        assert_eq!(start(b"\r\n\r\nA: b"), 4);
        assert_eq!(start(b"\nno field"), 0);
        assert_eq!(start(b"\xEF\xBB\xBFA: b"), 3);
        assert_eq!(start(b""), 0);
    }
}
