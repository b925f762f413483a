//! What a provider left behind.

use std::fmt;

use crate::memory::{Leak, MemoryFault};
use crate::objects::{Kind, Violation};

/// References that nobody gave up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// To what.
    pub what: &'static str,
    /// How many.
    pub count: u32,
}

/// What a provider left behind and did wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Memory that nobody freed.
    pub leaks: Vec<Leak>,
    /// Memory that was misused.
    pub faults: Vec<MemoryFault>,
    /// The host's objects that nobody released.
    pub objects: Vec<(Kind, usize)>,
    /// References to other objects: the provider's own that were still held when the host released them,
    /// and the session.
    pub references: Vec<Reference>,
    /// Rules of the contract that the provider broke.
    pub violations: Vec<Violation>,
    /// How many of the host's providers and stores were not dropped before.
    pub open: usize,
}

impl Report {
    /// Whether there is nothing to report.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// Panics with the report unless it is clean: for tests.
    ///
    /// # Panics
    ///
    /// The report isn't clean.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.is_clean(), "{self}");
    }

    /// What there is to report, one line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(
            self.violations
                .iter()
                .map(|violation| format!("rule broken: {violation}")),
        );
        lines.extend(
            self.faults
                .iter()
                .map(|fault| format!("memory misused: {fault}")),
        );
        lines.extend(
            self.leaks
                .iter()
                .map(|leak| format!("memory leaked: {leak}")),
        );
        lines.extend(
            self.objects
                .iter()
                .map(|(kind, count)| format!("objects not released: {count} {kind}")),
        );
        lines.extend(self.references.iter().map(|Reference { what, count }| {
            format!("references not released: {count} to {what}")
        }));
        if self.open > 0 {
            lines.push(format!(
                "{} of the host's own providers and stores are still open",
                self.open
            ));
        }
        lines
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.lines()[..] {
            [] => f.write_str("nothing was left behind"),
            lines => f.write_str(&lines.join("\n")),
        }
    }
}
