//! `NAME=VALUE`: the runtime checks it, against the settings of a manifest.

use mapi_provider::profile::AssignmentError;
use mapi_provider::spec::{SettingDefault, SettingKind, SettingSpec};
use mapi_provider_codegen::diag::did_you_mean;
use mapi_provider_codegen::ir::provider::{self, Presence, Setting};

/// The settings of a manifest as the runtime has them: its texts are there for as long as the program.
pub(crate) fn specs(settings: &[Setting]) -> Vec<SettingSpec> {
    settings.iter().map(spec).collect()
}

fn spec(setting: &Setting) -> SettingSpec {
    SettingSpec {
        name: setting.name.clone().leak(),
        tag: setting.tag,
        kind: match setting.kind {
            provider::SettingKind::String => SettingKind::String,
            provider::SettingKind::Integer => SettingKind::Integer,
            provider::SettingKind::Boolean => SettingKind::Boolean,
            provider::SettingKind::Path => SettingKind::Path,
            provider::SettingKind::Secret => SettingKind::Secret,
        },
        required: matches!(setting.presence, Presence::Required),
        default: match &setting.presence {
            Presence::Default(default) => Some(match default {
                provider::SettingDefault::String(text) => {
                    SettingDefault::String(text.clone().leak())
                }
                provider::SettingDefault::Integer(number) => SettingDefault::Integer(*number),
                provider::SettingDefault::Boolean(yes) => SettingDefault::Boolean(*yes),
            }),
            _ => None,
        },
        label: setting.label.clone().leak(),
        page: setting.page.clone().leak(),
    }
}

/// What is wrong, with a guess at what was meant; `option` is where it was given.
pub(crate) fn explained(error: &AssignmentError, option: &str) -> String {
    match error {
        AssignmentError::NoEqualsSign => {
            format!("`{option}` needs NAME=VALUE, and there is no `=` in what it was given")
        }
        AssignmentError::Unknown { name, known } => match did_you_mean(name, known) {
            Some(help) => format!("{error}; {help}"),
            None => error.to_string(),
        },
        _ => error.to_string(),
    }
}
