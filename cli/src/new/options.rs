//! The template's options: its `cargo-generate.toml`.

use regex_lite::Regex;
use toml::de::{DeTable, DeValue};

use super::render;
use super::value::Value;

/// What a template asks, and what it leaves out.
#[derive(Debug)]
pub(super) struct Options {
    /// In the order in which they are asked.
    pub(super) placeholders: Vec<Placeholder>,
    /// Files and folders that are left out if a condition holds.
    pub(super) left_out: Vec<(String, Vec<String>)>,
}

/// A question.
#[derive(Debug)]
pub(super) struct Placeholder {
    pub(super) name: String,
    pub(super) prompt: String,
    pub(super) kind: Kind,
    pub(super) default: Value,
}

/// What the answer may be.
#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    Text(Regex),
    Choice(Vec<Choice>),
}

/// One of the answers to choose from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    ///
    /// The file contains more than this program understands.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let root = DeTable::parse(text).map_err(|error| error.to_string())?;
        let mut options = Self {
            placeholders: Vec::new(),
            left_out: Vec::new(),
        };
        for (key, value) in entries(root.get_ref()) {
            match key {
                "placeholders" => {
                    let tables = entries(table(value)?).into_iter();
                    let placeholders = tables.map(|(name, value)| Placeholder::parse(name, value));
                    options.placeholders = placeholders.collect::<Result<_, _>>()?;
                }
                "conditional" => {
                    let tables = entries(table(value)?).into_iter();
                    let left_out = tables.map(|(condition, value)| left_out(condition, value));
                    options.left_out = left_out.collect::<Result<_, _>>()?;
                }
                // Only cargo-generate uses these.
                "template" => known(value, &["cargo_generate_version", "fmt"])?,
                "hooks" => known(value, &["pre"])?,
                other => return Err(format!("`{other}` can't be understood")),
            }
        }
        Ok(options)
    }
}

impl Placeholder {
    fn parse(name: &str, value: &DeValue<'_>) -> Result<Self, String> {
        let wrong = |what: &str| format!("`{name}` {what}");
        known(value, &["type", "prompt", "default", "choices", "regex"])?;
        let get = |key: &str| value.get(key).map(|value| value.get_ref());
        let text = |key: &str| get(key).and_then(|value| value.as_str());
        let kind = match (text("type"), get("choices"), text("regex")) {
            (Some("bool"), None, None) => Kind::Bool,
            (Some("string"), Some(choices), None) => Kind::Choice(Choice::parse_all(choices)?),
            (Some("string"), None, Some(regex)) => {
                Kind::Text(Regex::new(regex).map_err(|error| error.to_string())?)
            }
            _ => {
                return Err(wrong("is not a bool, choices, or a string with a regex"));
            }
        };
        let default = match get("default") {
            Some(DeValue::Boolean(value)) => value.to_string(),
            Some(DeValue::String(text)) => text.to_string(),
            _ => return Err(wrong("has no default")),
        };
        let placeholder = Self {
            prompt: text("prompt")
                .ok_or_else(|| wrong("has no prompt"))?
                .to_owned(),
            default: kind
                .value(&default)
                .ok_or_else(|| wrong("has a wrong default"))?,
            kind,
            name: name.to_owned(),
        };
        Ok(placeholder)
    }
}

impl Kind {
    /// What a text means as an answer; `None` if it is not one.
    pub(super) fn value(&self, text: &str) -> Option<Value> {
        match self {
            Kind::Bool => text.to_lowercase().parse().ok().map(Value::Bool),
            Kind::Text(regex) => regex.is_match(text).then(|| Value::Text(text.to_owned())),
            Kind::Choice(choices) => {
                let chosen = choices.iter().find(|choice| choice.value == text);
                chosen.map(|choice| Value::Text(choice.value.clone()))
            }
        }
    }
}

impl Choice {
    fn parse_all(choices: &DeValue<'_>) -> Result<Vec<Self>, String> {
        let choices = choices.as_array().ok_or("choices are not a list")?;
        choices
            .iter()
            .map(|choice| Self::parse(choice.get_ref()))
            .collect()
    }

    fn parse(choice: &DeValue<'_>) -> Result<Self, String> {
        let of = |value: &str, label: &str| Self {
            value: value.to_owned(),
            label: label.to_owned(),
        };
        if let Some(value) = choice.as_str() {
            return Ok(of(value, value));
        }
        known(choice, &["value", "label"])?;
        let text = |key: &str| choice.get(key)?.get_ref().as_str();
        let choice = text("value").zip(text("label"));
        let (value, label) = choice.ok_or("a choice lacks its value or its label")?;
        Ok(of(value, label))
    }
}

fn left_out(condition: &str, value: &DeValue<'_>) -> Result<(String, Vec<String>), String> {
    known(value, &["ignore"])?;
    let ignored = value
        .get("ignore")
        .and_then(|list| list.get_ref().as_array());
    let ignored = ignored.into_iter().flat_map(|list| list.iter());
    let paths = ignored.filter_map(|path| Some(path.get_ref().as_str()?.to_owned()));
    render::check_condition(condition)?;
    Ok((condition.to_owned(), paths.collect()))
}

/// The contents of a table, in the order of the file.
fn entries<'t>(table: &'t DeTable<'_>) -> Vec<(&'t str, &'t DeValue<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let plain = entries
        .into_iter()
        .map(|(key, value)| (&**key.get_ref(), value.get_ref()));
    plain.collect()
}

fn table<'t, 'i>(value: &'t DeValue<'i>) -> Result<&'t DeTable<'i>, String> {
    value
        .as_table()
        .ok_or_else(|| "a table was expected".to_owned())
}

/// Refuses a table with keys other than these.
fn known(value: &DeValue<'_>, keys: &[&str]) -> Result<(), String> {
    let unknown = entries(table(value)?)
        .into_iter()
        .find(|(key, _)| !keys.contains(key));
    match unknown {
        Some((key, _)) => Err(format!("`{key}` can't be understood")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_templates::provider::{FILES, OPTIONS};

    const GOOD: &str = r#"
[placeholders.b]
type = "bool"
prompt = "B?"
default = true
[placeholders.a]
type = "string"
prompt = "A?"
choices = ["x", { value = "y", label = "why" }]
default = "y"
[placeholders.t]
type = "string"
prompt = "T?"
default = ""
regex = "^x*$"
[conditional.'b == false']
ignore = ["f", "g"]
"#;

    #[test]
    fn questions_keep_their_order() {
        let options = Options::parse(GOOD).expect("right");
        let names: Vec<_> = options
            .placeholders
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        assert_eq!(names, ["b", "a", "t"]);
        let [b, a, t] = &options.placeholders[..] else {
            panic!("three")
        };
        assert_eq!(b.kind.value("FALSE"), Some(Value::Bool(false)));
        assert_eq!(b.kind.value("no"), None);
        assert_eq!(a.default, Value::Text("y".to_owned()));
        assert_eq!(a.kind.value("why"), None);
        assert_eq!(t.kind.value("xx"), Some(Value::Text("xx".to_owned())));
        assert_eq!(t.kind.value("y"), None);
        let condition = "b == false".to_owned();
        assert_eq!(
            options.left_out,
            [(condition, vec!["f".to_owned(), "g".to_owned()])]
        );
    }

    #[test]
    fn what_is_more_is_refused() {
        for (old, new) in [
            ("[placeholders.b]", "[other]\n[placeholders.b]"),
            ("default = true", "default = 1"),
            ("default = true", ""),
            ("default = \"y\"", "default = \"z\""),
            ("regex = \"^x*$\"", ""),
            ("regex = \"^x*$\"", "regex = \"(\""),
            ("prompt = \"T?\"", ""),
            ("prompt = \"T?\"", "prompt = \"T?\"\nonly_if = true"),
            ("b == false", "b && c"),
            ("ignore = ", "exclude = "),
            ("\"bool\"", "\"array\""),
            ("label = \"why\"", "lable = \"why\""),
        ] {
            assert!(GOOD.contains(old), "{old}");
            assert!(
                Options::parse(&GOOD.replacen(old, new, 1)).is_err(),
                "{new}"
            );
        }
    }

    #[test]
    fn what_an_option_leaves_out_is_there() {
        let options = Options::parse(OPTIONS).expect("right");
        for path in options.left_out.iter().flat_map(|(_, paths)| paths) {
            let found = FILES.iter().any(|file| {
                let rest = file.path.strip_prefix(path.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            assert!(found, "{path}");
        }
    }

    /// Liquid silently takes a missing answer for false.
    #[test]
    fn every_condition_in_the_template_is_about_an_answer() {
        let options = Options::parse(OPTIONS).expect("right");
        let mut found = 0;
        for file in FILES {
            for tag in file.text.split("{%").skip(1) {
                let tag = tag.split("%}").next().unwrap_or_default();
                let mut words = tag.trim_matches('-').split_whitespace();
                if !matches!(words.next(), Some("if" | "elsif" | "unless")) {
                    continue;
                }
                found += 1;
                let name = words.next().unwrap_or_default();
                let known = options.placeholders.iter().any(|it| it.name == name);
                assert!(known, "{}: {tag}", file.path);
            }
        }
        assert!(found > 20, "only {found} conditions: the walk is broken");
    }
}
