//! The parts of a provider that belong in `mapisvc.inf`.

use super::dll::DllName;
use super::edit::{self, Edit};
use super::guard::{self, Refusal};
use super::lines::is_name;
use crate::manifest::InfSection;
use mapi_provider_abi::internal::string_to_ansi;

/// The section that all message services share.
pub(super) const SERVICES: &str = "Services";

/// Keys whose value names the DLL to load.
pub(super) const DLL_KEYS: [&str; 2] = ["PR_SERVICE_DLL_NAME", "PR_PROVIDER_DLL_NAME"];

/// Keys whose value says whose section it is, besides those of the DLL: `PR_MDB_PROVIDER`, and the uid of a
/// wrapped store.
pub(super) const UID_KEYS: [&str; 2] = ["34140102", "67E10102"];

/// A provider's registration: writes itself into a `mapisvc.inf`, and takes itself out again.
///
/// The file is bytes in the ANSI code page. Everything in it that isn't the provider's stays as it is, comments,
/// order and line ends included: the provider's are the entries of its sections and its key in `[Services]`.
///
/// ```
/// use mapi_provider::install::{InfSection, Registration};
///
/// let sections = [
///     InfSection { name: "Services", entries: &[("contoso", "Contoso Mail")] },
///     InfSection { name: "contoso", entries: &[("PR_SERVICE_DLL_NAME", "contoso.dll")] },
/// ];
/// let contoso = Registration::new(&sections);
/// let before = b"; MAPI's\r\n[Services]\r\nMSPST MS=Outlook Data File\r\n";
/// let merged = contoso.merge(before)?;
/// assert_eq!(contoso.merge(&merged.text)?.changes, []);
/// assert_eq!(contoso.remove(&merged.text)?.text, before);
/// # Ok::<(), mapi_provider::install::Refusal>(())
/// ```
#[derive(Debug, Clone)]
pub struct Registration {
    /// The key in `[Services]`, and the name of the service's section.
    pub(super) id: String,
    /// The value there, in the ANSI code page.
    pub(super) name: Vec<u8>,
    /// The sections that are the provider's alone.
    pub(super) sections: Vec<OwnSection>,
    /// Whether to take over sections of another provider with the same name.
    pub(super) is_forced: bool,
}

/// A section that is the provider's alone.
#[derive(Debug, Clone)]
pub(super) struct OwnSection {
    pub(super) name: String,
    entries: Vec<(String, Vec<u8>)>,
}

impl OwnSection {
    /// Keys and values, the latter in the ANSI code page.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let entries = self.entries.iter();
        entries.map(|(key, value)| (key.as_str(), value.as_slice()))
    }

    /// The value of a key.
    pub(super) fn value(&self, key: &[u8]) -> Option<&[u8]> {
        let mut entries = self.entries();
        entries
            .find(|(this, _)| is_name(key, this))
            .map(|(_, value)| value)
    }

    /// The keys whose value says that the section is this provider's: those of the DLL, and the uid. All wrapped
    /// stores have the same `PR_MDB_PROVIDER`, and one beside it that is their own.
    pub(super) fn marks(&self) -> impl Iterator<Item = &str> {
        let [store, wrapped] = UID_KEYS;
        let is_wrapped = self.entries().any(|(key, _)| key == wrapped);
        let uid = if is_wrapped { wrapped } else { store };
        let keys = self.entries().map(|(key, _)| key);
        keys.filter(move |key| DLL_KEYS.contains(key) || *key == uid)
    }
}

impl Registration {
    /// The registration that these sections make.
    ///
    /// A section is recognised as the provider's own by the name of the DLL or the uid in it. One with neither is
    /// taken as its own if it has the right name.
    pub fn new(sections: &[InfSection<'_>]) -> Self {
        let is_shared = |section: &&InfSection<'_>| section.name == SERVICES;
        let mut services = sections.iter().filter(is_shared);
        let services = services.find_map(|section| section.entries.first());
        let (id, name) = services.copied().unwrap_or_default();
        let encoded = |(key, value): &(&str, &str)| ((*key).to_owned(), string_to_ansi(value));
        let own = sections.iter().filter(|section| !is_shared(section));
        let own = own.map(|section| OwnSection {
            name: section.name.to_owned(),
            entries: section.entries.iter().map(encoded).collect(),
        });
        Registration {
            id: id.to_owned(),
            name: string_to_ansi(name),
            sections: own.collect(),
            is_forced: false,
        }
    }

    /// The same with another name for the DLL, such as its full path.
    #[must_use]
    pub fn with_dll(mut self, dll: &DllName) -> Self {
        let entries = self.sections.iter_mut().flat_map(|own| &mut own.entries);
        for (key, value) in entries {
            if DLL_KEYS.contains(&key.as_str()) {
                *value = string_to_ansi(dll.as_str());
            }
        }
        self
    }

    /// The same, but sections with its names count as its own, whoever has made them.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.is_forced = true;
        self
    }

    /// The service's name in `[Services]`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The file with the provider in it. Merging again changes nothing.
    ///
    /// # Errors
    ///
    /// The file can't be edited without harm, or has sections with these names that another provider has made.
    pub fn merge(&self, text: &[u8]) -> Result<Edit, Refusal> {
        guard::check(text, self)?;
        Ok(edit::merge(text, self))
    }

    /// The file without the provider.
    ///
    /// # Errors
    ///
    /// As for [`merge`](Self::merge).
    pub fn remove(&self, text: &[u8]) -> Result<Edit, Refusal> {
        guard::check(text, self)?;
        Ok(edit::remove(text, self))
    }
}
