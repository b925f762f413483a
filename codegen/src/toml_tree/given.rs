//! Values for which it matters whether they were left out or are there and wrong.

/// What happened to an optional key.
#[derive(Debug)]
pub enum Given<T> {
    /// Nobody wrote it.
    Absent,
    /// It is there, and what is wrong with its name or its value was reported.
    Wrong,
    /// It is there.
    Right(T),
}

/// The keys that are there under a misspelt name, which was reported.
pub struct Misspelt(Vec<String>);

impl<T> Given<T> {
    pub(super) fn new(present: bool, value: Option<T>) -> Self {
        match value {
            Some(value) => Given::Right(value),
            None if present => Given::Wrong,
            None => Given::Absent,
        }
    }

    /// The value, if it is right.
    pub fn right(&self) -> Option<&T> {
        match self {
            Given::Right(value) => Some(value),
            Given::Absent | Given::Wrong => None,
        }
    }

    /// Whether it is there, right or wrong.
    pub fn is_there(&self) -> bool {
        !matches!(self, Given::Absent)
    }

    /// The same, if the key's name may be misspelt.
    #[must_use]
    pub fn by_name(self, key: &str, misspelt: &Misspelt) -> Self {
        match self {
            Given::Absent if misspelt.0.iter().any(|meant| meant == key) => Given::Wrong,
            other => other,
        }
    }
}

impl Misspelt {
    pub(super) fn new(mut meant: Vec<String>) -> Self {
        meant.sort();
        meant.dedup();
        Self(meant)
    }
}
