//! Where the parts of a multipart are.

use std::ops::Range;

use crate::work::Work;

/// Some octets, and where they lie in those of the whole message; nowhere if they were decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'o> {
    pub(crate) octets: &'o [u8],
    base: Option<usize>,
}

impl<'o> Piece<'o> {
    /// The octets of a whole message.
    pub(crate) fn whole(octets: &'o [u8]) -> Self {
        Self {
            octets,
            base: Some(0),
        }
    }

    /// Octets that were decoded.
    pub(crate) fn decoded(octets: &'o [u8]) -> Self {
        Self { octets, base: None }
    }

    /// A piece of this one.
    pub(crate) fn cut(&self, place: Range<usize>) -> Self {
        Self {
            base: self.base.map(|base| base + place.start),
            octets: &self.octets[place],
        }
    }

    /// Where it lies.
    pub(crate) fn place(&self) -> Option<Range<usize>> {
        self.base.map(|base| base..base + self.octets.len())
    }
}

/// The parts of a multipart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Each part, in order.
    pub(crate) places: Vec<Range<usize>>,
    /// What was not looked into, because there are too many.
    pub(crate) rest: Option<Range<usize>>,
}

/// Finds the parts of a multipart's body. A part ends at the next delimiter, or where the body does; the line end
/// before a delimiter is part of that. What follows the last delimiter is none, unless it is another delimiter: many
/// programs close too early.
pub(crate) fn parts(octets: &[u8], boundary: &[u8], most: usize, work: &Work) -> Parts {
    let mut parts = Parts::default();
    let mut open: Option<usize> = None;
    let mut start = 0;
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        work.count(line.len());
        let place = start..start + line.len();
        start = place.end;
        let Some(is_last) = delimiter(line, boundary) else {
            continue;
        };
        if let Some(open) = open.take() {
            parts
                .places
                .push(open..before_line_end(octets, open, place.start));
        }
        if parts.places.len() == most {
            parts.rest = Some(place.start..octets.len());
            return parts;
        }
        open = (!is_last).then_some(place.end);
    }
    // One that was cut off.
    if let Some(open) = open.filter(|open| *open < octets.len() || parts.places.is_empty()) {
        parts.places.push(open..octets.len());
    }
    parts
}

/// Whether a line is a delimiter, and if so, whether it is the last one.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line
        .strip_prefix(b"--")?
        .strip_prefix(boundary)?
        .trim_ascii_end();
    match rest {
        b"" => Some(false),
        b"--" => Some(true),
        _ => None,
    }
}

fn before_line_end(octets: &[u8], start: usize, end: usize) -> usize {
    let part = &octets[start..end];
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    start + part.strip_suffix(b"\r").unwrap_or(part).len()
}

/// The boundary of a multipart that doesn't name it: what its first delimiter must be.
pub(crate) fn missing_boundary(octets: &[u8]) -> Option<&[u8]> {
    let mut lines = octets
        .split(|octet| *octet == b'\n')
        .map(<[u8]>::trim_ascii_end);
    let boundary = lines.find(|line| !line.is_empty())?.strip_prefix(b"--")?;
    let is_one = !boundary.is_empty() && boundary.len() <= 200 && !boundary.contains(&b' ');
    is_one.then_some(boundary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split<'t>(text: &'t str, boundary: &str) -> Vec<&'t str> {
        let parts = parts(text.as_bytes(), boundary.as_bytes(), 100, &Work::default());
        parts.places.into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn parts_lie_between_delimiters() {
        assert_eq!(
            split(
                "pre\r\n--b\r\none\r\n\r\n--b \r\ntwo\r\n--b--\r\nepilogue",
                "b"
            ),
            ["one\r\n", "two"]
        );
        assert_eq!(split("--b\none\n--b1\n--b\ntwo", "b"), ["one\n--b1", "two"]);
        assert_eq!(split("--b\n--b--\n", "b"), [""]);
        assert_eq!(
            split("--b\none\n--b--\n\n--b\ntwo\n--b--", "b"),
            ["one", "two"]
        );
        assert_eq!(split("no delimiter", "b"), <[&str; 0]>::default());
        assert_eq!(split("--\none\n----\n", ""), ["one"]);
    }

    #[test]
    fn what_is_more_than_allowed_is_the_rest() {
        let parts = parts(b"--b\n1\n--b\n2\n--b\n3\n--b--", b"b", 2, &Work::default());
        assert_eq!(parts.places.len(), 2);
        assert_eq!(parts.rest, Some(12..23));
    }

    #[test]
    fn a_boundary_that_nobody_names_is_found() {
        assert_eq!(missing_boundary(b"\n--abc \r\nx"), Some(&b"abc"[..]));
        assert_eq!(missing_boundary(b"-- \nx"), None);
        assert_eq!(missing_boundary(b"text\n--abc\n"), None);
    }
}
