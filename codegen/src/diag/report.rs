//! A finished report, and how it looks.

use std::{collections::BTreeSet, fmt};

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::{
    Diagnostic, Label, Source,
    excerpt::{Excerpt, excerpts},
    visible::visible,
};

/// How many mistakes are shown; nobody reads more at once, and the rest mostly follow from the first ones.
pub const SHOWN: usize = 50;

/// Marks the end of a path until the renderer is done. No shown text can contain it: see [`visible`].
const PLACE: char = '\u{1}';

/// The first mistakes of some files, sorted, and how many more there are.
#[derive(Debug, Clone)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    more: usize,
    files: BTreeSet<String>,
}

/// How a report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For pipes, files and `compile_error!`.
    Plain,
    /// For terminals.
    Coloured,
}

impl Report {
    /// A report of sorted diagnostics, of the number of further ones, and of the files of all.
    pub(super) fn new(diagnostics: Vec<Diagnostic>, more: usize, files: BTreeSet<String>) -> Self {
        Report {
            diagnostics,
            more,
            files,
        }
    }

    /// The parts that [`new`](Report::new) takes.
    pub(super) fn into_parts(self) -> (Vec<Diagnostic>, usize, BTreeSet<String>) {
        (self.diagnostics, self.more, self.files)
    }

    /// The first diagnostics, sorted: at most [`KEPT`](super::KEPT).
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// How many mistakes there are that are not among the [`diagnostics`](Report::diagnostics).
    pub fn more(&self) -> usize {
        self.more
    }

    /// How many mistakes there are in all.
    pub fn count(&self) -> usize {
        self.diagnostics.len() + self.more
    }

    /// The files that have mistakes, each once.
    pub fn files(&self) -> Vec<&str> {
        self.files.iter().map(String::as_str).collect()
    }

    /// The first diagnostics, [`SHOWN`] of them, as `rustc` shows its own, and how many more there are. Ends without a
    /// line break.
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let shown = self.diagnostics.iter().take(SHOWN);
        let mut rendered: Vec<String> = shown.map(|one| render(&renderer, one)).collect();
        match self.count().saturating_sub(SHOWN) {
            0 => {}
            1 => rendered.push("1 more mistake is not shown".into()),
            more => rendered.push(format!("{more} more mistakes are not shown")),
        }
        rendered.join("\n\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Report {}

/// One diagnostic. The renderer only gets excerpts, so the places that it names are corrected.
fn render(renderer: &Renderer, diagnostic: &Diagnostic) -> String {
    let excerpts: Vec<(&Source, Excerpt)> = sources(&diagnostic.labels)
        .into_iter()
        .flat_map(|source| {
            let here = diagnostic
                .labels
                .iter()
                .filter(|label| label.source.is(source));
            let found = excerpts(source, &here.collect::<Vec<_>>());
            found.into_iter().map(move |excerpt| (source, excerpt))
        })
        .collect();
    let group = group(
        diagnostic,
        excerpts
            .iter()
            .map(|(source, excerpt)| snippet(source, excerpt)),
    );
    let text = renderer.render(&[group]);
    let mut pieces = text.split(PLACE);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for (piece, (_, excerpt)) in pieces.zip(&excerpts) {
        let (line, column) = excerpt.place;
        let rest = piece.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
        out += &format!(":{line}:{column}{rest}");
    }
    out
}

/// One diagnostic in the renderer's terms.
fn group<'a>(diagnostic: &'a Diagnostic, snippets: impl Iterator<Item = Element<'a>>) -> Group<'a> {
    let title = Level::ERROR
        .primary_title(&diagnostic.message)
        .id(diagnostic.code.name());
    let notes = diagnostic
        .notes
        .iter()
        .map(|note| Level::NOTE.message(note));
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(help));
    title.elements(snippets).elements(notes).elements(help)
}

/// The sources that the labels point into, each once, in the labels' order.
fn sources(labels: &[Label]) -> Vec<&Source> {
    let mut sources: Vec<&Source> = Vec::new();
    for label in labels {
        if !sources.iter().any(|source| source.is(&label.source)) {
            sources.push(&label.source);
        }
    }
    sources
}

/// Some lines of a source in the renderer's terms.
fn snippet<'a>(source: &Source, excerpt: &'a Excerpt<'a>) -> Element<'a> {
    let annotations = excerpt.labels.iter().map(|(label, span)| {
        let kind = if label.primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let text = (!label.text.is_empty()).then_some(label.text.as_str());
        kind.span(span.clone()).label(text)
    });
    Snippet::source(excerpt.text.as_str())
        .line_start(excerpt.first)
        .path(format!("{}{PLACE}", visible(source.path())))
        .annotations(annotations)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Errors};

    fn at(text: &str, span: std::ops::Range<usize>) -> String {
        let source = Source::new("dir/a.toml", text);
        let errors = Errors::new();
        errors.push(
            Diagnostic::new(Code::UnknownKey, &source, span, "unknown key `x`").help("do it"),
        );
        errors.into_report().to_string()
    }

    #[test]
    fn code_place_caret_and_help_are_shown() {
        assert_eq!(
            at("a = 1\nx = 2\n", 6..7),
            "error[unknown-key]: unknown key `x`\n --> dir/a.toml:2:1\n  |\n2 | x = 2\n  | ^\n  |\n  = help: do it"
        );
    }

    #[test]
    fn carets_survive_carriage_returns_tabs_and_wide_characters() {
        assert!(at("a = 1\r\nx = 2\r\n", 7..8).contains("a.toml:2:1\n  |\n2 | x = 2\n  | ^\n"));
        assert!(at("é = '日本'\n", 6..12).contains("1 | é = '日本'\n  |      ^^^^"));
        assert!(at("\tx = 2", 1..2).contains("1 |     x = 2\n  |     ^"));
    }

    #[test]
    fn empty_files_and_ends_of_files_have_a_place() {
        assert!(at("", 0..0).contains("a.toml:1:1"));
        assert!(at("", 7..9).contains("a.toml:1:1"));
        assert!(at("a = 1", 5..5).contains("a.toml:1:6"));
        assert!(at("a = 1\n", 6..6).contains("a.toml:"));
        assert!(at("a = 1\r\n", 7..7).contains("a.toml:"));
    }

    #[test]
    fn diagnostics_come_in_the_order_of_the_file() {
        let source = Source::new("a.toml", "abc");
        let errors = Errors::new();
        for at in [2, 0, 1] {
            errors.push(Diagnostic::new(
                Code::UnknownKey,
                &source,
                at..at + 1,
                format!("at {at}"),
            ));
        }
        let text = errors.into_report().to_string();
        let order = ["at 0", "at 1", "at 2"].map(|message| text.find(message).unwrap());
        assert!(order.is_sorted(), "{text}");
    }

    #[test]
    fn colours_are_for_terminals_only() {
        let source = Source::new("a.toml", "abc");
        let errors = Errors::new();
        errors.push(Diagnostic::new(Code::UnknownKey, &source, 0..1, "m"));
        let report = errors.into_report();
        assert!(report.render(Style::Coloured).contains('\x1b'));
        assert!(!report.render(Style::Plain).contains('\x1b'));
    }
    /// A report of that many mistakes, each on its own line.
    fn many(count: usize) -> Report {
        let source = Source::new("a.toml", "x = 1\n".repeat(count));
        let errors = Errors::new();
        for line in 0..count {
            let at = 6 * line;
            let mistake = Diagnostic::new(Code::UnknownKey, &source, at..at + 1, "unknown key `x`");
            errors.push(mistake.context(&source, 0..1, "first here"));
        }
        errors.into_report()
    }

    #[test]
    fn of_many_mistakes_the_first_are_shown_and_the_rest_counted() {
        let text = many(3_000).to_string();
        assert_eq!(text.matches("error[unknown-key]").count(), SHOWN);
        assert!(
            text.ends_with("\n\n2950 more mistakes are not shown"),
            "{text}"
        );
        let all = many(SHOWN).to_string();
        assert_eq!(all.matches("error[unknown-key]").count(), SHOWN);
        assert!(!all.contains("not shown"), "{all}");
        assert!(
            many(SHOWN + 1)
                .to_string()
                .ends_with("\n\n1 more mistake is not shown")
        );
    }

    #[test]
    fn how_much_is_shown_does_not_depend_on_the_size_of_the_file() {
        assert!(many(100_000).to_string().len() <= many(3_000).to_string().len() + 20 * SHOWN);
        let line = format!("a = '{}'", "b".repeat(1_000_000));
        assert!(at(&line, 5..6).len() < 1_000);
        assert!(at(&line, 0..line.len()).len() < 1_000);
    }

    #[test]
    fn a_place_in_a_cut_line_is_named_by_its_true_column() {
        let line = format!("{}x", "é".repeat(100_000));
        let text = at(&line, 200_000..200_001);
        assert!(text.contains(" --> dir/a.toml:1:100001\n"), "{text}");
    }

    #[test]
    fn nothing_that_is_quoted_can_hide_or_forge_anything() {
        let evil = "\u{1}:9:9\u{202E}\u{1B}[2J\u{9B}\u{200B}\n";
        let source = Source::new(format!("a{evil}.toml"), format!("b{evil}"));
        let errors = Errors::new();
        errors.push(
            Diagnostic::new(Code::UnknownKey, &source, 0..1, format!("c{evil}"))
                .label(format!("d{evil}"))
                .note(format!("e{evil}"))
                .help(format!("f{evil}")),
        );
        let text = errors.into_report().to_string();
        assert_eq!(
            text.matches("<U+202E><U+001B>[2J<U+009B><U+200B>").count(),
            6,
            "{text}"
        );
        let odd = text
            .chars()
            .find(|c| *c != '\n' && crate::diag::is_invisible(*c));
        assert_eq!(odd, None, "{text:?}");
        assert!(text.contains(".toml:1:1\n"), "{text}");
    }
}
