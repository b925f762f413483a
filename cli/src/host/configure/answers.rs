//! `--answer NAME=VALUE`: what is typed into the fields of a sheet, as it is. Whether it is right, the provider says.

use mapi_provider::profile::boolean;
use mapi_provider::spec::{SettingKind, SettingSpec};
use mapi_provider_codegen::diag::did_you_mean;
use mapi_provider_host::{Property, Value};

use crate::host::settings::settings_of;

/// The properties that the answers set. Error messages contain no value of a secret.
pub(super) fn resolve(answers: &[String], manifest: Option<&str>) -> Result<Vec<Property>, String> {
    if answers.is_empty() {
        return Ok(Vec::new());
    }
    let settings = settings_of(manifest, "--answer")?;
    let mut properties: Vec<Property> = Vec::new();
    for answer in answers {
        let (name, value) = answer.split_once('=').ok_or_else(|| {
            "`--answer` needs NAME=VALUE, and there is no `=` in what it was given".to_owned()
        })?;
        let setting = settings.iter().find(|setting| setting.name == name);
        let setting = setting.ok_or_else(|| unknown(name, &settings))?;
        if properties.iter().any(|other| other.id == setting.tag) {
            return Err(format!("the setting `{name}` is answered twice"));
        }
        properties.push(Property {
            id: setting.tag,
            value: typed(setting, value)?,
        });
    }
    Ok(properties)
}

fn unknown(name: &str, settings: &[SettingSpec]) -> String {
    let known: Vec<&str> = settings.iter().map(|setting| setting.name).collect();
    let unknown = format!("the provider has no setting `{name}`");
    match did_you_mean(name, &known) {
        Some(help) => format!("{unknown}; {help}"),
        None => unknown,
    }
}

/// A field takes any text, a check box yes or no.
fn typed(setting: &SettingSpec, value: &str) -> Result<Value, String> {
    let name = setting.name;
    match setting.kind {
        SettingKind::Boolean => boolean(value).map(Value::from).ok_or_else(|| {
            format!("`{name}` is a check box: answer it with true or false, not `{value}`")
        }),
        _ if value.contains('\0') => Err(format!("the answer to `{name}` contains a NUL")),
        _ => Ok(Value::from(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
[provider]
kind  = "store"
name  = "Answers"
id    = "answers"
uid   = "3d1f7a52-6c0e-4b8e-9a41-55c2d7e90b16"
flags = ["no-primary-identity"]

[sync]
logic = "crate::Logic"

[[service.setting]]
name = "port"
tag  = 0x6602
type = "integer"

[[service.setting]]
name = "tls"
tag  = 0x6603
type = "boolean"

[[service.setting]]
name = "password"
tag  = 0x67F0
type = "secret"
"#;

    fn typed(answers: &[&str]) -> Result<Vec<Property>, String> {
        let answers: Vec<String> = answers.iter().map(|text| (*text).to_owned()).collect();
        resolve(&answers, Some(MANIFEST))
    }

    #[test]
    fn a_field_takes_what_is_typed() {
        assert_eq!(
            typed(&["port=many", "tls=yes", "password=a=b"]),
            Ok(vec![
                Property::with_id(0x6602, "many"),
                Property::with_id(0x6603, true),
                Property::with_id(0x67F0, "a=b"),
            ])
        );
    }

    #[test]
    fn what_can_not_be_typed_is_explained() {
        let wrong = |answers: &[&str]| typed(answers).expect_err("wrong");
        let unknown = "the provider has no setting `prot`; did you mean `port`?";
        assert_eq!(wrong(&["prot=1"]), unknown);
        assert!(wrong(&["tls=maybe"]).contains("true or false"));
        assert!(wrong(&["port=1", "port=2"]).contains("answered twice"));
        assert!(wrong(&["port"]).contains("NAME=VALUE"));
        let nul = wrong(&["password=hunter2\0"]);
        assert!(nul.contains("NUL") && !nul.contains("hunter2"), "{nul}");
        let error = resolve(&["port=1".to_owned()], None).expect_err("no manifest");
        assert!(error.contains("`--answer` can't name them"), "{error}");
    }
}
