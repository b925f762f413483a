//! A profile file for Outlook (`.prf`): what an administrator writes to have the service put into profiles.

use super::inf::survives;
use crate::ir::provider::{Presence, Provider, Setting, SettingDefault, SettingKind};

/// A whole file, with the line ends of Windows: it adds the service to the default profile. What has no value yet is
/// behind a semicolon.
pub fn emit(provider: &Provider) -> String {
    let general = [
        ("Custom", "1"),
        ("ProfileName", "Outlook"),
        ("DefaultProfile", "Yes"),
        ("OverwriteProfile", "Append"),
        ("ModifyDefaultProfileIfPresent", "TRUE"),
    ];
    let mut lines = vec![
        format!("; {}: for `outlook.exe /importprf FILE`.", provider.name),
        "; Take away the semicolon of each line that has a value. Anybody who can read this file can read it.".into(),
        "[General]".into(),
    ];
    lines.extend(general.map(|(key, value)| format!("{key}={value}")));
    lines.extend([
        String::new(),
        "[Service List]".into(),
        format!("Service1={}", provider.name),
        String::new(),
        "[Service1]".into(),
        "UniqueService=Yes".into(),
    ]);
    lines.extend(provider.settings.iter().map(value));
    if provider.has_file() {
        lines.push(format!("; {STORE_PATH}="));
    }
    lines.extend([
        String::new(),
        format!("[{}]", provider.name),
        format!("ServiceName={}", provider.id),
        "PR_DISPLAY_NAME=PT_UNICODE,0x3001".into(),
    ]);
    lines.extend(provider.settings.iter().map(mapping));
    if provider.has_file() {
        lines.push(format!("{STORE_PATH}=PT_UNICODE,0x6610"));
    }
    lines.into_iter().map(|line| line + "\r\n").collect()
}

/// Where the store's file is.
const STORE_PATH: &str = "PR_PROFILE_OFFLINE_STORE_PATH";

/// The line that gives a setting its value.
fn value(setting: &Setting) -> String {
    let name = &setting.name;
    match &setting.presence {
        Presence::Default(SettingDefault::String(text)) if survives(text) => {
            format!("{name}={text}")
        }
        // Windows would read another text. The provider knows its default itself.
        Presence::Default(SettingDefault::String(_)) => format!("; {name}="),
        Presence::Default(SettingDefault::Integer(number)) => format!("{name}={number}"),
        Presence::Default(SettingDefault::Boolean(yes)) => {
            format!("{name}={}", if *yes { "TRUE" } else { "FALSE" })
        }
        Presence::Required => format!("; The next one is required.\r\n; {name}="),
        Presence::Optional => format!("; {name}="),
    }
}

/// The line that says which property a setting is.
fn mapping(setting: &Setting) -> String {
    let kind = match setting.kind {
        SettingKind::String | SettingKind::Path | SettingKind::Secret => "PT_UNICODE",
        SettingKind::Integer => "PT_LONG",
        SettingKind::Boolean => "PT_BOOLEAN",
    };
    format!("{}={kind},0x{:04X}", setting.name, setting.tag)
}
