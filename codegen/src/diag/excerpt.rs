//! The lines of a source that a diagnostic shows: few, short, and without invisible characters. The cost of
//! showing them doesn't depend on the length of the source.

use std::ops::Range;

use super::{Label, Source, visible};

/// The most lines between two places that are shown together; places further apart get separate excerpts.
const APART: usize = 60;

/// The most lines of a place; of a longer one, only the first line is shown.
const TALLEST: usize = 20;

/// In a long line, how many characters before the place are shown, and half of those after it.
const AROUND: usize = 60;

/// What is left of a line without a place.
const BARE: usize = 2 * AROUND;

/// Some lines of a source.
pub(super) struct Excerpt<'a> {
    /// The number of the first line.
    pub(super) first: usize,
    /// Their text.
    pub(super) text: String,
    /// The labels in them, each with its place in the text.
    pub(super) labels: Vec<(&'a Label, Range<usize>)>,
    /// Line and column to name: those of the first label that is a culprit, or of the first one.
    pub(super) place: (usize, usize),
}

/// A label with the lines that it covers.
struct Placed<'a> {
    label: &'a Label,
    span: Range<usize>,
    lines: Range<usize>,
}

/// The excerpts for some labels of one source: the one with the first label first, then in the order of the lines.
pub(super) fn excerpts<'a>(source: &Source, labels: &[&'a Label]) -> Vec<Excerpt<'a>> {
    let mut placed: Vec<Placed> = labels.iter().map(|label| place(source, label)).collect();
    placed.sort_by_key(|placed| placed.lines.start);
    let mut groups: Vec<Vec<Placed>> = Vec::new();
    for next in placed {
        match groups.last_mut() {
            Some(group) if near(group, &next) => group.push(next),
            _ => groups.push(vec![next]),
        }
    }
    let mut excerpts: Vec<Excerpt> = groups.iter().map(|group| excerpt(source, group)).collect();
    let first = labels.first().copied();
    excerpts.sort_by_key(|excerpt| {
        let has_first =
            |(label, _): &(&Label, _)| first.is_some_and(|first| std::ptr::eq(first, *label));
        !excerpt.labels.iter().any(has_first)
    });
    excerpts
}

fn place<'a>(source: &Source, label: &'a Label) -> Placed<'a> {
    let mut span = source.clamp(label.span.clone());
    let first = source.line(span.start);
    let mut last = source.line(span.end);
    if last - first > TALLEST {
        span.end = source.line_span(first).end.max(span.start);
        last = first;
    }
    Placed {
        label,
        span,
        lines: first..last + 1,
    }
}

fn near(group: &[Placed], next: &Placed) -> bool {
    let end = group.iter().map(|placed| placed.lines.end).max();
    end.is_some_and(|end| next.lines.start < end + APART)
}

fn excerpt<'a>(source: &Source, group: &[Placed<'a>]) -> Excerpt<'a> {
    let first = group.iter().map(|placed| placed.lines.start).min();
    let last = group.iter().map(|placed| placed.lines.end).max();
    let lines = first.unwrap_or(1)..last.unwrap_or(2);
    let mut text = String::new();
    // Where each end of a label will be.
    let mut borders: Vec<(usize, usize)> = Vec::new();
    for line in lines.clone() {
        let whole = source.line_span(line);
        let mut here: Vec<usize> = group
            .iter()
            .flat_map(|placed| [placed.span.start, placed.span.end])
            .filter(|at| source.line(*at) == line)
            .collect();
        // Culprits are first: a line that is cut is cut around them.
        let culprit = group
            .iter()
            .find(|placed| placed.label.primary && placed.lines.contains(&line));
        let centre = culprit.map_or_else(
            || here.first().copied(),
            |placed| Some(placed.span.start.max(whole.start)),
        );
        here.sort_unstable();
        copy_line(source, whole, centre, &here, &mut text, &mut borders);
        text.push('\n');
    }
    // A source that ends without a line break is shown as one.
    if lines.end > source.line(usize::MAX) && !source.text().ends_with('\n') {
        text.pop();
    }
    let border = |at: usize| {
        let found = borders.iter().find(|(from, _)| *from == at);
        found.map_or(text.len(), |(_, to)| *to)
    };
    let culprit = group.iter().find(|placed| placed.label.primary);
    let named = culprit.or(group.first());
    Excerpt {
        first: lines.start,
        labels: group
            .iter()
            .map(|placed| {
                (
                    placed.label,
                    border(placed.span.start)..border(placed.span.end),
                )
            })
            .collect(),
        place: source.place(named.map_or(0, |placed| placed.span.start)),
        text,
    }
}

/// Copies the part of a line that is shown, and notes the new positions of the offsets in `here`, which are
/// sorted.
fn copy_line(
    source: &Source,
    line: Range<usize>,
    centre: Option<usize>,
    here: &[usize],
    out: &mut String,
    borders: &mut Vec<(usize, usize)>,
) {
    let window = window(
        &source.text()[line.clone()],
        centre.map(|at| at.min(line.end) - line.start),
    );
    let mut next = here.iter().copied().peekable();
    let mut arrive = |at: usize, out: &String| {
        while let Some(border) = next.next_if(|border| *border <= at) {
            borders.push((border, out.len()));
        }
    };
    let shown = line.start + window.start..line.start + window.end;
    if shown.start > line.start {
        arrive(shown.start - 1, out);
        out.push('…');
    }
    for (at, c) in source.text()[shown.clone()].char_indices() {
        let at = shown.start + at;
        arrive(at, out);
        match c {
            // The byte order mark is not part of the text.
            '\u{FEFF}' if at == 0 => {}
            // The renderer knows how wide it is.
            '\t' => out.push(c),
            c => visible::push(out, c),
        }
    }
    arrive(shown.end, out);
    if shown.end < line.end {
        out.push('…');
    }
    // Those after the shown part, and in the line ending.
    arrive(usize::MAX, out);
}

/// The part of a line that is shown: all of it, or a part around the centre.
fn window(line: &str, centre: Option<usize>) -> Range<usize> {
    let Some(centre) = centre else {
        return 0..forward(line, 0, BARE);
    };
    let start = match centre {
        near if near <= 2 * AROUND => 0,
        far => backward(line, far, AROUND),
    };
    let end = forward(line, centre, 2 * AROUND);
    start..end
}

/// The offset so many characters further on.
fn forward(line: &str, from: usize, characters: usize) -> usize {
    let rest = &line[line.floor_char_boundary(from)..];
    let end = rest.char_indices().nth(characters);
    end.map_or(line.len(), |(at, _)| line.len() - rest.len() + at)
}

/// The offset so many characters before.
fn backward(line: &str, from: usize, characters: usize) -> usize {
    let before = &line[..line.floor_char_boundary(from)];
    let start = before.char_indices().rev().nth(characters);
    start.map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::{Label, Source, excerpts};

    fn label(source: &Source, span: std::ops::Range<usize>, primary: bool) -> Label {
        Label {
            source: source.clone(),
            span,
            text: String::new(),
            primary,
        }
    }

    #[test]
    fn only_the_lines_of_a_place_are_copied() {
        let text = format!(
            "{}x = 1\n{}",
            "a = 1\n".repeat(100_000),
            "b = 2\n".repeat(100_000)
        );
        let source = Source::new("a.toml", text);
        let here = label(&source, 600_000..600_001, true);
        let found = excerpts(&source, &[&here]);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].first, found[0].text.as_str()),
            (100_001, "x = 1\n")
        );
        assert_eq!(
            (found[0].labels[0].1.clone(), found[0].place),
            (0..1, (100_001, 1))
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}X{}", "é".repeat(5_000_000), "b".repeat(5_000_000));
        let source = Source::new("a.toml", text);
        let here = label(&source, 10_000_000..10_000_001, true);
        let whole = label(&source, 0..15_000_001, false);
        let found = excerpts(&source, &[&here, &whole]);
        let excerpt = &found[0];
        assert!(excerpt.text.len() < 400, "{}", excerpt.text.len());
        let shown = excerpt
            .labels
            .iter()
            .map(|(_, span)| &excerpt.text[span.clone()]);
        let shown: Vec<&str> = shown.collect();
        assert!(
            shown.contains(&"X") && shown.contains(&excerpt.text.as_str()),
            "{shown:?}"
        );
        assert_eq!(excerpt.place, (1, 5_000_001));
    }

    #[test]
    fn places_far_apart_have_an_excerpt_each() {
        let source = Source::new("a.toml", "a = 1\n".repeat(10_000));
        let here = label(&source, 30_000..30_001, true);
        let there = label(&source, 0..1, false);
        let found = excerpts(&source, &[&here, &there]);
        let places: Vec<_> = found
            .iter()
            .map(|excerpt| (excerpt.place, excerpt.text.len()))
            .collect();
        assert_eq!(places, [((5_001, 1), 6), ((1, 1), 6)]);
    }

    #[test]
    fn what_is_very_tall_is_shown_by_its_first_line() {
        let source = Source::new("a.toml", format!("a = [\n{}]\n", "1,\n".repeat(10_000)));
        let here = label(&source, 4..30_007, true);
        let found = excerpts(&source, &[&here]);
        assert_eq!(found[0].text, "a = [\n");
        assert_eq!(found[0].labels[0].1, 4..5);
    }

    #[test]
    fn what_cannot_be_seen_is_spelt_out_and_carets_keep_their_place() {
        let source = Source::new("a.toml", "\u{FEFF}a = '\u{202E}\u{1B}x'\r\n");
        let at = source.text().find('x').expect("it is there");
        let here = label(&source, at..at + 1, true);
        let found = excerpts(&source, &[&here]);
        let (_, span) = &found[0].labels[0];
        assert_eq!(found[0].text, "a = '<U+202E><U+001B>x'\n");
        assert_eq!(&found[0].text[span.clone()], "x");
        assert_eq!(found[0].place, (1, 8));
    }
}
