//! A text with a name.

use std::{fmt, ops::Range, sync::Arc};

/// A file's text and the path to show for it. Cheap to clone.
#[derive(Clone)]
pub struct Source(Arc<Inner>);

struct Inner {
    path: String,
    text: String,
}

impl Source {
    /// A source that is shown as `path`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Source(Arc::new(Inner {
            path: path.into(),
            text: text.into(),
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

    /// The text of a place; of as much of it as there is.
    pub fn slice(&self, span: Range<usize>) -> &str {
        &self.text()[self.clamp(span)]
    }

    /// The line, counted from 1, that a place begins in.
    pub fn line(&self, offset: usize) -> usize {
        let start = self.clamp(offset..offset).start;
        1 + self.text().as_bytes()[..start]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count()
    }

    /// Is it the same source, not merely an equal one?
    pub fn is(&self, other: &Source) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The nearest span that can be used to slice the text: in bounds, on character borders.
    pub(crate) fn clamp(&self, span: Range<usize>) -> Range<usize> {
        let text = self.text();
        let start = text.floor_char_boundary(span.start);
        start..text.ceil_char_boundary(span.end.max(start))
    }
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
    }
}
