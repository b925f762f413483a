//! A way to reach a goal, and what it takes.

/// A way to do it.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) name: String,
    /// What it takes: all of these.
    pub(super) parts: Vec<Part>,
}

impl Way {
    /// Whether all of it is there.
    pub(super) fn ok(&self) -> bool {
        self.parts.iter().all(|part| part.found.is_some())
    }
}

/// A part of a way.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) what: &'static str,
    /// What is there.
    pub(super) found: Option<String>,
    /// How to get it, in one or several ways.
    pub(super) get: Vec<String>,
}
