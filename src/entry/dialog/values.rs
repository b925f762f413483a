//! What stands in the sheet: a value for each setting, as MAPI has put it there. What comes of it is checked afterwards.

use crate::entry::properties::Value;
use crate::entry::service::{checked_value, setting_of};
use crate::entry::tags::{assigned_property, setting_type};
use crate::manifest::Manifest;
use crate::settings::assignment::integer;
use crate::settings::{Secret, SettingKind, SettingSpec, SettingValue, default_value};
use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE, MAPI_E_NOT_FOUND, MAPI_E_UNCONFIGURED,
    PT_BOOLEAN, PT_LONG, PT_STRING8, PT_UNICODE, PT_UNSPECIFIED, PropTag,
};

use super::layout::Complaint;

/// The values of a sheet, in the manifest's order. A number may be there as the text that was typed.
#[derive(Clone)]
pub(super) struct Entries {
    manifest: &'static Manifest,
    values: Vec<Option<Value>>,
}

/// Something that is wrong with them, and the code that says so where nobody is asked any more.
pub(super) struct Wrong {
    pub(super) status: HRESULT,
    pub(super) complaint: Complaint,
}

impl Entries {
    /// What the sheet shows first: values that are known, and defaults.
    pub(super) fn new(manifest: &'static Manifest, known: Vec<Option<Value>>) -> Self {
        let values = manifest.settings.iter().zip(known);
        let values = values.map(|(setting, known)| known.or_else(|| assumed(setting)));
        Self {
            manifest,
            values: values.collect(),
        }
    }

    /// All that there is, as its controls name it.
    pub(super) fn tags(&self, text_type: u32) -> Vec<PropTag> {
        let settings = self.manifest.settings.iter();
        let tag = |setting: &SettingSpec| match setting_type(setting.kind) {
            PT_UNICODE => PropTag::new(setting.tag, text_type),
            other => PropTag::new(setting.tag, other),
        };
        settings.map(tag).collect()
    }

    /// The value of a property; of a number as a text too.
    pub(super) fn get(&self, asked: PropTag) -> Option<Value> {
        let index = setting_of(self.manifest, asked)?;
        let value = self.values.get(index)?.as_ref()?;
        let is_number = self.manifest.settings[index].kind == SettingKind::Integer;
        match (value, asked.prop_type()) {
            (Value::Long(number), PT_UNICODE | PT_STRING8) => {
                Some(Value::Text(Secret::new(number.to_string())))
            }
            (Value::Text(text), PT_LONG | PT_UNSPECIFIED) if is_number => {
                integer(text.expose().trim()).map(Value::Long)
            }
            (value, _) => Some(value.clone()),
        }
    }

    /// Takes a value as the sheet gives it.
    ///
    /// # Errors
    ///
    /// There is no such setting, or a control of its kind gives nothing like that.
    pub(super) fn set(&mut self, tag: PropTag, value: Option<Value>) -> Result<(), HRESULT> {
        let index = setting_of(self.manifest, tag).ok_or(MAPI_E_NOT_FOUND)?;
        let kind = self.manifest.settings[index].kind;
        let fits = match (kind, tag.prop_type()) {
            (SettingKind::Boolean, given) => given == PT_BOOLEAN,
            (SettingKind::Integer, PT_LONG) => true,
            (_, given) => matches!(given, PT_UNICODE | PT_STRING8),
        };
        let value = value.filter(|_| fits).ok_or(MAPI_E_INVALID_TYPE)?;
        self.values[index] = Some(value);
        Ok(())
    }

    /// Empties a control.
    ///
    /// # Errors
    ///
    /// There is no such setting.
    pub(super) fn clear(&mut self, tag: PropTag) -> Result<(), HRESULT> {
        let index = setting_of(self.manifest, tag).ok_or(MAPI_E_NOT_FOUND)?;
        self.values[index] = None;
        Ok(())
    }

    /// The settings that these values are, each as CONFIGURE takes it; none for a control that is empty.
    ///
    /// # Errors
    ///
    /// A value is none for its setting, or a required one is missing: the first of them.
    pub(super) fn check(&self) -> Result<Vec<Option<Value>>, Box<Wrong>> {
        let pairs = self.manifest.settings.iter().zip(&self.values).enumerate();
        let checked = pairs.map(|(index, (setting, value))| {
            let value = self.check_one(setting, value.as_ref());
            value.map_err(|(status, text)| {
                Box::new(Wrong {
                    status,
                    complaint: Complaint {
                        setting: Some(index),
                        text,
                    },
                })
            })
        });
        checked.collect()
    }

    fn check_one(
        &self,
        setting: &SettingSpec,
        value: Option<&Value>,
    ) -> Result<Option<Value>, (HRESULT, String)> {
        // Who empties a field wants no value.
        let value = value.filter(|value| !is_blank(setting, value));
        let label = plain(setting.label);
        let Some(value) = value else {
            return match setting.required && setting.default.is_none() {
                true => Err((MAPI_E_UNCONFIGURED, format!("“{label}” is missing."))),
                false => Ok(None),
            };
        };
        let (tag, value) = match (setting.kind, value) {
            (SettingKind::Integer, Value::Text(text)) => {
                let number = integer(text.expose().trim()).ok_or_else(|| {
                    let text = format!(
                        "“{label}” must be a whole number from {} to {}.",
                        i32::MIN,
                        i32::MAX
                    );
                    (MAPI_E_INVALID_PARAMETER, text)
                })?;
                (PT_LONG, Value::Long(number))
            }
            (_, value) => (value.prop_type(), value.clone()),
        };
        // ENTRY-14: as CONFIGURE does.
        let tag = PropTag::new(setting.tag, tag);
        let (_, value) = checked_value(self.manifest, &[], tag, Some(value))?;
        Ok(Some(value))
    }
}

/// What the sheet shows where nothing is known. A check box that must be answered is answered as it stands.
fn assumed(setting: &SettingSpec) -> Option<Value> {
    let value = match setting.default {
        Some(default) => default_value(default),
        None if setting.required && setting.kind == SettingKind::Boolean => {
            SettingValue::Boolean(false)
        }
        None => return None,
    };
    Some(assigned_property(setting.tag, &value).1)
}

/// Whether a field is empty. A secret may consist of spaces.
fn is_blank(setting: &SettingSpec, value: &Value) -> bool {
    match value {
        Value::Text(text) if setting.kind == SettingKind::Secret => text.expose().is_empty(),
        Value::Text(text) => text.expose().trim().is_empty(),
        _ => false,
    }
}

/// A label without the mark of its letter.
fn plain(label: &str) -> String {
    let mut plain = String::with_capacity(label.len());
    let mut characters = label.chars();
    while let Some(c) = characters.next() {
        match c {
            // Two of them are one that is shown.
            '&' => plain.extend(characters.next()),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_label_is_told_without_its_mark() {
        assert_eq!(plain("&Server"), "Server");
        assert_eq!(plain("Search && find"), "Search & find");
        assert_eq!(plain("Last &"), "Last ");
    }
}
