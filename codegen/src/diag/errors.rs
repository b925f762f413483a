//! Collecting diagnostics.

use std::cell::{Cell, RefCell};

use super::{Diagnostic, Report, did_you_mean};

/// Words that are compared for suggestions, in all. A file of mistakes by the thousand has all that were made by hand
/// among them; the rest do without.
const COMPARISONS: usize = 500_000;

/// The collector that checks report to. Shared (`&Errors`), so that nested readers can all hold it.
#[derive(Debug)]
pub struct Errors {
    diagnostics: RefCell<Vec<Diagnostic>>,
    comparisons: Cell<usize>,
}

impl Default for Errors {
    fn default() -> Self {
        Errors {
            diagnostics: RefCell::default(),
            comparisons: Cell::new(COMPARISONS),
        }
    }
}

impl Errors {
    /// An empty collector.
    pub fn new() -> Self {
        Self::default()
    }

    /// A help line with the nearest of some candidates: [`did_you_mean`], as long as there were not very many before.
    pub fn did_you_mean<'a>(
        &self,
        word: &str,
        candidates: impl FnOnce() -> Vec<&'a str>,
    ) -> Option<String> {
        let left = self.comparisons.get();
        if left == 0 {
            return None;
        }
        let candidates = candidates();
        self.comparisons.set(left.saturating_sub(candidates.len()));
        did_you_mean(word, &candidates)
    }

    /// Adds one.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Adds all of a report.
    pub fn extend(&self, report: Report) {
        self.diagnostics
            .borrow_mut()
            .extend(report.into_diagnostics());
    }

    /// Has nothing been reported yet?
    pub fn is_empty(&self) -> bool {
        self.diagnostics.borrow().is_empty()
    }

    /// How many have been reported.
    pub fn len(&self) -> usize {
        self.diagnostics.borrow().len()
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
        let mut diagnostics = self.diagnostics.into_inner();
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

#[cfg(test)]
mod tests {
    use super::{COMPARISONS, Errors};

    #[test]
    fn suggestions_end_when_enough_words_were_compared() {
        let errors = Errors::new();
        let known = vec!["name"; COMPARISONS / 2];
        let mut gathered = 0;
        for _ in 0..100 {
            errors.did_you_mean("nmae", || {
                gathered += 1;
                known.clone()
            });
        }
        assert_eq!(gathered, 2);
    }
}
