//! An INI file as lines of bytes: nothing is decoded, so nothing is lost.

use std::borrow::Cow;

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    CrLf,
    Lf,
    Cr,
    /// The last line of a file that doesn't end with a line end.
    Open,
}

impl End {
    pub(super) fn as_bytes(self) -> &'static [u8] {
        match self {
            End::CrLf => b"\r\n",
            End::Lf => b"\n",
            End::Cr => b"\r",
            End::Open => b"",
        }
    }
}

/// A line. What was read is borrowed from the file's one buffer: a line costs what this structure does, however many
/// there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) text: Cow<'a, [u8]>,
    pub(super) end: End,
    pub(super) fate: Fate,
}

/// What becomes of a line that the file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Kept,
    /// It has another text now.
    Changed,
    /// It goes.
    Gone,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: impl Into<Cow<'a, [u8]>>, end: End) -> Self {
        Line {
            text: text.into(),
            end,
            fate: Fate::Kept,
        }
    }

    /// What Windows takes the line for.
    pub(super) fn content(&self) -> Content<'_> {
        #[cfg(test)]
        tests::count_a_look();
        let text = trim(&self.text);
        match text.first() {
            None => Content::Blank,
            Some(b';') => Content::Comment,
            Some(b'[') => match text.iter().rposition(|byte| *byte == b']') {
                Some(close) => Content::Section(trim(&text[1..close])),
                None => Content::Comment,
            },
            Some(_) => {
                let (key, value) = match text.iter().position(|byte| *byte == b'=') {
                    Some(at) => (&text[..at], &text[at + 1..]),
                    None => (text, &text[text.len()..]),
                };
                Content::Entry {
                    key: trim(key),
                    value: unquoted(trim(value)),
                }
            }
        }
    }

    /// The entry with another value. What is before the value stays, blanks and all.
    pub(super) fn with_value(&self, value: &[u8]) -> Vec<u8> {
        let equals = self.text.iter().position(|byte| *byte == b'=');
        let before = match equals {
            Some(at) => {
                let after = &self.text[at + 1..];
                let blanks = after.iter().take_while(|byte| is_blank(**byte)).count();
                self.text[..at + 1 + blanks].to_vec()
            }
            None => [self.text.trim_ascii_end(), b"="].concat(),
        };
        [&before, value].concat()
    }
}

/// What a line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    Blank,
    /// A comment, or what Windows passes over as if it were one.
    Comment,
    /// The name of the section that begins here.
    Section(&'a [u8]),
    /// A key and its value, without the blanks and quotes that Windows strips.
    Entry {
        key: &'a [u8],
        value: &'a [u8],
    },
}

/// The lines of a file.
pub(super) fn parse(text: &[u8]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b'\r' | b'\n'))
            .unwrap_or(rest.len());
        let (text, after) = rest.split_at(length);
        let end = match after {
            [b'\r', b'\n', ..] => End::CrLf,
            [b'\r', ..] => End::Cr,
            [b'\n', ..] => End::Lf,
            _ => End::Open,
        };
        rest = &after[end.as_bytes().len()..];
        lines.push(Line::new(text, end));
    }
    lines
}

/// How new lines are to end: as most of the file's do.
pub(super) fn usual_end(lines: &[Line<'_>]) -> End {
    let count = |end| lines.iter().filter(|line| line.end == end).count();
    // Behind a line that ends with CR alone, LF would be the rest of that end.
    if count(End::Lf) > count(End::CrLf) && count(End::Cr) == 0 {
        End::Lf
    } else {
        End::CrLf
    }
}

/// The lines of a section: its header's place, and the place behind its last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) header: usize,
    pub(super) end: usize,
}

impl Span {
    /// The section's entries: place, key and value.
    pub(super) fn entries<'a>(
        self,
        lines: &'a [Line<'_>],
    ) -> impl Iterator<Item = (usize, &'a [u8], &'a [u8])> {
        let places = self.header + 1..self.end;
        places.filter_map(|at| match lines[at].content() {
            Content::Entry { key, value } => Some((at, key, value)),
            _ => None,
        })
    }

    /// The place behind the section's last entry, or behind its header where it has none. Comments and blank lines
    /// that follow are taken to be about what comes next.
    pub(super) fn end_of_entries(self, lines: &[Line<'_>]) -> usize {
        let body = &lines[self.header + 1..self.end];
        let last = body
            .iter()
            .rposition(|line| matches!(line.content(), Content::Entry { .. }));
        self.header + 1 + last.map_or(0, |last| last + 1)
    }
}

/// All sections of a name, in their order. Windows reads the first alone.
pub(super) fn sections(lines: &[Line<'_>], name: &str) -> Vec<Span> {
    let headers: Vec<(usize, bool)> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| match line.content() {
            Content::Section(this) => Some((at, is_name(this, name))),
            _ => None,
        })
        .collect();
    let ends = headers[headers.len().min(1)..].iter().map(|(at, _)| *at);
    headers
        .iter()
        .zip(ends.chain([lines.len()]))
        .filter(|((_, is_it), _)| *is_it)
        .map(|((header, _), end)| Span {
            header: *header,
            end,
        })
        .collect()
}

/// Do both name the same section or key? Windows doesn't look at case.
pub(super) fn is_name(bytes: &[u8], name: &str) -> bool {
    bytes.eq_ignore_ascii_case(name.as_bytes())
}

fn is_blank(byte: u8) -> bool {
    byte <= b' '
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_blank(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_blank(*last)
    {
        text = rest;
    }
    text
}

fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => value,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    /// Somebody looks at what a line means: the work of an edit is counted by that.
    pub(super) fn count_a_look() {
        LOOKS.set(LOOKS.get() + 1);
    }

    /// How many looks something takes.
    pub(in super::super) fn looks(work: impl FnOnce()) -> usize {
        let before = LOOKS.get();
        work();
        LOOKS.get() - before
    }

    fn line(text: &[u8]) -> Line<'_> {
        Line::new(text, End::Lf)
    }

    #[test]
    fn what_was_read_is_not_copied() {
        let text = b"\n[x]\ra=b\r\nc";
        for line in parse(text) {
            assert!(matches!(line.text, Cow::Borrowed(_)));
        }
        assert!(size_of::<Line<'_>>() <= 4 * size_of::<usize>());
    }

    #[test]
    fn lines_are_told_apart_as_windows_does() {
        for (text, content) in [
            (&b" \t"[..], Content::Blank),
            (b" ; [a]", Content::Comment),
            (b"[a", Content::Comment),
            (b" [ a ] ; b", Content::Section(b"a")),
            (b"[a]b]", Content::Section(b"a]b")),
        ] {
            assert_eq!(line(text).content(), content);
        }
        for (text, key, value) in [
            (&b"a=b"[..], &b"a"[..], &b"b"[..]),
            (b" a \t= b = c ", b"a", b"b = c"),
            (b"a='b'", b"a", b"b"),
            (b"a=\"\"", b"a", b""),
            (b"a=\"", b"a", b"\""),
            (b"a", b"a", b""),
            (b"\xFC=\xE4", b"\xFC", b"\xE4"),
        ] {
            assert_eq!(line(text).content(), Content::Entry { key, value });
        }
    }

    #[test]
    fn a_new_value_keeps_what_is_before_it() {
        for (text, changed) in [
            (&b" a =  b"[..], &b" a =  c"[..]),
            (b"a=", b"a=c"),
            (b"a \t", b"a=c"),
            (b"a=b=\xFF ", b"a=c"),
        ] {
            assert_eq!(line(text).with_value(b"c"), changed);
        }
    }

    #[test]
    fn every_kind_of_end_is_kept() {
        let text = b"a\r\nb\nc\rd\r\r\n\n\re";
        let lines = parse(text);
        let ends: Vec<End> = lines.iter().map(|line| line.end).collect();
        use End::{Cr, CrLf, Lf, Open};
        assert_eq!(ends, [CrLf, Lf, Cr, Cr, CrLf, Lf, Cr, Open]);
        let parts = lines
            .iter()
            .flat_map(|line| [&line.text, line.end.as_bytes()]);
        assert_eq!(parts.collect::<Vec<_>>().concat(), text);
    }

    #[test]
    fn new_lines_end_as_most_do() {
        let end = |text: &[u8]| usual_end(&parse(text));
        assert_eq!(end(b""), End::CrLf);
        assert_eq!(end(b"a\nb\n"), End::Lf);
        assert_eq!(end(b"a\nb\r\n"), End::CrLf);
        assert_eq!(end(b"a\nb\nc\r"), End::CrLf);
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let lines = parse(b"a=1\n[x]\nb=2\n\n; y\n[y]\n[X]\nc=3");
        let spans = sections(&lines, "x");
        assert_eq!(
            spans,
            [Span { header: 1, end: 5 }, Span { header: 6, end: 8 }]
        );
        assert_eq!(spans[0].end_of_entries(&lines), 3);
        assert_eq!(sections(&lines, "y")[0].end_of_entries(&lines), 6);
        assert!(sections(&lines, "z").is_empty());
        assert!(sections(&[], "z").is_empty());
    }
}
