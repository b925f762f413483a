//! A text with a name.

use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

/// A file's text and the path to show for it. Cheap to clone.
#[derive(Clone)]
pub struct Source(Arc<Inner>);

struct Inner {
    path: String,
    text: String,
    index: OnceLock<Index>,
}

/// Where lines begin and how many characters come before them, because places are looked up by
/// the thousand.
struct Index {
    /// The offset of each line.
    lines: Vec<usize>,
    /// The characters before each block of [`BLOCK`] bytes.
    characters: Vec<usize>,
}

const BLOCK: usize = 1024;

/// The mark that some Windows editors put at the beginning of a file.
const MARK: char = '\u{FEFF}';

impl Source {
    /// A source that is shown as `path`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Source(Arc::new(Inner {
            path: path.into(),
            text: text.into(),
            index: OnceLock::new(),
        }))
    }

    /// The path to show.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The text of a place, as much of it as exists.
    pub fn slice(&self, span: Range<usize>) -> &str {
        &self.text()[self.clamp(span)]
    }

    /// The line, counted from 1, in which a place begins.
    pub fn line(&self, offset: usize) -> usize {
        let start = self.clamp(offset..offset).start;
        self.index().lines.partition_point(|line| *line <= start)
    }

    /// Line and column of a place, both counted from 1, columns in characters.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let start = self.clamp(offset..offset).start;
        let line = self.line(start);
        let mut first = self.index().lines[line - 1];
        if first == 0 && self.text().starts_with(MARK) {
            first = start.min(MARK.len_utf8());
        }
        let column = self.characters_before(start) - self.characters_before(first);
        (line, 1 + column)
    }

    /// Is it the same source, not merely an equal one?
    pub fn is(&self, other: &Source) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The nearest span that can be used to slice the text: in bounds, on character
    /// boundaries.
    pub(crate) fn clamp(&self, span: Range<usize>) -> Range<usize> {
        let text = self.text();
        let start = text.floor_char_boundary(span.start);
        start..text.ceil_char_boundary(span.end.max(start))
    }

    /// The bytes of a line, counted from 1, without its line ending.
    pub(super) fn line_span(&self, line: usize) -> Range<usize> {
        let lines = &self.index().lines;
        let start = lines[line - 1];
        let end = lines.get(line).copied().unwrap_or(self.text().len());
        let text = &self.text()[start..end];
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        start..start + text.len()
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let rest = &self.text().as_bytes()[block * BLOCK..offset];
        self.index().characters[block] + count(rest)
    }

    fn index(&self) -> &Index {
        self.0.index.get_or_init(|| Index::new(self.text()))
    }
}

impl Index {
    fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = breaks.map(|(at, _)| at + 1);
        let mut before = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            before += count(block);
            before
        });
        Index {
            lines: std::iter::once(0).chain(lines).collect(),
            characters: std::iter::once(0).chain(blocks).collect(),
        }
    }
}

/// The characters that begin in some bytes of UTF-8.
fn count(bytes: &[u8]) -> usize {
    let begins = |byte: &&u8| (**byte as i8) >= -0x40;
    bytes.iter().filter(begins).count()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?})", self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn spans_outside_the_text_or_inside_a_character_are_clamped() {
        let source = Source::new("a.toml", "aé");
        assert_eq!(source.slice(2..2), "é");
        assert_eq!(source.slice(5..9), "");
        let (far, near) = (usize::MAX, 0);
        assert_eq!(source.slice(far..near), "");
        assert_eq!(Source::new("empty", "").slice(0..1), "");
    }

    #[test]
    fn lines_count_from_one() {
        let source = Source::new("a.toml", "a\r\nb\n");
        assert_eq!([0, 3, 5, 99].map(|at| source.line(at)), [1, 2, 3, 3]);
        assert_eq!(source.line_span(1), 0..1);
        assert_eq!(source.line_span(3), 5..5);
    }

    #[test]
    fn places_count_characters_from_one() {
        let source = Source::new("a.toml", "é = 1\nb = 2\n");
        assert_eq!(source.place(0), (1, 1));
        assert_eq!(source.place(2), (1, 2), "after the é, which has two bytes");
        assert_eq!(source.place(7), (2, 1));
        assert_eq!(source.place(99), (3, 1));
        let marked = Source::new("a.toml", "\u{FEFF}a = 1\n");
        assert_eq!([0, 3, 4].map(|at| marked.place(at).1), [1, 1, 2]);
    }

    #[test]
    fn places_of_long_lines_are_counted_across_blocks() {
        let source = Source::new("a.toml", format!("a\n{}", "é".repeat(5_000)));
        for character in [0, 511, 512, 513, 1_023, 4_999] {
            assert_eq!(source.place(2 + 2 * character), (2, 1 + character));
        }
    }
}
