//! Collecting diagnostics and showing them.

use std::{cell::RefCell, fmt};

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Label, Source};

/// The collector that checks report to. Shared (`&Errors`), so that nested readers can all hold it.
#[derive(Debug, Default)]
pub struct Errors(RefCell<Vec<Diagnostic>>);

impl Errors {
    /// An empty collector.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }

    /// Adds all of a report.
    pub fn extend(&self, report: Report) {
        self.0.borrow_mut().extend(report.diagnostics);
    }

    /// Has nothing been reported yet?
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// How many have been reported.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// The value, if it was made without errors; otherwise all of them.
    ///
    /// # Errors
    ///
    /// What was reported.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, Report> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self.into_report()),
        }
    }

    /// All that was reported, in the order of the sources.
    pub fn into_report(self) -> Report {
        let mut diagnostics = self.0.into_inner();
        diagnostics.sort_by(|a, b| position(a).cmp(&position(b)));
        Report { diagnostics }
    }
}

/// What diagnostics are sorted by: file, place, kind.
fn position(diagnostic: &Diagnostic) -> (Option<(&str, usize, usize)>, super::Code) {
    let first = diagnostic.labels.first();
    (
        first.map(|label| (label.source.path(), label.span.start, label.span.end)),
        diagnostic.code,
    )
}

/// A collection of diagnostics that is complete and sorted.
#[derive(Debug, Clone)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
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
    /// The diagnostics, sorted.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The files that the diagnostics are about, each once.
    pub fn files(&self) -> Vec<&str> {
        let labels = self.diagnostics.iter().filter_map(|one| one.labels.first());
        let mut files: Vec<&str> = labels.map(|label| label.source.path()).collect();
        files.dedup();
        files
    }

    /// All diagnostics as `rustc` shows its own. Ends without a line break.
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let rendered: Vec<String> = self
            .diagnostics
            .iter()
            .map(|one| renderer.render(&[group(one)]))
            .collect();
        // The renderer makes the control characters of ASCII visible. Those of Latin-1 would still reach
        // the terminal, which may obey them.
        rendered
            .join("\n\n")
            .replace(|c| matches!(c, '\u{80}'..='\u{9F}'), "\u{FFFD}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Report {}

/// One diagnostic in the renderer's terms.
fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let title = Level::ERROR
        .primary_title(&diagnostic.message)
        .id(diagnostic.code.name());
    let notes = diagnostic
        .notes
        .iter()
        .map(|note| Level::NOTE.message(note));
    let help = diagnostic.help.iter().map(|help| Level::HELP.message(help));
    title
        .elements(
            sources(&diagnostic.labels)
                .into_iter()
                .map(|source| snippet(source, &diagnostic.labels)),
        )
        .elements(notes)
        .elements(help)
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

/// The part of `source` that the labels speak of.
fn snippet<'a>(source: &'a Source, labels: &'a [Label]) -> Element<'a> {
    let here = labels.iter().filter(|label| label.source.is(source));
    Snippet::source(source.text())
        .path(source.path())
        .annotations(here.map(|label| {
            let kind = if label.primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let text = (!label.text.is_empty()).then_some(label.text.as_str());
            kind.span(source.clamp(label.span.clone())).label(text)
        }))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

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
}
