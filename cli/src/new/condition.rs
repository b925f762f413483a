//! Conditions on answers, as Liquid's `if` and cargo-generate's conditional sections both write them.

use std::collections::BTreeMap;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Bool(bool),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Bool(value) => value.fmt(f),
        }
    }
}

/// All answers, by their names.
pub(super) type Answers = BTreeMap<String, Value>;

/// A condition: `name`, `name == value` or `name != value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    name: String,
    value: Value,
    negated: bool,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    ///
    /// It is more than this program understands.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let negated = text.contains("!=");
        let (name, value) = match text.split_once(if negated { "!=" } else { "==" }) {
            Some((name, value)) => (name.trim(), literal(value.trim())),
            None => (text.trim(), Some(Value::Bool(true))),
        };
        match value {
            Some(value) if is_name(name) => Ok(Self {
                name: name.to_owned(),
                value,
                negated,
            }),
            _ => Err(format!("`{text}` is no condition that can be understood")),
        }
    }

    /// Whether it holds.
    ///
    /// # Errors
    ///
    /// There is no such answer.
    pub(super) fn holds(&self, answers: &Answers) -> Result<bool, String> {
        Ok((value_of(&self.name, answers)? == &self.value) != self.negated)
    }
}

/// The answer of a name.
///
/// # Errors
///
/// There is none.
pub(super) fn value_of<'a>(name: &str, answers: &'a Answers) -> Result<&'a Value, String> {
    let value = answers.get(name);
    value.ok_or_else(|| format!("`{name}` is no answer"))
}

/// Whether a text can be the name of an answer.
pub(super) fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(letter)
}

fn literal(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => {
            let inner = text.strip_prefix('"')?.strip_suffix('"')?;
            (!inner.contains(['"', '\\'])).then(|| Value::Text(inner.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        Answers::from([
            ("ci".to_owned(), Value::Bool(true)),
            ("licence".to_owned(), Value::Text("MIT".to_owned())),
        ])
    }

    #[test]
    fn conditions_compare_an_answer_with_a_value() {
        let holds = |text| {
            Condition::parse(text)
                .expect("a condition")
                .holds(&answers())
        };
        for (text, expected) in [
            ("ci", true),
            ("ci == true", true),
            ("ci == false", false),
            ("ci != false", true),
            ("licence == \"MIT\"", true),
            ("licence==\"\"", false),
            ("licence != \"none\"", true),
            ("licence == true", false),
        ] {
            assert_eq!(holds(text), Ok(expected), "{text}");
        }
        assert!(holds("gone").is_err());
    }

    #[test]
    fn what_is_more_is_refused() {
        for text in [
            "",
            "ci && licence",
            "ci == true && ci == true",
            "licence == MIT",
            "licence == \"M\" + \"IT\"",
            "\"MIT\" == licence",
            "!ci",
            "ci == ",
        ] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }
}
