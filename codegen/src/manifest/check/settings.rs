//! `[[service.setting]]`: what is configured in the profile.

use std::{collections::HashMap, ops::Range};

use super::{
    Check,
    dialog::{Pages, Shown},
    raw,
    tags::{Taken, is_secure},
};
use crate::{
    diag::Code,
    ir::provider::{Presence, Setting, SettingDefault, SettingKind},
    manifest::words,
    toml_tree::{Scalar, Spanned},
};

/// A line of `mapisvc.inf` that MAPI reads back whole.
const TEXT_MAX: usize = 255;

const NAME_MAX: usize = 64;

/// The settings that are right, and the tags of those with a right tag.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) settings: Vec<Setting>,
    pub(super) tags: Vec<Taken>,
    names: HashMap<String, Range<usize>>,
}

impl Check<'_> {
    /// `provider` is the provider's name.
    pub(super) fn settings(
        &self,
        raw: &[raw::Setting],
        provider: Option<&Spanned<String>>,
    ) -> Settings {
        let mut settings = Settings::default();
        let mut pages = Pages::new(provider);
        for setting in raw {
            let shown = self.shown(setting, &mut pages);
            if let Some(setting) = self.setting(setting, shown, &mut settings) {
                settings.settings.push(setting);
            }
        }
        settings
    }

    fn setting(
        &self,
        raw: &raw::Setting,
        shown: Option<Shown>,
        seen: &mut Settings,
    ) -> Option<Setting> {
        let name = raw
            .name
            .as_ref()
            .and_then(|name| self.setting_name(name, seen));
        let kind = raw
            .kind
            .as_ref()
            .and_then(|kind| self.word("type", kind, words::SETTING_TYPES));
        let tag = raw
            .tag
            .as_ref()
            .and_then(|tag| self.setting_tag(tag, kind, raw, seen));
        let presence = self.presence(raw, kind);
        let description = match &raw.description {
            Some(text) => Some(self.description(text)?),
            None => None,
        };
        let Shown { label, page } = shown?;
        Some(Setting {
            name: name?,
            label,
            page,
            description,
            tag: tag?,
            kind: kind?,
            presence: presence?,
            writable: raw.writable.as_ref().is_some_and(|writable| writable.value),
        })
    }

    fn setting_name(&self, name: &Spanned<String>, seen: &mut Settings) -> Option<String> {
        if let Some((problem, help)) = name_problem(&name.value) {
            self.push(
                self.error(Code::BadSettingName, &name.span, format!("`{}` {problem}", name.value))
                    .help(help.unwrap_or_else(|| "choose one such as `server_name`".into()))
                    .note("a setting's name is a field of the generated `Settings`: a Rust name in snake_case"),
            );
            return None;
        }
        if let Some(first) = seen.names.get(&name.value) {
            self.push(
                self.error(
                    Code::DuplicateSetting,
                    &name.span,
                    format!("there are two settings named `{}`", name.value),
                )
                .context(self.source, first.clone(), "the first is here")
                .help("give each setting its own name"),
            );
            return None;
        }
        seen.names.insert(name.value.clone(), name.span.clone());
        Some(name.value.clone())
    }

    fn setting_tag(
        &self,
        tag: &Spanned<i64>,
        kind: Option<SettingKind>,
        raw: &raw::Setting,
        seen: &mut Settings,
    ) -> Option<u16> {
        let id = self.private_tag(tag)?;
        if let Some(first) = seen.tags.iter().find(|first| first.tag == id) {
            self.tag_taken(id, &tag.span, first);
            return None;
        }
        let name = raw
            .name
            .as_ref()
            .map_or_else(|| "another setting".into(), |name| name.value.clone());
        seen.tags.push(Taken {
            tag: id,
            span: tag.span.clone(),
            name,
        });
        match (kind? == SettingKind::Secret, is_secure(id)) {
            (true, false) => self.push(
                self.error(
                    Code::SecureTag,
                    &tag.span,
                    "a secret's tag must be in the secure range",
                )
                .help("use one from 0x67F0 to 0x67FF: MAPI encrypts those"),
            ),
            (false, true) => self.push(
                self.error(
                    Code::SecureTag,
                    &tag.span,
                    "the secure range is only for secrets",
                )
                .help("use a tag from 0x6600 to 0x67EF, or make it `type = \"secret\"`"),
            ),
            _ => return Some(id),
        }
        None
    }

    fn presence(&self, raw: &raw::Setting, kind: Option<SettingKind>) -> Option<Presence> {
        let required = raw.required.as_ref().is_some_and(|required| required.value);
        let Some(default) = &raw.default else {
            return Some(if required {
                Presence::Required
            } else {
                Presence::Optional
            });
        };
        if required {
            self.push(
                self.error(
                    Code::RequiredDefault,
                    &default.span,
                    "a required setting has a default",
                )
                .help("leave out `required`: with a default the setting always has a value"),
            );
            return None;
        }
        self.default(default, kind?).map(Presence::Default)
    }

    fn default(&self, default: &Spanned<Scalar>, kind: SettingKind) -> Option<SettingDefault> {
        if kind == SettingKind::Secret {
            self.push(
                self.error(Code::SecretDefault, &default.span, "a secret has a default")
                    .help("leave it out: anybody can read this file, and the DLL that contains it"),
            );
            return None;
        }
        match (kind, &default.value) {
            (SettingKind::String | SettingKind::Path, Scalar::String(text)) => {
                self.default_text(default, text).map(SettingDefault::String)
            }
            (SettingKind::Integer, Scalar::Integer(number)) => self
                .default_number(default, *number)
                .map(SettingDefault::Integer),
            (SettingKind::Boolean, Scalar::Boolean(yes)) => Some(SettingDefault::Boolean(*yes)),
            (_, value) => {
                self.push(
                    self.error(
                        Code::DefaultType,
                        &default.span,
                        format!(
                            "the setting's type needs {}, but its default is {}",
                            kind_name(kind),
                            value.kind()
                        ),
                    )
                    .help(default_help(kind, value)),
                );
                None
            }
        }
    }

    fn default_text(&self, default: &Spanned<Scalar>, text: &str) -> Option<String> {
        if let Some(problem) = text_problem(text) {
            self.push(
                self.error(
                    Code::BadText,
                    &default.span,
                    format!("the default {problem}"),
                )
                .help("keep it to one line of at most 255 characters"),
            );
            return None;
        }
        Some(text.into())
    }

    fn default_number(&self, default: &Spanned<Scalar>, number: i64) -> Option<i32> {
        let fits = i32::try_from(number).ok();
        if fits.is_none() {
            self.push(
                self.error(
                    Code::OutOfRange,
                    &default.span,
                    format!("{number} is not a 32-bit integer"),
                )
                .help("integers in a profile range from -2147483648 to 2147483647"),
            );
        }
        fits
    }

    fn description(&self, text: &Spanned<String>) -> Option<String> {
        // Tabs and line breaks are fine in a doc comment; characters that could hide or forge
        // text are not.
        if text
            .value
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.push(
                self.error(
                    Code::BadText,
                    &text.span,
                    "the description contains control characters",
                )
                .help("write plain text"),
            );
            return None;
        }
        Some(text.value.clone())
    }
}

/// Usually only the quotes are wrong.
fn default_help(kind: SettingKind, default: &Scalar) -> String {
    match (kind, default) {
        (SettingKind::Integer, Scalar::String(text)) if text.parse::<i32>().is_ok() => {
            format!("leave the quotes out: `{text}`")
        }
        (SettingKind::Boolean, Scalar::String(text)) if text.parse::<bool>().is_ok() => {
            format!("leave the quotes out: `{text}`")
        }
        (SettingKind::String | SettingKind::Path, Scalar::Integer(number)) => {
            format!("put it in quotes: `\"{number}\"`")
        }
        (SettingKind::String | SettingKind::Path, Scalar::Boolean(word)) => {
            format!("put it in quotes: `\"{word}\"`")
        }
        _ => "change the default, or the setting's `type`".into(),
    }
}

fn kind_name(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::String | SettingKind::Path | SettingKind::Secret => "a string",
        SettingKind::Integer => "an integer",
        SettingKind::Boolean => "a boolean",
    }
}

/// Why a text is not the name of a setting, and one that would be.
fn name_problem(name: &str) -> Option<(&'static str, Option<String>)> {
    let snake = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !snake(name) {
        let similar = name.replace(['-', ' ', '.'], "_").to_ascii_lowercase();
        let help =
            (snake(&similar) && !words::is_keyword(&similar)).then(|| format!("write `{similar}`"));
        return Some(("is not a name in snake_case", help));
    }
    if words::is_keyword(name) {
        return Some((
            "is a Rust keyword",
            Some(format!("say what it belongs to: `server_{name}`")),
        ));
    }
    (name.len() > NAME_MAX).then_some(("is longer than 64 characters", None))
}

/// Why a text can't be a string in a profile.
fn text_problem(text: &str) -> Option<&'static str> {
    if text.chars().any(char::is_control) {
        Some("contains control characters")
    } else if text.chars().count() > TEXT_MAX {
        Some("is too long")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::name_problem;

    #[test]
    fn names_are_snake_case_and_free() {
        assert!(name_problem("server_2").is_none());
        assert_eq!(
            name_problem("server-name").unwrap().1.unwrap(),
            "write `server_name`"
        );
        for bad in [
            "",
            "Server",
            "2nd",
            "_",
            "sérver",
            "type",
            "gen",
            "self",
            "async",
            &"a".repeat(65),
        ] {
            assert!(name_problem(bad).is_some(), "{bad}");
        }
    }
}
