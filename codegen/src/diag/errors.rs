//! Collecting diagnostics.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashSet},
};

use super::{Diagnostic, Report, did_you_mean};

/// How many words are compared for suggestions, in all. In a file with thousands of mistakes, those made by hand are
/// among the first; the rest get no suggestions.
const COMPARISONS: usize = 500_000;

/// How many mistakes are kept, the first ones of the files; the rest are counted. A file can have a million.
pub const KEPT: usize = 1_000;

/// The collector that checks report to. Shared (`&Errors`), so nested readers can all hold it.
#[derive(Debug)]
pub struct Errors {
    found: RefCell<Found>,
    comparisons: Cell<usize>,
    left_out: RefCell<HashSet<String>>,
}

/// What was reported.
#[derive(Debug, Default)]
struct Found {
    /// Never more than twice [`KEPT`], so they are sorted only once for every thousand.
    diagnostics: Vec<Diagnostic>,
    /// How many there were besides.
    more: usize,
    /// The files of all of them.
    files: BTreeSet<String>,
}

impl Default for Errors {
    fn default() -> Self {
        Errors {
            found: RefCell::default(),
            comparisons: Cell::new(COMPARISONS),
            left_out: RefCell::default(),
        }
    }
}

impl Errors {
    /// An empty collector.
    pub fn new() -> Self {
        Self::default()
    }

    /// A help line with the nearest of some candidates: [`did_you_mean`], unless there were very many before.
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

    /// The definition of this name was left out because of a mistake in it, which was reported.
    pub fn leave_out(&self, name: &str) {
        self.left_out.borrow_mut().insert(name.to_owned());
    }

    /// Whether a name is missing only because its definition was left out; that mistake is what matters.
    pub fn is_left_out(&self, name: &str) -> bool {
        self.left_out.borrow().contains(name)
    }

    /// Adds one.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Adds all of a report.
    pub fn extend(&self, report: Report) {
        let (diagnostics, more, files) = report.into_parts();
        let mut found = self.found.borrow_mut();
        found.more += more;
        found.files.extend(files);
        for diagnostic in diagnostics {
            found.push(diagnostic);
        }
    }

    /// Has nothing been reported yet?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many have been reported.
    pub fn len(&self) -> usize {
        let found = self.found.borrow();
        found.diagnostics.len() + found.more
    }

    /// The value, if it was made without errors; otherwise all errors.
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

    /// What was reported, in the order of the sources.
    pub fn into_report(self) -> Report {
        let mut found = self.found.into_inner();
        found.prune();
        Report::new(found.diagnostics, found.more, found.files)
    }
}

impl Found {
    fn push(&mut self, diagnostic: Diagnostic) {
        let file = diagnostic.labels.first().map(|label| label.source.path());
        if let Some(file) = file.filter(|file| !self.files.contains(*file)) {
            self.files.insert(file.to_owned());
        }
        self.diagnostics.push(diagnostic);
        if self.diagnostics.len() == 2 * KEPT {
            self.prune();
        }
    }

    /// Sorts, and counts what comes too late to be kept.
    fn prune(&mut self) {
        self.diagnostics
            .sort_by(|a, b| position(a).cmp(&position(b)));
        self.more += self.diagnostics.len().saturating_sub(KEPT);
        self.diagnostics.truncate(KEPT);
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
    use super::{COMPARISONS, Errors, KEPT};
    use crate::diag::{Code, Diagnostic, Source};

    fn mistake(source: &Source, at: usize) -> Diagnostic {
        Diagnostic::new(Code::UnknownKey, source, at..at + 1, format!("at {at}"))
    }

    #[test]
    fn the_first_of_the_files_are_kept_in_whatever_order_they_come_and_the_rest_counted() {
        let count = 7 * KEPT + 1;
        let (a, b) = (Source::new("a", "x".repeat(count)), Source::new("b", "x"));
        let errors = Errors::new();
        errors.push(mistake(&b, 0));
        for at in (0..count).rev() {
            errors.push(mistake(&a, at));
        }
        assert!(errors.found.borrow().diagnostics.len() <= 2 * KEPT);
        assert_eq!(errors.len(), count + 1);
        let report = errors.into_report();
        let kept = report.diagnostics().iter().map(|one| &*one.message);
        assert!(kept.eq((0..KEPT).map(|at| format!("at {at}"))));
        assert_eq!(
            (report.count(), report.more()),
            (count + 1, count + 1 - KEPT)
        );
        assert_eq!(report.files(), ["a", "b"]);
    }

    #[test]
    fn what_a_report_only_counted_stays_counted() {
        let source = Source::new("a", "x".repeat(KEPT + 5));
        let part = Errors::new();
        (0..KEPT + 5).for_each(|at| part.push(mistake(&source, at)));
        let whole = Errors::new();
        whole.push(mistake(&source, 0));
        whole.extend(part.into_report());
        assert_eq!(whole.len(), KEPT + 6);
        let report = whole.into_report();
        assert_eq!((report.diagnostics().len(), report.more()), (KEPT, 6));
    }

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
