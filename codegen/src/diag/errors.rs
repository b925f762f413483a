//! Collecting diagnostics.

use std::cell::RefCell;

use super::{Diagnostic, Report};

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
        self.0.borrow_mut().extend(report.into_diagnostics());
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
        Report::new(diagnostics)
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
