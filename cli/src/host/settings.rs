//! `--set NAME=VALUE`, checked against the provider's manifest, and `--set TAG=VALUE`.

mod tag;

use mapi_provider::profile::{AssignedValue, Assignments};
use mapi_provider::spec::SettingSpec;
use mapi_provider_codegen::diag::Source;
use mapi_provider_codegen::manifest;
use mapi_provider_host::{Property, Value};

use crate::assign::{explained, specs};

/// The properties that `--set` asks for. Error messages contain no value of a secret.
pub(super) fn resolve(
    assignments: &[String],
    manifest: Option<&str>,
) -> Result<Vec<Property>, String> {
    let mut known = None;
    let mut properties: Vec<Property> = Vec::new();
    for assignment in assignments {
        let property = match tag::parse(assignment)? {
            Some(property) => property,
            None => {
                if known.is_none() {
                    known = Some(settings_of(manifest, "--set")?);
                }
                property(assignment, known.as_deref().unwrap_or_default())?
            }
        };
        if properties.iter().any(|other| other.id == property.id) {
            return Err(format!(
                "the setting `{}` is set twice",
                name_of(assignment)
            ));
        }
        properties.push(property);
    }
    Ok(properties)
}

/// The settings in a provider's manifest; `option` is what names them.
pub(super) fn settings_of(
    manifest: Option<&str>,
    option: &str,
) -> Result<Vec<SettingSpec>, String> {
    let Some(text) = manifest else {
        let untold = format!("the provider doesn't tell its settings: `{option}` can't name them");
        return Err(match option {
            "--set" => format!("{untold}, but may give their tags, as in `--set 0x6601001F=VALUE`"),
            _ => untold,
        });
    };
    let provider = manifest::load(&Source::new("the provider's manifest", text)).map_err(|_| {
        "the manifest in the provider is not right: it was built by another version".to_owned()
    })?;
    Ok(specs(&provider.settings))
}

fn name_of(assignment: &str) -> &str {
    assignment.split('=').next().unwrap_or_default()
}

fn property(assignment: &str, settings: &[SettingSpec]) -> Result<Property, String> {
    let mut values = Assignments::default();
    let assigned = values.assign(settings, assignment);
    assigned.map_err(|error| explained(&error, "--set"))?;
    let assigned = values.iter().next();
    let (id, value) = assigned.ok_or_else(|| "nothing is set".to_owned())?;
    let value = match value {
        AssignedValue::Text(text) => Value::from(text),
        AssignedValue::Integer(number) => Value::from(number),
        AssignedValue::Boolean(yes) => Value::from(yes),
        _ => return Err("the setting has a type that this host doesn't know".to_owned()),
    };
    Ok(Property { id, value })
}

#[cfg(test)]
mod tests {
    use std::path::absolute;

    use super::*;

    const MANIFEST: &str = r#"
[provider]
kind  = "store"
name  = "Settings"
id    = "settings"
uid   = "3d1f7a52-6c0e-4b8e-9a41-55c2d7e90b16"
flags = ["no-primary-identity"]

[sync]
logic = "crate::Logic"

[service]
flags = ["single-copy", "no-primary-identity"]

[[service.setting]]
name     = "server"
tag      = 0x6601
type     = "string"
required = true

[[service.setting]]
name    = "port"
tag     = 0x6602
type    = "integer"
default = 143

[[service.setting]]
name    = "tls"
tag     = 0x6603
type    = "boolean"
default = true

[[service.setting]]
name     = "folder"
tag      = 0x6604
type     = "path"
required = true

[[service.setting]]
name     = "password"
tag      = 0x67F0
type     = "secret"
required = true
"#;

    fn set(assignments: &[&str]) -> Result<Vec<Property>, String> {
        let assignments: Vec<String> = assignments.iter().map(|text| (*text).to_owned()).collect();
        resolve(&assignments, Some(MANIFEST))
    }

    #[test]
    fn values_get_the_types_of_the_manifest() {
        let folder = absolute("mail").expect("a folder").display().to_string();
        assert_eq!(
            set(&[
                "server=a=b",
                "port=-0",
                "tls=No",
                "folder=mail",
                "password= p "
            ]),
            Ok(vec![
                Property::with_id(0x6601, "a=b"),
                Property::with_id(0x6602, 0),
                Property::with_id(0x6603, false),
                Property::with_id(0x6604, folder.as_str()),
                Property::with_id(0x67F0, " p "),
            ])
        );
        assert_eq!(
            set(&["port=0xFFFFFFFF"]),
            Ok(vec![Property::with_id(0x6602, -1)])
        );
        assert_eq!(set(&[]), Ok(vec![]));
    }

    #[test]
    fn what_is_wrong_is_explained() {
        let wrong = |assignments: &[&str]| set(assignments).expect_err("wrong");
        assert_eq!(
            wrong(&["sever=x"]),
            "the provider has no setting `sever`; did you mean `server`?"
        );
        assert_eq!(
            wrong(&["port=many"]),
            "`port` must be a 32-bit integer, and `many` is not"
        );
        assert!(wrong(&["port=2147483648"]).contains("32-bit"));
        assert_eq!(
            wrong(&["tls=maybe"]),
            "`tls` must be true or false, not `maybe`"
        );
        assert!(wrong(&["folder="]).contains("`folder` must be a path"));
        assert_eq!(
            wrong(&["port=1", "port=2"]),
            "the setting `port` is set twice"
        );
        assert!(wrong(&["server"]).contains("NAME=VALUE"));
    }

    #[test]
    fn secrets_are_never_repeated() {
        for assignments in [
            &["password=hunter2\0"][..],
            &["hunter2"],
            &["password=hunter2", "password=hunter2"],
        ] {
            let error = set(assignments).expect_err("wrong");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_provider_without_a_manifest_has_no_names() {
        let error = resolve(&["server=x".to_owned()], None).expect_err("no manifest");
        assert!(error.contains("doesn't tell its settings"), "{error}");
        assert_eq!(resolve(&[], None), Ok(vec![]));
    }
}
