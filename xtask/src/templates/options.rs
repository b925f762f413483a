//! A template's options, from its own `cargo-generate.toml`.

use std::path::Path;

use toml::{Table, Value};

/// An option, with the answers to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Factor {
    pub(super) name: String,
    pub(super) levels: Vec<String>,
}

/// Answers to questions that take any text, besides the default.
const SAMPLES: [(&str, &str); 3] = [
    ("display_name", "Büro & Söhne's Mail"),
    ("id", "zulu_2"),
    ("uid", "7B3F0C52-91D4-4A6E-8F0B-2D6C1E5A9B38"),
];

/// The option that is always answered with this checkout, because there may be no other.
pub(super) const CHECKOUT: &str = "mapi_provider_path";

/// The options of the template in a folder, with all answers to try.
pub(super) fn read(folder: &Path) -> Result<Vec<Factor>, String> {
    let path = folder.join("cargo-generate.toml");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("can't read {}: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Factor>, String> {
    let options: Table = text.parse().map_err(|error| format!("{error}"))?;
    let Some(Value::Table(placeholders)) = options.get("placeholders") else {
        return Err("there are no placeholders".to_owned());
    };
    let asked = placeholders.iter().filter(|(name, _)| *name != CHECKOUT);
    let factor = |(name, option): (&String, &Value)| {
        Ok(Factor {
            name: name.clone(),
            levels: levels(name, option)?,
        })
    };
    asked.map(factor).collect()
}

fn levels(name: &str, option: &Value) -> Result<Vec<String>, String> {
    if option.get("type").and_then(Value::as_str) == Some("bool") {
        return Ok(vec!["true".to_owned(), "false".to_owned()]);
    }
    if let Some(choices) = option.get("choices").and_then(Value::as_array) {
        let value = |choice: &Value| {
            let value = choice.get("value").unwrap_or(choice).as_str();
            value.map(str::to_owned)
        };
        let values: Option<Vec<String>> = choices.iter().map(value).collect();
        return values.ok_or_else(|| format!("`{name}` has a choice without a value"));
    }
    let default = option.get("default").and_then(Value::as_str);
    let default = default.ok_or_else(|| format!("`{name}` has no default"))?;
    let sample = SAMPLES.iter().find(|(known, _)| *known == name);
    let (_, sample) =
        sample.ok_or_else(|| format!("`{name}` takes any text: put an answer into SAMPLES"))?;
    Ok(vec![default.to_owned(), (*sample).to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_a_level() {
        let text = r#"
            [placeholders]
            ci = { type = "bool", default = true }
            id = { type = "string", default = "" }
            licence = { type = "string", choices = ["none", { value = "MIT", label = "x" }] }
            mapi_provider_path = { type = "string", default = "" }
        "#;
        let factors = parse(text).expect("right");
        let levels = |name: &str| {
            let factor = factors.iter().find(|factor| factor.name == name);
            factor.map(|factor| factor.levels.join(" "))
        };
        assert_eq!(levels("ci").as_deref(), Some("true false"));
        assert_eq!(levels("id").as_deref(), Some(" zulu_2"));
        assert_eq!(levels("licence").as_deref(), Some("none MIT"));
        assert_eq!(levels(CHECKOUT), None);
    }

    #[test]
    fn a_text_without_a_sample_is_an_error() {
        let text = "[placeholders]\nnew = { type = \"string\", default = \"\" }";
        assert!(parse(text).expect_err("no sample").contains("`new`"));
        assert!(parse("").is_err());
    }
}
