//! `NAME=VALUE`: settings as people write them, checked against what the provider declares.

use std::error::Error;
use std::fmt;
use std::path::absolute;

use super::{Secret, SettingKind, SettingSpec, SettingValue};

/// Values for the settings of a provider. Each was checked against its declaration, none is there twice, and none is
/// printed (ENTRY-11).
///
/// ```
/// use mapi_provider::profile::{AssignedValue, Assignments};
/// use mapi_provider::spec::{SettingKind, SettingSpec};
///
/// const SETTINGS: &[SettingSpec] = &[SettingSpec {
///     name: "port",
///     tag: 0x6602,
///     kind: SettingKind::Integer,
///     required: false,
///     default: None,
///     label: "Port",
///     page: "Server",
/// }];
/// let mut values = Assignments::default();
/// assert!(values.assign(SETTINGS, "port=many").is_err());
/// values.assign(SETTINGS, "port=993")?;
/// assert!(matches!(values.iter().next(), Some((0x6602, AssignedValue::Integer(993)))));
/// # Ok::<(), mapi_provider::profile::AssignmentError>(())
/// ```
#[derive(Default)]
pub struct Assignments(Vec<Assigned>);

struct Assigned {
    id: u16,
    value: SettingValue,
}

/// A value of [`Assignments`].
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum AssignedValue<'a> {
    /// Of a string, a path or a secret.
    Text(&'a str),
    /// Of an integer.
    Integer(i32),
    /// Of a boolean.
    Boolean(bool),
}

/// A text may be a secret, so it isn't shown.
impl fmt::Debug for AssignedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Integer(number) => f.debug_tuple("Integer").field(number).finish(),
            Self::Boolean(yes) => f.debug_tuple("Boolean").field(yes).finish(),
        }
    }
}

impl Assignments {
    /// Takes a value that is written `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// There is no such setting, it has a value already, or it refuses this one. What was taken before stays.
    pub fn assign(
        &mut self,
        settings: &[SettingSpec],
        assignment: &str,
    ) -> Result<(), AssignmentError> {
        let (name, value) = assignment
            .split_once('=')
            .ok_or(AssignmentError::NoEqualsSign)?;
        self.set(settings, name, value)
    }

    /// Takes a value for the setting of this name.
    ///
    /// # Errors
    ///
    /// As for [`assign`](Self::assign).
    pub fn set(
        &mut self,
        settings: &[SettingSpec],
        name: &str,
        value: &str,
    ) -> Result<(), AssignmentError> {
        let Some(setting) = settings.iter().find(|setting| setting.name == name) else {
            return Err(AssignmentError::Unknown {
                name: name.to_owned(),
                known: settings.iter().map(|setting| setting.name).collect(),
            });
        };
        let name = setting.name;
        if self.0.iter().any(|other| other.id == setting.tag) {
            return Err(AssignmentError::Twice { name });
        }
        let value = checked(setting, value)?;
        let id = setting.tag;
        self.0.push(Assigned { id, value });
        Ok(())
    }

    /// IDs of properties, and their values, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (u16, AssignedValue<'_>)> {
        self.values().map(|(id, value)| {
            let value = match value {
                SettingValue::Text(text) => AssignedValue::Text(text.expose()),
                SettingValue::Integer(number) => AssignedValue::Integer(*number),
                SettingValue::Boolean(yes) => AssignedValue::Boolean(*yes),
            };
            (id, value)
        })
    }

    /// The same as a profile has them.
    pub(crate) fn values(&self) -> impl Iterator<Item = (u16, &SettingValue)> {
        self.0.iter().map(|assigned| (assigned.id, &assigned.value))
    }

    /// The names of the required settings that have neither a value here nor a default.
    pub fn missing(&self, settings: &[SettingSpec]) -> Vec<&'static str> {
        let given = |setting: &&SettingSpec| self.0.iter().any(|other| other.id == setting.tag);
        let needed = settings
            .iter()
            .filter(|setting| setting.required && setting.default.is_none());
        needed
            .filter(|setting| !given(setting))
            .map(|setting| setting.name)
            .collect()
    }
}

impl fmt::Debug for Assignments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ENTRY-11
        f.write_str("Assignments(…)")
    }
}

fn checked(setting: &SettingSpec, value: &str) -> Result<SettingValue, AssignmentError> {
    let name = setting.name;
    let text = |text: String| SettingValue::Text(Secret::new(text));
    if value.contains('\0') {
        return Err(AssignmentError::Nul { name });
    }
    match setting.kind {
        SettingKind::String | SettingKind::Secret => Ok(text(value.to_owned())),
        SettingKind::Integer => {
            integer(value)
                .map(SettingValue::Integer)
                .ok_or_else(|| AssignmentError::NoInteger {
                    name,
                    value: value.to_owned(),
                })
        }
        SettingKind::Boolean => {
            boolean(value)
                .map(SettingValue::Boolean)
                .ok_or_else(|| AssignmentError::NoBoolean {
                    name,
                    value: value.to_owned(),
                })
        }
        SettingKind::Path => path(value)
            .map(text)
            .map_err(|why| AssignmentError::NoPath { name, why }),
    }
}

/// A number of 32 bits: decimal, or hexadecimal with `0x`, which may use the sign's bit.
pub fn integer(value: &str) -> Option<i32> {
    match value.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(u32::cast_signed),
        None => value.parse().ok(),
    }
}

/// Yes or no, in the words that people use for it.
pub fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The provider runs wherever Outlook runs: a path is meant from where the user is.
fn path(value: &str) -> Result<String, String> {
    let path = absolute(value).map_err(|error| error.to_string())?;
    path.into_os_string()
        .into_string()
        .map_err(|_| "it is not Unicode".to_owned())
}

/// Why a setting does not take a value. The text never has the value of a secret in it (ENTRY-11).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssignmentError {
    /// It is not written `NAME=VALUE`.
    NoEqualsSign,
    /// The provider has no such setting.
    Unknown {
        /// What it was called.
        name: String,
        /// The settings that there are.
        known: Vec<&'static str>,
    },
    /// There are two values for it.
    Twice {
        /// The setting.
        name: &'static str,
    },
    /// A NUL would cut the value short.
    Nul {
        /// The setting.
        name: &'static str,
    },
    /// It takes a whole number.
    NoInteger {
        /// The setting.
        name: &'static str,
        /// What it was given.
        value: String,
    },
    /// It takes true or false.
    NoBoolean {
        /// The setting.
        name: &'static str,
        /// What it was given.
        value: String,
    },
    /// It takes a path.
    NoPath {
        /// The setting.
        name: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for AssignmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // It may be a secret whose name was forgotten: it is not repeated.
            Self::NoEqualsSign => f.write_str(
                "a setting is written NAME=VALUE, and there is no `=` in what was given",
            ),
            Self::Unknown { name, .. } => write!(f, "the provider has no setting `{name}`"),
            Self::Twice { name } => write!(f, "the setting `{name}` is set twice"),
            Self::Nul { name } => write!(f, "the value of `{name}` contains a NUL"),
            Self::NoInteger { name, value } => {
                write!(f, "`{name}` must be a 32-bit integer, and `{value}` is not")
            }
            Self::NoBoolean { name, value } => {
                write!(f, "`{name}` must be true or false, not `{value}`")
            }
            Self::NoPath { name, why } => write!(f, "`{name}` must be a path: {why}"),
        }
    }
}

impl Error for AssignmentError {}

#[cfg(test)]
mod tests {
    use super::*;

    const fn setting(name: &'static str, tag: u16, kind: SettingKind) -> SettingSpec {
        SettingSpec {
            name,
            tag,
            kind,
            required: true,
            default: None,
            label: name,
            page: "",
        }
    }

    const SETTINGS: &[SettingSpec] = &[
        setting("server", 0x6601, SettingKind::String),
        setting("port", 0x6602, SettingKind::Integer),
        setting("tls", 0x6603, SettingKind::Boolean),
        setting("folder", 0x6604, SettingKind::Path),
        setting("password", 0x67F0, SettingKind::Secret),
    ];

    fn set(texts: &[&str]) -> Result<Assignments, AssignmentError> {
        let mut values = Assignments::default();
        for text in texts {
            values.assign(SETTINGS, text)?;
        }
        Ok(values)
    }

    #[test]
    fn values_get_the_types_of_their_settings() {
        let values = set(&["server=a=b", "port=0xFFFFFFFF", "tls=No", "password= p "]);
        let values = values.expect("right");
        let shown: Vec<String> = values
            .iter()
            .map(|(id, value)| match value {
                AssignedValue::Text(text) => format!("{id:04X} {text:?}"),
                AssignedValue::Integer(number) => format!("{id:04X} {number}"),
                AssignedValue::Boolean(yes) => format!("{id:04X} {yes}"),
            })
            .collect();
        assert_eq!(
            shown,
            ["6601 \"a=b\"", "6602 -1", "6603 false", "67F0 \" p \""]
        );
        assert_eq!(values.missing(SETTINGS), ["folder"]);
    }

    #[test]
    fn what_is_wrong_is_told_and_nothing_of_it_is_taken() {
        let mut values = Assignments::default();
        for wrong in [
            "port=many",
            "port=2147483648",
            "tls=maybe",
            "folder=",
            "x=1",
            "server",
        ] {
            let error = values.assign(SETTINGS, wrong).expect_err(wrong);
            assert!(!error.to_string().is_empty());
        }
        assert_eq!(values.iter().count(), 0);
        values.assign(SETTINGS, "port=1").expect("right");
        let twice = values.assign(SETTINGS, "port=2");
        assert_eq!(twice, Err(AssignmentError::Twice { name: "port" }));
    }

    #[test]
    fn entry_11_a_secret_is_in_no_text() {
        for texts in [
            &["password=hunter2\0"][..],
            &["hunter2"],
            &["password=hunter2", "password=hunter2"],
        ] {
            let error = set(texts).expect_err("wrong");
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        let values = set(&["password=hunter2"]).expect("right");
        assert!(!format!("{values:?}").contains("hunter2"));
    }
}
