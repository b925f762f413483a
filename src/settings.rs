//! Settings: what the manifest declares, and what a profile says.

pub(crate) mod assignment;

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use mapi_provider_abi::internal::ansi_to_utf16;
use mapi_provider_abi::internal::wipe;

/// A struct of settings. `provider!` makes one, `Settings`, of the manifest's `[[service.setting]]`.
pub trait ServiceSettings: Sized + Send + 'static {
    /// What the manifest declares, in its order.
    const SETTINGS: &'static [SettingSpec];

    /// The settings of the values read.
    ///
    /// # Errors
    ///
    /// A required one is missing.
    fn from_values(values: &mut SettingValues) -> Result<Self, MissingSetting>;
}

/// A provider without settings.
impl ServiceSettings for () {
    const SETTINGS: &'static [SettingSpec] = &[];

    fn from_values(_: &mut SettingValues) -> Result<Self, MissingSetting> {
        Ok(())
    }
}

/// A setting as the manifest declares it.
#[derive(Debug, Clone, Copy)]
pub struct SettingSpec {
    /// Its name.
    pub name: &'static str,
    /// The ID of its property.
    pub tag: u16,
    /// Its type.
    pub kind: SettingKind,
    /// A logon without it fails.
    pub required: bool,
    /// Its value if the profile has none.
    pub default: Option<SettingDefault>,
    /// What the settings dialog calls it; an `&` stands before the letter that leads to it.
    pub label: &'static str,
    /// The title of the page of that dialog that it is on (ENTRY-14).
    pub page: &'static str,
}

/// The types of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// Text.
    String,
    /// A 32-bit integer.
    Integer,
    /// Yes or no.
    Boolean,
    /// A path.
    Path,
    /// Text that nobody may see (ENTRY-11).
    Secret,
}

/// A setting's value if the profile has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingDefault {
    /// Of a string or path.
    String(&'static str),
    /// Of an integer.
    Integer(i32),
    /// Of a boolean.
    Boolean(bool),
}

/// A setting that the sync logic may write: a constant of the generated `Settings`, for each that the manifest calls
/// `writable`.
pub struct WritableSetting<T> {
    spec: &'static SettingSpec,
    value: PhantomData<fn(T) -> T>,
}

impl<T: SettingType> WritableSetting<T> {
    /// What generated code makes of a declaration.
    ///
    /// # Panics
    ///
    /// At compile time, where the type is not that of the declaration.
    #[doc(hidden)]
    pub const fn new(spec: &'static SettingSpec) -> Self {
        assert!(spec.kind as u8 == T::KIND as u8, "a setting has one type");
        Self {
            spec,
            value: PhantomData,
        }
    }

    /// Its name in the manifest.
    pub const fn name(&self) -> &'static str {
        self.spec.name
    }

    pub(crate) fn spec(&self) -> &'static SettingSpec {
        self.spec
    }
}

impl<T> Clone for WritableSetting<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for WritableSetting<T> {}

impl<T> fmt::Debug for WritableSetting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WritableSetting")
            .field(&self.spec.name)
            .finish()
    }
}

/// The types of settings: `String`, `i32`, `bool`, `PathBuf` and [`Secret`].
pub trait SettingType: Sized + sealed::Stored {}

impl<T: sealed::Stored> SettingType for T {}

#[allow(
    unnameable_types,
    reason = "nobody else has a type that a profile keeps"
)]
mod sealed {
    use std::path::PathBuf;

    use super::{Secret, SettingKind, SettingValue};

    /// What a profile keeps.
    pub trait Stored: Sized {
        const KIND: SettingKind;

        fn from_stored(value: SettingValue) -> Option<Self>;

        /// None where a profile can't keep it.
        fn to_stored(self) -> Option<SettingValue>;
    }

    impl Stored for Secret {
        const KIND: SettingKind = SettingKind::Secret;

        fn from_stored(value: SettingValue) -> Option<Self> {
            match value {
                SettingValue::Text(text) => Some(text),
                _ => None,
            }
        }

        fn to_stored(self) -> Option<SettingValue> {
            Some(SettingValue::Text(self))
        }
    }

    impl Stored for String {
        const KIND: SettingKind = SettingKind::String;

        fn from_stored(value: SettingValue) -> Option<Self> {
            Secret::from_stored(value).map(|text| text.expose().to_owned())
        }

        fn to_stored(self) -> Option<SettingValue> {
            Secret::new(self).to_stored()
        }
    }

    impl Stored for PathBuf {
        const KIND: SettingKind = SettingKind::Path;

        fn from_stored(value: SettingValue) -> Option<Self> {
            String::from_stored(value).map(Self::from)
        }

        fn to_stored(self) -> Option<SettingValue> {
            self.into_os_string().into_string().ok()?.to_stored()
        }
    }

    impl Stored for i32 {
        const KIND: SettingKind = SettingKind::Integer;

        fn from_stored(value: SettingValue) -> Option<Self> {
            match value {
                SettingValue::Integer(number) => Some(number),
                _ => None,
            }
        }

        fn to_stored(self) -> Option<SettingValue> {
            Some(SettingValue::Integer(self))
        }
    }

    impl Stored for bool {
        const KIND: SettingKind = SettingKind::Boolean;

        fn from_stored(value: SettingValue) -> Option<Self> {
            match value {
                SettingValue::Boolean(yes) => Some(yes),
                _ => None,
            }
        }

        fn to_stored(self) -> Option<SettingValue> {
            Some(SettingValue::Boolean(self))
        }
    }
}

/// A value as a profile has it. Its text may be a secret, so it prints nothing of it (ENTRY-11).
#[derive(Clone)]
#[allow(unnameable_types, reason = "it is `Stored`'s alone")]
pub enum SettingValue {
    /// Of a string, path or secret.
    Text(Secret),
    /// Of an integer.
    Integer(i32),
    /// Of a boolean.
    Boolean(bool),
}

impl fmt::Debug for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SettingValue(…)")
    }
}

/// The values of all settings, in the manifest's order, to be taken one by one.
#[derive(Debug)]
pub struct SettingValues {
    specs: &'static [SettingSpec],
    values: Vec<Option<SettingValue>>,
}

impl SettingValues {
    /// The values that a profile has; defaults fill the others.
    pub(crate) fn new(
        specs: &'static [SettingSpec],
        mut values: Vec<Option<SettingValue>>,
    ) -> Self {
        values.resize_with(specs.len(), || None);
        for (spec, value) in specs.iter().zip(&mut values) {
            if value.is_none() {
                *value = spec.default.map(default_value);
            }
        }
        Self { specs, values }
    }

    /// The names of the required settings that have no value.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let pairs = self.specs.iter().zip(&self.values);
        pairs
            .filter(|(spec, value)| spec.required && value.is_none())
            .map(|(spec, _)| spec.name)
            .collect()
    }

    fn take(&mut self, index: usize) -> Option<SettingValue> {
        self.values.get_mut(index).and_then(Option::take)
    }

    fn require<T>(&self, index: usize, value: Option<T>) -> Result<T, MissingSetting> {
        let name = self.specs.get(index).map_or("", |spec| spec.name);
        value.ok_or(MissingSetting { name })
    }

    /// The secret at this place of the manifest, if any.
    ///
    /// # Errors
    ///
    /// None.
    pub fn secret_option(&mut self, index: usize) -> Result<Option<Secret>, MissingSetting> {
        Ok(match self.take(index) {
            Some(SettingValue::Text(text)) => Some(text),
            _ => None,
        })
    }

    /// The text at this place of the manifest, if any.
    ///
    /// # Errors
    ///
    /// None.
    pub fn string_option(&mut self, index: usize) -> Result<Option<String>, MissingSetting> {
        Ok(self
            .secret_option(index)?
            .map(|text| text.expose().to_owned()))
    }

    /// The path at this place of the manifest, if any.
    ///
    /// # Errors
    ///
    /// None.
    pub fn path_option(&mut self, index: usize) -> Result<Option<PathBuf>, MissingSetting> {
        Ok(self.string_option(index)?.map(PathBuf::from))
    }

    /// The integer at this place of the manifest, if any.
    ///
    /// # Errors
    ///
    /// None.
    pub fn integer_option(&mut self, index: usize) -> Result<Option<i32>, MissingSetting> {
        Ok(match self.take(index) {
            Some(SettingValue::Integer(number)) => Some(number),
            _ => None,
        })
    }

    /// The boolean at this place of the manifest, if any.
    ///
    /// # Errors
    ///
    /// None.
    pub fn boolean_option(&mut self, index: usize) -> Result<Option<bool>, MissingSetting> {
        Ok(match self.take(index) {
            Some(SettingValue::Boolean(yes)) => Some(yes),
            _ => None,
        })
    }

    /// The text at this place of the manifest.
    ///
    /// # Errors
    ///
    /// The profile does not have it.
    pub fn string(&mut self, index: usize) -> Result<String, MissingSetting> {
        let value = self.string_option(index)?;
        self.require(index, value)
    }

    /// The path at this place of the manifest.
    ///
    /// # Errors
    ///
    /// The profile does not have it.
    pub fn path(&mut self, index: usize) -> Result<PathBuf, MissingSetting> {
        let value = self.path_option(index)?;
        self.require(index, value)
    }

    /// The secret at this place of the manifest.
    ///
    /// # Errors
    ///
    /// The profile does not have it.
    pub fn secret(&mut self, index: usize) -> Result<Secret, MissingSetting> {
        let value = self.secret_option(index)?;
        self.require(index, value)
    }

    /// The integer at this place of the manifest.
    ///
    /// # Errors
    ///
    /// The profile does not have it.
    pub fn integer(&mut self, index: usize) -> Result<i32, MissingSetting> {
        let value = self.integer_option(index)?;
        self.require(index, value)
    }

    /// The boolean at this place of the manifest.
    ///
    /// # Errors
    ///
    /// The profile does not have it.
    pub fn boolean(&mut self, index: usize) -> Result<bool, MissingSetting> {
        let value = self.boolean_option(index)?;
        self.require(index, value)
    }
}

pub(crate) fn default_value(default: SettingDefault) -> SettingValue {
    match default {
        SettingDefault::String(text) => SettingValue::Text(Secret::new(text.to_owned())),
        SettingDefault::Integer(number) => SettingValue::Integer(number),
        SettingDefault::Boolean(yes) => SettingValue::Boolean(yes),
    }
}

/// A required setting is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingSetting {
    /// Its name.
    pub name: &'static str,
}

impl fmt::Display for MissingSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the setting `{}` is missing", self.name)
    }
}

impl std::error::Error for MissingSetting {}

/// Text that nobody may see: it prints as `…`, and is wiped when it is dropped (ENTRY-11).
///
/// It owns one piece of memory from first to last, which never grows: growing would leave a copy behind.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Keeps a text secret. The text's own memory is taken over, and wiped in the end; what it had before it grew is not.
    pub fn new(text: String) -> Self {
        Self(text.into_bytes())
    }

    /// A text in UTF-16 as a secret; what isn't a character becomes U+FFFD.
    pub(crate) fn of_utf16(units: &[u16]) -> Self {
        let characters = || {
            let decoded = char::decode_utf16(units.iter().copied());
            decoded.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        };
        let mut text = String::with_capacity(characters().map(char::len_utf8).sum());
        characters().for_each(|c| text.push(c));
        Self::new(text)
    }

    /// A text in the ANSI code page as a secret.
    pub(crate) fn of_ansi(bytes: &[u8]) -> Self {
        let mut units = ansi_to_utf16(bytes);
        let secret = Self::of_utf16(&units);
        wipe(&mut units);
        secret
    }

    /// The text. Don't log it, and don't put it into an error.
    pub fn expose(&self) -> &str {
        // It was made of a string.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECS: &[SettingSpec] = &[
        SettingSpec {
            name: "server",
            tag: 0x6601,
            kind: SettingKind::String,
            required: true,
            default: None,
            label: "Server",
            page: "",
        },
        SettingSpec {
            name: "port",
            tag: 0x6602,
            kind: SettingKind::Integer,
            required: false,
            default: Some(SettingDefault::Integer(993)),
            label: "Port",
            page: "",
        },
        SettingSpec {
            name: "token",
            tag: 0x67F0,
            kind: SettingKind::Secret,
            required: false,
            default: None,
            label: "Token",
            page: "",
        },
    ];

    #[test]
    fn defaults_fill_what_the_profile_lacks() {
        let mut values = SettingValues::new(SPECS, vec![]);
        assert_eq!(values.missing(), ["server"]);
        assert_eq!(values.integer(1), Ok(993));
        assert_eq!(values.string(0), Err(MissingSetting { name: "server" }));
        assert_eq!(values.secret_option(2), Ok(None));
    }

    #[test]
    fn entry_11_a_secret_prints_nothing() {
        let secret = Secret::new("hunter2".to_owned());
        let value = SettingValue::Text(secret.clone());
        assert_eq!(format!("{secret:?} {value:?}"), "Secret(…) SettingValue(…)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn entry_11_a_secret_has_memory_of_the_size_that_it_needs() {
        let units: Vec<u16> = "pa\u{e4}\u{1F980}".encode_utf16().chain([0xD800]).collect();
        let secret = Secret::of_utf16(&units);
        assert_eq!(secret.expose(), "pa\u{e4}\u{1F980}\u{FFFD}");
        assert_eq!(secret.0.capacity(), secret.0.len());
        assert_eq!(Secret::of_ansi(b"hunter2").expose(), "hunter2");
    }
}
