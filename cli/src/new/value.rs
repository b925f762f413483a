//! Answers to a template's questions.

use std::collections::BTreeMap;
use std::fmt;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Bool(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Bool(value) => value.fmt(f),
        }
    }
}

/// All answers, by their names.
pub(super) type Answers = BTreeMap<String, Value>;
